from odoo import fields, models


class AftersalesCoverMixin(models.AbstractModel):
    """What a line promises to pay for: shares by kind of work, exclusions, quotas, conditions."""

    _name = "aftersales.cover.mixin"
    _description = "Cover Terms"

    currency_id = fields.Many2one("res.currency")  # each model says which

    cover_parts = fields.Float(string="Parts (%)", digits=(5, 2))
    cover_labour = fields.Float(
        string="Labour (%)", digits=(5, 2), help="Labour and inspections.",
    )
    cover_travel = fields.Float(string="Travel (%)", digits=(5, 2))
    cover_other = fields.Float(string="Other Costs (%)", digits=(5, 2))
    covers_wear_parts = fields.Boolean(
        string="With Wear Parts", help="The share of parts counts for wear parts, too.",
    )
    excluded_cause_ids = fields.Many2many(
        "aftersales.failure.code", string="Except for Causes",
        domain="[('code_type', '=', 'cause')]",
        help="Work that one of these causes has made necessary is not covered.",
    )
    excluded_category_ids = fields.Many2many(
        "product.category", string="Except for Parts Of",
        help="Parts of these categories and of those below them are not covered.",
    )
    quota_visits = fields.Integer(
        string="Visits", help="Visits covered in each quota period. 0: without limit.",
    )
    quota_hours = fields.Float(
        string="Hours", help="Hours of labour covered in each quota period. 0: without limit.",
    )
    quota_amount = fields.Monetary(
        string="Amount", help="Amount covered in each quota period. 0: without limit.",
    )
    quota_period = fields.Selection(
        selection=[
            ("month", "Month"), ("quarter", "Quarter"), ("half_year", "Half-year"),
            ("year", "Year"), ("term", "Whole term"),
        ],
        string="Quotas Per", default="year", required=True,
        help="Counted from the first day of the line.",
    )
    service_mode = fields.Selection(
        selection=[
            ("any", "Any"), ("on_site", "On site"), ("workshop", "In the workshop"),
            ("remote", "Remote"), ("mail_in", "Sent in"),
        ],
        default="any", required=True, help="How the covered service is rendered.",
    )
    service_area_id = fields.Many2one(
        "aftersales.service.area", index="btree_not_null", check_company=True,
        help="Only work within this area is covered. Empty: everywhere.",
    )
    service_calendar_id = fields.Many2one(
        "resource.calendar", string="Service Window", index="btree_not_null", check_company=True,
        help="Only work within these hours is covered. Empty: at any time.",
    )
