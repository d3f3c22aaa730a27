from odoo import api, fields, models


class AftersalesSignatureReminder(models.Model):
    """A reminder to sign that was sent: one per version and step, so that none is sent twice."""

    _name = "aftersales.signature.reminder"
    _description = "Signature Reminder"
    _order = "version_id, step"

    version_id = fields.Many2one(
        "aftersales.contract.version", required=True, ondelete="cascade", index=True,
        readonly=True,
    )
    company_id = fields.Many2one(related="version_id.company_id", store=True, index=True)
    step = fields.Integer(required=True, readonly=True)
    sent_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null",
        help="The message that went out, as the proof of it.",
    )

    _step_uniq = models.UniqueIndex(
        "(version_id, step)", "The customer was already reminded at this step.",
    )

    @api.depends("version_id.display_name", "step")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = self.env._(
                "%(version)s, reminder %(step)s",
                version=reminder.version_id.display_name, step=reminder.step,
            )
