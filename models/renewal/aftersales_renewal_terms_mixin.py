from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..agreement.aftersales_legal_terms_mixin import MAX_NOTICE_DAYS

RENEWAL_MODES = [
    ("none", "Ends"),
    ("agreement", "Renewed by agreement"),
    ("auto", "Renews automatically"),
]

# Longer terms are numbers typed wrong.
MAX_TERM_MONTHS = 120
MAX_YEARLY_PERCENT = 100
DAYS_PER_MONTH = 31


class AftersalesRenewalTermsMixin(models.AbstractModel):
    """What a contract says about the end of its term and its prices, and a template before it."""

    _name = "aftersales.renewal.terms.mixin"
    _description = "Terms of Renewal"

    # The end of a term
    renewal_mode = fields.Selection(
        RENEWAL_MODES, string="At the End", required=True, default="none",
    )
    renewal_term_months = fields.Integer(string="Renewed By (months)", default=12)
    renewal_notice_days = fields.Integer(
        string="Renewal Notice (days)", default=60,
        help="Days before the end by which a party must say that it does not want the renewal, "
             "or by which we make the offer for it.",
    )

    # Prices over time
    indexation_mode = fields.Selection(
        selection=[
            ("none", "Stay"),
            ("fixed", "Change by a fixed percentage"),
            ("index", "Follow an index"),
        ],
        string="Prices", required=True, default="none",
    )
    indexation_percent = fields.Float(string="Fixed Change (%)")
    index_id = fields.Many2one(
        "aftersales.price.index", index="btree_not_null", check_company=True,
    )
    index_base_date = fields.Date(
        string="Base Period", help="The period of the index on which the prices are based.",
    )
    index_method = fields.Selection(
        selection=[
            ("last", "From the last adjusted price"),
            ("base", "From the base"),
        ],
        string="Counted", required=True, default="last",
        help="From the base, what a limit held back is made up for by later adjustments.",
    )
    index_cap_percent = fields.Float(
        string="Increase Limit (%)", default=5.0, help="Largest increase of prices in one year.",
    )
    index_floor_percent = fields.Float(
        string="Lower Limit (%)", default=-100.0,
        help="Smallest change of prices in one year. 0: prices never fall; −5: they fall by 5 % "
             "at most; −100: they fall as the index does.",
    )
    index_freeze_months = fields.Integer(
        string="First After (months)", default=12,
        help="Prices stay for these months from the start, then change once a year at most.",
    )
    indexation_notice_days = fields.Integer(string="Price Notice (days)", default=30)

    @api.constrains(
        "renewal_mode", "renewal_term_months", "renewal_notice_days", "index_cap_percent",
        "index_floor_percent", "index_freeze_months", "indexation_notice_days",
        "indexation_percent",
    )
    def _check_renewal_terms(self):
        for record in self:
            for reason in record._get_invalid_terms():
                raise ValidationError(self.env._(
                    "%(record)s: %(reason)s", record=record.display_name, reason=reason,
                ))

    def _get_invalid_terms(self):
        """Yield what makes no sense in the terms of renewal and price adjustment (hook)."""
        self.ensure_one()
        for name in ("renewal_notice_days", "index_freeze_months", "indexation_notice_days"):
            if self[name] < 0:
                yield self.env._(
                    "“%(field)s” cannot be negative. Enter 0 for none.",
                    field=self._fields[name]._description_string(self.env),
                )
        for name, limit in (
            ("renewal_notice_days", MAX_NOTICE_DAYS), ("indexation_notice_days", MAX_NOTICE_DAYS),
            ("index_freeze_months", MAX_TERM_MONTHS), ("renewal_term_months", MAX_TERM_MONTHS),
        ):
            if self[name] > limit:
                yield self.env._(
                    "“%(field)s” is %(value)s. Enter %(limit)s at most.", value=self[name],
                    limit=limit, field=self._fields[name]._description_string(self.env),
                )
        yield from self._get_invalid_renewal()
        if self.index_floor_percent > self.index_cap_percent:
            yield self.env._(
                "the lower limit of a price change (%(floor)s %%) lies above the upper one "
                "(%(cap)s %%). Exchange them.",
                floor=self.index_floor_percent, cap=self.index_cap_percent,
            )
        if self.indexation_percent <= -100:
            yield self.env._("a price cannot fall by 100 % or more. Enter a smaller decrease.")
        if self.indexation_percent > MAX_YEARLY_PERCENT:
            yield self.env._(
                "a fixed change of %(percent)s %% a year would more than double the price. Enter "
                "%(limit)s %% at most.",
                percent=self.indexation_percent, limit=MAX_YEARLY_PERCENT,
            )

    def _get_invalid_renewal(self):
        """Yield what makes no sense in the months of a renewal and its notice."""
        months, days = self.renewal_term_months, self.renewal_notice_days
        if months < 0 or self.renewal_mode != "none" and not months:
            yield self.env._("a renewal lasts at least one month. Enter its months.")
        elif self.renewal_mode != "none" and days > months * DAYS_PER_MONTH:
            yield self.env._(
                "a renewal of %(months)s months cannot have a notice of %(days)s days: it would "
                "have to be given before that term begins. Enter %(limit)s days at most.",
                months=months, days=days, limit=months * DAYS_PER_MONTH,
            )
