"""Sale side of the order: it prepares service contracts, and leaves the billing to them."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# Who may read contracts; others see only that there is one.
CONTRACT_READERS = (
    "aftersales.group_agent,aftersales.group_technician,aftersales.group_legal,"
    "account.group_account_invoice"
)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    aftersales_contract_ids = fields.One2many(
        "aftersales.contract", "sale_order_id", string="Service Contracts", copy=False,
        groups=CONTRACT_READERS,
    )
    aftersales_contract_count = fields.Integer(
        string="Service Contract Count", compute="_compute_aftersales_contract_count",
    )
    aftersales_contract_note = fields.Char(
        string="Contract Note", compute="_compute_aftersales_contract_note", compute_sudo=True,
        help="What the service contracts of this order bill.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("aftersales_contract_ids")
    def _compute_aftersales_contract_count(self):
        """Count the contracts the user may open."""
        for order in self:
            contracts = order.sudo().aftersales_contract_ids.sudo(self.env.su)
            order.aftersales_contract_count = len(contracts._filtered_access("read"))

    @api.depends_context("lang")
    @api.depends(
        "state", "order_line.product_id", "aftersales_contract_ids.state",
        "aftersales_contract_ids.name",
    )
    def _compute_aftersales_contract_note(self):
        for order in self:
            if order.state in ("draft", "sent"):
                order.aftersales_contract_note = order._get_aftersales_offer_note()
            else:
                order.aftersales_contract_note = order._get_aftersales_billing_note()

    def _get_aftersales_offer_note(self):
        templates = self.order_line.product_id.with_company(
            self.company_id).aftersales_contract_template_id
        return templates and self.env._(
            "Confirming prepares a service contract (%(templates)s). It bills its lines; the "
            "order does not. Their quantity and price count per billing period.",
            templates=", ".join(templates.mapped("name")),
        )

    def _get_aftersales_billing_note(self):
        contracts = self.aftersales_contract_ids
        labels = dict(contracts._fields["state"]._description_selection(self.env))
        return contracts and self.env._(
            "What was sold by contract is billed by %(contracts)s, not by this order.",
            contracts=", ".join(
                f"{contract.name} ({labels[contract.state]})" for contract in contracts
            ),
        )

    # -------------------------------------------------------------------------
    # Confirming
    # -------------------------------------------------------------------------

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._mark_aftersales_contract_lines()
        self._rewrite_aftersales_contracts()
        self._create_aftersales_contracts()
        return result

    def _create_aftersales_contracts(self):
        """Prepare contracts for the lines that are sold by contract and have none yet.

        There is one contract per order and template; a line added later joins it.

        :return: the contracts created now
        """
        # Who sells need not have a role in After-Sales: the contract follows from the order.
        contract_model_sudo = self.env["aftersales.contract"].sudo()
        vals_by_company = defaultdict(list)
        for order in self.sudo():
            lines = order.order_line.filtered(lambda line: line._is_sold_by_contract())
            for template, template_lines in lines.grouped(
                "aftersales_contract_template_id"
            ).items():
                new_lines = template_lines.filtered(
                    lambda line: not line.aftersales_contract_line_ids
                )
                line_commands = [
                    Command.create({
                        **line._prepare_aftersales_contract_line_vals(),
                        **line._prepare_aftersales_cover_vals(),
                    })
                    for line in new_lines
                ]
                if contract := template_lines.aftersales_contract_line_ids.contract_id[:1]:
                    order._add_to_aftersales_contract(contract, line_commands)
                else:
                    vals = order._prepare_aftersales_contract_vals(template)
                    vals["line_ids"] += line_commands
                    vals_by_company[order.company_id].append(vals)
        contracts = contract_model_sudo.concat(*(
            contract_model_sudo.with_company(company).create(vals_list)
            for company, vals_list in vals_by_company.items()
        ))
        for contract in contracts:
            contract._message_log_with_view(
                "mail.message_origin_link",
                render_values={"self": contract, "origin": contract.sale_order_id},
            )
        contracts._log_tax_differences()
        contracts._submit_sold()
        return contracts

    def _add_to_aftersales_contract(self, contract, line_commands):
        if not line_commands:
            return
        if not contract.is_content_open:
            raise UserError(self.env._(
                "Order %(order)s: service contract %(contract)s can take no further lines: it "
                "is before the customer or signed. Add the service by a change request on the "
                "contract, or sell it by an order of its own.",
                order=self.name, contract=contract.name,
            ))
        contract.line_ids = line_commands

    def _rewrite_aftersales_contracts(self):
        """Bring contracts of orders that were cancelled and are confirmed anew in line."""
        for contract in self.sudo().aftersales_contract_ids:
            order = contract.sale_order_id
            if not contract.is_content_open:
                raise UserError(self.env._(
                    "Order %(order)s cannot be confirmed again: its service contract "
                    "%(contract)s has had its life. Duplicate the order for a new contract.",
                    order=order.name, contract=contract.name,
                ))
            contract._transition_to("draft")
            draft = order._get_aftersales_contract_draft(contract.template_id)
            contract.write({
                **order._prepare_aftersales_contract_terms(),
                "date_end": draft._prepare_template_vals().get("date_end", False),
            })
            for line in contract.line_ids.filtered("sale_line_id"):
                line.write(line.sale_line_id._prepare_aftersales_contract_line_vals())

    def _prepare_aftersales_contract_vals(self, template):
        """Return a contract of this order without its sold lines (hook)."""
        draft = self._get_aftersales_contract_draft(template)
        vals = draft._prepare_template_vals()
        # The order says what was sold; the template's lines without a price say what is covered.
        covering = draft.template_id.with_context(lang=self._get_lang()).line_ids.filtered(
            lambda line: not line.product_id
        )
        return {
            **vals,
            "template_id": template.id,
            "company_id": self.company_id.id,
            "sale_order_id": self.id,
            "subject": template.with_context(lang=self._get_lang()).name,
            "line_ids": [
                Command.create(line._prepare_contract_line_vals()) for line in covering
            ],
            **self._prepare_aftersales_contract_terms(),
        }

    def _get_aftersales_contract_draft(self, template):
        contract_model = self.env["aftersales.contract"].sudo().with_company(self.company_id)
        return contract_model.new({
            "template_id": template.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "date_start": self._get_aftersales_start(),
        })

    def _prepare_aftersales_contract_terms(self):
        """Return the parties and terms that the order decides (hook)."""
        customer = self.partner_id.commercial_partner_id
        terms = {
            "partner_id": self.partner_id.id,
            "contact_id": self.partner_id.id if self.partner_id != customer else False,
            "invoice_partner_id": self.partner_invoice_id.id,
            "site_partner_id": self.partner_shipping_id.id,
            "customer_reference": self.client_order_ref,
            "user_id": self.user_id.id,
            "pricelist_id": self.pricelist_id.id,
            "currency_id": self.currency_id.id,
            "date_start": self._get_aftersales_start(),
        }
        if self.payment_term_id:
            terms["payment_term_id"] = self.payment_term_id.id
        return terms

    def _get_aftersales_start(self):
        """Return the first day of the service: the delivery date, or the day of the order."""
        return self.company_id._get_aftersales_day(self.commitment_date or self.date_order)

    # -------------------------------------------------------------------------
    # Cancelling
    # -------------------------------------------------------------------------

    def _action_cancel(self):
        # Cancelling an order gives its unsigned contracts up, whatever the role of the user.
        contracts_sudo = self.sudo().aftersales_contract_ids
        contracts_sudo._check_order_may_be_cancelled()
        result = super()._action_cancel()
        contracts_sudo.filtered(
            lambda contract: contract.state in ("draft", "review")
        )._transition_to("cancelled")
        return result

    # -------------------------------------------------------------------------
    # Invoicing
    # -------------------------------------------------------------------------

    def _get_invoiceable_lines(self, final=False):
        # Other modules write the quantity to invoice themselves, so it alone is no protection.
        lines = super()._get_invoiceable_lines(final)
        return lines.filtered(lambda line: not line.aftersales_contract_template_id)

    def _force_lines_to_invoice_policy_order(self):
        result = super()._force_lines_to_invoice_policy_order()
        self.order_line.filtered("aftersales_contract_template_id").qty_to_invoice = 0.0
        return result

    def _generate_downpayment_invoices(self):
        """Leave out orders of which nothing is invoiced: what was paid stays on the account."""
        return super(
            SaleOrder, self.filtered(lambda order: order._get_lines_billed_by_order())
        )._generate_downpayment_invoices()

    def _get_lines_billed_by_order(self):
        return self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
            and not line.aftersales_contract_template_id
        )

    def _nothing_to_invoice_error_message(self):
        message = super()._nothing_to_invoice_error_message()
        notes = filter(None, self.mapped("aftersales_contract_note"))
        return "\n\n".join([message, *notes])

    # -------------------------------------------------------------------------
    # Smart buttons
    # -------------------------------------------------------------------------

    def action_view_aftersales_contracts(self):
        """Open the service contracts of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_action"
        )
        return {**action, "domain": [("sale_order_id", "in", self.ids)], "context": {}}
