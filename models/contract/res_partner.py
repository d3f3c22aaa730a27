"""Contract side of the customer."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_contract_ids = fields.One2many(
        "aftersales.contract", "commercial_partner_id", string="Service Contracts",
    )
    aftersales_contract_count = fields.Integer(
        string="Contract Count", compute="_compute_aftersales_contract_count",
        groups="aftersales.group_agent,aftersales.group_technician",
    )

    def _compute_aftersales_contract_count(self):
        counts = dict(self.env["aftersales.contract"]._read_group(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
            ["commercial_partner_id"], ["__count"],
        ))
        for partner in self:
            partner.aftersales_contract_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_aftersales_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_action"
        )
        return {
            **action,
            "domain": [("commercial_partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.id},
        }
