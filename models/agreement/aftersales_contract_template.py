"""Agreement side of the contract template: the clauses and legal terms it brings."""

from odoo import api, fields, models
from odoo.fields import Command

# Legal terms a template may set, and contracts take over.
TEMPLATE_TERMS = (
    "termination_notice_days", "confidentiality_months", "liability_cap_percent",
    "penalty_rate_percent", "penalty_cap_percent", "late_interest_percent", "negotiation_days",
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
