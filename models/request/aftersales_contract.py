"""Request side of the service contract: who may call, and what is open."""

from odoo import fields, models


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    entitled_partner_ids = fields.Many2many(
        "res.partner", "aftersales_contract_entitled_rel", "contract_id", "partner_id",
        string="May Call", domain="[('id', 'child_of', commercial_partner_id)]",
        groups="base.group_user",
        help="Named persons entitled to call. Empty: everybody of the customer.",
    )
    aftersales_request_count = fields.Integer(
        string="Open Requests", compute="_compute_aftersales_request_count",
        groups="aftersales.group_agent,aftersales.group_technician",
    )

    def _compute_aftersales_request_count(self):
        counts = dict(self.env["aftersales.request"]._read_group(
            [("contract_id", "in", self.ids), ("is_open", "=", True)], ["contract_id"],
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
            "domain": [("contract_id", "=", self.id)],
            "context": {"create": False},
        }
