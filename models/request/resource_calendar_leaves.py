"""Request side of holidays: whatever changes them moves the clocks that rest on them."""

from odoo import api, models
from odoo.fields import Domain


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._move_aftersales_clocks()
        return leaves

    def write(self, vals):
        # Before and after: they may move from one calendar to another.
        self._move_aftersales_clocks()
        result = super().write(vals)
        self._move_aftersales_clocks()
        return result

    def unlink(self):
        self._move_aftersales_clocks()
        return super().unlink()

    def _move_aftersales_clocks(self):
        """Let the clocks that rest on these days be computed anew; absences of people do not."""
        holidays = self.filtered(lambda leave: not leave.resource_id)
        holidays.calendar_id._move_aftersales_clocks()
        if general := holidays.filtered(lambda leave: not leave.calendar_id):
            companies = general.company_id
            everywhere = any(not leave.company_id for leave in general)
            self.env["aftersales.request.watch"]._look_again(
                Domain.TRUE if everywhere else Domain("company_id", "in", companies.ids))
