"""Ending side of a step of equipment: the contracts it touches, and who agreed to that."""

from odoo import api, fields, models


class AftersalesEquipmentStepMixin(models.AbstractModel):
    _inherit = "aftersales.equipment.step.mixin"

    touched_line_ids = fields.Many2many(
        "aftersales.contract.line", string="Contract Lines", compute="_compute_touched_line_ids",
    )
    agreed_by = fields.Char(help="Who agreed for the customer.")
    agreed_on = fields.Date(default=fields.Date.context_today)
    attachment_ids = fields.Many2many("ir.attachment", string="Documents")

    @api.depends("equipment_ids", "date")
    def _compute_touched_line_ids(self):
        for wizard in self:
            wizard.touched_line_ids = wizard._get_touched_lines() if wizard.date else False

    def _get_touched_lines(self):
        """Return the lines of contracts under way that the step ends or passes on (hook)."""
        step = self._name.rpartition(".")[2]
        return self.equipment_ids._origin._get_touched_lines(step, self.date).sudo(False)

    def _get_agreement(self):
        return {
            **super()._get_agreement(),
            "agreed_by": self.agreed_by,
            "agreed_on": self.agreed_on,
            "attachment_ids": self.attachment_ids.ids,
        }
