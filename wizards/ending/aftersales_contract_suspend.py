from odoo import api, fields, models

from ...models.ending.aftersales_suspension import POLICIES
from ...models.ending.aftersales_termination import SIDES
from ...tools.periods import ONE_DAY


class AftersalesContractSuspend(models.TransientModel):
    """Agree on a pause of a contract, from today, from a past day, or planned."""

    _name = "aftersales.contract.suspend"
    _description = "Suspend Contract"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    date_from = fields.Date(
        string="First Suspended Day", required=True, default=fields.Date.context_today,
    )
    date_to = fields.Date(
        string="Last Suspended Day", help="Empty: until somebody resumes the contract.",
    )
    policy = fields.Selection(POLICIES, required=True, default="skip")
    side = fields.Selection(SIDES, string="Who Asked", required=True, default="customer")
    reason = fields.Char(required=True)
    credit_label = fields.Text(string="Credited", compute="_compute_credit_label")

    @api.depends("contract_id", "date_from", "policy")
    def _compute_credit_label(self):
        for wizard in self:
            credits = wizard.policy == "credit" and wizard.date_from
            wizard.credit_label = credits and wizard.contract_id._get_credit_label(
                wizard.date_from - ONE_DAY,
            )

    def action_confirm(self):
        """Suspend the contract, or plan it when the first day is still to come."""
        for wizard in self:
            wizard.contract_id._suspend({
                "date_from": wizard.date_from,
                "date_to": wizard.date_to,
                "policy": wizard.policy,
                "side": wizard.side,
                "reason": wizard.reason,
            })
        return True
