from odoo import api, fields, models

from .aftersales_clause import CLAUSE_CATEGORIES


class AftersalesContractClause(models.Model):
    """A clause as this contract says it: copied from the library, then the contract's own."""

    _name = "aftersales.contract.clause"
    _description = "Clause of a Contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    clause_id = fields.Many2one(
        "aftersales.clause", string="From Library", index="btree_not_null", ondelete="set null",
        check_company=True,
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Title", required=True)
    category = fields.Selection(CLAUSE_CATEGORIES, required=True, default="general")
    body = fields.Html(string="Text", required=True)

    @api.onchange("clause_id")
    def _onchange_clause_id(self):
        if self.clause_id:
            clause = self.clause_id.with_context(lang=self.contract_id.partner_id.lang)
            self.update(clause._prepare_contract_clause_vals())

    @api.model_create_multi
    def create(self, vals_list):
        clauses = super().create(vals_list)
        clauses.contract_id._check_content_open()
        return clauses

    def write(self, vals):
        self.contract_id._check_content_open()
        result = super().write(vals)
        self.contract_id._check_content_open()  # a clause may have moved to another contract
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.contract_id._check_content_open()
