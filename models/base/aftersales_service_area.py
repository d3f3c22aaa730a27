import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

_BEGINNING = re.compile(r"[A-Z0-9]+")
_RANGE = re.compile(r"([A-Z]*)[0-9]+-\1[0-9]+")


def normalize_zip(code):
    """Return a postal code without what people write differently: blanks, hyphens, case."""
    return re.sub(r"[\s-]", "", (code or "").upper())


def parse_zips(text):
    """Return the postal codes of a text as pairs: first and last beginning, of equal length.

    :raises ValueError: with the entry that is none
    """
    pairs = []
    for entry in re.split(r"[,，;；、\n]", (text or "").upper().replace("–", "-")):
        entry = re.sub(r"\s", "", entry)
        first, _hyphen, last = entry.partition("-")
        is_range = _RANGE.fullmatch(entry) and len(first) == len(last) and first <= last
        if is_range or _BEGINNING.fullmatch(entry):
            pairs.append((first, last or first))
        elif entry:
            raise ValueError(entry)
    return pairs


class AftersalesServiceArea(models.Model):
    """Where service is rendered: countries, states and postal codes."""

    _name = "aftersales.service.area"
    _description = "Service Area"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the area with every company.",
    )
    country_ids = fields.Many2many("res.country", string="Countries")
    state_ids = fields.Many2many(
        "res.country.state", string="States",
        help="Of a country with states here only these belong to the area.",
    )
    zip_prefixes = fields.Char(
        string="Postal Codes",
        help="Beginnings of postal codes, separated by commas, for example: 20, 310, 3110-3119. "
             "Empty: every postal code of the countries and states.",
    )
    description = fields.Char(
        string="Comprises", compute="_compute_description",
        help="What belongs to the area, as contracts print it.",
    )

    @api.depends_context("lang")
    @api.depends("country_ids.name", "state_ids.name", "zip_prefixes")
    def _compute_description(self):
        for area in self:
            places = [*area.state_ids.mapped("name"), *area._get_whole_countries().mapped("name")]
            zips = area.zip_prefixes and self.env._(
                "postal codes %(codes)s", codes=area.zip_prefixes,
            )
            area.description = "; ".join(filter(None, (
                places and format_list(self.env, places), zips,
            ))) or self.env._("everywhere")

    @api.constrains("zip_prefixes")
    def _check_zip_prefixes(self):
        for area in self:
            try:
                parse_zips(area.zip_prefixes)
            except ValueError as error:
                raise ValidationError(self.env._(
                    "Service area %(area)s: “%(entry)s” is no postal code. Enter beginnings of "
                    "postal codes without hyphens, or ranges of equal length from the lower to "
                    "the higher one, separated by commas, e.g. 20, 310, 3110-3119.",
                    area=area.name, entry=error,
                )) from error

    def _get_whole_countries(self):
        """Return the countries that belong to the area with all their states."""
        return self.country_ids - self.state_ids.country_id

    def _filter_addresses(self, partners):
        """Return those of the partners whose address lies in this area.

        An address without a country lies in that of the company.
        """
        self.ensure_one()
        home = (self.company_id or self.env.company).country_id
        countries, states = self._get_whole_countries(), self.state_ids
        has_places = bool(countries or states)
        zips = parse_zips(self.zip_prefixes)

        def is_within(partner):
            country = partner.country_id or partner.state_id.country_id or home
            if has_places and country not in countries and partner.state_id not in states:
                return False
            code = normalize_zip(partner.zip)
            return not zips or any(
                len(code) >= len(first) and first <= code[:len(first)] <= last
                for first, last in zips
            )

        return partners.filtered(is_within)
