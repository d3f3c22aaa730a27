"""Request side of the repair: which request it comes from."""

from odoo import fields, models


class RepairOrder(models.Model):
    _inherit = "repair.order"

    aftersales_request_id = fields.Many2one(
        "aftersales.request", string="Service Request", index="btree_not_null", copy=False,
        check_company=True, ondelete="set null",
    )
