from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AftersalesContractChangeSign(models.TransientModel):
    """Record that the customer has confirmed a change: by a signed annex, or by plain word."""

    _name = "aftersales.contract.change.sign"
    _description = "Confirm Change for the Customer"

    change_id = fields.Many2one(
        "aftersales.contract.change", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    method = fields.Selection(
        selection=[
            ("scan", "Signed annex"),
            ("word", "Acknowledged without a document"),
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
    attachment_ids = fields.Many2many("ir.attachment", string="Signed Annex")

    @api.depends("change_id")
    def _compute_signed_by(self):
        for wizard in self:
            contract = wizard.change_id.contract_id
            wizard.signed_by = (contract.contact_id or contract.partner_id).name

    def action_confirm(self):
        """Store the customer's confirmation on the change."""
        for wizard in self:
            wizard._check_evidence()
            change = wizard.change_id
            change.sudo().scan_ids = [fields.Command.set(wizard.attachment_ids.ids)]
            change._sign_as_customer(
                wizard.signed_by, wizard.method, signed_on=wizard.date_signed,
            )
            wizard.attachment_ids.sudo().write({"res_model": change._name, "res_id": change.id})
            change.message_post(
                body=wizard._get_message(), attachment_ids=wizard.attachment_ids.ids,
            )
        return True

    def _check_evidence(self):
        self.change_id.check_access("write")
        if self.method == "scan" and not self.attachment_ids:
            raise UserError(self.env._(
                "Change %(change)s: attach the signed annex, or choose “Acknowledged without a "
                "document”.", change=self.change_id.display_name,
            ))
        if self.date_signed > self.change_id.company_id._get_aftersales_today():
            raise UserError(self.env._(
                "Change %(change)s: the signature cannot lie in the future (%(date)s). Enter the "
                "day it was signed.",
                change=self.change_id.display_name, date=format_date(self.env, self.date_signed),
            ))

    def _get_message(self):
        values = {"name": self.signed_by, "date": format_date(self.env, self.date_signed)}
        if self.method == "scan":
            return self.env._(
                "Confirmed by %(name)s on %(date)s; the signed annex is attached.", **values,
            )
        return self.env._("Confirmed by %(name)s on %(date)s, without a document.", **values)
