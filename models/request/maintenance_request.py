"""Request side of the visit: which request it comes from."""

from odoo import fields, models


class MaintenanceRequest(models.Model):
    _inherit = "maintenance.request"

    aftersales_request_id = fields.Many2one(
        "aftersales.request", string="Service Request", index="btree_not_null", copy=False,
        check_company=True, ondelete="set null",
    )
