from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

# What a complete invoice needs no second thoughts about (see _is_provable).
_PROVABLE_TAX = {
    "amount_type": "percent", "price_include": False, "include_base_amount": False,
    "is_base_affected": True, "tax_exigibility": "on_invoice", "has_negative_factor": False,
}


class AftersalesInvoiceBuilder(models.AbstractModel):
    """Creates customer invoices in batches, alike to Odoo's own to the last column.

    Odoo finds out tax and receivable lines of an invoice while it writes it, line by line. Here
    they are computed beforehand, by Odoo's own tax and payment-term engines, and the invoice is
    written complete. An invoice for which this is not provably the same takes the plain way.
    """

    _name = "aftersales.invoice.builder"
    _description = "Invoice Builder"

    @api.model
    def _create_invoices(self, vals_list):
        """Create one customer invoice per values, in their order.

        :return: the invoices, and those of them that were written complete
        :param vals_list: header values with explicit journal, currency, dates and partners, and
            ``invoice_line_ids`` of sections and product lines
        """
        memo = defaultdict(dict)
        # Records browsed one by one would be read one by one.
        memo["partners"] = [vals["partner_id"] for vals in vals_list]
        completed = [self._complete(vals, memo) for vals in vals_list]
        complete_moves = self._create_complete([vals for vals in completed if vals])
        ids = iter(complete_moves.ids)
        plain = iter(self._create_plain([
            vals for vals, complete in zip(vals_list, completed, strict=True) if not complete
        ]).ids)
        moves = self.env["account.move"].sudo().browse(
            next(ids) if complete else next(plain) for complete in completed
        )
        self._subscribe_managers(moves)
        return moves, complete_moves

    def _post(self, moves, complete_moves):
        """Post invoices of one batch; what Odoo would do one by one is done once for all."""
        ranks = defaultdict(int)
        moves.with_context(
            aftersales_sequence_formats={},
            aftersales_complete_move_ids=frozenset(complete_moves.ids),
            aftersales_ranks=ranks,
        )._post(soft=False)
        self.env["res.partner"].sudo()._raise_ranks(ranks)

    def _create_plain(self, vals_list):
        return self.env["account.move"].sudo().with_context(
            mail_create_nosubscribe=True, mail_auto_subscribe_no_notify=True,
        ).create(vals_list)

    def _create_complete(self, vals_list):
        """Write complete invoices quietly, then log their creation in one batch."""
        moves = self.env["account.move"].sudo().with_context(
            tracking_disable=True, skip_invoice_sync=True, skip_invoice_line_sync=True,
            skip_analytic_sync=True,
        ).create(vals_list)
        self._check_totals(moves, vals_list)
        moves._message_log_batch(bodies={move.id: move._creation_message() for move in moves})
        return moves

    def _subscribe_managers(self, moves):
        """Let the contract managers, not whoever started the run, follow their invoices."""
        for manager, own in moves.grouped("invoice_user_id").items():
            if manager:
                self.env["mail.followers"]._insert_followers(
                    moves._name, own.ids, manager.partner_id.ids,
                    check_existing=True, existing_policy="skip",
                )

    def _check_totals(self, moves, vals_list):
        """Raise when Odoo, adding up what was written, comes to another total than announced."""
        for move, vals in zip(moves, vals_list, strict=True):
            announced = sum(
                line["amount_currency"] for _command, _id, line in vals["line_ids"]
                if line["display_type"] == "payment_term"
            )
            if move.currency_id.compare_amounts(move.amount_total, announced):
                raise UserError(self.env._(
                    "The invoice of %(origin)s adds up to %(total)s instead of %(announced)s. "
                    "Please report this with the taxes and payment terms of the contract.",
                    origin=move.invoice_origin, total=move.amount_total, announced=announced,
                ))

    # -------------------------------------------------------------------------
    # Complete values
    # -------------------------------------------------------------------------

    def _complete(self, vals, memo):
        """Return the values with all journal items, or None when the plain way must be taken."""
        head = self._get_head(vals, memo)
        base_lines = self._get_base_lines(vals, head, memo)
        if not self._is_provable(head, base_lines, memo):
            return None
        product_lines, tax_lines = self._compute_taxes(base_lines, head)
        return {
            **{key: value for key, value in vals.items() if key != "invoice_line_ids"},
            "line_ids": [
                *(Command.create(line) for line in self._merge_lines(vals, product_lines)),
                *(Command.create(line) for line in tax_lines),
                *(
                    Command.create(line)
                    for line in self._get_term_lines(head, product_lines, tax_lines)
                ),
            ],
        }

    def _get_head(self, vals, memo):
        env = self.env
        company = env["res.company"].browse(vals["company_id"])
        partner = env["res.partner"].with_company(company).browse(vals["partner_id"])
        currency = env["res.currency"].browse(vals["currency_id"])
        return {
            "company": company,
            "partner": partner.with_prefetch(memo["partners"]),
            "currency": currency,
            "journal": env["account.journal"].browse(vals["journal_id"]),
            "date": vals["invoice_date"],
            "payment_term": env["account.payment.term"].browse(vals["invoice_payment_term_id"]),
            "fiscal_position": env["account.fiscal.position"].browse(
                vals["fiscal_position_id"]
            ),
            "rate": env["res.currency"]._get_conversion_rate(
                company.currency_id, currency, company, vals["invoice_date"],
            ),
        }

    def _get_base_lines(self, vals, head, memo):
        return [
            self._get_base_line(line, head, memo)
            for _command, _id, line in vals["invoice_line_ids"]
            if line["display_type"] == "product"
        ]

    def _get_base_line(self, line, head, memo):
        account, taxes = self._get_account_and_taxes(line["product_id"], head, memo)
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            {},
            product_id=self.env["product.product"].browse(line["product_id"]),
            product_uom_id=self.env["uom.uom"].browse(line["product_uom_id"]),
            price_unit=line["price_unit"],
            quantity=line["quantity"],
            discount=line["discount"],
            currency_id=head["currency"],
            partner_id=head["partner"].commercial_partner_id,
            account_id=account,
            tax_ids=taxes,
            analytic_distribution=line.get("analytic_distribution"),
            rate=head["rate"],
            sign=-1,
            is_refund=False,
            name=line["name"],
        )

    def _get_account_and_taxes(self, product_id, head, memo):
        """Return what Odoo itself would put on an invoice line of this product."""
        key = (product_id, head["company"], head["journal"], head["fiscal_position"])
        if key not in memo["account_and_taxes"]:
            move = self.env["account.move"].sudo().with_company(head["company"]).new({
                "move_type": "out_invoice",
                "company_id": head["company"].id,
                "journal_id": head["journal"].id,
                "fiscal_position_id": head["fiscal_position"].id,
                "invoice_line_ids": [Command.create({"product_id": product_id})],
            })
            line = move.invoice_line_ids
            memo["account_and_taxes"][key] = line.account_id._origin, line.tax_ids._origin
        return memo["account_and_taxes"][key]

    def _compute_taxes(self, base_lines, head):
        """Return amounts of the product lines and the tax lines, by Odoo's own engine."""
        tax_model, company = self.env["account.tax"], head["company"]
        tax_model._add_tax_details_in_base_lines(base_lines, company)
        tax_model._round_base_lines_tax_details(base_lines, company)
        tax_model._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        result = tax_model._prepare_tax_lines(base_lines, company)
        product_lines = [
            {
                **amounts,
                "account_id": base_line["account_id"].id,
                "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                "partner_id": base_line["partner_id"].id,
                "currency_id": base_line["currency_id"].id,
                # Explicitly none: there is no distribution model that Odoo could look up.
                "analytic_distribution": base_line["analytic_distribution"] or False,
            }
            for base_line, amounts in result["base_lines_to_update"]
        ]
        tax_lines = [{**line, "display_type": "tax"} for line in result["tax_lines_to_add"]]
        return product_lines, tax_lines

    def _merge_lines(self, vals, product_lines):
        amounts = iter(product_lines)
        return [
            {**line, **next(amounts)} if line["display_type"] == "product" else line
            for _command, _id, line in vals["invoice_line_ids"]
        ]

    def _get_term_lines(self, head, product_lines, tax_lines):
        """Return the receivable lines, split by the payment term."""
        untaxed_currency = -sum(line["amount_currency"] for line in product_lines)
        untaxed = -sum(line["balance"] for line in product_lines)
        tax_currency = -sum(line["amount_currency"] for line in tax_lines)
        tax = -sum(line["balance"] for line in tax_lines)
        common = {
            "display_type": "payment_term",
            "discount_balance": 0.0,
            "discount_amount_currency": 0.0,
            "account_id": self._get_receivable_account(head).id,
            "partner_id": head["partner"].commercial_partner_id.id,
            "currency_id": head["currency"].id,
        }
        if not head["payment_term"]:
            return [{
                **common,
                "date_maturity": head["date"],
                "amount_currency": head["currency"].round(untaxed_currency + tax_currency),
                "balance": head["company"].currency_id.round(untaxed + tax),
            }]
        terms = head["payment_term"]._compute_terms(
            date_ref=head["date"], currency=head["currency"], company=head["company"],
            tax_amount=tax, tax_amount_currency=tax_currency, sign=1,
            untaxed_amount=untaxed, untaxed_amount_currency=untaxed_currency,
        )
        amounts = defaultdict(lambda: [0.0, 0.0])
        for term in terms["line_ids"]:
            amounts[term["date"]][0] += term["foreign_amount"]
            amounts[term["date"]][1] += term["company_amount"]
        return [
            {**common, "date_maturity": day, "amount_currency": foreign, "balance": balance}
            for day, (foreign, balance) in amounts.items()
        ]

    def _get_receivable_account(self, head):
        """Return the customer's receivable account, or the company's, as Odoo chooses it."""
        partner = head["partner"].commercial_partner_id
        own = head["company"].partner_id.with_company(head["company"])
        account = partner.property_account_receivable_id or own.property_account_receivable_id
        return head["fiscal_position"].map_account(account)

    # -------------------------------------------------------------------------
    # Where alike is proven
    # -------------------------------------------------------------------------

    def _is_provable(self, head, base_lines, memo):
        """Whether the tests prove that complete values come out as Odoo's own would."""
        company = head["company"]
        if company not in memo["company"]:
            memo["company"][company] = self._is_company_provable(company)
        return (
            memo["company"][company]
            and not head["payment_term"].early_discount
            and bool(self._get_receivable_account(head))
            and all(self._is_line_provable(base_line) for base_line in base_lines)
        )

    def _is_company_provable(self, company):
        return not (
            company.parent_id
            or company.account_storno
            or company.account_discount_expense_allocation_id
            or self.env["account.analytic.distribution.model"].sudo().search_count([], limit=1)
        )

    def _is_line_provable(self, base_line):
        return (
            base_line["product_id"].type == "service"
            and bool(base_line["account_id"])
            and all(
                tax[field_name] == value
                for tax in base_line["tax_ids"]
                for field_name, value in _PROVABLE_TAX.items()
            )
        )
