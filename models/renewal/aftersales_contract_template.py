"""Renewal side of the contract template: what happens at the end of the terms it starts."""

from odoo import models

_TERMS = (
    "renewal_mode", "renewal_term_months", "renewal_notice_days", "indexation_mode",
    "indexation_percent", "index_id", "index_base_date", "index_method", "index_cap_percent",
    "index_floor_percent", "index_freeze_months", "indexation_notice_days",
)


class AftersalesContractTemplate(models.Model):
    _name = "aftersales.contract.template"
    _inherit = ["aftersales.contract.template", "aftersales.renewal.terms.mixin"]

    def _prepare_contract_vals(self):
        return {
            **super()._prepare_contract_vals(),
            **{name: self._fields[name].convert_to_write(self[name], self) for name in _TERMS},
        }
