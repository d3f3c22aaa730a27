"""Billing side of the invoice line: the promise and the service period it charges."""

from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Plain columns, none computed: installing must not touch every journal item of the company.
    aftersales_obligation_id = fields.Many2one(
        "aftersales.obligation", string="Contract Obligation", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
    )
    aftersales_contract_id = fields.Many2one(
        "aftersales.contract", string="Service Contract", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
    )
    aftersales_period_start = fields.Date(string="Service From", copy=False, readonly=True)
    aftersales_period_end = fields.Date(string="Service Until", copy=False, readonly=True)

    def _copy_data_extend_business_fields(self, values):
        """Let a credit note, and the invoice that corrects it, keep the source of the line.

        A plain duplicate of an invoice does not come here: it charges no period.
        """
        values.update({
            "aftersales_obligation_id": self.aftersales_obligation_id.id,
            "aftersales_contract_id": self.aftersales_contract_id.id,
            "aftersales_period_start": self.aftersales_period_start,
            "aftersales_period_end": self.aftersales_period_end,
        })
        return super()._copy_data_extend_business_fields(values)

    def _get_credits(self, states=("posted",)):
        """Return the credit note lines that take these charges back, in part or in full."""
        return self.aftersales_obligation_id.move_line_ids.filtered(
            lambda line: line.move_id.move_type == "out_refund"
            and line.parent_state in states
            and line.move_id.reversed_entry_id in self.move_id
        )

    def _is_credited(self):
        """Whether this charge was taken back in full."""
        credits = self._get_credits()
        return bool(credits) and self.currency_id.compare_amounts(
            sum(credits.mapped("price_subtotal")), self.price_subtotal,
        ) >= 0
