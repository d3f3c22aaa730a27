"""Ending side of a step of equipment: the contracts it touches, and who agreed to that."""

from odoo import api, fields, models

from ...models.contract.aftersales_contract_line_mixin import PRICE_GROUPS
from ...tools.periods import ONE_DAY


class AftersalesEquipmentStepMixin(models.AbstractModel):
    _name = "aftersales.equipment.step.mixin"
    _inherit = ["aftersales.equipment.step.mixin", "aftersales.ending.preview.mixin"]

    touched_line_ids = fields.Many2many(
        "aftersales.contract.line", string="Contract Lines", compute="_compute_touched_line_ids",
    )
    credit_label = fields.Text(groups=PRICE_GROUPS)
    draft_label = fields.Text(groups=PRICE_GROUPS)
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

    @api.depends("touched_line_ids")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_last_charged_day(self):
        """What moves or retires is no longer charged from that day; a swap changes no charge."""
        is_swap = self._name == "aftersales.equipment.swap"
        return not is_swap and self.date and self.date - ONE_DAY

    def _get_ending_lines(self, last_day):
        return self.touched_line_ids._origin

    def _get_agreement(self):
        return {
            **super()._get_agreement(),
            "agreed_by": self.agreed_by,
            "agreed_on": self.agreed_on,
            "attachment_ids": self.attachment_ids.ids,
        }
