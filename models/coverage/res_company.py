"""Coverage side of the company: the numbering of its statements of charges."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model
    def _get_aftersales_sequences(self):
        return {
            **super()._get_aftersales_sequences(),
            "aftersales.statement": (self.env._("Statements of charges"), "SOC"),
        }
