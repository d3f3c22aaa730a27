"""Change side of the signature reminder: customers are reminded of changes too."""

from odoo import api, fields, models


class AftersalesSignatureReminder(models.Model):
    _inherit = "aftersales.signature.reminder"

    change_id = fields.Many2one(
        "aftersales.contract.change", ondelete="cascade", index="btree_not_null", readonly=True,
    )

    _change_step_uniq = models.UniqueIndex(
        "(change_id, step)", "The customer was already reminded of the change at this step.",
    )
    _of_one_record = models.Constraint(
        "CHECK (num_nonnulls(version_id, change_id) = 1)",
        "A reminder belongs to a version of a contract or to a change, and to one only.",
    )

    @api.depends("change_id.company_id")
    def _compute_company_id(self):
        return super()._compute_company_id()

    @api.depends("change_id.display_name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _get_signing_record(self):
        return self.change_id or super()._get_signing_record()
