from odoo import fields, models

RULES = [
    ("recall", "Recall"),
    ("rework", "Rework"),
    ("part_warranty", "Warranty of a fitted part"),
    ("warranty", "Warranty"),
    ("contract", "Service contract"),
    ("goodwill", "Goodwill"),
    ("none", "Not covered"),
]
PAYERS = [
    ("customer", "Customer"),
    ("contract", "Service contract"),
    ("provider", "Our company"),
    ("vendor", "Vendor"),
]


class AftersalesChargeCover(models.Model):
    """One share of a charge: who pays it, by which rule and why. Append-only: a new decision
    closes the rows of the one before.
    """

    _name = "aftersales.charge.cover"
    _description = "Cover Decision"
    _order = "charge_id, id"
    _check_company_auto = True

    charge_id = fields.Many2one(
        "aftersales.charge", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="charge_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="charge_id.currency_id")
    rule = fields.Selection(RULES, required=True, default="none")
    payer = fields.Selection(PAYERS, required=True, default="customer")
    percent = fields.Float(string="Share (%)", digits=(16, 4))
    amount = fields.Monetary()
    reason = fields.Text(required=True, help="In the customer's language.")
    contract_line_id = fields.Many2one(
        "aftersales.contract.line", index="btree_not_null", check_company=True,
        ondelete="restrict",
    )
    lot_id = fields.Many2one("stock.lot", string="Serial Number", check_company=True)
    recall_id = fields.Many2one("aftersales.recall", check_company=True)
    rework_of_id = fields.Many2one("aftersales.statement", check_company=True)
    quota_kind = fields.Selection(
        [("visits", "Visits"), ("hours", "Hours"), ("amount", "Amount")],
    )
    quota_used = fields.Float(digits=(16, 4))
    quota_period_start = fields.Date()
    decided_on = fields.Datetime(required=True, default=fields.Datetime.now)
    decided_by_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user,
    )
    superseded_on = fields.Datetime(index="btree_not_null")
