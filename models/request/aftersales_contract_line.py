"""Request side of the contract line: requests follow what it promises."""

from odoo import api, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered("sla_id").contract_id._move_request_clocks()
        return lines

    def write(self, vals):
        keys = vals.keys() & self._get_clock_fields()
        promising = self.filtered("sla_id") if keys else self.browse()
        result = super().write(vals)
        if keys:
            (promising | self.filtered("sla_id")).contract_id._move_request_clocks()
        return result

    @api.model
    def _get_clock_fields(self):
        """Return the fields that decide which requests a level is promised for."""
        return {
            "sla_id", "service_calendar_id", "date_start", "date_end", "scope_type",
            *self._get_scope_fields().values(),
        }
