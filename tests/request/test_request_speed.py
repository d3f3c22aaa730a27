"""What is done once must not be done twice: derivations, queries, forgotten caches."""

from email.message import EmailMessage
from unittest.mock import patch

from odoo.tests import freeze_time
from odoo.tools import SQL

from ...models.request import aftersales_text_search as text_search
from .request_common import RequestCommon

# Queries of one request, with its events, clocks and followers, and of a form.
MAX_CREATE, MAX_MAIL, MAX_MESSENGER, MAX_FORM = 62, 114, 70, 42


class TestRequestSpeed(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        domain = cls.env["mail.alias.domain"].create({"name": "service.example"})
        cls.company.alias_domain_id = domain
        cls.team = cls.env["maintenance.team"].create({
            "name": "Desk", "company_id": cls.company.id, "alias_name": "help",
            "member_ids": cls.agent.ids,
        })
        cls.team.write({"is_aftersales": True, "aftersales_assign_mode": "least_load"})
        cls.messenger = cls.env["aftersales.messenger"].create({
            "name": "WeChat", "company_id": cls.company.id, "team_id": cls.team.id,
        })
        cls.count = 0

    def _watch_derivations(self):
        """Return a context that notes each derivation of clocks."""
        engine = self.env.registry["aftersales.request.clock"]
        return patch.object(engine, "_refresh", autospec=True, side_effect=engine._refresh)

    def _count_queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _receive_mail(self):
        type(self).count += 1
        mail = EmailMessage()
        mail["From"], mail["To"] = "Nora <portal@aftersales.example>", "help@service.example"
        mail["Subject"], mail["Message-Id"] = "The pump hums", f"<speed-{self.count}@x.example>"
        mail.set_content("It does not turn.")
        return self.env["aftersales.request"].browse(
            self.env["mail.thread"].message_process(None, mail.as_bytes()))

    def _receive_message(self):
        type(self).count += 1
        request, _is_new = self.messenger._open_request({
            "reference": f"m-{self.count}", "user": "nora88", "text": "The pump hums.",
        })
        return request

    # -------------------------------------------------------------------------
    # Derivations
    # -------------------------------------------------------------------------

    def test_a_request_with_an_owner_derives_its_clocks_once(self):
        with self._watch_derivations() as derive:
            request = self._create_request(team_id=self.team.id)

        self.assertEqual(derive.call_count, 1)
        self.assertEqual((request.user_id, request.state), (self.agent, "assigned"))
        self.assertEqual(request.event_ids.mapped("kind"), ["received", "assigned"])
        self.assertEqual(request.next_target, "acknowledge")

    def test_a_mail_derives_once_more_when_it_is_acknowledged(self):
        with self._watch_derivations() as derive:
            request = self._receive_mail()

        self.assertEqual(derive.call_count, 2)
        self.assertEqual(
            request.event_ids.mapped("kind"), ["received", "assigned", "acknowledged"])
        self.assertEqual(self._get_target(request, "acknowledge").status, "met")
        self.assertEqual(request.next_target, "response")

    def test_handing_over_leaves_the_clocks_alone(self):
        request = self._create_request(team_id=self.team.id)
        kept = request.target_ids.mapped(lambda target: (target.kind, target.due, target.status))
        with freeze_time("2026-01-15 11:00"), self._watch_derivations() as derive:
            request.sudo().user_id = self.manager

        self.assertEqual(derive.call_count, 0)
        self.assertEqual(request.handoff_count, 1)
        self.assertEqual(request.target_ids.mapped(
            lambda target: (target.kind, target.due, target.status)), kept)

    def test_the_first_answer_derives_once(self):
        request = self._create_request(user_id=False)
        with self._watch_derivations() as derive:
            request.message_post(
                body=self.hours.name, message_type="comment", subtype_xmlid="mail.mt_comment")

        self.assertEqual(derive.call_count, 1)
        self.assertEqual(
            request.event_ids.mapped("kind"), ["received", "acknowledged", "responded"])
        self.assertEqual(request.state, "acknowledged")
        self.assertEqual(self._get_target(request, "acknowledge").status, "met")
        self.assertEqual(self._get_target(request, "response").status, "met")

    def test_a_context_from_outside_leaves_no_clock_as_it_was(self):
        request = self._create_request(user_id=False)

        for value in (True, 1, "later"):
            request.with_context(aftersales_clocks_later=value)._log("arrived")

        self.assertEqual(self._get_target(request, "on_site").status, "met")

    # -------------------------------------------------------------------------
    # Queries
    # -------------------------------------------------------------------------

    def test_queries_of_one_request_by_each_way(self):
        for work in (self._create_request, self._receive_mail, self._receive_message):
            work()
        counts = [self._count_queries(work) for work in (
            lambda: self._create_request(team_id=self.team.id), self._receive_mail,
            self._receive_message,
        )]

        for count, most in zip(counts, (MAX_CREATE, MAX_MAIL, MAX_MESSENGER), strict=True):
            self.assertLessEqual(count, most, counts)

    def test_opening_a_form_takes_as_many_queries_however_much_there_is(self):
        unit = self.env["maintenance.equipment"].create({
            "name": "Pump", "customer_id": self.customer.id, "company_id": self.company.id,
        })
        request = self._create_request(equipment_id=unit.id)
        views = request.get_views([(False, "form")])
        names = views["models"]["aftersales.request"]["fields"]
        specification = {
            name: {"fields": {"display_name": {}}} if request._fields[name].relational else {}
            for name in names
        }

        def open_form():
            request.with_user(self.agent).web_read(specification)

        open_form()
        few = self._count_queries(open_form)
        others = self.env["aftersales.request"].concat(*(
            self._create_request(equipment_id=unit.id) for _index in range(9)))
        others[:4].resolution = "<p>Done.</p>"
        others[:4]._transition_to("resolved")
        for _index in range(5):
            request._log("updated")
        many = self._count_queries(open_form)

        self.assertLessEqual(many, few + 1)
        self.assertLessEqual(few, MAX_FORM)
        self.assertEqual(len(request.similar_ids), 5)

    def test_the_watch_takes_the_same_queries_up_to_a_hundred_rows(self):
        """Odoo inserts a hundred rows with one query; nothing else grows with the batch."""
        model = self.env["aftersales.request"].with_user(self.agent)
        requests = model.create([
            {"subject": f"Pump {index}", "partner_id": self.customer.id, "user_id": self.agent.id}
            for index in range(260)
        ])
        counts = []
        for batch in (requests[:10], requests[10:60], requests[60:260]):
            # One warning each.
            with freeze_time("2026-01-15 09:15"):
                counts.append(self._count_queries(
                    lambda batch=batch: self.env["aftersales.request.watch"]._watch(
                        batch.with_user(self.env.uid))))

        self.assertEqual(len(requests.event_ids.filtered(
            lambda event: event.kind == "warned")), 260)
        self.assertLessEqual(counts[1], counts[0])
        # 200 events are inserted by two queries.
        self.assertLessEqual(counts[2], counts[0] + 1)

    # -------------------------------------------------------------------------
    # Caches
    # -------------------------------------------------------------------------

    def _forgets(self, work):
        """Return whether some work makes the server forget what it remembers."""
        with patch.object(type(self.env.registry), "clear_cache") as clear:
            work()
        return clear.called

    def test_contacts_without_a_user_forget_nothing(self):
        contact = self.env["res.partner"].create({"name": "Nick"})

        for vals in (
            {"parent_id": self.customer.id}, {"parent_id": False}, {"is_company": True},
            {"aftersales_portal_scope": "own"},
        ):
            with self.subTest(vals):
                self.assertFalse(self._forgets(lambda vals=vals: contact.write(vals)))

    def test_what_a_user_sees_is_forgotten_when_it_changes(self):
        contact = self.portal_user.partner_id
        contact.write({"aftersales_portal_scope": "company", "parent_id": self.customer.id})

        for vals, forgets in (
            ({"aftersales_portal_scope": "company"}, False),
            ({"parent_id": self.customer.id}, False),
            ({"name": "Nora N."}, False),
            ({"aftersales_portal_scope": "own"}, True),
            ({"parent_id": self.other_customer.id}, True),
            ({"is_company": True}, True),
        ):
            with self.subTest(vals):
                self.assertEqual(self._forgets(lambda vals=vals: contact.write(vals)), forgets)

    def test_a_contact_that_goes_to_another_customer_sees_its_requests_only(self):
        contact = self.portal_user.partner_id
        contact.aftersales_portal_scope = "company"
        ours = self._create_request()
        theirs = self._create_request(partner_id=self.other_customer.id)
        requests = self.env["aftersales.request"].with_user(self.portal_user)
        self.assertIn(ours, requests.search([]))

        contact.parent_id = self.other_customer

        seen = requests.search([])
        self.assertIn(theirs, seen)
        self.assertNotIn(ours, seen - contact.aftersales_request_ids)

    def test_keywords_translated_later_are_heard(self):
        category = self.env["aftersales.request.category"].create({
            "name": "Lifts", "keywords": "lift",
        })
        categories = self.env["aftersales.request.category"]
        self.assertFalse(categories._suggest("电梯坏了", self.company))

        category.update_field_translations("keywords", {"zh_CN": "电梯, 升降机"})

        self.assertEqual(categories._suggest("电梯坏了", self.company), category)
        self.assertEqual(categories._suggest("The lift hangs", self.company), category)

    # -------------------------------------------------------------------------
    # Similar requests
    # -------------------------------------------------------------------------

    def _find(self, text):
        return self.env["aftersales.request"]._find_alike(text)

    def test_similar_requests_are_found_by_chinese_words_and_codes(self):
        door, noise, code, accent = (
            self._create_request(subject=subject)
            for subject in ("三楼电梯门关不上", "水泵异响", "Fault E7 shown", "Насос стоит")
        )

        for text, found in (
            ("电梯", door), ("我们电梯门坏了", door), ("异响", noise), ("E7", code),
            ("Насос", accent), ("梯电", self.env["aftersales.request"]), ("E8", noise.browse()),
        ):
            with self.subTest(text):
                self.assertEqual(self._find(text), found)

    def test_of_many_the_newest_are_compared(self):
        requests = [self._create_request(subject=f"电梯停在{index}楼") for index in range(4)]
        with patch.object(text_search, "MAX_COMPARED", 2):
            self.assertEqual(
                self._find("电梯"), requests[3] + requests[2])

    def test_an_index_serves_two_characters(self):
        model = self.env["aftersales.request"]
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plan = self.env.execute_query(SQL(
            "EXPLAIN SELECT id FROM aftersales_request WHERE %s",
            model._get_holding_sql("aftersales_request", "电梯")))

        self.assertIn("aftersales_request_subject_characters", str(plan))
