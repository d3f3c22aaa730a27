"""`/request` in a chat."""

from unittest.mock import patch

from odoo.fields import Command

from odoo.addons.mail.models.discuss.bus_listener_mixin import BusListenerMixin

from .request_common import RequestCommon


class TestRequestChat(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.portal_user.partner_id
        cls.chat = cls.env["discuss.channel"].create({
            "name": "Nora", "channel_type": "group",
            "channel_member_ids": [
                Command.create({"partner_id": partner.id})
                for partner in (cls.nora, cls.agent.partner_id, cls.technician.partner_id)
            ],
        })
        for partner, text in ((cls.nora, "<p>It stands <b>still</b>.</p>"),
                              (cls.agent.partner_id, "<p>Since when?</p>")):
            cls.chat.message_post(
                body=text, body_is_html=True, author_id=partner.id, message_type="comment",
                subtype_xmlid="mail.mt_comment")

    def _say(self, text, user):
        """Say something to the chat; return what the operator alone reads."""
        answers = []
        with patch.object(
            BusListenerMixin, "_bus_send_transient_message",
            lambda user, channel, content: answers.append(content),
        ):
            self.chat.with_user(user).execute_command_request(body=text)
        self.assertEqual(len(answers), 1)
        return answers[0]

    def _get_requests(self):
        return self.env["aftersales.request"].search([("channel", "=", "chat")])

    def test_the_conversation_becomes_a_request_of_the_customer(self):
        answer = self._say("/request The  pump stands still", self.agent)

        request = self._get_requests()
        self.assertEqual(
            (request.subject, request.partner_id, request.user_id, request.kind),
            ("The pump stands still", self.nora, self.agent, "consult"))
        self.assertEqual(
            request.description,
            "<p><strong>Nora Northside:</strong> It stands *still*.<br>"
            "<strong>Ada Agent:</strong> Since when?</p>")
        self.assertIn(request.name, answer)

    def test_without_words_it_says_how(self):
        self.assertIn("/request The pump does not start", self._say("/request  ", self.agent))
        self.assertFalse(self._get_requests())

    def test_who_may_open_no_request_is_told_so(self):
        self.assertIn("Ask one of them", self._say("/request The pump", self.technician))
        self.assertFalse(self._get_requests())

    def test_of_two_customers_none_is_guessed(self):
        self.chat.channel_member_ids = [
            Command.create({"partner_id": self.other_portal_user.partner_id.id})]

        self._say("/request The pump", self.agent)

        self.assertFalse(self._get_requests().partner_id)
