"""Sla side of the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_sla_id = fields.Many2one(
        related="company_id.aftersales_sla_id", readonly=False,
        domain="[('company_id', 'in', [False, company_id])]",
    )
