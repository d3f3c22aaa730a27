from odoo import api, fields, models

from ...tools.periods import ONE_DAY


class AftersalesContractTerminateLine(models.TransientModel):
    """What a termination would do to one period of the register."""

    _name = "aftersales.contract.terminate.line"
    _description = "Termination Preview Line"
    _order = "id"

    wizard_id = fields.Many2one(
        "aftersales.contract.terminate", required=True, ondelete="cascade", index=True,
    )
    obligation_id = fields.Many2one("aftersales.obligation", required=True, ondelete="cascade")
    name = fields.Text(related="obligation_id.line_id.name", string="Service")
    currency_id = fields.Many2one(related="obligation_id.currency_id")
    effect = fields.Selection(
        selection=[
            ("credit", "Credited"),
            ("draft", "Taken off the draft"),
            ("drop", "No longer owed"),
        ],
        required=True,
    )
    invoice = fields.Char()
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    amount = fields.Monetary(help="Net amount, before tax.")

    @api.model
    def _prepare_preview_vals(self, obligation, last_day):
        """Return the values of the line for ``obligation`` when all ends with ``last_day``."""
        if obligation.billing_state == "billed":
            effect, amount = "credit", obligation._get_amount_to_credit(last_day)
        else:
            effect = "draft" if obligation.billing_state == "draft" else "drop"
            amount = obligation.amount
            if obligation.period_start <= last_day:
                amount -= obligation._prepare_shortened_vals(last_day)["amount"]
        return {
            "obligation_id": obligation.id,
            "effect": effect,
            "invoice": obligation.move_id.display_name,
            "date_from": max(obligation.period_start, last_day + ONE_DAY),
            "date_to": obligation.period_end,
            "amount": obligation.currency_id.round(amount),
        }
