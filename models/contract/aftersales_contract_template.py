from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from .aftersales_contract import ALIGNMENTS, CONTRACT_TYPES


class AftersalesContractTemplate(models.Model):
    """A service the company sells again and again: lines and terms ready to use."""

    _name = "aftersales.contract.template"
    _description = "Contract Template"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(string="Template Name", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        default=lambda self: self.env.company,
        help="Leave empty to share the template with every company.",
    )
    contract_type = fields.Selection(CONTRACT_TYPES, required=True, default="maintenance")
    currency_id = fields.Many2one(
        "res.currency", required=True,
        default=lambda self: self.env.company.currency_id,
    )
    term_months = fields.Integer(
        string="Term (months)", default=12, help="0: the contract runs until it is terminated.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Terms", check_company=True,
    )
    billing_alignment = fields.Selection(
        ALIGNMENTS, string="Periods Begin", default="start", required=True,
    )
    billing_day = fields.Integer(default=1)
    line_ids = fields.One2many(
        "aftersales.contract.template.line", "template_id", string="Lines", copy=True,
    )

    @api.constrains("term_months")
    def _check_term_months(self):
        for template in self:
            if template.term_months < 0:
                raise ValidationError(self.env._(
                    "Template %(template)s: a term of %(months)s months is not possible. Enter "
                    "the months of the term, or 0 for a contract without a fixed end.",
                    template=template.name, months=template.term_months,
                ))

    def _prepare_contract_vals(self):
        """Return the terms a contract takes over (hook); texts in the context's language."""
        self.ensure_one()
        return {
            "contract_type": self.contract_type,
            "currency_id": self.currency_id.id,
            "billing_alignment": self.billing_alignment,
            "billing_day": self.billing_day,
            "line_ids": [
                Command.clear(),
                *(Command.create(line._prepare_contract_line_vals()) for line in self.line_ids),
            ],
            **({"payment_term_id": self.payment_term_id.id} if self.payment_term_id else {}),
        }
