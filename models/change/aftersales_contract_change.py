import json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...tools.evidence import digest
from ...tools.periods import ONE_DAY
from ..agreement.aftersales_signing_mixin import COUNTERSIGN_ACTIVITY
from .aftersales_contract_change_effect_mixin import PROBLEM_ACTIVITY, REQUEST_ACTIVITY

INVITATION_MAIL = "aftersales.mail_template_change_invitation"
LINK_MAIL = "aftersales.mail_template_change_link"
COPY_MAILS = (
    "aftersales.mail_template_change_copy_customer",
    "aftersales.mail_template_change_copy_company",
)
# A customer may ask for so many changes of one contract before we have answered.
MAX_OPEN_REQUESTS = 5
# What code notes beside the signatures: content and effects. Nobody else writes them.
_NOTED_FIELDS = {
    "content", "content_hash", "frozen_on", "document_id", "document_hash", "apply_error",
    "amount_annual_before", "amount_annual_after", "amount_credit", "amount_charge",
    "amount_dropped", "obligations_dropped", "obligations_added", "consequences", "effects_on",
}
# Only code of this process holds this object: no RPC call, import or form can forge it.
_FREEZING = object()


class AftersalesContractChange(models.Model):
    """A change of a running contract: agreed by both parties in writing, then applied.

    What it changes stands in its lines, before and after. From ``to_confirm`` on its content is
    closed and bears a hash; both parties confirm that very content. On the effective date it is
    applied in one transaction and the contract gets its next version.
    """

    _name = "aftersales.contract.change"
    _description = "Contract Change"
    _inherit = [
        "aftersales.signing.document.mixin", "aftersales.signing.invitation.mixin",
        "aftersales.contract.change.effect.mixin", "aftersales.approval.mixin",
        "portal.mixin", "mail.thread", "mail.activity.mixin",
    ]
    _order = "date_effective desc, id desc"
    _rec_names_search = ["name", "contract_id.name", "partner_id.name"]
    _check_company_auto = True
    _mail_post_access = "read"

    _TRANSITIONS = {
        "draft": ("review", "rejected", "withdrawn"),
        "review": ("to_confirm", "draft", "rejected", "withdrawn"),
        "to_confirm": ("agreed", "draft", "rejected", "withdrawn"),
        "agreed": ("applied", "withdrawn"),
        "applied": (),
        "rejected": (),
        "withdrawn": (),
    }
    _DOCUMENT_REPORT = "aftersales.action_report_aftersales_contract_change"
    _WAITING_STATE = "to_confirm"
    _APPROVED_STATE = "to_confirm"
    _SIGNED_STATE = "agreed"
    _SIGNED_TOGETHER_ON_PAPER = False
    _REMINDER_MAIL = "aftersales.mail_template_change_reminder"
    _REMINDER_FIELD = "change_id"
    _OPEN_STATES = ("draft", "review")
    # The states of a contract that can be changed.
    _CONTRACT_STATES = ("active", "suspended")

    # Identity
    name = fields.Char(
        string="Number", required=True, copy=False, readonly=True, index="trigram",
        default=lambda self: self.env._("New"),
    )
    contract_id = fields.Many2one(
        "aftersales.contract", required=True, index=True, ondelete="restrict",
        domain="[('state', 'in', ('active', 'suspended'))]", check_company=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Customer", store=True, index=True,
    )
    currency_id = fields.Many2one(related="contract_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Responsible", index="btree_not_null", tracking=True,
        compute="_compute_user_id", store=True, readonly=False, precompute=True,
        domain="[('share', '=', False)]", check_company=True,
    )

    # Why and when
    initiator = fields.Selection(
        selection=[("company", "Us"), ("customer", "Customer")],
        string="Asked For By", required=True, default="company", tracking=True,
    )
    reason_code = fields.Selection(
        selection=[
            ("scope", "Other needs of the customer"),
            ("price", "Price"),
            ("circumstances", "Change of circumstances"),
            ("law", "Change of law"),
            ("correction", "Correction of a mistake"),
            ("other", "Other"),
        ],
        string="Kind of Reason", required=True, default="scope", tracking=True,
        help="Change of circumstances: what nobody could foresee when the contract was signed "
             "made it clearly unfair to one party (Civil Code of China, art. 533).",
    )
    reason = fields.Text(help="Why the contract is changed, as both parties will read it.")
    date_effective = fields.Date(string="Takes Effect On", tracking=True)
    interest_customer = fields.Text(
        string="Interests of the Customer",
        help="What the change means for the customer. Internal: seen by the reviewer only.",
    )
    interest_company = fields.Text(
        string="Our Interests",
        help="What the change means for us. Internal: seen by the reviewer only.",
    )

    # What
    line_ids = fields.One2many(
        "aftersales.contract.change.line", "change_id", string="Changes", copy=True,
    )
    term_line_ids = fields.One2many(
        "aftersales.contract.change.line", "change_id", string="Terms",
        domain=[("kind", "=", "field")], copy=False,
    )
    service_line_ids = fields.One2many(
        "aftersales.contract.change.line", "change_id", string="Service Lines",
        domain=[("kind", "=", "line")], copy=False,
    )
    clause_line_ids = fields.One2many(
        "aftersales.contract.change.line", "change_id", string="Clauses",
        domain=[("kind", "=", "clause")], copy=False,
    )
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    # What is confirmed, and by whom
    document_id = fields.Many2one(string="Annex")
    document_hash = fields.Char(string="Annex SHA-256")
    date_signed = fields.Date(string="Agreed On")
    scan_ids = fields.Many2many(relation="aftersales_contract_change_scan_rel")
    reminder_ids = fields.One2many(
        "aftersales.signature.reminder", "change_id", string="Reminders",
        groups="base.group_user",
    )
    rejection_reason = fields.Text(copy=False)
    apply_error = fields.Text(
        string="Why It Is Not Applied", readonly=True, copy=False,
    )
    billing_error = fields.Text(
        related="contract_id.billing_error", string="Why the Contract Is Not Billed",
        groups="base.group_user",
    )
    version_ids = fields.One2many(
        "aftersales.contract.version", "change_id", string="Resulting Version",
    )

    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("review", "In Review"),
            ("to_confirm", "To Confirm"),
            ("agreed", "Agreed"),
            ("applied", "Applied"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status", default="draft", required=True, copy=False, index=True, tracking=True,
    )
    is_content_open = fields.Boolean(compute="_compute_is_content_open")

    _agreed_idx = models.Index("(company_id, date_effective) WHERE state = 'agreed'")

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("name", "contract_id.name")
    def _compute_display_name(self):
        for change in self:
            change.display_name = f"{change.name} · {change.contract_id.name or ''}"

    @api.depends("contract_id")
    def _compute_user_id(self):
        for change in self:
            change.user_id = change.contract_id.user_id or self.env.user

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for change in self:
            change.access_url = f"/my/aftersales/changes/{change.id}"
        return result

    @api.depends("state")
    def _compute_is_content_open(self):
        for change in self:
            change.is_content_open = change.state in self._OPEN_STATES

    @api.depends_context("lang")
    @api.depends("line_ids.after", "line_ids.before", "consequences")
    def _compute_comparison(self):
        for change in self:
            change.comparison = self.env["ir.qweb"]._render(
                "aftersales.contract_change_comparison", {"change": change},
            ) if change.line_ids else False

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", self.env._("New")) == self.env._("New"):
                contract = self.env["aftersales.contract"].browse(vals.get("contract_id"))
                company = contract.sudo().company_id or self.env.company
                vals["name"] = company._get_aftersales_number(self._name)
        return super().create(vals_list)

    def write(self, vals):
        if self._get_content_fields() & vals.keys():
            self._check_content_open()
        if "contract_id" in vals and any(c.contract_id.id != vals["contract_id"] for c in self):
            raise UserError(self.env._(
                "Change %(change)s belongs to its contract. Request a change on the other "
                "contract instead.", change=self[:1].display_name,
            ))
        return super().write(vals)

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | _NOTED_FIELDS

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        for change in self:
            if change.state != "draft":
                raise UserError(self.env._(
                    "Change %(change)s is no longer a draft and cannot be deleted. Withdraw it, "
                    "so that its history stays.", change=change.display_name,
                ))

    @api.model
    def _get_content_fields(self):
        """Return the fields both parties confirm; closed from ``to_confirm`` on."""
        return {
            "contract_id", "initiator", "reason_code", "reason", "date_effective", "line_ids",
            "term_line_ids", "service_line_ids", "clause_line_ids", "consequences",
            "amount_annual_before", "amount_annual_after", "content", "content_hash",
        }

    def _check_content_open(self):
        """Raise for changes whose content is before the parties or confirmed."""
        for change in self:
            if change.state not in self._OPEN_STATES and not change._is_freezing():
                raise UserError(self.env._(
                    'The content of change %(change)s is closed: it is "%(state)s". Set it back '
                    "to draft while nobody has signed, or request another change.",
                    change=change.display_name, state=change._get_state_label(),
                ))

    @api.model
    def _is_freezing(self):
        return self.env.context.get("aftersales_change_freezing") is _FREEZING

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def action_submit(self):
        """Hand drafts to review, with what they bring about reckoned."""
        return self._transition_to("review")

    def action_approve(self):
        """Put reviewed changes before both parties: from here on their content is closed."""
        self._check_role("aftersales.group_legal", self.env._(
            "A change is approved by Legal & Credit or a manager. Ask one of them.",
        ))
        return self._transition_to("to_confirm")

    def action_draft(self):
        """Reopen changes; what one party may have signed already is void."""
        return self._transition_to("draft")

    def action_reject(self):
        """Refuse changes for the reason written on them."""
        return self._transition_to("rejected")

    def action_withdraw(self):
        """Take changes back; one that both parties agreed on only as a manager."""
        if "agreed" in self.mapped("state"):
            self._check_role("aftersales.group_manager", self.env._(
                "Both parties have agreed on this change. Only a manager takes it back.",
            ))
        return self._transition_to("withdrawn")

    def action_countersign(self):
        """Confirm for the company, as the user."""
        for change in self:
            change._sign_as_company()
        return True

    def action_invite(self):
        """Ask the customer by mail to read and confirm, once more."""
        for change in self:
            change._check_may_invite()
            change._invite_customer()
        return True

    def action_apply(self):
        """Apply agreed changes whose day has come; a second click does nothing."""
        self._check_role("aftersales.group_contract_officer", self.env._(
            "Changes are applied by contract officers. Ask one of them.",
        ))
        for change in self.sorted("date_effective"):
            change._apply()
        return True

    def action_refresh(self):
        """Start anew from what the contract says now, keeping what is proposed."""
        self._check_content_open()
        self.line_ids._rebase()
        return True

    def action_reckon(self):
        """Reckon what the changes bring about, without writing anything but the result."""
        for change in self:
            change._check_content_open()
            change.sudo()._update_effects(change._simulate(raise_errors=True))
        return True

    def action_view_contract(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "aftersales.contract",
            "view_mode": "form", "res_id": self.contract_id.id,
        }

    def action_preview_portal(self):
        """Open the page the customer sees."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url", "target": "self", "url": self.get_portal_url(),
        }

    def _check_role(self, group, message):
        if not (self.env.su or self.env.user.has_group(group)):
            raise AccessError(message)

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target) + self._get_approval_blockers(target)
        if target in ("review", "to_confirm"):
            blockers += self._get_agreement_blockers()
            if not blockers:
                effects = self._simulate()
                blockers += effects["blockers"]
                # Under review the questions of law are still to be answered.
                blockers += effects["unlawful"] if target == "to_confirm" else []
        elif target == "agreed":
            blockers += self._get_signature_blockers() + self._get_agreement_blockers()
        elif target == "applied":
            blockers += self._get_agreement_blockers() + self._get_due_blockers()
        elif target == "rejected" and not self.rejection_reason:
            blockers.append(self.env._("Write the reason of the rejection."))
        return blockers

    def _get_due_blockers(self):
        if self.date_effective > self.company_id._get_aftersales_today():
            return [self.env._(
                "It takes effect on %(date)s only.",
                date=format_date(self.env, self.date_effective),
            )]
        return []

    def _get_agreement_blockers(self):
        """Return why the parties cannot agree on this change; all reasons at once."""
        blockers = []
        contract = self.contract_id
        if contract.state not in self._CONTRACT_STATES:
            blockers.append(self.env._(
                'Contract %(contract)s is "%(state)s". Only a contract in force can be changed.',
                contract=contract.display_name,
                state=dict(contract._fields["state"]._description_selection(self.env))[
                    contract.state],
            ))
        if not self.reason:
            blockers.append(self.env._("Write why the contract is changed."))
        if not self.line_ids:
            blockers.append(self.env._("It changes nothing. Add a term, a line or a clause."))
        return [
            *blockers, *self._get_date_blockers(), *self._get_overlap_blockers(),
            *(blocker for line in self.line_ids for blocker in line._get_content_blockers()),
        ]

    def _get_date_blockers(self):
        day, contract = self.date_effective, self.contract_id
        if not day:
            return [self.env._("Enter the day on which it takes effect.")]
        blockers = []
        version = contract.sudo().version_id
        if version and day <= version.date_from:
            blockers.append(self.env._(
                "Overlapping versions: it takes effect on %(date)s, but %(version)s is in force "
                "from %(from)s. Choose a later day.",
                **{
                    "date": format_date(self.env, day), "version": version.display_name,
                    "from": format_date(self.env, version.date_from),
                },
            ))
        if contract.date_end and day > contract.date_end:
            blockers.append(self.env._(
                "It takes effect on %(date)s, after the contract ends on %(end)s. Choose an "
                "earlier day, or renew the contract.",
                date=format_date(self.env, day), end=format_date(self.env, contract.date_end),
            ))
        # Whoever may read the change is told of what stands in its way.
        blockers += contract.sudo()._get_rest_blockers(day)
        return blockers + self._get_lock_blockers()

    def _get_lock_blockers(self):
        """Return why the books forbid the effective date: billed and closed."""
        day = self.date_effective
        first_open = self.env["aftersales.billing"]._get_open_date(self.company_id, day)
        if first_open == day:
            return []
        billed = self.contract_id.obligation_ids.sudo().filtered(
            lambda owed: owed.billing_state == "billed"
            and owed.period_end >= day and owed.period_start < first_open
        )
        if not billed:
            return []
        return [self.env._(
            "It takes effect on %(date)s, in a period that is invoiced and whose books are "
            "closed. Choose %(open)s or later.",
            date=format_date(self.env, day), open=format_date(self.env, first_open),
        )]

    def _get_overlap_blockers(self):
        """Return which agreed changes stand in the way: same day or same object."""
        rivals = self.search([
            ("contract_id", "=", self.contract_id.id), ("state", "=", "agreed"),
            ("id", "!=", self.id),
        ])
        blockers = []
        own_keys = set(filter(None, (line._get_object_key() for line in self.line_ids)))
        for rival in rivals:
            if rival.date_effective == self.date_effective:
                blockers.append(self.env._(
                    "Overlapping versions: change %(rival)s takes effect on the same day. Choose "
                    "another day, or put both into one change.", rival=rival.display_name,
                ))
            for line in rival.line_ids:
                if line._get_object_key() in own_keys:
                    blockers.append(self.env._(
                        "Change %(rival)s, agreed but not yet applied, changes “%(object)s” too. "
                        "Wait until it is applied, or leave that out.",
                        rival=rival.display_name, object=line.object_label,
                    ))
        return blockers

    def _on_transition(self, target):
        self._note_approval(target)
        if target == "review":
            for change in self:
                change.sudo()._update_effects(change._simulate())
        elif target == "to_confirm":
            for change in self.sudo().with_context(aftersales_change_freezing=_FREEZING):
                change._freeze()
        elif target == "draft":
            self._reopen()
        elif target == "agreed":
            self._note_agreement()
        elif target == "applied":
            for change in self:
                change._take_effect()
        elif target in ("rejected", "withdrawn"):
            self.activity_unlink([PROBLEM_ACTIVITY, REQUEST_ACTIVITY])
        if target != "to_confirm":
            self.sudo().activity_unlink([COUNTERSIGN_ACTIVITY])
        return super()._on_transition(target)

    # -------------------------------------------------------------------------
    # Freezing and confirming
    # -------------------------------------------------------------------------

    def _freeze(self):
        """Write down what the parties are going to confirm."""
        self._update_effects(self._simulate(raise_errors=True))
        content = self._get_signed_content()
        self.write({
            "content": content, "content_hash": digest(content.encode()),
            "frozen_on": fields.Datetime.now(),
        })
        if self.contract_id._get_signatory().email:
            self._invite_customer()
        else:
            self._message_log(body=self.env._(
                "%(contact)s has no e-mail address and was not asked to confirm.",
                contact=self.contract_id._get_signatory().display_name,
            ))

    def _check_may_invite(self):
        signatory = self.contract_id._get_signatory()
        if self.state != "to_confirm" or self.customer_signed_on:
            raise UserError(self.env._(
                "Change %(change)s does not wait for the customer: it is “%(state)s”, or the "
                "customer has confirmed it.",
                change=self.display_name, state=self._get_state_label(),
            ))
        if not signatory.email:
            raise UserError(self.env._(
                "Change %(change)s: %(contact)s has no e-mail address. Enter one, or choose "
                "another service contact on the contract.",
                change=self.display_name, contact=signatory.display_name,
            ))

    def _invite_customer(self):
        """Mail the customer that a change waits, with its annex and the link to its page."""
        self._portal_ensure_token()
        self._post_mail(INVITATION_MAIL)
        self._note_invitation()

    def _renew_link(self):
        """Mail a new link to the signatory; whoever holds the old one can no longer use it."""
        self.ensure_one()
        self.sudo().access_token = False
        if self.state == "to_confirm":
            self._invite_customer()
        else:
            self._portal_ensure_token()
            self._refresh_link()
            self._post_mail(LINK_MAIL)

    def _process_attachments_for_template_post(self, mail_template):
        """Attach what the parties confirm, and the contract as it reads with it."""
        result = super()._process_attachments_for_template_post(mail_template)
        is_copy = mail_template in [self.env.ref(xmlid) for xmlid in COPY_MAILS]
        if is_copy or mail_template == self.env.ref(INVITATION_MAIL):
            for change in self:
                attachments = change._ensure_document()
                if is_copy:
                    attachments |= change.version_ids[:1]._ensure_signed_copy()
                values = result.setdefault(change.id, {})
                values.setdefault("attachment_ids", []).extend(attachments.ids)
        return result

    def _reopen(self):
        """Take the content back from the parties: confirmations and annex are void."""
        self.line_ids.sudo().write({"acknowledged_by": False, "acknowledged_on": False})
        self._forget_signatures()
        self.sudo().write({
            "content": False, "content_hash": False, "frozen_on": False,
            "document_id": False, "document_hash": False, "invited_on": False,
            "next_reminder_on": False,
        })
        self.sudo().reminder_ids.unlink()  # another text, another round of reminders

    def _get_signed_content(self):
        """Return what both parties agree on as canonical JSON."""
        self.ensure_one()
        change = self.sudo()
        return json.dumps({
            "number": change.name,
            "contract": change.contract_id.name,
            "date_effective": fields.Date.to_string(change.date_effective),
            "initiator": change.initiator,
            "reason_code": change.reason_code,
            "reason": change.reason,
            "amount_annual": [change.amount_annual_before, change.amount_annual_after],
            "lines": [line._get_signed_content() for line in change.line_ids.sorted("id")],
            "consequences": change.consequences or [],
        }, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _is_content_unchanged(self):
        return digest(self._get_signed_content().encode()) == self.content_hash

    def _get_signing_blockers(self):
        blockers = super()._get_signing_blockers()
        if self.state != "to_confirm":
            blockers.append(self.env._(
                'It cannot be confirmed: it is "%(state)s".', state=self._get_state_label(),
            ))
        elif not self._is_content_unchanged():
            blockers.append(self.env._(
                "It was altered after it had been put before the parties. Set it to draft and "
                "approve it again, so that both confirm the same text.",
            ))
        else:
            blockers += self.sudo()._get_agreement_blockers()
        return blockers

    def _get_earliest_signing_day(self):
        return self._get_earliest_signing_day_of(self.date_effective)

    def _prepare_customer_vals(self, name, method):
        if method in ("scan", "word"):
            self._get_onerous_lines()._acknowledge(name)
        else:
            self._check_acknowledged()
        return super()._prepare_customer_vals(name, method)

    def _get_onerous_lines(self):
        """Return the clauses that the customer must accept one by one."""
        return self._get_worded_lines().filtered("is_onerous")

    def _check_acknowledged(self):
        open_lines = self._get_onerous_lines().filtered(lambda line: not line.acknowledged_on)
        if open_lines:
            raise UserError(self.env._(
                "Change %(change)s: please read and accept first, each on its own: %(clauses)s.",
                change=self.display_name, clauses=", ".join(open_lines.mapped("title")),
            ))

    def _on_both_signed(self):
        # The second signature may be the customer's, who has no rights here.
        self.sudo()._transition_to(self._SIGNED_STATE)
        if self.date_effective <= self.company_id._get_aftersales_today():
            self._apply_or_flag()

    def _note_agreement(self):
        for change in self:
            change.message_post(body=self.env._(
                "Confirmed by %(customer)s and, for us, by %(company)s.",
                customer=change.customer_signed_by, company=change.company_signed_by_id.name,
            ), subtype_xmlid="mail.mt_comment")

    def _decline(self, name, reason):
        """Store that the customer does not agree."""
        self.ensure_one()
        if self.state != "to_confirm" or self.customer_signed_on:
            raise UserError(self.env._(
                'Change %(change)s cannot be declined: it is "%(state)s".',
                change=self.display_name, state=self._get_state_label(),
            ))
        self.sudo().rejection_reason = reason or self.env._("Declined without a reason.")
        self.sudo()._transition_to("rejected")
        self.sudo().message_post(body=self.env._(
            "Declined by %(name)s: %(reason)s", name=name, reason=self.sudo().rejection_reason,
        ), subtype_xmlid="mail.mt_comment")

    def _get_document_name(self):
        return self.name.replace("/", "-")

    def _check_may_print(self):
        if not self.content_hash:
            raise UserError(self.env._(
                "Change %(change)s has no annex yet: it is put before the parties when it is "
                "approved.", change=self.display_name,
            ))

    # -------------------------------------------------------------------------
    # The customer asks
    # -------------------------------------------------------------------------

    @api.model
    def _create_customer_request(self, contract, reason, date_effective=None):
        """Create the draft of a change the customer asks for, and an activity to answer it.

        :raises UserError: contract not in force, no words, or too many unanswered requests
        """
        if contract.state not in self._CONTRACT_STATES:
            raise UserError(self.env._(
                "Contract %(contract)s is not in force. Only a contract in force can be changed.",
                contract=contract.name,
            ))
        if not (reason or "").strip():
            raise UserError(self.env._("Please write what you would like to change."))
        self._check_requested_day(contract.sudo(), date_effective)
        waiting = self.sudo().search_count([
            ("contract_id", "=", contract.id), ("initiator", "=", "customer"),
            ("state", "in", self._OPEN_STATES),
        ])
        if waiting >= MAX_OPEN_REQUESTS:
            raise UserError(self.env._(
                "You have asked for %(count)s changes of contract %(contract)s that we have not "
                "answered yet. Please wait for our answer.",
                count=waiting, contract=contract.name,
            ))
        # The caller has found out that the customer may see the contract.
        change_sudo = self.with_user(SUPERUSER_ID).create({
            "contract_id": contract.id, "initiator": "customer", "reason_code": "scope",
            "reason": reason.strip(), "date_effective": date_effective,
        })
        change_sudo.activity_schedule(
            REQUEST_ACTIVITY, user_id=(change_sudo.user_id or self.env.user).id,
        )
        return change_sudo

    @api.model
    def _check_requested_day(self, contract, day):
        """Raise when the customer wishes a day on which no change can take effect."""
        first = max(contract.version_id.date_from or contract.date_start, contract.date_start)
        first += ONE_DAY
        day = fields.Date.to_date(day)
        if day and day < first:
            raise UserError(self.env._(
                "A change of contract %(contract)s cannot take effect on %(day)s. The earliest "
                "possible day is %(first)s.",
                contract=contract.name, day=format_date(self.env, day),
                first=format_date(self.env, first),
            ))

    # -------------------------------------------------------------------------
    # For the reader
    # -------------------------------------------------------------------------

    def _has_annex(self):
        """Whether the change was put before the parties and can be read whole."""
        return bool(self.content_hash)

    def _is_shown_to_customer(self):
        """Whether the customer may see it: what we put before them, and what they asked for."""
        return self._has_annex() or self.initiator == "customer"
