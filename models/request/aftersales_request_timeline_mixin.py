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
                moment=self._format_moment(self.paused_since, self.env.user.tz),
                left=self._format_seconds(left),
            )
        if not self.next_due:
            return False
        return self.env._(
            "%(target)s until %(moment)s", target=self._get_label("next_target", self.next_target),
            moment=self._format_moment(self.next_due, self.env.user.tz),
        )

    # -------------------------------------------------------------------------
    # The timeline, as the form and the evidence show it
    # -------------------------------------------------------------------------

    def _get_timelines(self):
        """Return by request its promises, stretches of time and events, in words."""
        stretches = self.env["aftersales.request.clock"]._explain(self)
        return {
            request: {
                "request": request,
                "zone": request._get_timeline_zone(),
                "targets": [
                    request._prepare_target_text(target)
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

    def _prepare_target_text(self, target):
        kind = dict(target._fields["kind"]._description_selection(self.env))[target.kind]
        status = dict(target._fields["status"]._description_selection(self.env))[target.status]
        return {
            "kind": kind,
            "promised": self._format_seconds(target.promised_seconds),
            "due": self._format_moment(target.due),
            "done": self._format_moment(target.done_on),
            "used": self._format_seconds(target.worked_seconds),
            "late": self._format_seconds(60 * target.late_minutes) if target.miss_count else "",
            "status": status,
            "decoration": {
                "met": "success", "late": "danger", "overdue": "danger", "paused": "warning",
                "running": "info",
            }.get(target.status, "muted"),
        }

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
            return [target, self.env._("%(count)s min late", count=event.minutes), event.note]
        return [
            # Whoever sees the request sees what is promised.
            event.sudo().sla_id.name, event.sudo().calendar_id.name, event.clock_tz,
            self._get_label("priority", event.priority),
            self._get_label("waiting_reason", event.reason),
            event.to_user_id.sudo().name, event.note,
        ]

    def _get_label(self, name, value):
        return dict(self._fields[name]._description_selection(self.env)).get(value, "")

    def _format_moment(self, moment, zone=None):
        zone = zone or self._get_timeline_zone()
        return format_datetime(self.env, moment, tz=zone, dt_format="short") if moment else ""

    def _format_seconds(self, seconds):
        return format_duration(seconds / 3600)
