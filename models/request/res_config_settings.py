"""Request side of the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_reopen_days = fields.Integer(
        related="company_id.aftersales_reopen_days", readonly=False,
    )
    aftersales_close_days = fields.Integer(
        related="company_id.aftersales_close_days", readonly=False,
    )
    aftersales_request_team_id = fields.Many2one(
        related="company_id.aftersales_request_team_id", readonly=False,
        domain="[('is_aftersales', '=', True), ('company_id', 'in', [False, company_id])]",
    )
    aftersales_invites_to_rate = fields.Boolean(
        related="company_id.aftersales_invites_to_rate", readonly=False,
    )
    aftersales_hotline_hours = fields.Char(
        related="company_id.aftersales_hotline_hours", readonly=False,
    )
