"""Coverage side of customer equipment: whether it is covered now, and why."""

from odoo import fields, models


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_statement_ids = fields.One2many(
        "aftersales.statement", "equipment_id", string="Statements of Charges",
    )
