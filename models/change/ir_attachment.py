"""Change side of attachments: a signed annex is evidence."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _check_not_signed_contract(self):
        result = super()._check_not_signed_contract()
        change_sudo = self.env["aftersales.contract.change"].sudo().search(
            Domain("scan_ids", "in", self.ids) | Domain("document_id", "in", self.ids), limit=1,
        )
        if change_sudo:
            raise UserError(self.env._(
                "The annex of change %(change)s cannot be changed or deleted. It is the evidence "
                "of what both parties agreed.", change=change_sudo.display_name,
            ))
        return result
