"""Request side of the service level: requests follow what it says."""

from odoo import models


class AftersalesSla(models.Model):
    _inherit = "aftersales.sla"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"calendar_id", "tz_source", "warn_percents"}:
            self._move_request_clocks()
        return result

    def _move_request_clocks(self):
        """Let the clocks of requests under these levels be computed anew."""
        if self:
            self.env["aftersales.request.watch"]._look_again([("sla_id", "in", self.ids)])
