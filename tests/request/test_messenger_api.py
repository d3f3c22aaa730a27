"""Messengers and other systems open requests, add to them and ask how they stand."""

import base64
import json
from datetime import timedelta
from unittest.mock import patch

from markupsafe import Markup

from odoo import fields
from odoo.tests import HttpCase, users
from odoo.tools import SQL, mute_logger

from ...controllers import messenger as controller
from ...models.request import aftersales_messenger as messenger
from .request_common import RequestCommon

URL = "/aftersales/messenger/v1/requests"


class TestMessengerApi(RequestCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["maintenance.team"].create({
            "name": "Hotline", "company_id": cls.company.id, "is_aftersales": True,
        })
        cls.messenger, cls.other = cls.env["aftersales.messenger"].create([
            {"name": "WeChat", "team_id": cls.team.id}, {"name": "QQ", "channel": "qq"},
        ])
        cls.key = cls.messenger.action_new_key()["context"]["default_key"]
        cls.other_key = cls.other.action_new_key()["context"]["default_key"]
        cls.nora = cls.portal_user.partner_id
        cls.account = cls.env["aftersales.messenger.account"].create({
            "messenger_id": cls.messenger.id, "external_user": "nora88",
            "partner_id": cls.nora.id,
        })

    def _call(self, path="", data=None, key=None, headers=None, raw=None, method=None):
        """Call the endpoint; return the HTTP code and what it answers."""
        body = raw if raw is not None else None if data is None else json.dumps(data).encode()
        response = self.url_open(
            f"{URL}{path}".replace("requests/../", ""), data=body,
            method=method or ("GET" if body is None else "POST"),
            headers={
                "Authorization": f"Bearer {self.key if key is None else key}",
                **({"Content-Type": "application/json"} if body is not None else {}),
                **(headers or {}),
            },
        )
        self.assertEqual(response.headers["Content-Type"], "application/json; charset=utf-8")
        return response.status_code, response.json()

    def _open(self, **vals):
        return self._call(data={
            "reference": "m-1", "user": "nora88",
            "text": "The pump stands still.\nIt hums.", **vals,
        })

    def _get_requests(self):
        return self.env["aftersales.request"].search([("messenger_id", "!=", False)])

    # -------------------------------------------------------------------------
    # Open
    # -------------------------------------------------------------------------

    def test_a_message_opens_a_request_and_hears_what_is_promised(self):
        code, answer = self._open()

        request = self._get_requests()
        self.assertEqual(code, 201)
        self.assertEqual(answer, {
            "created": True, "reference": "m-1", "user": "nora88", "number": request.name,
            "url": request.get_base_url() + request.get_portal_url(),
            "subject": "The pump stands still.", "state": "new", "waiting_for": None,
            "received_on": "2026-01-15T09:00:00Z", "answered_on": None, "resolved_on": None,
            "resolution": None,
            "promised": {
                "response": "2026-01-15T13:00:00Z", "on_site": "2026-01-16T09:00:00Z",
                "resolution": "2026-01-20T09:00:00Z",
            },
            "messages": answer["messages"],
        })
        self.assertEqual(
            [(message["from"], message["text"]) for message in answer["messages"]],
            [("customer", "The pump stands still.\nIt hums.")])
        self.assertEqual(
            (request.channel, request.partner_id, request.team_id, request.company_id),
            ("wechat", self.nora, self.team, self.company))
        self.assertEqual(request.event_ids.mapped("kind"), ["received", "acknowledged"])
        self.assertFalse(request.responded_on)
        message = request.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertEqual(message.author_id, self.nora)
        self.assertTrue(self.messenger.last_used_on)

    def test_the_same_reference_opens_one_request(self):
        self._open()
        request = self._get_requests()
        messages = request.message_ids

        code, answer = self._open(text="Once more")

        self.assertEqual((code, answer["created"], answer["number"]), (200, False, request.name))
        self.assertEqual(self._get_requests(), request)
        self.assertEqual(request.message_ids, messages)

    def test_a_reference_of_another_user_is_taken(self):
        self._open()

        code, answer = self._open(user="eve", text="What did Nora write?")

        self.assertEqual((code, answer["error"]), (409, "reference_taken"))
        self.assertNotIn("number", answer)
        self.assertFalse(self.messenger.account_ids - self.account)

    def test_a_call_that_loses_the_race_starts_anew(self):
        """Another call has written the same reference since this one looked."""
        self._open()
        request = self._get_requests()
        found = type(self.messenger)._find_request
        looks = []

        def look_too_early(messenger, reference):
            looks.append(reference)
            return found(messenger, reference) if len(looks) > 1 else request.browse()

        with patch.object(type(self.messenger), "_find_request", look_too_early), \
                mute_logger("odoo.sql_db"), patch("odoo.service.model.time.sleep"):
            code, answer = self._open()

        self.assertEqual((code, answer["number"], len(looks)), (200, request.name, 2))
        self.assertEqual(self._get_requests(), request)

    def test_an_unknown_account_waits_for_triage_and_is_told_apart(self):
        self._open(user="new-one", nickname="Nick", phone="+86 138 0000 0000",
                   email="nick@clinic.example", serial="P-77")
        request = self._get_requests()

        self.assertFalse(request.partner_id)
        self.assertEqual(
            (request.phone, request.email_from, request.serial_told),
            ("+86 138 0000 0000", "nick@clinic.example", "P-77"))
        message = request.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertEqual((message.author_id.id, message.email_from), (False, "Nick (WeChat)"))

        request.messenger_account_id.with_user(self.agent).partner_id = self.nora

        self.assertEqual(request.commercial_partner_id, self.customer)

    def test_a_serial_finds_the_unit_of_the_customer_only(self):
        pump = self.env["product.product"].create({
            "name": "Pump", "is_storable": True, "tracking": "serial",
        })
        lots = self.env["stock.lot"].create([
            {"name": "P-1", "product_id": pump.id}, {"name": "P-2", "product_id": pump.id},
        ])
        own, _foreign = self.env["maintenance.equipment"].create([
            {"name": "Pump 1", "customer_id": self.customer.id, "product_id": pump.id,
             "lot_id": lots[0].id},
            {"name": "Pump 2", "customer_id": self.other_customer.id, "product_id": pump.id,
             "lot_id": lots[1].id},
        ])

        self._open(reference="a", serial="P-1")
        self._open(reference="b", serial="P-2")

        by_reference = {
            request.external_reference: request for request in self._get_requests()}
        self.assertEqual(by_reference["a"].equipment_id, own)
        self.assertFalse(by_reference["a"].serial_told)
        self.assertFalse(by_reference["b"].equipment_id)
        self.assertEqual(by_reference["b"].serial_told, "P-2")

    def test_files_come_along(self):
        self._open(files=[{"name": "photo.txt", "data": base64.b64encode(b"smoke").decode()}])

        attachment = self._get_requests().message_ids.attachment_ids
        self.assertEqual((attachment.name, attachment.raw), ("photo.txt", b"smoke"))

    # -------------------------------------------------------------------------
    # Add and query
    # -------------------------------------------------------------------------

    def test_a_message_is_added_once(self):
        self._open()
        data = {"reference": "m-2", "user": "nora88", "text": "Now it smokes."}

        first = self._call("/m-1/messages", data)
        again = self._call("/m-1/messages", data)

        self.assertEqual([(code, answer["created"]) for code, answer in (first, again)],
                         [(201, True), (200, False)])
        self.assertEqual(
            [message["text"] for message in again[1]["messages"]],
            ["The pump stands still.\nIt hums.", "Now it smokes."])

    def test_a_stranger_adds_nothing(self):
        self._open()

        code, answer = self._call(
            "/m-1/messages", {"reference": "m-2", "user": "eve", "text": "Send it to me."})

        self.assertEqual((code, answer["error"]), (403, "not_theirs"))
        self.assertNotIn("Send it", "".join(self._get_requests().message_ids.mapped("body")))

    def test_a_query_tells_the_state_and_what_we_wrote_but_no_notes(self):
        self._open()
        request = self._get_requests()
        for text, subtype in (("Secret", "mail.mt_note"), ("We are coming.", "mail.mt_comment")):
            request.with_user(self.agent).message_post(
                body=text, message_type="comment", subtype_xmlid=subtype)

        code, answer = self._call("/m-1")

        self.assertEqual((code, answer["number"]), (200, request.name))
        self.assertEqual(
            [(message["from"], message["text"]) for message in answer["messages"]],
            [("customer", "The pump stands still.\nIt hums."), ("us", "We are coming.")])
        last = answer["messages"][0]["id"]
        self.assertEqual(
            [message["text"] for message in self._call(f"/m-1?after={last}")[1]["messages"]],
            ["We are coming."])
        self.assertEqual(self._call("/m-1?after=1;2")[0], 400)

    def test_answers_by_mail_are_told_without_what_they_quote(self):
        self._open()
        request = self._get_requests()
        for body in (
            "<p>The red one.</p><blockquote>Which light blinks?</blockquote>",
            "<blockquote>Which light blinks?</blockquote>",
        ):
            request.message_post(
                body=Markup(body), author_id=self.nora.id, message_type="email",  # noqa: S704
                subtype_xmlid="mail.mt_comment")
        self._say(request, Markup("<p>You wrote:</p><blockquote>The red one.</blockquote>"))

        self.assertEqual(
            [message["text"] for message in self._call("/m-1")[1]["messages"][1:]],
            ["The red one.", "Which light blinks?", "You wrote:\nThe red one."])

    def test_a_request_of_another_connection_is_not_found(self):
        self._open()
        unknown = self._call("/no-such")

        self.assertEqual(unknown[0], 404)
        self.assertEqual(self._call("/m-1", key=self.other_key), unknown)
        self.assertEqual(self._call("/m-1/messages", {
            "reference": "m-2", "user": "nora88", "text": "Hello",
        }, key=self.other_key), unknown)

    def test_the_same_reference_of_another_connection_is_another_request(self):
        self._open()

        code, _answer = self._call(
            data={"reference": "m-1", "user": "nora88", "text": "Hello"}, key=self.other_key)

        self.assertEqual(code, 201)
        self.assertEqual(len(self._get_requests()), 2)
        self.assertFalse(self._get_requests().filtered(
            lambda request: request.messenger_id == self.other).partner_id)

    # -------------------------------------------------------------------------
    # Doors
    # -------------------------------------------------------------------------

    def test_a_wrong_key_opens_nothing(self):
        number, secret = self.key.split(".")
        for key in ("", "nonsense", f"{number}.", f"{number}.x{secret[1:]}", f"999999.{secret}",
                    f"{self.other.id}.{secret}", f"{'9' * 40}.{secret}", f"².{secret}", "é.ü"):
            with self.subTest(key=key):
                code, answer = self._call(
                    data={"reference": "m", "user": "u", "text": "t"},
                    key=key.encode().decode("latin-1"))
                self.assertEqual((code, answer["error"]), (401, "unauthorized"))
        self.assertFalse(self._get_requests())

    def test_a_connection_without_key_or_archived_opens_nothing(self):
        self.other.sudo().key_hash = False
        self.assertEqual(self._call("/m-1", key=f"{self.other.id}.")[0], 401)
        self.messenger.active = False
        self.assertEqual(self._open()[0], 401)

    def test_a_new_key_ends_the_old_one(self):
        old, self.key = self.key, self.messenger.action_new_key()["context"]["default_key"]

        self.assertEqual(self._call("/m-1", key=old)[0], 401)
        self.assertEqual(self._open()[0], 201)
        self.assertNotIn(self.key.split(".")[1], self.messenger.sudo().key_hash)

    @users("test_agent")
    def test_an_agent_makes_no_key(self):
        before = self.messenger.sudo().key_hash

        with self.assertRefused("Messenger Connection", error=Exception):
            self.messenger.with_env(self.env).action_new_key()

        self.assertEqual(self.messenger.sudo().key_hash, before)

    def test_the_request_belongs_to_the_company_of_the_key(self):
        company = self._create_company_with_books("Second company")
        self.messenger.sudo().write({"company_id": company.id, "team_id": False})

        self._open(user="somebody")

        self.assertEqual(self._get_requests().sudo().company_id, company)

    # -------------------------------------------------------------------------
    # Bad input
    # -------------------------------------------------------------------------

    def test_what_is_wrong_is_said_all_at_once(self):
        code, answer = self._open(
            user=88, text=["a"], subject="s" * 201, kind="party", email="nobody", secret="x",
            reference="a/b")

        self.assertEqual((code, answer["error"]), (400, "bad_field"))
        self.assertEqual(sorted(answer["details"]), [
            "email: an e-mail address is expected.",
            "kind: one of fault, consult, complaint, maintenance, invoice, other.",
            "reference: must not hold a slash.",
            "secret: unknown field.",
            "subject: at most 200 characters.",
            "text: a text is expected.",
            "user: a text is expected.",
        ])
        self.assertFalse(self._get_requests())

    def test_required_fields(self):
        self.assertEqual(self._call(data={"text": "  "})[1]["details"], [
            "reference: required.", "user: required.", "text: required.",
        ])

    def test_bodies_that_are_no_object(self):
        for raw in (b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000):
            with self.subTest(raw=raw[:5]):
                code, answer = self._call(raw=raw, method="POST")
                self.assertEqual((code, answer["error"]), (400, "bad_json"))
        code, answer = self._call(raw=b"a=1", headers={"Content-Type": "text/plain"})
        self.assertEqual((code, answer["error"]), (415, "not_json"))

    def test_texts_the_database_cannot_hold(self):
        code, answer = self._open(text="a\x00b", nickname="\ud800")

        self.assertEqual(code, 400)
        self.assertEqual(answer["details"], [
            "nickname: holds characters that are no text.",
            "text: holds characters that are no text.",
        ])

    def test_a_giant_payload_is_not_even_read(self):
        with patch.object(controller, "MAX_PAYLOAD_SIZE", 1000):
            code, answer = self._open(text="a" * 2000)

        self.assertEqual((code, answer["error"]), (413, "too_large"))
        self.assertFalse(self._get_requests())

    def test_files_of_the_wrong_kind(self):
        data = base64.b64encode(b"x" * 100).decode()
        for files, problem in (
            ("photo", "files: a list is expected."),
            ([{"name": "a", "data": data}] * 6, "files: at most 5."),
            ([{"name": "a"}], "files: number 1 needs name and data (base64), no more."),
            ([{"name": "a", "data": "§"}], "files: the data of number 1 is no base64."),
            ([{"name": 1, "data": data}], "files: number 1 needs name and data (base64), no more."),
        ):
            with self.subTest(problem=problem):
                code, answer = self._open(files=files)
                self.assertEqual((code, answer["details"]), (400, [problem]))
        with patch.object(controller, "MAX_FILE_SIZE", 99):
            self.assertEqual(
                self._open(files=[{"name": "a", "data": data}])[1]["details"],
                ["files: number 1 is larger than 5 MB."])
        self.assertFalse(self._get_requests())

    def test_more_calls_than_allowed_wait(self):
        self.messenger.hourly_limit = 2
        self._open(reference="a")
        self._open(reference="b")

        code, answer = self._open(reference="c")

        self.assertEqual((code, answer["error"]), (429, "too_many"))
        self.assertEqual(len(self._get_requests()), 2)
        self.assertEqual(self._call("/a")[0], 200)

    def test_markup_stays_text(self):
        self._open(text="<script>alert(1)</script>")

        self.assertIn("&lt;script&gt;", self._get_requests().description)

    # -------------------------------------------------------------------------
    # What is new
    # -------------------------------------------------------------------------

    def _ask(self, after=0, **vals):
        """Return how far it was told, of which requests, and with which new messages."""
        code, answer = self._call(path=f"/../updates?after={after}", **vals)
        self.assertEqual(code, 200)
        return answer["cursor"], [
            (update["reference"], update["state"],
             [message["text"] for message in update["messages"]])
            for update in answer["updates"]
        ]

    def _say(self, request, text, subtype="mail.mt_comment", **vals):
        return request.with_user(self.agent).message_post(
            body=text, message_type="comment", subtype_xmlid=subtype, **vals)

    def test_what_is_new_is_told_once_per_cursor(self):
        self._open()
        request = self._get_requests()
        self.assertEqual(self._ask(), (0, []))

        self._say(request, "Which light blinks?")
        self._say(request, "A note", subtype="mail.mt_note")
        request.with_user(self.agent).action_wait_customer()

        cursor, told = self._ask()
        self.assertEqual(told, [("m-1", "waiting", ["Which light blinks?"])])
        self.assertEqual(self._ask(), (cursor, told))
        self.assertEqual(self._ask(cursor), (cursor, []))
        self._call("/m-1/messages", {"reference": "m-2", "user": "nora88", "text": "The red one"})
        cursor, told = self._ask(cursor)
        self.assertEqual(told, [("m-1", "in_progress", [])])
        request.with_user(self.agent)._wait("parts")
        request.with_user(self.agent)._wait("access")
        cursor, told = self._ask(cursor)
        self.assertEqual(told, [("m-1", "waiting", [])])
        request.with_user(self.agent)._wait("third_party")
        cursor, told = self._ask(cursor)
        self.assertEqual(told, [("m-1", "waiting", [])])
        request.with_user(self.agent).action_resume()
        cursor, _told = self._ask(cursor)
        self._say(request, "By mail", author_id=self.nora.id)
        self.assertEqual(self._ask(cursor)[1], [("m-1", "in_progress", ["By mail"])])

    def test_what_ends_later_than_it_began_is_not_skipped(self):
        self._open()
        request = self._get_requests()
        updates = self.env["aftersales.messenger.update"]
        early = updates.create({"messenger_id": self.other.id, "request_id": request.id})
        updates.create({"messenger_id": self.messenger.id, "request_id": request.id})
        cursor, told = self._ask()
        self.assertEqual(len(told), 1)

        early.messenger_id = self.messenger  # it is seen only now

        self.assertEqual(len(self._ask(cursor)[1]), 1)

    def test_many_updates_come_in_portions(self):
        self._open()
        request = self._get_requests()
        with patch.object(messenger, "MAX_TOLD_UPDATES", 2):
            for text in ("One", "Two", "Three"):
                self._say(request, text)
            _code, first = self._call(path="/../updates?after=0")
            _code, rest = self._call(path=f"/../updates?after={first['cursor']}")

        self.assertTrue(first["more"])
        self.assertFalse(rest["more"])
        texts = [message["text"] for answer in (first, rest) for update in answer["updates"]
                 for message in update["messages"]]
        self.assertEqual(texts, ["One", "Two", "Three"])

    def test_another_connection_hears_nothing(self):
        self._open()
        self._say(self._get_requests(), "Which light blinks?")

        self.assertEqual(self._ask(key=self.other_key), (0, []))

    def test_a_cursor_we_have_not_told_is_refused(self):
        for after, status, error in (
            ("7", 409, "cursor_unknown"), ("x", 400, "bad_field"), ("-1", 400, "bad_field"),
            ("9" * 30, 400, "bad_field"),
        ):
            with self.subTest(after=after):
                code, answer = self._call(path=f"/../updates?after={after}")
                self.assertEqual((code, answer["error"]), (status, error))

    def test_who_goes_on_in_another_request_hears_of_that_one(self):
        self._open()
        request = self._get_requests()
        original, strangers = self._create_request(), self._create_request(
            partner_id=self.other_portal_user.partner_id.id)
        cursor = self._ask()[0]
        request._merge_into(original)
        cursor, told = self._ask(cursor)
        self.assertEqual([state for _reference, state, _texts in told], ["duplicate"])

        self._say(original, "We come at ten.")
        self._say(strangers, "Not for Nora.")

        self.assertEqual(self._ask(cursor)[1], [("m-1", "duplicate", ["We come at ten."])])

    def test_what_was_done_and_files_are_told(self):
        self._open()
        request = self._get_requests()
        self._say(request, "See the plan", attachments=[("plan.txt", b"plan")])
        request.resolution = "<p>New seal</p>"
        request._transition_to("resolved")

        _code, answer = self._call("/m-1")

        self.assertEqual((answer["state"], answer["resolution"]), ("resolved", "New seal"))
        [file] = answer["messages"][-1]["files"]
        self.assertEqual((file["name"], file["size"]), ("plan.txt", 4))
        self.assertEqual(self.url_open(file["url"]).content, b"plan")
        page = self.url_open(answer["url"])
        self.assertEqual(page.status_code, 200)
        self.assertIn("Is it solved?", page.text)

    def test_calls_that_do_not_exist_are_refused_in_json(self):
        for method, path in (("GET", "/../nonsense"), ("DELETE", "/m-1"), ("GET", "/SR/2026/1"),
                             ("POST", "/../updates")):
            with self.subTest(method=method, path=path):
                code, answer = self._call(path, method=method)
                self.assertEqual((code, answer["error"]), (404, "no_such_call"))

    def test_old_updates_are_forgotten(self):
        self._open()
        self._say(self._get_requests(), "Hello")
        self._say(self._get_requests(), "Hello again")
        old, kept = self.env["aftersales.messenger.update"].search([], order="id")[-2:]
        for update, days in ((old, 91), (kept, 89)):
            update.flush_recordset()
            self.env.cr.execute(SQL(
                "UPDATE aftersales_messenger_update SET create_date = %s WHERE id = %s",
                fields.Datetime.now() - timedelta(days=days), update.id))
        self.env.invalidate_all()

        kept._gc_updates()

        self.assertFalse(old.exists())
        self.assertTrue(kept.exists())
