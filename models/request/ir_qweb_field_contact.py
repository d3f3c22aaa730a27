"""Request side of printed contacts: masked as on the screen."""

from odoo import api, models


class IrQwebFieldContact(models.AbstractModel):
    _inherit = "ir.qweb.field.contact"

    @api.model
    def value_to_html(self, value, options):
        """Print the name only where the data are closed to who prints."""
        if value and value.sudo(False)._filter_masked():
            options = {**options, "fields": ["name"]}
        return super().value_to_html(value, options)
