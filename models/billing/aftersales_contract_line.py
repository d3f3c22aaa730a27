"""Billing side of the contract line: what must exist before it can be invoiced."""

from odoo import models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    def _get_billing_blockers(self, invoice_date):
        """Return why this line cannot be invoiced on ``invoice_date``, with the remedies."""
        self.ensure_one()
        blockers = self._get_content_blockers()
        if not self._get_income_account():
            blockers.append(self.env._(
                'Line "%(line)s": service %(product)s has no income account, nor has the sales '
                "journal a default one. Set it on the product or its category.",
                line=self._get_error_label(), product=self.product_id.display_name,
            ))
        if (price := self._get_price_at(invoice_date)) < 0:
            blockers.append(self.env._(
                'Line "%(line)s": %(reason)s', line=self._get_error_label(),
                reason=self._get_negative_price_reason(price),
            ))
        return blockers

    def _get_income_account(self):
        journal = self.contract_id.invoice_journal_id
        template = self.product_id.with_company(self.company_id).product_tmpl_id
        return template.get_product_accounts()["income"] or journal.default_account_id
