"""Request side of the service level: requests follow what it says."""

from odoo import models

MAX_NAMED = 3


class AftersalesSla(models.Model):
    _inherit = "aftersales.sla"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"calendar_id", "tz_source", "warn_percents"}:
            self._move_request_clocks()
        return result

    def _get_holders(self):
        """Name the customers, too, to whom the level is given."""
        # Whoever archives the level may not see all customers who have it.
        customers_sudo = self.env["res.partner"].sudo().search(
            [("aftersales_sla_id", "in", self.ids)])
        names = customers_sudo[:MAX_NAMED].mapped("display_name")
        if others := len(customers_sudo) - len(names):
            names.append(self.env._("%(count)s other customers", count=others))
        return super()._get_holders() + names

    def _move_request_clocks(self):
        """Let the clocks of requests under these levels be computed anew."""
        if self:
            self.env["aftersales.request.watch"]._look_again([("sla_id", "in", self.ids)])
