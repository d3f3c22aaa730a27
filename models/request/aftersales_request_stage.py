from odoo import fields, models


class AftersalesRequestStage(models.Model):
    """A column of a team's kanban; several stages may mean the same state."""

    _name = "aftersales.request.stage"
    _description = "Request Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(string="Folded")
    meaning = fields.Selection(
        selection=lambda self: self.env["aftersales.request"]._get_states(), string="Means",
        required=True, help="What requests in this stage are; the clock goes by it.",
    )
    team_ids = fields.Many2many(
        "maintenance.team", string="Teams", help="Empty: of every team.",
    )
    description = fields.Text(translate=True, help="When a request belongs here.")
