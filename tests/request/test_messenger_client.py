"""The example client in docs/, against the real endpoint."""

import importlib.util
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from odoo.tests import HttpCase
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from .request_common import RequestCommon

PATH = Path(__file__).resolve().parents[2] / "docs/messenger_client.py"


def load_client():
    spec = importlib.util.spec_from_file_location("messenger_client", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestMessengerClient(RequestCommon, HttpCase):

    def setUp(self):
        super().setUp()
        self.client = load_client()
        connection = self.env["aftersales.messenger"].create({"name": "WeChat"})
        self.messenger = self.client.Messenger(
            self.base_url(), connection.action_new_key()["context"]["default_key"],
            send=self._send, wait=self._note_wait)
        self.failures, self.waits = 0, []

    def _send(self, request, timeout):
        """Send as the client does, within the test's transaction; fail as often as told."""
        if self.failures:
            self.failures -= 1
            raise URLError("no network")
        request.add_header(
            "Cookie", f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}")
        self.env.flush_all()
        return urlopen(request, timeout=timeout)

    def _note_wait(self, seconds):
        self.waits.append(seconds)

    def test_open_add_and_query(self):
        with self.allow_requests(all_requests=True):
            opened = self.messenger.open(
                "m 1?", "nora88", "The pump stands still.", files=[PATH], nickname="Nora")
            self.messenger.add("m 1?", "m-2", "nora88", "Now it smokes.")
            answer = self.messenger.query("m 1?")
            told = self.messenger.updates(0)

        request = self.env["aftersales.request"].search([("name", "=", opened["number"])])
        self.assertEqual(request.external_reference, "m 1?")
        self.assertEqual(
            [message["text"] for message in answer["messages"]],
            ["The pump stands still.", "Now it smokes."])
        self.assertEqual(request.message_ids.attachment_ids.name, "messenger_client.py")
        self.assertEqual(told, {"cursor": 0, "more": False, "updates": []})

    def test_a_call_without_answer_is_made_again(self):
        self.failures = 2
        with self.allow_requests(all_requests=True):
            opened = self.messenger.open("m-1", "nora88", "The pump stands still.")

        self.assertTrue(opened["created"])
        self.assertEqual(self.waits, [2, 4])

    def test_a_refusal_says_why_and_is_not_repeated(self):
        with self.allow_requests(all_requests=True), \
                self.assertRaisesRegex(self.client.Refused, "^400 bad_field: user: required.$"):
            self.messenger.open("m-1", "", "The pump stands still.")

        self.assertEqual(self.waits, [])

    def test_how_it_is_called_is_told(self):
        self.assertIn("messenger_client.py open", self.client.main([]))
        self.assertIn("messenger_client.py open", self.client.main(["open", "m-1"]))
