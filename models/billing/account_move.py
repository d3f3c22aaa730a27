"""Billing side of the invoice: the contracts it charges."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_contract_count = fields.Integer(
        string="Contract Count", compute="_compute_aftersales_contract_count",
    )

    @api.depends("invoice_line_ids.aftersales_contract_id")
    def _compute_aftersales_contract_count(self):
        for move in self:
            move.aftersales_contract_count = len(move.invoice_line_ids.aftersales_contract_id)

    def action_view_aftersales_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_action"
        )
        contracts = self.invoice_line_ids.aftersales_contract_id
        return {**action, "domain": [("id", "in", contracts.ids)], "context": {}}

    def write(self, vals):
        """Post complete invoices without looking for lines they might lack.

        They have all lines from the start, and posting changes none of what lines follow from.
        """
        complete = self.env.context.get("aftersales_complete_move_ids", frozenset())
        if vals.get("state") == "posted" and complete.issuperset(self.ids):
            self = self.with_context(skip_invoice_sync=True)  # noqa: PLW0642
        return super().write(vals)

    def _get_next_sequence_format(self):
        """Remember, within one billing batch, how numbers of a journal and date are written.

        The number itself still comes from the locked counter of the transaction.
        """
        formats = self.env.context.get("aftersales_sequence_formats")
        if formats is None:
            return super()._get_next_sequence_format()
        key = (self.journal_id, self.move_type, self.date)
        if key not in formats:
            formats[key] = super()._get_next_sequence_format()
        format_string, format_values = formats[key]
        return format_string, dict(format_values)

    def _creation_message(self):
        """Name the contracts an invoice comes from, where readers look for its origin."""
        message = super()._creation_message()
        contracts = self.invoice_line_ids.aftersales_contract_id
        if not contracts:
            return message
        return Markup("%s %s") % (
            message,
            self.env._(
                "from service contract %(contracts)s",
                contracts=Markup(", ").join(
                    contract._get_html_link(title=contract.name) for contract in contracts
                ),
            ),
        )

    def _create_aftersales_credit(self, lines_vals, reason):
        """Credit a part of this invoice: same parties, currency, journal and taxes.

        :param str reason: why, printed as the reference of the credit note
        :return: the credit note, in the state the contract wants its invoices in
        :raises UserError: when more would be given back than was charged
        """
        self.ensure_one()
        contract = self.invoice_line_ids.aftersales_contract_id[:1]
        billing = self.env["aftersales.billing"]
        credit = self.create({
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": billing._get_open_date(
                self.company_id, self.company_id._get_aftersales_today(),
            ),
            "invoice_user_id": self.invoice_user_id.id,
            "invoice_origin": self.invoice_origin,
            "reversed_entry_id": self.id,
            "ref": self.env._(
                "Credit of %(invoice)s: %(reason)s", invoice=self.name, reason=reason,
            ),
            "invoice_line_ids": lines_vals,
        })
        self._check_credited_amount()
        if contract.invoice_action != "draft":
            credit._post(soft=False)
        if contract.invoice_action == "post_send":
            billing._queue_sending(credit)
        return credit

    def _check_credited_amount(self):
        """Raise when the credit notes of this invoice exceed it by more than a rounding."""
        credits = self.reversal_move_ids.filtered(lambda move: move.state != "cancel")
        excess = sum(credits.mapped("amount_untaxed")) - self.amount_untaxed
        if self.currency_id.compare_amounts(excess, self.currency_id.rounding) > 0:
            raise UserError(self.env._(
                "Credit notes of %(invoice)s would exceed it by %(excess)s. Cancel the credit "
                "notes that were written by hand, or reduce them, and try again.",
                invoice=self.display_name, excess=self.currency_id.format(excess),
            ))

    def _get_aftersales_date_paid(self):
        """Return the day on which the invoice became fully paid."""
        self.ensure_one()
        terms = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return max(terms.matched_credit_ids.mapped("max_date"), default=self.invoice_date)
