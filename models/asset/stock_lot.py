from odoo import fields, models


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
