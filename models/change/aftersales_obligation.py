"""Change side of the obligation: what a change would give back, before it is agreed."""

from odoo import models


class CreditPreview:
    """Collects what would be credited. Only code holds one: no RPC call can put it in a context."""

    def __init__(self):
        self.amount = 0.0
        self.last_day = None

    def reach(self, days):
        """Note that invoices, posted or not, charge until these days."""
        self.last_day = max([*filter(None, [self.last_day]), *days], default=None)


class AftersalesObligation(models.Model):
    _inherit = "aftersales.obligation"

    def _get_credit_preview(self):
        preview = self.env.context.get("aftersales_credit_preview")
        return preview if isinstance(preview, CreditPreview) else None

    def _get_expected_amounts(self):
        """Return the amounts that no posted invoice charges yet, by line and first day."""
        return {
            (obligation.line_id.id, obligation.period_start): obligation.amount
            for obligation in self
            if obligation.kind == "payment" and obligation.billing_state != "billed"
        }

    def _take_from_drafts(self):
        # A preview touches no invoice, not even one that would be rolled back with it.
        preview = self._get_credit_preview()
        if not preview:
            return super()._take_from_drafts()
        drafts = self.filtered(lambda obligation: obligation.move_id.state == "draft")
        preview.reach(drafts.mapped("period_end"))

    def _credit_after(self, last_day, reason):
        preview = self._get_credit_preview()
        if not preview:
            return super()._credit_after(last_day, reason)
        posted = self.filtered(lambda obligation: obligation.move_id.state == "posted")
        preview.amount += sum(max(o._get_amount_to_credit(last_day), 0.0) for o in posted)
        preview.reach([last_day, *posted.mapped("period_end")])
        return self.env["account.move"]
