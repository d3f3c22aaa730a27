from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from ..base.res_company import PRORATIONS
from .aftersales_contract_line_mixin import PRICE_GROUPS

# Only code of this process holds this object: no RPC call, import or form can forge it.
_AGREED = object()
_COVER_LATER = object()

CONTRACT_TYPES = [
    ("maintenance", "Maintenance"),
    ("full_service", "Full service"),
    ("warranty_extension", "Warranty extension"),
    ("time_material", "Time and material"),
    ("framework", "Framework agreement"),
]


# A start further away is a year typed wrong.
MAX_YEARS_FROM_TODAY = 20

ALIGNMENTS = [
    ("start", "On the day the service starts"),
    ("day", "On a fixed day of the month"),
    ("calendar", "By calendar month, quarter or year"),
]


class AftersalesContract(models.Model):
    """A service contract: the promises of the company and of its customer."""

    _name = "aftersales.contract"
    _description = "Service Contract"
    _inherit = [
        "aftersales.lifecycle.mixin", "portal.mixin", "mail.thread", "mail.activity.mixin",
    ]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "subject", "partner_id.name", "customer_reference"]
    _check_company_auto = True
    # Whoever may read a contract may also say something about it.
    _mail_post_access = "read"

    _TRANSITIONS = {
        "draft": ("review", "cancelled"),
        "review": ("to_sign", "draft", "cancelled"),
        "to_sign": ("active", "draft", "cancelled"),
        "active": ("suspended", "expired", "terminated", "renewed"),
        "suspended": ("active", "terminated", "expired"),
        "expired": ("renewed",),
        "renewed": (),
        "terminated": (),
        "cancelled": ("draft",),
    }
    # The states in which nothing has been put before the customer to sign.
    _OPEN_STATES = ("draft", "review", "cancelled")
    # The states in which it waits for people or for days to come.
    _LIVE_STATES = ("review", "to_sign", "active", "suspended")
    # The states in which nothing is promised for the time to come.
    _OVER_STATES = ("expired", "renewed", "terminated", "cancelled")
    # The states in which what was promised for the past may still be owed.
    _BILLABLE_STATES = ("active", "expired", "terminated", "renewed")

    # Identity
    name = fields.Char(
        string="Number", required=True, copy=False, readonly=True, index="trigram",
        default=lambda self: self.env._("New"),
    )
    subject = fields.Char(tracking=True, help="What the contract is about, in a few words.")
    contract_type = fields.Selection(
        CONTRACT_TYPES, string="Type", required=True, default="maintenance", tracking=True,
    )
    template_id = fields.Many2one(
        "aftersales.contract.template", index="btree_not_null",
        check_company=True,
    )
    active = fields.Boolean(default=True, copy=False, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True,
        default=lambda self: self.env.company,
    )

    # Parties
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, tracking=True,
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Commercial Entity", store=True,
        index=True,
    )
    contact_id = fields.Many2one(
        "res.partner", string="Service Contact", check_company=True, index="btree_not_null",
        domain="[('id', 'child_of', commercial_partner_id)]",
        help="Who speaks for the customer in the daily service.",
    )
    invoice_partner_id = fields.Many2one(
        "res.partner", string="Invoicing Contact", check_company=True, required=True,
        compute="_compute_invoice_partner_id", store=True, readonly=False, precompute=True,
        index=True, tracking=True,
        help="Who receives the invoices.",
    )
    site_partner_id = fields.Many2one(
        "res.partner", string="Service Address", check_company=True,
        compute="_compute_site_partner_id", store=True, readonly=False, precompute=True,
        index="btree_not_null",
        help="Where the service is performed; it decides the fiscal position of the invoices.",
    )
    user_id = fields.Many2one(
        "res.users", string="Contract Manager", index="btree_not_null", tracking=True,
        default=lambda self: self.env.user, domain="[('share', '=', False)]",
        check_company=True,
    )
    customer_reference = fields.Char(
        string="Customer PO", tracking=True,
        help="Purchase order number of the customer, printed on the invoices.",
    )

    # Terms
    date_start = fields.Date(
        string="Start", required=True, tracking=True, default=fields.Date.context_today,
    )
    date_end = fields.Date(
        string="End", tracking=True,
        help="Last covered day. Empty: the contract runs until it is terminated.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, tracking=True,
        compute="_compute_currency_id", store=True, readonly=False, precompute=True,
    )
    pricelist_id = fields.Many2one(
        "product.pricelist", string="Price List", check_company=True,
        compute="_compute_pricelist_id", store=True, readonly=False, precompute=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Terms", check_company=True, tracking=True,
        compute="_compute_payment_term_id", store=True, readonly=False, precompute=True,
    )
    billing_alignment = fields.Selection(
        ALIGNMENTS, string="Periods Begin", default="start", required=True,
    )
    billing_day = fields.Integer(default=1)
    invoice_offset_days = fields.Integer(
        string="Invoice Day Offset",
        help="Days from the first day of the period (in advance) or from the day after its last "
             "(in arrears) to the invoice. Negative: earlier.",
    )
    proration = fields.Selection(
        PRORATIONS, required=True, default=lambda self: self.env.company.aftersales_proration,
    )
    note = fields.Html(string="Internal Notes", groups="base.group_user")

    # Chain of contracts
    previous_contract_id = fields.Many2one(
        "aftersales.contract", string="Follows", copy=False, readonly=True, check_company=True,
        index="btree_not_null", ondelete="restrict",
    )
    next_contract_ids = fields.One2many(
        "aftersales.contract", "previous_contract_id", string="Followed By",
    )

    # Contents
    line_ids = fields.One2many(
        "aftersales.contract.line", "contract_id", string="Lines", copy=True,
    )
    obligation_ids = fields.One2many(
        "aftersales.obligation", "contract_id", string="Obligations", copy=False,
        groups="base.group_user",
    )

    # Numbers
    amount_annual = fields.Monetary(
        string="Annual Value", compute="_compute_amount_annual", store=True, groups=PRICE_GROUPS,
        help="Net value over a year, before tax, of the recurring lines that go on. Nothing once "
             "the contract or the line is over.",
    )
    obligation_count = fields.Integer(
        compute="_compute_obligation_count", groups="base.group_user",
    )
    equipment_count = fields.Integer(compute="_compute_equipment_count")

    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("review", "In Review"),
            ("to_sign", "To Sign"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("expired", "Expired"),
            ("renewed", "Renewed"),
            ("terminated", "Terminated"),
            ("cancelled", "Cancelled"),
        ],
        string="Status", default="draft", required=True, copy=False, index=True, tracking=True,
    )
    is_content_open = fields.Boolean(compute="_compute_is_content_open")
    scope_types = fields.Char(
        compute="_compute_scope_types", help="What the lines cover: the form shows these columns.",
    )
    date_warning = fields.Text(compute="_compute_date_warning")

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_invoice_partner_id(self):
        for contract in self:
            contract.invoice_partner_id = contract.partner_id.address_get(["invoice"])["invoice"]

    @api.depends("partner_id")
    def _compute_site_partner_id(self):
        for contract in self:
            contract.site_partner_id = contract.partner_id.address_get(["delivery"])["delivery"]

    @api.depends("partner_id", "company_id")
    def _compute_pricelist_id(self):
        for contract in self:
            partner = contract.partner_id.with_company(contract.company_id)
            contract.pricelist_id = partner.property_product_pricelist

    @api.depends("pricelist_id", "company_id")
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = (
                contract.pricelist_id.currency_id or contract.company_id.currency_id
            )

    @api.depends("invoice_partner_id", "company_id")
    def _compute_payment_term_id(self):
        for contract in self:
            partner = contract.invoice_partner_id.with_company(contract.company_id)
            contract.payment_term_id = partner.property_payment_term_id

    @api.depends("line_ids.amount_annual", "line_ids.next_line_ids")
    def _compute_amount_annual(self):
        for contract in self:
            contract.amount_annual = sum(contract.line_ids.mapped("amount_annual"))

    @api.depends("obligation_ids")
    def _compute_obligation_count(self):
        counts = dict(self.env["aftersales.obligation"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id"], ["__count"],
        ))
        for contract in self:
            contract.obligation_count = counts.get(contract, 0)

    @api.depends("line_ids.equipment_id")
    def _compute_equipment_count(self):
        for contract in self:
            contract.equipment_count = len(contract.line_ids.equipment_id)

    @api.depends("state")
    def _compute_is_content_open(self):
        for contract in self:
            contract.is_content_open = contract.state in self._OPEN_STATES

    @api.depends("line_ids.scope_type")
    def _compute_scope_types(self):
        for contract in self:
            scopes = set(contract.line_ids.mapped("scope_type"))
            contract.scope_types = ",".join(filter(None, scopes))

    @api.depends_context("lang")
    @api.depends("date_start", "date_end", "line_ids.date_start", "line_ids.date_end", "state")
    def _compute_date_warning(self):
        for contract in self:
            lines = contract.line_ids if contract.is_content_open else contract.line_ids.browse()
            contract.date_warning = "\n".join(lines._get_date_warnings())

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " – ".join(filter(None, [contract.name, contract.subject]))

    # -------------------------------------------------------------------------
    # Constraints
    # -------------------------------------------------------------------------

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for contract in self:
            if contract.date_end and contract.date_end < contract.date_start:
                raise ValidationError(self.env._(
                    "Contract %(contract)s ends on %(end)s, before it starts on %(start)s. "
                    "Enter an end on or after the start, or leave it empty.",
                    contract=contract.display_name,
                    end=format_date(self.env, contract.date_end),
                    start=format_date(self.env, contract.date_start),
                ))
        self.line_ids._check_dates()

    @api.constrains("date_start")
    def _check_start_is_plausible(self):
        """A year typed wrong would schedule and bill centuries."""
        for contract in self:
            today = contract.company_id._get_aftersales_today()
            if abs(contract.date_start.year - today.year) > MAX_YEARS_FROM_TODAY:
                raise ValidationError(self.env._(
                    "Contract %(contract)s would start on %(start)s. Enter a day within %(years)s "
                    "years from today.",
                    contract=contract.display_name, years=MAX_YEARS_FROM_TODAY,
                    start=format_date(self.env, contract.date_start),
                ))

    @api.constrains("active")
    def _check_archived_is_over(self):
        for contract in self:
            if not contract.active and contract.state in self._LIVE_STATES:
                raise ValidationError(self.env._(
                    "Contract %(contract)s is under way and cannot be archived: it would be billed "
                    "out of sight. Cancel or terminate it first.",
                    contract=contract.display_name,
                ))

    @api.constrains("partner_id")
    def _check_line_equipment(self):
        self.line_ids._check_equipment_customer()

    @api.constrains("billing_day")
    def _check_billing_day(self):
        for contract in self:
            if not 1 <= contract.billing_day <= 31:
                raise ValidationError(self.env._(
                    "Contract %(contract)s: there is no day %(day)s in a month. Enter a billing "
                    "day from 1 to 31; 29 to 31 mean the last day of shorter months.",
                    contract=contract.display_name, day=contract.billing_day,
                ))

    # -------------------------------------------------------------------------
    # Onchange and CRUD
    # -------------------------------------------------------------------------

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            self.update(self._prepare_template_vals())

    @api.onchange("date_start")
    def _onchange_date_start(self):
        """Keep the term of the template when the start moves."""
        if self.template_id.term_months and self.date_start:
            self.date_end = self._prepare_template_vals()["date_end"]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", self.env._("New")) == self.env._("New"):
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                vals["name"] = company._get_aftersales_number(
                    self._name, vals.get("date_start"))
        contracts = super().create(vals_list)
        for contract, vals in zip(contracts, vals_list, strict=True):
            if contract.template_id and "line_ids" not in vals:
                template_vals = contract._prepare_template_vals()
                contract.write({k: v for k, v in template_vals.items() if k not in vals})
        return contracts

    def write(self, vals):
        if self._get_content_fields() & vals.keys():
            self._check_content_open()
        if "line_ids" not in vals:
            return super().write(vals)
        # Lines that exchange what they cover do so one after the other.
        result = super(AftersalesContract, self._check_cover_later()).write(vals)
        self.line_ids._check_cover_overlap()
        return result

    def _check_cover_later(self):
        """Return the contracts with lines that the caller will check for overlapping cover."""
        return self.with_context(aftersales_cover_later=_COVER_LATER)

    @api.model
    def _is_cover_checked_later(self):
        return self.env.context.get("aftersales_cover_later") is _COVER_LATER

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        for contract in self:
            if contract.state not in ("draft", "cancelled"):
                raise UserError(self.env._(
                    "Contract %(contract)s cannot be deleted: it is no longer a draft. Its "
                    "history stays; cancel it before the signature, terminate it afterwards.",
                    contract=contract.display_name,
                ))

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for contract, vals in zip(self, vals_list, strict=True):
            # Lines come with the copy; the template must not add its own again.
            vals.setdefault("line_ids", [])
            if "line_ids" not in (default or {}):
                vals["line_ids"] = [
                    Command.create(line_vals) for line_vals in contract._prepare_copied_lines_vals()
                ]
        return vals_list

    def _prepare_copied_lines_vals(self):
        """Return the lines a copy begins with: those of today, as if they had always been so."""
        lines = self.line_ids if self.is_content_open else self._get_lines_of_today()
        return [
            {
                **line.copy_data()[0],
                "date_start": line._get_first_line().date_start,
                "date_end": line._get_agreed_end(),
            }
            for line in lines.sorted("id")
        ]

    def _get_lines_of_today(self):
        """Return the lines in force today; of a contract that is over, on its last day."""
        day = self.company_id._get_aftersales_today()
        day = min(filter(None, [day, self.date_end]))
        return self._get_present_lines().filtered(
            lambda line: not (end := line._get_agreed_end()) or end >= day
        )

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def action_submit(self):
        """Hand drafts to review."""
        return self._transition_to("review")

    def action_approve(self):
        """Accept reviewed contracts: from here on their content is closed."""
        return self._transition_to("to_sign")

    def action_draft(self):
        """Reopen contracts that nobody has signed."""
        return self._transition_to("draft")

    def action_cancel(self):
        """Give up contracts that never came into force."""
        return self._transition_to("cancelled")

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target in ("review", "to_sign", "active"):
            blockers += self._get_content_blockers()
        if target in ("review", "to_sign"):
            # Later an agreed end may well come before the one of a line.
            blockers += self.line_ids._get_date_warnings()
            blockers += self.line_ids._get_retired_warnings()
        return blockers

    def _get_content_blockers(self):
        """Return what is missing or wrong in the content (hook): all reasons at once."""
        blockers = self._get_party_blockers()
        if not self.line_ids:
            blockers.append(self.env._("It has no lines. Add what is covered and what it costs."))
        return blockers + [
            blocker for line in self.line_ids for blocker in line._get_content_blockers()
        ]

    def _get_party_blockers(self):
        """Return why the customer cannot be served (hook)."""
        # One by one: the union of the two would be read apart from those of other contracts.
        return [
            self.env._(
                "Customer %(partner)s is archived. Unarchive it or choose another one.",
                partner=partner.display_name,
            )
            for partner in dict.fromkeys((self.partner_id, self.invoice_partner_id))
            if not partner.active
        ]

    def _on_transition(self, target):
        if target == "active":
            self._schedule_obligations()
        return super()._on_transition(target)

    @api.model
    def _get_content_fields(self):
        """Return the fields that both parties agree on; closed from ``to_sign`` on."""
        return {
            "subject", "contract_type", "company_id", "partner_id", "site_partner_id",
            "date_start", "date_end", "currency_id",
            "pricelist_id", "payment_term_id", "billing_alignment", "billing_day",
            "invoice_offset_days", "proration",
        }

    @api.model
    def _as_agreed(self, records):
        """Return records of a signed contract ready to be written: both parties agreed to it.

        The caller answers for the agreement: a signed change, a renewal or a termination.
        """
        return records.with_context(aftersales_agreed=_AGREED)

    @api.model
    def _is_agreed(self):
        return self.env.context.get("aftersales_agreed") is _AGREED

    def _check_content_open(self):
        """Raise for contracts whose content is before the customer or signed."""
        if self._is_agreed():
            return
        for contract in self:
            if contract.state not in self._OPEN_STATES:
                raise UserError(self.env._(
                    'The content of contract %(contract)s is closed: it is "%(state)s". '
                    "Set it back to draft while nobody has signed; what is signed changes only "
                    "by agreement of both parties.",
                    contract=contract.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        contract.state],
                ))

    def _get_present_lines(self):
        """Return the lines that are promised now (hook): without those others have replaced."""
        return self.line_ids.filtered(lambda line: not line.next_line_ids)

    def _prepare_standing_vals(self):
        """Return what a contract that takes over the present prices has to know of them (hook)."""
        self.ensure_one()
        return {}

    def _catch_up(self, day):
        """Let begin and end what both parties agreed to begin or end by ``day`` (hook).

        :return: the contracts, for the next in line
        """
        return self

    def _get_rest_blockers(self, day):
        """Return why nothing can take effect on ``day``: the contract rests then (hook)."""
        self.ensure_one()
        return []

    def _get_agreed_days(self):
        """Return what is agreed to take effect on a day to come (hook): pairs of day and name."""
        self.ensure_one()
        return []

    def _prepare_template_vals(self):
        """Return the values this contract takes from its template, in the customer's language."""
        template = self.template_id.with_context(lang=self.partner_id.lang or self.env.lang)
        vals = template._prepare_contract_vals()
        if template.term_months:
            term = relativedelta(months=template.term_months)
            vals["date_end"] = self.date_start + term - ONE_DAY
        return vals

    # -------------------------------------------------------------------------
    # Obligations
    # -------------------------------------------------------------------------

    def _schedule_obligations(self, until=None):
        """Write what is owed into the register, up to the planning horizon or ``until``.

        Safe to repeat: the register holds one row per line and period, by a unique index.

        :return: the obligations created now
        """
        vals_list = []
        for company, contracts in self.grouped("company_id").items():
            horizon = company._get_aftersales_today() + relativedelta(
                months=company.aftersales_horizon_months,
            )
            lines = contracts.line_ids.filtered("product_id")
            vals_list += lines._prepare_obligations_vals(max(horizon, until or horizon))
        return self.env["aftersales.obligation"].sudo().create(vals_list)

    @api.model
    def _cron_daily(self, batch_size=200):
        """Keep the register filled to the horizon, its states of today, and expire contracts."""
        self._run_in_batches(
            Domain("state", "=", "active"), batch_size, lambda batch: batch._schedule_obligations(),
        )
        self.env["aftersales.obligation"]._refresh_states(batch_size * 10)
        self.env["aftersales.contract.line"]._refresh_annual_amounts(batch_size * 10)
        for company in self._get_companies():
            self._run_in_batches(
                self._get_to_expire_domain(company), batch_size, lambda batch: batch._expire(),
            )

    @api.model
    def _get_to_expire_domain(self, company):
        """Return the contracts whose last day has passed (hook)."""
        return (
            Domain("state", "=", "active") & Domain("company_id", "=", company.id)
            & Domain("date_end", "<", company._get_aftersales_today())
        )

    def _expire(self):
        """Let contracts end by lapse of time; one note each, written together."""
        self.with_context(mail_notrack=True)._transition_to("expired")
        self._log_together(self.env._("Expired: the last day of the term has passed."))

    def _log_together(self, text):
        """Write a note on each contract with a constant number of queries."""
        self._message_log_batch(bodies=dict.fromkeys(self.ids, text))

    @api.model
    def _get_companies(self):
        """Return the companies that have contracts."""
        return self.env["res.company"].concat(
            *(company for [company] in self._read_group([], ["company_id"]))
        )

    # -------------------------------------------------------------------------
    # Smart buttons
    # -------------------------------------------------------------------------

    def action_view_obligations(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_obligation_action"
        )
        return {**action, "domain": [("contract_id", "=", self.id)], "context": {}}

    def action_view_equipment(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.maintenance_equipment_action_customer"
        )
        return {**action, "domain": [("id", "in", self.line_ids.equipment_id.ids)]}
