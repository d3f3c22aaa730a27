from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .renewal_common import RenewalCommon


class TestStoryRenewedContract(RenewalCommon):
    """A clinic's contract through two terms, with reminders, 5 % indexation and its invoices."""

    def _live_through(self, *days):
        """Let the nightly jobs run on these days, mails included."""
        for day in days:
            with freeze_time(f"{day} 03:00"):
                for cron in ("_cron_renewal", "_cron_daily", "_cron_bill"):
                    self._run_cron(cron)
                self._send_mails()

    def test_a_contract_lives_through_two_terms(self):
        # A contract of one year from April 2026 is signed in January. It renews by itself with
        # a notice of 60 days, and its prices follow an index, by 5 % a year at most.
        index = self.env["aftersales.price.index"].with_user(self.officer).create({
            "name": "Service prices", "value_ids": [
                Command.create({"date": "2025-12-01", "value": 100.0}),
            ],
        })
        contract = self._create_active(
            subject="Steriliser", date_start="2026-04-01", date_end="2027-03-31",
            renewal_mode="auto", renewal_notice_days=60, indexation_mode="index",
            index_id=index.id, index_base_date="2025-12-01",
            lines=[{"price_unit": 200.0, "recurrence_unit": "quarter"},
                   {"price_unit": 40.0, "recurrence_unit": "quarter", "is_price_fixed": True}],
        )
        self.assertEqual(contract.renewal_deadline, date(2027, 1, 30))

        # Four quarters are billed. Before the end the reminders go out.
        self._live_through("2026-04-01", "2026-07-01", "2026-10-01", "2026-12-21", "2026-12-31",
                           "2027-01-01", "2027-01-25")
        self.assertEqual(
            self._get_invoices(contract).mapped("amount_untaxed"), [240.0] * 4)

        # The customer was reminded 90 and 65 days before the end, the manager 100 days before.
        self.assertEqual(
            sorted((n.audience, str(n.date_sent)) for n in contract.notice_ids),
            [("customer", "2026-12-31"), ("customer", "2027-01-25"), ("manager", "2026-12-21")],
        )

        # All is paid, nobody objects: on the day after the deadline the contract renews.
        with freeze_time("2027-01-26 10:00"):
            self._pay(self._get_invoices(contract).with_user(self.accountant), "2027-01-26")
        self._live_through("2027-01-30")
        self.assertEqual(contract.date_end, date(2027, 3, 31))
        self._live_through("2027-01-31")
        self.assertEqual(contract.date_end, date(2028, 3, 31))

        # The index has risen by 7 %: the run proposes, the officer announces in time.
        index.value_ids = [Command.create({"date": "2027-01-01", "value": 107.0})]
        self._live_through("2027-02-16")
        adjustment = contract.adjustment_ids.with_user(self.officer)
        self.assertEqual((adjustment.date, adjustment.factor), (date(2027, 4, 1), 1.05))
        with freeze_time("2027-02-20 10:00"):
            adjustment.action_announce()

        # From the new term on the first line costs 210, the second what it always did.
        self._live_through("2027-04-01", "2027-07-01", "2027-10-01", "2028-01-01")
        invoices = self._get_invoices(contract)
        self.assertEqual(
            invoices.mapped("amount_untaxed"), [240.0] * 4 + [250.0] * 4)
        self.assertEqual(contract.amount_billed, 1960.0)

        # In the second term the customer objects in time: the contract ends, and is not renewed.
        with freeze_time("2028-01-10 10:00"):
            self.env["aftersales.renewal.objection"].with_user(self.officer).create({
                "contract_id": contract.id, "said_by": "Nora Northside", "date": "2028-01-10",
            }).action_confirm()
        self._live_through("2028-01-31", "2028-02-01", "2028-04-01")
        self.assertEqual(contract.state, "expired")
        self.assertEqual(contract.date_end, date(2028, 3, 31))
        self.assertEqual(len(contract.term_ids), 2)
        self.assertEqual(self._get_invoices(contract), invoices)
