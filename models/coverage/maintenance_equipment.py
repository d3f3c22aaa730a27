"""Coverage side of customer equipment: its statements of charges."""

from odoo import api, fields, models


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_statement_ids = fields.One2many(
        "aftersales.statement", "equipment_id", string="Statements of Charges",
    )
    aftersales_statement_count = fields.Integer(
        string="Statement Count", compute="_compute_aftersales_statement_count",
    )

    @api.depends("aftersales_statement_ids")
    def _compute_aftersales_statement_count(self):
        counts = dict(self.env["aftersales.statement"]._read_group(
            [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"],
        ))
        for equipment in self:
            equipment.aftersales_statement_count = counts.get(equipment._origin, 0)

    def action_view_aftersales_statements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_statement_action"
        )
        return {
            **action, "domain": [("equipment_id", "=", self.id)],
            "context": {"default_equipment_id": self.id},
        }
