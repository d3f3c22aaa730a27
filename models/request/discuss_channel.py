"""Request side of chats: `/request` turns a conversation into a service request."""

from markupsafe import Markup

from odoo import models
from odoo.tools import html2plaintext

from .aftersales_request_intake import MAX_SUBJECT_LENGTH

COMMAND = "/request"
MAX_CHAT_MESSAGES = 200


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def execute_command_request(self, body="", **kwargs):
        """Open a request with what was said in the chat, for the customer who takes part."""
        self.ensure_one()
        subject = " ".join(html2plaintext(body).strip().removeprefix(COMMAND).split())
        if not subject:
            answer = self.env._(
                "Write what it is about: %(command)s The pump does not start", command=COMMAND)
        elif not self.env["aftersales.request"].has_access("create"):
            answer = self.env._(
                "Service requests are opened by agents. Ask one of them to join the chat.")
        else:
            request = self.env["aftersales.request"].create(
                self._prepare_aftersales_request_vals(subject))
            answer = self.env._("Request opened: %(link)s", link=request._get_html_link())
        self.env.user._bus_send_transient_message(self, answer)

    def _prepare_aftersales_request_vals(self, subject):
        customer = self._get_aftersales_customer()
        return {
            "subject": subject[:MAX_SUBJECT_LENGTH],
            "channel": "chat",
            "kind": "consult",
            "partner_id": customer.id,
            "user_id": self.env.uid,
            "description": self._get_aftersales_conversation(),
        }

    def _get_aftersales_customer(self):
        """Return the customer in the chat; nobody when a visitor is not logged in."""
        # Who takes part is told by the chat itself, which the operator reads.
        members = self.sudo().channel_member_ids.partner_id
        guests = members.filtered(lambda partner: partner.partner_share and not partner.is_public)
        return guests[:1] if len(guests.commercial_partner_id) == 1 else guests.browse()

    def _get_aftersales_conversation(self):
        """Return what was said so far, one line per message, with who said it."""
        messages = self.message_ids.filtered(
            lambda message: message.message_type in ("comment", "email"))[:MAX_CHAT_MESSAGES]
        lines = [
            Markup("<strong>%s:</strong> %s") % (
                # The names of those who take part are seen in the chat.
                message.sudo().author_id.name or message.sudo().author_guest_id.name or "",
                Markup("<br/>").join(html2plaintext(message.body).splitlines()),
            )
            for message in messages.sorted("id")
        ]
        return Markup("<p>%s</p>") % Markup("<br/>").join(lines) if lines else False
