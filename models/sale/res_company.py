"""Sale side of the company: what happens to contracts that come from orders."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_submit_sold_contracts = fields.Boolean(
        string="Submit Sold Contracts",
        help="Contracts prepared by a confirmed order go to review at once, unless something is "
             "missing in them.",
    )
