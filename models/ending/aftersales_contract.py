"""Ending side of the service contract: how it pauses, ends early and passes to somebody else."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from .aftersales_termination import FREE_GROUNDS, NOTICE_ACTIVITY, ONLINE_GROUNDS

NOTICE_MAIL = "aftersales.mail_template_termination_notice"
_TODO_ACTIVITY = "mail.mail_activity_data_todo"


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    suspension_ids = fields.One2many(
        "aftersales.suspension", "contract_id", string="Suspensions",
        groups="base.group_user",
    )
    suspension_id = fields.Many2one(
        "aftersales.suspension", string="Current Suspension", compute="_compute_suspension_id",
        groups="base.group_user",
    )
    termination_ids = fields.One2many(
        "aftersales.termination", "contract_id", string="Terminations",
        groups="base.group_user",
    )
    termination_id = fields.Many2one(
        "aftersales.termination", compute="_compute_termination_id", store=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    notice_id = fields.Many2one(
        "aftersales.termination", string="Notice Received", compute="_compute_termination_id",
        store=True, index="btree_not_null", groups="base.group_user",
        help="The customer's notice of termination that waits to be confirmed.",
    )
    termination_date = fields.Date(
        related="termination_id.date_last", store=True, string="Terminated As Of",
    )
    termination_ground = fields.Selection(
        related="termination_id.ground", store=True, string="Ground of Termination",
    )
    termination_state = fields.Selection(
        related="termination_id.state", string="Status of Termination",
    )
    equipment_change_ids = fields.One2many(
        "aftersales.equipment.change", "contract_id", string="Equipment Changes",
        groups="base.group_user",
    )

    @api.depends("suspension_ids.state")
    def _compute_suspension_id(self):
        for contract in self:
            contract.suspension_id = contract.suspension_ids.filtered(
                lambda suspension: suspension.state in ("planned", "running")
            ).sorted("date_from")[:1]

    @api.depends("termination_ids.state")
    def _compute_termination_id(self):
        for contract in self:
            contract.termination_id = contract.termination_ids.filtered(
                lambda termination: termination.state in ("planned", "done")
            ).sorted("id")[-1:]
            contract.notice_id = contract.termination_ids.filtered(
                lambda termination: termination.state == "draft"
            )

    @api.depends("equipment_change_ids")
    def _compute_amount_annual(self):
        return super()._compute_amount_annual()

    def _get_present_lines(self):
        removals = self.equipment_change_ids.filtered(lambda change: change.kind == "remove")
        # A fee for ending early follows from the terms; it is none of the services promised.
        fees = self.termination_ids.fee_line_id
        return super()._get_present_lines() - removals.line_id - fees

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target == "renewed" and self.termination_state == "planned":
            blockers.append(self.env._(
                "It is terminated as of %(date)s. Withdraw the termination first.",
                date=format_date(self.env, self.termination_date),
            ))
        return blockers

    def _on_transition(self, target):
        if target in ("terminated", "expired", "renewed"):
            self.sudo()._close_suspensions()
            self.sudo().notice_id._transition_to("withdrawn")
        if target == "terminated":
            self.sudo().termination_id.filtered(
                lambda termination: termination.state == "planned"
            )._transition_to("done")
        return super()._on_transition(target)

    def _close_suspensions(self):
        """End the suspensions of contracts that have ended; those not begun never will."""
        suspensions = self.suspension_ids
        suspensions.filtered(lambda s: s.state == "planned")._transition_to("withdrawn")
        for suspension in suspensions.filtered(lambda s: s.state == "running"):
            ends = filter(None, [suspension.date_to, suspension.contract_id.date_end])
            last = max(min(ends, default=suspension.date_from), suspension.date_from)
            suspension._transition_to("ended", date_to=last)

    @api.model
    def _cron_daily(self, batch_size=200):
        """Begin and end first what was agreed for today: what runs later follows the states."""
        for company in self._get_companies():
            self._run_in_batches(
                self._get_endings_domain(company), batch_size,
                lambda batch: batch._apply_endings(),
            )
        return super()._cron_daily(batch_size)

    @api.model
    def _get_endings_domain(self, company):
        """Return the contracts for which a suspension or an end has come or passed."""
        today = company._get_aftersales_today()
        suspension_due = (
            Domain("state", "=", "planned") & Domain("date_from", "<=", today)
            | Domain("state", "=", "running") & Domain("date_to", "<", today)
        )
        termination_due = Domain("state", "=", "planned") & Domain("date_last", "<", today)
        return (
            Domain("company_id", "=", company.id) & Domain("state", "in", ("active", "suspended"))
            & (
                Domain("suspension_ids", "any", suspension_due)
                | Domain("termination_ids", "any", termination_due)
                | Domain("state", "=", "suspended") & Domain("date_end", "<", today)
            )
        )

    def _apply_endings(self):
        """Do what has come due, contract by contract; a broken one is flagged, not the others."""
        for contract in self:
            try:
                with self.env.cr.savepoint():
                    contract._apply_ending()
            except UserError as error:
                contract._flag_ending_problem(str(error))

    def _apply_ending(self):
        """Begin and end the suspensions that are due, then the contract; safe to repeat."""
        self.ensure_one()
        # Agreed before by who had the right to; now it only takes effect.
        contract_sudo = self.sudo().with_company(self.company_id)
        today = self.company_id._get_aftersales_today()
        contract_sudo._catch_up(today)
        if not self.date_end or self.date_end >= today:
            return
        if self.termination_state == "planned":
            contract_sudo._transition_to("terminated")
        elif (
            self.state == "suspended" and self.suspension_id.policy != "extend"
            and not self._waits_for_renewal()
        ):
            contract_sudo._transition_to("expired")

    def _waits_for_renewal(self):
        """Whether the contract is to go on after its last day, though that is still to be done
        (hook)."""
        self.ensure_one()
        return False

    def _catch_up(self, day):
        for suspension in self.suspension_ids.sorted("date_from"):
            suspension._apply(day)
        return super()._catch_up(day)

    def _flag_ending_problem(self, problem):
        summary = self.env._("A planned suspension or end could not take effect")
        if not self.activity_search([_TODO_ACTIVITY]).filtered(lambda a: a.summary == summary):
            self.activity_schedule(
                _TODO_ACTIVITY, summary=summary, note=problem,
                user_id=(self.user_id or self.env.user).id,
            )

    def _check_no_blockers(self, blockers):
        """Raise all reasons at once, with the name of the contract in front."""
        if blockers:
            raise UserError("\n".join([f"{self.display_name}:", *(f"- {b}" for b in blockers)]))

    def _lock_for_ending(self):
        """Lock a contract the user may end; return it with the rights of the engine."""
        self.ensure_one()
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("aftersales.group_contract_officer")):
            raise AccessError(self.env._(
                "Suspending, terminating and passing on contracts is for contract officers. Ask "
                "one of them.",
            ))
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        # Lines, register and credit notes follow from the agreement, whoever may write them.
        return self.sudo().with_company(self.company_id)

    def _get_day_blockers(self, day):
        """Return why nothing can change with ``day``: it lies outside, or behind the version."""
        self.ensure_one()
        blockers = []
        if day < self.date_start:
            blockers.append(self.env._(
                "It begins on %(start)s: choose that day or a later one. Unsigned contracts are "
                "cancelled instead.", start=format_date(self.env, self.date_start),
            ))
        if self.date_end and day > self.date_end:
            blockers.append(self.env._(
                "It ends on %(end)s: choose that day or an earlier one.",
                end=format_date(self.env, self.date_end),
            ))
        version_sudo = self.sudo().version_id
        if version_sudo.number > 1 and day < version_sudo.date_from:
            blockers.append(self.env._(
                "Version %(number)s is in force from %(date)s: choose that day or a later one.",
                number=version_sudo.number, date=format_date(self.env, version_sudo.date_from),
            ))
        return blockers

    def _get_credited_blockers(self, last_day):
        """Return why days after ``last_day`` cannot be given back: some past ones are already."""
        credit_sudo = self.env["account.move.line"].sudo().search([
            ("aftersales_contract_id", "=", self.id), ("move_id.move_type", "=", "out_refund"),
            ("parent_state", "in", ("draft", "posted")),
            ("aftersales_period_start", ">", last_day + ONE_DAY),
            ("aftersales_period_start", "<=", self.company_id._get_aftersales_today()),
        ], order="aftersales_period_start desc, id desc", limit=1)
        if not credit_sudo:
            return []
        return [self.env._(
            "Credit note %(credit)s has settled the days from %(date)s on. Choose the day "
            "before it or a later one as the last day, or cancel that credit note first.",
            credit=credit_sudo.move_id.display_name,
            date=format_date(self.env, credit_sudo.aftersales_period_start),
        )]

    # -------------------------------------------------------------------------
    # Suspension
    # -------------------------------------------------------------------------

    def action_open_resume_wizard(self):
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_resume_action"
        )

    def _suspend(self, vals):
        """Agree on a suspension: the lines end on its eve, the state follows on its first day.

        :param vals: values of the suspension
        :raises UserError: with every reason against it; nothing has changed then
        """
        contract_sudo = self._lock_for_ending()
        self._check_no_blockers(
            self._get_suspension_blockers(vals["date_from"], vals.get("date_to"))
        )
        # Printed as signed: from here on the lines say something else.
        contract_sudo.version_id._keep_document()
        suspension_sudo = contract_sudo.suspension_ids.create({"contract_id": self.id, **vals})
        suspension_sudo._end_lines()
        self.message_post(body=self._get_suspension_message(suspension_sudo))
        self._apply_ending()
        return suspension_sudo.sudo(False)

    def _get_suspension_blockers(self, date_from, date_to=False):
        """Return why the contract cannot be suspended for these days."""
        self.ensure_one()
        if self.state not in ("active", "suspended"):
            return [self._get_not_running_message()]
        blockers = self._get_day_blockers(date_from) + [
            self.env._(
                "It is already suspended from %(start)s to %(end)s. Choose other days, or resume "
                "it first.",
                start=format_date(self.env, other.date_from),
                end=format_date(self.env, other.date_to) or "…",
            )
            for other in self.suspension_ids
            if other.state != "withdrawn"
            and (not date_to or other.date_from <= date_to)
            and (not other.date_to or other.date_to >= date_from)
        ] + self._get_agreed_day_blockers(date_from, date_to)
        later = self.suspension_ids.filtered(
            lambda other: other.state != "withdrawn" and date_to and other.date_from > date_to
        )
        if later:
            blockers.append(self.env._(
                "It is already suspended later, from %(start)s on. Withdraw that suspension, "
                "and enter both in the order of time.",
                start=format_date(self.env, min(later.mapped("date_from"))),
            ))
        return blockers

    def _get_agreed_day_blockers(self, date_from, date_to=False):
        """Return what is agreed to take effect on days on which the contract would rest."""
        return [
            self.env._(
                "%(what)s takes effect on %(date)s, while the contract would rest. Choose other "
                "days, or withdraw it and agree on it anew for a day outside them.",
                what=name, date=format_date(self.env, day),
            )
            for day, name in self._get_agreed_days()
            if day >= date_from and (not date_to or day <= date_to)
        ]

    def _get_rest_blockers(self, day):
        return super()._get_rest_blockers(day) + [
            suspension._get_rest_message()
            for suspension in self.suspension_ids.sorted("date_from")
            if suspension._is_in_the_way_of(day)
        ]

    def _get_not_running_message(self):
        return self.env._(
            'It is "%(state)s". Only contracts in force can be suspended, terminated or passed '
            "on; cancel one that nobody has signed.",
            state=dict(self._fields["state"]._description_selection(self.env))[self.state],
        )

    def _get_suspension_message(self, suspension):
        return self.env._(
            "Suspended from %(start)s to %(end)s: %(reason)s (%(policy)s).",
            start=format_date(self.env, suspension.date_from),
            end=format_date(self.env, suspension.date_to) or "…", reason=suspension.reason,
            policy=dict(suspension._fields["policy"]._description_selection(self.env))[
                suspension.policy],
        )

    def _resume_on(self, day):
        """Let a suspended contract go on from ``day``: at once, or by the daily job."""
        contract_sudo = self._lock_for_ending()
        suspension_sudo = contract_sudo.suspension_ids.filtered(lambda s: s.state == "running")
        self._check_no_blockers(self._get_resumption_blockers(suspension_sudo, day))
        suspension_sudo.date_to = day - ONE_DAY
        self.message_post(body=self.env._(
            "Goes on from %(date)s.", date=format_date(self.env, day),
        ))
        self._apply_ending()

    def _get_resumption_blockers(self, suspension, day):
        if not suspension:
            return [self.env._("It is not suspended. There is nothing to resume.")]
        blockers = []
        if day <= suspension.date_from:
            blockers.append(self.env._(
                "It is suspended since %(start)s: choose a later day.",
                start=format_date(self.env, suspension.date_from),
            ))
        if suspension.policy != "extend" and self.date_end and day > self.date_end:
            blockers.append(self.env._(
                "It ends on %(end)s: choose a day until then, or let it end.",
                end=format_date(self.env, self.date_end),
            ))
        later = self.suspension_ids.filtered(
            lambda other: other.state == "planned" and other.date_from <= day
        )
        if later:
            blockers.append(self.env._(
                "Another suspension begins on %(start)s. Choose an earlier day, or withdraw it.",
                start=format_date(self.env, later[-1:].date_from),
            ))
        return blockers + self._get_agreed_day_blockers(suspension.date_from, day - ONE_DAY)

    def _schedule_obligations(self, until=None):
        """Plan no periods into the days of suspensions to come, whichever line has just begun."""
        planned_sudo = self.env["aftersales.suspension"].sudo().search([
            ("contract_id", "in", self.ids), ("state", "=", "planned"),
        ], order="contract_id, date_from")
        for suspension in planned_sudo:
            suspension._end_lines()
        return super()._schedule_obligations(until)

    def _extend_end(self, days):
        """Move a fixed end by ``days``; of a terminated contract only the end it had before."""
        self.ensure_one()
        delay = timedelta(days=days)
        termination = self.termination_id.filtered(lambda t: t.state == "planned")
        if termination.date_end_before:
            termination.date_end_before += delay
        elif self.date_end and days and not termination:
            last_day = self.date_end
            self._as_agreed(self).date_end += delay
            self.obligation_ids._go_on_after(last_day)

    def _is_suspended_on(self, day):
        """Whether the contract rests on ``day``: nothing is charged, visited or measured."""
        self.ensure_one()
        return any(
            suspension.state != "withdrawn" and suspension.date_from <= day
            and (not suspension.date_to or suspension.date_to >= day)
            for suspension in self.suspension_ids
        )

    # -------------------------------------------------------------------------
    # Termination
    # -------------------------------------------------------------------------

    def _terminate(self, vals):
        """End the contract with ``vals["date_last"]``: cut the register, credit what is beyond.

        The state follows on the day after, at once or by the daily job.

        :param vals: values of the termination
        :raises UserError: with every reason against it; nothing has changed then
        """
        contract_sudo = self._lock_for_ending()
        date_last = vals["date_last"]
        self._check_no_blockers(self._get_termination_blockers(date_last))
        contract_sudo.version_id._keep_document()
        termination_sudo = contract_sudo._plan_termination(
            {"date_end_before": self.date_end, **vals},
        )
        contract_sudo.obligation_ids._cut_after(date_last, termination_sudo.reason)
        self._as_agreed(contract_sudo).date_end = date_last
        termination_sudo._charge_fee()
        self.message_post(
            body=self._get_termination_message(termination_sudo),
            attachment_ids=termination_sudo.attachment_ids.ids,
        )
        self._apply_ending()
        return termination_sudo.sudo(False)

    def _plan_termination(self, vals):
        """Confirm the notice that waits, or write a new termination."""
        termination = self.notice_id
        if termination:
            termination.write(vals)
        else:
            termination = self.termination_ids.create({"contract_id": self.id, **vals})
        termination._transition_to("planned")
        return termination

    def _get_earliest_end(self, ground, date_notice):
        """Return the last day a notice received on ``date_notice`` can end the contract with.

        A consumer never has to give more than a month's notice.
        """
        self.ensure_one()
        if ground != "notice":
            return date_notice
        earliest = date_notice + timedelta(days=self.termination_notice_days)
        if self.is_consumer:
            return min(earliest, date_notice + relativedelta(months=1))
        return earliest

    def _get_early_fee(self, date_last, ground, side):
        """Return what the customer owes for ending the contract with ``date_last``."""
        self.ensure_one()
        contract_sudo = self.sudo()
        if (
            contract_sudo.early_fee_mode == "none" or side != "customer" or ground in FREE_GROUNDS
            or not self.date_end or not date_last or date_last >= self.date_end
        ):
            return 0.0
        if contract_sudo.early_fee_mode == "fixed":
            return contract_sudo.early_fee_amount
        rest = sum(
            line._get_rest_price(date_last) for line in contract_sudo._get_present_lines()
        )
        fee = self.currency_id.round(rest * contract_sudo.early_fee_percent / 100.0)
        return min(fee, contract_sudo.early_fee_cap or fee)

    # -------------------------------------------------------------------------
    # Notice of the customer
    # -------------------------------------------------------------------------

    def _get_notice_problem(self):
        """Return why the customer cannot give notice now, or False."""
        self.ensure_one()
        if self.state not in ("active", "suspended"):
            return self.env._("The contract is not in force, so there is nothing to terminate.")
        if self.termination_state == "planned":
            return self.env._(
                "The contract is already terminated as of %(date)s.",
                date=format_date(self.env, self.termination_date),
            )
        if self.notice_id:
            return self.env._(
                "We received a notice on %(date)s already. We shall answer it; please speak with "
                "us if it has changed.", date=format_date(self.env, self.notice_id.date_notice),
            )
        return False

    def _get_notice_day_problem(self, ground, day, today):
        """Return why a notice given today cannot end the contract with ``day``, or False."""
        earliest = self._get_earliest_end(ground, today)
        values = {"end": format_date(self.env, self.date_end), "day": format_date(self.env, day)}
        if day < earliest:
            return self.env._(
                "%(day)s is too early: the notice agreed on lets the contract end on %(earliest)s. "
                "Choose that day or a later one.",
                earliest=format_date(self.env, earliest), **values,
            )
        if self.date_end and day >= self.date_end:
            return self.env._(
                "The contract ends on %(end)s anyway, not later than your notice could end it. If "
                "it renews by itself, object to the renewal instead.", **values,
            )
        if day < self.date_start:
            return self.env._(
                "The contract begins on %(start)s. Choose that day or a later one.",
                start=format_date(self.env, self.date_start),
            )
        return False

    def _give_notice_online(self, author, ground, day, note):
        """Let the customer give notice on the portal: a draft for the manager, and a receipt.

        :param day: last day the customer wishes for; False for the earliest one
        :raises UserError: with what stands in the way; nothing has changed then
        """
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        today = self.company_id._get_aftersales_today()
        if ground not in ONLINE_GROUNDS:
            raise UserError(self.env._("Please choose on which ground you give notice."))
        if ground != "notice" and not note:
            raise UserError(self.env._("Please write what your notice for cause rests on."))
        day = day or max(self._get_earliest_end(ground, today), self.date_start)
        problem = self._get_notice_problem() or self._get_notice_day_problem(ground, day, today)
        if problem:
            raise UserError(problem)
        lang = self.partner_id.lang or self.env.lang
        labels = dict(self.termination_ids._fields["ground"]._description_selection(
            self.with_context(lang=lang).env))
        notice = self.termination_ids.create({
            "contract_id": self.id, "ground": ground, "side": "customer",
            "reason": labels[ground], "date_notice": today, "date_last": day, "note": note,
            "notice_by": author.name, "date_earliest": self._get_earliest_end(ground, today),
        })
        self._tell_of_notice(notice, author)
        return notice

    def _tell_of_notice(self, notice, author):
        """Write the notice into the thread, ask the manager to answer, confirm the receipt."""
        labels = dict(notice._fields["ground"]._description_selection(self.env))
        self.message_post(author_id=author.id, body=self.env._(
            "Notice of termination as of %(date)s, received on the portal. Ground: %(ground)s. "
            "%(note)s", date=format_date(self.env, notice.date_last), ground=labels[notice.ground],
            note=notice.note or "",
        ))
        self.activity_schedule(
            NOTICE_ACTIVITY, date_deadline=notice.date_notice,
            user_id=(self.user_id or self.env.user).id,
            note=self.env._(
                "Check the notice, then confirm it by “Terminate Contract” or set it aside.",
            ),
        )
        self._post_mail(NOTICE_MAIL)

    def _get_termination_blockers(self, date_last):
        """Return why the contract cannot end with ``date_last``."""
        self.ensure_one()
        if self.state not in ("active", "suspended"):
            return [self._get_not_running_message()]
        if self.termination_state == "planned":
            return [self.env._(
                "It is already terminated as of %(date)s. Withdraw that termination first.",
                date=format_date(self.env, self.termination_date),
            )]
        return self._get_day_blockers(date_last) + self._get_credited_blockers(date_last)

    def _get_termination_message(self, termination):
        labels = dict(termination._fields["ground"]._description_selection(self.env))
        return self.env._(
            "Terminated as of %(date)s (last covered day). Ground: %(ground)s. %(reason)s",
            date=format_date(self.env, termination.date_last), ground=labels[termination.ground],
            reason=termination.reason,
        )

    def action_withdraw_termination(self):
        """Let contracts go on whose termination has not taken effect."""
        for contract in self:
            contract_sudo = contract._lock_for_ending()
            termination_sudo = contract_sudo.termination_id
            if termination_sudo.state != "planned":
                contract._check_no_blockers([self.env._("No termination is planned.")])
            termination_sudo._check_transition("withdrawn")
            termination_sudo._withdraw()
            contract.message_post(body=self.env._(
                "The termination as of %(date)s was withdrawn.",
                date=format_date(self.env, termination_sudo.date_last),
            ))
        return True

    def _get_credit_preview(self, last_day):
        """Return what would be given back when all ends with ``last_day``: obligation → amount."""
        # Whoever may end the contract may see what it costs, whatever their accounting rights.
        charged_sudo = self.sudo().obligation_ids.filtered(
            lambda o: o._is_charged() and o.period_end > last_day
        )
        return {
            obligation: amount for obligation in charged_sudo
            if (amount := obligation._get_amount_to_credit(last_day)) > 0
        }

    # -------------------------------------------------------------------------
    # Transfer and equipment
    # -------------------------------------------------------------------------

    def _get_pass_on_blockers(self):
        """Return why lines of this contract can neither pass on nor change equipment now."""
        self.ensure_one()
        if self.state == "suspended":
            return [self.env._(
                "It is suspended since %(date)s. Resume it first.",
                date=format_date(self.env, self.suspension_id.date_from),
            )]
        if self.state != "active":
            return [self._get_not_running_message()]
        blockers = []
        if self.suspension_id:
            blockers.append(self.env._(
                "A suspension begins on %(date)s. Withdraw it, or wait until it has ended.",
                date=format_date(self.env, self.suspension_id.date_from),
            ))
        if self.termination_state == "planned":
            blockers.append(self.env._(
                "It is terminated as of %(date)s. Withdraw the termination first.",
                date=format_date(self.env, self.termination_date),
            ))
        return blockers
