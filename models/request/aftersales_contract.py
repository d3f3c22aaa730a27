"""Request side of the service contract: who may call, and what is open."""

from odoo import fields, models


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    entitled_partner_ids = fields.Many2many(
        "res.partner", "aftersales_contract_entitled_rel", "contract_id", "partner_id",
        string="May Call", domain="[('id', 'child_of', commercial_partner_id)]",
        groups="base.group_user",
        help="Named persons entitled to call. Empty: everybody of the customer.",
    )
