"""Agreement side of the company: whom its contracts name for disputes."""

from odoo import fields, models

DISPUTE_ROUTES = [("court", "Court"), ("arbitration", "Arbitration")]


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_dispute_route = fields.Selection(
        DISPUTE_ROUTES, string="Default Final Decision", required=True, default="court",
    )
    aftersales_dispute_body_id = fields.Many2one(
        "res.partner", string="Default Court or Institution",
    )
    aftersales_mediation_body_id = fields.Many2one(
        "res.partner", string="Default Mediation Body",
    )
