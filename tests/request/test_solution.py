from odoo.exceptions import AccessError
from odoo.tests import users
from odoo.tools import mute_logger

from .portal_request_common import PortalRequestCommon

URL = "/my/aftersales/solutions"


class TestSolution(PortalRequestCommon):
    """Known solutions: found in any language, suggested, judged once, sent as answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        solutions = cls.env["aftersales.solution"].with_user(cls.agent)
        cls.door, cls.hum, cls.internal = solutions.create([
            {"name": "Door does not close", "symptom": "The lift door opens again.",
             "keywords": "sill, light curtain", "is_published": True,
             "steps": "<p>Clean the sill.</p>"},
            {"name": "Pump hums", "symptom": "It hums but does not turn.", "is_published": True,
             "steps": "<p>Change the capacitor.</p>", "reply": "<p>Please send a photo.</p>"},
            {"name": "Pump hums, for technicians", "steps": "<p>Open the housing.</p>"},
        ])
        cls.door.with_context(lang="zh_CN").write({
            "name": "电梯门关不上", "symptom": "电梯门反复打开。",
        })

    def _find(self, text, **kwargs):
        return self.env["aftersales.solution"]._suggest(text, **kwargs)

    # -------------------------------------------------------------------------
    # Finding
    # -------------------------------------------------------------------------

    def test_words_find_the_best_first(self):
        found = self._find("Our pump hums and does not turn")

        self.assertEqual(found[0], self.hum)
        self.assertEqual(found, self.hum | self.internal)

    def test_chinese_finds_without_spaces_and_whatever_language_one_reads(self):
        for text in ("电梯门", "我们的电梯门关不上了，请尽快派人", "门反复打开"):
            with self.subTest(text):
                self.assertEqual(self._find(text), self.door)
        self.assertFalse(self._find("水泵漏水"))

    def test_english_finds_what_is_read_in_chinese(self):
        found = self.env["aftersales.solution"].with_context(lang="zh_CN")._suggest("lift door")

        self.assertEqual(found, self.door)
        self.assertEqual(found.name, "电梯门关不上")

    def test_typing_errors_are_forgiven(self):
        self.assertEqual(self._find("ligth curtian"), self.door)

    def test_one_common_word_is_chance(self):
        """A lift's door, a cold floor and a pump share words, and have nothing in common."""
        cold = self.env["aftersales.solution"].create({
            "name": "Radiators stay cold on one floor",
            "symptom": "One floor stays cold while the others are warm.",
            "cause": "Air in the circuit, or a closed balancing valve.\nFound on phones, too.",
        })

        for text, found in (
            ("Lift 2: the door stays open on one floor", self.door),
            ("The lift stays on the 5th floor", cold.browse()),
            ("They stay closed at night", cold.browse()),
            ("The radiator is cold", cold),
            ("Cold radiators, one floor", cold),
            ("The hone found", cold.browse()),
        ):
            with self.subTest(text):
                self.assertEqual(self._find(text), found)

    def test_what_fits_worse_than_another_is_left_out(self):
        """The best one holds all that was asked for, the other a half of it."""
        other = self.env["aftersales.solution"].create({
            "name": "Lift door noise", "symptom": "It squeaks.",
        })

        self.assertEqual(self._find("Lift door opens again, light curtain"), self.door)
        self.assertEqual(self._find("lift door squeaks"), other)

    def test_words_are_found_whatever_their_ending(self):
        for text in ("doors closing", "closed lift doors", "Lifts opened again", "sills, curtains"):
            with self.subTest(text):
                self.assertEqual(self._find(text), self.door)

    def test_typing_errors_beside_right_words_are_forgiven(self):
        self.assertEqual(self._find("Lift: ligth curtian dirty"), self.door)
        self.assertEqual(self._find("curtian"), self.door)
        for text in ("Lift: pianos dirty", "Lift: flickers at night"):
            self.assertFalse(self._find(text), text)

    def test_a_code_says_all_by_itself(self):
        self.hum.keywords = "E7"

        self.assertEqual(self._find("The machine in the cellar shows E7"), self.hum)
        self.assertEqual(self._find("显示E7故障"), self.hum)

    def test_nothing_finds_nothing(self):
        for text in ("", "  ", "?!", "the and", "%", "___", "\\", None):
            self.assertFalse(self._find(text), text)

    def test_product_names_find_and_other_products_are_left_out(self):
        self.hum.product_ids = self.pump
        other = self.env["product.product"].create({"name": "Valve"})

        self.assertIn(self.hum, self._find("P20"))
        self.assertNotIn(self.hum, self._find("pump hums", product=other))
        self.assertEqual(self._find("pump hums", product=self.pump)[0], self.hum)

    def test_similar_requests_are_those_with_an_end(self):
        self._close()
        request = self._create_request(subject="Our pump does not start any more")
        self.assertEqual(request.similar_request_ids, self.request.with_user(self.agent))
        self.assertFalse(self._create_request(subject="Invoice wrong").similar_request_ids)

    # -------------------------------------------------------------------------
    # Portal
    # -------------------------------------------------------------------------

    def _suggest(self, text, **kwargs):
        return self.make_jsonrpc_request(f"{URL}/suggest", {"text": text, **kwargs})

    def test_portal_suggests_what_is_published(self):
        self._log_in(self.portal_user)

        self.assertEqual([row["id"] for row in self._suggest("pump hums")], self.hum.ids)
        self.assertEqual([row["id"] for row in self._suggest("电梯门")], self.door.ids)
        for nonsense in (None, 5, [], {}, "", " "):
            self.assertEqual(self._suggest(nonsense), [])
        self.assertEqual(len(self._suggest("pump " * 5000)), 1)

    def test_unit_of_somebody_else_counts_for_none(self):
        """Solutions of the product of a foreign unit would tell what the unit is."""
        valve = self.env["product.product"].create({"name": "Valve"})
        self.hum.product_ids = self.pump
        self.other_unit.write({"lot_id": False, "product_id": valve.id})
        self._log_in(self.portal_user)

        for equipment in (str(self.other_unit.id), "0", "x", 3, None):
            self.assertEqual(
                [row["id"] for row in self._suggest("pump hums", equipment=equipment)],
                self.hum.ids,
            )

    def test_internal_solutions_have_no_page(self):
        self._log_in(self.portal_user)

        self.assertIn("Change the capacitor.", self._open(f"{URL}/{self.hum.id}").text)
        self.assertNotIn("Open the housing.", self._open(f"{URL}/{self.internal.id}").text)
        self.assertNotIn("for technicians", self._open(f"{URL}?search=pump").text)
        self._post(f"{URL}/{self.internal.id}/solved")
        self.assertEqual(self.internal.solved_count, 0)

    def test_solution_of_another_company_is_not_shown(self):
        self.hum.sudo().company_id = self._create_company_with_books("Second")
        self._log_in(self.portal_user)

        self.assertFalse(self._suggest("pump hums"))
        self.assertNotIn("Change the capacitor.", self._open(f"{URL}/{self.hum.id}").text)

    def test_each_person_has_one_voice(self):
        self._log_in(self.portal_user)
        for verdict in ("unhelpful", "unhelpful", "helpful", "bribe"):
            self._post(f"{URL}/{self.hum.id}/{verdict}")
        self.assertRecordValues(self.hum, [
            {"helpful_count": 1, "unhelpful_count": 0, "solved_count": 0}])

        self._log_in(self.other_portal_user)
        for verdict in ("solved", "solved", "unhelpful"):
            self._post(f"{URL}/{self.hum.id}/{verdict}")

        self.assertRecordValues(self.hum, [
            {"helpful_count": 2, "unhelpful_count": 0, "solved_count": 1}])

    def test_strangers_and_our_own_people_have_no_voice(self):
        for user in (None, self.agent):
            self._log_in(user)
            self._post(f"{URL}/{self.hum.id}/solved")
        self.assertEqual(self.hum.solved_count, 0)
        self.assertEqual(self.url_open(f"{URL}/{self.hum.id}/solved").status_code, 405)

    @users("test_portal")
    def test_customers_have_no_rights_on_solutions(self):
        with self.assertRaises(AccessError):
            self.env["aftersales.solution"].search([])

    def test_customer_solves_the_request_with_a_solution(self):
        self.request.subject = "Pump hums"
        self._log_in(self.portal_user)
        self.assertIn("Change the capacitor.", self._open(self._get_url()).text)

        self._post(self._get_url(f"/solved/{self.hum.id}"))

        self.assertRecordValues(self.request, [{
            "state": "closed", "solution_id": self.hum.id, "solved_by_solution": True,
        }])
        self.assertRecordValues(self.hum, [{"solved_count": 1, "use_count": 1}])

    def test_others_solve_nothing(self):
        for user in (self.other_portal_user, self.colleague, None):
            self._log_in(user)
            self._post(self._get_url(f"/solved/{self.hum.id}"))
        self._log_in(self.portal_user)
        self._post(self._get_url(f"/solved/{self.internal.id}"))

        self.assertEqual(self.request.state, "new")
        self.assertEqual(self.hum.solved_count, 0)

    # -------------------------------------------------------------------------
    # Answering
    # -------------------------------------------------------------------------

    def _answer(self, solution, **vals):
        wizard = self.env["aftersales.request.answer"].with_user(self.agent).create({
            "request_id": self.request.id, "solution_id": solution.id, **vals,
        })
        wizard.action_send()
        return wizard

    def test_ready_answer_is_sent_and_the_request_waits(self):
        self._answer(self.hum)

        message = self.request.message_ids.sorted("id").filtered(
            lambda one: one.subtype_id == self.env.ref("mail.mt_comment"))[-1]
        self.assertIn("Please send a photo.", message.body)
        self.assertIn(self.portal_user.partner_id, message.notified_partner_ids)
        self.assertRecordValues(self.request, [{
            "state": "waiting", "waiting_reason": "customer", "solution_id": self.hum.id,
        }])
        self.assertEqual(self.hum.use_count, 1)

    def test_answer_speaks_the_customers_language(self):
        self.door.with_context(lang="zh_CN").steps = "<p>请清洁门槛。</p>"
        self.portal_user.partner_id.lang = "zh_CN"

        wizard = self._answer(self.door, after_reply="resolved")

        self.assertIn("请清洁门槛。", wizard.body)
        self.assertEqual(self.request.state, "resolved")

    def test_solution_without_words_is_no_answer(self):
        empty = self.env["aftersales.solution"].create({"name": "Empty"})

        with self.assertRefused("“Empty” has no ready answer"), mute_logger("odoo.sql_db"):
            self._answer(empty, body="<p><br></p>")
        self.assertEqual(self.request.state, "new")
        self.assertFalse(self.request.solution_id)
