from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError

_NOTED = {"submitted_by_id", "edited_by_id"}


class AftersalesApprovalMixin(models.AbstractModel):
    """Who submitted what is approved: where the company wants so, somebody else approves it.

    Whoever changes the content in review takes the place of who submitted: nobody approves what
    only he has seen. The model brings ``company_id``, a thread, and a life in which ``review``
    comes before ``_APPROVED_STATE``; its hooks ask here.
    """

    _name = "aftersales.approval.mixin"
    _description = "Approval by a Second Person"

    _APPROVED_STATE = None

    submitted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", index="btree_not_null",
        groups="base.group_user",
    )

    edited_by_id = fields.Many2one(
        "res.users", string="Changed in Review By", readonly=True, copy=False,
        ondelete="restrict", index="btree_not_null", groups="base.group_user",
        help="Who changed the content last after it was submitted.",
    )

    def write(self, vals):
        if not self.env.su and (noted := _NOTED & vals.keys()):
            raise UserError(self.env._(
                "%(record)s: “%(field)s” is noted by itself and cannot be written.",
                record=self[:1].display_name,
                field=self._fields[min(noted)]._description_string(self.env),
            ))
        result = super().write(vals)
        if names := self._get_edited_names(vals):
            self._note_edit(", ".join(names))
        return result

    def _get_edited_names(self, vals):
        """Return the labels of the content ``vals`` change; its parts tell of themselves."""
        fields_written = (self._fields[name] for name in self._get_content_fields() & vals.keys())
        return sorted(
            field._description_string(self.env) for field in fields_written
            if not field.readonly and field.type != "one2many"
        )

    def _get_approval_blockers(self, target):
        """Return why the user cannot approve what somebody else has to."""
        company_sudo = self.company_id.sudo()
        is_alone = target == self._APPROVED_STATE and self._is_approved_by_submitter()
        if not (is_alone and company_sudo.aftersales_two_people_approve):
            return []
        values = {"name": self.env.user.name, "company": company_sudo.name}
        if self.sudo().edited_by_id:
            return [self.env._(
                "%(name)s changed it last while it was in review, and in %(company)s a second "
                "person approves. Ask somebody else who may approve it, or set it back to draft "
                "so that it is submitted as it is now.", **values,
            )]
        return [self.env._(
            "%(name)s submitted it, and in %(company)s a second person approves. Ask somebody "
            "else who may approve it.", **values,
        )]

    def _note_approval(self, target):
        """Remember who submitted, and tell when the same person approved."""
        if target == "review":
            self.sudo().write({"submitted_by_id": self.env.uid, "edited_by_id": False})
        elif target == self._APPROVED_STATE:
            self._note_single_approval()

    def _is_approved_by_submitter(self):
        """Whether who acts now has submitted the record; the system itself is nobody."""
        author = self.sudo().edited_by_id or self.sudo().submitted_by_id or self.create_uid
        return self.env.uid != SUPERUSER_ID and author == self.env.user

    def _note_edit(self, what):
        """Tell in the thread that content was changed in review, and remember by whom.

        :param what: what was changed, as the user knows it
        """
        edited = self.filtered(lambda record: record.state == "review")
        if not edited or self.env.uid == SUPERUSER_ID:
            return
        edited.sudo().edited_by_id = self.env.user
        edited._message_log_batch(bodies=dict.fromkeys(edited.ids, self.env._(
            "Changed in review by %(name)s: %(what)s", name=self.env.user.name, what=what,
        )))

    def _note_single_approval(self):
        """Tell in the thread that nobody else has looked at it."""
        alone = self.filtered(lambda record: record._is_approved_by_submitter())
        if alone:
            alone._message_log_batch(bodies=dict.fromkeys(alone.ids, self.env._(
                "Submitted and approved by the same person: %(name)s.", name=self.env.user.name,
            )))
