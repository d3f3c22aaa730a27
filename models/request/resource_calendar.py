"""Request side of service hours: whatever changes them moves the clocks that go by them."""

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

        Hours that change from week to week, or are not told by the day, cannot be said in a
        line: nothing is said of them.
        """
        if not self or self.two_weeks_calendar or self.flexible_hours:
            return ""
        names = dict(
            self.attendance_ids._fields["dayofweek"]._description_selection(self.env))
        runs = []
        for day, name in names.items():
            hours = " + ".join(self._get_day_hours(day))
            if runs and runs[-1][0] == hours:
                runs[-1][1].append(name)
            else:
                runs.append((hours, [name]))
        parts = [
            f"{' – '.join(dict.fromkeys((days[0], days[-1])))} {hours}"
            for hours, days in runs if hours
        ]
        hours = ", ".join(parts)
        if not hours or not self.tz or self.tz == self.env.user.tz:
            return hours
        return self.env._("%(hours)s (time zone %(zone)s)", hours=hours, zone=self.tz)

    def _get_day_hours(self, day, week=False):
        """Return the hours of one day in words, without breaks, those that touch as one.

        :param week: where two weeks take turns, which of them
        """
        spans = []
        for attendance in self.attendance_ids.sorted("hour_from"):
            is_break = attendance.display_type or attendance.day_period == "lunch"
            if is_break or (attendance.dayofweek, attendance.week_type) != (day, week):
                continue
            if spans and attendance.hour_from <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], attendance.hour_to)
            else:
                spans.append([attendance.hour_from, attendance.hour_to])
        return [f"{format_duration(start)}–{format_duration(end)}" for start, end in spans]
