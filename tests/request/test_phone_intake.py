"""Calls on the hotline."""

from datetime import date

from odoo.fields import Command
from odoo.tests import Form, users

from .request_common import RequestCommon


class TestPhoneIntake(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.portal_user.partner_id
        cls.nora.phone = "+1 555 010 2030"

    def _open_form(self, **vals):
        form = Form(self.env["aftersales.phone.intake"].with_user(self.agent))
        for name, value in vals.items():
            setattr(form, name, value)
        return form

    def _confirm(self, form):
        action = form.save().action_confirm()
        self.assertEqual(action["res_model"], "aftersales.request")
        return self.env["aftersales.request"].browse(action["res_id"])

    def test_a_number_finds_the_caller_the_contracts_and_the_open_requests(self):
        contract = self._create_active()
        request = self._create_request()
        other = self._create_request(partner_id=self.other_portal_user.partner_id.id)

        form = self._open_form(phone="+15550102030")

        self.assertEqual(form.partner_id, self.nora)
        call = form.save()
        self.assertEqual(call.commercial_partner_id, self.customer)
        self.assertEqual(call.contract_ids, contract)
        self.assertEqual(call.open_request_ids, request)
        self.assertNotIn(other, call.open_request_ids)
        self.assertFalse(call.entitlement_warning)

    def test_a_short_or_unknown_number_finds_nobody(self):
        self.assertFalse(self._open_form(phone="2030").partner_id)
        self.assertFalse(self._open_form(phone="+1 999 999 9999").partner_id)

    def test_who_is_not_named_in_the_contract_is_warned_of(self):
        contract = self._create_active()
        boss = self.env["res.partner"].create({"name": "Bea Boss", "parent_id": self.customer.id})
        contract.sudo().entitled_partner_ids = [Command.set(boss.ids)]

        form = self._open_form(partner_id=self.nora)
        self.assertEqual(
            form.entitlement_warning,
            f"Contract {contract.display_name} names who may call: Bea Boss. "
            f"{self.nora.display_name} is not among them.")
        form.partner_id = boss

        self.assertFalse(form.entitlement_warning)

    def test_a_call_opens_a_request_and_is_confirmed_in_writing(self):
        form = self._open_form(phone="+15550102030", subject=" Door stuck ", impact="1",
                               urgency="1", description="Since <today>")

        request = self._confirm(form)

        self.assertEqual(
            (request.channel, request.subject, request.priority, request.partner_id),
            ("phone", "Door stuck", "1", self.nora))
        self.assertIn("Since &lt;today&gt;", request.description)
        self.assertEqual(request.event_ids.mapped("kind"), ["received", "acknowledged"])
        self.assertEqual(request.event_ids[-1].note, "by mail")
        self.assertFalse(request.responded_on)

    def test_a_caller_without_address_has_heard_the_number(self):
        self.nora.email = False

        request = self._confirm(self._open_form(partner_id=self.nora, subject="Door stuck"))

        self.assertEqual(request.event_ids[-1].note, "on the phone")
        self.assertTrue(request.acknowledged_on)

    def test_an_answer_at_once_is_logged_as_the_first_answer_and_the_solution(self):
        form = self._open_form(partner_id=self.nora, subject="Which oil?", kind="consult",
                               is_answered=True, answer="5W-30")

        request = self._confirm(form)

        self.assertEqual(request.state, "resolved")
        self.assertIn("5W-30", request.resolution)
        self.assertTrue(request.responded_on and request.resolved_on)
        self.assertEqual(self._get_target(request, "resolution").status, "met")
        self.assertFalse(self.env["mail.mail"].search([
            ("model", "=", request._name), ("res_id", "=", request.id),
            ("body_html", "ilike", "We answer by"),
        ]))

    def test_a_call_back_is_planned(self):
        form = self._open_form(phone="+15550102030", subject="Door stuck", calls_back=True,
                               call_back_on="2026-01-16", call_back_user_id=self.manager)

        activity = self._confirm(form).activity_ids

        self.assertEqual(
            (activity.activity_type_id, activity.date_deadline, activity.user_id),
            (self.env.ref("mail.mail_activity_data_call"), date(2026, 1, 16), self.manager))
        self.assertEqual(activity.summary, "Call back Nora Northside, +15550102030")

    def test_a_call_about_an_open_request_is_noted_there(self):
        request = self._create_request()
        form = self._open_form(partner_id=self.nora, request_id=request, description="Any news?")

        self.assertEqual(self._confirm(form), request)

        self.assertEqual(self.env["aftersales.request"].search_count([
            ("commercial_partner_id", "=", self.customer.id)]), 1)
        self.assertTrue(request.message_ids.filtered(
            lambda message: "called: Any news?" in message.body))

    @users("test_agent")
    def test_what_is_missing_is_said_at_once_and_nothing_is_written(self):
        before = self.env["aftersales.request"].search_count([])
        call = self.env["aftersales.phone.intake"].create({
            "is_answered": True, "calls_back": True, "call_back_on": False,
        })

        with self.assertRefused("what the call is about", "what the caller was told",
                                "who calls back, and when", "the number to call back"):
            call.action_confirm()

        self.assertEqual(self.env["aftersales.request"].search_count([]), before)
