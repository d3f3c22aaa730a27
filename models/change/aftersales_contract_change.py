import json
import logging

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from ..agreement.aftersales_contract_version import digest

_logger = logging.getLogger(__name__)

REPORT = "aftersales.action_report_aftersales_contract_change"
_PROBLEM_ACTIVITY = "aftersales.mail_activity_type_change_problem"
_REQUEST_ACTIVITY = "aftersales.mail_activity_type_change_request"
# A customer may ask for so many changes of one contract before we have answered.
MAX_OPEN_REQUESTS = 5
# What code notes: content, confirmations and effects. Nobody else writes them.
_PROTECTED_FIELDS = {
    "content", "content_hash", "document_id", "document_hash", "customer_signed_by",
    "customer_signed_on", "customer_method", "customer_signature", "customer_ip",
    "company_signed_by_id", "company_signed_on", "date_signed", "scan_ids", "apply_error",
    "amount_annual_before", "amount_annual_after", "amount_credit", "amount_charge",
    "obligations_dropped", "obligations_added", "consequences", "effects_on",
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
        "aftersales.lifecycle.mixin", "aftersales.contract.change.effect.mixin", "portal.mixin",
        "mail.thread", "mail.activity.mixin",
    ]
    _order = "date_effective desc, id desc"
    _rec_names_search = ["name", "contract_id.name", "partner_id.name"]
    _check_company_auto = True
    _mail_post_access = "read"

    _TRANSITIONS = {
        "draft": ("review", "withdrawn"),
        "review": ("to_confirm", "draft", "rejected", "withdrawn"),
        "to_confirm": ("agreed", "draft", "rejected", "withdrawn"),
        "agreed": ("applied", "withdrawn"),
        "applied": (),
        "rejected": (),
        "withdrawn": (),
    }
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
    content = fields.Text(readonly=True, copy=False, help="The change as canonical JSON.")
    content_hash = fields.Char(string="Content SHA-256", readonly=True, copy=False, size=64)
    document_id = fields.Many2one(
        "ir.attachment", string="Annex", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null",
    )
    document_hash = fields.Char(string="Annex SHA-256", readonly=True, copy=False, size=64)
    customer_signed_by = fields.Char(readonly=True, copy=False)
    customer_signed_on = fields.Datetime(readonly=True, copy=False)
    customer_method = fields.Selection(
        selection=lambda self: self.env[
            "aftersales.contract.version"]._fields["customer_method"].selection,
        string="Customer Signed How", readonly=True, copy=False,
    )
    customer_signature = fields.Image(
        readonly=True, copy=False, max_width=1024, max_height=1024, attachment=True,
    )
    customer_ip = fields.Char(string="Customer IP Address", readonly=True, copy=False)
    company_signed_by_id = fields.Many2one(
        "res.users", string="Countersigned By", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null",
    )
    company_signed_on = fields.Datetime(string="Countersigned On", readonly=True, copy=False)
    date_signed = fields.Date(string="Agreed On", readonly=True, copy=False)
    scan_ids = fields.Many2many(
        "ir.attachment", "aftersales_contract_change_scan_rel", string="Signed Documents",
        readonly=True, copy=False,
    )
    rejection_reason = fields.Text(copy=False)
    apply_error = fields.Text(
        string="Why It Is Not Applied", readonly=True, copy=False,
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
                vals["name"] = company._get_aftersales_change_number()
            self._check_not_protected(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_protected(vals)
        if self._get_content_fields() & vals.keys():
            self._check_content_open()
        if "contract_id" in vals and any(c.contract_id.id != vals["contract_id"] for c in self):
            raise UserError(self.env._(
                "Change %(change)s belongs to its contract. Request a change on the other "
                "contract instead.", change=self[:1].display_name,
            ))
        return super().write(vals)

    @api.model
    def _check_not_protected(self, vals):
        if not self.env.su and (protected := _PROTECTED_FIELDS & vals.keys()):
            raise UserError(self.env._(
                "“%(field)s” of a contract change is written by its buttons only.",
                field=self._fields[min(protected)]._description_string(self.env),
            ))

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

    def _get_state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

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

    def action_open_document(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._ensure_document().id}?download=true",
            "target": "new",
        }

    def action_open_sign_wizard(self):
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_change_sign_action"
        )

    def _check_role(self, group, message):
        if not (self.env.su or self.env.user.has_group(group)):
            raise AccessError(message)

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
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

    def _get_signature_blockers(self):
        blockers = []
        if not self.customer_signed_on:
            blockers.append(self.env._("The customer has not confirmed it."))
        if not self.company_signed_on:
            blockers.append(self.env._("Nobody has countersigned it for the company."))
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
            self.activity_unlink([_PROBLEM_ACTIVITY, _REQUEST_ACTIVITY])
        return super()._on_transition(target)

    # -------------------------------------------------------------------------
    # Freezing and confirming
    # -------------------------------------------------------------------------

    def _freeze(self):
        """Write down what the parties are going to confirm."""
        self._update_effects(self._simulate(raise_errors=True))
        content = self._get_signed_content()
        self.write({"content": content, "content_hash": digest(content.encode())})
        self._invite_customer()

    def _invite_customer(self):
        """Mail the customer that a change waits, with the link to its page."""
        contact = self.contract_id.contact_id or self.contract_id.partner_id
        texts = self.with_context(lang=contact.lang or self.env.lang).env
        self.message_post(
            body=texts._(
                "Please read change %(change)s of contract %(contract)s and confirm or decline it.",
                change=self.name, contract=self.contract_id.name,
            ),
            partner_ids=contact.ids, subtype_xmlid="mail.mt_comment",
        )

    def _reopen(self):
        """Take the content back from the parties: confirmations and annex are void."""
        self.line_ids.sudo().write({"acknowledged_by": False, "acknowledged_on": False})
        self.sudo().write({
            "content": False, "content_hash": False, "document_id": False, "document_hash": False,
            "customer_signed_by": False, "customer_signed_on": False, "customer_method": False,
            "customer_signature": False, "customer_ip": False, "scan_ids": [Command.clear()],
            "company_signed_by_id": False, "company_signed_on": False, "date_signed": False,
        })

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

    def _sign_as_customer(self, name, method, *, signed_on=None, signature=False, ip=False):
        """Store the customer's confirmation; with both the change is agreed.

        :param str method: drawn, typed, scan or word
        :param signed_on: date of a signature on paper, today by default
        :raises UserError: already confirmed, no longer open to it, or content altered
        """
        self._check_may_sign()
        if self.customer_signed_on:
            raise UserError(self.env._(
                "Change %(change)s was already confirmed by %(name)s.",
                change=self.display_name, name=self.customer_signed_by,
            ))
        if method in ("scan", "word"):
            self._get_onerous_lines()._acknowledge(name)
        else:
            self._check_acknowledged()
        self.sudo().write({
            "customer_signed_by": name,
            "customer_signed_on": fields.Datetime.now(),
            "customer_method": method,
            "customer_signature": signature,
            "customer_ip": ip,
        })
        self._agree_when_signed(signed_on)

    def _sign_as_company(self, *, signed_on=None):
        """Countersign as the user; with both confirmations the change is agreed."""
        self._check_role("aftersales.group_contract_officer", self.env._(
            "A change is countersigned by a contract officer or a manager. Ask one of them.",
        ))
        self._check_may_sign()
        if self.company_signed_on:
            raise UserError(self.env._(
                "Change %(change)s was already countersigned by %(name)s.",
                change=self.display_name, name=self.company_signed_by_id.name,
            ))
        self.sudo().write({
            "company_signed_by_id": self.env.uid, "company_signed_on": fields.Datetime.now(),
        })
        self._agree_when_signed(signed_on)

    def _check_may_sign(self):
        """Lock the change and raise unless what it shows may still be confirmed."""
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        if self.state != "to_confirm":
            raise UserError(self.env._(
                'Change %(change)s cannot be confirmed: it is "%(state)s".',
                change=self.display_name, state=self._get_state_label(),
            ))
        if not self._is_content_unchanged():
            raise UserError(self.env._(
                "Change %(change)s was altered after it had been put before the parties. Set it "
                "to draft and approve it again, so that both confirm the same text.",
                change=self.display_name,
            ))
        if blockers := self.sudo()._get_agreement_blockers():
            raise UserError("\n".join([f"{self.display_name}:", *(f"- {b}" for b in blockers)]))

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

    def _agree_when_signed(self, signed_on):
        if not (self.customer_signed_on and self.company_signed_on):
            return
        self.sudo().date_signed = signed_on or self.company_id._get_aftersales_today()
        # The second signature may be the customer's, who has no rights here.
        self.sudo()._transition_to("agreed")
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

    def _ensure_document(self):
        """Print the annex once, as it is put before the parties; return the attachment."""
        self.ensure_one()
        if not self.content_hash:
            raise UserError(self.env._(
                "Change %(change)s has no annex yet: it is put before the parties when it is "
                "approved.", change=self.display_name,
            ))
        if not self.document_id:
            self.lock_for_update(allow_referencing=True)
            self.invalidate_recordset(["document_id"])
        if not self.document_id:
            # Whoever may see the change may see it printed; the print itself reads all of it.
            content, _type = self.env["ir.actions.report"].sudo()._render_qweb_pdf(
                REPORT, self.ids,
            )
            change_sudo = self.sudo()
            change_sudo.document_id = self.env["ir.attachment"].sudo().create({
                "name": f"{self.name.replace('/', '-')}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            })
            change_sudo.document_hash = digest(content)
        return self.document_id

    # -------------------------------------------------------------------------
    # Applying
    # -------------------------------------------------------------------------

    def _apply(self):
        """Apply one agreed change in the transaction of the caller, as the system.

        :raises UserError: naming every reason; nothing is changed
        """
        self.ensure_one()
        change = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        change.lock_for_update(allow_referencing=True)
        change.contract_id.lock_for_update(allow_referencing=True)
        change.invalidate_recordset()  # another process may have applied it just now
        change.contract_id._catch_up(self.company_id._get_aftersales_today())
        change._transition_to("applied", apply_error=False)

    def _apply_or_flag(self):
        """Apply one agreed change; when it fails nothing of it stays, and it is flagged."""
        try:
            with self.env.cr.savepoint():
                self._apply()
            return True
        except OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Change %s cannot be applied", self.id)
            self.with_user(SUPERUSER_ID)._flag_problem(str(error))
            return False

    def _flag_problem(self, problem):
        """Write the problem on the change and ask its responsible to solve it, once."""
        if self.apply_error != problem:
            self.apply_error = problem
        if not self.activity_search([_PROBLEM_ACTIVITY]):
            self.activity_schedule(
                _PROBLEM_ACTIVITY, user_id=(self.user_id or self.env.user).id,
                note=self.env._("The reason stands on the change. Solve it and apply it again."),
            )

    def _take_effect(self):
        """Change the contract as agreed and give it its next version."""
        contract = self._get_agreed_contract()
        # Annex and version in force are printed while the contract still says what it says.
        self._ensure_document()
        contract.version_id._keep_document()
        self._apply_to_contract(contract)
        for item in self.consequences or []:
            contract.clause_ids.filtered(
                lambda clause, item=item: clause.id == item["clause_id"]
            ).frozen_text = item["after"]
        version = self._create_version(contract)
        contract._run_compliance()
        self.activity_unlink([_PROBLEM_ACTIVITY, _REQUEST_ACTIVITY])
        contract.message_post(body=self.env._(
            "Changed by %(change)s from %(date)s on: version %(number)s.",
            change=self._get_html_link(title=self.name),
            date=format_date(self.env, self.date_effective), number=version.number,
        ))

    def _create_version(self, contract):
        """Archive the version in force and create the next, signed as this change was."""
        old = contract.version_id
        old._transition_to("superseded", date_to=self.date_effective - ONE_DAY)
        version_model = old.browse()
        version = version_model.create({
            **version_model._prepare_frozen_vals(contract, old.number + 1, self.date_effective),
            "change_id": self.id,
            "customer_signed_by": self.customer_signed_by,
            "customer_signed_on": self.customer_signed_on,
            "customer_method": self.customer_method,
            "customer_signature": self.customer_signature,
            "customer_ip": self.customer_ip,
            "company_signed_by_id": self.company_signed_by_id.id,
            "company_signed_on": self.company_signed_on,
            "date_signed": self.date_signed,
            "scan_ids": [Command.set((self.scan_ids | self._ensure_document()).ids)],
        })
        version._transition_to("signed")
        version._ensure_document()
        return version

    @api.model
    def _cron_apply(self, batch_size=50):
        """Apply the agreed changes whose day has come, each in a savepoint of its own."""
        for company in self.env["aftersales.contract"]._get_companies():
            domain = (
                Domain("state", "=", "agreed") & Domain("company_id", "=", company.id)
                & Domain("date_effective", "<=", company._get_aftersales_today())
            )
            done = self.browse()
            while batch := self.search(
                domain & Domain("id", "not in", done.ids), limit=batch_size,
                order="date_effective, id",
            ):
                done |= batch
                for change in batch:
                    if change.try_lock_for_update(allow_referencing=True):
                        change._apply_or_flag()
                    if not self.env["ir.cron"]._commit_progress(1):
                        return

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
            _REQUEST_ACTIVITY, user_id=(change_sudo.user_id or self.env.user).id,
        )
        return change_sudo

    # -------------------------------------------------------------------------
    # For the reader
    # -------------------------------------------------------------------------

    def _has_annex(self):
        """Whether the change was put before the parties and can be read whole."""
        return bool(self.content_hash)

    def _is_shown_to_customer(self):
        """Whether the customer may see it: what we put before them, and what they asked for."""
        return self._has_annex() or self.initiator == "customer"
