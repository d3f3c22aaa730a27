from odoo import api, fields, models

DECISIONS = [
    ("yes", "Answer: yes"),
    ("no", "Answer: no"),
    ("not_applicable", "Answer: not applicable"),
    ("waive", "Waive the rule"),
    ("reopen", "Take the answer or waiver back"),
]


class AftersalesComplianceReview(models.TransientModel):
    """Legal's word on one rule: an answer with a note, or a waiver with its reason."""

    _name = "aftersales.compliance.review"
    _description = "Review a Rule"

    check_id = fields.Many2one(
        "aftersales.compliance.check", string="Rule", required=True, readonly=True,
        ondelete="cascade",
    )
    kind = fields.Selection(related="check_id.kind")
    result = fields.Selection(related="check_id.result")
    legal_basis = fields.Char(related="check_id.legal_basis")
    fact = fields.Text(related="check_id.fact")
    question = fields.Text(related="check_id.question")
    evidence = fields.Text(related="check_id.evidence")
    remedy = fields.Text(related="check_id.remedy")
    decision = fields.Selection(
        DECISIONS, required=True, compute="_compute_decision", store=True, readonly=False,
        precompute=True,
    )
    note = fields.Text(string="Note or Reason")

    @api.depends("check_id")
    def _compute_decision(self):
        for review in self:
            if review.result == "waived":
                review.decision = "reopen"
            else:
                review.decision = "yes" if review.kind == "manual" else "waive"

    def action_confirm(self):
        """Judge the rule as decided."""
        for review in self:
            if review.decision == "waive":
                review.check_id._waive(review.note)
            elif review.decision == "reopen":
                review.check_id._reopen()
            else:
                review.check_id._answer(review.decision, review.note)
        return True
