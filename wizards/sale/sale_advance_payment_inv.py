"""Sale side of the invoicing wizard: down payments on what the order itself bills."""

from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        if self.advance_payment_method == "delivered":
            return super()._create_invoices(sale_orders)
        for order in sale_orders:
            if not order._get_lines_billed_by_order():
                raise UserError(self.env._(
                    "Order %(order)s takes no down payment: service contracts bill all of it. "
                    "Agree the deposit or a fee at the start on the contract.", order=order.name,
                ))
        wizard = self.with_context(aftersales_down_payment=True)
        return super(SaleAdvancePaymentInv, wizard)._create_invoices(sale_orders)
