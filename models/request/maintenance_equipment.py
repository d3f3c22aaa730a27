"""Request side of the equipment: what was asked about it."""

from odoo import fields, models


class MaintenanceEquipment(models.Model):
    _name = "maintenance.equipment"
    _inherit = ["maintenance.equipment", "aftersales.request.count.mixin"]

    _REQUEST_FIELD = "equipment_id"

    aftersales_request_ids = fields.One2many(
        "aftersales.request", "equipment_id", string="Service Requests",
    )

    def _get_new_request_context(self):
        return {
            "default_equipment_id": self.id,
            "default_partner_id": self.customer_id.id,
        }
