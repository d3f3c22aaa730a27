from odoo import fields, models


class AftersalesSolution(models.Model):
    """A known solution (ITIL known error): symptom, cause, and the steps that mend it."""

    _name = "aftersales.solution"
    _description = "Known Solution"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
        help="What is sent to the customer when an agent answers with this solution.",
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
    use_count = fields.Integer(string="Times Used", readonly=True, copy=False)
    solved_count = fields.Integer(string="Solved Alone", readonly=True, copy=False)
    helpful_count = fields.Integer(string="Helpful", readonly=True, copy=False)
    unhelpful_count = fields.Integer(string="Not Helpful", readonly=True, copy=False)
    search_text = fields.Text(
        compute="_compute_search_text", store=True, index="trigram",
        help="Everything that searches look at, in every language.",
    )

    def _compute_search_text(self):
        for solution in self:
            solution.search_text = solution.name
