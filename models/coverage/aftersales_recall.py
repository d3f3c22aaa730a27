"""Coverage side of the recall: which units were treated, by the work decided for it."""

from odoo import models
from odoo.fields import Domain


class AftersalesRecall(models.Model):
    _inherit = "aftersales.recall"

    def _get_treated_counts(self):
        """Count the units whose confirmed jobs this recall pays for: each once, and in use."""
        treated = super()._get_treated_counts()
        # How far a recall has come is known to who reads it, whatever else they may read.
        groups = self.env["aftersales.charge.cover"].sudo()._read_group(
            Domain("recall_id", "in", self.ids)
            & Domain("superseded_on", "=", False)
            & Domain("charge_id.statement_id.state", "=", "confirmed")
            & Domain("charge_id.statement_id.equipment_id", "any", self._get_in_use_domain()),
            ["recall_id"], ["charge_id:recordset"],
        )
        for recall, charges in groups:
            units = charges.statement_id.equipment_id
            treated[recall.id] = treated.get(recall.id, 0) + len(units)
        return treated
