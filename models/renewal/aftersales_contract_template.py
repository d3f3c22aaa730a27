"""Renewal side of the contract template: what happens at the end of the terms it starts."""

from odoo import fields, models

from .aftersales_contract import RENEWAL_MODES

_TERMS = ("renewal_mode", "renewal_term_months", "renewal_notice_days")


class AftersalesContractTemplate(models.Model):
    _inherit = "aftersales.contract.template"

    renewal_mode = fields.Selection(
        RENEWAL_MODES, string="At the End", required=True, default="none",
    )
    renewal_term_months = fields.Integer(string="Renewed By (months)", default=12)
    renewal_notice_days = fields.Integer(string="Renewal Notice (days)", default=60)

    def _prepare_contract_vals(self):
        return {**super()._prepare_contract_vals(), **{name: self[name] for name in _TERMS}}
