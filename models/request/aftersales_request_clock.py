from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models

from ...tools import sla
from ..coverage.aftersales_coverage import IN_FORCE
from .aftersales_request_target import KINDS

_PROBLEM_ACTIVITY = "aftersales.mail_activity_type_clock_problem"
MISSED = ("late", "overdue")
TARGET_KINDS = [kind for kind, _label in KINDS]
# Event → what the clock rests for from then on; ``None`` lets it run.
RESTS = {"resumed": None, "resolved": "resolved", "reopened": None, "ended": "ended"}
# Stamps of a request: the first event of a kind counts, or the last one.
FIRST_STAMPS = {
    "acknowledged": "acknowledged_on", "responded": "responded_on", "arrived": "arrived_on",
}
# Who has a request makes no difference to what is promised: clocks stay as they are.
STILL = ("assigned",)

# What the customer hears from us: the next news are due from the last of these on.
NEWS = ("responded", "arrived", "updated", "resolved")


def get_minutes(seconds):
    """Return seconds as minutes; one that has begun counts."""
    return -(-seconds // 60)


class History(NamedTuple):
    """What the clock needs to know of a request, told by its events."""

    spans: list  # of tools.sla.Span
    level: object  # the event that says which service level and priority count now
    stamps: dict  # event kind → moment
    news: list  # moments at which the customer heard from us
    warned: dict  # promise (kind, seconds, since) → per cents of it that were warned at
    breached: set  # promises noted as missed
    rest: object  # what the clock rests for now, None when it runs
    rest_since: int | None


class Cycle(NamedTuple):
    """One promise: a target of a request, or one of the news it promises."""

    since: int  # when its clock began
    reading: sla.Reading
    status: str
    done: int | None


class Row(NamedTuple):
    """What is known of one target of a request."""

    vals: dict  # to be stored
    misses: list  # cycles that were missed, noted or not
    reached: list  # per cents of the time that are used up, and nobody was warned yet
    since: int
    watch: int | None  # when there is something to warn of, or a time is over


class AftersalesRequestClock(models.AbstractModel):
    """Derives the clocks of requests from their events, many requests at once.

    Nothing is carried on from what was stored before: the same events always give the same
    clocks, in whatever order they were entered (invariant 5).
    """

    _name = "aftersales.request.clock"
    _description = "Request Clock Engine"

    @api.model
    def _refresh(self, requests, is_watch=False):
        """Recompute the promised times of requests, store what has changed, note what is missed.

        :param is_watch: whether the caller warns of what is reached; else the watch is called
        :return: dict of request → dict of kind → :class:`Row`
        """
        requests = requests.sudo()
        now = self._to_moment(fields.Datetime.now())
        histories = self._get_histories(requests)
        rows, problems = {}, {}
        for request, history in histories.items():
            try:
                rows[request] = self._read_targets(history, now, is_watch)
            except sla.NoWorkingTimeError:
                problems[request] = self._get_no_time_message(history)
        self._store_targets(rows)
        self._tell_problems(histories, problems)
        for request, history in histories.items():
            self._write_changes(request, self._prepare_request_vals(history, rows.get(request, {})))
        self._note_misses(histories, rows)
        return rows

    def _tell_problems(self, requests, problems):
        """Say on requests why they have no clock, and ask the managers to mend it, once."""
        told = self.env["aftersales.request"].union(*requests).filtered("sla_problem")
        told.filtered(lambda request: request not in problems).activity_unlink([_PROBLEM_ACTIVITY])
        new = self.env["aftersales.request"].union(*problems) - told
        for request in requests:
            self._write_changes(request, {"sla_problem": problems.get(request, False)})
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create([{
            "res_model_id": self.env["ir.model"]._get_id(request._name),
            "res_id": request.id,
            "activity_type_id": self.env.ref(_PROBLEM_ACTIVITY).id,
            "user_id": self._get_manager(request).id,
            "date_deadline": request.company_id._get_aftersales_today(),
            "note": request.sla_problem,
            "automated": True,
        } for request in new])

    def _note_misses(self, histories, rows):
        """Write an event for each promise that was missed and not noted yet."""
        # Who writes the same rows at the same time must fail there, and start anew.
        self.env.flush_all()
        events = self.env["aftersales.request.event"].sudo()
        events.create([
            request._prepare_event_vals(
                "breached", target=kind, user_id=False,
                date=self._to_datetime(miss.reading.due),
                minutes=get_minutes(miss.reading.late),
                promised_seconds=row.vals["promised_seconds"],
                since=self._to_datetime(miss.since),
            )
            for request, kinds in rows.items() for kind, row in kinds.items()
            for miss in row.misses
            if (kind, row.vals["promised_seconds"], miss.since) not in histories[request].breached
        ])

    @api.model
    def _explain(self, requests):
        """Return by request the stretches of its life in which the clock ran or rested."""
        now = self._to_moment(fields.Datetime.now())
        return {
            request: sla.explain(history.spans, self._get_end(history, now))
            for request, history in self._get_histories(requests).items() if history.spans
        }

    @api.model
    def _read_now(self, requests):
        """Return by request and kind the clocks as they stand at this moment; nothing is stored."""
        now = self._to_moment(fields.Datetime.now())
        rows = {}
        for request, history in self._get_histories(requests).items():
            try:
                rows[request] = self._read_targets(history, now)
            except sla.NoWorkingTimeError:
                continue  # the request says what is wrong (sla_problem)
        return rows

    def _get_end(self, history, now):
        """Return until when the clock has something to tell: its end, else now."""
        return history.rest_since if history.rest in ("resolved", "ended") else now

    # -------------------------------------------------------------------------
    # From events to spans
    # -------------------------------------------------------------------------

    @api.model
    def _get_histories(self, requests):
        """Return by request what its events tell; requests without a received event are left."""
        events = self.env["aftersales.request.event"].sudo().search(
            [("request_id", "in", requests.ids)], order="request_id, date, id",
        )
        by_request = events.grouped("request_id")
        tables = self._get_tables(events)
        return {
            request: self._tell(by_request[request], tables)
            for request in requests if request in by_request
        }

    def _get_tables(self, events):
        """Return a table of working time by calendar and time zone, from the first event on."""
        clock = self.env["aftersales.sla.clock"]
        # Any calendar may be asked about the time since the first request came in.
        first = min(events.mapped("date"), default=None)
        keys = {(event.calendar_id, event.clock_tz) for event in events if event.calendar_id}
        return {(calendar, tz): clock._get_table(calendar, tz, first) for calendar, tz in keys}

    def _tell(self, events, tables):
        spans, stamps, news, level = [], {}, [], None
        warned, breached = defaultdict(set), set()
        table = rest = rest_since = None
        begin = self._to_moment(events[0].date)
        for event in events:
            moment = self._to_moment(event.date)
            self._stamp(stamps, event.kind, moment)
            if event.kind in NEWS:
                news.append(moment)
            if event.kind in ("received", "level"):
                level = event
                table = tables.get((event.calendar_id, event.clock_tz))
            elif event.kind == "paused":
                rest, rest_since = event.reason, moment
            elif event.kind in RESTS:
                rest = RESTS[event.kind]
                rest_since = None if rest is None else moment
            else:
                if event.kind == "warned":
                    warned[self._get_promise(event)].add(event.minutes)
                elif event.kind == "breached":
                    breached.add(self._get_promise(event))
                continue
            if table:
                # What is promised later than the request came in counts from there on.
                spans.append(sla.Span(moment if spans else begin, table, rest))
        return History(spans, level, stamps, news, warned, breached, rest, rest_since)

    def _get_promise(self, event):
        return event.target, event.promised_seconds, self._to_moment(event.since)

    @staticmethod
    def _stamp(stamps, kind, moment):
        """Note when something happened: the first time, of news and the end the last time."""
        if kind == "reopened":
            stamps.pop("resolved", None)
            stamps.pop("closed", None)
        if kind in ("updated", "resolved", "closed"):
            stamps[kind] = moment
        else:
            stamps.setdefault(kind, moment)

    # -------------------------------------------------------------------------
    # From spans to promised times
    # -------------------------------------------------------------------------

    def _read_targets(self, history, now, is_watch=False):
        """Return by kind of target its row; kinds that are not promised are left out."""
        if not history.level or not history.spans:
            return {}
        target = history.level.sla_id._get_target(history.level.priority)
        rows = {}
        for kind in TARGET_KINDS:
            if seconds := target._get_seconds(kind):
                rows[kind] = self._read_target(history, kind, seconds, now, is_watch)
        return rows

    def _read_target(self, history, kind, seconds, now, is_watch):
        cycles = [
            self._read_cycle(history, spans, seconds, now, done)
            for spans, done in self._get_cycles(history, kind)
        ]
        last, misses = cycles[-1], [cycle for cycle in cycles if cycle.status in MISSED]
        reached, watch = self._get_watch(
            history, (kind, seconds, last.since), last, now, is_watch)
        late = sum(get_minutes(cycle.reading.late) for cycle in misses)
        return Row({
            "status": "late" if misses and last.status in ("met", "dropped") else last.status,
            "promised_seconds": seconds,
            "worked_seconds": last.reading.worked,
            "left_seconds": last.reading.left,
            "late_minutes": late,
            "miss_count": len(misses),
            "due": self._to_datetime(last.reading.due),
            "done_on": self._to_datetime(last.done),
        }, misses, reached, last.since, watch)

    def _get_cycles(self, history, kind):
        """Return the spans and the end of each promise; news are promised anew from each on."""
        if kind != "update":
            return [(history.spans, self._get_done(history.stamps, kind))]
        begins = [history.spans[0].begin, *history.news]
        cycles = [
            (sla.cut(history.spans, begin), end)
            for begin, end in zip(begins, [*history.news, None], strict=True)
        ]
        return cycles[:-1] if history.rest == "resolved" else cycles

    def _read_cycle(self, history, spans, seconds, now, done):
        reading = sla.read(spans, seconds, now if done is None else done)
        status = self._get_status(history, done, reading, now)
        return Cycle(spans[0].begin, reading, status, done)

    def _get_watch(self, history, promise, cycle, now, is_watch):
        """Return the per cents to warn of now, and when to look again."""
        if cycle.status not in ("running", "overdue"):
            return [], None
        _kind, seconds, _since = promise
        warned = history.warned.get(promise, ())
        percents = [
            percent for percent in history.level.sla_id._get_warn_percents()
            if percent not in warned
        ]
        reached = [
            percent for percent in percents if cycle.reading.worked * 100 >= percent * seconds
        ]
        ahead = [percent for percent in percents if percent not in reached]
        if reached and not is_watch:
            return reached, cycle.since
        if ahead:
            left = -(-ahead[0] * seconds // 100) - cycle.reading.worked
            return reached, history.spans[-1].table.plan(now, left)
        return reached, cycle.reading.due + 1 if cycle.status == "running" else None

    @staticmethod
    def _get_done(stamps, kind):
        """Return when a promise was kept: by its own event, or by one that says even more."""
        events = {
            "acknowledge": ("acknowledged", "responded", "arrived", "resolved"),
            "response": ("responded", "arrived", "resolved"),
            "on_site": ("arrived",),
            "resolution": ("resolved",),
            "update": (),
        }[kind]
        return min((stamps[event] for event in events if event in stamps), default=None)

    @staticmethod
    def _get_status(history, done, reading, now):
        if done is not None:
            return "late" if reading.due is not None and reading.due < done else "met"
        if reading.due is not None and reading.due < now:
            return "overdue" if history.rest not in ("resolved", "ended") else "late"
        if history.rest in ("resolved", "ended"):
            return "dropped"
        return "paused" if history.rest else "running"

    # -------------------------------------------------------------------------
    # Store
    # -------------------------------------------------------------------------

    def _store_targets(self, rows):
        """Create and update the rows of promised times; what is no longer promised is dropped."""
        model = self.env["aftersales.request.target"].sudo()
        present = model.search([("request_id", "in", [request.id for request in rows])])
        by_key = {(target.request_id, target.kind): target for target in present}
        new = []
        for request, kinds in rows.items():
            for kind, row in kinds.items():
                vals = row.vals
                if target := by_key.pop((request, kind), None):
                    self._write_changes(target, vals)
                else:
                    new.append({"request_id": request.id, "kind": kind, **vals})
        for target in by_key.values():
            self._write_changes(target, {"status": "dropped", "due": False})
        model.create(new)

    def _prepare_request_vals(self, history, rows):
        """Return the stamps and the next promised time of a request."""
        open_rows = [
            (row.vals["due"], kind) for kind, row in rows.items()
            if row.vals["due"] and row.vals["status"] in ("running", "overdue")
        ]
        watches = [row.watch for row in rows.values() if row.watch is not None]
        due, kind = min(open_rows, default=(False, False))
        stamps = history.stamps
        return {
            **{name: self._to_datetime(stamps.get(event)) for event, name in FIRST_STAMPS.items()},
            "resolved_on": self._to_datetime(stamps.get("resolved")),
            "closed_on": self._to_datetime(stamps.get("closed")),
            "next_due": due,
            "next_target": kind,
            "paused_since": self._to_datetime(
                history.rest_since if history.rest not in (None, "resolved", "ended") else None),
            "is_breached": any(row.misses for row in rows.values()),
            "watch_on": self._to_datetime(min(watches, default=None)),
        }

    @staticmethod
    def _write_changes(record, vals):
        changes = {name: value for name, value in vals.items() if record[name] != value}
        if changes:
            record.write(changes)

    def _get_manager(self, request):
        """Return who mends what is wrong with a request's clock."""
        users = self.env.ref("aftersales.group_manager").sudo().all_user_ids
        return self._get_escalation_user(request) or users.filtered(
            lambda user: request.company_id in user.company_ids)[:1] or self.env.user

    @api.model
    def _get_escalation_user(self, request):
        """Return the escalation user of the level, else of the team; who has left is none."""
        level, team = request.sla_id, request.team_id
        return level.escalation_user_id.filtered("active") or (
            team.aftersales_escalation_user_id.filtered("active"))

    def _get_no_time_message(self, history):
        return self.env._(
            "The service hours “%(calendar)s” have no working hours in the years to come, so "
            "nobody can say when a promised time is over. Enter their hours, or choose other "
            "service hours in the service level “%(sla)s”.",
            calendar=history.level.calendar_id.name, sla=history.level.sla_id.name,
        )

    def _to_moment(self, value):
        return self.env["aftersales.sla.clock"]._to_moment(value)

    def _to_datetime(self, moment):
        return self.env["aftersales.sla.clock"]._to_datetime(moment)

    # -------------------------------------------------------------------------
    # Which level
    # -------------------------------------------------------------------------

    @api.model
    def _get_levels(self, requests):
        """Return by request what its clock goes by: contract line, else customer, else company.

        :return: dict of request → values of the fields contract_line_id, sla_id, calendar_id,
            clock_tz
        """
        requests = requests.sudo()
        lines = self._get_lines(requests)
        return {request: self._prepare_level(request, lines.get(request)) for request in requests}

    def _get_lines(self, requests):
        """Return by request the most specific contract line that promises it a level."""
        engine = self.env["aftersales.coverage"].sudo()
        lines = self.env["aftersales.contract.line"].sudo().search([
            ("sla_id", "!=", False),
            ("company_id", "in", requests.company_id.ids),
            ("contract_id.commercial_partner_id", "in", requests.commercial_partner_id.ids),
            # What was in force when the request came in is kept, whatever became of it since.
            ("contract_id.state", "in", IN_FORCE),
            ("scope_type", "!=", "none"),
        ], order="id")
        by_customer = defaultdict(list)
        for line in lines:
            customer = line.company_id, line.contract_id.commercial_partner_id
            by_customer[customer].append((line, engine._prepare_line_terms(line)))
        found = {}
        for request in requests if lines else ():
            day = request.company_id._get_aftersales_day(request.received_on)
            candidates = [
                (terms["cover"]["specificity"], line.id, line)
                for line, terms in by_customer[request.company_id, request.commercial_partner_id]
                if engine._takes_in(terms, request, day)
            ]
            if candidates:
                found[request] = min(candidates)[2]
        return found

    def _prepare_level(self, request, line):
        level = (
            line and line.sla_id or request.commercial_partner_id.aftersales_sla_id
            or request.company_id.aftersales_sla_id
        )
        calendar = (
            line and line.service_calendar_id or level.calendar_id
        ) if level else self.env["resource.calendar"]
        site_tz = request.site_id.tz or request.commercial_partner_id.tz
        return {
            "contract_line_id": line.id if line else False,
            "sla_id": level.id,
            "calendar_id": calendar.id,
            "clock_tz": (site_tz if level.tz_source == "site" else False) or calendar.tz or False,
        }
