from odoo import fields, models

from .aftersales_request import STATES, WAITING


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
        selection=STATES, string="Means",
        required=True, help="What requests in this stage are; the clock goes by it.",
    )
    waiting_reason = fields.Selection(
        WAITING, help="What requests in this stage wait for. Empty: for whatever it is.",
    )
    team_ids = fields.Many2many(
        "maintenance.team", string="Teams", help="Empty: of every team.",
    )
    description = fields.Text(translate=True, help="When a request belongs here.")

    _reason_of_waiting = models.Constraint(
        "CHECK (waiting_reason IS NULL OR meaning = 'waiting')",
        "Only a stage that means “waiting” has a reason to wait.",
    )

    def _fits(self, request):
        """Whether a request as it is now may stand in this stage."""
        self.ensure_one()
        return (
            self.meaning == request.state
            and self.waiting_reason in (False, request.waiting_reason)
            and (not self.team_ids or request.team_id in self.team_ids)
        )
