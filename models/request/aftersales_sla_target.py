"""Request side of promised times: requests follow them."""

from odoo import api, models

from ..sla.aftersales_sla_target import TARGETS


class AftersalesSlaTarget(models.Model):
    _inherit = "aftersales.sla.target"

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets.sla_id._move_request_clocks()
        return targets

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"priority", *TARGETS.values()}:
            self.sla_id._move_request_clocks()
        return result

    def unlink(self):
        levels = self.sla_id
        result = super().unlink()
        levels.exists()._move_request_clocks()
        return result
