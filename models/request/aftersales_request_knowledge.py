from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext


class AftersalesRequestKnowledge(models.AbstractModel):
    """What is known about a trouble already: solutions, and requests that spoke of the same."""

    _name = "aftersales.request.knowledge"
    _description = "What Is Known about Requests"
    _inherit = ["aftersales.text.search"]

    suggested_solution_ids = fields.Many2many(
        "aftersales.solution", string="Known Solutions That May Fit",
        compute="_compute_suggestions",
    )
    similar_request_ids = fields.Many2many(
        "aftersales.request", string="Similar Requests", compute="_compute_suggestions",
    )

    @api.depends("subject", "description", "product_id")
    def _compute_suggestions(self):
        solutions = self.env["aftersales.solution"]
        for request in self:
            trouble = request._get_trouble()
            request.suggested_solution_ids = solutions._suggest(trouble, request.product_id)
            request.similar_request_ids = request._find_alike(
                request.subject, request._get_similar_domain(),
            )

    def _get_similar_domain(self):
        """Return the requests among which one looks for the same trouble: those with an end."""
        return (
            Domain("state", "in", ("resolved", "closed"))
            & Domain("company_id", "=", self.company_id.id)
            & Domain("id", "!=", self._origin.id)
        )

    @api.model
    def _get_searched_fields(self):
        return ["subject"]

    @api.model
    def _get_searched_sql(self, alias):
        return SQL.identifier(alias, "subject")

    @api.model
    def _get_holding_sql(self, alias, term):
        """Look a word up in the index of trigrams; a shorter term, by its characters.

        PostgreSQL makes no trigrams of two characters, nor, in most database locales, of Chinese.
        """
        holding = super()._get_holding_sql(alias, term)
        subject = self._get_searched_sql(alias)
        if term.isascii() and len(term) > 2:
            unaccent = self.env.registry.unaccent
            return SQL("%s ILIKE %s", unaccent(subject), unaccent(SQL("%s", f"%{term}%")))
        return SQL(
            "(%s AND string_to_array(lower(%s), NULL) @> %s::text[])", holding, subject, list(term))

    def _get_trouble(self):
        """Return the customer's words, the subject first."""
        self.ensure_one()
        return " ".join(filter(None, [self.subject, html2plaintext(self.description or "")]))

    def _suggest_for_portal(self, limit=3):
        """Return published solutions for an open request."""
        self.ensure_one()
        solutions = self.env["aftersales.solution"].sudo()
        if not self.is_open:
            return solutions
        return solutions._suggest(
            self._get_trouble(), self.product_id,
            solutions._get_published_domain(self.company_id), limit,
        )

    def action_answer_with_solution(self):
        """Open the ready answer of a known solution, to be looked over and sent."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_request_answer_action"
        )
        return {**action, "context": {"default_request_id": self.id}}
