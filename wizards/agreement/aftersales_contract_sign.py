from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AftersalesContractSign(models.TransientModel):
    """Record that both parties have signed: by their signed document, or by plain word."""

    _name = "aftersales.contract.sign"
    _description = "Confirm Signature"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    method = fields.Selection(
        selection=[
            ("scan", "Signed document"),
            ("acknowledgement", "Acknowledged without a document"),
        ],
        required=True,
        default="scan",
    )
    signed_by = fields.Char(
        required=True, help="Who signed or agreed for the customer.",
        compute="_compute_signed_by", store=True, readonly=False, precompute=True,
    )
    date_signed = fields.Date(
        string="Signed On", required=True, default=fields.Date.context_today,
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Signed Document")

    @api.depends("contract_id")
    def _compute_signed_by(self):
        for wizard in self:
            contract = wizard.contract_id
            wizard.signed_by = (contract.contact_id or contract.partner_id).name

    def action_confirm(self):
        """Store both signatures on the version and put the contract into force."""
        for wizard in self:
            wizard._check_evidence()
            wizard._sign()
            contract = wizard.contract_id
            # With the version they are closed to who may not see prices.
            version = contract.version_id
            wizard.attachment_ids.write({"res_model": version._name, "res_id": version.id})
            contract.message_post(body=wizard._get_message())
        return True

    def _sign(self):
        version = self.contract_id.version_id
        version.sudo().scan_ids = [fields.Command.set(self.attachment_ids.ids)]
        if not version.customer_signed_on:
            method = "scan" if self.method == "scan" else "word"
            version._sign_as_customer(self.signed_by, method, signed_on=self.date_signed)
        if not version.company_signed_on:
            version._sign_as_company(signed_on=self.date_signed)

    def _check_evidence(self):
        if self.contract_id.state != "to_sign":
            raise UserError(self.env._(
                "Contract %(contract)s does not wait for a signature. Only what was approved is "
                "put before the customer.", contract=self.contract_id.display_name,
            ))
        if self.method == "scan" and not self.attachment_ids:
            raise UserError(self.env._(
                "Contract %(contract)s: attach the signed document, or choose “Acknowledged "
                "without a document”.",
                contract=self.contract_id.display_name,
            ))
        if self.date_signed > self.contract_id.company_id._get_aftersales_today():
            raise UserError(self.env._(
                "Contract %(contract)s: the signature cannot lie in the future (%(date)s). Enter "
                "the day it was signed.",
                contract=self.contract_id.display_name,
                date=format_date(self.env, self.date_signed),
            ))

    def _get_message(self):
        if self.method == "scan":
            return self.env._(
                "Signed by %(name)s on %(date)s; the signed document is kept with the version.",
                name=self.signed_by, date=format_date(self.env, self.date_signed),
            )
        return self.env._(
            "Acknowledged by %(name)s on %(date)s, without a document.",
            name=self.signed_by, date=format_date(self.env, self.date_signed),
        )
