from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from ...tools.renewal import Term
from .aftersales_contract_term import PROBLEM_ACTIVITY

_OFFER_TEMPLATE = "aftersales.mail_template_renewal_offer"


class AftersalesRenewal(models.Model):
    """A renewal both parties agree on: the next term and its prices.

    Agreed as a new term of the same contract, it takes effect with the second signature; agreed
    as a successor, that contract is signed like any other.
    """

    _name = "aftersales.renewal"
    _description = "Contract Renewal"
    _inherit = ["aftersales.signing.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    _SIGNED_STATE = "agreed"
    _TRANSITIONS = {
        "draft": ("offered", "agreed", "declined", "lapsed"),
        "offered": ("agreed", "declined", "lapsed"),
        "agreed": (),
        "declined": (),
        "lapsed": (),
    }

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
        check_company=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", string="Customer", store=True)
    user_id = fields.Many2one(related="contract_id.user_id", string="Contract Manager", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    term_id = fields.Many2one(
        "aftersales.contract.term", string="Follows", required=True, readonly=True,
        ondelete="cascade", index=True, copy=False,
    )

    # What is offered
    form = fields.Selection(
        selection=[("term", "Same contract, new term"), ("successor", "Successor contract")],
        string="Renewed As", required=True, default="term",
    )
    date_start = fields.Date(string="From", required=True, readonly=True)
    months = fields.Integer(required=True, default=12)
    date_end = fields.Date(
        string="Until", required=True, compute="_compute_date_end", store=True, readonly=False,
        precompute=True,
    )
    price_percent = fields.Float(
        string="Price Change (%)", help="Fills the new prices; each can be changed by hand.",
    )
    line_ids = fields.One2many("aftersales.renewal.line", "renewal_id", string="Prices", copy=True)
    amount_before = fields.Monetary(string="Annual Value So Far", compute="_compute_amounts")
    amount_after = fields.Monetary(string="New Annual Value", compute="_compute_amounts")
    is_outdated = fields.Boolean(
        compute="_compute_is_outdated",
        help="Lines or prices of the contract have changed since this renewal was prepared.",
    )
    ending_label = fields.Text(related="contract_id.ending_label")
    note = fields.Text(help="What else is offered; the customer reads it.")
    date_offered = fields.Date(readonly=True, copy=False)
    decline_reason = fields.Text(string="Declined Because", readonly=True, copy=False)
    successor_id = fields.Many2one(
        "aftersales.contract", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null",
    )

    # Who agreed
    customer_signed_by = fields.Char(string="Agreed By")
    customer_method = fields.Selection(string="Agreed How")
    scan_ids = fields.Many2many(relation="aftersales_renewal_document_rel")
    company_signed_by_id = fields.Many2one(string="Agreed for Us By")
    date_signed = fields.Date(string="Agreed On")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("offered", "Offered"),
            ("agreed", "Agreed"),
            ("declined", "Declined"),
            ("lapsed", "Lapsed"),
        ],
        string="Status", default="draft", required=True, copy=False, index=True, tracking=True,
    )

    _open_uniq = models.UniqueIndex(
        "(term_id) WHERE state IN ('draft', 'offered', 'agreed')",
        "The term already has a renewal under way. Decline that one first.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("date_start", "months")
    def _compute_date_end(self):
        for offer in self:
            if offer.date_start and offer.months > 0:
                offer.date_end = offer.date_start + relativedelta(months=offer.months) - ONE_DAY

    @api.depends("line_ids.amount_before", "line_ids.amount_after")
    def _compute_amounts(self):
        for offer in self:
            offer.amount_before = sum(offer.line_ids.mapped("amount_before"))
            offer.amount_after = sum(offer.line_ids.mapped("amount_after"))

    @api.depends("state", "form", "line_ids.line_id.next_line_ids", "line_ids.price_before")
    def _compute_is_outdated(self):
        for offer in self:
            is_open = offer.state == "draft" or offer.state == "offered" and offer.form == "term"
            offer.is_outdated = is_open and any(
                line._get_change_reason() for line in offer.line_ids
            )

    @api.depends_context("lang")
    @api.depends("contract_id.name", "date_start", "date_end")
    def _compute_display_name(self):
        for offer in self:
            days = (format_date(self.env, day) for day in (offer.date_start, offer.date_end))
            offer.display_name = f"{offer.contract_id.name}: {' – '.join(days)}"

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """Fill a new renewal of a contract with its next term and its prices of today."""
        vals = super().default_get(fields)
        if contract := self.env["aftersales.contract"].browse(vals.get("contract_id")):
            self._check_may_renew(contract)
            offer_vals = self._prepare_offer_vals(contract)
            vals.update({name: offer_vals[name] for name in offer_vals.keys() & set(fields)})
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        offers._check_compliance()
        return offers

    def write(self, vals):
        content = {"form", "months", "date_end", "price_percent", "line_ids", "note"}
        if content & vals.keys() and not self._is_transition():
            self._check_content_open()
        return super().write(vals)

    def _check_content_open(self):
        for offer in self:
            if offer.state != "draft":
                raise UserError(self.env._(
                    "The renewal %(renewal)s was put before the customer and cannot be changed. "
                    "Decline it and offer another one.", renewal=offer.display_name,
                ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for offer in self:
            if offer.state != "draft":
                raise UserError(self.env._(
                    "The renewal %(renewal)s stays: it is no longer a draft. Decline it instead.",
                    renewal=offer.display_name,
                ))

    # -------------------------------------------------------------------------
    # Preparation
    # -------------------------------------------------------------------------

    @api.model
    def _prepare_offers(self, contracts):
        """Draft the renewals of these contracts and ask their managers to offer them."""
        self._check_may_renew(contracts)
        offers = self.create([self._prepare_offer_vals(contract) for contract in contracts])
        contracts._ask_managers(contracts, self.env._("Send the customer the renewal offer."))
        return offers

    @api.model
    def _check_may_renew(self, contracts):
        for contract in contracts:
            if contract.state == "suspended":
                raise UserError(self.env._(
                    "Contract %(contract)s is suspended. Resume it, then renew it.",
                    contract=contract.display_name,
                ))
            if not contract.date_end or contract.state != "active":
                raise UserError(self.env._(
                    "Contract %(contract)s cannot be renewed: only an active contract with an "
                    "end is. Write a new contract instead.", contract=contract.display_name,
                ))

    @api.model
    def _prepare_offer_vals(self, contract):
        months = max(contract.renewal_term_months, 1)
        term = contract._get_next_term()
        return {
            "contract_id": contract.id,
            "term_id": contract.term_id.id,
            "form": contract.renewal_form,
            "date_start": term.start,
            "months": months,
            "date_end": term.end,
            "line_ids": self._prepare_offer_lines_vals(contract),
        }

    @api.model
    def _prepare_offer_lines_vals(self, contract, prices=None):
        """Return commands for the lines that go on, at the prices of today.

        :param prices: contract line → new price, where one was entered
        """
        return [
            Command.create({
                "line_id": line.id, "price_before": line.price_unit,
                **({"price_after": prices[line]} if line in (prices or {}) else {}),
            })
            for line in contract._get_lasting_lines()
            if line.product_id and line.recurrence_unit != "once"
        ]

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_refresh(self):
        """Take over lines and prices as they are now; new prices that were entered stay."""
        for offer in self:
            offer._check_content_open()
            offer.line_ids = [
                Command.clear(),
                *self._prepare_offer_lines_vals(offer.contract_id, offer._get_entered_prices()),
            ]
        return True

    def action_offer_anew(self):
        """Replace an offer whose prices have changed by a draft that the manager may offer."""
        self.ensure_one()
        contract, prices = self.contract_id, self._get_entered_prices()
        self._transition_to("lapsed")
        offer = self.create({
            **self._prepare_offer_vals(contract),
            "form": self.form, "months": self.months, "date_end": self.date_end,
            "note": self.note,
            "line_ids": self._prepare_offer_lines_vals(contract, prices),
        })
        return offer._get_form_action()

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _get_entered_prices(self):
        """Return the new prices that differ from the old ones: line that goes on → price."""
        return {
            line._get_contract_line(): line.price_after for line in self.line_ids
            if line.price_after != line.price_before
        }

    def _follow_prices(self, reason):
        """Bring drafts to the prices of today; say of offers made that another one is due."""
        for offer in self.filtered("is_outdated"):
            if offer.state == "draft":
                offer.action_refresh()
                offer.message_post(body=self.env._(
                    "%(reason)s: the prices so far follow it. New prices that were entered stay "
                    "as they were; check them.", reason=reason,
                ))
                continue
            offer.contract_id._flag_renewal({offer.contract_id: self.env._(
                "%(reason)s: the renewal offered on %(date)s tells other prices than the contract "
                "has now. Open it and use “Offer Anew”.",
                reason=reason, date=format_date(self.env, offer.date_offered),
            )})

    def action_check_compliance(self):
        """Check the renewals against the rules in force today."""
        self.check_access("write")
        self._check_compliance()
        return True

    def action_offer(self):
        """Put drafts before the customer: by mail, or as a successor to be signed."""
        for offer in self:
            offer._transition_to("offered", date_offered=offer.company_id._get_aftersales_today())
        return True

    def action_agree(self):
        """Agree as the user to what the customer has agreed to."""
        for offer in self:
            if not offer.customer_signed_on:
                raise UserError(self.env._(
                    "The renewal %(renewal)s: the customer has not agreed yet. Use “Confirm "
                    "Signature” for what was agreed on paper or by word.",
                    renewal=offer.display_name,
                ))
            offer._sign_as_company()
        return True

    def action_decline(self):
        """Record that the parties do not agree; the contract then ends with its term."""
        return self._transition_to("declined")

    def _get_decline_problem(self):
        """Return why the customer cannot decline on the portal, or False."""
        self.ensure_one()
        if self.form == "successor":
            return self.env._("The renewal is declined on the page of the new contract.")
        if self.customer_signed_on:
            return self.env._(
                "%(name)s has agreed to it on %(date)s. Please speak with us.",
                name=self.customer_signed_by, date=format_date(self.env, self.customer_signed_on),
            )
        return False

    def _decline_online(self, author, reason):
        """Let the customer decline on the portal; the manager is asked what to do.

        :raises UserError: it is agreed on, or declined elsewhere
        """
        if problem := self._get_decline_problem():
            raise UserError(problem)
        self._transition_to("declined", decline_reason=reason)
        contract = self.contract_id
        body = self.env._(
            "%(name)s declined the renewal: %(reason)s", name=author.name, reason=reason,
        )
        for record in (self, contract):
            record.message_post(body=body, author_id=author.id)
        contract.activity_feedback([PROBLEM_ACTIVITY])
        contract._ask_managers(contract, self.env._(
            "The customer declined the renewal. Make another offer, or let the contract end on "
            "%(date)s.", date=format_date(self.env, contract.date_end),
        ))

    def action_open_successor(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.contract",
            "res_id": self.successor_id.id,
            "view_mode": "form",
        }

    # -------------------------------------------------------------------------
    # Agreement
    # -------------------------------------------------------------------------

    def _was_mailed(self):
        return bool(self.date_offered)

    def _get_signing_blockers(self):
        blockers = super()._get_signing_blockers()
        if self.state not in ("draft", "offered"):
            blockers.append(self.env._(
                'It can no longer be agreed on: it is "%(state)s".', state=self._get_state_label(),
            ))
        elif self.form == "successor":
            blockers.append(self.env._("It is agreed on by signing the successor contract."))
        else:
            blockers += self._get_content_blockers()
        return blockers

    def _check_compliance(self):
        """Judge these renewals by the law of today; what stops them stands on their contracts."""
        self.contract_id._run_compliance("renewal")
        # What stops a contract that renews by itself is written down by the run.
        contracts = self.contract_id.filtered(lambda contract: contract.renewal_mode != "auto")
        unlawful = contracts._get_unlawful("renewal")
        contracts.filtered(
            lambda contract: contract.renewal_problem and contract not in unlawful
        ).renewal_problem = False
        contracts._flag_renewal({
            contract: "\n".join(reasons) for contract, reasons in unlawful.items()
        })

    def _check_transition(self, target):
        if target in ("offered", "agreed"):
            self.filtered(lambda offer: offer.state == "draft").contract_id._run_compliance(
                "renewal",
            )
        return super()._check_transition(target)

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target in ("offered", "agreed"):
            blockers += self._get_content_blockers()
            # What the customer has accepted is judged by the law of the day it was offered.
            if self.state == "draft":
                blockers += self.contract_id._get_compliance_blockers("renewal")
        if target == "agreed" and self.form == "term":
            blockers += self._get_signature_blockers()
        if target == "agreed" and self.form == "successor" and self.successor_id.state != "active":
            blockers.append(self.env._("The successor has to be signed first."))
        return blockers

    def _get_content_blockers(self):
        """Return what is wrong with the offer: every reason."""
        contract = self.contract_id
        blockers = []
        if self.form == "term" and contract.state != "active":
            blockers.append(self.env._(
                "Contract %(contract)s is no longer active. Offer a successor instead.",
                contract=contract.display_name,
            ))
        if self.term_id != contract.term_id or (
            self.form == "term" and self.date_start != contract.date_end + ONE_DAY
        ):
            blockers.append(self.env._(
                "The end of contract %(contract)s has changed since. Decline this renewal and "
                "prepare another one.", contract=contract.display_name,
            ))
        if self.date_end < self.date_start:
            blockers.append(self.env._("The new term ends before it begins."))
        if self.successor_id:
            return blockers  # the prices agreed on are those the successor tells
        return blockers + [
            blocker for line in self.line_ids for blocker in line._get_blockers()
        ]

    def _on_transition(self, target):
        if target == "offered":
            self._send_offers()
        elif target == "agreed":
            for offer in self.filtered(lambda offer: offer.form == "term"):
                offer._apply()
        elif target in ("declined", "lapsed"):
            self.flush_recordset()  # another one may follow in the same transaction
        return super()._on_transition(target)

    def _send_offers(self):
        for offer in self.filtered(lambda offer: offer.form == "successor"):
            offer._create_successor()
        self.contract_id.sudo().version_id._refresh_link()
        # Who may offer a renewal may send its mail, whatever their rights on mail templates.
        self.env.ref(_OFFER_TEMPLATE).sudo().send_mail_batch(self.ids)

    # -------------------------------------------------------------------------
    # Effect
    # -------------------------------------------------------------------------

    def _get_prices(self):
        """Return the prices that change: contract line → new unit price."""
        return self._get_entered_prices()

    def _create_successor(self):
        self.ensure_one()
        vals = self.contract_id._prepare_successor_vals(
            Term(self.date_start, self.date_end), self._get_prices(),
        )
        self.sudo().successor_id = self.env["aftersales.contract"].create(vals)

    def _apply(self):
        """Append the agreed term, change the prices from its first day, freeze the version."""
        self.ensure_one()
        # The agreement of both parties is on record; roles need no rights on its consequences.
        contract = self.contract_id.sudo()
        term = self.env["aftersales.contract.term"].sudo().create({
            "contract_id": contract.id,
            "number": contract.term_id.number + 1,
            "date_start": self.date_start,
            "date_end": self.date_end,
            "origin": "renewal",
            "evidence": self._get_evidence(),
        })
        contract._move_ends(term)
        reason = self.env._("Renewed from %(date)s", date=format_date(self.env, self.date_start))
        for line, price in self._get_prices().items():
            line.sudo()._replace_from(self.date_start, {"price_unit": price}, reason)
        contract._schedule_obligations()
        contract._follow_with_version(self.date_start, self)

    def _get_evidence(self):
        evidence = self.env._(
            "Agreed by %(customer)s on %(customer_date)s and %(user)s on %(user_date)s.",
            customer=self.customer_signed_by,
            customer_date=format_date(self.env, self.customer_signed_on.date()),
            user=self.company_signed_by_id.name,
            user_date=format_date(self.env, self.company_signed_on.date()),
        )
        base = self._get_prices() and self.contract_id.sudo()._prepare_new_base_vals(
            self.date_start,
        )
        if base:
            evidence += "\n" + self.env._(
                "New prices: later adjustments count from the index value of that day, which so "
                "far is %(value)s (%(date)s).", value=f"{base['index_base_value']:g}",
                date=format_date(self.env, base["index_base_date"]),
            )
        return evidence
