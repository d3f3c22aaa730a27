"""Billing side of the obligation: a payment is derived from its live invoice line."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import float_round, format_date

from ...tools import proration
from ...tools.periods import ONE_DAY
from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS


class AftersalesObligation(models.Model):
    _inherit = "aftersales.obligation"

    move_line_ids = fields.One2many(
        "account.move.line", "aftersales_obligation_id", string="Invoice Lines",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Invoice Line", compute="_compute_billing", store=True,
        index="btree_not_null", ondelete="set null",
        help="The one live invoice line that charges this period.",
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", compute="_compute_billing", store=True,
        index="btree_not_null", ondelete="set null",
    )
    amount_billed = fields.Monetary(
        compute="_compute_billing", store=True, groups=PRICE_GROUPS,
    )
    billing_state = fields.Selection(
        selection=[("to_bill", "To bill"), ("draft", "Draft invoice"), ("billed", "Billed")],
        compute="_compute_billing", store=True,
        help="Follows from the live invoice: deleting, cancelling or crediting it in full makes "
             "the period billable again.",
    )

    _to_bill_idx = models.Index(
        "(company_id, date_planned) WHERE billing_state = 'to_bill'"
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends(
        "kind", "move_line_ids.parent_state", "move_line_ids.price_subtotal",
        "move_line_ids.move_id.payment_state",
    )
    def _compute_billing(self):
        """Find the live charge of each payment.

        Writing it on the one row of the period is also the lock between processes: whoever
        charges the period second fails on that row and starts anew.

        :raises ValidationError: when two live invoices would charge the same period
        """
        for obligation in self:
            charges = obligation._get_live_charges()
            if len(charges) > 1:
                obligation._raise_charged_twice(charges.move_id)
            obligation.move_line_id = charges
            obligation.move_id = charges.move_id
            obligation.amount_billed = charges.price_subtotal - sum(
                charges._get_credits().mapped("price_subtotal")
            )
            if obligation.kind != "payment":
                obligation.billing_state = False
            elif not charges:
                obligation.billing_state = "to_bill"
            else:
                is_draft = charges.parent_state == "draft"
                obligation.billing_state = "draft" if is_draft else "billed"

    def _get_live_charges(self):
        """Return the invoice lines that charge this period and were not taken back in full."""
        lines = self.move_line_ids.filtered(lambda line: line.parent_state != "cancel")
        charges = lines.filtered(
            lambda line: line.move_id.move_type == "out_invoice"
            and line.move_id.payment_state != "reversed"
        )
        return charges.filtered(lambda line: not line._is_credited())

    def _raise_charged_twice(self, moves):
        raise ValidationError(self.env._(
            "%(obligation)s would be charged twice, by %(moves)s. Cancel or delete one of these "
            "invoices first.",
            obligation=self.display_name, moves=", ".join(moves.mapped("display_name")),
        ))

    # By way of the lines, as above: from an invoice to its obligations no search is needed.
    @api.depends(
        "move_line_ids.move_id.state", "move_line_ids.move_id.payment_state",
        "move_line_ids.move_id.invoice_date_due",
    )
    def _compute_performance(self):
        payments = self.filtered(lambda obligation: obligation.kind == "payment")
        for obligation in payments:
            move = obligation.move_id
            is_paid = move.state == "posted" and move.payment_state in ("paid", "in_payment")
            obligation.date_due = move.invoice_date_due if move.state == "posted" else False
            obligation.date_done = move._get_aftersales_date_paid() if is_paid else False
        return super(AftersalesObligation, self - payments)._compute_performance()

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        if vals.get("waive_reason"):
            self._check_not_billed()
        return super().write(vals)

    def _check_not_billed(self):
        if self.env["aftersales.contract"]._is_agreed():
            return
        for obligation in self:
            if obligation.move_id:
                raise UserError(self.env._(
                    "%(obligation)s is on invoice %(move)s. Cancel or credit that invoice "
                    "before you waive the period.",
                    obligation=obligation.display_name, move=obligation.move_id.display_name,
                ))

    # -------------------------------------------------------------------------
    # Agreed ends: what was charged too much is given back
    # -------------------------------------------------------------------------

    def _is_charged(self):
        return self.billing_state == "billed"

    def _get_promised_end(self):
        """What was charged was promised, even where the line has been interrupted since."""
        return self.move_line_id.aftersales_period_end or super()._get_promised_end()

    def _is_mere_plan(self):
        return super()._is_mere_plan() and not self.sudo().move_line_ids

    def _cut_after(self, last_day, reason, credit=True):
        charged = self.sudo().filtered(lambda o: o.move_id and o.period_end > last_day)
        charged.lock_for_update(allow_referencing=True)
        charged._take_from_drafts()
        if credit:
            charged.filtered("move_id")._credit_after(last_day, reason)
        return super()._cut_after(last_day, reason, credit=credit)

    def _take_from_drafts(self):
        """Take these periods off draft invoices; what is owed of them is billed anew."""
        moves = self.move_id.filtered(lambda move: move.state == "draft")
        lines = moves.invoice_line_ids.filtered(
            lambda line: line.aftersales_obligation_id in self
        )
        lines.unlink()
        moves.filtered(
            lambda move: "product" not in move.invoice_line_ids.mapped("display_type")
        ).button_cancel()

    def _credit_after(self, last_day, reason):
        """Give back what was charged for days after ``last_day``, at the price that was charged.

        One credit note per invoice, linked to it, in the state the contract wants invoices in.
        A day is never given back twice: what earlier credit notes took back is deducted.

        :return: the credit notes
        """
        moves = self.env["account.move"]
        for invoice, obligations in self.grouped("move_id").items():
            lines_vals = [
                Command.create(obligation._prepare_credit_line_vals(amount, last_day))
                for obligation in obligations
                if (amount := obligation._get_amount_to_credit(last_day)) > 0
            ]
            if lines_vals:
                moves |= invoice._create_aftersales_credit(lines_vals, reason)
        return moves

    def _get_amount_to_credit(self, last_day):
        """Return the net amount charged for the days after ``last_day`` and not yet given back."""
        charge = self.move_line_id
        charged = self._get_period()._replace(
            start=charge.aftersales_period_start, end=charge.aftersales_period_end,
        )
        mode, round_amount = self.contract_id.proration, self.currency_id.round
        kept = 0.0
        if last_day >= charged.start:
            kept_share = proration.share(mode, charged._replace(end=min(last_day, charged.end)))
            part = kept_share / proration.share(mode, charged)
            kept = round_amount(charge.price_subtotal * float(part))
        credits = charge._get_credits(states=("draft", "posted"))
        given_back = sum(credits.mapped("price_subtotal"))
        return round_amount(charge.price_subtotal - given_back - kept)

    def _prepare_credit_line_vals(self, amount, last_day):
        """Return the credit note line that gives back ``amount`` of this period's charge."""
        charge = self.move_line_id
        first = max(last_day + ONE_DAY, charge.aftersales_period_start)
        lang = charge.move_id.partner_id.lang or self.env.lang
        texts = self.with_context(lang=lang)
        return {
            "display_type": "product",
            "product_id": charge.product_id.id,
            "product_uom_id": charge.product_uom_id.id,
            "account_id": charge.account_id.id,
            "tax_ids": [Command.set(charge.tax_ids.ids)],
            "name": texts.env._(
                "%(service)s\nCredit for %(start)s – %(end)s",
                service=charge.name.split("\n")[0],
                start=format_date(texts.env, first),
                end=format_date(texts.env, charge.aftersales_period_end),
            ),
            "quantity": charge.quantity,
            "discount": charge.discount,
            "price_unit": self._get_credit_price(charge, amount),
            "analytic_distribution": charge.analytic_distribution,
            "aftersales_obligation_id": self.id,
            "aftersales_contract_id": self.contract_id.id,
            "aftersales_period_start": first,
            "aftersales_period_end": charge.aftersales_period_end,
        }

    def _get_credit_price(self, charge, amount):
        """Return the unit price whose net is ``amount``; of a price with tax, its exact part."""
        if any(charge.tax_ids.mapped("price_include")):
            return charge.price_unit * amount / charge.price_subtotal
        return self._get_shortest_price(
            amount, charge.quantity * (1 - charge.discount / 100.0),
        )

    # -------------------------------------------------------------------------
    # Invoicing
    # -------------------------------------------------------------------------

    @api.model
    def _get_to_bill_domain(self, date_until):
        """Return the payments whose invoice day has come by ``date_until``."""
        return (
            Domain("billing_state", "=", "to_bill")
            & Domain("waive_reason", "in", (False, ""))
            & Domain("date_planned", "<=", date_until)
            & Domain("contract_id.state", "in", self.env["aftersales.contract"]._BILLABLE_STATES)
        )

    def _prepare_invoice_line_vals(self, invoice_date, sequence):
        """Return the invoice line of this period, its text in the language of the context."""
        self.ensure_one()
        line = self.line_id
        return {
            "display_type": "product",
            "sequence": sequence,
            "product_id": line.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "name": self._get_invoice_line_name(),
            "quantity": line.quantity,
            "price_unit": self._get_invoice_price(line._get_price_at(invoice_date)),
            "discount": line.discount,
            "aftersales_obligation_id": self.id,
            "aftersales_contract_id": self.contract_id.id,
            "aftersales_period_start": self.period_start,
            "aftersales_period_end": self.period_end,
            **(
                {"analytic_distribution": line.analytic_distribution}
                if line.analytic_distribution else {}
            ),
        }

    def _get_invoice_price(self, price_unit):
        """Return the unit price that makes the line's net amount the exact part of its period."""
        period = self._get_period()
        if period.is_full:
            return price_unit
        line = self.line_id
        units = line.quantity * (1 - line.discount / 100.0)
        if not units:
            return price_unit * float(proration.share(self.contract_id.proration, period))
        return self._get_shortest_price(self._get_amount_at(price_unit), units)

    def _get_shortest_price(self, amount, units):
        """Return the price with the fewest decimals that still gives exactly ``amount``."""
        price = amount / units
        for digits in range(self.env["decimal.precision"].precision_get("Product Price"), 10):
            shorter = float_round(price, precision_digits=digits)
            if not self.currency_id.compare_amounts(shorter * units, amount):
                return shorter
        return price

    def _get_invoice_amount(self, invoice_date):
        """Return the net amount of the period at the prices of ``invoice_date``."""
        return self._get_amount_at(self.line_id._get_price_at(invoice_date))

    def _get_amount_at(self, price_unit):
        return proration.prorate(
            self.line_id._get_period_price(price_unit), self.contract_id.proration,
            self._get_period(), self.currency_id.round,
        )

    def _get_invoice_line_name(self):
        parts = [self.line_id.name, self.line_id._get_covered_text(), self._get_period_text()]
        return "\n".join(filter(None, parts))

    def _get_period_text(self):
        """Return the sentence that tells the customer which days the line charges."""
        if self.line_id.recurrence_unit == "once":
            return ""
        dates = {
            "start": format_date(self.env, self.period_start),
            "end": format_date(self.env, self.period_end),
        }
        period = self._get_period()
        if period.is_full or self.contract_id.proration == "none":
            return self.env._("Service period %(start)s – %(end)s", **dates)
        return self.env._(
            "Service period %(start)s – %(end)s (%(days)s of %(total)s days)",
            **dates, **self._get_day_counts(),
        )

    def _get_day_counts(self):
        count = proration.DAY_COUNTS[self.contract_id.proration]
        return {
            "days": count(self.period_start, self.period_end),
            "total": count(self.cycle_start, self.cycle_end),
        }
