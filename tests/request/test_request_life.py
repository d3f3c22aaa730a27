"""What people do with a request, and what its clock is told."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, users

from .request_common import RequestCommon


class TestRequestLife(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["maintenance.team"].create({
            "name": "Pumps", "is_aftersales": True,
            "member_ids": [Command.set(cls.technician.ids)],
        })

    def _get_kinds(self, request):
        return request.event_ids.mapped("kind")

    def _step(self, request, step, user=None, **vals):
        wizard = self.env["aftersales.request.step"].with_user(user or self.agent).create({
            "request_ids": [Command.set(request.ids)], "step": step, **vals,
        })
        return wizard.action_confirm()

    # -------------------------------------------------------------------------
    # From the first click to the last
    # -------------------------------------------------------------------------

    @users("test_agent")
    def test_a_request_goes_through_its_life(self):
        request = self._create_request()
        self.assertEqual(request.stage_id.meaning, "new")

        request.action_acknowledge()
        self.assertEqual(request.state, "acknowledged")
        self.assertEqual(self._get_target(request, "acknowledge").status, "met")
        request.action_take()
        self.assertEqual((request.state, request.user_id), ("assigned", self.agent))
        request.action_start()
        with freeze_time("2026-01-15 10:00"):
            self._step(request, "wait", reason="parts", note="Seal ordered")
        self.assertEqual((request.state, request.waiting_reason), ("waiting", "parts"))
        self.assertEqual(
            request.stage_id, self.env.ref("aftersales.request_stage_waiting_parts"))
        with freeze_time("2026-01-16 10:00"):
            request.action_resume()
        self.assertEqual((request.state, request.waiting_reason), ("in_progress", False))
        with freeze_time("2026-01-16 11:00"):
            self._step(request, "resolve", resolution="<p>New seal</p>", tell_customer=False)
        self.assertEqual(request.resolved_on, fields.Datetime.to_datetime("2026-01-16 11:00:00"))
        request.action_close()

        self.assertEqual(request.state, "closed")
        self.assertCountEqual(self._get_kinds(request), [
            "received", "acknowledged", "assigned", "paused", "resumed", "resolved", "closed",
        ])
        # One hour before the parts were awaited, one hour after they came.
        self.assertEqual(self._get_target(request, "resolution").worked_seconds, 2 * 3600)

    def test_a_second_click_does_nothing(self):
        request = self._create_request()
        request.action_acknowledge()
        request.action_take()
        kinds = self._get_kinds(request)

        request.action_acknowledge()
        request.action_take()

        self.assertEqual(self._get_kinds(request), kinds)

    def test_resolving_needs_words(self):
        request = self._create_request()

        with self.assertRaisesRegex(UserError, "Nobody has said what was done"):
            self._step(request, "resolve")
        with self.assertRaisesRegex(UserError, "Nobody has said what was done"):
            request._transition_to("resolved")

        self.assertEqual(request.state, "new")
        self.assertEqual(self._get_kinds(request), ["received"])

    def test_a_closed_request_opens_anew_within_the_days_of_the_company(self):
        self.company.aftersales_reopen_days = 10
        request = self._create_request()
        request.resolution = "<p>Done</p>"
        request._transition_to("resolved")
        request.action_close()

        with freeze_time("2026-01-26 09:00"):
            with self.assertRaisesRegex(UserError, "within 10 days, until 01/25/2026"):
                request.action_reopen()
        self.assertEqual((request.state, request.reopen_count), ("closed", 0))
        with freeze_time("2026-01-20 09:00"):
            self._step(request, "reopen", note="It drips again")

        self.assertEqual((request.state, request.reopen_count), ("in_progress", 1))
        self.assertFalse(request.resolved_on)
        self.assertEqual(request.event_ids[-1].note, "It drips again")

    def test_cancelling_needs_a_reason(self):
        request = self._create_request()

        with self.assertRaisesRegex(UserError, "Say why it is cancelled"):
            self._step(request, "cancel")
        self._step(request, "cancel", note="Sent to the wrong company")

        self.assertEqual((request.state, request.next_due), ("cancelled", False))

    def test_resolved_requests_close_by_themselves(self):
        self.company.aftersales_close_days = 7
        request, fresh = self._create_request(), self._create_request()
        (request + fresh).resolution = "<p>Done</p>"
        request._transition_to("resolved")
        with freeze_time("2026-01-20 09:00"):
            fresh._transition_to("resolved")

        with freeze_time("2026-01-22 09:00"), self.enter_registry_test_mode():
            self.env.ref("aftersales.ir_cron_request_close").method_direct_trigger()

        self.assertEqual((request.state, fresh.state), ("closed", "resolved"))

    # -------------------------------------------------------------------------
    # Stages
    # -------------------------------------------------------------------------

    def test_a_stage_changes_the_state_and_the_clock(self):
        request = self._create_request()

        request.stage_id = self.env.ref("aftersales.request_stage_waiting_customer")
        self.assertEqual((request.state, request.waiting_reason), ("waiting", "customer"))
        request.stage_id = self.env.ref("aftersales.request_stage_in_progress")

        self.assertEqual((request.state, request.waiting_reason), ("in_progress", False))
        self.assertEqual(
            self._get_kinds(request), ["received", "paused", "resumed"])

    def test_a_stage_for_whatever_reason_asks_for_one(self):
        request = self._create_request()

        with self.assertRaisesRegex(UserError, "only for a reason"):
            request.stage_id = self.env.ref("aftersales.request_stage_waiting")

        self.assertEqual(request.state, "new")

    def test_a_team_has_columns_of_its_own(self):
        triage = self.env["aftersales.request.stage"].create({
            "name": "Triage", "meaning": "new", "team_ids": [Command.set(self.team.ids)],
        })

        request = self._create_request(team_id=self.team.id)

        self.assertEqual(request.stage_id, triage)
        request.team_id = False
        self.assertEqual(request.stage_id, self.env.ref("aftersales.request_stage_new"))

    # -------------------------------------------------------------------------
    # Who writes
    # -------------------------------------------------------------------------

    def _post(self, request, user, **vals):
        return request.with_user(user).message_post(**{
            "body": "We are on it", "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment", **vals,
        })

    def test_the_first_human_message_is_the_answer_and_later_ones_are_news(self):
        request = self._create_request()

        with freeze_time("2026-01-15 10:00"):
            self._post(request, self.agent)
        with freeze_time("2026-01-15 11:00"):
            self._post(request, self.agent)

        self.assertEqual(request.responded_on, fields.Datetime.to_datetime("2026-01-15 10:00:00"))
        self.assertEqual(self._get_target(request, "response").status, "met")
        self.assertEqual(
            self._get_kinds(request),
            ["received", "acknowledged", "responded", "breached", "updated"])

    def test_no_machine_and_no_note_answers(self):
        request = self._create_request()

        self._post(request, self.agent, subtype_xmlid="mail.mt_note")
        for message_type in ("auto_comment", "notification"):
            self._post(request, self.agent, message_type=message_type)
        self._post(request, self.env.ref("base.user_root"))
        self._post(request.with_context(aftersales_auto_reply=True), self.agent)

        self.assertFalse(request.responded_on)
        self.assertEqual(self._get_kinds(request), ["received"])

    def test_what_no_customer_gets_is_no_answer(self):
        request = self._create_request()
        request.message_unsubscribe(request.message_partner_ids.ids)

        self._post(request, self.agent)
        self.assertFalse(request.responded_on)
        self._post(request, self.agent, partner_ids=self.portal_user.partner_id.ids)

        self.assertTrue(request.responded_on)

    def test_the_customers_message_lets_the_clock_run(self):
        request = self._create_request()
        request.action_wait_customer()

        self._post(request, self.agent, author_id=self.portal_user.partner_id.id)

        self.assertEqual(request.state, "in_progress")
        self.assertEqual(
            request.customer_wrote_on, fields.Datetime.to_datetime("2026-01-15 09:00:00"))
        self._post(request, self.agent)
        self.assertFalse(request.customer_wrote_on)

    def test_the_customers_message_brings_no_parts(self):
        request = self._create_request()
        request._wait("parts")

        self._post(request, self.agent, author_id=self.portal_user.partner_id.id)

        self.assertEqual((request.state, request.responded_on), ("waiting", False))

    # -------------------------------------------------------------------------
    # Whose
    # -------------------------------------------------------------------------

    def test_hand_offs_are_logged_and_counted(self):
        request = self._create_request(user_id=self.agent.id, team_id=self.team.id)

        self._step(request, "reassign", user_id=self.technician.id, note="Needs a visit")

        self.assertEqual((request.state, request.handoff_count), ("assigned", 1))
        event = request.event_ids[-1]
        self.assertEqual(
            (event.kind, event.from_user_id, event.to_user_id, event.note),
            ("assigned", self.agent, self.technician, "Needs a visit"))

    def test_technicians_work_on_their_teams_requests_only(self):
        theirs = self._create_request(team_id=self.team.id)
        others = self._create_request()

        found = self.env["aftersales.request"].with_user(self.technician).search([])

        self.assertEqual(found & (theirs + others), theirs)
        theirs.with_user(self.technician).action_start()
        self.assertEqual((theirs.state, theirs.user_id), ("in_progress", self.technician))
        with self.assertRaises(AccessError):
            others.with_user(self.technician).action_start()
        self.assertEqual(others.state, "new")

    def test_outsiders_see_nothing(self):
        request = self._create_request()

        for user in (self.outsider, self.accountant):
            with self.assertRaises(AccessError):
                request.with_user(user).read(["subject"])
        with self.assertRaises(AccessError):
            request.with_user(self.legal).subject = "Other"

    # -------------------------------------------------------------------------
    # The desk
    # -------------------------------------------------------------------------

    def test_the_desk_opens_by_the_same_queries_however_long_it_is(self):
        specification = {name: {} for name in (
            "name", "subject", "priority", "due_label", "due_level", "state", "can_take",
            "can_acknowledge",
        )}

        def count(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            desk = self.env["aftersales.request"].with_user(self.agent).web_search_read(
                [("is_open", "=", True)], specification, limit=limit)
            self.assertEqual(len(desk["records"]), limit)
            return self.env.cr.sql_log_count - before

        for _number in range(12):
            self._create_request()
        count(2)

        self.assertEqual(count(2), count(10))

    def test_what_breaches_next_stands_on_top(self):
        slow = self._create_request(impact="3", urgency="3")
        fast = self._create_request(impact="1", urgency="1")
        with freeze_time("2026-01-15 09:10"):
            fast.action_acknowledge()
            resting = self._create_request()
            resting._wait("parts")

        found = self.env["aftersales.request"].search([
            ("id", "in", (slow + fast + resting).ids)])

        # Acknowledge P4 at 9:30, answer P1 at 10:00; what rests comes last.
        self.assertEqual(found, slow + fast + resting)
        with freeze_time("2026-01-15 09:20"):
            found.invalidate_recordset(["due_label", "due_level"])
            self.assertEqual(found.mapped("due_label"), [
                "0:10 left", "0:40 left", "Paused, 0:30 h left"])
            self.assertEqual(found.mapped("due_level"), ["soon", "soon", "paused"])

    def test_smart_buttons_lead_to_the_requests(self):
        unit = self.env["maintenance.equipment"].create({
            "name": "Pump 1", "customer_id": self.customer.id})
        request = self._create_request(equipment_id=unit.id)

        for record in (unit, self.customer):
            record = record.with_user(self.agent)
            self.assertEqual(record.aftersales_request_count, 1)
            action = record.action_view_aftersales_requests()
            self.assertEqual(
                self.env["aftersales.request"].search(action["domain"]), request)

    def test_technicians_see_no_contact_data_of_confidential_customers(self):
        contact = self.portal_user.partner_id
        contact.phone = "+1 555 0100"
        self.customer.aftersales_confidential = True
        request = self._create_request(team_id=self.team.id)

        def read(user):
            return (
                contact.with_user(user).read(["phone"])[0]["phone"],
                request.with_user(user).read(["phone"])[0]["phone"],
            )

        self.assertEqual(read(self.technician), ("•••", "•••"))
        self.assertEqual(read(self.agent), ("+1 555 0100", "+1 555 0100"))
        request.with_user(self.technician).action_take()
        self.assertEqual(read(self.technician), ("+1 555 0100", "+1 555 0100"))
        self.customer.aftersales_confidential = False
        self.assertEqual(
            self.other_customer.with_user(self.technician).read(["email"])[0]["email"],
            "office@hotel.example")
