"""Contract side of the company: the numbering of its service contracts."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model
    def _get_aftersales_sequences(self):
        return {
            **super()._get_aftersales_sequences(),
            "aftersales.contract": (self.env._("Service contracts"), "SC"),
        }
