from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted._update_aftersales_warranties()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._update_aftersales_warranties()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._update_aftersales_warranties()
        return result

    def _update_aftersales_warranties(self):
        """Begin the warranties that begin with these invoices, or undo it.

        Credit notes and invoices set back to draft count, too: only live invoices begin one.
        """
        invoices = self.filtered(lambda move: move.move_type in ("out_invoice", "out_refund"))
        lines = invoices.invoice_line_ids.filtered(
            lambda line: line.product_id.tracking != "none"
            and line.product_id.aftersales_warranty_basis == "invoice")
        # The accountant need not read deliveries: only the units' own dates are written.
        lines_sudo = lines.sale_line_ids.sudo()
        if lines_sudo:
            self.env["stock.lot"].sudo()._note_invoice_dates(
                lines_sudo._get_aftersales_invoice_dates())
