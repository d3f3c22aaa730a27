from collections import defaultdict

from odoo import models

from ...tools.warranty import match_invoices


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_aftersales_invoice_dates(self):
        """Return ``{lot: date}`` of all units delivered for these lines and not returned.

        The first delivered is the first invoiced. The date is ``None`` where the posted
        invoices, less what was credited, do not reach.
        """
        if not self:
            return {}
        deliveries = self._get_aftersales_deliveries()
        invoices = self._get_aftersales_live_invoices()
        dates = {}
        for line in self:
            delivered = deliveries.get(line, {})
            dates |= dict.fromkeys(delivered)
            dates |= match_invoices(delivered.items(), invoices.get(line, []))
        return dates

    def _get_aftersales_deliveries(self):
        """Return ``{line: {lot: quantity}}`` in the order of delivery, less returns."""
        deliveries = {}
        for line in self:
            lots = defaultdict(float)
            moves = line.move_ids.filtered(lambda move: move.state == "done")
            for detail in moves.move_line_ids.filtered("lot_id").sorted(lambda d: (d.date, d.id)):
                sign = (detail.location_dest_id.usage == "customer") - (
                    detail.location_id.usage == "customer")
                lots[detail.lot_id] += sign * detail.quantity_product_uom
            deliveries[line] = {lot: quantity for lot, quantity in lots.items() if quantity > 0}
        return deliveries

    def _get_aftersales_live_invoices(self):
        """Return ``{line: [(invoice date, quantity left after credit notes)]}``."""
        invoices = self.env["account.move"].search([
            ("invoice_line_ids.sale_line_ids", "in", self.ids), ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund")),
        ], order="invoice_date, id")
        charged = defaultdict(dict)
        for invoice in invoices.sorted(lambda move: move.move_type == "out_refund"):
            for charge in invoice.invoice_line_ids.filtered(lambda c: c.display_type == "product"):
                quantity = charge.product_uom_id._compute_quantity(
                    charge.quantity, charge.product_id.uom_id, round=False)
                for line in charge.sale_line_ids & self:
                    if invoice.move_type == "out_invoice":
                        charged[line][invoice] = charged[line].get(invoice, 0) + quantity
                    else:
                        self._take_back(charged[line], invoice.reversed_entry_id, quantity)
        return {
            line: [(invoice.invoice_date, quantity) for invoice, quantity in quantities.items()]
            for line, quantities in charged.items()
        }

    @staticmethod
    def _take_back(charged, invoice, quantity):
        """Take a credited quantity from the invoice it reverses, else from the latest ones."""
        for move in [invoice] if invoice in charged else reversed(charged):
            taken = min(charged[move], quantity)
            charged[move] -= taken
            quantity -= taken
