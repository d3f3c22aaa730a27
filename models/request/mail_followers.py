"""Request side of followers: the addresses of confidential customers."""

from odoo import models


class MailFollowers(models.Model):
    _name = "mail.followers"
    _inherit = ["mail.followers", "aftersales.contact.mask.mixin"]

    _MASKED_FIELDS = frozenset({"email"})
    _MASKED_BY = "partner_id"
