from odoo.tests import freeze_time

from .common import SoldContractCommon


class TestStorySoldContract(SoldContractCommon):
    """A lift care sold with spare parts, from the quotation to the invoices of both."""

    def test_the_order_invoices_the_parts_and_the_contract_its_periods_once(self):
        # The salesperson sells two lifts' care and three rollers.
        order = self._create_order(
            (self.service, 2.0, 120.0, {"discount": 5.0}), (self.part, 3.0, 80.0, {}),
            commitment_date="2026-02-01 09:00:00", client_order_ref="PO-12",
        )
        self.assertEqual(order.amount_untaxed, 468.0)
        order.action_confirm()
        contract = self._get_contracts(order)
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.amount_annual, 912.0)

        # The order invoices the parts, and is done with invoicing.
        invoice = order._create_invoices().sudo()
        invoice.action_post()
        self.assertEqual(invoice.amount_untaxed, 240.0)
        self.assertEqual(order.invoice_status, "no")

        # Officer and legal take the contract through, the customer signs.
        contract.with_user(self.officer).action_submit()
        contract.with_user(self.legal).action_approve()
        self._sign(contract.with_user(self.officer))
        self.assertEqual(contract.state, "active")

        # Each quarter is billed once, in arrears; the order still has nothing to invoice.
        for moment in ("2026-05-01 03:00", "2026-05-02 03:00", "2026-08-01 03:00"):
            with freeze_time(moment):
                self._run_cron("_cron_daily")
                self._run_cron("_cron_bill")
        invoices = self._get_invoices(contract)
        self.assertEqual(invoices.mapped("amount_untaxed"), [228.0, 228.0])
        self.assertEqual(invoices.mapped("ref"), ["PO-12", "PO-12"])
        self.assertEqual(invoices.invoice_line_ids.product_id, self.service)
        self.assertEqual(order.invoice_ids, invoice.with_env(order.env))
        self.assertEqual(order.order_line.mapped("qty_to_invoice"), [0.0, 0.0])
