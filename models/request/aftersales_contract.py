"""Request side of the service contract: who may call, and what is open."""

from odoo import fields, models

from ..coverage.aftersales_coverage import IN_FORCE


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    entitled_partner_ids = fields.Many2many(
        "res.partner", "aftersales_contract_entitled_rel", "contract_id", "partner_id",
        string="May Call", domain="[('id', 'child_of', commercial_partner_id)]",
        groups="base.group_user",
        help="Named persons entitled to call. Empty: everybody of the customer.",
    )

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
