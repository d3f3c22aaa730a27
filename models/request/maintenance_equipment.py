"""Request side of the equipment: what was asked about it."""

from odoo import fields, models


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_request_ids = fields.One2many(
        "aftersales.request", "equipment_id", string="Service Requests",
    )
