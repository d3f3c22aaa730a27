"""Sla side of the company: what is promised to everybody."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_sla_id = fields.Many2one(
        "aftersales.sla", string="Default Service Level", ondelete="restrict",
        domain="[('company_id', 'in', [False, id])]",
        help="For requests of customers to whom nothing else is promised.",
    )
