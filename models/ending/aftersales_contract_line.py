"""Ending side of the contract line: what interrupts it, and which equipment it covered when."""

from odoo import api, fields, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    suspension_id = fields.Many2one(
        "aftersales.suspension", string="Interrupted By", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
        groups="base.group_user",
    )
    date_end_before = fields.Date(
        string="Until, Without Interruption", copy=False, readonly=True,
    )
    equipment_change_ids = fields.One2many(
        "aftersales.equipment.change", "line_id", string="Equipment Changes",
        groups="base.group_user",
    )

    @api.depends_context("aftersales_show_scope", "lang")
    @api.depends("scope_label")
    def _compute_display_name(self):
        """Tell lines of the same service apart by what they cover, where one is to be chosen."""
        result = super()._compute_display_name()
        if self.env.context.get("aftersales_show_scope"):
            for line in self.filtered("scope_label"):
                line.display_name = f"{line.display_name} · {line.scope_label}"
        return result

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() - {
            "suspension_id", "date_end_before", "equipment_change_ids",
        }

    def _copy_as_successor(self, day, vals):
        """Let what replaces a line before a planned suspension be interrupted in its place."""
        suspension = self.suspension_id
        if suspension.state == "planned":
            vals = {
                "suspension_id": suspension.id, "date_end_before": self.date_end_before, **vals,
            }
        return super()._copy_as_successor(day, vals)

    def _is_in_force_after(self, day):
        """Whether the line covers anything after ``day``."""
        first, last = self._get_term()
        return not last or last > day and last >= first

    def _get_unit(self):
        """Return the one equipment the line is for, named itself or by its serial number."""
        self.ensure_one()
        if self.scope_type != "lot":
            return self.equipment_id
        units = self.lot_id.with_context(active_test=False).aftersales_equipment_ids
        return units.filtered(lambda unit: unit.company_id == self.company_id)[:1]

    def _get_equipment_on(self, day):
        """Return the equipment this line covered on ``day``, whatever was swapped since."""
        self.ensure_one()
        later = self.equipment_change_ids.filtered(
            lambda change: change.kind == "swap" and change.date > day
        )
        first_later = later.sorted(lambda change: (change.date, change.id))[:1]
        return first_later.old_equipment_id or self._get_unit()
