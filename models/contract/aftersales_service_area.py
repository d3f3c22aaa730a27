"""Contract side of the service area: what both parties agreed on stays as it is."""

from odoo import models
from odoo.exceptions import UserError

_GEOGRAPHY = {"country_ids", "state_ids", "zip_prefixes"}


class AftersalesServiceArea(models.Model):
    _inherit = "aftersales.service.area"

    def write(self, vals):
        if _GEOGRAPHY & vals.keys():
            self._check_not_agreed()
        return super().write(vals)

    def _check_not_agreed(self):
        """Raise for areas that contracts before the customer, or signed, rest on."""
        if line_sudo := self.env["aftersales.contract.line"].sudo()._search_agreed(
            "service_area_id", self, limit=1,
        ):
            raise UserError(self.env._(
                "Service area %(area)s is part of contract %(contract)s, whose content is closed. "
                "Create another area for new contracts; what is signed changes only by agreement "
                "of both parties.",
                area=line_sudo.service_area_id.name, contract=line_sudo.contract_id.name,
            ))
