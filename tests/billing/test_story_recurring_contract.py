from datetime import date

from odoo.tests import freeze_time

from ..common import AftersalesCommon


class TestStoryRecurringContract(AftersalesCommon):
    """A hotel's lift contract from the first draft to the last payment, by the people it takes."""

    def _as(self, user, record):
        return record.with_user(user)

    def test_a_contract_bills_itself_from_draft_to_the_last_paid_day(self):
        # The officer drafts a contract: two lifts every month in advance, a set-up fee once,
        # and the hotline in arrears, until 10 April.
        lift = self.env["maintenance.equipment"].with_user(self.agent).create({
            "name": "Guest lift", "customer_id": self.other_customer.id,
        })
        contract = self._create_contract(
            partner_id=self.other_customer.id, subject="Lifts", date_start="2026-02-01",
            date_end="2026-04-10", customer_reference="PO-88",
            payment_term_id=self.env.ref("account.account_payment_term_30days").id,
            lines=[
                {"name": "Lift care", "quantity": 2.0, "price_unit": 120.0, "discount": 5.0,
                 "scope_type": "equipment", "equipment_id": lift.id},
                {"name": "Set-up", "product_id": self.fee.id, "price_unit": 250.0,
                 "recurrence_unit": "once"},
                {"name": "Hotline", "price_unit": 30.0, "billing_timing": "arrears"},
            ],
        )
        self.assertEqual(contract.amount_annual, 2736.0 + 360.0)

        # Legal reviews it, the customer signs, and the register is written to the end.
        contract.action_submit()
        self._as(self.legal, contract).action_approve()
        self._sign(contract)

        self.assertEqual(contract.state, "active")
        self.assertEqual(len(contract.obligation_ids), 3 + 1 + 3)
        self.assertEqual(sum(contract.obligation_ids.mapped("amount")), 852.0)
        self.assertEqual(contract.next_invoice_date, date(2026, 2, 1))

        # Nothing is billed before the first day.
        with freeze_time("2026-01-31 03:00"):
            self._run_cron("_cron_bill")
        self.assertFalse(self._get_invoices(contract))

        # Three monthly runs, then the part of April and the last hotline after the end.
        runs = [
            ("2026-02-01 03:00", [228.0, 250.0]),
            ("2026-03-01 03:00", [30.0, 228.0]),
            ("2026-04-01 03:00", [30.0, 76.0]),
            ("2026-04-11 03:00", [10.0]),
        ]
        invoices = self.env["account.move"]
        for moment, amounts in runs:
            with freeze_time(moment):
                self._run_cron("_cron_daily")
                self._run_cron("_cron_bill")

            invoice = self._get_invoices(contract) - invoices
            self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), amounts, moment)
            self.assertRecordValues(invoice, [{
                "state": "posted", "partner_id": self.other_customer.id, "ref": "PO-88",
                "amount_tax": round(sum(amounts) * 0.15, 2),
            }])
            invoices += invoice

        # The contract is over, and so is the billing.
        self.assertEqual(contract.state, "expired")
        self.assertFalse(contract.next_invoice_date)
        with freeze_time("2026-05-01 03:00"):
            self._run_cron("_cron_bill")
        self.assertEqual(self._get_invoices(contract), invoices)

        # All that was promised was billed, to the cent.
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), 852.0)
        self.assertEqual(contract.amount_billed, 852.0)

        # The accountant registers the payments: two in time, two 14 and 4 days late.
        for invoice, day in zip(
            invoices, ("2026-02-20", "2026-03-20", "2026-05-15", "2026-05-15"), strict=True,
        ):
            with freeze_time(f"{day} 10:00"):
                self._pay(self._as(self.accountant, invoice), day)

        self.assertEqual(set(contract.obligation_ids.mapped("state")), {"met"})
        self.assertEqual(
            contract.obligation_ids.sorted(lambda o: (o.date_planned, o.line_id.id)).mapped(
                "days_late"),
            [0, 0, 0, 0, 14, 14, 4],
        )
