"""Billing side of the invoice: the contracts it charges."""

from markupsafe import Markup

from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_contract_count = fields.Integer(compute="_compute_aftersales_contract_count")

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

    def _get_aftersales_date_paid(self):
        """Return the day on which the invoice became fully paid."""
        self.ensure_one()
        terms = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return max(terms.matched_credit_ids.mapped("max_date"), default=self.invoice_date)
