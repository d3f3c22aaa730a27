"""Agreement side of the contract line: what of it is signed."""

from odoo import api, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    @api.model
    def _get_signed_fields(self):
        """Return the stored fields both parties agree on."""
        return [
            name for name in self._get_content_fields()
            if (field := self._fields[name]).store and not field.related
            and field.type != "one2many"
        ]
