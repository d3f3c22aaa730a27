from odoo import api, fields, models


class AftersalesEquipmentStepMixin(models.AbstractModel):
    """What moving, swapping and retiring equipment have in common: which, when and why."""

    _name = "aftersales.equipment.step.mixin"
    _description = "Step in the Life of Equipment"

    equipment_ids = fields.Many2many(
        "maintenance.equipment", required=True,
        default=lambda self: self._default_equipment_ids(), context={"active_test": False},
    )
    equipment_count = fields.Integer(compute="_compute_equipment_count")
    date = fields.Date(string="As Of", required=True, default=fields.Date.context_today)
    reason = fields.Char()

    def _default_equipment_ids(self):
        if self.env.context.get("active_model") != "maintenance.equipment":
            return self.env["maintenance.equipment"]
        return self.env["maintenance.equipment"].browse(
            self.env.context.get("active_ids") or self.env.context.get("active_id") or []
        )

    @api.depends("equipment_ids")
    def _compute_equipment_count(self):
        for wizard in self:
            wizard.equipment_count = len(wizard.equipment_ids)

    def _get_agreement(self):
        """Return who agreed for the customer to a change of contracts in force (hook)."""
        self.ensure_one()
        return {}
