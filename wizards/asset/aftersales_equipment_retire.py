from odoo import fields, models


class AftersalesEquipmentRetire(models.TransientModel):
    """Take equipment out of service for good."""

    _name = "aftersales.equipment.retire"
    _description = "Retire Equipment"
    _inherit = ["aftersales.equipment.step.mixin"]

    reason = fields.Char(required=True)

    def action_confirm(self):
        """Retire the equipment; contracts that name it end for it on that day."""
        self.ensure_one()
        self.equipment_ids._retire(self.date, self.reason, self._get_agreement())
        return True
