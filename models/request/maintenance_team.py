"""Request side of the team: whom it serves, how work is shared out, who is warned."""

import ast

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
    aftersales_invites_to_rate = fields.Boolean(
        string="Customers Are Invited to Rate", default=True,
        help="Where the company invites to rate at all.",
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

    def write(self, vals):
        result = super().write(vals)
        if "is_aftersales" in vals:
            for team in self:
                team.alias_id.sudo().write(team._alias_get_creation_values())
        return result

    def _alias_get_creation_values(self):
        """Let mails to a team that answers customers open service requests."""
        values = super()._alias_get_creation_values()
        if self.is_aftersales:
            values["alias_model_id"] = self.env["ir.model"]._get_id("aftersales.request")
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            defaults.pop("maintenance_team_id", None)
            values["alias_defaults"] = {**defaults, "team_id": self.id}
        elif isinstance(values.get("alias_defaults"), dict):
            values["alias_defaults"].pop("team_id", None)
        return values
