"""Contract side of the service level: what a contract promises stays as it is."""

from odoo import models

MAX_NAMED = 3


class AftersalesSla(models.Model):
    _inherit = "aftersales.sla"

    def _get_promises(self):
        """Return the contracts before the customer, or signed, that promise this level."""
        contracts_sudo = self.env["aftersales.contract.line"].sudo()._search_agreed(
            "sla_id", self).contract_id
        names = contracts_sudo[:MAX_NAMED].mapped("name")
        if others := len(contracts_sudo) - len(names):
            names.append(self.env._("%(count)s others", count=others))
        return super()._get_promises() + names
