from collections import defaultdict

from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves._note_aftersales_vendors()
        return moves

    def _note_aftersales_vendors(self):
        """Note from whom, and when, units came to us: their vendor answers for them.

        A unit that comes back from the vendor, repaired, keeps its first receipt.
        """
        # Who receives goods need not read the purchase; only the units' own vendor is written.
        receipts = self.sudo().filtered(
            lambda move: move.state == "done" and move.location_id.usage == "supplier"
            and move.product_id.tracking != "none")
        units = defaultdict(receipts.env["stock.lot"].browse)
        for move in receipts:
            vendor = move.purchase_line_id.partner_id or move.picking_id.partner_id
            day = move.company_id._get_aftersales_day(move.date)
            units[vendor, day] += move.move_line_ids.lot_id.filtered(
                lambda lot: not lot.aftersales_received_on)
        for (vendor, day), lots in units.items():
            lots.write({
                "aftersales_vendor_id": vendor.commercial_partner_id.id,
                "aftersales_received_on": day,
            })
