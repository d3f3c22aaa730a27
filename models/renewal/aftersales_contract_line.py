"""Renewal side of the contract line: whether its price follows an adjustment."""

from odoo import fields, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    is_price_fixed = fields.Boolean(
        string="No Adjustment", help="The price of this line does not follow price adjustments.",
    )

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
