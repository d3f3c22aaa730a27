from odoo.exceptions import UserError
from odoo.fields import Command

from .common import SoldContractCommon


class TestSoldContractInvoicing(SoldContractCommon):

    def _create_down_payment(self, order, method, amount):
        amounts = {"percentage": "amount", "fixed": "fixed_amount"}
        wizard = self.env["sale.advance.payment.inv"].with_user(self.seller).create({
            "sale_order_ids": [Command.set(order.ids)],
            "advance_payment_method": method,
            amounts[method]: amount,
        })
        return wizard._create_invoices(order).sudo()

    def test_an_order_sold_by_contract_has_nothing_to_invoice(self):
        order = self._create_confirmed((self.service, 2.0, 120.0, {}))
        line = order.order_line

        self.assertEqual(line.qty_to_invoice, 0.0)
        self.assertEqual(line.untaxed_amount_to_invoice, 0.0)
        self.assertEqual(line.amount_to_invoice, 0.0)
        self.assertEqual(order.amount_to_invoice, 0.0)
        self.assertEqual((line.invoice_status, order.invoice_status), ("no", "no"))
        with self.assertRefused(self._get_contracts(order).name, "not by this order"):
            order._create_invoices()
        self.assertFalse(order.invoice_ids)

    def test_a_mixed_order_invoices_its_parts_only(self):
        order = self._create_confirmed(
            (self.service, 2.0, 120.0, {}), (self.part, 3.0, 80.0, {}))
        self.assertEqual(order.invoice_status, "to invoice")
        self.assertEqual(order.amount_to_invoice, 276.0)

        invoice = order._create_invoices()

        self.assertEqual(invoice.sudo().amount_untaxed, 240.0)
        self.assertEqual(invoice.sudo().invoice_line_ids.product_id, self.part)
        self.assertEqual(order.invoice_status, "no")
        with self.assertRaises(UserError):
            order._create_invoices()
        self.assertEqual(len(order.invoice_ids), 1)

    def test_delivering_the_service_makes_nothing_to_invoice(self):
        self.service.invoice_policy = "delivery"
        order = self._create_confirmed((self.service, 2.0, 120.0, {}))

        order.order_line.qty_delivered = 5.0

        self.assertEqual(order.order_line.qty_to_invoice, 0.0)
        self.assertEqual(order.order_line.untaxed_amount_to_invoice, 0.0)
        self.assertEqual(order.invoice_status, "no")

    def test_a_quantity_written_by_another_module_is_not_invoiced(self):
        order = self._create_confirmed(
            (self.service, 2.0, 120.0, {}), (self.part, 3.0, 80.0, {}))
        sold, part = order.order_line
        sold.qty_to_invoice = 2.0

        self.assertEqual(order._get_invoiceable_lines(final=True), part)

    def test_a_paid_order_is_invoiced_without_what_the_contract_bills(self):
        order = self._create_confirmed(
            (self.service, 2.0, 120.0, {}), (self.part, 3.0, 80.0, {}))

        order._force_lines_to_invoice_policy_order()

        self.assertEqual(order.order_line.mapped("qty_to_invoice"), [0.0, 3.0])
        self.assertEqual(order._create_invoices(final=True).sudo().amount_untaxed, 240.0)

    def test_a_down_payment_is_a_share_of_what_the_order_bills(self):
        order = self._create_confirmed(
            (self.service, 2.0, 120.0, {}), (self.part, 3.0, 80.0, {}))

        down_payment = self._create_down_payment(order, "percentage", 50.0)
        self.assertEqual(down_payment.amount_untaxed, 120.0)
        self.assertEqual(down_payment.amount_total, 138.0)
        down_payment.action_post()
        final = order._create_invoices(final=True).sudo()

        self.assertEqual(final.amount_untaxed, 120.0)
        self.assertEqual(
            final.invoice_line_ids.filtered(lambda line: line.price_subtotal > 0).product_id,
            self.part)

    def test_a_fixed_down_payment_stands_for_the_parts(self):
        order = self._create_confirmed(
            (self.service, 2.0, 120.0, {}), (self.part, 3.0, 80.0, {}))

        down_payment = self._create_down_payment(order, "fixed", 69.0)

        self.assertEqual(down_payment.amount_total, 69.0)
        self.assertEqual(down_payment.amount_untaxed, 60.0)

    def test_a_down_payment_on_contracts_alone_is_refused(self):
        order = self._create_confirmed((self.service, 2.0, 120.0, {}))
        for method, amount in (("percentage", 50.0), ("fixed", 10.0)):
            with self.subTest(method=method), self.assertRefused(order.name, "down payment"):
                self._create_down_payment(order, method, amount)

        self.assertEqual(order._generate_downpayment_invoices(), self.env["account.move"])
        self.assertFalse(order.invoice_ids)
        self.assertEqual(len(order.order_line), 1)

    def test_what_the_order_invoiced_before_it_goes_on_to_invoice(self):
        order = self._create_confirmed((self.fee, 1.0, 250.0, {}))
        order._create_invoices().sudo().action_post()
        order.action_cancel()
        order.action_draft()
        self._sell_by_contract(self.fee, self.template)

        order.action_confirm()

        self.assertFalse(self._get_contracts(order))
        self.assertEqual(order.invoice_status, "invoiced")
