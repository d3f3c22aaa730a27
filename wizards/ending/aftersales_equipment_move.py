"""Ending side of moving equipment: only a new customer touches contracts."""

from odoo import api, models


class AftersalesEquipmentMove(models.TransientModel):
    _inherit = "aftersales.equipment.move"

    @api.depends("customer_id")
    def _compute_touched_line_ids(self):
        return super()._compute_touched_line_ids()

    def _get_touched_lines(self):
        return self.equipment_ids._origin._get_touched_lines(
            "move", self.date, self.customer_id,
        ).sudo(False)
