"""Agreement side of attachments: what was signed is evidence."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        # Odoo itself (as super-user) may move a file to another storage.
        if not self.env.su and {"datas", "raw", "db_datas", "store_fname"} & vals.keys():
            self._check_not_signed_contract()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed_contract(self):
        self._check_not_signed_contract()

    def _check_not_signed_contract(self):
        version_sudo = self.env["aftersales.contract.version"].sudo().search(
            Domain("scan_ids", "in", self.ids) | Domain("document_id", "in", self.ids)
            | Domain("signed_copy_id", "in", self.ids), limit=1,
        )
        if version_sudo:
            raise UserError(self.env._(
                "The signed document of contract %(contract)s cannot be changed or deleted. It "
                "is the evidence of what both parties agreed.",
                contract=version_sudo.contract_id.display_name,
            ))
