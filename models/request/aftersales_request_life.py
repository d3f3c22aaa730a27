from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

ENDED = ("duplicate", "cancelled")
BATCH_SIZE = 100
DAY = 24 * 3600  # seconds
SOON = 3600  # seconds before a promised time from which on it is marked


class AftersalesRequestLife(models.AbstractModel):
    """The life of a request: its states, the stages that show them, and what the clock is told.

    States carry the meaning. A stage is a column of a kanban: it follows the state, and a
    request dragged into another column changes its state as by the button.
    """

    _name = "aftersales.request.life"
    _description = "Request Life"
    _inherit = "aftersales.lifecycle.mixin"

    due_label = fields.Char(string="Time Left", compute="_compute_due_label")
    due_level = fields.Selection(
        selection=[("overdue", "Overdue"), ("soon", "Due soon"), ("fine", "In time"),
                   ("paused", "Clock stopped")],
        string="How Urgent", compute="_compute_due_label",
    )
    can_acknowledge = fields.Boolean(compute="_compute_allowed_steps")
    can_take = fields.Boolean(compute="_compute_allowed_steps")
    can_start = fields.Boolean(compute="_compute_allowed_steps")
    can_wait = fields.Boolean(compute="_compute_allowed_steps")
    can_resume = fields.Boolean(compute="_compute_allowed_steps")
    can_resolve = fields.Boolean(compute="_compute_allowed_steps")
    can_close = fields.Boolean(compute="_compute_allowed_steps")
    can_reopen = fields.Boolean(compute="_compute_allowed_steps")
    can_cancel = fields.Boolean(compute="_compute_allowed_steps")

    @api.depends_context("lang")
    @api.depends("next_due", "paused_since", "is_open", "target_ids.left_seconds")
    def _compute_due_label(self):
        """Say how long there is, by the wall clock; while it rests, what will be left."""
        now = fields.Datetime.now()
        for request in self:
            request.due_label, request.due_level = request._get_due_label(now)

    def _get_due_label(self, now):
        self.ensure_one()
        if not self.is_open:
            return False, False
        if self.paused_since:
            left = self.target_ids.filtered(
                lambda target: target.status == "paused").mapped("left_seconds")
            return self.env._(
                "Paused, %(time)s h left", time=self._format_hours(min(left, default=0)),
            ), "paused"
        if not self.next_due:
            return False, False
        seconds = int((self.next_due - now).total_seconds())
        if seconds < 0:
            return self.env._("%(time)s over", time=self._format_span(-seconds)), "overdue"
        return (
            self.env._("%(time)s left", time=self._format_span(seconds)),
            "soon" if seconds < SOON else "fine",
        )

    def _format_span(self, seconds):
        """Return a time by the wall clock; working time is never told in days of 24 hours."""
        days = seconds // DAY
        if days < 2:
            return self._format_hours(seconds)
        return self.env._("%(days)s days", days=days)

    @staticmethod
    def _format_hours(seconds):
        hours, minutes = divmod(max(seconds, 0) // 60, 60)
        return f"{hours}:{minutes:02d}"

    @api.depends("state", "user_id", "acknowledged_on", "closed_on")
    @api.depends_context("uid")
    def _compute_allowed_steps(self):
        for request in self:
            # What is not saved yet has nothing to be done with.
            reachable = self._TRANSITIONS.get(request.state, ()) if request._origin else ()
            request.can_acknowledge = (
                "acknowledged" in reachable and not request.acknowledged_on)
            request.can_take = (
                bool(reachable) and request.is_open and request.user_id != self.env.user)
            request.can_start = bool(reachable) and request.state in (
                "new", "acknowledged", "assigned")
            request.can_wait = bool(reachable) and request.is_open
            request.can_resume = request.state == "waiting"
            request.can_resolve = "resolved" in reachable
            request.can_close = "closed" in reachable
            request.can_reopen = not request.is_open and "in_progress" in reachable and (
                not request._get_reopen_problem())
            request.can_cancel = "cancelled" in reachable

    # -------------------------------------------------------------------------
    # Stages
    # -------------------------------------------------------------------------

    @api.depends("state", "waiting_reason", "team_id")
    def _compute_stage_id(self):
        stages = self.env["aftersales.request.stage"].search(Domain.TRUE)
        for request in self:
            if not (request.stage_id and request.stage_id._fits(request)):
                fitting = stages.filtered(lambda stage, request=request: stage._fits(request))
                # What says more about the request goes first: its reason, then its team.
                request.stage_id = fitting.sorted(
                    lambda stage: (not stage.waiting_reason, not stage.team_ids))[:1]

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Show every column of a kanban, also where nothing stands."""
        return stages.search(Domain.TRUE)

    def write(self, vals):
        if vals.get("stage_id") and not self._is_transition():
            stage = self.env["aftersales.request.stage"].browse(vals["stage_id"])
            self._move_to_stage(stage)
        return super().write(vals)

    def _move_to_stage(self, stage):
        """Bring the requests into the state that a stage means."""
        moved = self.filtered(lambda request: request.state != stage.meaning)
        if moved and stage.meaning == "duplicate":
            raise UserError(self.env._(
                "%(request)s: a duplicate needs the request that it repeats. Open it and use "
                "“Merge” in the gear menu.", request=moved[0].display_name))
        if moved and stage.meaning == "cancelled":
            raise UserError(self.env._(
                "%(request)s: whoever cancels a request says why. Open it and use “Cancel "
                "Request” in the gear menu.", request=moved[0].display_name))
        if stage.meaning == "waiting":
            if others := self.filtered(lambda request: not stage._fits(request)):
                others._wait(stage.waiting_reason)
        else:
            self._transition_to(stage.meaning)

    # -------------------------------------------------------------------------
    # What the people at the desk do
    # -------------------------------------------------------------------------

    def action_acknowledge(self):
        """Confirm to have received it; a second click does nothing."""
        news = self.filtered(lambda request: request.state == "new")
        (self - news).filtered(
            lambda request: request.is_open and not request.acknowledged_on)._log("acknowledged")
        return news._transition_to("acknowledged")

    def action_take(self):
        """Make it one's own."""
        self._assign(self.env.user)
        return True

    def action_start(self):
        """Begin to work on it; who begins unasked has taken it."""
        self.filtered(lambda request: not request.user_id)._assign(self.env.user)
        return self._transition_to("in_progress")

    def action_arrive(self):
        """Note that somebody is on site now."""
        self._check_open()
        self.action_start()
        self.filtered(lambda request: not request.arrived_on)._log("arrived")
        return True

    def action_wait_customer(self):
        """Stop the clock: it is the customer's turn."""
        return self._wait("customer")

    def action_resume(self):
        """Let the clock run on."""
        return self.filtered(lambda request: request.state == "waiting")._transition_to(
            "in_progress")

    def action_close(self):
        """Close what is resolved."""
        return self._transition_to("closed")

    def action_reopen(self):
        """Open it anew: the clock goes on where it stopped."""
        return self.filtered(lambda request: not request.is_open)._transition_to("in_progress")

    def action_open_step(self):
        """Open the dialog of the step that the context names (``default_step``)."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_request_step_action")
        step = self.env["aftersales.request.step"]._fields["step"]
        title = dict(step._description_selection(self.env)).get(
            self.env.context.get("default_step"))
        return {
            **action,
            "name": title or action["name"],
            "context": {**self.env.context, "default_request_ids": self.ids},
        }

    def _assign(self, user, note=None):
        """Hand the requests to somebody; the log keeps why."""
        self._check_open()
        others = self.filtered(lambda request: request.user_id != user)
        others.with_context(aftersales_note=note).write({"user_id": user.id})

    def _wait(self, reason, note=None):
        """Stop the clock for a reason; another reason than before is another pause."""
        if not reason:
            raise UserError(self.env._(
                "%(request)s: the clock stops only for a reason. Use the button “Wait” and say "
                "what it is waiting for.", request=self[:1].display_name,
            ))
        resting = self.filtered(lambda request: request.state == "waiting")
        changed = resting.filtered(lambda request: request.waiting_reason != reason)
        changed.write({"waiting_reason": reason})
        changed._log("paused", reason=reason, note=note)
        return (self - resting).with_context(aftersales_note=note)._transition_to(
            "waiting", waiting_reason=reason)

    def _check_open(self):
        for request in self:
            if not request.is_open:
                raise UserError(self.env._(
                    "%(request)s is “%(state)s”. Reopen it first.", request=request.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        request.state],
                ))

    # -------------------------------------------------------------------------
    # Transitions and what the clock is told
    # -------------------------------------------------------------------------

    def _transition_to(self, target, **vals):
        if target != "waiting":
            vals["waiting_reason"] = False
        return super()._transition_to(target, **vals)

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target == "resolved" and not self.resolution and not self.solution_id:
            blockers.append(self.env._(
                "Nobody has said what was done. Use the button “Resolve” and enter the "
                "resolution, or choose a known solution."))
        if target == "in_progress" and (problem := self._get_reopen_problem()):
            blockers.append(problem)
        return blockers

    def _get_reopen_problem(self):
        """Return why a closed request cannot be opened anew; empty when it can."""
        if self.state != "closed":
            return ""
        days = self.company_id.aftersales_reopen_days
        if not days:
            return self.env._("What is closed stays closed here. Open a new request instead.")
        last = self.closed_on and self.closed_on + relativedelta(days=days)
        if last and last < fields.Datetime.now():
            return self.env._(
                "It could be reopened within %(days)s days, until %(date)s. Open a new request "
                "instead.", days=days, date=format_date(
                    self.env, fields.Datetime.context_timestamp(self, last).date()),
            )
        return ""

    def _on_transition(self, target):
        result = super()._on_transition(target)
        self._add_events([
            request._prepare_event_vals(kind, **vals)
            for request in self for kind, vals in request._get_step_events(target)
        ])
        if target in ENDED or target == "closed":
            self.activity_unlink(["mail.mail_activity_data_todo"])
        return result

    def _get_step_events(self, target):
        """Return what reaching a state means to the clock, as pairs of kind and values.

        The stamps still tell where the request comes from: they follow from earlier events.
        """
        self.ensure_one()
        note = self.env.context.get("aftersales_note") or False
        if target == "waiting":
            return [("paused", {"reason": self.waiting_reason, "note": note})]
        if target in ("resolved", "closed"):
            return [(target, {"note": note})]
        if target in ENDED:
            return [("ended", {"note": note})]
        if target == "acknowledged" and not self.acknowledged_on:
            return [("acknowledged", {})]
        if target == "in_progress" and self.resolved_on:
            self.reopen_count += 1
            return [("reopened", {"note": note})]
        if self.paused_since:
            return [("resumed", {"note": note})]
        return []

    def _log_owners(self, previous):
        """Keep from whom to whom requests went, and count hand-offs between people."""
        note = self.env.context.get("aftersales_note") or False
        nobody = self.env["res.users"]
        moved = self.filtered(
            lambda request: request.user_id != previous.get(request, nobody))
        self._add_events([
            request._prepare_event_vals(
                "assigned", from_user_id=previous.get(request, nobody).id,
                to_user_id=request.user_id.id, note=note)
            for request in moved
        ])
        for request in moved:
            last = previous.get(request) or request._get_last_owner()
            if request.user_id and last and last != request.user_id:
                request.handoff_count += 1
        moved.filtered(
            lambda request: request.user_id and request.state in ("new", "acknowledged")
        )._transition_to("assigned")
        moved.filtered(
            lambda request: not request.user_id and request.state == "assigned"
        )._transition_to("acknowledged")

    def _get_last_owner(self):
        """Return who had it before nobody did: by way of another team it is a hand-off, too."""
        self.ensure_one()
        return self.sudo().event_ids.filtered(
            lambda event: event.kind == "assigned" and event.from_user_id
        ).sorted(lambda event: (event.date, event.id))[-1:].from_user_id

    # -------------------------------------------------------------------------
    # Cron
    # -------------------------------------------------------------------------

    @api.model
    def _cron_close_resolved(self, batch_size=BATCH_SIZE):
        """Close what was resolved so long ago that the customer is content.

        What they wrote since then has to be answered first.
        """
        now = fields.Datetime.now()
        companies = self.env["res.company"].search([("aftersales_close_days", ">", 0)])
        domain = Domain.OR(
            Domain("company_id", "in", same.ids)
            & Domain("resolved_on", "<=", now - relativedelta(days=days))
            for days, same in companies.grouped("aftersales_close_days").items()
        )
        answered = Domain.custom(to_sql=lambda model, alias, query: SQL(
            "COALESCE(%s <= %s, TRUE)", model._field_to_sql(alias, "customer_wrote_on", query),
            model._field_to_sql(alias, "resolved_on", query),
        ))
        self._run_in_batches(
            domain & Domain("state", "=", "resolved") & answered, batch_size,
            lambda requests: requests._transition_to("closed"))
