from datetime import date

from odoo.tests import freeze_time

from ..ending.ending_common import EndingCommon
from .renewal_common import RenewalCommon


class TestRenewalWhileSuspended(EndingCommon, RenewalCommon):
    """A pause stops no renewal that both parties agreed on, and loses none without a word."""

    def _suspend_over_the_end(self, policy="skip", **vals):
        contract = self._create_ending(**vals)
        self._suspend(contract, "2026-01-10", policy=policy)
        self.assertEqual(contract.state, "suspended")
        return contract

    def test_it_renews_while_it_rests_and_nothing_is_charged(self):
        for policy in ("skip", "credit"):
            with self.subTest(policy=policy):
                contract = self._suspend_over_the_end(policy)
                owed = self._get_owed(contract)

                self._run_on("2026-01-30 09:00")
                self._run_on("2026-01-31 09:00")
                self._run_night("2026-03-01")

                self.assertEqual((contract.state, contract.date_end),
                                 ("suspended", date(2027, 2, 28)))
                self.assertEqual(contract.term_ids.mapped("number"), [2, 1])
                self.assertEqual(self._get_owed(contract), owed)
                self.assertFalse(contract.renewal_problem)
                self.assertEqual(len(contract.activity_ids), 1)
                self.assertEqual(contract.activity_ids.user_id, self.officer)
                self.assertIn("nobody knows when it goes on", contract.activity_ids.note)

    def test_after_the_resumption_the_new_term_is_charged(self):
        contract = self._suspend_over_the_end(lines=[{"date_end": "2026-02-28"}])
        self._run_on("2026-01-30 09:00")
        self._run_night("2026-03-10")

        with freeze_time("2026-03-16 09:00"):
            self._resume(contract, "2026-03-16")

        self.assertEqual(contract.state, "active")
        self.assertEqual(self._get_owed(contract)[-12:][:2], [
            ("2026-03-16", "2026-03-31", 51.61), ("2026-04-01", "2026-04-30", 100.0),
        ])
        self.assertEqual(self._get_owed(contract)[-1], ("2027-02-01", "2027-02-28", 100.0))

    def test_a_later_end_is_awaited(self):
        contract = self._suspend_over_the_end("extend")

        self._run_on("2026-01-30 09:00")
        self._run_night("2026-03-01")

        self.assertEqual((contract.state, contract.date_end), ("suspended", date(2026, 2, 28)))
        self.assertEqual(contract.term_ids.number, 1)
        with freeze_time("2026-03-11 09:00"):
            self._resume(contract, "2026-03-11")
        self.assertEqual((contract.state, contract.date_end), ("active", date(2026, 4, 29)))
        self._run_on("2026-03-31 09:00")
        self.assertEqual(contract.date_end, date(2027, 4, 29))

    def test_what_stops_it_is_shown_before_it_expires(self):
        contract = self._suspend_over_the_end(renewal_needs_payment=False, is_consumer=True)

        self._run_on("2026-01-30 09:00")

        self.assertIn("no reminder is proven", contract.renewal_problem)
        self.assertEqual(len(contract.activity_ids), 1)
        self._run_night("2026-03-01")
        self.assertEqual((contract.state, contract.term_ids.number), ("expired", 1))
        self.assertIn("no reminder is proven", contract.renewal_problem)

    def test_a_late_run_does_not_expire_it(self):
        contract = self._suspend_over_the_end()

        self._run_night("2026-03-05")
        self.assertEqual((contract.state, contract.date_end), ("suspended", date(2026, 2, 28)))
        self._run_on("2026-03-05 09:00")

        self.assertEqual((contract.state, contract.date_end), ("suspended", date(2027, 2, 28)))

    def test_after_an_objection_it_expires(self):
        contract = self._suspend_over_the_end()
        contract._object_to_renewal("customer", "Nora Northside", date(2026, 1, 15))

        self._run_on("2026-01-30 09:00")
        self._run_night("2026-03-01")

        self.assertEqual((contract.state, contract.date_end), ("expired", date(2026, 2, 28)))

    def test_customers_are_reminded_while_it_rests(self):
        contract = self._suspend_over_the_end()

        self._run_cron("_cron_renewal")

        self.assertIn("customer", contract.notice_ids.mapped("audience"))

    def test_a_renewal_by_agreement_waits_and_says_so(self):
        contract = self._suspend_over_the_end(renewal_mode="agreement")

        self._run_cron("_cron_renewal")
        self._run_on("2026-01-16 09:00")

        self.assertFalse(contract.renewal_ids)
        self.assertIn("Resume it before it ends on 02/28/2026", contract.renewal_problem)
        self.assertEqual(len(contract.activity_ids), 1)
        with self.assertRefused(contract.name, "suspended. Resume it"):
            contract.action_renew()
        with freeze_time("2026-01-20 09:00"):
            self._resume(contract, "2026-01-20")
        self._run_on("2026-01-20 09:00")
        self.assertEqual(contract.renewal_ids.state, "draft")
        self.assertFalse(contract.renewal_problem)
