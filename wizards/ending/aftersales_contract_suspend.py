from odoo import api, fields, models
from odoo.tools import format_date

from ...models.ending.aftersales_suspension import POLICIES
from ...models.ending.aftersales_termination import SIDES
from ...tools import proration
from ...tools.periods import ONE_DAY


class AftersalesContractSuspend(models.TransientModel):
    """Agree on a pause of a contract, from today, from a past day, or planned."""

    _name = "aftersales.contract.suspend"
    _description = "Suspend Contract"
    _inherit = ["aftersales.ending.preview.mixin"]

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

    @api.depends("contract_id", "date_from", "date_to", "policy")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_last_charged_day(self):
        return self.date_from and self.date_from - ONE_DAY

    def _get_ending_lines(self, last_day):
        # One-off fees wait until the contract goes on.
        return super()._get_ending_lines(last_day).filtered(
            lambda line: line.recurrence_unit != "once" and line._is_in_force_after(last_day)
        )

    def _get_credit_text(self, last_day):
        """Tell what is given back, what is billed again after the pause, and what remains."""
        if self.policy != "credit" or not (text := super()._get_credit_text(last_day)):
            return False
        if not self.date_to:
            return "\n".join([text, self.env._(
                "What the invoices cover after the resumption is billed again from that day on.",
            )])
        credit = sum(self._get_credits(last_day).values())
        again = self._get_amount_billed_again(last_day)
        format_amount = self.contract_id.currency_id.format
        return "\n".join([
            text,
            self.env._(
                "Billed again from %(date)s on: %(amount)s", amount=format_amount(again),
                date=format_date(self.env, self.date_to + ONE_DAY),
            ),
            self.env._(
                "Net effect in favour of the customer: %(amount)s",
                amount=format_amount(credit - again),
            ),
        ])

    def _get_amount_billed_again(self, last_day):
        """Return the net amount of the charged days that the customer owes anew after the pause."""
        day, contract = self.date_to + ONE_DAY, self.contract_id
        amount = 0.0
        for owed in self._get_cut_payments(last_day).filtered(lambda o: o._is_charged()):
            # Without proration a started cycle stays charged whole.
            is_kept = contract.proration == "none" and owed.period_start <= last_day
            if owed.period_end < day or is_kept:
                continue
            period = owed._get_period()._replace(start=max(day, owed.period_start))
            line = owed.line_id
            price = line._get_price_at(line._get_invoice_date(period))
            amount += proration.prorate(
                line._get_period_price(price), contract.proration, period,
                contract.currency_id.round,
            )
        return amount

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
