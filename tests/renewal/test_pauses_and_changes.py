from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from ..change.contract_change_common import ContractChangeCommon
from ..ending.ending_common import EndingCommon
from .renewal_common import RenewalCommon


class TestPausesAndChanges(RenewalCommon, EndingCommon, ContractChangeCommon):
    """A pause meets changes, prices, renewals and ends: nothing is owed twice, nothing is lost."""

    def _apply_on(self, day):
        """Let the change's nightly job run before the one that resumes contracts."""
        with freeze_time(f"{day} 00:30"):
            self._apply_by_cron()
            self.env.invalidate_all()
        self.assertFalse(self.env["aftersales.contract.change"].search([
            ("state", "=", "agreed"), ("date_effective", "<=", day),
        ]).mapped("apply_error"))

    def _adjust_on(self, day):
        with freeze_time(f"{day} 00:40"):
            self._run_cron("_cron_renewal")
            self.env.invalidate_all()

    def _get_owed_until(self, contract, day):
        return [period for period in self._get_owed(contract) if period[0] <= day]

    # -------------------------------------------------------------------------
    # A change while a pause is planned or runs
    # -------------------------------------------------------------------------

    def test_no_change_takes_effect_within_a_planned_pause(self):
        contract = self._create_active(lines=[{}, {"price_unit": 50.0}])
        self._suspend(contract, "2026-02-10", "2026-02-20")
        before = self._get_state(contract)
        rows = [
            {"kind": "line", "operation": "add", "product_id": self.service.id,
             "price_unit": 30.0},
            self._price(contract),
            self._price(contract, operation="remove"),
            {"kind": "field", "field_name": "subject", "new_text": "Lifts"},
        ]
        for row in rows:
            for day in ("2026-02-10", "2026-02-20"):
                with self.subTest(row=row, day=day):
                    change = self._create_change(contract, row, date_effective=day)

                    with self.assertRefused(
                        change.name, "suspended from 02/10/2026 to 02/20/2026",
                        "Choose an earlier day, or 02/21/2026 or later",
                    ):
                        change.action_submit()

                    self.assertEqual(change.state, "draft")
                    self.assertEqual(self._get_state(contract), before)

    def test_no_change_takes_effect_within_or_before_a_pause_that_has_begun(self):
        contract = self._create_active()
        self._suspend(contract, "2026-01-10", "2026-01-25")
        before = self._get_state(contract)
        added = {"kind": "line", "operation": "add", "product_id": self.service.id}
        for day in ("2026-01-05", "2026-01-10", "2026-01-25"):
            with self.subTest(day=day):
                change = self._create_change(contract, added, date_effective=day)

                with self.assertRefused(change.name, "Choose 01/26/2026 or later"):
                    change.action_submit()

                self.assertEqual(self._get_state(contract), before)

    def test_no_change_while_nobody_knows_when_it_goes_on(self):
        contract = self._create_active()
        self._suspend(contract, "2026-01-10")
        change = self._create_change(contract, self._price(contract), date_effective="2026-03-01")

        with self.assertRefused(change.name, "until somebody resumes it. Resume it first"):
            change.action_submit()

        self.assertEqual(change.state, "draft")

    def test_price_from_the_resumption_on_agreed_before_the_pause(self):
        contract = self._create_active()
        self._suspend(contract, "2026-02-10", "2026-02-20")
        change = self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-02-21",
        ))
        self.assertEqual((change.state, change.amount_annual_after), ("agreed", 2400.0))
        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-09", 32.14),
        ])

        self._run_night("2026-02-10")
        self._apply_on("2026-02-21")
        self._run_night("2026-02-21")

        self.assertEqual((contract.state, change.state), ("active", "applied"))
        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-09", 32.14),
            ("2026-02-21", "2026-02-28", 57.14), ("2026-03-01", "2026-03-31", 200.0),
        ])

    def test_line_removed_with_the_resumption(self):
        contract = self._create_active(lines=[{}, {"price_unit": 50.0}])
        self._suspend(contract, "2026-02-10", "2026-02-20")
        change = self._agree(self._create_change(
            contract, self._price(contract, operation="remove"), date_effective="2026-02-21",
        ))

        self._run_night("2026-02-10")
        self._apply_on("2026-02-21")
        self._run_night("2026-02-21")

        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-01-01", "2026-01-31", 50.0),
            ("2026-02-01", "2026-02-09", 32.14), ("2026-02-01", "2026-02-09", 16.07),
            ("2026-02-21", "2026-02-28", 14.29), ("2026-03-01", "2026-03-31", 50.0),
        ])
        self.assertEqual(contract.sudo().amount_annual, 600.0)

    def test_line_added_before_the_pause_rests_too(self):
        contract = self._create_active()
        self._suspend(contract, "2026-02-10", "2026-02-20")
        self._agree(self._create_change(contract, {
            "kind": "line", "operation": "add", "product_id": self.service.id,
            "price_unit": 50.0, "name": "Doors",
        }))

        self._apply_on("2026-01-16")
        self._run_night("2026-02-10")
        self._run_night("2026-02-21")

        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-01-16", "2026-01-31", 25.81),
            ("2026-02-01", "2026-02-09", 32.14), ("2026-02-01", "2026-02-09", 16.07),
            ("2026-02-21", "2026-02-28", 28.57), ("2026-02-21", "2026-02-28", 14.29),
            ("2026-03-01", "2026-03-31", 100.0), ("2026-03-01", "2026-03-31", 50.0),
        ])

    def test_price_before_the_pause_with_another_end_of_the_line(self):
        contract = self._create_active()
        self._suspend(contract, "2026-02-10", "2026-02-20")
        self._agree(self._create_change(contract, self._price(contract, date_end="2026-03-15")))

        self._apply_on("2026-01-16")
        self._run_night("2026-02-10")
        self._run_night("2026-02-21")

        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-15", 48.39), ("2026-01-16", "2026-01-31", 103.23),
            ("2026-02-01", "2026-02-09", 64.29), ("2026-02-21", "2026-02-28", 57.14),
            ("2026-03-01", "2026-03-15", 96.77),
        ])

    def test_days_of_the_pause_that_stay_invoiced_are_not_given_back(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-01-20", "2026-01-25")
        before = self._get_state(contract)
        change = self._create_change(contract, self._price(contract))

        with self.assertRefused(
            change.name, "invoiced until 01/31/2026", "from 01/20/2026 on stay invoiced",
        ):
            change.action_submit()

        self.assertEqual(self._get_state(contract), before)
        self.assertFalse(self._get_credits(contract))

    def test_price_before_a_pause_with_credit(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-01-20", "2026-01-25", "credit")
        self._agree(self._create_change(contract, self._price(contract)))

        self._apply_on("2026-01-16")
        self._run_night("2026-01-20")
        self._run_night("2026-01-26")

        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [38.71, 12.9])
        self.assertEqual(self._get_owed_until(contract, "2026-02-01"), [
            ("2026-01-01", "2026-01-15", 48.39), ("2026-01-16", "2026-01-19", 25.81),
            ("2026-01-26", "2026-01-31", 38.71), ("2026-02-01", "2026-02-28", 200.0),
        ])
        self.assertEqual(self._bill_on(contract, "2026-01-31"), 64.52)

    # -------------------------------------------------------------------------
    # A pause while a change is agreed
    # -------------------------------------------------------------------------

    def test_no_pause_over_the_day_of_an_agreed_change(self):
        contract = self._create_active()
        change = self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-02-01",
        ))
        before = self._get_snapshot(contract)
        for first, last in [("2026-01-20", "2026-02-10"), ("2026-02-01", False),
                            ("2026-01-05", "2026-02-01")]:
            with self.subTest(first=first):
                with self.assertRefused(contract.name, change.name, "takes effect on 02/01/2026"):
                    self._suspend(contract, first, last)

                self.assertEqual(self._get_snapshot(contract), before)

    def test_pause_right_after_an_agreed_change(self):
        contract = self._create_active()
        change = self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-02-01",
        ))
        self._suspend(contract, "2026-02-02", "2026-02-10")

        self._apply_on("2026-02-01")
        self._run_night("2026-02-02")
        self._run_night("2026-02-11")

        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-01", 7.14),
            ("2026-02-11", "2026-02-28", 128.57), ("2026-03-01", "2026-03-31", 200.0),
        ])

    def test_pause_right_before_an_agreed_change(self):
        contract = self._create_active()
        change = self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-02-01",
        ))
        self._suspend(contract, "2026-01-20", "2026-01-31")

        self._run_night("2026-01-20")
        self._apply_on("2026-02-01")
        self._run_night("2026-02-01")

        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-19", 61.29), ("2026-02-01", "2026-02-28", 200.0),
            ("2026-03-01", "2026-03-31", 200.0),
        ])

    def test_no_resumption_behind_an_agreed_change(self):
        contract = self._create_active()
        self._suspend(contract, "2026-01-10", "2026-01-31")
        change = self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-02-01",
        ))

        with self.assertRefused(contract.name, change.name, "takes effect on 02/01/2026"):
            self._resume(contract, "2026-02-05")

        self.assertEqual(contract.suspension_ids.date_to, date(2026, 1, 31))
        self._resume(contract, "2026-01-20")
        self._run_night("2026-01-20")
        self._apply_on("2026-02-01")
        self.assertEqual(self._get_owed_until(contract, "2026-02-01"), [
            ("2026-01-01", "2026-01-09", 29.03), ("2026-01-20", "2026-01-31", 38.71),
            ("2026-02-01", "2026-02-28", 200.0),
        ])

    # -------------------------------------------------------------------------
    # Prices of days to come
    # -------------------------------------------------------------------------

    def _create_with_price_from_july(self):
        contract = self._create_active()
        contract.sudo().line_ids._replace_from(date(2026, 7, 1), {"price_unit": 200.0}, "Indexed")
        contract._schedule_obligations()
        return contract

    def test_pause_before_a_new_price(self):
        for policy, end in [("skip", "2026-12-31"), ("extend", "2027-01-11")]:
            with self.subTest(policy=policy):
                contract = self._create_with_price_from_july()

                self._suspend(contract, "2026-06-10", "2026-06-20", policy)
                self._run_night("2026-06-10")
                self._run_night("2026-06-21")

                self.assertEqual(str(contract.date_end), end)
                self.assertEqual(self._get_owed_until(contract, "2026-08-01")[5:], [
                    ("2026-06-01", "2026-06-09", 30.0), ("2026-06-21", "2026-06-30", 33.33),
                    ("2026-07-01", "2026-07-31", 200.0), ("2026-08-01", "2026-08-31", 200.0),
                ])
                self.assertEqual(contract.sudo().amount_annual, 2400.0)

    def test_pause_over_a_new_price(self):
        contract = self._create_with_price_from_july()

        self._suspend(contract, "2026-06-10", "2026-07-10")
        self._run_night("2026-06-10")
        self._run_night("2026-07-11")

        self.assertEqual(self._get_owed_until(contract, "2026-08-01")[5:], [
            ("2026-06-01", "2026-06-09", 30.0), ("2026-07-11", "2026-07-31", 135.48),
            ("2026-08-01", "2026-08-31", 200.0),
        ])

    def test_pause_before_a_new_price_is_withdrawn(self):
        contract = self._create_with_price_from_july()

        self._suspend(contract, "2026-06-10", "2026-06-20").action_withdraw()

        self.assertEqual(self._get_owed_until(contract, "2026-08-01")[5:], [
            ("2026-06-01", "2026-06-09", 30.0), ("2026-06-10", "2026-06-30", 70.0),
            ("2026-07-01", "2026-07-31", 200.0), ("2026-08-01", "2026-08-31", 200.0),
        ])

    # -------------------------------------------------------------------------
    # Price adjustments
    # -------------------------------------------------------------------------

    def _announce(self, contract, day):
        adjustment = self.env["aftersales.price.adjustment"].with_user(self.officer)._propose(
            contract, day,
        )
        adjustment.action_announce()
        return adjustment

    def _create_indexed(self):
        return self._create_active(
            indexation_mode="fixed", indexation_percent=5.0, indexation_notice_days=10,
        )

    def test_adjustment_within_a_pause_moves_the_price_with_the_resumption(self):
        contract = self._create_indexed()
        adjustment = self._announce(contract, date(2026, 2, 1))
        self._suspend(contract, "2026-01-20", "2026-02-10")

        self._run_night("2026-01-20")
        self._adjust_on("2026-02-01")
        self.assertEqual(adjustment.state, "announced")
        self._adjust_on("2026-02-11")
        self._run_night("2026-02-11")

        self.assertEqual((adjustment.state, contract.state), ("applied", "active"))
        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-19", 61.29), ("2026-02-11", "2026-02-28", 67.5),
            ("2026-03-01", "2026-03-31", 105.0),
        ])

    def test_adjustment_before_a_planned_pause(self):
        contract = self._create_indexed()
        adjustment = self._announce(contract, date(2026, 2, 1))
        self._suspend(contract, "2026-03-10", "2026-03-20")

        self._adjust_on("2026-02-01")
        self.assertEqual(adjustment.state, "applied")
        self._run_night("2026-03-10")
        self._run_night("2026-03-21")

        self.assertEqual(self._get_owed_until(contract, "2026-04-01"), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-28", 105.0),
            ("2026-03-01", "2026-03-09", 30.48), ("2026-03-21", "2026-03-31", 37.26),
            ("2026-04-01", "2026-04-30", 105.0),
        ])

    def test_adjustment_behind_a_planned_pause(self):
        contract = self._create_indexed()
        self._suspend(contract, "2026-02-10", "2026-02-20")
        self._announce(contract, date(2026, 3, 1))

        self._run_night("2026-02-10")
        self._run_night("2026-02-21")
        self._adjust_on("2026-03-01")

        self.assertEqual(self._get_owed_until(contract, "2026-03-01"), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-09", 32.14),
            ("2026-02-21", "2026-02-28", 28.57), ("2026-03-01", "2026-03-31", 105.0),
        ])

    # -------------------------------------------------------------------------
    # Renewals
    # -------------------------------------------------------------------------

    def _create_ending(self, mode):
        return self._create_active(
            date_start="2025-03-01", date_end="2026-02-28", renewal_mode=mode,
            renewal_notice_days=30,
        )

    def test_automatic_renewal_within_a_pause_leaves_the_pause_as_it_is(self):
        contract = self._create_ending("auto")
        self._suspend(contract, "2026-01-20", "2026-02-05")

        self._run_night("2026-01-20")
        self._adjust_on("2026-01-30")
        self.assertEqual((contract.state, contract.date_end), ("suspended", date(2027, 2, 28)))
        self._run_night("2026-02-06")
        self._adjust_on("2026-02-06")

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(self._get_owed_until(contract, "2026-03-01")[10:], [
            ("2026-01-01", "2026-01-19", 61.29), ("2026-02-06", "2026-02-28", 82.14),
            ("2026-03-01", "2026-03-31", 100.0),
        ])

    def _renew(self, contract, form="term"):
        offer = self._prepare_renewal(contract)
        offer.write({"price_percent": 10.0, "form": form})
        return offer

    def test_renewal_agreed_while_a_pause_is_planned(self):
        contract = self._create_ending("agreement")
        self._suspend(contract, "2026-02-10", "2026-02-20")
        offer = self._renew(contract)
        offer.action_offer()

        self._agree_on_paper(offer)
        self._run_night("2026-02-10")
        self._run_night("2026-02-21")

        self.assertEqual(self._get_owed_until(contract, "2026-03-01")[10:], [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-09", 32.14),
            ("2026-02-21", "2026-02-28", 28.57), ("2026-03-01", "2026-03-31", 110.0),
        ])

    def test_renewal_offered_before_the_pause_and_agreed_after_it(self):
        contract = self._create_ending("agreement")
        offer = self._renew(contract)
        offer.action_offer()
        self._suspend(contract, "2026-01-20", "2026-01-31")
        self._run_night("2026-01-20")
        self._run_night("2026-02-01")

        with freeze_time("2026-02-02 09:00"):
            self._agree_on_paper(offer)

        self.assertEqual(self._get_owed_until(contract, "2026-03-01")[10:], [
            ("2026-01-01", "2026-01-19", 61.29), ("2026-02-01", "2026-02-28", 100.0),
            ("2026-03-01", "2026-03-31", 110.0),
        ])

    def test_successor_has_the_lines_that_rest(self):
        contract = self._create_ending("agreement")
        self._suspend(contract, "2026-02-10", "2026-02-20")
        offer = self._renew(contract, "successor")

        offer.action_offer()

        self.assertRecordValues(offer.successor_id.line_ids, [{
            "price_unit": 110.0, "date_start": False, "date_end": False,
        }])

    # -------------------------------------------------------------------------
    # Ends
    # -------------------------------------------------------------------------

    def test_last_day_within_a_pause_that_stays_invoiced(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-01-10", "2026-01-25")

        self._terminate(contract, "2026-01-20")
        self._run_night("2026-01-21")

        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [35.48])
        self.assertEqual((contract.state, contract.suspension_ids.state), ("terminated", "ended"))
        self.assertEqual(contract.suspension_ids.date_to, date(2026, 1, 20))
        self.assertFalse(self._bill_on(contract, "2026-03-01"))

    def test_last_day_within_a_credited_pause_and_withdrawn(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-01-10", "2026-01-25", "credit")

        self._terminate(contract, "2026-01-20")
        contract.action_withdraw_termination()
        self._run_night("2026-01-26")

        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [70.97])
        self.assertEqual(self._get_owed_until(contract, "2026-02-01"), [
            ("2026-01-01", "2026-01-09", 29.03), ("2026-01-26", "2026-01-31", 19.35),
            ("2026-02-01", "2026-02-28", 100.0),
        ])
        self.assertEqual(self._bill_on(contract, "2026-02-01"), 119.35)

    def test_last_day_before_a_planned_pause(self):
        contract = self._create_active()
        suspension = self._suspend(contract, "2026-02-10", "2026-02-20")

        self._terminate(contract, "2026-02-05")
        self._run_night("2026-02-06")

        self.assertEqual((contract.state, suspension.state), ("terminated", "withdrawn"))
        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-05", 17.86),
        ])

    # -------------------------------------------------------------------------
    # Transfers
    # -------------------------------------------------------------------------

    def _transfer(self, contract, day):
        contract.env["aftersales.contract.transfer"].create({
            "contract_id": contract.id, "partner_id": self.other_customer.id, "date": day,
            "agreed_by_old": "Nora Northside", "agreed_by_new": "Harry Harbour",
            "attachment_ids": [Command.set(self._attach().ids)],
        }).action_confirm()
        return contract.next_contract_ids

    def test_transfer_as_of_a_day_of_a_past_pause(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        self._suspend(contract, "2026-01-05", "2026-01-10", "credit")
        self.assertEqual(self._bill_on(contract, "2026-01-15"), 67.74)

        successor = self._transfer(contract, "2026-01-08")
        self._sign(successor)

        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [87.1, 67.74])
        self.assertEqual(self._get_owed(contract), [("2026-01-01", "2026-01-04", 12.9)])
        self.assertEqual(self._get_owed(successor)[0], ("2026-01-11", "2026-01-31", 67.74))

    def test_no_transfer_while_suspended(self):
        contract = self._create_active()
        self._suspend(contract, "2026-01-10")
        before = self._get_snapshot(contract)

        with self.assertRefused(contract.name, "suspended since 01/10/2026. Resume it first"):
            self._transfer(contract, "2026-01-20")

        self.assertEqual(self._get_snapshot(contract), before)
