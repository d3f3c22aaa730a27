from odoo import fields, models
from odoo.tools import format_date


class AftersalesEndingPreviewMixin(models.AbstractModel):
    """What a wizard that ends lines tells beforehand: what is given back, and which drafts change.

    The model brings ``contract_id``, or says which lines end; it says when its labels are to be
    reckoned anew.
    """

    _name = "aftersales.ending.preview.mixin"
    _description = "Preview of What Ends"

    credit_label = fields.Text(string="Credited", compute="_compute_preview")
    draft_label = fields.Text(
        string="Draft Invoices", compute="_compute_preview",
        help="Drafts lose the periods concerned; what remains owed of them is billed anew.",
    )

    def _compute_preview(self):
        for wizard in self:
            last_day = wizard._get_last_charged_day()
            wizard.credit_label = last_day and wizard._get_credit_text(last_day)
            wizard.draft_label = last_day and wizard._get_draft_text(last_day)

    def _get_last_charged_day(self):
        """Return the last day that stays charged, False while nothing ends (hook)."""
        return False

    def _get_ending_lines(self, last_day):
        """Return the lines that end with ``last_day`` (hook): all."""
        return self.contract_id.line_ids

    def _get_cut_payments(self, last_day):
        """Return the payments of the register that reach beyond ``last_day``."""
        # Whoever may end the contract may see what it costs, whatever their accounting rights.
        return self._get_ending_lines(last_day).sudo().obligation_ids.filtered(
            lambda owed: owed.kind == "payment" and owed.period_end > last_day
        )

    def _get_credits(self, last_day):
        """Return the net amount each invoice would give back."""
        totals, lines = {}, self._get_ending_lines(last_day)
        for owed, amount in lines.contract_id._get_credit_preview(last_day).items():
            if owed.line_id in lines:
                totals[owed.move_id] = totals.get(owed.move_id, 0.0) + amount
        return totals

    def _get_credit_text(self, last_day):
        return "\n".join(
            f"{move.name}: {move.currency_id.format(amount)}"
            for move, amount in self._get_credits(last_day).items()
        )

    def _get_draft_text(self, last_day):
        """Return which draft invoices lose lines, one a row; empty for none."""
        moves = self._get_cut_payments(last_day).move_id.filtered(lambda m: m.state == "draft")
        if not moves:
            return False
        return "\n".join([
            self.env._("They lose these periods; what remains owed of them is billed anew:"),
            *(self._get_draft_name(move) for move in moves),
        ])

    def _get_draft_name(self, move):
        """Return the number of a draft that has one; of others, whose it is and of which day."""
        if move.name and move.name != "/":
            return move.name
        return self.env._(
            "draft of %(customer)s, %(date)s",
            customer=move.commercial_partner_id.display_name,
            date=format_date(self.env, move.invoice_date or move.create_date),
        )
