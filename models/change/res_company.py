"""Change side of the company: the numbering of its contract changes."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model
    def _get_aftersales_sequences(self):
        return {
            **super()._get_aftersales_sequences(),
            "aftersales.contract.change": (self.env._("Contract changes"), "CH"),
        }
