"""Billing side of the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_invoice_action = fields.Selection(
        related="company_id.aftersales_invoice_action", readonly=False, required=True,
    )
