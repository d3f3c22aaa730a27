"""Request side of the team: whom it serves, how work is shared out, who is warned."""

from odoo import fields, models


class MaintenanceTeam(models.Model):
    _inherit = "maintenance.team"

    is_aftersales = fields.Boolean(
        string="Answers Customers", help="E-mails to the team open service requests.",
    )
    aftersales_assign_mode = fields.Selection(
        selection=[
            ("manual", "By hand"),
            ("least_load", "To whom has the least open requests"),
            ("skill", "By skill, then by load"),
        ],
        string="Assignment", default="manual", required=True,
    )
    aftersales_area_ids = fields.Many2many(
        "aftersales.service.area", string="Service Areas",
        help="Where the team works. Empty: everywhere.",
    )
    aftersales_escalation_user_id = fields.Many2one(
        "res.users", string="Escalate To", index="btree_not_null",
        domain="[('share', '=', False)]",
    )
    aftersales_duty_ids = fields.One2many("aftersales.duty", "team_id", string="Duties")
    aftersales_request_ids = fields.One2many(
        "aftersales.request", "team_id", string="Service Requests",
    )

    def _serves(self, site):
        """Whether the team goes to a site; without areas it goes everywhere."""
        self.ensure_one()
        areas = self.aftersales_area_ids
        return not areas or any(area._filter_addresses(site) for area in areas)
