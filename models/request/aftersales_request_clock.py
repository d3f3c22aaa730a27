from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models

from ...tools import sla
from .aftersales_request_target import KINDS

TARGET_KINDS = [kind for kind, _label in KINDS]
# Event → what the clock rests for from then on; ``None`` lets it run.
RESTS = {"resumed": None, "resolved": "resolved", "reopened": None, "ended": "ended"}
# Stamps of a request: the first event of a kind counts, or the last one.
FIRST_STAMPS = {
    "acknowledged": "acknowledged_on", "responded": "responded_on", "arrived": "arrived_on",
}

# What the customer hears from us: the next news are due from the last of these on.
NEWS = ("responded", "arrived", "updated")


class History(NamedTuple):
    """What the clock needs to know of a request, told by its events."""

    spans: list  # of tools.sla.Span
    level: object  # the event that says which service level and priority count now
    stamps: dict  # event kind → moment
    rest: object  # what the clock rests for now, None when it runs
    rest_since: int | None


class AftersalesRequestClock(models.AbstractModel):
    """Derives the clocks of requests from their events, many requests at once.

    Nothing is carried on from what was stored before: the same events always give the same
    clocks, in whatever order they were entered (invariant 5).
    """

    _name = "aftersales.request.clock"
    _description = "Request Clock Engine"

    @api.model
    def _refresh(self, requests):
        """Recompute the promised times of requests, and store what has changed."""
        if not requests:
            return
        requests = requests.sudo()
        now = self._to_moment(fields.Datetime.now())
        histories = self._get_histories(requests)
        rows, problems = {}, {}
        for request, history in histories.items():
            try:
                rows[request] = self._read_targets(history, now)
            except sla.NoWorkingTimeError:
                problems[request] = self._get_no_time_message(history)
        self._store_targets(rows)
        for request, history in histories.items():
            vals = self._prepare_request_vals(history, rows.get(request, {}))
            vals["sla_problem"] = problems.get(request, False)
            self._write_changes(request, vals)

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
        """Return a table of working time by calendar and time zone, from the first use on."""
        firsts = {}
        for event in events:
            if event.calendar_id:
                key = event.calendar_id, event.clock_tz
                firsts[key] = min(firsts.get(key, event.date), event.date)
        clock = self.env["aftersales.sla.clock"]
        # Both calendars of a change are asked about the time since the request came in.
        first = min(firsts.values(), default=None)
        return {
            (calendar, tz): clock._get_table(calendar, tz, first) for calendar, tz in firsts
        }

    def _tell(self, events, tables):
        spans, stamps, level = [], {}, None
        table = rest = rest_since = None
        for event in events:
            moment = self._to_moment(event.date)
            self._stamp(stamps, event.kind, moment)
            if event.kind in ("received", "level"):
                level = event
                table = tables.get((event.calendar_id, event.clock_tz))
            elif event.kind == "paused":
                rest, rest_since = event.reason, moment
            elif event.kind in RESTS:
                rest = RESTS[event.kind]
                rest_since = None if rest is None else moment
            else:
                continue
            if table:
                spans.append(sla.Span(moment, table, rest))
        return History(spans, level, stamps, rest, rest_since)

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

    def _read_targets(self, history, now):
        """Return by kind of target its values; kinds that are not promised are left out."""
        if not history.level or not history.spans:
            return {}
        target = history.level.sla_id._get_target(history.level.priority)
        rows = {}
        for kind in TARGET_KINDS:
            if seconds := target._get_seconds(kind):
                rows[kind] = self._read_target(history, kind, seconds, now)
        return rows

    def _read_target(self, history, kind, seconds, now):
        done, spans = self._get_done(history.stamps, kind), history.spans
        if kind == "update":
            # News are promised anew from each news on.
            news = [history.stamps.get(stamp) for stamp in NEWS]
            spans = sla.cut(spans, max((moment for moment in news if moment), default=0))
        reading = sla.read(spans, seconds, now if done is None else done)
        return {
            "status": self._get_status(history, done, reading, now),
            "promised_seconds": seconds,
            "worked_seconds": reading.worked,
            "left_seconds": reading.left,
            "late_minutes": -(-reading.late // 60),
            "due": self._to_datetime(reading.due),
            "done_on": self._to_datetime(done),
        }

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
            return "late" if reading.late else "met"
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
            for kind, vals in kinds.items():
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
            (vals["due"], kind) for kind, vals in rows.items()
            if vals["due"] and vals["status"] in ("running", "overdue")
        ]
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
            "is_breached": any(
                vals["status"] in ("late", "overdue") for vals in rows.values()),
        }

    @staticmethod
    def _write_changes(record, vals):
        changes = {name: value for name, value in vals.items() if record[name] != value}
        if changes:
            record.write(changes)

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
            ("contract_id.state", "=", "active"),
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
