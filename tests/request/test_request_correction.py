from datetime import datetime

from .portal_request_common import PortalRequestCommon


class TestRequestCorrection(PortalRequestCommon):
    """Customers put their report right while it is open; the thread keeps what was before."""

    def _correct(self, **data):
        return self._post(self._get_url("/correct"), **data)

    def _get_corrections(self):
        return self.request._get_portal_messages()

    def _create_second_unit(self):
        return self._create_unit("Pump 2", "SN-0002", self.customer)

    def test_report_is_corrected_and_the_agent_told(self):
        unit = self._create_second_unit()
        self.request.write({"description": "<p>It hums.</p>", "user_id": self.agent.id})
        self.request.message_subscribe(self.agent.partner_id.ids)
        self._log_in(self.portal_user)

        page = self._correct(
            description="It hums\r\nand <b>smokes</b>", environment="", phone="+1 555 0100",
            equipment=str(unit.id), serial="").text

        self.assertIn("We have your correction", page)
        self.assertRecordValues(self.request, [{
            "equipment_id": unit.id, "lot_id": unit.lot_id.id, "phone": "+1 555 0100",
            "serial_told": False, "customer_wrote_on": datetime(2026, 1, 15, 9),
        }])
        self.assertIn("and &lt;b&gt;smokes&lt;/b&gt;", self.request.description)
        message = self._get_corrections()
        self.assertEqual(message.author_id, self.portal_user.partner_id)
        for text in ("before: It hums.", "before: Pump 1/SN-0001", "Pump 2/SN-0002",
                     "&lt;b&gt;smokes"):
            self.assertIn(text, message.body)
        self.assertNotIn("Environment", message.body)
        self.assertIn(self.agent.partner_id, message.notified_partner_ids)

    def test_nothing_new_is_no_correction(self):
        self.request.write({"description": "<p>It hums.</p><p>Loudly.</p>"})
        self._log_in(self.portal_user)

        page = self._correct(
            **{**self.request._get_told_texts(), "equipment": str(self.unit.id)}).text

        self.assertIn("Nothing has changed in what you entered.", page)
        self.assertFalse(self._get_corrections())

    def test_unit_of_somebody_else_is_refused_and_what_was_typed_comes_back(self):
        self._log_in(self.portal_user)

        page = self._correct(
            equipment=str(self.other_unit.id), description="Smokes since noon").text

        self.assertIn("This unit is not among your equipment.", page)
        self.assertIn("Smokes since noon</textarea>", page)
        self.assertNotIn("SN-9999", page)
        self.assertEqual(self.request.equipment_id, self.unit)
        self.assertFalse(self.request.description)
        self.assertFalse(self._get_corrections())
        self.assertNotIn("Smokes since noon", self._open(self._get_url()).text)

    def test_serial_number_finds_ones_own_or_waits_for_triage(self):
        unit = self._create_second_unit()
        self._log_in(self.portal_user)

        self._correct(equipment="", serial="sn-9999")
        self.assertRecordValues(
            self.request, [{"equipment_id": False, "serial_told": "sn-9999"}])

        self._correct(equipment="", serial="sn-0002")
        self.assertRecordValues(
            self.request, [{"equipment_id": unit.id, "serial_told": False}])

    def test_contact_is_one_of_the_company(self):
        self.colleague.partner_id.phone = "+1 555 0199"
        self._log_in(self.portal_user)
        self.assertIn("Clara Colleague", self._open(self._get_url()).text)

        page = self._correct(contact=str(self.other_portal_user.partner_id.id)).text
        self.assertIn("This contact is not one of your company.", page)
        self.assertEqual(self.request.partner_id, self.portal_user.partner_id)

        self._correct(contact=str(self.colleague.partner_id.id), phone=self.request.phone or "")
        self.assertRecordValues(self.request, [{
            "partner_id": self.colleague.partner_id.id, "phone": "+1 555 0199",
        }])
        self.assertIn(self.colleague.partner_id, self.request.message_partner_ids)

    def test_who_sees_only_own_requests_is_shown_no_colleague(self):
        self.request.message_subscribe(self.colleague.partner_id.ids)
        mine = self._create_request(partner_id=self.colleague.partner_id.id)
        self._log_in(self.colleague)

        page = self._open(self._get_url(request=mine)).text

        self.assertIn("aftersales_correct", page)
        self.assertNotIn("Nora Northside", page)

    def test_link_corrects_words_but_offers_no_units(self):
        unit = self._create_second_unit()
        token = self.request._portal_ensure_token()
        self._log_in()
        page = self._open(f"{self._get_url()}?access_token={token}").text
        self.assertIn("aftersales_correct", page)
        self.assertNotIn("SN-0002", page)

        self._correct(access_token=token, phone="+1 555 0100", equipment=str(unit.id),
                      contact=str(self.colleague.partner_id.id))

        self.assertRecordValues(self.request, [{
            "phone": "+1 555 0100", "equipment_id": self.unit.id,
            "partner_id": self.portal_user.partner_id.id,
        }])

    def test_resolved_is_not_corrected(self):
        self._resolve()
        self._log_in(self.portal_user)
        self.assertNotIn("aftersales_correct", self._open(self._get_url()).text)

        page = self._correct(description="Smokes").text

        self.assertIn("is not open any more", page)
        self.assertFalse(self.request.description)

    def test_others_strangers_and_our_own_people_correct_nothing(self):
        for user in (self.other_portal_user, self.colleague, self.agent, None):
            self._log_in(user)
            with self.subTest(user=user and user.name):
                self._correct(description="Smokes", access_token="wrong")
                self.assertFalse(self.request.description)
        self._log_in(self.portal_user)
        self.assertEqual(self.url_open(self._get_url("/correct")).status_code, 405)

    def test_correction_goes_on_with_what_waited_for_the_customer(self):
        self.request.with_user(self.agent)._transition_to("waiting", waiting_reason="customer")
        self._log_in(self.portal_user)

        self._correct(description="Smokes")

        self.assertEqual(self.request.state, "in_progress")


class TestRequestPlans(PortalRequestCommon):
    """The page says what is planned, and what happens next."""

    def test_visit_and_repair_are_told_with_their_dates(self):
        request = self.request.with_user(self.agent)
        request.action_create_visit()
        request.action_create_repair()
        self._log_in(self.portal_user)

        page = self._open(self._get_url()).text
        self.assertIn("Visit of our technician", page)
        self.assertEqual(page.count("the date is not fixed yet"), 2)
        self.assertNotIn("02/20/2026", page)

        visit, repair = self.request.sudo().visit_ids, self.request.sudo().repair_ids
        visit.schedule_date = "2026-02-20 10:00:00"
        repair.write({"schedule_date": "2026-02-21 11:00:00"})
        repair._action_repair_confirm()
        page = self._open(self._get_url()).text
        self.assertIn("02/20/2026 10:00 AM", page)
        self.assertIn("02/21/2026 11:00 AM", page)

        visit.stage_id = self.env["maintenance.stage"].search(
            [("done", "=", True)], limit=1)
        repair.action_repair_cancel()
        page = self._open(self._get_url()).text
        self.assertNotIn("02/20/2026", page)
        self.assertNotIn("02/21/2026", page)
        self.assertEqual(
            self.request._get_portal_plans(),
            [{"kind": "visit", "is_done": True, "date": False, "url": ""}])

    def test_quotation_is_told_once_it_was_sent(self):
        self.request.with_user(self.agent).action_create_quotation()
        order = self.request.sudo().sale_order_ids
        self.assertEqual(self.request._get_portal_plans(), [])

        order.action_quotation_sent()

        self.assertEqual(self.request._get_portal_plans(), [{
            "kind": "quotation", "is_done": False, "date": False, "url": order.access_url,
        }])

    def test_next_step_is_told_until_it_is_late(self):
        self._log_in(self.portal_user)
        self.assertIn("What happens next:", self._open(self._get_url()).text)

        self.request.with_user(self.agent)._transition_to("waiting", waiting_reason="parts")

        page = self._open(self._get_url()).text
        self.assertIn("It waits, and our clock rests:", page)
        self.assertNotIn("What happens next:", page)
