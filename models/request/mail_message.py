"""Request side of messages: from where confidential customers write, and to whom else."""

from odoo import models

OTHER_ADDRESSES = ("incoming_email_to", "incoming_email_cc")


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "aftersales.contact.mask.mixin"]

    _MASKED_FIELDS = frozenset({"email_from", "reply_to", *OTHER_ADDRESSES})
    _MASKED_BY = "author_id"

    def _to_store(self, store, fields, **kwargs):
        result = super()._to_store(store, fields, **kwargs)
        for message in self._filter_masked():
            store.add(message, {name: [] for name in OTHER_ADDRESSES if message[name]})
        return result
