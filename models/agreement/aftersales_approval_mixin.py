from odoo import SUPERUSER_ID, fields, models


class AftersalesApprovalMixin(models.AbstractModel):
    """Who submitted what is approved: where the company wants so, somebody else approves it.

    The model brings ``company_id``, a thread, and a life in which ``review`` comes before
    ``_APPROVED_STATE``; its hooks ask here.
    """

    _name = "aftersales.approval.mixin"
    _description = "Approval by a Second Person"

    _APPROVED_STATE = None

    submitted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", index="btree_not_null",
        groups="base.group_user",
    )

    def _get_approval_blockers(self, target):
        """Return why the user cannot approve what somebody else has to."""
        company_sudo = self.company_id.sudo()
        is_alone = target == self._APPROVED_STATE and self._is_approved_by_submitter()
        if not (is_alone and company_sudo.aftersales_two_people_approve):
            return []
        return [self.env._(
            "%(name)s submitted it, and in %(company)s a second person approves. Ask somebody "
            "else who may approve it.",
            name=self.env.user.name, company=company_sudo.name,
        )]

    def _note_approval(self, target):
        """Remember who submitted, and tell when the same person approved."""
        if target == "review":
            self.sudo().submitted_by_id = self.env.user
        elif target == self._APPROVED_STATE:
            self._note_single_approval()

    def _is_approved_by_submitter(self):
        """Whether who acts now has submitted the record; the system itself is nobody."""
        submitter = self.sudo().submitted_by_id or self.create_uid
        return self.env.uid != SUPERUSER_ID and submitter == self.env.user

    def _note_single_approval(self):
        """Tell in the thread that nobody else has looked at it."""
        alone = self.filtered(lambda record: record._is_approved_by_submitter())
        if alone:
            alone._message_log_batch(bodies=dict.fromkeys(alone.ids, self.env._(
                "Submitted and approved by the same person: %(name)s.", name=self.env.user.name,
            )))
