from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_horizon_months = fields.Integer(
        related="company_id.aftersales_horizon_months", readonly=False,
    )
    aftersales_proration = fields.Selection(
        related="company_id.aftersales_proration", readonly=False, required=True,
    )
    aftersales_grace_days = fields.Integer(
        related="company_id.aftersales_grace_days", readonly=False,
    )
    aftersales_rework_days = fields.Integer(
        related="company_id.aftersales_rework_days", readonly=False,
    )
    aftersales_warranty_notice_days = fields.Integer(
        related="company_id.aftersales_warranty_notice_days", readonly=False,
    )
    aftersales_replacement_warranty = fields.Selection(
        related="company_id.aftersales_replacement_warranty", readonly=False, required=True,
    )
