"""Request side of messages: from where confidential customers write, and to whom else."""

from odoo import models

from .aftersales_contact_mask_mixin import MASK

OTHER_ADDRESSES = ("incoming_email_to", "incoming_email_cc")


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "aftersales.contact.mask.mixin"]

    _MASKED_FIELDS = frozenset({"email_from", "reply_to", *OTHER_ADDRESSES})
    _MASKED_BY = "author_id"

    def _to_store(self, store, fields, **kwargs):
        """Leave the addresses of a masked mail out of what the conversation shows."""
        is_shown = "message_format" in fields
        result = super()._to_store(store, fields, **kwargs)
        for message in self._filter_masked() if is_shown else ():
            store.add_model_values(self._name, {
                "id": message.id, "email_from": MASK, **dict.fromkeys(OTHER_ADDRESSES, [])})
        return result
