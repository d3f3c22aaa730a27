from odoo import api, fields, models

from .aftersales_clause import (
    CLAUSE_CATEGORIES,
    CLAUSE_ORIGINS,
    CLAUSE_TOPICS,
    fill_placeholders,
    find_placeholders,
)


class AftersalesContractClause(models.Model):
    """A clause as this contract says it: copied from the library, then the contract's own.

    While the content is open, its text follows the terms of the contract; when the contract is
    put before the customer, the text is written down and stays.
    """

    _name = "aftersales.contract.clause"
    _description = "Contract Clause"
    _inherit = ["aftersales.approved.part.mixin"]
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
    topic = fields.Selection(CLAUSE_TOPICS)
    origin = fields.Selection(CLAUSE_ORIGINS, required=True, default="negotiated")
    is_onerous = fields.Boolean(string="Onerous")
    explanation = fields.Text()
    acknowledged_by = fields.Char(copy=False, readonly=True)
    acknowledged_on = fields.Datetime(copy=False, readonly=True)
    body = fields.Html(string="Wording", required=True)
    frozen_text = fields.Html(copy=False, readonly=True, sanitize=False)
    text = fields.Html(
        compute="_compute_text", sanitize=False,
        help="The wording with the data of the contract filled in, as the customer reads it.",
    )

    @api.depends("body", "frozen_text", "contract_id")
    def _compute_text(self):
        for contract, clauses in self.grouped("contract_id").items():
            values = contract._get_placeholder_values() if contract else {}
            for clause in clauses:
                clause.text = clause.frozen_text or fill_placeholders(clause.body, values)

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

    def _freeze_text(self):
        """Write the texts down as the customer is going to sign them."""
        for clause in self.env["aftersales.contract"]._as_agreed(self):
            clause.frozen_text = clause.text

    def _thaw_text(self):
        """Let the texts follow the contract again; who acknowledged them must do so anew."""
        self.env["aftersales.contract"]._as_agreed(self).write({
            "frozen_text": False, "acknowledged_by": False, "acknowledged_on": False,
        })

    def _acknowledge(self, name):
        """Record that ``name`` read and accepted these clauses one by one (C04)."""
        self.env["aftersales.contract"]._as_agreed(self).write({
            "acknowledged_by": name, "acknowledged_on": fields.Datetime.now(),
        })

    def _get_content_blockers(self):
        """Return why the text cannot be put before the customer."""
        self.ensure_one()
        labels = self.contract_id._get_placeholder_labels()
        values = self.contract_id._get_placeholder_values()
        keys = find_placeholders(self.body)
        unknown = [key for key in keys if key not in labels]
        empty = [labels[key] for key in keys if key in labels and not values.get(key)]
        blockers = []
        if unknown:
            blockers.append(self.env._(
                'Clause "%(clause)s" asks for %(keys)s, which a contract does not know. Correct '
                "its wording.", clause=self.name, keys=", ".join(unknown),
            ))
        if empty:
            blockers.append(self.env._(
                'Clause "%(clause)s" speaks of what the contract leaves empty: %(terms)s. Fill it '
                "in, or take another clause.", clause=self.name, terms=", ".join(empty),
            ))
        if self.is_onerous and not self.explanation:
            blockers.append(self.env._(
                'Clause "%(clause)s" is onerous and has no explanation for the customer. Write '
                "one.", clause=self.name,
            ))
        return blockers
