import re

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext

from .aftersales_request import KINDS, LEVELS


class AftersalesRequestCategory(models.Model):
    """What a request is about: a tree that routes it to a team and says how bad it usually is."""

    _name = "aftersales.request.category"
    _description = "Request Category"
    _order = "complete_name, id"
    _parent_store = True
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "name"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Full Name", compute="_compute_complete_name", store=True, recursive=True,
    )
    parent_id = fields.Many2one(
        "aftersales.request.category", string="Part Of", index="btree_not_null",
        ondelete="cascade",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("aftersales.request.category", "parent_id", string="Comprises")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the category with every company.",
    )
    kind = fields.Selection(
        selection=KINDS,
        help="What requests of this category are, unless somebody says otherwise.",
    )
    team_id = fields.Many2one(
        "maintenance.team", index="btree_not_null", ondelete="restrict", check_company=True,
        help="Who answers. Empty: the team of the category above.",
    )
    skill_ids = fields.Many2many(
        "hr.skill", string="Skills", groups="base.group_user",
        help="Who answers should have them, with valid certificates where they are certified.",
    )
    default_impact = fields.Selection(
        selection=LEVELS, string="Impact",
    )
    default_urgency = fields.Selection(
        selection=LEVELS, string="Urgency",
    )
    keywords = fields.Text(
        translate=True,
        help="Words and phrases, separated by commas or lines, that point to this category.",
    )
    is_published = fields.Boolean(
        string="In the Portal", default=True, help="Customers may choose it.",
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            above = category.parent_id.complete_name
            category.complete_name = f"{above} / {category.name}" if above else category.name

    @api.depends_context("lang")
    @api.depends("complete_name")
    def _compute_display_name(self):
        """Name it in the reader's language; the full name is stored in one language only."""
        for category in self:
            names, above = [], category
            while above:
                names.insert(0, above.name or "")
                above = above.parent_id
            category.display_name = " / ".join(names)

    @api.constrains("parent_id")
    def _check_no_cycle(self):
        if self._has_cycle():
            raise ValidationError(self.env._(
                "A category cannot be part of itself. Choose another category above it.",
            ))

    # -------------------------------------------------------------------------
    # Routing
    # -------------------------------------------------------------------------

    @api.model
    def _suggest(self, text, company):
        """Return the category most of whose keywords occur in a text; empty when none does."""
        words = html2plaintext(text or "").lower()
        best, most = False, 0
        for category_id, company_id, keywords in self._get_keyword_table() if words.strip() else ():
            if company_id in (False, company.id):
                # A longer phrase says more than a short word.
                found = sum(
                    len(keyword) for keyword in keywords if self._occurs(keyword, words))
                if found > most:
                    best, most = category_id, found
        return self.browse(best or ())

    @api.model
    @tools.ormcache()
    def _get_keyword_table(self):
        """Return id, company and keywords of each category that has some, in its order."""
        return tuple(
            (category.id, category.company_id.id, category._get_keywords())
            for category in self.sudo().search([("keywords", "!=", False)])
        )

    def _get_keywords(self):
        """Return the keywords in every language, small."""
        self.ensure_one()
        texts = (self._fields["keywords"]._get_stored_translations(self) or {}).values()
        parts = re.split(r"[,，;；、\n]", "\n".join(filter(None, texts)))
        return frozenset(part.strip().lower() for part in parts if part.strip())

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & {"keywords", "active", "company_id", "name", "parent_id"}:
            self.env.registry.clear_cache()
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        if field_name == "keywords":
            self.env.registry.clear_cache()
        return super()._update_field_translations(field_name, translations, *args, **kwargs)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @staticmethod
    def _occurs(keyword, words):
        """Whether a keyword occurs; Latin words as whole ones, Chinese anywhere."""
        if keyword.isascii():
            return re.search(rf"(?<![a-z0-9]){re.escape(keyword)}(?![a-z0-9])", words)
        return keyword in words

    def _get_line(self):
        """Return the category and those above it, the nearest first."""
        line, category = self.browse(), self
        while category:
            line += category
            category = category.parent_id
        return line

    def _get_team(self):
        """Return who answers: the team of the category, or of the nearest one above."""
        return self._get_line().team_id[:1]

    def _get_skills(self):
        """Return the skills that the category and those above it ask for."""
        return self._get_line().skill_ids

    def _get_suggested_vals(self):
        """Return kind, impact and urgency of a request of this category, as far as it says."""
        line = self._get_line()
        vals = {
            "kind": next(filter(None, line.mapped("kind")), False),
            "impact": next(filter(None, line.mapped("default_impact")), False),
            "urgency": next(filter(None, line.mapped("default_urgency")), False),
        }
        return {name: value for name, value in vals.items() if value}
