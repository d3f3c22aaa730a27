"""Agreement side of the service contract: clauses, legal terms and what both parties signed."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import float_repr, format_date, formatLang
from odoo.tools.mail import html_to_inner_content

from ...tools.periods import ONE_DAY
from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS
from ..contract.aftersales_cover_mixin import QUOTAS
from .aftersales_contract_version import COPY_MAILS
from .aftersales_signing_mixin import COUNTERSIGNERS
from .res_company import DISPUTE_ROUTES

# Civil Procedure Law (China) art. 35: a chosen court must be connected with the dispute.
COURT_CONNECTIONS = [
    ("defendant", "Domicile of the defendant"),
    ("plaintiff", "Domicile of the plaintiff"),
    ("performance", "Place of performance"),
    ("signing", "Place of signing"),
    ("subject", "Place of the equipment"),
]
MAIL_LAYOUT = "mail.mail_notification_light"
LINK_MAIL = "aftersales.mail_template_contract_link"
INVITATION_MAIL = "aftersales.mail_template_signature_invitation"
LEGAL_TERMS = {
    "is_consumer", "jurisdiction_id", "governing_law", "termination_notice_days",
    "confidentiality_months", "liability_cap_percent", "penalty_rate_percent",
    "penalty_cap_percent", "late_interest_percent", "deposit_amount", "negotiation_days",
    "mediation_body_id", "dispute_route", "dispute_body_id", "court_connection",
    "early_fee_mode", "early_fee_amount", "early_fee_percent", "early_fee_cap",
}
EARLY_FEE_MODES = [
    ("none", "None"),
    ("fixed", "Fixed amount"),
    ("percent", "Per cent of the price of the rest of the term"),
]


def export_content(record, names):
    """Return fields of a record as plain JSON data; records as their identifiers."""
    return {name: export_value(record, name) for name in sorted(names)}


def export_value(record, name):
    field, value = record._fields[name], record[name]
    if field.type == "many2many":
        return sorted(value.ids)
    value = field.convert_to_write(value, record)
    return value.isoformat() if isinstance(value, date) else value


def export_cover(line):
    """Return the cover terms of a line as plain data, without those it does not have.

    What was signed before there were cover terms reads the same as what is signed without any.
    """
    cover = export_content(line, line._get_cover_fields())
    no_cover = line._get_no_cover()
    if any(line[name] for name in QUOTAS):
        no_cover.pop("quota_period")
    return {name: value for name, value in cover.items() if (value or False) != no_cover.get(name)}


class AftersalesContract(models.Model):
    _name = "aftersales.contract"
    _inherit = [
        "aftersales.contract", "aftersales.approval.mixin", "aftersales.legal.terms.mixin",
    ]

    _APPROVED_STATE = "to_sign"

    clause_ids = fields.One2many(
        "aftersales.contract.clause", "contract_id", string="Clauses", copy=True,
    )
    version_ids = fields.One2many(
        "aftersales.contract.version", "contract_id", string="Versions", copy=False,
        groups=PRICE_GROUPS,
    )
    version_id = fields.Many2one(
        "aftersales.contract.version", string="Current Version", copy=False,
        compute="_compute_version_id", store=True, index="btree_not_null", groups=PRICE_GROUPS,
    )

    # Law and disputes
    is_consumer = fields.Boolean(
        string="Consumer", compute="_compute_is_consumer", store=True, readonly=False,
        precompute=True, tracking=True,
        help="The customer buys for private use: consumer law applies.",
    )
    jurisdiction_id = fields.Many2one(
        "res.country", compute="_compute_jurisdiction_id", store=True,
        readonly=False, precompute=True,
        help="Whose rules the contract is reviewed against.",
    )
    governing_law = fields.Char(
        compute="_compute_governing_law", store=True, readonly=False, precompute=True,
    )
    negotiation_days = fields.Integer(string="Negotiation (days)", default=30)
    mediation_body_id = fields.Many2one(
        "res.partner", index="btree_not_null", check_company=True,
        default=lambda self: self.env.company.aftersales_mediation_body_id,
    )
    dispute_route = fields.Selection(
        DISPUTE_ROUTES, string="Final Decision", required=True,
        default=lambda self: self.env.company.aftersales_dispute_route,
        help="Court or arbitration, never both: an agreement to arbitrate excludes the courts.",
    )
    dispute_body_id = fields.Many2one(
        "res.partner", string="Court or Institution", index="btree_not_null", check_company=True,
        default=lambda self: self.env.company.aftersales_dispute_body_id,
    )
    court_connection = fields.Selection(COURT_CONNECTIONS)

    # Duties that outlive a period, and what their breach costs
    termination_notice_days = fields.Integer(string="Termination Notice (days)", default=30)
    confidentiality_months = fields.Integer(
        string="Confidentiality (months)", default=24,
        help="Months after the end in which confidential information stays confidential.",
    )
    liability_cap_percent = fields.Float(
        string="Liability Cap (%)", default=100.0, help="Per cent of the annual value.",
    )
    penalty_rate_percent = fields.Float(
        string="Our Delay (%)", default=1.0,
        help="Penalty for our delay: per cent of the monthly fee for each day begun.",
    )
    penalty_cap_percent = fields.Float(
        string="Penalty Cap (%)", default=10.0, help="Per cent of the annual value.",
    )
    late_interest_percent = fields.Float(
        string="Late Interest (%)", default=6.0, help="Interest on late payments, per year.",
    )
    deposit_amount = fields.Monetary(string="Deposit", groups=PRICE_GROUPS)
    early_fee_mode = fields.Selection(
        EARLY_FEE_MODES, string="Fee for Ending Early", required=True, default="none",
        help="Owed when the customer ends the contract before its term, but not for our breach "
             "or where its purpose has lapsed.",
    )
    early_fee_amount = fields.Monetary(string="Early End: Amount", groups=PRICE_GROUPS)
    early_fee_percent = fields.Float(string="Early End: Per Cent")
    early_fee_cap = fields.Monetary(
        string="Early End: At Most", groups=PRICE_GROUPS, help="0: without a limit.",
    )

    # Signature
    date_signed = fields.Date(related="version_id.date_signed", store=True, string="Signed On")
    signed_by = fields.Char(related="version_id.customer_signed_by", store=True)
    countersigned_by_id = fields.Many2one(
        related="version_id.company_signed_by_id", store=True, string="Countersigned By",
    )
    signature_attachment_ids = fields.Many2many(
        related="version_id.scan_ids", string="Signed Documents",
    )
    customer_signed_on = fields.Datetime(
        related="version_id.customer_signed_on", string="Customer Signed On",
    )
    company_signed_on = fields.Datetime(related="version_id.company_signed_on")
    invited_on = fields.Datetime(related="version_id.invited_on")
    declined_on = fields.Datetime(related="version_id.declined_on")
    decline_reason = fields.Text(related="version_id.decline_reason")
    can_countersign = fields.Boolean(compute="_compute_can_countersign")

    # -------------------------------------------------------------------------
    # Computes and checks
    # -------------------------------------------------------------------------

    @api.depends("version_ids.state")
    def _compute_version_id(self):
        for contract in self:
            versions = contract.version_ids.filtered(lambda v: v.state != "void")
            contract.version_id = versions.sorted("number")[-1:]

    @api.depends("partner_id")
    def _compute_is_consumer(self):
        for contract in self:
            partner = contract.partner_id.commercial_partner_id
            contract.is_consumer = bool(partner) and not partner.is_company

    @api.depends("company_id")
    def _compute_jurisdiction_id(self):
        for contract in self:
            contract.jurisdiction_id = contract.company_id.country_id

    @api.depends("jurisdiction_id", "partner_id")
    def _compute_governing_law(self):
        for contract in self:
            lang = contract.partner_id.lang or self.env.lang
            country = contract.jurisdiction_id.with_context(lang=lang)
            contract.governing_law = country and country.env._(
                "the law of %(country)s", country=country.name,
            )

    @api.depends_context("uid")
    @api.depends("state", "version_id.company_signed_on")
    def _compute_can_countersign(self):
        is_authorised = self.env.user.has_group(COUNTERSIGNERS)
        for contract in self:
            contract.can_countersign = (
                is_authorised and contract.state == "to_sign" and not contract.company_signed_on
            )

    def _compute_access_url(self):
        for contract in self:
            contract.access_url = f"/my/aftersales/contracts/{contract.id}"

    @api.constrains(
        "termination_notice_days", "confidentiality_months", "negotiation_days",
        "liability_cap_percent", "penalty_rate_percent", "penalty_cap_percent",
        "late_interest_percent", "deposit_amount", "invoice_offset_days", "early_fee_mode",
        "early_fee_amount", "early_fee_percent", "early_fee_cap",
    )
    def _check_legal_numbers(self):
        self._check_term_bounds()
        for contract_sudo in self.sudo():
            needed = {"fixed": "early_fee_amount", "percent": "early_fee_percent"}
            name = needed.get(contract_sudo.early_fee_mode)
            if name and not contract_sudo[name]:
                raise ValidationError(self.env._(
                    "Contract %(contract)s: “%(field)s” is missing. Enter it, or agree on no fee "
                    "for ending early.", contract=contract_sudo.display_name,
                    field=self._fields[name]._description_string(self.env),
                ))

    def _get_early_fee_text(self):
        """Return the fee for ending early in words, in the language of the environment."""
        if self.early_fee_mode == "none":
            return ""
        cap = self.early_fee_mode == "percent" and self.early_fee_cap
        values = {
            "percent": self._format_number(self.early_fee_percent),
            "amount": self.currency_id.format(cap or self.early_fee_amount),
        }
        if self.early_fee_mode == "fixed":
            return values["amount"]
        if not cap:
            return self.env._("%(percent)s %% of the price of the rest of the term", **values)
        return self.env._(
            "%(percent)s %% of the price of the rest of the term, %(amount)s at most", **values,
        )

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() | LEGAL_TERMS

    # -------------------------------------------------------------------------
    # Placeholders
    # -------------------------------------------------------------------------

    @api.model
    def _get_placeholder_labels(self):
        """Return what a clause may ask a contract for: key → meaning (hook)."""
        return {
            "customer_name": self.env._("Name of the customer"),
            "customer_address": self.env._("Address of the customer"),
            "customer_tax_id": self.env._("Tax ID of the customer"),
            "provider_name": self.env._("Name of the provider"),
            "provider_address": self.env._("Address of the provider"),
            "provider_tax_id": self.env._("Tax ID of the provider"),
            "contract_number": self.env._("Number of the contract"),
            "contract_subject": self.env._("Subject of the contract"),
            "start_date": self.env._("First covered day"),
            "end_date": self.env._("Last covered day"),
            "service_address": self.env._("Service address"),
            "currency": self.env._("Currency"),
            "payment_term": self.env._("Payment terms"),
            "annual_value": self.env._("Annual value"),
            "deposit_amount": self.env._("Deposit"),
            "early_fee": self.env._("Fee for ending early, with its limit"),
            "termination_notice_days": self.env._("Termination notice in days"),
            "confidentiality_months": self.env._("Months of confidentiality after the end"),
            "liability_cap_percent": self.env._("Liability cap, % of the annual value"),
            "penalty_rate_percent": self.env._("Penalty for our delay, % of the monthly fee a day"),
            "penalty_cap_percent": self.env._("Penalty cap, % of the annual value"),
            "late_interest_percent": self.env._("Interest on late payments, % a year"),
            "negotiation_days": self.env._("Days of negotiation before a dispute goes on"),
            "mediation_body": self.env._("Mediation body"),
            "dispute_body": self.env._("Court or arbitration institution"),
            "governing_law": self.env._("Governing law"),
        }

    def _get_placeholder_values(self):
        """Return the texts for the placeholders, in the customer's language (hook).

        What the contract leaves empty has an empty text: a clause must not speak of it.
        """
        self.ensure_one()
        contract = self.with_context(lang=self.partner_id.lang or self.env.lang).sudo()
        provider = contract.company_id.partner_id
        customer = contract.commercial_partner_id
        return {
            "customer_name": customer.name or "",
            "customer_address": contract._format_address(customer),
            "customer_tax_id": customer.vat or "",
            "provider_name": provider.name or "",
            "provider_address": contract._format_address(provider),
            "provider_tax_id": provider.vat or "",
            "contract_number": contract.name or "",
            "contract_subject": contract.subject or "",
            "start_date": contract._format_date(contract.date_start),
            "end_date": contract._format_date(contract.date_end),
            "service_address": contract._format_address(contract.site_partner_id),
            "currency": contract.currency_id.name or "",
            "payment_term": contract.payment_term_id.name or "",
            "annual_value": contract._format_amount(contract.amount_annual),
            "deposit_amount": contract._format_amount(contract.deposit_amount),
            "early_fee": contract._get_early_fee_text(),
            **{
                name: contract._format_number(contract[name]) for name in (
                    "termination_notice_days", "confidentiality_months", "liability_cap_percent",
                    "penalty_rate_percent", "penalty_cap_percent", "late_interest_percent",
                    "negotiation_days",
                )
            },
            "mediation_body": contract.mediation_body_id.name or "",
            "dispute_body": contract.dispute_body_id.name or "",
            "governing_law": contract.governing_law or "",
        }

    def _format_address(self, partner):
        if not partner:
            return ""
        lines = partner._display_address(without_company=True).split("\n")
        return ", ".join(line.strip(" ,") for line in lines if line.strip(" ,"))

    def _format_date(self, day):
        return format_date(self.env, day, date_format="long") if day else ""

    def _format_amount(self, amount):
        digits = (self.currency_id or self.company_id.currency_id).decimal_places
        return formatLang(self.env, amount, digits=digits) if amount else ""

    def _format_number(self, number):
        """Return a number with no more decimals than it has; zero is a value, not a gap."""
        decimals = len(float_repr(number, 2).rstrip("0").partition(".")[2])
        return formatLang(self.env, number, digits=decimals)

    # -------------------------------------------------------------------------
    # Freezing and signing
    # -------------------------------------------------------------------------

    def _get_signing_record(self):
        """Return what is signed when this contract is: its version."""
        self._check_is_to_sign()
        return self.version_id

    def action_open_sign_wizard(self):
        self.ensure_one()
        return self._get_signing_record().action_open_sign_wizard()

    def action_send_to_sign(self):
        """Open the mail that asks the customer to sign, with the link and the document."""
        self.ensure_one()
        self._check_may_invite()
        self.version_id._ensure_document()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send to Sign"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref(INVITATION_MAIL).id,
                "default_email_layout_xmlid": MAIL_LAYOUT,
                "force_email": True,
                "hide_mail_template_management_options": True,
                "aftersales_invites_to_sign": True,
            },
        }

    def action_countersign(self):
        """Sign for the company, as the user; with the customer's signature it takes effect."""
        for contract in self:
            contract._check_is_to_sign()
            if not contract.can_countersign:
                contract._raise_may_not_countersign()
            contract.version_id._sign_as_company()
            contract._message_log(body=self.env._("Countersigned for the company."))
        return True

    def _raise_may_not_countersign(self):
        if self.company_signed_on:
            raise UserError(self.env._(
                "Contract %(contract)s was already countersigned by %(name)s.",
                contract=self.display_name, name=self.countersigned_by_id.sudo().name,
            ))
        raise AccessError(self.env._(
            "Contract %(contract)s is countersigned by contract officers and managers. Ask one of "
            "them.", contract=self.display_name,
        ))

    def _check_is_to_sign(self):
        if self.state != "to_sign":
            raise UserError(self.env._(
                "Contract %(contract)s does not wait for a signature. Only what was approved is "
                "put before the customer.", contract=self.display_name,
            ))

    def _check_may_invite(self):
        self._check_is_to_sign()
        signatory = self._get_signatory()
        if not signatory.email:
            raise UserError(self.env._(
                "Contract %(contract)s: %(contact)s has no e-mail address. Enter one, or choose "
                "another service contact on the contract.",
                contract=self.display_name, contact=signatory.display_name,
            ))

    def _get_signatory(self):
        """Return the contact of the customer who is asked to sign (hook)."""
        self.ensure_one()
        return self.contact_id or self.partner_id

    def _invite_to_sign(self):
        """Mail the invitation at once, without looking at it first."""
        self.ensure_one()
        self._check_may_invite()
        self.with_context(aftersales_invites_to_sign=True)._post_mail(INVITATION_MAIL)

    def _renew_link(self):
        """Mail a new link to the signatory; whoever holds the old one can no longer use it."""
        self.ensure_one()
        self.sudo().access_token = False
        self._portal_ensure_token()
        if self.state == "to_sign":
            self._invite_to_sign()
        else:
            self.sudo().version_id._refresh_link()
            self._post_mail(LINK_MAIL)

    def _post_mail(self, template_xmlid, thread=None):
        """Send a mail about the contract; the message in the chatter is the proof of it.

        :param thread: the document of the contract the mail is about, instead of itself
        """
        self.ensure_one()
        thread = (self if thread is None else thread).with_context(
            mail_notify_force_send=False,  # the mail queue sends it, whatever becomes of this
            mail_notify_author_mention=True,  # our own copy goes to us, also when we send it
        )
        return thread.message_post_with_source(
            template_xmlid, message_type="comment", subtype_xmlid="mail.mt_note",
            email_layout_xmlid=MAIL_LAYOUT,
        )

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        if self.env.context.get("aftersales_invites_to_sign") and self.state == "to_sign":
            self.sudo().version_id._note_invitation()
        return message

    def _process_attachments_for_template_post(self, mail_template):
        """Attach what the version holds, never a new print."""
        result = super()._process_attachments_for_template_post(mail_template)
        if mail_template == self.env.ref(INVITATION_MAIL):
            get_attachment = type(self.version_id)._ensure_document
        elif mail_template in [self.env.ref(xmlid) for xmlid in COPY_MAILS]:
            get_attachment = type(self.version_id)._ensure_signed_copy
        else:
            return result
        for contract in self:
            values = result.setdefault(contract.id, {})
            values.setdefault("attachment_ids", []).append(get_attachment(contract.version_id).id)
        return result

    def _get_content_blockers(self):
        return super()._get_content_blockers() + [
            blocker for clause in self.clause_ids for blocker in clause._get_content_blockers()
        ] + self._get_early_fee_blockers()

    def _get_early_fee_blockers(self):
        """Nobody owes a fee that the document does not name, so a clause has to."""
        fee = self._get_placeholder_values()["early_fee"]
        texts = [html_to_inner_content(clause.text) for clause in self.clause_ids] if fee else []
        if not fee or any(" ".join(fee.split()) in " ".join(text.split()) for text in texts):
            return []
        return [self.env._(
            "A fee for ending early is agreed (%(fee)s), but no clause says so. Take “Fee for "
            "ending early” from the library, or write {{ early_fee }} in a clause of its own.",
            fee=fee,
        )]

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target) + self._get_approval_blockers(target)
        if target == "active" and self.state == "to_sign":
            blockers += self._get_signature_blockers()
        return blockers

    def _get_signature_blockers(self):
        version = self.version_id.sudo()
        if not (version.customer_signed_on or version.company_signed_on):
            return [self.env._("Nobody has signed it. Use the button “Confirm Signature”.")]
        return version._get_signature_blockers()

    def _on_transition(self, target):
        self._note_approval(target)
        if target == "to_sign":
            self._freeze()
        elif target in ("draft", "cancelled"):
            self._reopen()
        return super()._on_transition(target)

    def _freeze(self):
        """Write down what the parties are going to sign, as a version of its own."""
        self.clause_ids._freeze_text()
        version_model = self.env["aftersales.contract.version"].sudo()
        version_model.create([
            version_model._prepare_frozen_vals(
                contract, max(contract.version_ids.filtered(
                    lambda version: version.state != "void"
                ).mapped("number"), default=0) + 1, contract.date_start,
            )
            for contract in self.sudo()
        ])

    def _reopen(self):
        """Take the unsigned version back: who sees it can no longer sign it."""
        pending = self.sudo().version_ids.filtered(lambda version: version.state == "pending")
        pending._transition_to("void")
        pending.flush_recordset()  # a new version may follow in the same transaction
        pending.contract_id.clause_ids._thaw_text()

    def _follow_with_version(self, date_from, signed=None, **vals):
        """Write down the present content as the next version, and archive the one before it.

        :param date_from: the day from which the new version is in force
        :param signed: what both parties signed instead; the version bears those signatures.
            Without it ``vals`` say who agreed, when and how.
        """
        self.ensure_one()
        previous = self.version_id
        previous.flush_recordset()  # it may have been signed in this very transaction
        previous._transition_to("superseded", date_to=date_from - ONE_DAY)
        version = previous.browse().create({
            **previous._prepare_frozen_vals(self, previous.number + 1, date_from),
            **(signed._prepare_signatures_vals() if signed else {}),
            **vals,
        })
        version._transition_to("signed")
        return version

    def _get_signed_content(self):
        """Return what both parties agree on, as plain data (hook): terms, lines and clauses."""
        self.ensure_one()
        clause_fields = ("name", "category", "topic", "origin", "is_onerous", "explanation")
        return {
            "number": self.name,
            "terms": export_content(self, self._get_content_fields()),
            "lines": [line._get_signed_content() for line in self._get_present_lines()],
            "clauses": [
                {**{name: clause[name] for name in clause_fields}, "text": str(clause.text)}
                for clause in self.clause_ids.sorted()
            ],
        }
