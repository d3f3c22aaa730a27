"""Request side of service hours: whatever changes them moves the clocks that go by them."""

from odoo import models


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
