from odoo import api, fields, models
from odoo.tools import float_round

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS, RECURRENCES_PER_YEAR


class AftersalesRenewalLine(models.Model):
    """What a contract line costs now, and in the next term."""

    _name = "aftersales.renewal.line"
    _description = "Contract Renewal Line"
    _order = "renewal_id, id"

    renewal_id = fields.Many2one(
        "aftersales.renewal", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="renewal_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="renewal_id.currency_id")
    line_id = fields.Many2one(
        "aftersales.contract.line", string="Contract Line", required=True, ondelete="cascade",
        index=True, readonly=True,
    )
    name = fields.Text(related="line_id.name", string="Service")
    quantity = fields.Float(related="line_id.quantity")
    price_before = fields.Float(
        string="Price Now", digits="Product Price", readonly=True, groups=PRICE_GROUPS,
    )
    price_after = fields.Float(
        string="New Price", digits="Product Price", compute="_compute_price_after", store=True,
        readonly=False, precompute=True, groups=PRICE_GROUPS,
    )
    amount_before = fields.Monetary(
        string="Annual Now", compute="_compute_amounts", groups=PRICE_GROUPS,
    )
    amount_after = fields.Monetary(
        string="Annual After", compute="_compute_amounts", groups=PRICE_GROUPS,
    )

    @api.depends("price_before", "renewal_id.price_percent")
    def _compute_price_after(self):
        digits = self.env["decimal.precision"].precision_get("Product Price")
        for line in self:
            percent = 0.0 if line._follows_pricelist() else line.renewal_id.price_percent
            line.price_after = float_round(
                line.price_before * (1 + percent / 100.0), precision_digits=digits,
            )

    @api.depends("price_before", "price_after")
    def _compute_amounts(self):
        for line in self:
            per_year = RECURRENCES_PER_YEAR.get(line.line_id.recurrence_unit, 0)
            factor = per_year / (line.line_id.recurrence_interval or 1)
            line.amount_before = line.line_id._get_period_price(line.price_before) * factor
            line.amount_after = line.line_id._get_period_price(line.price_after) * factor

    @api.depends("line_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.name or "").split("\n")[0]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.renewal_id._check_content_open()
        return lines

    def write(self, vals):
        self.renewal_id._check_content_open()
        return super().write(vals)

    def _follows_pricelist(self):
        return self.line_id.price_source == "pricelist"

    def _get_blockers(self):
        """Return why this price cannot be agreed on."""
        self.ensure_one()
        if self.price_after <= 0 < self.price_before:
            return [self.env._(
                'Line "%(line)s": the new price is %(price)s. Enter a price above zero, or take '
                "the line out of the contract.", line=self.display_name, price=self.price_after,
            )]
        price_now = self.line_id._get_continuation().price_unit
        if price_now != self.price_before:
            return [self.env._(
                'Line "%(line)s" costs %(now)s now, not %(before)s any more. Decline this '
                "renewal and prepare another one.",
                line=self.display_name, now=price_now, before=self.price_before,
            )]
        return []
