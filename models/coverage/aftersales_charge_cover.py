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
    statement_id = fields.Many2one(
        related="charge_id.statement_id", store=True, index=True, precompute=True,
    )
    company_id = fields.Many2one(
        related="charge_id.company_id", store=True, index=True, precompute=True,
    )
    currency_id = fields.Many2one(related="charge_id.currency_id", store=True, precompute=True)
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
    number = fields.Integer(
        string="Decision", required=True, default=1, readonly=True, aggregator=None,
        help="Counts the decisions on the charge; shares of one decision have the same number.",
    )
    charge_name = fields.Text(related="charge_id.name", string="Description")
    share_label = fields.Text(string="Pays", compute="_compute_share_label")
    replaced_label = fields.Text(
        string="Before", compute="_compute_replaced_label",
        help="Who paid until this decision was taken.",
    )

    @api.depends_context("lang")
    @api.depends("payer", "rule", "percent")
    def _compute_share_label(self):
        for cover in self:
            cover.share_label = cover.statement_id._get_share_label(cover)

    @api.depends_context("lang")
    @api.depends("number", "charge_id.cover_ids.superseded_on")
    def _compute_replaced_label(self):
        by_number = self.charge_id.cover_ids.grouped(
            lambda cover: (cover.charge_id, cover.number, cover.superseded_on))
        for cover in self:
            before = by_number.get((cover.charge_id, cover.number - 1, cover.decided_on))
            cover.replaced_label = before and cover.statement_id._describe_payers(
                before.sorted("id"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_record(self):
        for statement in self.statement_id:
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
        # For all at once: the ORM makes rows one by one.
        charges.fetch(["statement_id", "company_id", "currency_id"])
        live = charges._get_live_covers()
        said = live.grouped("charge_id")
        changed = charges.filtered(
            lambda charge: said.get(charge, self.browse())._get_decision() != decisions[charge]
        )
        now = fields.Datetime.now()
        live.filtered(lambda cover: cover.charge_id in changed).superseded_on = now
        self.create([
            {
                **vals, "charge_id": charge.id, "decided_on": now, "decided_by_id": self.env.uid,
                "number": max(said.get(charge, self.browse()).mapped("number"), default=0) + 1,
            }
            for charge in changed for vals in decisions[charge]
        ])
        # While rows are prepared, the cache holds their drafts, too.
        for owners in (changed, changed.statement_id):
            owners.invalidate_recordset(["cover_ids"], flush=False)
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
