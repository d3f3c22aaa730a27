"""Billing side of the service contract: how it is invoiced, and what stands in the way."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS
from .res_company import INVOICE_ACTIONS

# Invoices named in the message to those who bill without reading the books.
MAX_DESCRIBED = 8
_PROBLEM_ACTIVITY = "aftersales.mail_activity_type_billing_problem"


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    invoice_action = fields.Selection(
        INVOICE_ACTIONS, string="Invoices Are", required=True, tracking=True,
        default=lambda self: self.env.company.aftersales_invoice_action,
    )
    invoice_grouping = fields.Selection(
        selection=[
            ("contract", "One invoice per contract"),
            ("customer", "Together with the customer's other contracts"),
        ],
        string="Grouping", required=True, default="contract",
        help="Grouped are contracts with the same invoicing contact, currency, payment terms, "
             "fiscal position and journal.",
    )
    journal_id = fields.Many2one(
        "account.journal", check_company=True, index="btree_not_null",
        domain="[('type', '=', 'sale')]", help="Empty: the sales journal Odoo would choose.",
    )
    invoice_journal_id = fields.Many2one(
        "account.journal", compute="_compute_invoice_journal_id",
        help="The journal of the invoices: the contract's own, or the one Odoo chooses.",
    )
    customer_reference_required = fields.Boolean(
        string="PO Required", help="Do not invoice before the customer's PO number is known.",
    )
    billing_error = fields.Text(
        readonly=True, copy=False, groups="base.group_user",
        help="Why the last billing run skipped this contract.",
    )
    next_invoice_date = fields.Date(
        compute="_compute_next_invoice_date", groups="base.group_user",
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count", groups="base.group_user")
    amount_billed = fields.Monetary(compute="_compute_amount_billed", groups=PRICE_GROUPS)

    _billing_error_idx = models.Index("(company_id) WHERE billing_error IS NOT NULL")

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("journal_id", "company_id", "currency_id")
    def _compute_invoice_journal_id(self):
        for (company, currency), contracts in self.grouped(
            lambda contract: (contract.company_id, contract.currency_id)
        ).items():
            default_journal = company._get_aftersales_sale_journal(currency)
            for contract in contracts:
                contract.invoice_journal_id = contract.journal_id or default_journal

    @api.depends("obligation_ids.billing_state", "obligation_ids.waive_reason")
    def _compute_next_invoice_date(self):
        dates = dict(self.env["aftersales.obligation"]._read_group(
            Domain("contract_id", "in", self.ids) & Domain("billing_state", "=", "to_bill")
            & Domain("waive_reason", "in", (False, "")),
            ["contract_id"], ["date_planned:min"],
        ))
        for contract in self:
            contract.next_invoice_date = dates.get(contract, False)

    @api.depends("obligation_ids.move_id")
    def _compute_invoice_count(self):
        counts = dict(self.env["account.move.line"].sudo()._read_group(
            [("aftersales_contract_id", "in", self.ids)],
            ["aftersales_contract_id"], ["move_id:count_distinct"],
        ))
        for contract in self:
            contract.invoice_count = counts.get(contract, 0)

    @api.depends("obligation_ids.amount_billed")
    def _compute_amount_billed(self):
        amounts = dict(self.env["aftersales.obligation"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id"], ["amount_billed:sum"],
        ))
        for contract in self:
            contract.amount_billed = amounts.get(contract, 0.0)

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_bill(self):
        """Invoice now what is due until today.

        :raises UserError: when something stands in the way of one contract; nothing is billed
        """
        self._check_may_bill()
        moves = self.env["account.move"]
        for company, contracts in self._with_invoice_mates().grouped("company_id").items():
            today = company._get_aftersales_today()
            moves |= self.env["aftersales.billing"]._bill_or_raise(contracts, today, today)
        if not moves:
            raise UserError(self.env._(
                "Nothing is due to be invoiced until today. The next invoice day is on the "
                "contract; to invoice earlier, use Billing ▸ Run Billing with a later date.",
            ))
        return self._get_invoices_action(moves)

    def _with_invoice_mates(self):
        """Return these contracts with those that share an invoice with them."""
        grouped = self.filtered(lambda contract: contract.invoice_grouping == "customer")
        if not grouped:
            return self
        keys = {contract._get_invoice_key() for contract in grouped}
        mates = self.search([
            ("invoice_grouping", "=", "customer"), ("state", "in", self._BILLABLE_STATES),
            ("invoice_partner_id", "in", grouped.invoice_partner_id.ids),
        ])
        return self | mates.filtered(lambda contract: contract._get_invoice_key() in keys)

    def action_view_invoices(self):
        lines = self.env["account.move.line"].search([("aftersales_contract_id", "in", self.ids)])
        return self._get_invoices_action(lines.move_id)

    def _get_invoices_action(self, moves):
        """Open the invoices, or tell of them those who bill without reading the books."""
        if not moves.has_access("read"):
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "sticky": True,
                    "title": self.env._("Invoices created: %(count)s", count=len(moves)),
                    "message": self._describe_invoices(moves),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_invoice_action"
        )
        action.update({"domain": [("id", "in", moves.ids)], "context": {}})
        if len(moves) == 1:
            action.update({"views": [(False, "form")], "res_id": moves.id})
        return action

    def _describe_invoices(self, moves):
        """Return number, state and total of some invoices, for those who cannot open them."""
        moves_sudo = moves.sudo()
        labels = dict(moves_sudo._fields["state"]._description_selection(self.env))
        texts = [
            f"{move.name or move.display_name} ({labels[move.state]}): "
            f"{move.currency_id.format(move.amount_total)}"
            for move in moves_sudo[:MAX_DESCRIBED]
        ]
        return "; ".join(texts) + (" …" if len(moves) > MAX_DESCRIBED else "")

    def _check_may_bill(self):
        """Raise unless the user may invoice contracts, whatever their accounting rights."""
        self.check_access("read")
        if not (
            self.env.su
            or self.env.user.has_group("aftersales.group_contract_officer")
            or self.env.user.has_group("account.group_account_invoice")
        ):
            raise AccessError(self.env._(
                "Invoicing contracts is for contract officers and accountants. Ask one of them "
                "to run the billing.",
            ))

    def _bill(self, date_until, invoice_date=None):
        """Invoice what these contracts owe by ``date_until``; broken ones are flagged, not billed.

        :param invoice_date: date of the invoices, today of each company by default
        :return: the invoices created
        """
        self._check_may_bill()
        moves = self.env["account.move"]
        for company, contracts in self.grouped("company_id").items():
            moves |= self.env["aftersales.billing"]._bill_or_flag(
                contracts,
                fields.Date.to_date(date_until),
                fields.Date.to_date(invoice_date) or company._get_aftersales_today(),
            )
        return moves

    @api.model
    def _cron_bill(self):
        """Bill what is due today, company by company."""
        self.env["aftersales.billing"]._run()

    # -------------------------------------------------------------------------
    # What stands in the way
    # -------------------------------------------------------------------------

    def _get_billing_blockers(self, obligations, invoice_date):
        """Return why this contract cannot be invoiced: every reason, each with its remedy."""
        self.ensure_one()
        return [
            *self._get_party_blockers(),
            *self._get_reference_blockers(),
            *self._get_currency_blockers(invoice_date),
            *self._get_journal_blockers(),
            *(
                blocker
                for line in obligations.line_id
                for blocker in line._get_billing_blockers(invoice_date)
            ),
        ]

    def _get_reference_blockers(self):
        if not self.customer_reference_required or self.customer_reference:
            return []
        return [self.env._(
            "The customer wants a PO number on the invoice and the contract has none. Enter it "
            "in “Customer PO”.",
        )]

    def _get_currency_blockers(self, invoice_date):
        currency, company = self.currency_id, self.company_id
        if not currency.active:
            return [self.env._(
                "Currency %(currency)s is archived. Activate it.", currency=currency.name,
            )]
        if currency != company.currency_id and not self._has_currency_rate(invoice_date):
            return [self.env._(
                "Currency %(currency)s has no rate on or before %(date)s in %(company)s. Enter a "
                "rate for it.",
                currency=currency.name, date=format_date(self.env, invoice_date),
                company=company.name,
            )]
        return []

    def _has_currency_rate(self, date):
        return bool(self.env["res.currency.rate"].sudo().search_count([
            ("currency_id", "=", self.currency_id.id), ("name", "<=", date),
            ("company_id", "in", (False, self.company_id.root_id.id)),
        ], limit=1))

    def _get_journal_blockers(self):
        journal = self.invoice_journal_id
        if not journal:
            return [self.env._(
                "Company %(company)s has no sales journal. Create one in Invoicing ▸ "
                "Configuration ▸ Journals.", company=self.company_id.name,
            )]
        if not journal.active:
            return [self.env._(
                "Journal %(journal)s is archived. Choose another one on the contract.",
                journal=journal.display_name,
            )]
        return []

    def _flag_billing_error(self, problem):
        """Write the problem on the contract and ask its manager to solve it, once."""
        self.ensure_one()
        if self.billing_error != problem:
            self.billing_error = problem
        if not self.activity_search([_PROBLEM_ACTIVITY]):
            self.activity_schedule(
                _PROBLEM_ACTIVITY,
                note=self.env._("The reason stands on the contract. Solve it and bill again."),
                user_id=(self.user_id or self.env.user).id,
            )

    def _clear_billing_error(self):
        """Take back the flag and the activity of contracts that could be billed."""
        flagged = self.filtered("billing_error")
        flagged.activity_feedback([_PROBLEM_ACTIVITY])
        flagged.billing_error = False

    # -------------------------------------------------------------------------
    # From obligations to an invoice
    # -------------------------------------------------------------------------

    def _get_invoice_key(self):
        """Return what contracts must share to stand on one invoice."""
        self.ensure_one()
        if self.invoice_grouping == "contract":
            return (self.id,)
        return (
            "customer", self.company_id.id, self.invoice_partner_id.id, self.currency_id.id,
            self.payment_term_id.id, self._get_fiscal_position().id, self.journal_id.id,
            self.invoice_action,
        )

    def _get_fiscal_position(self):
        """Return the fiscal position Odoo chooses for the invoicing contact and the site."""
        return self.env["account.fiscal.position"].with_company(
            self.company_id
        )._get_fiscal_position(self.invoice_partner_id, delivery=self.site_partner_id)

    def _get_obligations_to_bill(self, date_until):
        """Return what these contracts owe by ``date_until``, locked against other processes."""
        obligations = self.env["aftersales.obligation"].search(
            self.env["aftersales.obligation"]._get_to_bill_domain(date_until)
            & Domain("contract_id", "in", self.ids),
            order="contract_id, date_planned, id",
        )
        return obligations.try_lock_for_update(allow_referencing=True)

    def _prepare_invoice_vals(self, obligations, invoice_date):
        """Return one invoice for these contracts: header, and lines in the customer's language."""
        first = next(iter(self))  # unlike self[0], it is read together with its peers
        lang = first.invoice_partner_id.lang or self.env.lang
        references = dict.fromkeys(filter(None, self.mapped("customer_reference")))
        return {
            "move_type": "out_invoice",
            "company_id": first.company_id.id,
            "journal_id": first.invoice_journal_id.id,
            "partner_id": first.invoice_partner_id.id,
            "partner_shipping_id": self._get_delivery_address().id,
            "fiscal_position_id": first._get_fiscal_position().id,
            "currency_id": first.currency_id.id,
            "invoice_date": invoice_date,
            "invoice_payment_term_id": first.payment_term_id.id,
            **({} if first.payment_term_id else {"invoice_date_due": invoice_date}),
            "invoice_user_id": first.user_id.id,
            "invoice_origin": ", ".join(self.mapped("name")),
            "ref": ", ".join(references) or False,
            "invoice_line_ids": [
                Command.create(vals)
                for vals in self.with_context(lang=lang)._prepare_invoice_lines_vals(
                    obligations.with_context(lang=lang), invoice_date,
                )
            ],
        }

    def _get_delivery_address(self):
        """Return the service address the contracts share, else the one of the customer."""
        if len(self.site_partner_id) == 1:
            return self.site_partner_id
        partner = self.invoice_partner_id
        return partner.browse(partner.address_get(["delivery"])["delivery"])

    def _prepare_invoice_lines_vals(self, obligations, invoice_date):
        vals_list = []
        by_contract = obligations.grouped("contract_id")
        for contract in self:
            if len(self) > 1:
                vals_list.append({
                    "display_type": "line_section",
                    "sequence": len(vals_list) + 1,
                    "name": self.env._("Contract %(name)s", name=contract.display_name),
                    "aftersales_contract_id": contract.id,
                })
            for obligation in by_contract[contract].sorted(
                lambda o: (o.period_start, o.line_id.sequence, o.line_id.id)
            ):
                vals_list.append(
                    obligation._prepare_invoice_line_vals(invoice_date, len(vals_list) + 1)
                )
        return vals_list
