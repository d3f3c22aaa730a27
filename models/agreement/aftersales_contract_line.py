"""Agreement side of the contract line: what of it is signed."""

from odoo import api, models

from .aftersales_contract import export_content, export_cover


class AftersalesContractLine(models.Model):
    _name = "aftersales.contract.line"
    _inherit = ["aftersales.contract.line", "aftersales.approved.part.mixin"]

    @api.model
    def _get_reviewed_fields(self):
        return self._get_content_fields()

    @api.model
    def _get_signed_fields(self):
        """Return the stored fields both parties agree on."""
        return [
            name for name in self._get_content_fields()
            if (field := self._fields[name]).store and not field.related
            and field.type != "one2many"
        ]

    def _get_signed_content(self):
        """Return what both parties agree on of this line, as plain data."""
        self.ensure_one()
        terms = set(self._get_signed_fields()).difference(self._get_cover_fields())
        return {**export_content(self, terms), **export_cover(self)}
