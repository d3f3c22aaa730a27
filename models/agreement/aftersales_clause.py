import re

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
# What a clause settles, for those who check contracts: finer than the category.
CLAUSE_TOPICS = [
    ("arbitration", "Arbitration"),
    ("court", "Court"),
    ("mediation", "Mediation"),
    ("refund", "Refund"),
    ("electronic_signature", "Electronic signature"),
    ("renewal_auto", "Automatic renewal"),
    ("renewal_agreement", "Renewal by agreement"),
    ("renewal_none", "No renewal"),
    ("indexation", "Price indexation"),
    ("penalty_provider", "Penalty of the provider"),
    ("penalty_customer", "Penalty of the customer"),
    ("liability_cap", "Liability cap"),
    ("deposit", "Deposit"),
    ("suspension", "Suspension"),
    ("transfer", "Transfer"),
    ("subcontracting", "Subcontracting"),
    ("force_majeure", "Force majeure"),
    ("spare_parts", "Spare parts"),
    ("data_processing", "Data processing"),
]
CLAUSE_ORIGINS = [
    ("standard", "Standard term"),
    ("negotiated", "Individually negotiated"),
]
PLACEHOLDER = re.compile(r"\{\{\s*([\w.]*)\s*\}\}")


def find_placeholders(body):
    """Return the keys a text asks for, each once, in their order."""
    return list(dict.fromkeys(PLACEHOLDER.findall(body or "")))


def fill_placeholders(body, values):
    """Return the text with its placeholders filled; one without a value stays and is marked."""
    def fill(match):
        value = values.get(match[1])
        if value:
            return escape(value)
        return Markup('<span class="text-danger">[%s]</span>') % match[1]

    return Markup(PLACEHOLDER.sub(fill, body or ""))


class AftersalesClause(models.Model):
    """Library text that templates pick and contracts copy."""

    _name = "aftersales.clause"
    _description = "Library Clause"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(string="Title", required=True, translate=True)
    category = fields.Selection(CLAUSE_CATEGORIES, required=True, default="general", index=True)
    topic = fields.Selection(
        CLAUSE_TOPICS, help="What the clause settles; the compliance rules look for it.",
    )
    body = fields.Html(
        string="Text", translate=True, required=True,
        help="Write {{ customer_name }} and the like where the contract fills in its own data.",
    )
    origin = fields.Selection(CLAUSE_ORIGINS, required=True, default="standard")
    is_onerous = fields.Boolean(
        string="Onerous",
        help="The clause limits our liability or burdens the customer in another important way. "
             "It is printed prominently, and the customer acknowledges it on its own.",
    )
    explanation = fields.Text(
        translate=True, help="How we explain an onerous clause to the customer.",
    )
    audience = fields.Selection(
        selection=[
            ("all", "All customers"),
            ("business", "Businesses"),
            ("consumer", "Consumers"),
        ],
        string="For", required=True, default="all",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the clause with every company.",
    )
    placeholder_help = fields.Html(compute="_compute_placeholder_help")

    @api.depends_context("lang")
    def _compute_placeholder_help(self):
        labels = self.env["aftersales.contract"]._get_placeholder_labels()
        self.placeholder_help = Markup("<ul class='list-unstyled mb-0'>%s</ul>") % Markup("").join(
            Markup("<li><code>{{ %s }}</code> %s</li>") % (key, label)
            for key, label in labels.items()
        )

    @api.constrains("body")
    def _check_placeholders(self):
        known = self.env["aftersales.contract"]._get_placeholder_labels()
        for clause in self:
            unknown = [key for key in find_placeholders(clause.body) if key not in known]
            if unknown:
                raise ValidationError(self.env._(
                    "Clause %(clause)s: the contract knows no placeholder %(keys)s. Choose one of "
                    "those listed beside the text.",
                    clause=clause.name, keys=", ".join(f"{{{{ {key} }}}}" for key in unknown),
                ))

    @api.constrains("is_onerous", "explanation")
    def _check_explanation(self):
        for clause in self:
            if clause.is_onerous and not clause.explanation:
                raise ValidationError(self.env._(
                    "Clause %(clause)s is onerous: write how we explain it to the customer.",
                    clause=clause.name,
                ))

    def _prepare_contract_clause_vals(self):
        """Return the copy of this clause that a contract keeps, in the language of the context."""
        self.ensure_one()
        return {
            "clause_id": self.id,
            **{
                name: self[name] for name in (
                    "sequence", "name", "category", "topic", "body", "origin", "is_onerous",
                    "explanation",
                )
            },
        }
