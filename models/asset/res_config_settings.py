"""Asset side of the settings: how early coming checks are announced."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_check_notice_days = fields.Integer(
        related="company_id.aftersales_check_notice_days", readonly=False,
    )
