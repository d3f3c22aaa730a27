from odoo import api, fields, models
from odoo.tools import float_round, format_date

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS


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
            line.amount_before = line.line_id._get_annual_price(line.price_before)
            line.amount_after = line.line_id._get_annual_price(line.price_after)

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
        if reason := self._get_change_reason():
            return [self.env._(
                "%(reason)s Use “Refresh Prices”, and check the new ones.", reason=reason,
            ) if self.renewal_id.state == "draft" else self.env._(
                "%(reason)s The offer has to be made anew: use “Offer Anew”.", reason=reason,
            )]
        return []

    def _get_contract_line(self):
        """Return the line whose price is agreed on: the one that goes on with this promise."""
        return self.line_id._get_last_line()

    def _get_change_reason(self):
        """Return how the line has changed since the offer was prepared, or an empty text."""
        self.ensure_one()
        line = self._get_contract_line()
        if line not in line.contract_id._get_present_lines() or line._get_own_end():
            return self.env._(
                'Line "%(line)s" ends on %(date)s and is not renewed.', line=self.display_name,
                date=format_date(self.env, line._get_term()[1]),
            )
        if line.price_unit != self.price_before:
            return self.env._(
                'Line "%(line)s" costs %(now)s now, not %(before)s any more.',
                line=self.display_name, now=line.price_unit, before=self.price_before,
            )
        return ""
