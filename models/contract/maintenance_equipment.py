"""Contract side of customer equipment: the contracts that cover it."""

from odoo import api, fields, models


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_contract_line_ids = fields.One2many(
        "aftersales.contract.line", "equipment_id", string="Contract Lines",
    )
    aftersales_contract_count = fields.Integer(
        string="Contract Count", compute="_compute_aftersales_contract_count",
    )

    @api.depends("aftersales_contract_line_ids.contract_id")
    def _compute_aftersales_contract_count(self):
        for equipment in self:
            equipment.aftersales_contract_count = len(
                equipment.aftersales_contract_line_ids.contract_id
            )

    def action_view_aftersales_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_action"
        )
        contracts = self.aftersales_contract_line_ids.contract_id
        return {**action, "domain": [("id", "in", contracts.ids)], "context": {}}
