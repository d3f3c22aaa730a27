from odoo import fields, models


class AftersalesRecall(models.Model):
    """The maker or we ourselves repair a known defect of many units, whoever owns them."""

    _name = "aftersales.recall"
    _description = "Recall"
    _inherit = ["aftersales.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    _TRANSITIONS = {"draft": ("open",), "open": ("closed",), "closed": ("open",)}

    name = fields.Char(string="Subject", required=True, tracking=True)
    state = fields.Selection(
        selection=[("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
        default="draft", required=True, copy=False, tracking=True, index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    product_ids = fields.Many2many(
        "product.product", "aftersales_recall_product_rel", string="Products",
    )
    lot_ids = fields.Many2many(
        "stock.lot", string="Serial Numbers", help="Empty: every serial number of the products.",
    )
    part_ids = fields.Many2many(
        "product.product", "aftersales_recall_part_rel", string="Parts",
        help="Only these parts and the work on them. Empty: all work done for the recall.",
    )
    failure_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Mode", domain="[('code_type', '=', 'mode')]",
        index="btree_not_null",
        help="Empty: every job on a recalled unit that names the recall.",
    )
    date_start = fields.Date(string="Begins", required=True, default=fields.Date.context_today)
    date_end = fields.Date(string="Ends")
    payer = fields.Selection(
        selection=[("vendor", "The vendor"), ("provider", "Our company")],
        string="Paid By", default="vendor", required=True,
    )
    remedy = fields.Html(help="What is done to a recalled unit.")
