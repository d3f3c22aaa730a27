from odoo import api, fields, models
from odoo.tools import float_repr, format_list, formatLang

# Technicians see what is covered, not what it costs.
PRICE_GROUPS = (
    "aftersales.group_agent,aftersales.group_legal,"
    "account.group_account_invoice,account.group_account_readonly"
)
SHARES = ("cover_parts", "cover_labour", "cover_travel", "cover_other")
QUOTAS = ("quota_visits", "quota_hours", "quota_amount")


class AftersalesCoverMixin(models.AbstractModel):
    """What a line promises to pay for: shares by kind of work, exclusions, quotas, conditions.

    Cover terms are the stored fields of this mixin but the scope; whatever copies, signs or
    compares them takes them from :meth:`_get_cover_fields`. A line of scope "none" has none.
    """

    _name = "aftersales.cover.mixin"
    _description = "Cover Terms"

    currency_id = fields.Many2one("res.currency")  # each model says which

    # What for
    scope_type = fields.Selection(
        selection=[
            ("none", "Price only"),
            ("equipment", "Equipment"),
            ("lot", "Serial number"),
            ("product", "Product"),
            ("category", "Product category"),
            ("all", "Everything of the customer"),
        ],
        string="Covers", required=True, default="none",
    )
    covered_product_id = fields.Many2one(
        "product.product", check_company=True, index="btree_not_null",
    )
    covered_category_id = fields.Many2one("product.category", index="btree_not_null")

    # How much of it
    cover_parts = fields.Float(string="Parts Covered (%)", digits=(5, 2), aggregator=None)
    cover_labour = fields.Float(
        string="Labour Covered (%)", digits=(5, 2), aggregator=None,
        help="Labour and inspections.",
    )
    cover_travel = fields.Float(string="Travel Covered (%)", digits=(5, 2), aggregator=None)
    cover_other = fields.Float(string="Other Costs Covered (%)", digits=(5, 2), aggregator=None)
    covers_wear_parts = fields.Boolean(
        string="With Wear Parts", help="The share of parts counts for wear parts, too.",
    )
    # The customer reads them on the portal page and on paper, not by RPC.
    excluded_cause_ids = fields.Many2many(
        "aftersales.failure.code", string="Except for Causes",
        domain="[('code_type', '=', 'cause')]", context={"active_test": False},
        ondelete="restrict", groups="base.group_user",
        help="Work that one of these causes has made necessary is not covered.",
    )
    excluded_category_ids = fields.Many2many(
        "product.category", string="Except for Parts Of", ondelete="restrict",
        groups="base.group_user",
        help="Parts of these categories and of those below them are not covered.",
    )
    quota_visits = fields.Integer(
        string="Covered Visits", aggregator=None,
        help="Visits covered in each quota period. 0: without limit.",
    )
    quota_hours = fields.Float(
        string="Covered Hours", aggregator=None,
        help="Hours of labour covered in each quota period. 0: without limit.",
    )
    quota_amount = fields.Monetary(
        string="Covered Amount", aggregator=None, groups=PRICE_GROUPS,
        help="Amount covered in each quota period. 0: without limit.",
    )
    quota_period = fields.Selection(
        selection=[
            ("month", "Month"), ("quarter", "Quarter"), ("half_year", "Half-year"),
            ("year", "Year"), ("term", "Whole term"),
        ],
        string="Quotas Per", default="year", required=True,
        help="Counted from the first day of the line.",
    )
    service_mode = fields.Selection(
        selection=[
            ("any", "Any"), ("on_site", "On site"), ("workshop", "In the workshop"),
            ("remote", "Remote"), ("mail_in", "Sent in"),
        ],
        default="any", required=True, help="How the covered service is rendered.",
    )
    service_area_id = fields.Many2one(
        "aftersales.service.area", index="btree_not_null", check_company=True,
        ondelete="restrict",
        help="Only work within this area is covered. Empty: everywhere.",
    )
    service_calendar_id = fields.Many2one(
        "resource.calendar", string="Service Window", index="btree_not_null", check_company=True,
        ondelete="restrict",
        help="Only work within these hours is covered. Empty: at any time.",
    )
    sla_id = fields.Many2one(
        "aftersales.sla", string="Service Level", index="btree_not_null", check_company=True,
        ondelete="restrict", help="How fast we act on requests about what the line covers.",
    )
    cover_label = fields.Text(string="Cover", compute="_compute_cover_label")

    # -------------------------------------------------------------------------
    # Which terms there are
    # -------------------------------------------------------------------------

    @api.model
    def _get_scope_fields(self):
        """Return scope → the field that names what is covered; "none" and "all" have none."""
        targets = {
            "equipment": "equipment_id", "lot": "lot_id", "product": "covered_product_id",
            "category": "covered_category_id",
        }
        return {scope: name for scope, name in targets.items() if name in self._fields}

    @api.model
    def _get_cover_fields(self):
        """Return the names of the cover terms."""
        others = {
            "currency_id", "scope_type", *self._get_scope_fields().values(), *models.MAGIC_COLUMNS,
        }
        return [
            name for name, field in self.env["aftersales.cover.mixin"]._fields.items()
            if field.store and name not in others
        ]

    @api.model
    def _get_no_cover(self):
        """Return the cover terms of a line that covers nothing; what is empty is False."""
        defaults = {name: self._fields[name].default for name in self._get_cover_fields()}
        return {name: default(self) if default else False for name, default in defaults.items()}

    def _prepare_cover_vals(self):
        """Return what is covered and the cover terms, for a line that takes them over."""
        self.ensure_one()
        names = ("scope_type", *self._get_scope_fields().values(), *self._get_cover_fields())
        return {
            name: self._fields[name].convert_to_write(self[name], self) for name in names
        }

    def _get_covered_kinds(self):
        """Return the names of the shares above zero: the kinds of work the line pays for."""
        return [name for name in SHARES if self[name] > 0]

    def _is_covering(self):
        """Whether the line pays for work, or promises how fast we act."""
        self.ensure_one()
        return bool(self._get_covered_kinds() or self.sla_id)

    # -------------------------------------------------------------------------
    # For the reader
    # -------------------------------------------------------------------------

    @api.depends_context("lang", "uid")
    @api.depends(*SHARES, *QUOTAS, "quota_period", "currency_id", "sla_id.name")
    def _compute_cover_label(self):
        """Say it short, e.g. "Parts 100 % · Labour 80 % · 4 visits a year · Gold"."""
        for line in self:
            texts = [
                *line._get_share_texts(), *line._get_quota_texts(),
            ] if line._get_covered_kinds() else []
            # Whoever reads the line reads what it promises, without the right to service levels.
            if level_sudo := line.sudo().sla_id:
                texts.append(level_sudo.name)
            line.cover_label = " · ".join(texts) or False

    def _get_share_texts(self):
        shares = [self[name] for name in SHARES]
        if min(shares) == 100.0:
            return [self.env._("Full cover")]
        labels = (
            self.env._("Parts"), self.env._("Labour"), self.env._("Travel"),
            self.env._("Other costs"),
        )
        return [
            self.env._("%(kind)s %(share)s %%", kind=label, share=self._format_cover_number(share))
            for label, share in zip(labels, shares, strict=True) if share
        ]

    def _get_quota_texts(self):
        """Return the quotas with their period, e.g. "4 visits a year"."""
        return [
            self._get_quota_text(name) for name in QUOTAS
            if self._has_field_access(self._fields[name], "read") and self[name]
        ]

    def _get_quota_text(self, name):
        """Return one quota with its period."""
        quota = self._format_quota(name)
        return {
            "month": self.env._("%(quota)s a month", quota=quota),
            "quarter": self.env._("%(quota)s a quarter", quota=quota),
            "half_year": self.env._("%(quota)s a half-year", quota=quota),
            "year": self.env._("%(quota)s a year", quota=quota),
            "term": self.env._("%(quota)s in all", quota=quota),
        }[self.quota_period]

    def _format_quota(self, name):
        value = self[name]
        if name == "quota_amount":
            return formatLang(self.env, value, currency_obj=self.currency_id)
        count = self._format_cover_number(value)
        if name == "quota_visits":
            return self.env._("1 visit") if value == 1 else self.env._(
                "%(count)s visits", count=count)
        return self.env._("1 hour") if value == 1 else self.env._("%(count)s hours", count=count)

    def _format_cover_number(self, number):
        """Return a number with no more decimals than it has."""
        decimals = len(float_repr(number, 2).rstrip("0").partition(".")[2])
        return formatLang(self.env, number, digits=decimals)

    # -------------------------------------------------------------------------
    # Checks
    # -------------------------------------------------------------------------

    @api.constrains(lambda self: ("scope_type", *self._get_scope_fields().values()))
    def _check_scope(self):
        targets = self._get_scope_fields()
        for line in self:
            name = targets.get(line.scope_type)
            if name and not line[name]:
                line._raise_invalid(self.env._(
                    "it covers “%(field)s” but names none. Choose one, or change what it covers.",
                    field=line._get_term_label(name),
                ))

    @api.constrains(lambda self: ("scope_type", *self._get_cover_fields()))
    def _check_cover(self):
        no_cover = self._get_no_cover()
        for line in self:
            line._check_cover_numbers()
            if line.scope_type == "none":
                line._check_covers_nothing(no_cover)
            elif not line._get_covered_kinds() and (quotas := line._get_quota_texts()):
                line._raise_invalid(self.env._(
                    "it limits the cover to %(quotas)s, but covers nothing. Enter which share of "
                    "parts, labour, travel or other costs it covers, or set the quotas to 0.",
                    quotas=format_list(self.env, quotas),
                ))

    def _check_cover_numbers(self):
        for name in SHARES:
            if not 0 <= self[name] <= 100:
                self._raise_invalid(self.env._(
                    "“%(field)s” is %(share)s. Enter a share from 0 to 100 %%.",
                    field=self._get_term_label(name), share=self[name],
                ))
        for name in QUOTAS:
            if self[name] < 0:
                self._raise_invalid(self.env._(
                    "“%(field)s” is %(quota)s. Enter a quota above zero, or 0 for no limit.",
                    field=self._get_term_label(name), quota=self[name],
                ))
        if others := self.excluded_cause_ids.filtered(lambda code: code.code_type != "cause"):
            self._raise_invalid(self.env._(
                "%(code)s is no failure cause and cannot exclude cover. Choose a cause.",
                code=others[0].display_name,
            ))

    def _check_covers_nothing(self, no_cover):
        for name, value in no_cover.items():
            if (self[name] or False) != value:
                self._raise_invalid(self.env._(
                    "it covers nothing, yet has the cover term “%(field)s”. Choose what the line "
                    "covers, or clear the term.", field=self._get_term_label(name),
                ))

    def _get_term_label(self, name):
        return self._fields[name]._description_string(self.env)

    def _check_covered_once(self):
        """Raise when two of these lines of one document cover the same work of the same target.

        A category, or everything, is more general than one equipment, and no second cover of it.
        """
        covering = self.filtered(lambda line: line._get_covered_kinds())
        for lines in covering.grouped(lambda line: line._get_covered_target()).values():
            for index, line in enumerate(lines):
                for other in lines[index + 1:]:
                    line._check_not_covered_by(other)

    def _get_covered_target(self):
        name = self._get_scope_fields().get(self.scope_type)
        return self.scope_type, name and self[name]

    def _check_not_covered_by(self, other):
        if kinds := self._get_kinds_covered_by(other):
            self._raise_invalid(self._get_overlap_message(
                other, format_list(self.env, [self._get_term_label(name) for name in kinds])))

    def _get_kinds_covered_by(self, other):
        """Return the shares of this line that another one of the same target has, too."""
        kinds = [name for name in self._get_covered_kinds() if other[name] > 0]
        is_common = self._is_same_time(other) and self._has_common_conditions(other)
        return kinds if is_common else []

    def _get_overlap_message(self, other, kinds):
        return self.env._(
            "it covers the same as line “%(other)s” at the same time: %(kinds)s. Let one of "
            "them cover something else, begin after the other has ended, or set its share to "
            "0 %%.", other=other._get_error_label(), kinds=kinds,
        )

    def _is_same_time(self, other):
        """Whether both are in force on a day (hook)."""
        return True

    def _has_common_conditions(self, other):
        """Whether there is work that falls under the conditions of both."""
        modes = {self.service_mode, other.service_mode} - {"any"}
        areas = self.service_area_id | other.service_area_id
        windows = self.service_calendar_id | other.service_calendar_id
        return max(len(modes), len(areas), len(windows)) < 2

    # -------------------------------------------------------------------------
    # Onchange and CRUD
    # -------------------------------------------------------------------------

    @api.onchange("scope_type")
    def _onchange_scope_type(self):
        if self.scope_type == "none":
            self.update(self._get_no_cover())

    def write(self, vals):
        # What is only a price covers nothing.
        if vals.get("scope_type") == "none":
            vals = {**self._get_no_cover(), **vals}
        return super().write(vals)
