"""Request side of users: the accounts of confidential customers in the portal."""

from odoo import models

from .res_partner import CONTACT_FIELDS


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "aftersales.contact.mask.mixin"]

    # The login of a customer is mostly an e-mail address.
    _MASKED_FIELDS = CONTACT_FIELDS | {"login"}
    _MASKED_BY = "partner_id"
