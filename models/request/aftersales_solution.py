from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# What happens to a request once a solution has been sent.
AFTER_REPLY = [
    ("keep", "Go on with the request"),
    ("waiting", "Wait for the customer"),
    ("resolved", "Resolve the request"),
]


class AftersalesSolution(models.Model):
    """A known solution (ITIL known error): symptom, cause, and the steps that mend it."""

    _name = "aftersales.solution"
    _description = "Known Solution"
    _inherit = ["aftersales.text.search", "mail.thread", "mail.activity.mixin"]
    _order = "use_count desc, name, id"
    _check_company_auto = True

    name = fields.Char(string="Title", required=True, translate=True, index="trigram")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the solution with every company.",
        default=lambda self: self.env.company,
    )
    symptom = fields.Text(translate=True, help="What the customer sees, in the customer's words.")
    cause = fields.Text(translate=True)
    steps = fields.Html(translate=True, help="What to do, step by step.")
    reply = fields.Html(
        string="Ready Answer", translate=True,
        help="What is sent to the customer when an agent answers with this solution. Empty: the "
             "steps.",
    )
    after_reply = fields.Selection(
        AFTER_REPLY,
        string="After the Answer", default="waiting", required=True,
        help="What happens to the request once this answer has been sent.",
    )
    keywords = fields.Char(translate=True)
    category_id = fields.Many2one(
        "aftersales.request.category", index="btree_not_null", ondelete="restrict",
        check_company=True,
    )
    product_ids = fields.Many2many("product.product", string="Products")
    failure_code_ids = fields.Many2many("aftersales.failure.code", string="Failure Codes")
    is_published = fields.Boolean(
        string="Published", copy=False, tracking=True, help="Customers find it in the portal.",
    )
    author_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, index="btree_not_null",
    )
    request_ids = fields.One2many("aftersales.request", "solution_id", string="Service Requests")
    vote_ids = fields.One2many("aftersales.solution.vote", "solution_id", string="Votes")
    use_count = fields.Integer(
        string="Times Used", compute="_compute_use_count", store=True,
        help="Requests that were answered with it.",
    )
    solved_count = fields.Integer(
        string="Solved Alone", compute="_compute_vote_counts", store=True,
        help="Customers who needed nobody else: solved by article.",
    )
    helpful_count = fields.Integer(
        string="Helpful", compute="_compute_vote_counts", store=True,
    )
    unhelpful_count = fields.Integer(
        string="Not Helpful", compute="_compute_vote_counts", store=True,
    )
    search_text = fields.Text(
        compute="_compute_search_text", store=True,
        help="Names of products and codes that searches look at beside the texts.",
    )

    @api.depends("request_ids")
    def _compute_use_count(self):
        counts = dict(self.env["aftersales.request"]._read_group(
            [("solution_id", "in", self.ids)], ["solution_id"], ["__count"],
        ))
        for solution in self:
            solution.use_count = counts.get(solution._origin, 0)

    @api.depends("vote_ids.verdict")
    def _compute_vote_counts(self):
        counts = {
            (solution, verdict): count
            for solution, verdict, count in self.env["aftersales.solution.vote"]._read_group(
                [("solution_id", "in", self.ids)], ["solution_id", "verdict"], ["__count"],
            )
        }
        for solution in self:
            solved = counts.get((solution._origin, "solved"), 0)
            solution.solved_count = solved
            solution.helpful_count = solved + counts.get((solution._origin, "helpful"), 0)
            solution.unhelpful_count = counts.get((solution._origin, "unhelpful"), 0)

    @api.depends(
        "product_ids.default_code", "product_ids.name", "failure_code_ids.code",
        "failure_code_ids.name",
    )
    def _compute_search_text(self):
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for solution in self:
            words = solution.product_ids.mapped("default_code") + solution.failure_code_ids.mapped(
                "code")
            for lang in languages:
                spoken = solution.with_context(lang=lang)
                words += spoken.product_ids.mapped("name") + spoken.failure_code_ids.mapped("name")
            solution.search_text = " ".join(dict.fromkeys(filter(None, words)))

    # -------------------------------------------------------------------------
    # Finding
    # -------------------------------------------------------------------------

    @api.model
    def _get_searched_fields(self):
        return ["name", "symptom", "keywords", "cause", "search_text"]

    @api.model
    def _get_searched_sql(self, alias):
        """Look into every language at once, as the columns hold them.

        Translations are loaded into the columns without passing through computed fields, so a
        stored copy of the texts would not know them.
        """
        *translated, words = self._get_searched_fields()
        texts = [
            SQL(r"replace(jsonb_path_query_array(%s, '$.*')::text, '\n', ' ')",
                SQL.identifier(alias, name))
            for name in translated
        ]
        return SQL(
            "concat_ws(' ', %s)", SQL(", ").join([*texts, SQL.identifier(alias, words)]),
        )

    @api.model
    def _get_published_domain(self, company):
        """Return what customers of a company may read."""
        return Domain("is_published", "=", True) & Domain("company_id", "in", [False, company.id])

    @api.model
    def _suggest(self, text, product=None, domain=Domain.TRUE, limit=5):
        """Return the solutions for a trouble; those made for its product come before others."""
        found = self._find_alike(text, domain, limit=3 * limit)
        if product:
            found = found.filtered(
                lambda solution: not solution.product_ids or product in solution.product_ids
            ).sorted(lambda solution: product not in solution.product_ids)
        return found[:limit]

    # -------------------------------------------------------------------------
    # Answering and judging
    # -------------------------------------------------------------------------

    def _get_answer(self):
        """Return the text an agent sends to the customer."""
        self.ensure_one()
        return self.reply or self.steps or ""

    def _vote(self, partner, verdict):
        """Note what a customer says; who says something else later has changed their mind."""
        self.ensure_one()
        votes = self.env["aftersales.solution.vote"]
        vote = votes.search([("solution_id", "=", self.id), ("partner_id", "=", partner.id)])
        if not vote:
            return votes.create({
                "solution_id": self.id, "partner_id": partner.id, "verdict": verdict,
            })
        # Whom it has helped once, it has helped; that is not taken back by reading it again.
        if vote.verdict != "solved":
            vote.verdict = verdict
        return vote

    def action_view_requests(self):
        """Open the requests that were answered with this solution."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_request_action"
        )
        return {**action, "domain": [("solution_id", "=", self.id)], "context": {}}
