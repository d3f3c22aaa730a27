from odoo import fields, models


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
    warranty_end = fields.Date(string="Warranty Until")
    date_removed = fields.Date(string="Removed On")
    note = fields.Char()
