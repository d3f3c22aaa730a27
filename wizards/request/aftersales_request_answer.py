from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ...models.request.aftersales_solution import AFTER_REPLY


class AftersalesRequestAnswer(models.TransientModel):
    """Answer a request with the ready answer of a known solution."""

    _name = "aftersales.request.answer"
    _description = "Answer with a Known Solution"

    request_id = fields.Many2one(
        "aftersales.request", required=True, readonly=True, ondelete="cascade",
    )
    suggested_solution_ids = fields.Many2many(related="request_id.suggested_solution_ids")
    solution_id = fields.Many2one(
        "aftersales.solution", string="Known Solution", required=True, ondelete="cascade",
        compute="_compute_solution_id", store=True, readonly=False, precompute=True,
    )
    body = fields.Html(
        string="Answer", compute="_compute_body", store=True, readonly=False, precompute=True,
        required=True,
        help="In the customer's language. Change what does not fit.",
    )
    after_reply = fields.Selection(
        selection=AFTER_REPLY,
        string="Then", compute="_compute_after_reply", store=True, readonly=False, precompute=True,
        required=True,
    )

    @api.depends("request_id")
    def _compute_solution_id(self):
        for wizard in self:
            wizard.solution_id = wizard.request_id.suggested_solution_ids[:1]

    @api.depends("solution_id")
    def _compute_body(self):
        for wizard in self:
            lang = wizard.request_id.partner_id.lang or self.env.lang
            solution = wizard.solution_id.with_context(lang=lang)
            wizard.body = solution and solution._get_answer()

    @api.depends("solution_id")
    def _compute_after_reply(self):
        for wizard in self:
            wizard.after_reply = wizard.solution_id.after_reply or "keep"

    def action_send(self):
        """Send the answer, remember the solution, and go on as the solution says."""
        self.ensure_one()
        request = self.request_id
        if is_html_empty(self.body):
            raise UserError(self.env._(
                "“%(solution)s” has no ready answer and no steps. Write what the customer shall "
                "read.", solution=self.solution_id.display_name,
            ))
        request.solution_id = self.solution_id
        # The mail of the resolution brings the answer that resolves, with how to confirm.
        is_quiet = self.after_reply == "resolved"
        request.message_post(
            body=self.body, message_type="comment", subtype_xmlid="mail.mt_comment",
            partner_ids=[] if is_quiet else request.partner_id.ids,
            notify_skip_followers=is_quiet,
        )
        if self.after_reply == "waiting":
            request._wait("customer")
        elif self.after_reply == "resolved":
            request.resolution = self.body
            request._transition_to("resolved")
        return True
