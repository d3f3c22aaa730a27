import pytz

from odoo import api, fields, models


class AftersalesStatement(models.Model):
    """The statement of charges of one job: what was done, what it costs, who pays and why."""

    _name = "aftersales.statement"
    _description = "Statement of Charges"
    _inherit = [
        "aftersales.lifecycle.mixin", "portal.mixin", "mail.thread", "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _TRANSITIONS = {
        "draft": ("confirmed", "cancelled"),
        "confirmed": ("draft", "cancelled"),
        "cancelled": ("draft",),
    }

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/", index="trigram",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"), ("confirmed", "Confirmed"), ("cancelled", "Cancelled"),
        ],
        default="draft", required=True, copy=False, tracking=True, index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, tracking=True,
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Commercial Customer",
        store=True, index=True,
    )
    site_id = fields.Many2one("res.partner", check_company=True)
    equipment_id = fields.Many2one(
        "maintenance.equipment", check_company=True, index="btree_not_null",
    )
    product_id = fields.Many2one(
        "product.product", string="Serviced Product", check_company=True,
        help="What was worked on; taken from the equipment when there is one.",
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", check_company=True, index="btree_not_null",
    )
    date = fields.Datetime(
        string="Work Done On", required=True, default=fields.Datetime.now, index=True,
        help="Decides which warranty, contract and prices count, on the date where the work is "
             "done.",
    )
    kind = fields.Selection(
        selection=[
            ("repair", "Repair"), ("maintenance", "Maintenance"), ("inspection", "Inspection"),
            ("other", "Other"),
        ],
        string="Job", default="repair", required=True,
    )
    service_mode = fields.Selection(
        selection=[
            ("on_site", "On site"), ("workshop", "In the workshop"),
            ("remote", "Remote"), ("mail_in", "Sent in"),
        ],
        default="on_site", required=True,
    )
    mode_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Mode", domain="[('code_type', '=', 'mode')]",
        index="btree_not_null",
    )
    cause_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Cause", domain="[('code_type', '=', 'cause')]",
        index="btree_not_null",
    )
    recall_id = fields.Many2one(
        "aftersales.recall", check_company=True, index="btree_not_null",
    )
    rework_of_id = fields.Many2one(
        "aftersales.statement", check_company=True, index="btree_not_null",
        help="The earlier job whose failure has returned.",
    )
    rework_ids = fields.One2many("aftersales.statement", "rework_of_id", string="Reworks")
    charge_ids = fields.One2many("aftersales.charge", "statement_id", copy=True)

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = f"{statement.name} {statement.partner_id.name or ''}".strip()

    def _get_site(self):
        """Return the address where the work is done."""
        self.ensure_one()
        return self.site_id or self.partner_id

    def _get_day(self):
        """Return the date of the work where it is done."""
        self.ensure_one()
        zone = self.site_id.tz
        if not zone:
            return self.company_id._get_aftersales_day(self.date)
        return pytz.utc.localize(self.date).astimezone(pytz.timezone(zone)).date()
