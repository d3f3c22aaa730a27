from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class StockLot(models.Model):
    _inherit = "stock.lot"

    aftersales_equipment_ids = fields.One2many(
        "maintenance.equipment", "lot_id", string="Customer Equipment",
    )
    aftersales_delivered_on = fields.Date(string="Delivered On")
    aftersales_invoiced_on = fields.Date(string="Invoiced On")
    aftersales_warranty_start = fields.Date(string="Warranty From")
    aftersales_warranty_end = fields.Date(string="Warranty Until", index="btree_not_null")
    aftersales_main_part_end = fields.Date(string="Warranty of Main Parts Until")
    aftersales_warranty_event_ids = fields.One2many(
        "aftersales.warranty.event", "lot_id", string="Warranty History",
    )
    aftersales_vendor_id = fields.Many2one(
        "res.partner", string="Warranty Vendor", index="btree_not_null",
    )
    aftersales_vendor_end = fields.Date(string="Vendor Warranty Until")
    aftersales_warranty_state = fields.Selection(
        selection=[
            ("none", "None"), ("not_begun", "Not begun"), ("running", "Running"),
            ("ending", "Ends soon"), ("main_part", "Main parts only"), ("over", "Over"),
        ],
        string="Warranty", compute="_compute_aftersales_warranty_state",
        search="_search_aftersales_warranty_state",
    )

    @api.depends("aftersales_warranty_end")
    def _compute_aftersales_warranty_state(self):
        today = self.env.company._get_aftersales_today()
        soon = today + timedelta(days=self.env.company.aftersales_warranty_notice_days)
        for lot in self:
            end = lot.aftersales_warranty_end
            lot.aftersales_warranty_state = (
                "none" if not end else "over" if end < today
                else "ending" if end <= soon else "running"
            )

    def _search_aftersales_warranty_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._get_aftersales_today()
        soon = today + timedelta(days=self.env.company.aftersales_warranty_notice_days)
        domains = {
            "over": [("aftersales_warranty_end", "<", today)],
            "running": [("aftersales_warranty_end", ">", soon)],
            "ending": [
                ("aftersales_warranty_end", ">=", today), ("aftersales_warranty_end", "<=", soon),
            ],
        }
        return Domain.OR(Domain(domains.get(state, Domain.FALSE)) for state in value)

    def _take_over_warranty(self, old_lot, date):
        """Give a replacement what its predecessor's warranty still promises on ``date``."""
