"""Request side of the service contract: who may call, and what is open."""

from odoo import fields, models
from odoo.fields import Domain

from ..coverage.aftersales_coverage import IN_FORCE


class AftersalesContract(models.Model):
    _name = "aftersales.contract"
    _inherit = ["aftersales.contract", "aftersales.request.count.mixin"]

    _REQUEST_FIELD = "contract_id"

    entitled_partner_ids = fields.Many2many(
        "res.partner", "aftersales_contract_entitled_rel", "contract_id", "partner_id",
        string="May Call", domain="[('id', 'child_of', commercial_partner_id)]",
        groups="base.group_user",
        help="Named persons entitled to call. Empty: everybody of the customer.",
    )
    request_ids = fields.One2many(
        "aftersales.request", "contract_id", string="Service Requests",
        groups="aftersales.group_agent,aftersales.group_technician,aftersales.group_legal",
    )
    sla_compliance = fields.Float(
        string="Promised Times Met (%)", digits=(5, 2), compute="_compute_sla_compliance",
        groups="base.group_user", help="Met ÷ (met + missed), of targets that fell due.",
    )
    sla_decided_count = fields.Integer(
        string="Promised Times Due", compute="_compute_sla_compliance", groups="base.group_user",
    )

    def _compute_sla_compliance(self):
        # Whoever reads the contract reads how it is kept, without the right to requests.
        rows = self.env["aftersales.request.target"].sudo()._read_group(
            Domain("contract_id", "in", self.ids) & Domain("is_decided", "=", True),
            ["contract_id"], ["__count", "compliance:avg"],
        )
        figures = {contract.id: figure for contract, *figure in rows}
        for contract in self:
            count, share = figures.get(contract.id, (0, 0.0))
            contract.sla_decided_count, contract.sla_compliance = count, share

    def action_view_promised_times(self):
        """Show how the promised times of this contract were kept."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_request_target_action")
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"search_default_decided": 1, "search_default_group_month": 1},
        }

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"date_start", "date_end", "partner_id"}:
            self.filtered("line_ids.sla_id")._move_request_clocks()
        return result

    def _on_transition(self, target):
        if target == "active":
            self.filtered("line_ids.sla_id")._move_request_clocks()
        return super()._on_transition(target)

    def _move_request_clocks(self):
        """Let open requests of these customers find anew what is promised to them."""
        if in_force := self.filtered(lambda contract: contract.state in IN_FORCE):
            self.env["aftersales.request.watch"]._look_again([
                ("company_id", "in", in_force.company_id.ids),
                ("commercial_partner_id", "in", in_force.commercial_partner_id.ids),
            ])
