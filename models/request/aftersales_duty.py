from odoo import api, fields, models


class AftersalesDuty(models.Model):
    """Who is on duty for a team, from when to when: new requests go there, also at night."""

    _name = "aftersales.duty"
    _description = "Duty"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    team_id = fields.Many2one(
        "maintenance.team", required=True, index=True, ondelete="cascade", check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users", string="On Duty", required=True, index=True,
        domain="[('share', '=', False)]",
    )
    date_from = fields.Datetime(string="From", required=True)
    date_to = fields.Datetime(string="Until", required=True)
    note = fields.Char(help="For example: weekend, or the number to call.")

    _order_of_dates = models.Constraint(
        "CHECK (date_to > date_from)", "A duty ends after it begins. Check both times.",
    )
    _now = models.Index("(team_id, date_from, date_to)")

    @api.depends("team_id", "user_id")
    def _compute_display_name(self):
        for duty in self:
            duty.display_name = f"{duty.team_id.name}: {duty.user_id.name}"

    @api.model
    def _get_users_on_duty(self, teams):
        """Return by team the users who are on duty at this moment."""
        now = fields.Datetime.now()
        # Duties of people who have left do not count.
        return {
            team: users for team, duties in self.search([
                ("team_id", "in", teams.ids), ("date_from", "<=", now), ("date_to", ">", now),
            ]).grouped("team_id").items() if (users := duties.user_id.filtered("active"))
        }
