from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesContractTerm(models.Model):
    """A term of a contract: the first one, and one more for each renewal.

    The latest term is the one under way; its end is the end of the contract. Who does not want
    it to be followed by another one says so on this term.
    """

    _name = "aftersales.contract.term"
    _description = "Contract Term"
    _order = "contract_id, number desc"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    number = fields.Integer(string="Term", required=True, readonly=True)
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(string="Until", readonly=True)
    origin = fields.Selection(
        selection=[("initial", "First term"), ("renewal", "Renewal")],
        string="Begun By", required=True, readonly=True, default="initial",
    )
    evidence = fields.Text(readonly=True, help="On what the renewal rests.")

    # Who does not want the next term
    objection_party = fields.Selection(
        selection=[("customer", "Customer"), ("provider", "Us")],
        string="Ended By", readonly=True,
    )
    objection_by = fields.Char(string="Said By", readonly=True)
    objection_date = fields.Date(string="Said On", readonly=True)
    objection_note = fields.Text(string="Reason", readonly=True)
    objection_document_ids = fields.Many2many(
        "ir.attachment", "aftersales_contract_term_document_rel", string="Documents", readonly=True,
    )

    _number_uniq = models.UniqueIndex(
        "(contract_id, number)", "The contract already has a term of this number.",
    )

    @api.depends("contract_id.name", "number")
    def _compute_display_name(self):
        for term in self:
            term.display_name = self.env._(
                "%(contract)s, term %(number)s",
                contract=term.contract_id.name, number=term.number,
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for term in self:
            raise UserError(self.env._(
                "%(term)s stays: it is the history of the contract.", term=term.display_name,
            ))

    def _follow_contracts(self):
        """Move the terms under way to the dates their contracts were given by agreement."""
        for term in self.sudo():
            contract = term.contract_id
            if term.number == 1:
                term.date_start = contract.date_start
            term.date_end = contract.date_end
