"""Agreement side of the contract template: the clauses and legal terms it brings."""

from odoo import api, fields, models
from odoo.fields import Command

from .aftersales_contract import EARLY_FEE_MODES

# Legal terms a template may set, and contracts take over.
TEMPLATE_TERMS = (
    "termination_notice_days", "confidentiality_months", "liability_cap_percent",
    "penalty_rate_percent", "penalty_cap_percent", "late_interest_percent", "negotiation_days",
    "early_fee_mode", "early_fee_amount", "early_fee_percent", "early_fee_cap",
)


class AftersalesContractTemplate(models.Model):
    _name = "aftersales.contract.template"
    _inherit = ["aftersales.contract.template", "aftersales.legal.terms.mixin"]

    clause_ids = fields.Many2many("aftersales.clause", string="Clauses", check_company=True)
    termination_notice_days = fields.Integer(string="Termination Notice (days)", default=30)
    confidentiality_months = fields.Integer(string="Confidentiality After the End (months)",
                                            default=24)
    liability_cap_percent = fields.Float(string="Liability Cap (% of annual value)", default=100.0)
    penalty_rate_percent = fields.Float(string="Our Delay (% of monthly fee per day)", default=1.0)
    penalty_cap_percent = fields.Float(string="Penalty Cap (% of annual value)", default=10.0)
    late_interest_percent = fields.Float(string="Late Payment Interest (% a year)", default=6.0)
    negotiation_days = fields.Integer(string="Negotiation Before a Dispute (days)", default=30)

    early_fee_mode = fields.Selection(
        EARLY_FEE_MODES, string="Fee for Ending Early", required=True, default="none",
    )
    early_fee_amount = fields.Monetary(string="Early End: Amount")
    early_fee_percent = fields.Float(string="Early End: Per Cent")
    early_fee_cap = fields.Monetary(string="Early End: At Most", help="0: without a limit.")

    @api.constrains(*TEMPLATE_TERMS)
    def _check_legal_numbers(self):
        self._check_term_bounds()

    def _prepare_contract_vals(self):
        return {
            **super()._prepare_contract_vals(),
            **{name: self[name] for name in TEMPLATE_TERMS},
            "clause_ids": [
                Command.clear(),
                *(Command.create(c._prepare_contract_clause_vals()) for c in self.clause_ids),
            ],
        }
