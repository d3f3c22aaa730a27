"""Coverage side of the contract line: what its quotas have left."""

from odoo import fields, models


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    charge_cover_ids = fields.One2many(
        "aftersales.charge.cover", "contract_line_id", string="Covered Charges",
        groups="base.group_user",
    )
