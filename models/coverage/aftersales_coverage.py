from odoo import models


class AftersalesCoverage(models.AbstractModel):
    """Who pays for a piece of work, how much of it, and why (the coverage engine)."""

    _name = "aftersales.coverage"
    _description = "Coverage Engine"
