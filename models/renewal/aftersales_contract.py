"""Renewal side of the service contract: what happens at the end of a term, and to its prices."""

import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ...tools import indexation, renewal
from ...tools.periods import ONE_DAY
from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS
from .aftersales_contract_term import PROBLEM_ACTIVITY as _PROBLEM_ACTIVITY

_logger = logging.getLogger(__name__)

# Days before the last one for an offer or an announcement in which it is prepared.
LEAD_DAYS = 14
# Odoo renders so many mails in one go.
MAIL_BATCH = 50
RENEWAL_TERMS = {
    "renewal_mode", "renewal_term_months", "renewal_notice_days", "renewal_form",
    "renewal_conditions", "renewal_needs_payment", "renewal_needs_no_dispute",
    "renewal_min_assessment",
}
INDEXATION_TERMS = {
    "indexation_mode", "indexation_percent", "index_id", "index_base_date", "index_base_value",
    "index_method", "index_cap_percent", "index_floor_percent", "index_freeze_months",
    "indexation_notice_days",
}


class AftersalesContract(models.Model):
    _name = "aftersales.contract"
    _inherit = ["aftersales.contract", "aftersales.renewal.terms.mixin"]

    # The end of a term
    renewal_mode = fields.Selection(tracking=True)
    renewal_form = fields.Selection(
        selection=[("term", "Same contract, new term"), ("successor", "Successor contract")],
        string="Renewed As", required=True, default="term",
    )
    renewal_conditions = fields.Text(help="What must be given for a renewal, in words.")
    renewal_needs_payment = fields.Boolean(
        string="Nothing Overdue", default=True,
        help="Renews automatically only while no payment is overdue.",
    )
    renewal_needs_no_dispute = fields.Boolean(
        string="No Open Dispute", default=True,
        help="Renews automatically only while no dispute is open.",
    )
    renewal_min_assessment = fields.Float(
        string="Minimum Assessment",
        help="Renews automatically only from this assessment on. 0: without one.",
    )
    renewal_step_ids = fields.One2many(
        "aftersales.renewal.step", "contract_id", string="Own Reminders",
        help="Instead of the reminders of the company.",
        groups=PRICE_GROUPS,
    )
    term_ids = fields.One2many(
        "aftersales.contract.term", "contract_id", string="Terms", groups="base.group_user",
    )
    term_id = fields.Many2one(
        "aftersales.contract.term", string="Current Term", compute="_compute_term_id", store=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    notice_ids = fields.One2many(
        "aftersales.renewal.notice", "contract_id", string="Reminders Sent", groups=PRICE_GROUPS,
    )
    renewal_ids = fields.One2many(
        "aftersales.renewal", "contract_id", string="Renewals", groups=PRICE_GROUPS,
    )
    renewal_count = fields.Integer(compute="_compute_renewal_count", groups=PRICE_GROUPS)
    renewal_check_ids = fields.One2many(
        "aftersales.compliance.check", "contract_id", string="Compliance of Renewals", copy=False,
        domain=[("subject", "=", "renewal")], groups=PRICE_GROUPS,
    )
    renewal_deadline = fields.Date(
        string="Notice Deadline", compute="_compute_renewal_deadline", store=True,
        help="Last day to object to the renewal, or to offer it, counted from the end of the "
             "term under way.",
    )
    objection_deadline = fields.Date(
        string="Last Day to Object", compute="_compute_objection_deadline",
        help="A consumer may object until the last day of the term.",
    )
    next_term_end = fields.Date(string="Would Run Until", compute="_compute_next_term_end")
    ending_label = fields.Text(
        string="Not Renewed", compute="_compute_ending_label",
        help="Lines with an end of their own before that of the contract.",
    )
    renewal_date = fields.Date(
        string="Renewal Due", compute="_compute_renewal_date", store=True, index=True,
        help="From this day on the renewal is decided, or its offer prepared.",
    )
    next_reminder_date = fields.Date(
        string="Next Reminder", compute="_compute_next_reminder_date", store=True, index=True,
    )
    is_objected = fields.Boolean(
        string="Does Not Renew", compute="_compute_is_objected",
        help="A party has said that it does not want the renewal.",
    )
    renewal_problem = fields.Text(
        readonly=True, copy=False, help="Why the contract does not renew by itself.",
    )

    # Prices over time
    indexation_mode = fields.Selection(tracking=True)
    index_base_value = fields.Float(
        string="Base Value", digits=(16, 4), compute="_compute_index_base_value", store=True,
        readonly=False, precompute=True,
    )
    adjustment_ids = fields.One2many(
        "aftersales.price.adjustment", "contract_id", string="Price Adjustments",
        groups=PRICE_GROUPS,
    )
    adjustment_count = fields.Integer(compute="_compute_adjustment_count", groups=PRICE_GROUPS)
    next_adjustment_date = fields.Date(
        string="Next Price Adjustment", compute="_compute_next_adjustment_date", store=True,
        index=True,
    )
    indexation_problem = fields.Text(
        readonly=True, copy=False, help="Why no price adjustment could be proposed.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("term_ids.number")
    def _compute_term_id(self):
        for contract in self:
            contract.term_id = contract.term_ids.sorted("number")[-1:]

    @api.depends("renewal_ids")
    def _compute_renewal_count(self):
        counts = dict(self.env["aftersales.renewal"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id"], ["__count"],
        ))
        for contract in self:
            contract.renewal_count = counts.get(contract, 0)

    @api.depends("adjustment_ids")
    def _compute_adjustment_count(self):
        counts = dict(self.env["aftersales.price.adjustment"]._read_group(
            [("contract_id", "in", self.ids)], ["contract_id"], ["__count"],
        ))
        for contract in self:
            contract.adjustment_count = counts.get(contract, 0)

    @api.depends("date_end", "renewal_mode", "renewal_notice_days")
    def _compute_renewal_deadline(self):
        for contract in self:
            contract.renewal_deadline = (
                contract.date_end and contract.renewal_mode != "none"
                and renewal.notice_deadline(contract.date_end, contract.renewal_notice_days)
            )

    @api.depends("renewal_deadline", "renewal_mode", "is_consumer", "date_end")
    def _compute_objection_deadline(self):
        for contract in self:
            is_auto = contract.renewal_mode == "auto"
            contract.objection_deadline = is_auto and (
                contract.date_end if contract.is_consumer else contract.renewal_deadline
            )

    @api.depends("date_end", "renewal_mode", "renewal_term_months", "term_ids.date_start")
    def _compute_next_term_end(self):
        for contract in self:
            can_follow = (
                contract.date_end and contract.renewal_mode != "none"
                and contract.renewal_term_months > 0
            )
            contract.next_term_end = can_follow and contract._get_next_term().end

    @api.depends(
        "state", "renewal_mode", "renewal_deadline", "term_id.objection_date", "renewal_ids",
    )
    def _compute_renewal_date(self):
        for contract in self:
            contract.renewal_date = contract._get_renewal_date()

    def _get_renewal_date(self):
        """Return the day from which the engine has to act on the end of the term under way."""
        self.ensure_one()
        is_in_force = self.state in ("active", "suspended")
        if not is_in_force or not self.renewal_deadline or self.term_id.objection_date:
            return False
        if self.renewal_mode == "auto":
            return self.renewal_deadline + ONE_DAY
        if self.renewal_ids.filtered(lambda offer: offer.term_id == self.term_id):
            return False
        return self.renewal_deadline - timedelta(days=LEAD_DAYS)

    @api.depends(
        "state", "renewal_mode", "renewal_notice_days", "date_end", "term_id.objection_date",
        "notice_ids.days_before", "notice_ids.term_end", "renewal_step_ids.days_before",
        "renewal_step_ids.audience", "company_id.aftersales_renewal_step_ids.days_before",
        "company_id.aftersales_renewal_step_ids.audience",
    )
    def _compute_next_reminder_date(self):
        for contract in self:
            contract.next_reminder_date = (
                contract.state in ("active", "suspended") and contract.date_end
                and renewal.next_reminder(
                    contract._get_steps(), contract._get_sent_steps(), contract.date_end,
                )
            )

    @api.depends("term_id.objection_date")
    def _compute_is_objected(self):
        for contract in self:
            contract.is_objected = bool(contract.term_id.objection_date)

    @api.depends("index_id", "index_base_date")
    def _compute_index_base_value(self):
        for contract in self:
            if contract.is_content_open and contract.index_id and contract.index_base_date:
                value = contract.index_id._get_value_at(contract.index_base_date)
                contract.index_base_value = value.value or contract.index_base_value
            else:
                contract.index_base_value = contract.index_base_value

    @api.depends(
        "state", "date_start", "indexation_mode", "index_freeze_months", "adjustment_ids.date",
    )
    def _compute_next_adjustment_date(self):
        for contract in self:
            # One that was given up counts as well: it is not proposed again by itself.
            last = max(contract.adjustment_ids.mapped("date"), default=None)
            contract.next_adjustment_date = (
                contract.state == "active" and contract.indexation_mode != "none"
                and indexation.next_adjustment(
                    contract.date_start, contract.index_freeze_months, last,
                )
            )

    # -------------------------------------------------------------------------
    # Constraints
    # -------------------------------------------------------------------------

    @api.constrains("renewal_form", "index_base_value")
    def _check_form_and_base(self):
        self._check_renewal_terms()

    def _get_invalid_terms(self):
        yield from super()._get_invalid_terms()
        if self.renewal_mode == "auto" and self.renewal_form == "successor":
            yield self.env._(
                "a successor has to be signed, so it cannot come by itself. Choose “Same "
                "contract, new term”, or a renewal by agreement.",
            )
        if self.index_base_value < 0:
            yield self.env._("the base value of an index lies above zero. Correct it.")

    def _get_content_blockers(self):
        blockers = super()._get_content_blockers()
        if self.renewal_mode != "none" and not self.date_end:
            blockers.append(self.env._(
                "It is to be renewed but has no end. Enter the end of the term, or choose “Ends”.",
            ))
        return blockers + self._get_index_blockers()

    def _get_index_blockers(self):
        """Return what a price adjustment lacks."""
        if self.indexation_mode == "fixed" and not self.indexation_percent:
            return [self.env._(
                "Its prices change by a fixed percentage, which is missing. Enter it.",
            )]
        if self.indexation_mode != "index":
            return []
        blockers = []
        if not self.index_id:
            blockers.append(self.env._("Its prices follow an index, but none is chosen."))
        if self.index_base_value <= 0:
            blockers.append(self.env._(
                "Its prices follow an index, but the base value is missing. Enter the value on "
                "which the prices are based, and its period.",
            ))
        return blockers

    # -------------------------------------------------------------------------
    # Content, placeholders, life
    # -------------------------------------------------------------------------

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() | RENEWAL_TERMS | INDEXATION_TERMS

    @api.model
    def _get_placeholder_labels(self):
        return {
            **super()._get_placeholder_labels(),
            "renewal_term_months": self.env._("Months of a renewal"),
            "renewal_notice_days": self.env._("Renewal notice in days"),
            "index_name": self.env._("Price index"),
            "index_cap_percent": self.env._("Largest price increase in a year, %"),
            "indexation_notice_days": self.env._("Notice of a price adjustment in days"),
        }

    def _get_placeholder_values(self):
        lang = self.partner_id.lang or self.env.lang
        return {
            **super()._get_placeholder_values(),
            "index_name": self.sudo().index_id.with_context(lang=lang).name or "",
            **{
                name: self._format_number(self[name]) for name in (
                    "renewal_term_months", "renewal_notice_days", "index_cap_percent",
                    "indexation_notice_days",
                )
            },
        }

    def write(self, vals):
        result = super().write(vals)
        if {"date_start", "date_end"} & vals.keys():
            self.term_id._follow_contracts()
        return result

    def _on_transition(self, target):
        if target == "active":
            self._begin_first_term()
            self.sudo()._relieve_predecessors()
        elif target in ("expired", "terminated"):
            self.sudo()._close_renewals()
        return super()._on_transition(target)

    def _begin_first_term(self):
        self.env["aftersales.contract.term"].sudo().create([
            {
                "contract_id": contract.id,
                "number": 1,
                "date_start": contract.date_start,
                "date_end": contract.date_end,
            }
            for contract in self if not contract.term_ids
        ])

    def _relieve_predecessors(self):
        """Let signed successors take over: the contract before them is renewed once it is over."""
        previous = self.previous_contract_id
        previous.renewal_ids.filtered(
            lambda offer: offer.state == "offered" and offer.successor_id in self
        )._transition_to("agreed")
        previous.filtered(lambda contract: contract.state == "expired")._transition_to("renewed")

    def _close_renewals(self):
        """Let offers lapse with the contract, and successors in force take over."""
        self.renewal_ids.filtered(
            lambda offer: offer.state in ("draft", "offered") and not offer.successor_id
        )._transition_to("lapsed")
        self.filtered(
            lambda contract: contract.state == "expired" and contract.next_contract_ids.filtered(
                lambda following: following.state in ("active", "suspended")
            )
        )._transition_to("renewed")

    @api.model
    def _get_to_expire_domain(self, company):
        """A contract that renews by itself waits for the decision, even when the run is late."""
        return super()._get_to_expire_domain(company) & ~(
            Domain("renewal_mode", "=", "auto") & Domain("renewal_date", "!=", False)
            & Domain("renewal_problem", "in", (False, ""))
        )

    def _waits_for_renewal(self):
        return super()._waits_for_renewal() or (
            self.renewal_mode == "auto" and bool(self.renewal_date) and not self.renewal_problem
        )

    # -------------------------------------------------------------------------
    # Reminders
    # -------------------------------------------------------------------------

    def _get_steps(self):
        """Return the reminders of this contract as pairs of days before the end and audience."""
        self.ensure_one()
        steps = self.renewal_step_ids or self.company_id.aftersales_renewal_step_ids
        pairs = renewal.effective_steps(
            [(step.days_before, step.audience) for step in steps],
            self.renewal_notice_days if self.renewal_mode == "auto" else None,
        )
        if self.renewal_mode == "none" or self.term_id.objection_date:
            return {pair for pair in pairs if pair[1] == "manager"}
        return pairs

    def _get_sent_steps(self):
        """Return the reminders written for the term under way and its present end."""
        return {
            (notice.days_before, notice.audience) for notice in self.notice_ids
            if notice.term_id == self.term_id and notice.term_end == self.date_end
        }

    def _get_due_steps(self, today):
        return renewal.due_steps(
            self._get_steps(), self._get_sent_steps(), self.date_end, today,
        )

    def _get_reminder_partner(self, audience):
        """Return who receives the reminders meant for ``audience``."""
        if audience == "manager":
            return self.user_id.partner_id or self.company_id.partner_id
        return self.contact_id or self.partner_id

    def _get_lasting_amount(self):
        """Return the annual value of what goes on in the next term, as the reminder tells it."""
        self.ensure_one()
        return sum(self.sudo()._get_lasting_lines().mapped("amount_annual"))

    def _get_lasting_lines(self):
        """Return the lines that go on in the next term: all without an end of their own."""
        return self._get_present_lines().filtered(lambda line: not line._get_own_end())

    def _get_ending_lines(self):
        """Return the lines still running that the next term does not take over."""
        return self._get_present_lines().filtered(
            lambda line: line._get_own_end() and not line._is_over()
        )

    @api.depends_context("lang")
    @api.depends("line_ids.date_end", "line_ids.next_line_ids", "date_end", "renewal_mode")
    def _compute_ending_label(self):
        """Say which lines are not renewed, by name and last day."""
        for contract in self:
            contract.ending_label = contract.renewal_mode != "none" and "\n".join(
                self.env._(
                    "%(line)s (until %(date)s)", line=(line.name or "").split("\n")[0],
                    date=format_date(self.env, line._get_own_end()),
                )
                for line in contract.sudo()._get_ending_lines()
            )

    # -------------------------------------------------------------------------
    # Objection
    # -------------------------------------------------------------------------

    def _get_term_under_way(self):
        """Return the term a party may want to be the last, read as it is in the database now.

        :raises UserError: nothing renews
        """
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["term_id"])
        if not self.term_id:
            raise UserError(self.env._(
                "Contract %(contract)s: there is no renewal to object to.",
                contract=self.display_name,
            ))
        return self.term_id

    def _object_to_renewal(self, party, said_by, day, **details):
        """Record that a party does not want the term under way to be followed by another."""
        self._get_term_under_way()._object(party, said_by, day, **details)

    def _withdraw_objection(self, said_by, **details):
        """Take an objection back: the term under way is followed by another again."""
        self._get_term_under_way()._withdraw_objection(said_by, **details)

    # -------------------------------------------------------------------------
    # What the customer is shown
    # -------------------------------------------------------------------------

    def _has_coming_renewal(self):
        """Whether the term under way may be followed by another, or was to be."""
        self.ensure_one()
        return self.state in ("active", "suspended") and bool(self.date_end) and (
            self.renewal_mode != "none" or bool(self._get_waiting_offer())
        )

    def _get_waiting_offer(self):
        """Return the renewal that is before the customer."""
        return self.renewal_ids.filtered(
            lambda offer: offer.state == "offered" and offer.term_id == self.term_id
        )[:1]

    def _get_announced_adjustments(self):
        """Return the new prices the customer was told of, the first one first."""
        return self.adjustment_ids.filtered(
            lambda adjustment: adjustment.state == "announced"
        ).sorted("date")

    # -------------------------------------------------------------------------
    # Automatic renewal
    # -------------------------------------------------------------------------

    def _get_next_term(self):
        self.ensure_one()
        starts = self.term_ids.sorted("number").mapped("date_start") or [self.date_start]
        return renewal.next_term(starts, self.date_end, self.renewal_term_months)

    def _get_renewal_blockers(self):
        """Return a dict contract → why it does not renew by itself: every reason (hook)."""
        self._run_compliance("renewal")
        unlawful = self._get_unlawful("renewal")
        overdue = self.filtered("renewal_needs_payment")._get_overdue_counts()
        disputed = self.filtered("renewal_needs_no_dispute")._get_disputed()
        assessments = self.filtered("renewal_min_assessment")._get_assessments()
        blockers = {}
        for contract in self:
            reasons = []
            if count := overdue.get(contract):
                reasons.append(self.env._(
                    "%(count)s payments are overdue. Have them paid or waived.", count=count,
                ))
            if contract in disputed:
                reasons.append(self.env._("A dispute is open. Settle it first."))
            if contract.termination_id:
                reasons.append(self.env._(
                    "It is terminated as of %(date)s. Withdraw the termination first.",
                    date=format_date(self.env, contract.termination_date),
                ))
            if contract.notice_id:
                reasons.append(self.env._(
                    "The customer gave notice on %(date)s. Confirm it or set it aside first.",
                    date=format_date(self.env, contract.notice_id.date_notice),
                ))
            score = assessments.get(contract)
            if score is not None and score < contract.renewal_min_assessment:
                reasons.append(self.env._(
                    "The assessment is %(score)s; agreed are at least %(minimum)s.",
                    score=score, minimum=contract.renewal_min_assessment,
                ))
            if contract.is_consumer and not contract._get_proven_notice():
                reasons.append(contract._get_unproven_message())
            reasons += unlawful.get(contract, [])
            if reasons:
                blockers[contract] = reasons
        return blockers

    def _get_overdue_counts(self):
        """Return a dict contract → number of payments that are overdue."""
        counts = {}
        for company, contracts in self.grouped("company_id").items():
            counts.update(self.env["aftersales.obligation"].sudo()._read_group(
                Domain("contract_id", "in", contracts.ids) & Domain("side", "=", "customer")
                & Domain("kind", "=", "payment") & Domain("date_done", "=", False)
                & Domain("date_due", "<", company._get_aftersales_today())
                & Domain("waive_reason", "in", (False, "")),
                ["contract_id"], ["__count"],
            ))
        return counts

    def _get_disputed(self):
        """Return those of these contracts about which a dispute is open (hook)."""
        return self.browse()

    def _get_assessments(self):
        """Return a dict contract → latest assessment (hook); contracts without one are left out."""
        return {}

    def _get_proven_notice(self):
        """Return the reminders of the customer that left in time for the term under way."""
        deadline = renewal.consumer_notice_deadline(self.date_end, self.renewal_notice_days)
        return self.notice_ids.filtered(
            lambda notice: notice.audience == "customer" and notice.term_id == self.term_id
            and notice.term_end == self.date_end
            and notice.date_sent and notice.date_sent <= deadline
        )

    def _get_unproven_message(self):
        return self.env._(
            "The customer is a consumer, and no reminder is proven to have been sent by "
            "%(date)s. It cannot renew by itself: agree on the renewal, or let it end.",
            date=format_date(self.env, renewal.consumer_notice_deadline(
                self.date_end, self.renewal_notice_days,
            )),
        )

    def _renew_or_flag(self):
        """Give these contracts one more term, unless a condition fails or it is too early."""
        blockers = self._get_renewal_blockers()
        self._flag_renewal({
            contract: "\n".join(reasons) for contract, reasons in blockers.items()
        })
        free = self.filtered(lambda contract: contract not in blockers)
        free.filtered("renewal_problem").renewal_problem = False
        ready = free.filtered(
            lambda contract: contract.objection_deadline
            < contract.company_id._get_aftersales_today()
        )
        ready._renew()
        open_ended = ready.filtered(
            lambda contract: contract.suspension_id.state == "running"
            and not contract.suspension_id.date_to
        )
        open_ended._ask_managers(open_ended, self.env._(
            "Renewed as agreed while it rests, and nobody knows when it goes on. Agree with the "
            "customer on the day, or on an end.",
        ))

    def _prepare_offers_or_flag(self):
        """Draft the renewals to be agreed on; what rests goes on first, its manager is told."""
        resting = self.filtered(lambda contract: contract.state == "suspended")
        resting._flag_renewal({
            contract: self.env._(
                "It is suspended, so its renewal cannot be agreed on. Resume it before it ends "
                "on %(date)s, or let it end and write a new contract.",
                date=format_date(self.env, contract.date_end),
            )
            for contract in resting
        })
        self.env["aftersales.renewal"]._prepare_offers(self - resting)

    def _renew(self):
        """Append the next term as the renewal clause says; the price list and text stay.

        :return: the new terms
        """
        terms = self.env["aftersales.contract.term"].sudo().create([
            contract._prepare_next_term_vals() for contract in self
        ])
        self._move_ends(terms)
        self._log_together(self.env._(
            "Renewed by one more term: nobody objected by the notice deadline.",
        ))
        return terms

    def _prepare_next_term_vals(self):
        self.ensure_one()
        term = self._get_next_term()
        return {
            "contract_id": self.id,
            "number": self.term_id.number + 1,
            "date_start": term.start,
            "date_end": term.end,
            "origin": "renewal",
            "evidence": self._get_renewal_evidence(),
        }

    def _get_renewal_evidence(self):
        """Return on what an automatic renewal rests: no objection, and the reminders."""
        lines = [self.env._(
            "Renewed by the renewal clause: no objection by %(date)s.",
            date=format_date(self.env, self.objection_deadline),
        )]
        for notice in self.notice_ids.sorted("date"):
            if notice.audience == "customer" and notice.term_id == self.term_id:
                lines.append(self.env._(
                    "Customer reminded on %(date)s (%(recipient)s), message %(message)s, sent: "
                    "%(sent)s",
                    date=format_date(self.env, notice.date), recipient=notice.recipient or "-",
                    message=notice.message_id or "-",
                    sent=format_date(self.env, notice.date_sent) or self.env._("not proven"),
                ))
        return "\n".join(lines)

    def _move_ends(self, terms):
        """Let the contracts run until the end of their new terms; what is owed follows."""
        ends = {term.contract_id.id: term.date_end for term in terms}
        self._get_present_lines()._follow_contract_end()
        self.line_ids.mapped("date_end")  # for all at once: each write below looks at them
        for contract in self._as_agreed(self.with_context(mail_notrack=True)):
            last_day = contract.date_end
            contract.write({"date_end": ends[contract.id], "renewal_problem": False})
            contract.sudo().obligation_ids._go_on_after(last_day)
        self.activity_feedback([_PROBLEM_ACTIVITY])
        self._schedule_obligations()

    # -------------------------------------------------------------------------
    # Problems
    # -------------------------------------------------------------------------

    def _flag_renewal(self, problems, field_name="renewal_problem"):
        """Write problems on their contracts and ask the managers to solve them, once."""
        for contract, problem in problems.items():
            if contract[field_name] != problem:
                contract[field_name] = problem
        contracts = self.browse().concat(*problems)
        self._ask_managers(contracts, self.env._("The reason stands on the contract."))

    def _ask_managers(self, contracts, note):
        """Give the managers of these contracts one activity each, written together."""
        activity_type = self.env.ref(_PROBLEM_ACTIVITY)
        activities_sudo = self.env["mail.activity"].sudo().with_context(
            mail_activity_quick_update=True,
        )
        asked = set(activities_sudo.search([
            ("res_model", "=", self._name), ("res_id", "in", contracts.ids),
            ("activity_type_id", "=", activity_type.id),
        ]).mapped("res_id"))
        activities_sudo.create([
            {
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": contract.id,
                "activity_type_id": activity_type.id,
                "user_id": (contract.user_id or self.env.user).id,
                "date_deadline": contract.company_id._get_aftersales_today(),
                "note": note,
                "automated": True,
            }
            for contract in contracts if contract.id not in asked
        ])

    def _do_or_flag(self, work, field_name="renewal_problem"):
        """Do ``work`` on all; when it fails, one by one, so that a broken one stops no other."""
        try:
            with self.env.cr.savepoint():
                return work(self)
        except OperationalError:
            raise
        except Exception as error:
            if len(self) == 1:
                if not isinstance(error, UserError):
                    _logger.error("Renewal of %s failed", self.name, exc_info=error)
                return self._flag_renewal({self: str(error)}, field_name)
        for contract in self:
            contract._do_or_flag(work, field_name)

    # -------------------------------------------------------------------------
    # Cron
    # -------------------------------------------------------------------------

    @api.model
    def _cron_renewal(self, batch_size=200):
        """Remind, renew, offer and adjust prices as today demands, batch by batch."""
        for company in self._get_companies():
            for domain, size, work, field_name in self._get_daily_work(company, batch_size):
                self._run_in_batches(
                    domain & self._get_going_on_domain()
                    & Domain("company_id", "=", company.id),
                    size,
                    lambda batch, work=work, name=field_name: batch._do_or_flag(work, name),
                )

    @api.model
    def _get_going_on_domain(self):
        """Return the contracts whose term may go on: in force and not terminated."""
        return (
            Domain("state", "in", ("active", "suspended")) & Domain("termination_id", "=", False)
        )

    @api.model
    def _get_daily_work(self, company, batch_size):
        """Return what the run has to do: domain, batch size, work, and where problems stand."""
        today = company._get_aftersales_today()
        pause = Domain("state", "in", ("planned", "running"))
        # What ends later for a pause is decided on when that end is known.
        certain = Domain("state", "in", ("active", "suspended")) & ~Domain(
            "suspension_ids", "any", pause & Domain("policy", "=", "extend"),
        )
        steady = Domain("state", "=", "active") & ~Domain("suspension_ids", "any", pause)
        due = Domain("renewal_date", "<=", today) & certain
        notices = self.env["aftersales.renewal.notice"]
        adjustments = self.env["aftersales.price.adjustment"]
        return (
            (Domain("next_reminder_date", "<=", today) & certain, min(batch_size, MAIL_BATCH),
             lambda batch: notices._remind(batch, today), "renewal_problem"),
            (due & Domain("renewal_mode", "=", "auto"), batch_size,
             lambda batch: batch._renew_or_flag(), "renewal_problem"),
            # After the renewals, without which a late run would find no line to adjust, and
            # before the offers, which tell the prices of today.
            (adjustments._get_due_domain(today), batch_size,
             adjustments._apply_due, "indexation_problem"),
            (due & Domain("renewal_mode", "=", "agreement"), batch_size,
             lambda batch: batch._prepare_offers_or_flag(), "renewal_problem"),
            # Longer than any notice of prices; each contract knows its own.
            (Domain("next_adjustment_date", "<=", today + relativedelta(months=4)) & steady,
             batch_size, adjustments._propose_due, "indexation_problem"),
        )

    # -------------------------------------------------------------------------
    # Buttons
    # -------------------------------------------------------------------------

    def action_open_choices(self):
        """Offer what can be done to a contract in force: change, pause, pass on or end it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_choice_action"
        )
        return {**action, "res_id": self.id}

    def action_renew(self):
        """Open the renewal under way, or one to be filled in: nothing is written before."""
        self.ensure_one()
        offer = self.renewal_ids.filtered(
            lambda offer: offer.term_id == self.term_id and offer.state in ("draft", "offered")
        )[:1]
        if not offer:
            offer._check_may_renew(self)
        return {**offer._get_form_action(), "context": {"default_contract_id": self.id}}

    def action_withdraw_objection(self):
        """Open the record of who takes the objection back, and why."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_renewal_objection_action"
        )

    def action_view_renewals(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_renewal_action"
        )
        return {**action, "domain": [("contract_id", "=", self.id)], "context": {}}

    def action_view_adjustments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_price_adjustment_action"
        )
        return {**action, "domain": [("contract_id", "=", self.id)], "context": {}}

    # -------------------------------------------------------------------------
    # Successor
    # -------------------------------------------------------------------------

    def _prepare_successor_vals(self, term, prices):
        """Return the successor of this contract as a draft, for both parties to sign.

        :param prices: dict line → new unit price
        """
        self.ensure_one()
        [vals] = self.copy_data({
            "previous_contract_id": self.id,
            "date_start": term.start,
            "date_end": term.end,
            **self.sudo()._prepare_standing_vals(),
            **(self.sudo()._prepare_new_base_vals(term.start) if prices else {}),
        })
        vals["line_ids"] = []
        for line in self._get_lasting_lines():
            if line.recurrence_unit == "once" and line.product_id:
                continue
            [line_vals] = line.copy_data({"date_start": False, "date_end": False})
            line_vals.pop("contract_id", None)
            if line in prices:
                line_vals["price_unit"] = prices[line]
            vals["line_ids"].append(Command.create(line_vals))
        return vals

    def _prepare_standing_vals(self):
        """The base moves with the prices: whoever takes them over is not charged twice."""
        vals = super()._prepare_standing_vals()
        if self.indexation_mode == "index":
            base = self.env["aftersales.price.adjustment"]._get_standing(self)
            vals.update(index_base_date=base.date, index_base_value=base.value)
        return vals

    def _prepare_new_base_vals(self, day):
        """Return the base of prices that are agreed anew for ``day``."""
        value = self.indexation_mode == "index" and self.index_id._get_value_at(day)
        return {
            "index_base_date": value.date, "index_base_value": value.value,
        } if value else {}

    # -------------------------------------------------------------------------
    # Compliance
    # -------------------------------------------------------------------------

    def _get_compliance_occasion(self, subject):
        """A renewal is judged by its new term, named by its first day."""
        if subject == "renewal" and self.date_end:
            return fields.Date.to_string(self.date_end + ONE_DAY)
        return super()._get_compliance_occasion(subject)

    def _get_auto_renewal_notice_days(self):
        """The customer is told by the first reminder, if there is one before the last day."""
        if self.renewal_mode != "auto":
            return super()._get_auto_renewal_notice_days()
        steps = [days for days, audience in self._get_steps() if audience == "customer"]
        return min(self.renewal_notice_days, max(steps, default=0))
