"""Request side of the equipment: what was asked about it."""

from odoo import fields, models


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_request_ids = fields.One2many(
        "aftersales.request", "equipment_id", string="Service Requests",
    )
    aftersales_request_count = fields.Integer(
        string="Open Requests", compute="_compute_aftersales_request_count",
        groups="aftersales.group_agent,aftersales.group_technician",
    )

    def _compute_aftersales_request_count(self):
        counts = dict(self.env["aftersales.request"]._read_group(
            [("equipment_id", "in", self.ids), ("is_open", "=", True)], ["equipment_id"],
            ["__count"],
        ))
        for record in self:
            record.aftersales_request_count = counts.get(record, 0)

    def action_view_aftersales_requests(self):
        """Open the service requests, the open ones first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_request_action")
        return {
            **action,
            "domain": [("equipment_id", "=", self.id)],
            "context": {
                "default_equipment_id": self.id,
                "default_partner_id": self.customer_id.id,
            },
        }
