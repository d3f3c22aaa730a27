"""Asset side of the company: how early coming statutory checks are announced."""

from datetime import timedelta

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_check_notice_days = fields.Integer(
        string="Remind of Checks (days)", default=30,
        help="The technician is reminded of a statutory check so many days before it is due.",
    )

    def _get_aftersales_check_horizon(self):
        """Return the last day whose statutory checks are announced today."""
        return self._get_aftersales_today() + timedelta(days=self.aftersales_check_notice_days)
