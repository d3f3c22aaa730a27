"""Requests that come in by mail, and what customers hear at once."""

from email.message import EmailMessage
from unittest.mock import patch

from odoo.tools import html2plaintext

from ...models.request import aftersales_request_intake as intake
from .portal_request_common import PNG
from .request_common import RequestCommon


class TestRequestMail(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "service.example"})
        cls.company.alias_domain_id = cls.domain
        cls.team = cls.env["maintenance.team"].create({
            "name": "Hotline", "company_id": cls.company.id, "alias_name": "help",
        })
        cls.team.is_aftersales = True
        cls.nora = cls.portal_user.partner_id
        cls.count = 0

    def _receive(self, sender="Nora <portal@aftersales.example>",
                 subject="The pump stands still", body="It hums, but does not turn.", files=(),
                 to="help@service.example", **headers):
        """Let a raw mail through the gateway; return the request it went to."""
        type(self).count += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-Id"] = f"<{self.count}@customer.example>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(body)
        for name, content in files:
            mail.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name)
        request_id = self.env["mail.thread"].message_process(None, mail.as_bytes())
        return self.env["aftersales.request"].browse(request_id or [])

    def _get_acknowledgements(self, request):
        return request.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
            and message.author_id == self.env.ref("base.partner_root"))

    def _get_mails(self, request):
        return self.env["mail.mail"].search([
            ("model", "=", "aftersales.request"), ("res_id", "in", request.ids),
        ])

    # -------------------------------------------------------------------------
    # New requests
    # -------------------------------------------------------------------------

    def test_a_mail_of_a_known_contact_opens_a_request(self):
        request = self._receive()

        self.assertEqual(
            (request.subject, request.channel, request.team_id, request.company_id),
            ("The pump stands still", "email", self.team, self.company))
        self.assertEqual(request.partner_id, self.nora)
        self.assertEqual(request.commercial_partner_id, self.customer)
        self.assertIn("It hums", request.description)
        self.assertRegex(request.name, r"^SR/2026/\d{4}$")
        self.assertIn(self.nora, request.message_partner_ids)
        mail = request.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertEqual(mail.author_id, self.nora)

    def test_it_is_acknowledged_at_once_but_not_answered(self):
        self.company.aftersales_hotline_hours = "Monday to Friday, 8 to 16"

        request = self._receive()

        acknowledgement = self._get_acknowledgements(request)
        self.assertEqual(len(acknowledgement), 1)
        self.assertEqual(acknowledgement.partner_ids, self.nora)
        self.assertEqual(
            acknowledgement.subject,
            f"[{request.name}] We have your request: The pump stands still")
        for text in (request.name, "January 15, 2026, 1:00", "January 16, 2026, 9:00",
                     "January 20, 2026, 9:00", "Monday to Friday, 8 to 16"):
            self.assertIn(text, acknowledgement.body.replace("\u202f", " "))
        self.assertEqual(request.event_ids.mapped("kind"), ["received", "acknowledged"])
        self.assertEqual(str(request.acknowledged_on), "2026-01-15 09:00:00")
        self.assertFalse(request.responded_on)
        self.assertEqual(self._get_target(request, "acknowledge").status, "met")
        self.assertEqual(self._get_target(request, "response").status, "running")

    def test_the_acknowledgement_asks_robots_to_be_quiet(self):
        request = self._receive()

        mails = self._get_mails(request)
        self.assertEqual(len(mails), 1)
        self.assertIn("'Auto-Submitted': 'auto-replied'", mails.headers)
        self.assertEqual(mails.reply_to, f'"{self.company.name}" <help@service.example>')

    def test_it_speaks_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.nora.lang = "zh_CN"
        self.nora.tz = "Asia/Shanghai"

        request = self._receive()

        self.assertIn("2026年1月15日, 21:00", self._get_acknowledgements(request).body)

    def test_an_unknown_sender_opens_a_request_without_customer(self):
        request = self._receive(sender="Uma Unknown <uma@elsewhere.example>", subject="")

        self.assertFalse(request.partner_id)
        self.assertEqual(request.email_from, '"Uma Unknown" <uma@elsewhere.example>')
        self.assertEqual(request.subject, "No subject")
        self.assertEqual(
            self._get_acknowledgements(request).outgoing_email_to,
            '"Uma Unknown" <uma@elsewhere.example>')
        self.assertEqual(len(self._get_mails(request)), 1)
        self.assertFalse(self.env["res.partner"].search([("email", "ilike", "uma@elsewhere")]))

    def test_a_colleague_who_passes_on_a_mail_is_not_the_customer(self):
        request = self._receive(sender="agent@aftersales.example")

        self.assertFalse(request.partner_id)

    def test_a_mail_passed_on_by_a_colleague_is_the_customers(self):
        forwards = {
            "en": "Please handle, he is angry.\n\n---------- Forwarded message ---------\n"
                  "From: *Nora* <portal@aftersales.example>\nDate: Thu\nSubject: Pump\n"
                  "To: <info@service.example>\n\nThe pump stands still.\nIt hums.",
            "zh": "请处理\n\n发件人：\"Nora\" <portal@aftersales.example>\n发送日期：2026-01-15\n"
                  "主题：水泵\n\nThe pump stands still.\nIt hums.",
        }
        for name, body in forwards.items():
            with self.subTest(name=name):
                request = self._receive(
                    sender="agent@aftersales.example", subject="Fwd: 转发：Pump", body=body)

                self.assertEqual(
                    (request.partner_id, request.subject), (self.nora, "Pump"))
                self.assertEqual(request.email_from, "portal@aftersales.example")
                self.assertEqual(
                    html2plaintext(request.description), "The pump stands still.\nIt hums.")
                note = request.message_ids.filtered(
                    lambda message: message.message_type == "email")
                self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
                self.assertFalse(request.responded_on)
                self.assertEqual(self._get_mails(request).recipient_ids, self.nora)

    def test_a_colleague_is_not_found_in_what_is_passed_on(self):
        request = self._receive(
            sender="agent@aftersales.example",
            body="From: Help <help@service.example>\n\nFrom: Uma <uma@elsewhere.example>\n\nHi")

        self.assertFalse(request.partner_id)
        self.assertEqual(request.email_from, "uma@elsewhere.example")

    def test_an_answer_reaches_a_sender_without_contact(self):
        request = self._receive(sender="uma@elsewhere.example").with_user(self.agent)

        text = "Who are you?"
        request.message_post(
            body=text, message_type="comment", subtype_xmlid="mail.mt_comment")

        self.assertEqual(
            self._get_mails(request).mapped("email_to"), ["uma@elsewhere.example"] * 2)
        self.assertEqual(str(request.responded_on), "2026-01-15 09:00:00")

    def test_texts_in_a_charset_that_is_not_said_are_read(self):
        head = b"From: wang@factory.example\r\nTo: help@service.example\r\nMessage-Id: <%d@x>\r\n"
        text = "机组报警代码E417".encode("gb18030")
        for number, (kind, content) in enumerate((
            (b"Content-Type: text/plain", text),
            (b"Content-Type: text/plain; charset=utf-8", text),
            (b"Content-Type: text/plain; charset=x-unknown-77", text),
        )):
            with self.subTest(kind=kind):
                raw = head % number + b"Subject: " + "冷水机组报警".encode("gb18030") + (
                    b"\r\nMIME-Version: 1.0\r\n" + kind + b"\r\n\r\n" + content)
                request = self.env["aftersales.request"].browse(
                    self.env["mail.thread"].message_process(None, raw))
                self.assertEqual(request.subject, "冷水机组报警")
                self.assertIn("机组报警代码E417", request.description)

    def test_a_picture_within_a_mail_is_seen_in_the_symptom(self):
        mail = EmailMessage()
        mail["From"], mail["To"] = "portal@aftersales.example", "help@service.example"
        mail["Subject"], mail["Message-Id"] = "Look", "<picture@customer.example>"
        mail.set_content("See")
        mail.add_alternative('<p>See <img src="cid:pic1"></p>', subtype="html")
        mail.get_payload()[1].add_related(PNG, "image", "png", cid="<pic1>", filename="p.png")

        request = self.env["aftersales.request"].browse(
            self.env["mail.thread"].message_process(None, mail.as_bytes()))

        picture = request.message_ids.attachment_ids
        self.assertEqual(picture.name, "p.png")
        self.assertIn(f"/web/image/{picture.id}?access_token=", request.description)

    def test_a_contact_of_another_company_is_not_taken(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.env["res.partner"].create({
            "name": "Olaf", "email": "olaf@elsewhere.example", "company_id": other.id,
        })

        self.assertFalse(self._receive(sender="olaf@elsewhere.example").partner_id)

    def test_a_serial_number_in_the_mail_finds_the_unit_of_the_customer_only(self):
        pump = self.env["product.product"].create({
            "name": "Pump", "is_storable": True, "tracking": "serial",
        })
        lots = self.env["stock.lot"].create([
            {"name": name, "product_id": pump.id} for name in ("P-1", "P-2", "P-3")])
        units = self.env["maintenance.equipment"].create([
            {"name": lot.name, "customer_id": owner.id, "product_id": pump.id, "lot_id": lot.id}
            for lot, owner in zip(
                lots, (self.customer, self.other_customer, self.customer), strict=True)
        ])

        self.assertEqual(self._receive(body="It is (P-1), not P-2.").equipment_id, units[0])
        self.assertFalse(self._receive(subject="P-2 hums").equipment_id)
        self.assertFalse(self._receive(body="P-1 and P-3 hum").equipment_id)
        self.assertFalse(
            self._receive(sender="uma@elsewhere.example", subject="P-1").equipment_id)

    def test_those_in_copy_hear_of_it_when_they_are_the_customers(self):
        colleague = self.env["res.partner"].create({
            "name": "Nick", "email": "nick@clinic.example", "parent_id": self.customer.id,
        })

        request = self._receive(Cc=(
            "nick@clinic.example, Office <office@hotel.example>, help@service.example"))

        self.assertEqual(request.message_partner_ids, self.nora | colleague)
        self.assertEqual(
            request.email_cc, 'nick@clinic.example, "Office" <office@hotel.example>')

    def test_a_mail_to_a_team_that_does_not_answer_customers_opens_none(self):
        self.team.is_aftersales = False

        model = self.team.alias_id.alias_model_id.model
        self.assertEqual(model, "maintenance.request")
        self.assertNotIn("'team_id'", self.team.alias_id.alias_defaults)

    # -------------------------------------------------------------------------
    # Answers
    # -------------------------------------------------------------------------

    def test_an_answer_goes_into_its_thread(self):
        request = self._receive()
        reference = self._get_acknowledgements(request).message_id

        again = self._receive(
            subject="Re: something else", body="Now it smokes.", In_Reply_To=reference)

        self.assertEqual(again, request)
        answer = request.message_ids.filtered(lambda message: "smokes" in message.body)
        self.assertEqual(answer.author_id, self.nora)
        self.assertEqual(answer.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertEqual(len(self._get_acknowledgements(request)), 1)

    def test_an_answer_without_references_is_found_by_its_number(self):
        request = self._receive()

        self.assertEqual(self._receive(subject=f"AW: [{request.name}] pump"), request)
        title = request.name.replace("/", "-")
        self.assertEqual(self._receive(subject=f"Fwd: {title} The pump"), request)
        stranger = self._receive(
            sender="eve@elsewhere.example", subject=f"[{request.name}] let me see")
        self.assertNotEqual(stranger, request)
        self.assertNotIn("eve@elsewhere", "".join(
            message.email_from or "" for message in request.message_ids))

    def test_the_same_mail_twice_opens_one_request(self):
        self._receive()
        type(self).count -= 1

        self.assertFalse(self._receive())

    # -------------------------------------------------------------------------
    # Robots
    # -------------------------------------------------------------------------

    def test_an_out_of_office_note_is_a_note(self):
        request = self._receive()
        request.sudo().message_subscribe(partner_ids=self.agent.partner_id.ids)
        mails = self._get_mails(request)
        reference = self._get_acknowledgements(request).message_id

        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"},
            {"X_Autoreply": "yes"},
            {"Precedence": "auto_reply"},
        ):
            with self.subTest(headers=headers):
                self.assertEqual(self._receive(
                    subject="Out of office", body="I am away.", In_Reply_To=reference, **headers,
                ), request)

        notes = request.message_ids.filtered(lambda message: "I am away" in message.body)
        self.assertEqual(len(notes), 4)
        self.assertEqual(notes.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(set(notes.mapped("message_type")), {"auto_comment"})
        self.assertEqual(request.event_ids.mapped("kind"), ["received", "acknowledged"])
        self.assertEqual(self._get_mails(request), mails)

    def test_an_out_of_office_note_opens_nothing(self):
        before = self.env["aftersales.request"].search_count([])

        self.assertFalse(self._receive(Auto_Submitted="auto-replied (vacation)"))
        self.assertFalse(self._receive(X_Autorespond="holiday"))

        self.assertEqual(self.env["aftersales.request"].search_count([]), before)

    def test_an_out_of_office_note_is_known_by_its_subject(self):
        request = self._receive()
        request._wait("customer")
        subjects = (
            f"Automatic reply: [{request.name}] We have your request",
            f"Abwesenheitsnotiz: [{request.name}]", f"自动回复：[{request.name}] 已收到",
        )

        for subject in subjects:
            with self.subTest(subject=subject):
                self.assertEqual(self._receive(subject=subject, body="I am away."), request)
        self.assertFalse(self._receive(subject="自动回复: 外出"))

        notes = request.message_ids.filtered(lambda message: "I am away" in message.body)
        self.assertEqual(len(notes), 3)
        self.assertEqual(notes.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(request.state, "waiting")

    def test_people_have_trouble_out_of_office_hours(self):
        request = self._receive(subject="Out of office hours the gate stays open")

        self.assertEqual(request.partner_id, self.nora)
        self.assertFalse(self._get_mails(request))

    def test_what_could_not_be_delivered_opens_nothing(self):
        before = self.env["aftersales.request"].search_count([])

        self.assertFalse(self._receive(sender="PostMaster@163.example", subject="系统退信"))

        self.assertEqual(self.env["aftersales.request"].search_count([]), before)

    def test_an_address_that_nobody_reads_gets_no_answer(self):
        request = self._receive(sender="Shop <no-reply@shop.example>")

        self.assertTrue(request)
        self.assertTrue(request.is_automatic)
        self.assertFalse(self._get_mails(request))

    def test_a_mail_of_ours_that_came_back_is_seen(self):
        request = self._receive()
        request.user_id = self.agent

        request._message_receive_bounce("portal@aftersales.example", self.nora)
        request._message_receive_bounce("portal@aftersales.example", self.nora)

        self.assertEqual(request.activity_ids.mapped("summary"), [
            "Our mail to portal@aftersales.example came back"])
        self.assertEqual(request.activity_ids.user_id, self.agent)

    def test_a_machine_that_reports_a_fault_opens_a_request_and_gets_no_answer(self):
        request = self._receive(Auto_Submitted="auto-generated")

        self.assertEqual(request.partner_id, self.nora)
        self.assertEqual(request.event_ids.mapped("kind"), ["received"])
        self.assertFalse(self._get_mails(request))

    def test_two_robots_that_answer_each_other_stop(self):
        """The other robot hides what it is: new subject, no reference, no header."""
        requests = self.env["aftersales.request"]
        for number in range(8):
            requests |= self._receive(sender="robot@loop.example", subject=f"Ticket {number}")

        self.assertEqual(len(requests), 8)
        self.assertEqual(len(self._get_mails(requests)), 5)
        self.assertEqual(len(requests.filtered("acknowledged_on")), 5)

    def test_whoever_reports_in_the_portal_is_a_person(self):
        requests = self.env["aftersales.request"].create([
            {"subject": f"Pump {number}", "partner_id": self.nora.id, "channel": "portal"}
            for number in range(7)
        ])

        self.assertEqual(len(requests.filtered("acknowledged_on")), 7)

    def test_our_own_address_opens_nothing(self):
        self.assertFalse(self._receive(sender="help@service.example"))

    # -------------------------------------------------------------------------
    # Limits
    # -------------------------------------------------------------------------

    def test_too_many_files_are_left_out_and_said(self):
        files = [(f"{number}.bin", b"x") for number in range(25)]

        request = self._receive(files=files)

        mail = request.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertEqual(len(mail.attachment_ids), 20)
        note = request.message_ids.filtered(lambda message: "not kept" in message.body)
        self.assertIn("20.bin, 21.bin, 22.bin, 23.bin, 24.bin", note.body)
        self.assertIn("20.bin", self._get_acknowledgements(request).body)

    def test_giant_files_are_left_out(self):
        with patch.multiple(intake, MAX_FILE_SIZE=100, MAX_FILES_SIZE=150):
            request = self._receive(files=[
                ("giant.bin", b"x" * 101), ("a.bin", b"x" * 100), ("b.bin", b"x" * 60),
                ("c.bin", b"x" * 50),
            ])

        mail = request.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertEqual(sorted(mail.attachment_ids.mapped("name")), ["a.bin", "c.bin"])
        note = request.message_ids.filtered(lambda message: "not kept" in message.body)
        self.assertIn("giant.bin, b.bin", note.body)

    def test_an_endless_text_is_cut_in_the_request_and_whole_in_its_message(self):
        request = self._receive(subject="s" * 5000, body="word\n" * 40_000)

        self.assertEqual(len(request.subject), 200)
        self.assertLess(len(request.description), 60_000)
        mail = request.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertGreater(len(mail.body), 190_000)

    def test_an_acknowledgement_needs_an_address(self):
        self.nora.email = False

        request = self._create_request(channel="portal")

        self.assertEqual(request.event_ids.mapped("kind"), ["received"])
