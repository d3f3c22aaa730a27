from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AftersalesContractSign(models.TransientModel):
    """Record what was signed away from the portal: by a signed document, or by plain word."""

    _name = "aftersales.contract.sign"
    _description = "Confirm Signature"

    record_ref = fields.Reference(
        selection="_get_signed_models", string="Signed",
        default=lambda self: self._get_active_record(),
    )
    is_signed_together = fields.Boolean(compute="_compute_is_signed_together")
    method = fields.Selection(
        selection=[
            ("scan", "Signed document"),
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
    attachment_ids = fields.Many2many("ir.attachment", string="Signed Document")

    @api.model
    def _get_signed_models(self):
        return [
            (name, model._description) for name, model in self.env.registry.items()
            if hasattr(model, "_get_signing_record") and not model._abstract
        ]

    @api.model
    def _get_active_record(self):
        name, record_id = map(self.env.context.get, ("active_model", "active_id"))
        is_signed = name in dict(self._get_signed_models()) and record_id
        return f"{name},{record_id}" if is_signed else False

    @api.depends("record_ref")
    def _compute_is_signed_together(self):
        for wizard in self:
            record = wizard.record_ref
            wizard.is_signed_together = (
                record and record._get_signing_record()._SIGNED_TOGETHER_ON_PAPER
            )

    @api.depends("record_ref")
    def _compute_signed_by(self):
        for wizard in self:
            record = wizard.record_ref
            wizard.signed_by = record and (
                record._get_signing_record().contract_id._get_signatory().name
            )

    def action_confirm(self):
        """Store who signed; with both signatures it takes effect."""
        for wizard in self:
            record = wizard.record_ref._get_signing_record()
            record.check_access("write")
            wizard._check_evidence()
            record._sign_on_paper(
                wizard.signed_by.strip(), wizard.method, signed_on=wizard.date_signed,
                scans=wizard.attachment_ids,
            )
            record._get_signing_thread().message_post(body=wizard._get_message())
        return True

    def _check_evidence(self):
        if not self.signed_by.strip():
            raise UserError(self.env._(
                "%(record)s: enter who signed for the customer.",
                record=self.record_ref.display_name,
            ))
        if self.method == "scan" and not self.attachment_ids:
            raise UserError(self.env._(
                "%(record)s: attach the signed document, or choose “Acknowledged without a "
                "document”.", record=self.record_ref.display_name,
            ))
        self._check_day()

    def _check_day(self):
        """Raise for a day to come, and for one on which there was nothing to sign yet."""
        record = self.record_ref._get_signing_record()
        company = self.record_ref.company_id
        first, reason = record._get_earliest_signing_day()
        if self.date_signed < first:
            raise UserError(self.env._(
                "%(record)s cannot have been signed on %(date)s: %(reason)s. Enter a day from "
                "%(first)s on.", record=self.record_ref.display_name, reason=reason,
                date=format_date(self.env, self.date_signed), first=format_date(self.env, first),
            ))
        if self.date_signed > company._get_aftersales_today():
            raise UserError(self.env._(
                "%(record)s: the signature cannot lie in the future (%(date)s). Enter the day it "
                "was signed.", record=self.record_ref.display_name,
                date=format_date(self.env, self.date_signed),
            ))

    def _get_message(self):
        values = {"name": self.signed_by, "date": format_date(self.env, self.date_signed)}
        if self.method == "scan":
            return self.env._(
                "Signed by %(name)s on %(date)s; the signed document is kept.", **values,
            )
        return self.env._("Acknowledged by %(name)s on %(date)s, without a document.", **values)
