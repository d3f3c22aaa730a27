"""Request side of service hours: whatever changes them moves the clocks that go by them."""

from itertools import groupby

from odoo import models
from odoo.tools import format_duration


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"tz", "two_weeks_calendar", "flexible_hours", "company_id"}:
            self._move_aftersales_clocks()
        return result

    def _move_aftersales_clocks(self):
        """Let the clocks that go, or have gone, by these hours be computed anew."""
        if self:
            self.env["aftersales.request.watch"]._look_again(
                [("event_ids.calendar_id", "in", self.ids)])

    # -------------------------------------------------------------------------
    # Hours in words
    # -------------------------------------------------------------------------

    def _describe_hours(self):
        """Return the hours of a week, equal days in a row as one: "Monday – Friday 08:00–17:00".

        Hours that change from week to week, or are not
        told by the day, cannot be said in a line: nothing is said of them.
        """
        if not self or self.two_weeks_calendar or self.flexible_hours:
            return ""
        names = dict(
            self.attendance_ids._fields["dayofweek"]._description_selection(self.env))
        week = [(day, self._get_day_hours(day)) for day in names]
        parts = []
        for hours, days in groupby(week, key=lambda item: item[1]):
            if hours:
                run = [names[day] for day, _hours in days]
                parts.append(f"{' – '.join(dict.fromkeys((run[0], run[-1])))} {hours}")
        hours = ", ".join(parts)
        if not hours or not self.tz or self.tz == self.env.user.tz:
            return hours
        return self.env._("%(hours)s (time zone %(zone)s)", hours=hours, zone=self.tz)

    def _get_day_hours(self, day):
        """Return the hours of one day, those that touch as one."""
        spans = []
        for attendance in self.attendance_ids.sorted("hour_from"):
            is_break = attendance.display_type or attendance.day_period == "lunch"
            if is_break or attendance.dayofweek != day:
                continue
            if spans and attendance.hour_from <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], attendance.hour_to)
            else:
                spans.append([attendance.hour_from, attendance.hour_to])
        return " + ".join(
            f"{format_duration(start)}–{format_duration(end)}" for start, end in spans)
