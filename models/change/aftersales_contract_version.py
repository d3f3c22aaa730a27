"""Change side of the contract version: the agreed change it follows from."""

from odoo import fields, models


class AftersalesContractVersion(models.Model):
    _inherit = "aftersales.contract.version"

    change_id = fields.Many2one(
        "aftersales.contract.change", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict", check_company=True,
    )
