"""Ending side of attachments: notices and agreements on which a contract ended or changed."""

from odoo import models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _check_not_signed_contract(self):
        result = super()._check_not_signed_contract()
        for model in ("aftersales.termination", "aftersales.equipment.change"):
            record_sudo = self.env[model].sudo().search(
                [("attachment_ids", "in", self.ids)], limit=1,
            )
            if record_sudo:
                raise UserError(self.env._(
                    "The document of “%(record)s” cannot be changed or deleted. It is the "
                    "evidence of what was declared or agreed.", record=record_sudo.display_name,
                ))
        return result
