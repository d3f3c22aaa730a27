from odoo import fields, models


class AftersalesSolutionVote(models.Model):
    """What one person says of a known solution: one voice each."""

    _name = "aftersales.solution.vote"
    _description = "Solution Vote"
    _order = "id desc"
    _rec_name = "partner_id"

    solution_id = fields.Many2one(
        "aftersales.solution", required=True, ondelete="cascade", index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, ondelete="cascade", index=True,
    )
    verdict = fields.Selection(
        selection=[
            ("solved", "Solved it"), ("helpful", "Helpful"), ("unhelpful", "Not helpful"),
        ],
        required=True,
    )

    _one_voice = models.Constraint(
        "UNIQUE (solution_id, partner_id)", "This person has already judged the solution.",
    )
