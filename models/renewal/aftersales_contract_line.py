"""Renewal side of the contract line: whether its price follows an adjustment."""

from odoo import api, fields, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    is_price_fixed = fields.Boolean(
        string="No Adjustment", help="The price of this line does not follow price adjustments.",
    )

    @api.depends("ended_by_change_id")
    def _compute_amount_annual(self):
        return super()._compute_amount_annual()

    def _get_agreed_price_line(self, adjusted):
        """Return the line of this contract with which the parties agreed on the present price.

        :param adjusted: the lines that adjustments made; these only follow the agreed price
        """
        line = self
        while (before := line.previous_line_id).contract_id == self.contract_id:
            if line not in adjusted and line.price_unit != before.price_unit:
                break
            line = before
        return line

    def _is_adjustable(self, day):
        """Whether an adjustment of ``day`` moves the price of this line."""
        self.ensure_one()
        first = self._get_term()[0]
        last = min(filter(None, [self._get_agreed_end(), self.contract_id.date_end]), default=False)
        return (
            bool(self.product_id) and self.price_unit > 0 and not self.is_price_fixed
            and self.price_source == "fixed" and self.recurrence_unit != "once"
            and first <= day and (not last or day <= last)
        )
