from odoo import fields, models
from odoo.fields import Command
from odoo.tools import email_normalize

from .aftersales_contact_mask_mixin import MASK

# Beginning of the ids of what comes in through the messenger endpoint.
MESSENGER_MESSAGE = "<aftersales-messenger-"


class AftersalesRequestTalk(models.AbstractModel):
    """What is said between customer and staff, and what it means to the clock.

    Only what a person of ours writes to the customer is an answer. Notes, automatic mails,
    auto-replies and OdooBot never are.
    """

    _name = "aftersales.request.talk"
    _description = "Request Conversation"
    _inherit = "aftersales.contact.mask.mixin"

    _MASKED_FIELDS = frozenset({"phone", "email_from", "email_cc"})
    _MASKED_BY = "commercial_partner_id"

    def _subscribe_contacts(self):
        """Let who reports a request follow it, so that answers reach them."""
        contacts = {
            request: request.partner_id for request in self if request.partner_id.active}
        # Whoever enters a request lets its contact know of the answers.
        followers_sudo = self.env["mail.followers"].sudo()
        known = {
            (follower.res_id, follower.partner_id) for follower in followers_sudo.search([
                ("res_model", "=", self._name), ("res_id", "in", self.ids),
            ])
        }
        _all, internal, external = self.env["mail.message.subtype"].default_subtypes(self._name)
        followers_sudo.create([{
            "res_model": self._name, "res_id": request.id, "partner_id": partner.id,
            "subtype_ids": [Command.set((external if partner.partner_share
                                         else internal + external).ids)],
        } for request, partner in contacts.items() if (request.id, partner) not in known])

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        for request in self:
            if request._is_public(message) and not (message.message_id or "").startswith(
                MESSENGER_MESSAGE
            ):
                # What messengers are told is written down by whoever writes to the customer.
                self.env["aftersales.messenger.update"].sudo()._note(request.sudo(), message)
            if request._is_human_answer(message):
                # A portal user's env or a technician's: the reaction is the same for all.
                request.sudo()._on_human_answer()
            elif request._is_from_customer(message):
                request.sudo()._on_customer_message()
        return result

    # -------------------------------------------------------------------------
    # Who speaks
    # -------------------------------------------------------------------------

    def _is_public(self, message):
        """Whether a message is one that customers get, and no machine wrote."""
        return (
            message.message_type in ("comment", "email")
            and message.subtype_id == self.env.ref("mail.mt_comment", raise_if_not_found=False)
            and not message.is_internal
            and not self.env.context.get("aftersales_auto_reply")
        )

    def _is_human_answer(self, message):
        """Whether somebody of ours has written to the customer."""
        self.ensure_one()
        author_sudo = message.author_id.sudo()
        robot = self.env.ref("base.partner_root", raise_if_not_found=False)
        return (
            self._is_public(message)
            and bool(author_sudo) and author_sudo != robot
            and not author_sudo.partner_share
            and not self._is_customer(author_sudo)
            and (bool(message.sudo().outgoing_email_to) or any(
                self._is_customer(partner) for partner in (
                    message.sudo().partner_ids | self.sudo().message_partner_ids)))
        )

    def _is_from_customer(self, message):
        """Whether the customer has written."""
        self.ensure_one()
        if not self._is_public(message):
            return False
        if message.author_id:
            return self._is_customer(message.author_id.sudo())
        if (message.message_id or "").startswith(MESSENGER_MESSAGE):
            return True
        told = email_normalize(message.email_from)
        return bool(told) and told == email_normalize(self.sudo().email_from)

    def _is_customer(self, partner):
        """Whether a partner speaks for the customer; an unknown customer is anybody outside."""
        customer = self.sudo().commercial_partner_id
        if not customer:
            return partner.partner_share
        return partner.commercial_partner_id == customer

    # -------------------------------------------------------------------------
    # What it means
    # -------------------------------------------------------------------------

    def _on_human_answer(self):
        """The first answer is the response, each later one is news."""
        self.ensure_one()
        if self.customer_wrote_on:
            self.customer_wrote_on = False
        if not self.is_open:
            return
        is_first = not self.responded_on
        if self.state == "new":
            self._with_clocks_later()._transition_to("acknowledged")
        self._log("responded" if is_first else "updated")

    def _on_customer_message(self):
        """It is our turn again: what waited for the customer goes on."""
        self.ensure_one()
        if not self.customer_wrote_on:
            self.customer_wrote_on = fields.Datetime.now()
        if self.state == "waiting" and self.waiting_reason == "customer":
            self._transition_to("in_progress")
        if not self.is_open:
            # It may be thanks, or the trouble is back: only a person can tell.
            self._remind_owner(self.env._(
                "The customer wrote after it was resolved: answer, or reopen it"))

    # -------------------------------------------------------------------------
    # Confidential customers
    # -------------------------------------------------------------------------

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Name who gets the answer, without the addresses that the user may not see."""
        suggested = super()._message_get_suggested_recipients_batch(*args, **kwargs)
        for request in self._filter_masked():
            suggested[request.id] = [
                {**recipient, "email": MASK, "create_values": {}}
                for recipient in suggested.get(request.id, ()) if recipient.get("partner_id")
            ]
        return suggested
