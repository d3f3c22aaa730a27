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

    def _get_report_url(self):
        """Return where a fault of this unit is reported: what the code on its label says."""
        self.ensure_one()
        return f"{self.get_base_url()}/my/aftersales/equipment/{self.id}/report"
