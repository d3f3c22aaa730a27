"""Change side of the contract version: the agreed change it follows from."""

from odoo import fields, models
from odoo.fields import Domain

from .aftersales_contract_change import COPY_MAILS


class AftersalesContractVersion(models.Model):
    _inherit = "aftersales.contract.version"

    change_id = fields.Many2one(
        "aftersales.contract.change", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict", check_company=True,
    )

    def _get_signing_thread(self):
        return self.change_id or super()._get_signing_thread()

    def _get_sent_by_mail_domain(self):
        """Whoever was asked by mail to confirm a change hears by mail that it is in force."""
        return super()._get_sent_by_mail_domain() | Domain("change_id.invited_on", "!=", False)

    def _get_copy_mails(self):
        return COPY_MAILS if self.change_id else super()._get_copy_mails()
