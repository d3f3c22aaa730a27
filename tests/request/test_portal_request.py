from odoo.exceptions import AccessError
from odoo.tests import freeze_time, users

from .portal_request_common import PNG, REQUESTS_URL, PortalRequestCommon


class TestPortalRequest(PortalRequestCommon):
    """Customers report, follow and answer their requests, and see nobody else's."""

    # -------------------------------------------------------------------------
    # Who sees what
    # -------------------------------------------------------------------------

    @users("test_portal")
    def test_customer_reads_the_requests_of_the_company(self):
        mine = self._create_request(partner_id=self.colleague.partner_id.id)

        self.assertEqual(
            self.env["aftersales.request"].search([]),
            (self.request | mine).with_user(self.env.user),
        )

    @users("test_colleague")
    def test_contact_with_own_scope_reads_own_requests_only(self):
        mine = self._create_request(partner_id=self.colleague.partner_id.id)
        requests = self.env["aftersales.request"]
        self.assertEqual(requests.search([]), mine.with_user(self.env.user))

        self.colleague.partner_id.aftersales_portal_scope = "company"

        self.assertEqual(
            requests.search([]), (self.request | mine).with_user(self.env.user))

    @users("test_colleague")
    def test_contact_with_own_scope_reads_what_is_shared_with_them(self):
        self.request.message_subscribe(self.colleague.partner_id.ids)
        self.other_request.message_subscribe(self.colleague.partner_id.ids)

        self.assertEqual(
            self.env["aftersales.request"].search([]), self.request.with_user(self.env.user))

    @users("test_portal")
    def test_internal_fields_are_closed(self):
        own = self.request.with_user(self.env.user)

        for name in ("event_ids", "target_ids", "sla_problem", "handoff_count", "user_id",
                     "messenger_id", "is_breached", "suggested_solution_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                own.read([name])
        self.assertEqual(own.read(["subject"])[0]["subject"], "The pump does not start")
        self.assertNotIn("sla_problem", own.fields_get())

    @users("test_portal")
    def test_internal_fields_cannot_be_guessed_by_searching(self):
        requests = self.env["aftersales.request"]

        for domain in ([("is_breached", "=", True)], [("event_ids.note", "ilike", "a")],
                       [("user_id", "!=", False)], [("sla_id", "!=", False)]):
            with self.subTest(domain), self.assertRaises(AccessError):
                requests.search(domain)
        with self.assertRaises(AccessError):
            requests.search([], order="handoff_count")
        with self.assertRaises(AccessError):
            requests.formatted_read_group([], ["user_id"], ["__count"])

    @users("test_portal")
    def test_customer_writes_nothing_by_rpc(self):
        own = self.request.with_user(self.env.user)

        with self.assertRaises(AccessError):
            own.write({"subject": "Mine"})
        with self.assertRaises(AccessError):
            own.create({"subject": "Mine"})
        with self.assertRaises(AccessError):
            own.unlink()
        self.assertEqual(self.request.subject, "The pump does not start")

    def test_pages_show_ones_own_only(self):
        for user, own, others in (
            (self.portal_user, "The pump does not start", "Hotel pump leaks"),
            (self.other_portal_user, "Hotel pump leaks", "The pump does not start"),
        ):
            self._log_in(user)
            for url in (REQUESTS_URL, f"{REQUESTS_URL}?filterby=all&search=pump",
                        "/my/aftersales"):
                with self.subTest(user=user.name, url=url):
                    page = self._open(url).text
                    self.assertIn(own, page)
                    self.assertNotIn(others, page)

    def test_page_of_somebody_elses_request_is_not_shown(self):
        self._log_in(self.other_portal_user)

        for url in (self._get_url(), self._get_url() + "?access_token=wrong"):
            response = self._open(url)
            self.assertNotIn("The pump does not start", response.text)
            self.assertIn("We cannot show you this page", response.text)

    def test_colleague_with_own_scope_does_not_see_the_page(self):
        self._log_in(self.colleague)

        self.assertNotIn("The pump does not start", self._open(self._get_url()).text)
        self.assertNotIn("The pump does not start", self._open(REQUESTS_URL).text)

    def test_logged_out_visitor_needs_the_link(self):
        token = self.request._portal_ensure_token()
        self._log_in()

        for url in (REQUESTS_URL, f"{REQUESTS_URL}/new", "/my/aftersales"):
            self.assertIn("/web/login", self._open(url).url)
        self.assertNotIn("The pump does not start", self._open(self._get_url()).text)
        self.assertIn(
            "The pump does not start", self._open(f"{self._get_url()}?access_token={token}").text)
        # The link of one request opens no other.
        self.assertNotIn("Hotel pump leaks", self._open(
            f"{self._get_url(request=self.other_request)}?access_token={token}").text)

    def test_page_tells_promises_and_history_but_no_notes(self):
        self._say("He is difficult.", "mail.mt_note")
        self.request._log(
            "warned", target="response", minutes=50, promised_seconds=4 * 3600,
            since=self.request.received_on)
        self._log_in(self.portal_user)

        page = self._open(self._get_url()).text

        self.assertIn("First answer", page)
        self.assertIn("01/15/2026 01:00 PM", page)
        self.assertIn("Received", page)
        self.assertNotIn("Warned", page)
        self.assertNotIn("He is difficult.", page)

    # -------------------------------------------------------------------------
    # Reporting
    # -------------------------------------------------------------------------

    def test_customer_reports_a_fault_of_a_unit(self):
        self._log_in(self.portal_user)

        response = self._report(
            equipment=self.unit.id, kind="fault", impact="1", urgency="1", environment="Since noon",
        )

        self.assertIn("We have received your request.", response.text)
        self.assertRecordValues(self._get_newest(), [{
            "subject": "Pump hums", "channel": "portal", "state": "new", "priority": "1",
            "partner_id": self.portal_user.partner_id.id, "equipment_id": self.unit.id,
            "commercial_partner_id": self.customer.id, "environment": "Since noon",
            "serial_told": False, "company_id": self.company.id, "sla_id": self.sla.id,
        }])
        self.assertIn("It hums and does not turn.", self._get_newest().description)

    def test_serial_number_of_ones_own_finds_the_unit(self):
        self._log_in(self.portal_user)

        self._report(serial=" sn-0001 ")

        self.assertRecordValues(self._get_newest(), [{
            "equipment_id": self.unit.id, "serial_told": False,
        }])

    def test_unknown_serial_number_waits_for_triage(self):
        """The number of somebody else's unit counts as unknown, and nothing tells it apart."""
        self._log_in(self.portal_user)

        pages = [self._report(serial=serial).text for serial in ("SN-9999", "SN-4711", "SN-____")]

        self.assertRecordValues(self._get_newest(), [
            {"equipment_id": False, "serial_told": "SN-9999", "state": "new"},
            {"equipment_id": False, "serial_told": "SN-4711", "state": "new"},
            {"equipment_id": False, "serial_told": "SN-____", "state": "new"},
        ])
        for page in pages:
            self.assertIn("is not on your list yet", page)
            self.assertNotIn("Harbour Hotel", page)

    def test_form_offers_ones_own_units_only(self):
        self._log_in(self.portal_user)

        page = self._open(f"{REQUESTS_URL}/new?equipment={self.other_unit.id}").text

        self.assertIn("SN-0001", page)
        self.assertNotIn("SN-9999", page)

    def test_form_tells_what_is_open_about_a_unit(self):
        url = f"{REQUESTS_URL}/new?equipment={self.unit.id}"
        hint = f'class="alert-link" href="{self.request.access_url}"'
        self._log_in(self.portal_user)
        self.assertIn(hint, self._open(url).text)
        self.assertNotIn(hint, self._open(f"{REQUESTS_URL}/new").text)

        # Who does not see the request of a colleague is not told of it.
        self._log_in(self.colleague)
        page = self._open(url).text
        self.assertIn("SN-0001", page)
        self.assertNotIn(self.request.access_url, page)

        self._resolve()
        self._log_in(self.portal_user)
        self.assertNotIn(hint, self._open(url).text)

    def test_subjects_are_read_in_ones_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        fault, stop = self.env["aftersales.request.category"].create([
            {"name": "Machine"}, {"name": "Stands still"},
        ])
        stop.parent_id = fault
        fault.with_context(lang="zh_CN").name = "机器"
        stop.with_context(lang="zh_CN").name = "停机"

        self.assertEqual(stop.with_context(lang="zh_CN").display_name, "机器 / 停机")
        self.assertEqual(stop.display_name, "Machine / Stands still")
        self.assertIn(stop.id, dict(fault.with_context(lang="zh_CN").name_search("停机")))

    def test_what_is_not_theirs_or_nonsense_is_refused(self):
        hidden = self.env["aftersales.request.category"].create({
            "name": "Internal", "is_published": False,
        })
        self._log_in(self.portal_user)

        for data, message in (
            ({"equipment": self.other_unit.id}, "This unit is not among your equipment."),
            ({"category": hidden.id}, "This subject is not in the list"),
            ({"kind": "bribe"}, "“bribe” cannot be chosen for “Kind”."),
            ({"impact": "9"}, "“9” cannot be chosen for “Impact”."),
            ({"subject": "  "}, "Please say in a few words what it is about."),
        ):
            with self.subTest(data):
                response = self._report(**data)
                self.assertIn(message, response.text)
                self.assertIn("It hums and does not turn.", response.text)
        self.assertFalse(self._get_newest())

    def test_state_channel_and_customer_cannot_be_entered(self):
        self._log_in(self.portal_user)

        self._report(state="closed", channel="phone", user_id=self.agent.id, company_id=999,
                     partner_id=self.other_portal_user.partner_id.id, priority="4")

        self.assertRecordValues(self._get_newest(), [{
            "state": "new", "channel": "portal", "user_id": False, "priority": "3",
            "partner_id": self.portal_user.partner_id.id, "company_id": self.company.id,
        }])

    # -------------------------------------------------------------------------
    # Files
    # -------------------------------------------------------------------------

    def test_photos_are_kept_where_both_sides_see_them(self):
        self._log_in(self.portal_user)

        response = self._report(files=[
            ("files", ("pump.png", PNG, "image/png")),
            ("files", ("log.txt", b"E7 at noon", "text/plain")),
        ])

        files = self._get_newest()._get_portal_files()
        self.assertEqual(set(files.mapped("name")), {"pump.png", "log.txt"})
        self.assertEqual(set(files.mapped("res_id")), set(self._get_newest().ids))
        self.assertIn("log.txt", response.text)

    def test_files_too_large_too_many_or_of_a_wrong_kind_are_refused(self):
        self._log_in(self.portal_user)
        large, many = PNG + b"0" * (10 * 1024 * 1024), [(f"{n}.png", PNG) for n in range(12)]

        for files, message in (
            ([("big.png", large)], "“big.png” is larger than"),
            ([("a.png", b"<script>alert(1)</script>")], "“a.png” is no picture"),
            ([("a.png", b"")], "“a.png” is empty."),
            ([("run.exe", b"MZ\x90\x00\x03")], "“run.exe” is no picture"),
            (many, "You attached 11 files; we take 10"),
        ):
            with self.subTest(message):
                response = self._report(files=[
                    ("files", (name, content, "image/png")) for name, content in files
                ])
                self.assertIn(message, response.text)
        self.assertFalse(self._get_newest())

    def test_files_of_internal_notes_stay_inside(self):
        self._say("Note", "mail.mt_note", attachments=[("secret.txt", b"secret")])
        self._say("Manual", "mail.mt_comment", attachments=[("manual.txt", b"manual")])
        self._log_in(self.portal_user)

        page = self._open(self._get_url()).text

        self.assertIn("manual.txt", page)
        self.assertNotIn("secret.txt", page)

    # -------------------------------------------------------------------------
    # Confirm and reopen
    # -------------------------------------------------------------------------

    def test_customer_confirms(self):
        self._resolve()
        self._log_in(self.portal_user)
        self.assertIn("Is it solved?", self._open(self._get_url()).text)

        response = self._post(self._get_url("/confirm"))

        self.assertEqual(self.request.state, "closed")
        self.assertIn("How satisfied are you?", response.text)

    def test_only_post_answers(self):
        self._resolve()
        self._log_in(self.portal_user)

        for suffix in ("/confirm", "/reopen", "/rate"):
            self.assertEqual(self.url_open(self._get_url(suffix)).status_code, 405)
        self.assertEqual(self.request.state, "resolved")

    def test_customer_reopens_with_a_reason(self):
        self._resolve()
        self._log_in(self.portal_user)

        response = self._post(self._get_url("/reopen"), reason=" ")
        self.assertIn("Please tell us what is still wrong.", response.text)
        self.assertEqual(self.request.state, "resolved")

        self._post(self._get_url("/reopen"), reason="It hums <b>again</b>")
        self.assertEqual(self.request.state, "in_progress")
        message = self.request._get_portal_messages()
        self.assertEqual(message.author_id, self.portal_user.partner_id)
        self.assertIn("It hums &lt;b&gt;again&lt;/b&gt;", message.body)

    def test_reopening_ends_after_the_days_of_the_company(self):
        self._close()
        self.company.aftersales_reopen_days = 14

        with freeze_time("2026-01-29 09:00"):
            self.assertTrue(self.request._may_reopen())
        with freeze_time("2026-01-29 09:01"):
            self.assertFalse(self.request._may_reopen())
            with self.assertRefused(self.request.name, "01/29/2026", "Open a new request"):
                self.request._reopen_from_portal(self.portal_user.partner_id, "Again")
        self.assertEqual(self.request.state, "closed")

    def test_an_open_request_is_neither_confirmed_nor_rated(self):
        self._log_in(self.portal_user)

        for suffix in ("/confirm", "/rate", "/reopen"):
            with self.subTest(suffix):
                response = self._post(self._get_url(suffix), rating="5", reason="x")
                self.assertIn("is “Received” and cannot be", response.text)
        self.assertEqual(self.request.state, "new")
        self.assertFalse(self.request._get_given_rating())

    def test_others_and_strangers_answer_nothing(self):
        self._resolve()

        for user in (self.other_portal_user, self.colleague, None):
            self._log_in(user)
            for suffix in ("/confirm", "/reopen", "/rate"):
                with self.subTest(user=user and user.name, suffix=suffix):
                    self._post(self._get_url(suffix), reason="x", rating="1")
                    self.assertEqual(self.request.state, "resolved")
        self.assertFalse(self.request._get_given_rating())

    def test_our_own_people_do_not_answer_for_the_customer(self):
        self._resolve()
        self._log_in(self.agent)

        response = self._post(self._get_url("/confirm"))

        self.assertIn("Only the customer answers here.", response.text)
        self.assertEqual(self.request.state, "resolved")

    def test_contact_answers_by_the_link(self):
        token = self._resolve()._portal_ensure_token()
        self._log_in()

        self._post(self._get_url("/confirm"), access_token=token)

        self.assertEqual(self.request.state, "closed")

    # -------------------------------------------------------------------------
    # Rating
    # -------------------------------------------------------------------------

    def test_the_first_rating_counts(self):
        self._close()
        self._log_in(self.portal_user)

        page = self._post(self._get_url("/rate"), rating="4", feedback="Quick").text
        self.assertIn("Thank you for your rating.", page)
        page = self._post(self._get_url("/rate"), rating="1", feedback="Bad").text

        self.assertIn("Nora Northside has already rated", page)
        self.assertRecordValues(self.request.rating_ids, [{
            "rating": 4.0, "feedback": "Quick", "consumed": True,
            "partner_id": self.portal_user.partner_id.id,
        }])

    def test_mailed_links_change_no_rating(self):
        """Core's page of a mailed link takes answers again and again; here it does not."""
        self._close()
        token = self.request._rating_get_access_token()
        self._log_in(self.portal_user)

        self._open(f"/rate/{token}/5")
        self.assertFalse(self.request._get_given_rating())
        for rate in ("5", "1"):
            self._post(f"/rate/{token}/submit_feedback", rate=rate, feedback="By mail")

        self.assertEqual(self.request._get_given_rating().rating, 5.0)

    def test_a_message_is_no_rating(self):
        self._log_in(self.portal_user)

        self.make_jsonrpc_request("/mail/message/post", {
            "thread_model": "aftersales.request", "thread_id": self.request.id,
            "post_data": {"body": "Great", "rating_value": 5, "message_type": "comment",
                          "subtype_xmlid": "mail.mt_comment"},
        })

        self.assertIn("Great", self.request.message_ids.sorted("id")[-1].body)
        self.assertFalse(self.request._get_given_rating())

    def test_nonsense_is_no_rating(self):
        self._close()
        self._log_in(self.portal_user)

        for rating in ("0", "6", "-1", "abc", "", "99", "¹"):
            with self.subTest(rating):
                page = self._post(self._get_url("/rate"), rating=rating).text
                self.assertIn("Please choose one to five stars.", page)
        self.assertFalse(self.request._get_given_rating())

    # -------------------------------------------------------------------------
    # Duplicates
    # -------------------------------------------------------------------------

    def test_a_duplicate_leads_to_its_original(self):
        again = self._create_request(subject="Pump again", equipment_id=self.unit.id)
        again._merge_into(self.request)
        self._log_in(self.portal_user)

        page = self._open(self._get_url(request=again)).text

        self.assertIn("You had reported this before.", page)
        self.assertIn(f'href="{self.request.access_url}"', page)

    # -------------------------------------------------------------------------
    # Counters
    # -------------------------------------------------------------------------

    def test_home_counts_ones_own(self):
        self._resolve()
        counters = ["aftersales_request_count", "aftersales_your_turn_count",
                    "aftersales_equipment_count"]
        for user, counts in (
            (self.portal_user, [1, 1, 1]), (self.other_portal_user, [1, 0, 1]),
            (self.colleague, [0, 0, 1]),
        ):
            self._log_in(user)
            told = self.make_jsonrpc_request("/my/counters", {"counters": counters})
            self.assertEqual([told[counter] for counter in counters], counts, user.name)
