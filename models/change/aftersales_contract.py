"""Change side of the service contract: its changes, from the request to the next version."""

from odoo import api, fields, models

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS

# What a running contract cannot be given otherwise than by a transfer or a new contract, since
# periods already charged were reckoned by it.
_FIXED_TERMS = {
    "company_id", "partner_id", "currency_id", "date_start", "pricelist_id", "proration",
}


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    change_ids = fields.One2many(
        "aftersales.contract.change", "contract_id", string="Changes", groups=PRICE_GROUPS,
    )
    change_count = fields.Integer(compute="_compute_change_count", groups=PRICE_GROUPS)

    @api.depends("change_ids")
    def _compute_change_count(self):
        counts = dict(self.env["aftersales.contract.change"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id"], ["__count"],
        ))
        for contract in self:
            contract.change_count = counts.get(contract, 0)

    @api.depends("line_ids.ended_by_change_id")
    def _compute_amount_annual(self):
        return super()._compute_amount_annual()

    def _get_present_lines(self):
        return super()._get_present_lines().filtered(lambda line: not line.ended_by_change_id)

    @api.model
    def _get_changeable_fields(self):
        """Return the terms that both parties may agree to change while the contract runs."""
        return self._get_content_fields() - _FIXED_TERMS

    def _get_agreed_days(self):
        # Whoever may suspend the contract is told of what stands in the way.
        changes_sudo = self.sudo().change_ids.filtered(lambda change: change.state == "agreed")
        return super()._get_agreed_days() + [
            (change.date_effective, self.env._("Change %(change)s", change=change.name))
            for change in changes_sudo.sorted("date_effective")
        ]

    def _get_change_gaps(self, occasion):
        """Return what a change lacks to be one by agreement of both parties (C08)."""
        change = self.change_ids.filtered(lambda change: change.name == occasion)
        if not change:
            return super()._get_change_gaps(occasion)
        gaps = []
        if not change.date_effective:
            gaps.append(self.env._("It names no day on which it takes effect."))
        if not change.line_ids:
            gaps.append(self.env._("It does not say what is changed."))
        return gaps

    def action_request_change(self):
        """Open a change of this contract that is stored once something is entered."""
        self.ensure_one()
        self.env["aftersales.contract.change"].check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_change_action"
        )
        return {
            **action, "views": [(False, "form")],
            "context": {"default_contract_id": self.id},
        }

    def action_view_changes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_change_action"
        )
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }
