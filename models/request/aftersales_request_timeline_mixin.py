from collections import defaultdict
from itertools import product

from odoo import api, fields, models
from odoo.tools import format_datetime, format_duration


class AftersalesRequestTimelineMixin(models.AbstractModel):
    """The clock of a request explained: what was promised, what happened, what counted."""

    _name = "aftersales.request.timeline.mixin"
    _description = "Timeline of a Request"

    timeline_html = fields.Html(
        string="Timeline", compute="_compute_timeline_html", sanitize=False,
        help="What was promised, what happened, and which time counted.",
    )
    clock_label = fields.Char(string="Clock", compute="_compute_clock_label")

    @api.depends_context("lang", "tz", "uid")
    @api.depends("event_ids", "target_ids.status", "target_ids.due")
    def _compute_timeline_html(self):
        for request, timeline in self._get_timelines().items():
            request.timeline_html = self.env["ir.qweb"]._render(
                "aftersales.request_timeline", {"timeline": timeline},
            )

    @api.depends_context("lang", "tz")
    @api.depends("paused_since", "next_due", "next_target", "target_ids.left_seconds")
    def _compute_clock_label(self):
        """Say it short, e.g. "Paused since Jan 16, 12:00, 13:00 h left"."""
        for request in self:
            request.clock_label = request._get_clock_label()

    def _get_clock_label(self):
        if self.sla_problem:
            return self.sla_problem
        if self.paused_since:
            paused = self.target_ids.filtered(lambda target: target.status == "paused")
            left = min(paused.mapped("left_seconds"), default=0)
            return self.env._(
                "Paused since %(moment)s, %(left)s h left",
                moment=self._format_short_moment(self.paused_since),
                left=self._format_seconds(left),
            )
        if not self.next_due:
            return False
        return self.env._(
            "%(target)s until %(moment)s", target=self._get_label("next_target", self.next_target),
            moment=self._format_short_moment(self.next_due),
        )

    # -------------------------------------------------------------------------
    # The timeline, as the form and the evidence show it
    # -------------------------------------------------------------------------

    def _get_timelines(self):
        """Return by request its promises, stretches of time and events, in words."""
        clock = self.env["aftersales.request.clock"]
        stretches, readings = clock._explain(self), clock._read_now(self)
        return {
            request: {
                "request": request,
                "zone": request._get_timeline_zone(),
                "now": request._format_moment(fields.Datetime.now()),
                "nothing": request._get_nothing_promised(),
                "targets": [
                    request._prepare_target_text(
                        target, readings.get(request, {}).get(target.kind))
                    for target in request.target_ids.sorted("id")
                ],
                "segments": request._prepare_segment_texts(stretches.get(request, [])),
                "events": [
                    request._prepare_event_text(event)
                    for event in request.event_ids.sorted(lambda event: (event.date, event.id))
                ],
            }
            for request in self
        }

    def _get_timeline_zone(self):
        return self.clock_tz or self.env.user.tz or "UTC"

    def _get_nothing_promised(self):
        """Say why no time is promised; empty when one is."""
        if self.target_ids:
            return ""
        # Whoever sees the request sees what is promised.
        if level := self.sudo().sla_id:
            return self.env._(
                "The service level “%(level)s” promises no times for “%(priority)s”.",
                level=level.name, priority=self._get_label("priority", self.priority))
        return self.env._(
            "No times are promised: neither a contract line, nor the customer, nor the company "
            "names a service level.")

    def _prepare_target_text(self, target, reading=None):
        """Return a promised time in words, as it stands now.

        :param reading: row of the clock at this moment; what is stored may be minutes old
        """
        figures = reading.vals if reading else {
            "status": target.status, "late_minutes": target.late_minutes,
            "miss_count": target.miss_count, "worked_seconds": target.worked_seconds,
        }
        kind = dict(target._fields["kind"]._description_selection(self.env))[target.kind]
        statuses = dict(target._fields["status"]._description_selection(self.env))
        return {
            "kind": kind,
            "promised": self._format_seconds(target.promised_seconds),
            "due": self._format_moment(target.due),
            "done": self._format_moment(target.done_on),
            "used": self._format_seconds(figures["worked_seconds"]),
            "late": self._format_late(figures),
            "status": statuses[figures["status"]],
            "decoration": {
                "met": "success", "late": "danger", "overdue": "danger", "paused": "warning",
                "running": "info",
            }.get(figures["status"], "muted"),
        }

    def _format_late(self, figures):
        late = self._format_seconds(60 * figures["late_minutes"])
        if figures["miss_count"] > 1:
            return self.env._("%(time)s (%(count)s times)", time=late, count=figures["miss_count"])
        return late if figures["miss_count"] else ""

    def _prepare_segment_texts(self, segments):
        """Return the stretches of time, each with the working time used until its end."""
        total = segments[-1].end - segments[0].begin if segments else 0
        clock, texts, used = self.env["aftersales.sla.clock"], [], 0
        for segment in segments:
            used += segment.worked
            texts.append({
                "begin": self._format_moment(clock._to_datetime(segment.begin)),
                "end": self._format_moment(clock._to_datetime(segment.end)),
                "is_resting": segment.pause is not None,
                "text": self._get_rest_label(segment.pause),
                "worked": self._format_seconds(segment.worked),
                "used": self._format_seconds(used),
                "percent": round(100.0 * (segment.end - segment.begin) / total, 2),
            })
        return texts

    def _get_rest_label(self, rest):
        if rest is None:
            return self.env._("The clock runs")
        return {
            "resolved": self.env._("Resolved"), "ended": self.env._("Ended"),
        }.get(rest) or self.env._(
            "Stopped: %(reason)s", reason=self._get_label("waiting_reason", rest))

    def _prepare_event_text(self, event):
        kind = dict(event._fields["kind"]._description_selection(self.env))[event.kind]
        return {
            "date": self._format_moment(event.date),
            "kind": kind,
            "user": event.user_id.sudo().name or "",
            "details": " · ".join(filter(None, self._get_event_details(event))),
        }

    def _get_event_details(self, event):
        target = self._get_label("next_target", event.target)
        if event.kind == "warned":
            return [target, f"{event.minutes} %"]
        if event.kind == "breached":
            late = self._format_seconds(60 * event.minutes)
            return [target, self.env._("%(time)s h late", time=late), event.note]
        return [
            # Whoever sees the request sees what is promised.
            event.sudo().sla_id.name, event.sudo().calendar_id.name, event.clock_tz,
            self._get_label("priority", event.priority),
            self._get_label("waiting_reason", event.reason),
            event.to_user_id.sudo().name, event.note,
        ]

    # -------------------------------------------------------------------------
    # The service hours, as the evidence explains them
    # -------------------------------------------------------------------------

    def _get_service_hours(self):
        """Return the service hours the clock has gone by, with their times and days off."""
        self.ensure_one()
        # Whoever sees the request sees by which hours its clock goes.
        request_sudo = self.sudo()
        calendars = request_sudo.event_ids.calendar_id | request_sudo.calendar_id
        return [{
            "name": calendar.name,
            "times": self._get_calendar_times(calendar),
            "holidays": self._get_calendar_holidays(calendar),
        } for calendar in calendars]

    def _get_calendar_times(self, calendar):
        """Return the working hours of a calendar, days with the same hours together."""
        selections = calendar.attendance_ids._fields
        weeks = dict(selections["week_type"]._description_selection(self.env)) if (
            calendar.two_weeks_calendar) else {False: ""}
        names = dict(selections["dayofweek"]._description_selection(self.env))
        by_hours = defaultdict(list)
        for week, (day, name) in product(weeks, names.items()):
            if hours := ", ".join(calendar._get_day_hours(day, week)):
                by_hours[week, hours].append(name)
        return [
            " ".join(filter(None, (weeks[week], f"{', '.join(day_names)}: {hours}")))
            for (week, hours), day_names in by_hours.items()
        ]

    def _get_calendar_holidays(self, calendar):
        """Return the days off of a calendar in the life of the request, in words."""
        end = self.closed_on or self.resolved_on or fields.Datetime.now()
        leaves = self.env["resource.calendar.leaves"].sudo().search([
            ("calendar_id", "in", (False, calendar.id)), ("resource_id", "=", False),
            ("company_id", "in", (False, self.company_id.id)), ("time_type", "=", "leave"),
            ("date_from", "<=", end), ("date_to", ">=", self.received_on),
        ], order="date_from")
        return [self.env._(
            "%(name)s: %(begin)s to %(end)s", name=leave.name or self.env._("Closed"),
            begin=self._format_moment(leave.date_from), end=self._format_moment(leave.date_to),
        ) for leave in leaves]

    def _get_label(self, name, value):
        return dict(self._fields[name]._description_selection(self.env)).get(value, "")

    def _format_moment(self, moment, dt_format="medium"):
        """Return a moment in words, to the second: by seconds a promise is kept or missed."""
        zone = self._get_timeline_zone()
        return format_datetime(self.env, moment, tz=zone, dt_format=dt_format) if moment else ""

    def _format_short_moment(self, moment):
        """Return a moment as the timeline counts it, with the zone where the reader has another."""
        text, zone = self._format_moment(moment, "short"), self._get_timeline_zone()
        return text if zone == str(self.env.tz) else f"{text} ({zone})"

    def _format_seconds(self, seconds):
        return format_duration(seconds / 3600)
