from odoo import api, fields, models


class AftersalesSignatureReminder(models.Model):
    """A reminder to sign that was sent: one per document and step, so that none is sent twice."""

    _name = "aftersales.signature.reminder"
    _description = "Signature Reminder"
    _order = "company_id, version_id, step, id"

    version_id = fields.Many2one(
        "aftersales.contract.version", ondelete="cascade", index="btree_not_null", readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True, required=True,
        index=True,
    )
    step = fields.Integer(required=True, readonly=True)
    sent_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null",
        help="The message that went out, as the proof of it.",
    )

    _step_uniq = models.UniqueIndex(
        "(version_id, step)", "The customer was already reminded at this step.",
    )

    @api.depends("version_id.company_id")
    def _compute_company_id(self):
        for reminder in self:
            reminder.company_id = reminder._get_signing_record().company_id

    @api.depends("version_id.display_name", "step")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = self.env._(
                "%(record)s, reminder %(step)s",
                record=reminder._get_signing_record().display_name, step=reminder.step,
            )

    def _get_signing_record(self):
        """Return what the customer was reminded to sign (hook)."""
        return self.version_id
