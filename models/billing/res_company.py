"""Billing side of the company: what new contracts start with."""

from odoo import fields, models

INVOICE_ACTIONS = [
    ("draft", "Leave as draft"),
    ("post", "Post"),
    ("post_send", "Post and send"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_invoice_action = fields.Selection(
        INVOICE_ACTIONS, string="Default Invoice Handling", default="draft", required=True,
    )
