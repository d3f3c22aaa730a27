"""Agreement side of the company: how its contracts are put before the customer, and disputes."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

DISPUTE_ROUTES = [("court", "Court"), ("arbitration", "Arbitration")]


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_dispute_route = fields.Selection(
        DISPUTE_ROUTES, string="Default Final Decision", required=True, default="court",
    )
    aftersales_dispute_body_id = fields.Many2one(
        "res.partner", string="Default Court or Institution",
    )
    aftersales_mediation_body_id = fields.Many2one(
        "res.partner", string="Default Mediation Body",
    )
    aftersales_sign_reminder_days = fields.Char(
        string="Signature Reminders", default="3, 7",
        help="Days after the invitation on which the customer is reminded to sign, separated by "
             "commas. Empty: no reminders.",
    )
    aftersales_two_people_approve = fields.Boolean(
        string="Two People Approve",
        help="Contracts and changes are approved by somebody else than who submitted them.",
    )
    aftersales_link_days = fields.Integer(
        string="Days a Link Works", default=30,
        help="A mailed link opens its contract for so many days without a password. 0: always.",
    )

    _aftersales_link_days_not_negative = models.Constraint(
        "CHECK (aftersales_link_days >= 0)",
        "The days a link works cannot be negative. Enter 0 for links that always work.",
    )

    @api.constrains("aftersales_sign_reminder_days")
    def _check_aftersales_sign_reminder_days(self):
        for company in self:
            try:
                days = company._get_aftersales_sign_reminder_days()
            except ValueError:
                days = [0]
            if any(day < 1 for day in days):
                raise ValidationError(self.env._(
                    "Signature reminders of %(company)s: “%(text)s” are not days after the "
                    "invitation. Enter whole numbers from 1, separated by commas, e.g. 3, 7.",
                    company=company.name, text=company.aftersales_sign_reminder_days,
                ))

    def _get_aftersales_sign_reminder_days(self):
        """Return the days after an invitation on which to remind, in their order."""
        parts = (self.aftersales_sign_reminder_days or "").replace("，", ",").split(",")
        return sorted({int(part) for part in parts if part.strip()})
