from odoo import fields, models

# Contract heads of EN 13269, completed by the contents Civil Code art. 470 (China) asks for.
CLAUSE_CATEGORIES = [
    ("scope", "Scope of service"),
    ("service_level", "Service level"),
    ("price", "Price and payment"),
    ("duties_provider", "Rights and duties of the provider"),
    ("duties_customer", "Rights and duties of the customer"),
    ("confidentiality", "Confidentiality"),
    ("personal_data", "Personal data"),
    ("liability", "Liability and compensation"),
    ("termination", "Termination"),
    ("dispute", "Dispute resolution"),
    ("general", "General"),
]


class AftersalesClause(models.Model):
    """Library text that templates pick and contracts copy."""

    _name = "aftersales.clause"
    _description = "Contract Clause"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(string="Title", required=True, translate=True)
    category = fields.Selection(CLAUSE_CATEGORIES, required=True, default="general")
    body = fields.Html(string="Text", translate=True, required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the clause with every company.",
    )

    def _prepare_contract_clause_vals(self):
        """Return the copy of this clause that a contract keeps, in the language of the context."""
        self.ensure_one()
        return {
            "clause_id": self.id,
            "sequence": self.sequence,
            "name": self.name,
            "category": self.category,
            "body": self.body,
        }
