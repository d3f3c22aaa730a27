"""Renewal side of outgoing mail: a reminder is proven when its mail has left."""

from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None,
    ):
        if success_pids or success_emails:
            self.env["aftersales.renewal.notice"]._note_sent(self)
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type,
        )
