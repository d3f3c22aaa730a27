"""Change side of the contract line: the changes by which it came and went."""

from odoo import api, fields, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    added_by_change_id = fields.Many2one(
        "aftersales.contract.change", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
        groups="base.group_user",
    )
    ended_by_change_id = fields.Many2one(
        "aftersales.contract.change", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
        groups="base.group_user",
    )

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() - {"added_by_change_id", "ended_by_change_id"}
