from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import users

from .ending_common import EndingCommon


class TestTermination(EndingCommon):
    """A contract ends before its time; what was charged beyond is given back, once."""

    # -------------------------------------------------------------------------
    # Money
    # -------------------------------------------------------------------------

    def test_terminated_in_the_past_takes_effect_at_once(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")

        termination = self._terminate(contract, "2026-01-10")

        self.assertEqual((contract.state, termination.state), ("terminated", "done"))
        self.assertEqual(contract.date_end, date(2026, 1, 10))
        self.assertEqual(termination.date_end_before, date(2026, 12, 31))
        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-10", 32.26)])
        self.assertRecordValues(self._get_credits(contract), [{
            "amount_untaxed": 67.74, "amount_total": 77.9, "reversed_entry_id": invoice.id,
            "ref": f"Credit of {invoice.name}: Agreement of both parties",
        }])
        self.assertRecordValues(self._get_credits(contract).invoice_line_ids, [{
            "aftersales_period_start": date(2026, 1, 11),
            "aftersales_period_end": date(2026, 1, 31),
        }])
        self.assertFalse(self._bill_on(contract, "2026-12-31"))

    def test_billed_ahead_each_invoice_gets_its_credit_note(self):
        contract = self._create_active()
        first = self._bill(contract, "2026-01-15")
        second = self._bill(contract, "2026-03-31")

        self._terminate(contract, "2026-01-20")

        self.assertRecordValues(self._get_credits(contract), [
            {"amount_untaxed": 35.48, "reversed_entry_id": first.id},
            {"amount_untaxed": 200.0, "reversed_entry_id": second.id},
        ])

    def test_quarter_in_arrears_is_billed_up_to_the_last_day(self):
        contract = self._create_active(lines=[{
            "price_unit": 300.0, "recurrence_unit": "quarter", "billing_timing": "arrears",
        }])

        self._terminate(contract, "2026-02-09")
        self._run_night("2026-02-10")

        self.assertFalse(self._get_credits(contract))
        self.assertEqual(contract.state, "terminated")
        self.assertEqual(self._bill_on(contract, "2026-02-10"), 133.33)
        self.assertFalse(self._bill_on(contract, "2026-04-01"))

    def test_price_that_was_billed_is_given_back(self):
        contract = self._create_active(lines=[{"quantity": 3, "discount": 12.5,
                                               "price_unit": 33.33}])
        self._bill(contract, "2026-01-15")
        contract.env["aftersales.contract"]._as_agreed(contract.line_ids).price_unit = 99.0

        self._terminate(contract, "2026-01-10")

        self.assertEqual(self._get_credits(contract).amount_untaxed, 59.27)

    def test_credit_never_exceeds_the_invoice(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        self.env["account.move"].create({
            "move_type": "out_refund", "partner_id": self.customer.id,
            "reversed_entry_id": invoice.id, "invoice_date": "2026-01-15",
            "invoice_line_ids": [Command.create({
                "name": "Goodwill", "price_unit": 50.0, "quantity": 1,
                "account_id": self.income_account.id,
            })],
        }).action_post()
        before = self._get_snapshot(contract)

        with self.assertRefused(invoice.name, "exceed it by", "17.74"):
            self._terminate(contract, "2026-01-10")

        self.assertEqual(self._get_snapshot(contract), before)

    # -------------------------------------------------------------------------
    # Preview
    # -------------------------------------------------------------------------

    def test_preview_tells_what_then_happens(self):
        contract = self._create_active(date_end="2026-04-30", lines=[{}, {"price_unit": 310.0}])
        contract.invoice_action = "draft"
        draft = self._bill(contract, "2026-01-15")
        draft.action_post()
        later = self._bill(contract, "2026-02-01")
        form = self._get_form("aftersales.contract.terminate", contract)

        form.date_last = "2026-01-20"

        wizard = form.save()
        self.assertEqual(wizard.credit_label, f"{draft.name}: $\xa0145.48")
        self.assertEqual(
            [(line.effect, line.amount, str(line.date_from), str(line.date_to))
             for line in wizard.line_ids.sorted(lambda ln: (ln.effect, ln.date_from, ln.amount))],
            [
                ("credit", 35.48, "2026-01-21", "2026-01-31"),
                ("credit", 110.0, "2026-01-21", "2026-01-31"),
                ("draft", 100.0, "2026-02-01", "2026-02-28"),
                ("draft", 310.0, "2026-02-01", "2026-02-28"),
                ("drop", 100.0, "2026-03-01", "2026-03-31"),
                ("drop", 310.0, "2026-03-01", "2026-03-31"),
                ("drop", 100.0, "2026-04-01", "2026-04-30"),
                ("drop", 310.0, "2026-04-01", "2026-04-30"),
            ],
        )
        self.assertFalse(self._get_credits(contract))

        wizard.action_confirm()

        self.assertEqual(self._get_credits(contract).amount_untaxed, 145.48)
        self.assertEqual(later.state, "cancel")
        self.assertEqual(sum(amount for *_days, amount in self._get_owed(contract)), 264.52)

    # -------------------------------------------------------------------------
    # Notice, lapse
    # -------------------------------------------------------------------------

    def test_notice_gives_the_earliest_end(self):
        contract = self._create_active(termination_notice_days=30)
        form = self._get_form("aftersales.contract.terminate", contract)

        form.ground = "notice"
        form.side = "customer"

        self.assertEqual(form.date_earliest, date(2026, 2, 14))
        self.assertEqual(form.date_last, date(2026, 2, 14))
        form.date_last = "2026-02-01"
        self.assertTrue(form.is_early)
        form.override_reason = "We agreed to let them go"
        form.save().action_confirm()
        self.assertRecordValues(contract.termination_id, [{
            "ground": "notice", "side": "customer", "date_notice": date(2026, 1, 15),
            "date_earliest": date(2026, 2, 14), "date_last": date(2026, 2, 1),
            "override_reason": "We agreed to let them go", "state": "planned",
        }])
        self.assertEqual(contract.state, "active")

    def test_earlier_than_the_notice_without_a_reason_is_refused(self):
        contract = self._create_active(termination_notice_days=30)

        with self.assertRefused(contract.name, "02/14/2026", "Earlier Because"):
            self._terminate(contract, "2026-02-01", ground="notice", date_notice="2026-01-15")
        with self.assertRefused(contract.name, "notice was received"):
            self._terminate(contract, "2026-02-01", ground="notice", date_notice=False)

        self.assertFalse(contract.termination_ids)

    def test_right_lapses_a_year_after_the_ground_was_known(self):
        contract = self._create_active()
        form = self._get_form("aftersales.contract.terminate", contract)
        form.ground = "customer_breach"
        form.date_notice = "2026-01-15"

        form.date_known = "2025-01-15"
        self.assertEqual((form.date_lapse, form.is_lapsed), (date(2026, 1, 15), False))
        form.date_known = "2025-01-14"
        self.assertEqual((form.date_lapse, form.is_lapsed), (date(2026, 1, 14), True))
        form.mitigation = "Parts on order were cancelled"
        form.save().action_confirm()

        self.assertEqual(contract.termination_id.mitigation, "Parts on order were cancelled")
        self.assertEqual(contract.termination_id.date_known, date(2025, 1, 14))

    def test_document_and_ground_are_kept(self):
        contract = self._create_active()
        notice = self._attach("notice.pdf")

        termination = self._terminate(
            contract, "2026-01-10", ground="insolvency", date_notice="2026-01-10",
            attachment_ids=[Command.set(notice.ids)],
        )

        self.assertEqual(contract.termination_ground, "insolvency")
        self.assertEqual(termination.attachment_ids.name, "notice.pdf")
        self.assertEqual((notice.res_model, notice.res_id), ("aftersales.contract", contract.id))
        message = contract.message_ids.filtered("attachment_ids")
        self.assertIn("Insolvency", message.body)

    # -------------------------------------------------------------------------
    # Planned
    # -------------------------------------------------------------------------

    def test_planned_termination_takes_effect_the_day_after(self):
        contract = self._create_active()
        self._bill(contract, "2026-03-31")
        self._terminate(contract, "2026-01-20")
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [235.48])

        self._run_night("2026-01-20")
        self.assertEqual(contract.state, "active")
        self._run_night("2026-01-21")
        self._run_night("2026-01-21")

        self.assertEqual((contract.state, contract.termination_state), ("terminated", "done"))
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [235.48])
        self.assertFalse(self._bill_on(contract, "2026-12-31"))

    def test_withdrawn_termination_bills_again_what_was_credited(self):
        contract = self._create_active()
        self._bill(contract, "2026-03-31")
        self._terminate(contract, "2026-01-20")

        contract.action_withdraw_termination()
        self._run_night("2026-01-21")

        self.assertEqual((contract.state, contract.date_end), ("active", date(2026, 12, 31)))
        self.assertFalse(contract.termination_id)
        self.assertEqual(self._get_owed(contract)[:5], [
            ("2026-01-01", "2026-01-20", 64.52), ("2026-01-21", "2026-01-31", 35.48),
            ("2026-02-01", "2026-02-28", 100.0), ("2026-03-01", "2026-03-31", 100.0),
            ("2026-04-01", "2026-04-30", 100.0),
        ])
        self.assertEqual(self._bill_on(contract, "2026-03-31"), 235.48)
        self.assertEqual(len(contract.obligation_ids), 13)

    def test_withdrawn_termination_makes_plans_whole(self):
        contract = self._create_active()
        before = self._get_owed(contract)
        self._terminate(contract, "2026-02-10")
        self.assertEqual(self._get_owed(contract)[-1], ("2026-02-01", "2026-02-10", 35.71))

        contract.action_withdraw_termination()

        self.assertEqual(self._get_owed(contract), before)

    def test_withdrawn_without_proration(self):
        contract = self._create_active(proration="none")
        self._bill(contract, "2026-01-15")
        self._terminate(contract, "2026-01-20")

        contract.action_withdraw_termination()

        self.assertFalse(self._get_credits(contract))
        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-28", 100.0),
        ])

    def test_terminate_again_after_a_withdrawal(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._terminate(contract, "2026-01-20")
        contract.action_withdraw_termination()
        self.assertEqual(self._bill_on(contract, "2026-01-21"), 35.48)

        self._terminate(contract, "2026-01-25")

        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [35.48, 19.35])
        self.assertEqual(contract.sudo().obligation_ids.filtered("amount_billed").mapped(
            "amount_billed"), [64.52, 16.13])

    def test_terminated_contract_is_not_renewed(self):
        contract = self._create_active()
        self._terminate(contract, "2026-02-10")

        with self.assertRefused(contract.name, "terminated as of 02/10/2026"):
            contract._transition_to("renewed")

        self.assertEqual(contract.state, "active")

    def test_line_that_begins_later_never_begins(self):
        contract = self._create_active(lines=[{}, {
            "product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0,
            "date_start": "2026-03-01",
        }])

        self._terminate(contract, "2026-01-20")
        contract._schedule_obligations()

        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-20", 64.52)])

    # -------------------------------------------------------------------------
    # Suspended contracts
    # -------------------------------------------------------------------------

    def test_terminate_a_suspended_contract(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        suspension = self._suspend(contract, "2026-01-05")

        self._terminate(contract, "2026-01-20")
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [35.48])
        self._run_night("2026-01-21")

        self.assertEqual((contract.state, suspension.state), ("terminated", "ended"))
        self.assertEqual(suspension.date_to, date(2026, 1, 20))
        self.assertFalse(self._bill_on(contract, "2026-12-31"))

    def test_planned_suspension_ends_with_the_contract(self):
        contract = self._create_active()
        suspension = self._suspend(contract, "2026-02-10")

        self._terminate(contract, "2026-01-10")

        self.assertEqual((contract.state, suspension.state), ("terminated", "withdrawn"))
        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-10", 32.26)])

    def test_resumed_before_the_planned_termination(self):
        contract = self._create_active()
        self._suspend(contract, "2026-01-05", "2026-01-17", "extend")
        self._terminate(contract, "2026-01-25")

        self._run_night("2026-01-18")

        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.date_end, date(2026, 1, 25))
        self.assertEqual(contract.termination_id.date_end_before, date(2027, 1, 13))
        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-04", 12.9), ("2026-01-18", "2026-01-25", 25.81),
        ])

    # -------------------------------------------------------------------------
    # Refusals and roles
    # -------------------------------------------------------------------------

    def test_refusals_change_nothing(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        before = self._get_snapshot(contract)

        for day, message in [("2025-12-31", "begins on 01/01/2026"),
                             ("2027-01-01", "ends on 12/31/2026")]:
            with self.subTest(day=day), self.assertRefused(contract.name, message):
                self._terminate(contract, day)

            self.assertEqual(self._get_snapshot(contract), before)

    def test_terminate_twice_is_refused(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._terminate(contract, "2026-01-20")
        planned = self._get_snapshot(contract)

        with self.assertRefused(contract.name, "already terminated as of 01/20/2026"):
            self._terminate(contract, "2026-01-18")
        self.assertEqual(self._get_snapshot(contract), planned)

        self._run_night("2026-01-21")
        done = self._get_snapshot(contract)
        with self.assertRefused(contract.name, '"Terminated"'):
            self._terminate(contract, "2026-01-18")
        with self.assertRefused(contract.name, "No termination is planned"):
            contract.action_withdraw_termination()
        self.assertEqual(self._get_snapshot(contract), done)

    def test_before_the_last_credit_is_refused(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-01-08", "2026-01-12", "credit")
        credit = self._get_credits(contract)
        before = self._get_snapshot(contract)

        with self.assertRefused(contract.name, credit.name, "01/08/2026"):
            self._terminate(contract, "2026-01-06")
        self.assertEqual(self._get_snapshot(contract), before)

        self._terminate(contract, "2026-01-07")
        self.assertEqual(contract.state, "terminated")

    def test_only_contracts_in_force_are_terminated(self):
        draft = self._create_contract()

        with self.assertRefused(draft.name, '"Draft"', "cancel"):
            self._terminate(draft, "2026-01-20")

        self.assertEqual(draft.date_end, date(2026, 12, 31))

    @users("test_agent", "test_technician", "test_legal", "test_accountant", "test_outsider")
    def test_other_roles_do_not_terminate(self):
        contract = self._create_active()

        with self.assertRaises(AccessError):
            self._terminate(contract.with_env(self.env), "2026-01-20")
        with self.assertRaises(AccessError):
            contract.with_env(self.env).action_withdraw_termination()

        self.assertFalse(contract.termination_ids)

    @users("test_officer")
    def test_termination_is_not_written_by_hand(self):
        contract = self._create_active()
        termination = self._terminate(contract.with_env(self.env), "2026-01-20")

        with self.assertRaises(AccessError):
            termination.ground = "other"

        self.assertEqual(termination.ground, "agreement")

    def test_contract_of_another_company_is_credited_in_its_books(self):
        second = self._create_company_with_books("Second Service")
        self.officer.company_ids = [Command.link(second.id)]
        service = self.env["product.product"].create({
            "name": "Second plan", "type": "service", "company_id": second.id,
            "taxes_id": [Command.set(second.account_sale_tax_id.ids)],
        })
        contract = self._activate(
            self.env["aftersales.contract"].with_user(self.officer).with_company(second).create({
                "partner_id": self.customer.id, "company_id": second.id,
                "date_start": "2026-01-01",
                "line_ids": [Command.create({"product_id": service.id, "price_unit": 100.0})],
            })
        )
        self._bill(contract, "2026-01-15")

        self._terminate(
            contract.with_context(allowed_company_ids=(self.company + second).ids), "2026-01-10",
        )

        credit = self._get_credits(contract)
        self.assertRecordValues(credit, [{"company_id": second.id, "amount_untaxed": 67.74}])
        self.assertEqual(credit.line_ids.account_id.company_ids, second)
        self.assertEqual(contract.state, "terminated")

    def test_notice_is_protected(self):
        contract = self._create_active()
        notice = self._attach("notice.pdf")
        self._terminate(contract, "2026-02-10", attachment_ids=[Command.set(notice.ids)])

        with self.assertRefused(contract.name, "cannot be changed or deleted"):
            notice.unlink()
        with self.assertRefused(contract.name, "cannot be changed or deleted"):
            notice.raw = b"another notice"

        self.assertEqual(notice.raw, b"%PDF-1.4")
