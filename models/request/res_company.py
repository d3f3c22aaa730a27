"""Request side of the company: its teams, its hotline, and the numbering of requests."""

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_reopen_days = fields.Integer(
        string="Reopen Within (days)", default=14,
        help="How long after its closing a request may be opened anew.",
    )
    aftersales_close_days = fields.Integer(
        string="Close After (days)", default=7,
        help="A resolved request closes by itself when the customer says nothing for so long.",
    )
    aftersales_request_team_id = fields.Many2one(
        "maintenance.team", string="Default Team", ondelete="restrict",
        domain="[('is_aftersales', '=', True), ('company_id', 'in', [False, id])]",
        help="Answers requests that belong to no other team.",
    )
    aftersales_invites_to_rate = fields.Boolean(
        string="Invite to Rate", default=True,
        help="An hour after a request is closed, its customer is asked by mail how satisfied they "
             "are. A team may do without.",
    )
    aftersales_hotline_hours = fields.Char(
        string="Hotline Hours", translate=True,
        help="What customers read in the portal and in mails. Empty: the portal tells the "
             "service hours of the company's service level.",
    )

    _aftersales_reopen_not_negative = models.Constraint(
        "CHECK (aftersales_reopen_days >= 0 AND aftersales_close_days >= 0)",
        "Days to reopen and to close cannot be negative. Enter 0 for never.",
    )

    @api.model
    def _get_aftersales_sequences(self):
        return {
            **super()._get_aftersales_sequences(),
            "aftersales.request": (self.env._("Service requests"), "SR"),
        }

    def _get_aftersales_hotline_hours(self):
        """Return when customers can call: as it was entered, else as the calendar says."""
        self.ensure_one()
        calendar = self.aftersales_sla_id.calendar_id or self.resource_calendar_id
        return self.aftersales_hotline_hours or calendar._describe_hours()

    def write(self, vals):
        result = super().write(vals)
        if "aftersales_sla_id" in vals:
            self.env["aftersales.request.watch"]._look_again([("company_id", "in", self.ids)])
        return result
