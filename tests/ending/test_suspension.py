from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import users

from .ending_common import EndingCommon


class TestSuspension(EndingCommon):
    """Suspended days are never charged; what was invoiced stays or is given back."""

    # -------------------------------------------------------------------------
    # Policies, in advance
    # -------------------------------------------------------------------------

    def test_skip_leaves_the_invoice_and_charges_nothing_until_the_resumption(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")

        suspension = self._suspend(contract, "2026-01-10", "2026-02-15")

        self.assertEqual(contract.state, "suspended")
        self.assertEqual(suspension.state, "running")
        self.assertFalse(self._get_credits(contract))
        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-31", 100.0)])
        self.assertFalse(self._bill_on(contract, "2026-02-10"))

        self._run_night("2026-02-16")

        self.assertEqual(contract.state, "active")
        self.assertEqual(suspension.state, "ended")
        self.assertEqual(self._get_owed(contract)[:3], [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-16", "2026-02-28", 46.43),
            ("2026-03-01", "2026-03-31", 100.0),
        ])
        self.assertEqual(self._bill_on(contract, "2026-02-16"), 46.43)

    def test_credit_gives_back_what_was_invoiced_for_suspended_days(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-01-10", "2026-02-15", "credit")

        self.assertRecordValues(self._get_credits(contract), [{
            "amount_untaxed": 70.97, "state": "posted", "reversed_entry_id": invoice.id,
            "ref": f"Credit of {invoice.name}: Renovation",
        }])
        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-09", 29.03)])

        self._run_night("2026-02-16")

        self.assertEqual(self._get_owed(contract)[1], ("2026-02-16", "2026-02-28", 46.43))

    def test_credit_within_one_quarter_charges_all_but_the_suspended_days(self):
        contract = self._create_active(lines=[{"price_unit": 300.0, "recurrence_unit": "quarter"}])
        self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-02-10", "2026-02-20", "credit")
        self.assertEqual(contract.state, "active")
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [166.67])

        self._run_night("2026-02-10")
        self.assertEqual(contract.state, "suspended")

        self._run_night("2026-02-21")

        self.assertEqual(self._get_owed(contract)[:3], [
            ("2026-01-01", "2026-02-09", 133.33), ("2026-02-21", "2026-03-31", 130.0),
            ("2026-04-01", "2026-06-30", 300.0),
        ])
        self.assertEqual(self._bill_on(contract, "2026-02-21"), 130.0)

    def test_skip_within_a_paid_month_charges_nothing_twice(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-01-05", "2026-01-12")

        self.assertEqual((contract.state, contract.amount_annual), ("active", 1200.0))
        old, new = contract.line_ids.sorted("id")
        self.assertEqual(old.date_end, date(2026, 1, 4))
        self.assertEqual(new.date_start, date(2026, 1, 13))
        self.assertEqual(new.date_charge_from, date(2026, 2, 1))
        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-28", 100.0),
        ])
        self.assertFalse(self._bill_on(contract, "2026-01-20"))
        self.assertEqual(self._bill_on(contract, "2026-02-01"), 100.0)

    def test_draft_invoice_counts_as_not_invoiced(self):
        contract = self._create_active(invoice_action="draft")
        draft = self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-01-10")

        self.assertEqual(draft.state, "cancel")
        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-09", 29.03)])

    def test_extend_moves_a_fixed_end_by_the_suspended_days(self):
        contract = self._create_active(lines=[{}, {"date_end": "2026-06-30"}])

        self._suspend(contract, "2026-01-10", "2026-02-15", "extend")
        self._run_night("2026-02-16")

        self.assertEqual(contract.date_end, date(2027, 2, 6))
        self.assertEqual(contract.line_ids.sorted("id")[2:].mapped("date_end"),
                         [False, date(2026, 8, 6)])
        self.assertEqual(self._get_owed(contract)[-1], ("2027-02-01", "2027-02-06", 21.43))

    def test_extend_leaves_an_open_end_open(self):
        contract = self._create_active(date_end=False)

        self._suspend(contract, "2026-01-10", "2026-01-12", "extend")

        self.assertEqual(contract.state, "active")
        self.assertFalse(contract.date_end)

    # -------------------------------------------------------------------------
    # In arrears, once, without proration
    # -------------------------------------------------------------------------

    def test_quarter_in_arrears_is_charged_in_two_parts(self):
        contract = self._create_active(lines=[{
            "price_unit": 300.0, "recurrence_unit": "quarter", "billing_timing": "arrears",
        }])

        self._suspend(contract, "2026-02-10", "2026-02-20")
        self._run_night("2026-02-10")
        self.assertFalse(self._bill_on(contract, "2026-02-15"))
        self._run_night("2026-02-21")

        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-02-09", 133.33), ("2026-02-21", "2026-03-31", 130.0),
        ])
        self.assertEqual(self._get_planned_days(contract)[:2], ["2026-02-10", "2026-04-01"])
        self.assertEqual(self._bill_on(contract, "2026-02-21"), 133.33)
        self.assertEqual(self._bill_on(contract, "2026-04-01"), 130.0)

    def test_month_in_arrears_over_the_month_boundary(self):
        contract = self._create_active(lines=[{"billing_timing": "arrears"}])

        self._suspend(contract, "2026-01-20", "2026-02-05", "credit")
        self._run_night("2026-01-20")
        self._run_night("2026-02-06")

        self.assertFalse(self._get_credits(contract))
        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-01-19", 61.29), ("2026-02-06", "2026-02-28", 82.14),
        ])

    def test_one_off_fee_waits_for_the_resumption(self):
        contract = self._create_active(lines=[{}, {
            "product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0,
            "date_start": "2026-02-01",
        }])
        self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-01-20", "2026-02-15")
        self._run_night("2026-01-20")
        self.assertFalse(self._bill_on(contract, "2026-02-01"))
        self._run_night("2026-02-16")

        self.assertEqual(self._bill_on(contract, "2026-02-16"), 296.43)

    def test_without_proration_no_started_period_is_owed_twice(self):
        contract = self._create_active(proration="none")
        self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-01-05", "2026-01-12", "credit")

        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-01-04", 100.0), ("2026-02-01", "2026-02-28", 100.0),
        ])
        self.assertFalse(self._bill_on(contract, "2026-01-20"))

    # -------------------------------------------------------------------------
    # Planned, open, repeated
    # -------------------------------------------------------------------------

    def test_planned_suspension_charges_nothing_beyond_its_eve(self):
        contract = self._create_active()

        suspension = self._suspend(contract, "2026-02-10")

        self.assertEqual((contract.state, suspension.state), ("active", "planned"))
        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-09", 32.14),
        ])
        contract._schedule_obligations()
        self.assertEqual(len(contract.obligation_ids), 2)
        self._run_night("2026-02-09")
        self.assertEqual(contract.state, "active")
        self._run_night("2026-02-10")
        self._run_night("2026-02-10")
        self.assertEqual((contract.state, suspension.state), ("suspended", "running"))
        self.assertTrue(contract._is_suspended_on(date(2026, 2, 10)))
        self.assertFalse(contract._is_suspended_on(date(2026, 2, 9)))

    def test_open_suspension_is_resumed_by_the_wizard(self):
        contract = self._create_active()
        suspension = self._suspend(contract, "2026-01-10")
        self._run_night("2026-03-01")
        self.assertEqual(contract.state, "suspended")

        self._resume(contract, "2026-01-14")  # today is 15 January

        self.assertEqual(contract.state, "active")
        self.assertEqual(suspension.date_to, date(2026, 1, 13))
        self.assertEqual(self._get_owed(contract)[:3], [
            ("2026-01-01", "2026-01-09", 29.03), ("2026-01-14", "2026-01-31", 58.06),
            ("2026-02-01", "2026-02-28", 100.0),
        ])
        self.assertEqual(len(contract.line_ids), 2)

    def test_resumption_in_the_future_waits_for_the_night(self):
        contract = self._create_active()
        self._suspend(contract, "2026-01-10")

        self._resume(contract, "2026-02-01")
        self.assertEqual(contract.state, "suspended")
        self._run_night("2026-01-31")
        self.assertEqual(contract.state, "suspended")
        self._run_night("2026-02-01")
        self._run_night("2026-02-01")

        self.assertEqual(contract.state, "active")
        self.assertEqual(len(contract.line_ids), 2)
        self.assertEqual(self._get_owed(contract)[1], ("2026-02-01", "2026-02-28", 100.0))

    def test_two_suspensions_one_after_the_other(self):
        contract = self._create_active()
        self._suspend(contract, "2026-02-01", "2026-02-10")
        self._suspend(contract, "2026-03-01", "2026-03-10")
        states = []

        for day in ("2026-02-01", "2026-02-11", "2026-03-01", "2026-03-11"):
            self._run_night(day)
            states.append(contract.state)

        self.assertEqual(states, ["suspended", "active", "suspended", "active"])
        self.assertEqual(self._get_owed(contract)[:4], [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-11", "2026-02-28", 64.29),
            ("2026-03-11", "2026-03-31", 67.74), ("2026-04-01", "2026-04-30", 100.0),
        ])

    def test_missed_nights_are_caught_up_at_once(self):
        contract = self._create_active()
        self._suspend(contract, "2026-02-01", "2026-02-10")
        self._suspend(contract, "2026-03-01", "2026-03-10")

        self._run_night("2026-05-01")

        self.assertEqual(contract.state, "active")
        self.assertEqual(self._get_owed(contract)[1:3], [
            ("2026-02-11", "2026-02-28", 64.29), ("2026-03-11", "2026-03-31", 67.74),
        ])

    def test_two_skips_within_one_paid_quarter(self):
        contract = self._create_active(lines=[{"price_unit": 300.0, "recurrence_unit": "quarter"}])
        self._bill(contract, "2026-01-15")

        self._suspend(contract, "2026-01-05", "2026-01-08")
        self._suspend(contract, "2026-01-10", "2026-01-12")

        self.assertEqual(contract.state, "active")
        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-03-31", 300.0), ("2026-04-01", "2026-06-30", 300.0),
        ])

    def test_withdrawn_before_it_begins_nothing_is_lost(self):
        contract = self._create_active()
        suspension = self._suspend(contract, "2026-02-10", "2026-02-20")

        suspension.action_withdraw()
        self._run_night("2026-02-10")

        self.assertEqual((contract.state, suspension.state), ("active", "withdrawn"))
        self.assertEqual(self._get_owed(contract)[1:4], [
            ("2026-02-01", "2026-02-09", 32.14), ("2026-02-10", "2026-02-28", 67.86),
            ("2026-03-01", "2026-03-31", 100.0),
        ])
        with self.assertRefused(suspension.display_name, "final"):
            suspension.action_withdraw()

    def test_line_replaced_before_the_suspension_goes_on_once(self):
        contract = self._create_active()
        self._suspend(contract, "2026-02-10", "2026-02-20")

        contract.sudo().line_ids._replace_from(date(2026, 2, 1), {"price_unit": 200.0}, "Indexed")
        contract._schedule_obligations()
        self._run_night("2026-02-10")
        self._run_night("2026-02-21")

        self.assertEqual(self._get_owed(contract)[:4], [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-09", 64.29),
            ("2026-02-21", "2026-02-28", 57.14), ("2026-03-01", "2026-03-31", 200.0),
        ])

    # -------------------------------------------------------------------------
    # The end meets the suspension
    # -------------------------------------------------------------------------

    def test_contract_that_ends_while_suspended_expires(self):
        contract = self._create_active(date_end="2026-01-31")
        suspension = self._suspend(contract, "2026-01-10")

        self._run_night("2026-02-01")

        self.assertEqual((contract.state, suspension.state), ("expired", "ended"))
        self.assertEqual(suspension.date_to, date(2026, 1, 31))
        self.assertEqual(self._bill_on(contract, "2026-02-01"), 29.03)

    def test_extended_contract_outlives_its_end(self):
        contract = self._create_active(date_end="2026-01-31")
        self._suspend(contract, "2026-01-10", "2026-02-10", "extend")

        self._run_night("2026-02-05")
        self.assertEqual(contract.state, "suspended")
        self._run_night("2026-02-11")

        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.date_end, date(2026, 3, 4))
        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-09", 29.03), ("2026-02-11", "2026-02-28", 64.29),
            ("2026-03-01", "2026-03-04", 12.9),
        ])

    # -------------------------------------------------------------------------
    # Refusals and roles
    # -------------------------------------------------------------------------

    def test_refusals_change_nothing(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-02-10", "2026-02-20")
        before = self._get_snapshot(contract)
        cases = [
            ("2026-02-15", "2026-02-25", "already suspended from 02/10/2026 to 02/20/2026"),
            ("2026-02-20", False, "already suspended"),
            ("2026-02-01", False, "already suspended"),
            ("2026-01-20", "2026-01-25", "already suspended later, from 02/10/2026"),
            ("2025-12-31", "2026-01-02", "begins on 01/01/2026"),
            ("2027-01-01", False, "ends on 12/31/2026"),
            ("2026-03-10", "2026-03-09", "before it begins on 03/10/2026"),
        ]
        for date_from, date_to, message in cases:
            with self.subTest(date_from=date_from), self.assertRefused(contract.name, message):
                self._suspend(contract, date_from, date_to)

            self.assertEqual(self._get_snapshot(contract), before)

    def test_only_contracts_in_force_are_suspended(self):
        draft = self._create_contract()

        with self.assertRefused(draft.name, '"Draft"', "cancel"):
            self._suspend(draft, "2026-01-20")

        self.assertFalse(draft.suspension_ids)

    def test_resumption_refused(self):
        contract = self._create_active()
        with self.assertRefused(contract.name, "nothing to resume"):
            self._resume(contract, "2026-02-01")
        self._suspend(contract, "2026-01-10", policy="credit")
        before = self._get_snapshot(contract)

        for day, message in [("2026-01-10", "suspended since 01/10/2026"),
                             ("2027-01-01", "ends on 12/31/2026")]:
            with self.subTest(day=day), self.assertRefused(contract.name, message):
                self._resume(contract, day)

            self.assertEqual(self._get_snapshot(contract), before)

    def test_before_the_version_in_force_is_refused(self):
        contract = self._create_active()
        contract.sudo().version_id._transition_to("superseded")
        self.env.flush_all()
        version = contract.sudo().version_id.create({
            "contract_id": contract.id, "number": 2, "date_from": "2026-01-12", "content": "{}",
        })
        version._transition_to("signed")

        with self.assertRefused(contract.name, "Version 2 is in force from 01/12/2026"):
            self._suspend(contract, "2026-01-10")

        self.assertFalse(contract.suspension_ids)

    def test_a_broken_contract_is_flagged_and_stops_nobody(self):
        broken, sound = self._create_active(), self._create_active()
        for contract in (broken, sound):
            self._suspend(contract, "2026-01-10", "2026-01-20")
        service = self._create_service("Withdrawn plan", 50.0)
        self.env["aftersales.contract"]._as_agreed(broken.sudo().line_ids).product_id = service
        service.active = False

        self._run_night("2026-01-21")
        self._run_night("2026-01-22")

        self.assertEqual(sound.state, "active")
        self.assertEqual(broken.state, "suspended")
        self.assertEqual(len(broken.activity_ids), 1)
        self.assertIn("archived", broken.activity_ids.note)

    @users("test_agent", "test_technician", "test_legal", "test_accountant", "test_outsider")
    def test_other_roles_do_not_suspend(self):
        contract = self._create_active()

        with self.assertRaises(AccessError):
            self._suspend(contract.with_env(self.env), "2026-01-20")
        with self.assertRaises(AccessError):
            self.env["aftersales.suspension"].create({
                "contract_id": contract.id, "date_from": "2026-01-20", "reason": "-",
            })

        self.assertFalse(contract.suspension_ids)

    @users("test_manager")
    def test_nobody_writes_suspensions_by_hand(self):
        contract = self._create_active()
        suspension = self._suspend(contract.with_env(self.env), "2026-01-20")

        with self.assertRaises(AccessError):
            suspension.date_from = "2026-03-01"
        with self.assertRaises(AccessError):
            suspension.unlink()

        self.assertEqual(suspension.date_from, date(2026, 1, 20))

    def test_other_companies_are_left_alone(self):
        other = self._create_company_with_books("Aftersales East")
        contract = self._create_active()
        foreign = self.env["aftersales.contract"].create({
            "partner_id": self.customer.id, "company_id": other.id, "date_start": "2026-01-01",
        })

        with self.assertRaises(AccessError):
            self._suspend(foreign.with_user(self.officer), "2026-01-20")
        self._suspend(contract, "2026-01-10", "2026-01-20")
        self._run_night("2026-01-21")

        self.assertEqual(contract.state, "active")
        self.assertFalse(foreign.suspension_ids)
