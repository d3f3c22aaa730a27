"""Agreement side of the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_dispute_route = fields.Selection(
        related="company_id.aftersales_dispute_route", readonly=False, required=True,
    )
    aftersales_dispute_body_id = fields.Many2one(
        related="company_id.aftersales_dispute_body_id", readonly=False,
    )
    aftersales_mediation_body_id = fields.Many2one(
        related="company_id.aftersales_mediation_body_id", readonly=False,
    )
    aftersales_sign_reminder_days = fields.Char(
        related="company_id.aftersales_sign_reminder_days", readonly=False,
    )
    aftersales_two_people_approve = fields.Boolean(
        related="company_id.aftersales_two_people_approve", readonly=False,
    )
    aftersales_link_days = fields.Integer(
        related="company_id.aftersales_link_days", readonly=False,
    )
