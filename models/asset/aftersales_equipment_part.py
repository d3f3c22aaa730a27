from odoo import api, fields, models

from ...tools.warranty import get_last_day, get_later


class AftersalesEquipmentPart(models.Model):
    """A part fitted into an equipment, with its own warranty."""

    _name = "aftersales.equipment.part"
    _description = "Fitted Part"
    _order = "date_fitted desc, id desc"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="equipment_id.company_id", store=True, index="btree_not_null",
    )
    product_id = fields.Many2one(
        "product.product", string="Part", required=True, check_company=True, index=True,
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", check_company=True,
        domain="[('product_id', '=', product_id)]",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    date_fitted = fields.Date(
        string="Fitted On", required=True, default=fields.Date.context_today,
    )
    warranty_months = fields.Integer(
        string="Warranty (months)", compute="_compute_warranty_months", store=True,
        precompute=True, help="What the product granted when the part was fitted.",
    )
    warranty_end = fields.Date(
        string="Warranty Until", compute="_compute_warranty_end", store=True,
        help="Of the fitting, or of the serial number where that lasts longer.",
    )
    date_removed = fields.Date(string="Removed On")
    note = fields.Char()

    @api.depends("product_id")
    def _compute_warranty_months(self):
        for part in self:
            part.warranty_months = part.product_id.aftersales_part_months

    @api.depends("date_fitted", "warranty_months", "lot_id.aftersales_warranty_end")
    def _compute_warranty_end(self):
        for part in self:
            part.warranty_end = get_later(
                get_last_day(part.date_fitted, part.warranty_months),
                part.lot_id.aftersales_warranty_end,
            )
