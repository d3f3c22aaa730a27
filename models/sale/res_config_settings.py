"""Sale side of the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_submit_sold_contracts = fields.Boolean(
        related="company_id.aftersales_submit_sold_contracts", readonly=False,
    )
