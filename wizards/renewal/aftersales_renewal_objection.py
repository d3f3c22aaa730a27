from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesRenewalObjection(models.TransientModel):
    """Record that a party does not want the contract to be renewed, or takes that back."""

    _name = "aftersales.renewal.objection"
    _description = "Does Not Renew"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    party = fields.Selection(
        selection=[("customer", "Customer"), ("provider", "Us")],
        string="Who", required=True, default="customer",
    )
    said_by = fields.Char(
        required=True, compute="_compute_said_by", store=True, readonly=False,
        precompute=True,
    )
    date = fields.Date(
        string="Received On", required=True,
        default=lambda self: self.env.company._get_aftersales_today(),
    )
    note = fields.Text(string="Reason")
    attachment_ids = fields.Many2many("ir.attachment", string="Documents")
    is_objected = fields.Boolean(related="contract_id.is_objected")
    deadline = fields.Date(related="contract_id.objection_deadline", string="Last Day")

    @api.depends("contract_id", "party")
    def _compute_said_by(self):
        for wizard in self:
            contract = wizard.contract_id
            customer = contract.contact_id or contract.partner_id
            wizard.said_by = customer.name if wizard.party == "customer" else self.env.user.name

    def action_confirm(self):
        """Stop the renewal of the term under way; the contract ends with it."""
        for wizard in self:
            wizard.contract_id._object_to_renewal(
                wizard.party, wizard.said_by, wizard.date, note=wizard.note,
                documents=wizard.attachment_ids,
            )
        return True

    def action_withdraw(self):
        """Let the contract renew again; who took the objection back, and why, is kept."""
        for wizard in self:
            if not (wizard.note or "").strip():
                raise UserError(self.env._(
                    "Contract %(contract)s: write why the objection is taken back, and on whose "
                    "word.", contract=wizard.contract_id.display_name,
                ))
            wizard.contract_id._withdraw_objection(
                wizard.said_by, note=wizard.note, documents=wizard.attachment_ids,
            )
        return True
