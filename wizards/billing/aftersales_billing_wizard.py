from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date


class AftersalesBillingWizard(models.TransientModel):
    """Bill until a date, with a preview of every period before anything is invoiced."""

    _name = "aftersales.billing.wizard"
    _description = "Run Billing"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self._get_chosen_company(),
    )
    date_until = fields.Date(
        string="Bill Until", required=True,
        default=lambda self: self.env.company._get_aftersales_today(),
        help="Periods whose invoice day has come by then are invoiced.",
    )
    invoice_date = fields.Date(
        required=True, default=lambda self: self.env.company._get_aftersales_today(),
    )
    contract_ids = fields.Many2many(
        "aftersales.contract", string="Only These Contracts",
        domain="[('company_id', '=', company_id), ('state', 'in', ('active', 'expired'))]",
        default=lambda self: self._get_chosen_contracts(),
    )
    line_ids = fields.One2many(
        "aftersales.billing.wizard.line", "wizard_id", string="Preview",
        compute="_compute_line_ids", store=True,
    )
    amount_label = fields.Char(string="Total", compute="_compute_amount_label")
    bill_label = fields.Char(compute="_compute_labels")
    hold_label = fields.Char(compute="_compute_labels")
    next_date = fields.Date(
        string="Next Invoice Day", compute="_compute_next_date",
        help="The first day after the chosen one on which something is to be invoiced.",
    )

    @api.depends("company_id", "date_until", "invoice_date", "contract_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *wizard._prepare_lines_vals()]

    @api.depends("line_ids.amount", "line_ids.problem")
    def _compute_amount_label(self):
        for wizard in self:
            totals = wizard.line_ids.filtered(lambda line: not line.problem).grouped("currency_id")
            wizard.amount_label = " + ".join(
                format_amount(self.env, sum(lines.mapped("amount")), currency)
                for currency, lines in totals.items()
            )

    @api.depends("line_ids.problem")
    def _compute_labels(self):
        for wizard in self:
            held = wizard.line_ids.filtered("problem")
            billed = wizard.line_ids - held
            wizard.bill_label = bool(billed) and self.env._(
                "Periods to invoice: %(periods)s (contracts: %(contracts)s)",
                periods=len(billed), contracts=len(billed.contract_id),
            )
            wizard.hold_label = bool(held) and self.env._(
                "Periods held: %(periods)s (contracts: %(contracts)s). Nothing of them is "
                "invoiced before what stands beside them is mended; they are flagged for their "
                "contract managers.",
                periods=len(held), contracts=len(held.contract_id),
            )

    @api.depends("company_id", "date_until", "contract_ids")
    def _compute_next_date(self):
        for wizard in self:
            wizard.next_date = wizard.date_until and self.env["aftersales.obligation"].search(
                wizard._get_to_bill_domain(date.max)
                & Domain("date_planned", ">", wizard.date_until),
                order="date_planned, id", limit=1,
            ).date_planned

    @api.model
    def _get_chosen_contracts(self):
        """Return the contracts chosen in the list from which the wizard was opened."""
        contracts = self.env["aftersales.contract"]
        context = self.env.context
        if context.get("active_model") != contracts._name or not context.get("active_ids"):
            return contracts
        chosen = contracts.browse(context["active_ids"])
        billable = chosen.filtered(lambda contract: contract.state in contract._BILLABLE_STATES)
        if not billable:
            raise UserError(self.env._(
                "None of the chosen contracts (%(contracts)s) has come into force yet: there is "
                "nothing to invoice. Have them signed first, or choose others.",
                contracts=", ".join(chosen.mapped("name")),
            ))
        return billable

    @api.model
    def _get_chosen_company(self):
        """Return the company of the chosen contracts; one run bills one company.

        :raises UserError: when the chosen contracts are of several companies
        """
        companies = self._get_chosen_contracts().company_id
        if len(companies) > 1:
            raise UserError(self.env._(
                "The chosen contracts are of several companies (%(companies)s). Choose those of "
                "one company, then those of the next.",
                companies=", ".join(companies.mapped("name")),
            ))
        return companies or self.env.company

    def action_bill(self):
        """Create the invoices of the preview; contracts with a problem are flagged."""
        self.ensure_one()
        self._check_invoice_date()
        contracts = self._get_contracts()
        moves = contracts._bill(self.date_until, self.invoice_date)
        if not moves:
            raise UserError(self._get_nothing_billed_message(contracts))
        # The wizard is no step of the way back: a reload must not take its ID for a contract's.
        context = {"active_model": False, "active_id": False, "active_ids": []}
        return {**contracts._get_invoices_action(moves), "context": context}

    def _check_invoice_date(self):
        """Raise when the chosen invoice date lies in a closed period."""
        open_date = self.env["aftersales.billing"]._get_open_date(
            self.company_id, self.invoice_date,
        )
        if open_date != self.invoice_date:
            raise UserError(self.env._(
                "The books of %(company)s are closed on %(date)s. Choose an invoice date from "
                "%(open)s on; the service period stays on the lines.",
                company=self.company_id.name,
                date=format_date(self.env, self.invoice_date),
                open=format_date(self.env, open_date),
            ))

    def _get_nothing_billed_message(self, contracts):
        flagged = contracts.filtered("billing_error")
        if not flagged:
            return self.env._(
                "Nothing is to be invoiced until %(date)s. Choose a later date, or look at the "
                "obligations of the contract for its next invoice day.",
                date=format_date(self.env, self.date_until),
            )
        return "\n\n".join(
            f"{contract.display_name}:\n{contract.billing_error}" for contract in flagged
        )

    def _get_contracts(self):
        if self.contract_ids:
            return self.contract_ids
        return self.env["aftersales.billing"]._get_queue(self.company_id, self.date_until)

    def _get_to_bill_domain(self, date_until):
        """Return the payments of the chosen contracts whose invoice day has come by a date."""
        return (
            self.env["aftersales.obligation"]._get_to_bill_domain(date_until)
            & Domain("company_id", "=", self.company_id.id)
            & (Domain("contract_id", "in", self.contract_ids.ids) if self.contract_ids
               else Domain.TRUE)
        )

    def _prepare_lines_vals(self):
        """Return the preview: what the register owes by the chosen date, at today's prices."""
        if not (self.company_id and self.date_until and self.invoice_date):
            return []
        obligations = self.env["aftersales.obligation"].search(
            self._get_to_bill_domain(self.date_until)
        )
        # The problems are texts on the contracts; finding them looks at accounts and journals.
        obligations_sudo = obligations.sudo()
        problems = self.env["aftersales.billing"]._find_problems(
            obligations_sudo, self.invoice_date,
        )
        return [
            Command.create({
                "obligation_id": obligation.id,
                "amount": 0.0 if (problem := problems.get(obligation.contract_id))
                else obligation._get_invoice_amount(self.invoice_date),
                "problem": problem,
            })
            for obligation in obligations_sudo
        ]
