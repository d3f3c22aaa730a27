"""Change side of the obligation: what a change would give back, before it is agreed."""

from odoo import models


class CreditPreview:
    """Collects what would be credited. Only code holds one: no RPC call can put it in a context."""

    def __init__(self):
        self.amount = 0.0
        self.last_day = None


class AftersalesObligation(models.Model):
    _inherit = "aftersales.obligation"

    def _get_credit_preview(self):
        preview = self.env.context.get("aftersales_credit_preview")
        return preview if isinstance(preview, CreditPreview) else None

    def _take_from_drafts(self):
        # A preview touches no invoice, not even one that would be rolled back with it.
        if not self._get_credit_preview():
            return super()._take_from_drafts()

    def _credit_after(self, last_day, reason):
        preview = self._get_credit_preview()
        if not preview:
            return super()._credit_after(last_day, reason)
        posted = self.filtered(lambda obligation: obligation.move_id.state == "posted")
        preview.amount += sum(max(o._get_amount_to_credit(last_day), 0.0) for o in posted)
        days = [preview.last_day or last_day, *posted.mapped("period_end")]
        preview.last_day = max(days)
        return self.env["account.move"]
