from odoo import api, fields, models
from odoo.tools import format_date

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS


class AftersalesPriceAdjustmentLine(models.Model):
    """The price of one contract line before and after an adjustment."""

    _name = "aftersales.price.adjustment.line"
    _description = "Price Adjustment Line"
    _order = "adjustment_id, id"

    adjustment_id = fields.Many2one(
        "aftersales.price.adjustment", required=True, ondelete="cascade", index=True,
        readonly=True,
    )
    company_id = fields.Many2one(related="adjustment_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="adjustment_id.currency_id")
    line_id = fields.Many2one(
        "aftersales.contract.line", string="Contract Line", required=True, ondelete="cascade",
        index=True, readonly=True,
    )
    new_line_id = fields.Many2one(
        "aftersales.contract.line", string="Followed By", ondelete="set null",
        index="btree_not_null", readonly=True, copy=False,
    )
    name = fields.Text(related="line_id.name", string="Service")
    quantity = fields.Float(related="line_id.quantity")
    price_base = fields.Float(
        string="Base Price", digits="Product Price", readonly=True, groups=PRICE_GROUPS,
        help="The price as it was agreed, before all adjustments.",
    )
    base_date = fields.Date(string="Base Period", readonly=True)
    base_value = fields.Float(digits=(16, 4), readonly=True)
    price_before = fields.Float(
        string="Price Now", digits="Product Price", readonly=True, groups=PRICE_GROUPS,
    )
    factor = fields.Float(digits=(16, 8), readonly=True)
    limit = fields.Selection(
        selection=[("cap", "Increase limit"), ("floor", "Lower limit")],
        string="Limited By", readonly=True,
    )
    price_after = fields.Float(
        string="New Price", digits="Product Price", readonly=True, groups=PRICE_GROUPS,
    )
    amount_before = fields.Monetary(
        string="Annual Now", compute="_compute_amounts", groups=PRICE_GROUPS,
    )
    amount_after = fields.Monetary(
        string="Annual After", compute="_compute_amounts", groups=PRICE_GROUPS,
    )

    @api.depends("price_before", "price_after")
    def _compute_amounts(self):
        for line in self:
            line.amount_before = line.line_id._get_annual_price(line.price_before)
            line.amount_after = line.line_id._get_annual_price(line.price_after)

    @api.depends("line_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.name or "").split("\n")[0]

    def _has_own_base(self):
        """Whether the price was agreed on another value of the index than the others."""
        self.ensure_one()
        return bool(self.base_value) and self.base_value != self.adjustment_id.base_value

    def _get_own_base_text(self):
        return self.env._(
            "%(line)s was agreed anew and counts from %(base)s (%(date)s).",
            line=self.display_name, base=f"{self.base_value:g}",
            date=format_date(self.env, self.base_date) or "-",
        )

    def _is_to_apply(self):
        """Whether the line is still in force on the day, and its price really moves."""
        self.ensure_one()
        return (
            self._get_contract_line()._is_adjustable(self._get_day())
            and self.price_after != self.price_before
        )

    def _get_contract_line(self):
        """Return the line whose price moves: after an interruption, the one that goes on."""
        return self.line_id._get_continuation()

    def _get_day(self):
        """Return from when the price moves: what has been interrupted, when it goes on."""
        day, line = self.adjustment_id.date, self._get_contract_line()
        return day if line == self.line_id else max(day, line._get_term()[0])

    def _get_blockers(self):
        """Return why the price can no longer be adjusted as computed."""
        self.ensure_one()
        line, day = self._get_contract_line(), self._get_day()
        if not line._is_adjustable(day):
            return []
        if line.price_unit != self.price_before:
            return [self.env._(
                'Line "%(line)s" costs %(now)s now, not %(before)s any more. Cancel this '
                "adjustment and propose another one.",
                line=self.display_name, now=line.price_unit, before=self.price_before,
            )]
        return line._get_cut_blockers(day)
