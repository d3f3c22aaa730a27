from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS

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
# What a decision says; rows with the same values are the same decision.
DECISION_FIELDS = (
    "rule", "payer", "percent", "amount", "reason", "contract_line_id", "lot_id", "recall_id",
    "rework_of_id", "date", "visits", "hours",
)


class AftersalesChargeCover(models.Model):
    """One share of a charge: who pays it, by which rule and why.

    Append-only: a new decision closes the rows of the one before and stands beside them.
    """

    _name = "aftersales.charge.cover"
    _description = "Cover Decision"
    _order = "charge_id, id"
    _check_company_auto = True

    charge_id = fields.Many2one(
        "aftersales.charge", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="charge_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(
        related="charge_id.statement_id.currency_id", store=True,
    )
    rule = fields.Selection(RULES, required=True, default="none")
    payer = fields.Selection(PAYERS, required=True, default="customer")
    percent = fields.Float(string="Share (%)", digits=(16, 4))
    amount = fields.Monetary(groups=PRICE_GROUPS)
    reason = fields.Text(required=True, help="In the customer's language.")
    contract_line_id = fields.Many2one(
        "aftersales.contract.line", index="btree_not_null", check_company=True,
        ondelete="restrict",
    )
    lot_id = fields.Many2one("stock.lot", string="Serial Number", check_company=True)
    recall_id = fields.Many2one(
        "aftersales.recall", check_company=True, index="btree_not_null",
    )
    rework_of_id = fields.Many2one("aftersales.statement", check_company=True)
    date = fields.Date(string="Work Date", required=True, default=fields.Date.context_today)
    visits = fields.Integer(help="Visits drawn from the contract's quota: one a job.")
    hours = fields.Float(
        digits=(16, 4), help="Hours of labour drawn from the contract's quota.",
    )
    decided_on = fields.Datetime(required=True, default=fields.Datetime.now)
    decided_by_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user,
    )
    superseded_on = fields.Datetime(help="When another decision took its place.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_record(self):
        for statement in self.charge_id.statement_id:
            if statement.state != "draft":
                raise UserError(self.env._(
                    "%(statement)s: who pays stands on record there. Decide again instead of "
                    "deleting the decision.",
                    statement=statement.display_name,
                ))

    # -------------------------------------------------------------------------
    # Decisions
    # -------------------------------------------------------------------------

    @api.model
    def _store(self, decisions):
        """Store decisions; one that says what the last one said changes nothing.

        :param decisions: dict of charge → list of values of its shares
        :return: the charges whose cover has changed
        """
        charges = self.env["aftersales.charge"].union(*decisions)
        charges.statement_id.mapped("company_id")  # for all at once: rows are made one by one
        live = charges._get_live_covers()
        said = live.grouped("charge_id")
        changed = charges.filtered(
            lambda charge: said.get(charge, self.browse())._get_decision() != decisions[charge]
        )
        now = fields.Datetime.now()
        live.filtered(lambda cover: cover.charge_id in changed).superseded_on = now
        self.create([
            {**vals, "charge_id": charge.id, "decided_on": now, "decided_by_id": self.env.uid}
            for charge in changed for vals in decisions[charge]
        ])
        return changed

    def _get_decision(self):
        """Return what the rows say, as values to create them."""
        return [
            {
                name: value.id if isinstance(value := cover[name], models.BaseModel) else value
                for name in DECISION_FIELDS
            }
            for cover in self.sorted("id")
        ]
