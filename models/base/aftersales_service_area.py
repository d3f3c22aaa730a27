from odoo import fields, models


class AftersalesServiceArea(models.Model):
    """Where service is rendered: countries, states and postal codes."""

    _name = "aftersales.service.area"
    _description = "Service Area"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the area with every company.",
    )
    country_ids = fields.Many2many("res.country", string="Countries")
    state_ids = fields.Many2many("res.country.state", string="States")
    zip_prefixes = fields.Char(
        string="Postal Codes",
        help="Beginnings of postal codes, separated by commas, for example: 20, 310, 3110-3119. "
             "Empty: every postal code of the countries and states.",
    )
