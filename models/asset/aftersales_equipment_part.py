from odoo import api, fields, models
from odoo.fields import Domain

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
        domain="[('product_id', '=', product_id)]", index="btree_not_null",
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    date_fitted = fields.Date(
        string="Fitted On", required=True, default=fields.Date.context_today,
    )
    warranty_months = fields.Integer(
        string="Warranty (months)", compute="_compute_warranty_months", store=True,
        precompute=True, help="What the product granted when the part was fitted.",
    )
    fitting_end = fields.Date(
        string="Warranty of the Fitting Until", compute="_compute_fitting_end", store=True,
        precompute=True,
    )
    # Not stored: whatever moves the warranties of many serial numbers would look for parts.
    warranty_end = fields.Date(
        string="Warranty Until", compute="_compute_warranty_end", search="_search_warranty_end",
        help="Of the fitting, or of the serial number where that lasts longer.",
    )
    date_removed = fields.Date(string="Removed On")
    note = fields.Char()

    @api.depends("product_id")
    def _compute_warranty_months(self):
        for part in self:
            part.warranty_months = part.product_id.aftersales_part_months

    @api.depends("date_fitted", "warranty_months")
    def _compute_fitting_end(self):
        for part in self:
            part.fitting_end = get_last_day(part.date_fitted, part.warranty_months)

    @api.depends("fitting_end", "lot_id.aftersales_warranty_end")
    def _compute_warranty_end(self):
        for part in self:
            part.warranty_end = get_later(part.fitting_end, part.lot_id.aftersales_warranty_end)

    def _search_warranty_end(self, operator, value):
        """Find by the later of two days: it lies after a day when one of them does."""
        if operator not in (">", ">="):
            return NotImplemented
        return Domain("fitting_end", operator, value) | Domain(
            "lot_id.aftersales_warranty_end", operator, value)
