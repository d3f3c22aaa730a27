"""Mails that say that a request is solved, and ask how satisfied the customer is."""

from odoo.fields import Command
from odoo.tests import freeze_time

from ...models.request.aftersales_request_notice import RATING_MAIL, RESOLUTION_MAIL
from .portal_request_common import PortalRequestCommon


class TestRequestNotice(PortalRequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.portal_user.partner_id
        cls.request = cls.request.with_user(cls.agent)

    def _get_mails(self, subject, request=None):
        request = request or self.request
        return self.env["mail.mail"].search([
            ("model", "=", request._name), ("res_id", "=", request.id),
            ("subject", "like", subject),
        ])

    def _get_resolution_mails(self, request=None):
        return self._get_mails("Solved:", request)

    def _get_rating_mails(self, request=None):
        return self._get_mails("How satisfied", request)

    def _step(self, step, **vals):
        self.env["aftersales.request.step"].with_user(self.agent).create({
            "request_ids": [Command.set(self.request.ids)], "step": step, **vals,
        }).action_confirm()

    def _invite(self):
        self._run_cron("_cron_invite_to_rate", "aftersales.request")

    def _close_by_itself(self):
        self._run_cron("_cron_close_resolved", "aftersales.request")

    # -------------------------------------------------------------------------
    # Solved
    # -------------------------------------------------------------------------

    def test_the_customer_hears_what_was_done_and_when_it_closes(self):
        self._resolve()

        mail = self._get_resolution_mails()
        self.assertEqual(len(mail), 1)
        self.assertEqual(
            mail.subject, f"[{self.request.name}] Solved: The pump does not start")
        self.assertEqual(mail.recipient_ids, self.nora)
        for text in ("New capacitor fitted.", "January 22, 2026", self.request.access_token):
            self.assertIn(text, mail.body_html)
        self.assertFalse(self.request.responded_on)

    def test_what_the_desk_writes_comes_in_the_mail_of_the_resolution_only(self):
        before = self._get_mails("%")

        self._step("resolve", resolution="<p>New seal</p>")

        mails = self._get_mails("%") - before
        self.assertEqual(mails, self._get_resolution_mails())
        self.assertEqual(len(mails), 1)
        self.assertIn("New seal", mails.body_html)
        said = self.request.message_ids.filtered(lambda message: "New seal" in message.body)
        self.assertIn(self.env.ref("mail.mt_comment"), said.subtype_id)
        self.assertEqual(str(self.request.responded_on), "2026-01-15 09:00:00")

    def test_who_does_not_want_to_tell_tells_nothing(self):
        self._step("resolve", resolution="<p>New seal</p>", tell_customer=False)

        self.assertEqual(self.request.state, "resolved")
        self.assertFalse(self._get_resolution_mails())

    def test_colleagues_in_copy_hear_of_the_resolution_others_do_not(self):
        self.request.sudo().message_subscribe(partner_ids=[
            self.colleague.partner_id.id, self.other_portal_user.partner_id.id,
            self.manager.partner_id.id,
        ])

        self._resolve()

        self.assertEqual(
            self._get_resolution_mails().recipient_ids, self.nora | self.colleague.partner_id)

    def test_each_resolution_is_told(self):
        self._resolve()
        self.request.action_reopen()
        self._resolve()

        self.assertEqual(len(self._get_resolution_mails()), 2)

    def test_a_machine_is_told_nothing(self):
        self.request.sudo().is_automatic = True

        self._close()
        with freeze_time("2026-01-16 09:00"):
            self._invite()

        self.assertFalse(self._get_resolution_mails() | self._get_rating_mails())

    def test_a_sender_without_contact_is_told_at_their_address(self):
        request = self._create_request(partner_id=False, email_from="uma@elsewhere.example")

        self._resolve(request)

        self.assertEqual(self._get_resolution_mails(request).email_to, "uma@elsewhere.example")

    # -------------------------------------------------------------------------
    # The customer writes after the resolution
    # -------------------------------------------------------------------------

    def test_what_was_written_after_the_resolution_keeps_it_from_closing(self):
        self.request.user_id = self.agent
        self._resolve()
        with freeze_time("2026-01-16 09:00"):
            self._say("It hums again.", "mail.mt_comment", author_id=self.nora.id)
            self._say("Really.", "mail.mt_comment", author_id=self.nora.id)

        with freeze_time("2026-01-23 09:00"):
            self._close_by_itself()
            self.assertEqual(self.request.state, "resolved")
            reminder = self.request.activity_ids
            self.assertEqual(len(reminder), 1)
            self.assertEqual(reminder.user_id, self.agent)
            self.assertEqual(str(reminder.date_deadline), "2026-01-16")
            self._say("That is the fan.", "mail.mt_comment")
            self._close_by_itself()

        self.assertEqual(self.request.state, "closed")

    def test_what_was_written_before_the_resolution_is_answered_by_it(self):
        self._say("It hums.", "mail.mt_comment", author_id=self.nora.id)
        with freeze_time("2026-01-15 10:00"):
            self._resolve()

        with freeze_time("2026-01-23 09:00"):
            self._close_by_itself()

        self.assertEqual(self.request.state, "closed")

    # -------------------------------------------------------------------------
    # Please rate
    # -------------------------------------------------------------------------

    def test_the_customer_is_invited_once_an_hour_after_closing(self):
        self._close()
        self._invite()
        self.assertFalse(self._get_rating_mails())

        with freeze_time("2026-01-15 10:00"):
            self._invite()
            self._invite()
            self.request._invite_to_rate()

        mail = self._get_rating_mails()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.nora)
        self.assertIn(f"{self.request.access_token}&amp;stars=4#rating", mail.body_html)
        self.assertEqual(str(self.request.rating_invited_on), "2026-01-15 10:00:00")
        with freeze_time("2026-01-16 09:00"):
            self.request.action_reopen()
            self._close()
        with freeze_time("2026-01-17 09:00"):
            self._invite()
        self.assertEqual(self._get_rating_mails(), mail)

    def test_who_has_rated_or_opened_it_again_is_not_invited(self):
        reopened = self._create_request()
        self._close()
        self._close(reopened)
        self.request.sudo()._rate_from_portal(self.nora, 4, "")
        reopened.action_reopen()

        with freeze_time("2026-01-15 11:00"):
            self._invite()

        self.assertFalse(self._get_rating_mails() | self._get_rating_mails(reopened))
        self.assertFalse(self.request.rating_invite_on)
        self.assertFalse(reopened.rating_invite_on)

    def test_company_and_team_may_do_without(self):
        team = self.env["maintenance.team"].create({
            "name": "Quiet", "is_aftersales": True, "company_id": self.company.id,
            "aftersales_invites_to_rate": False,
        })
        self.request.team_id = team
        self._close()
        self.company.aftersales_invites_to_rate = False
        other = self._close(self._create_request())

        self.assertFalse(self.request.rating_invite_on)
        self.assertFalse(other.rating_invite_on)

    def test_a_question_answered_at_once_and_what_was_no_work_is_not_rated(self):
        answered = self._close(self._create_request(kind="consult"))
        cancelled = self._create_request()
        cancelled._transition_to("cancelled")
        alone = self._create_request()
        alone.sudo()._solve_from_portal(
            self.nora, self.env["aftersales.solution"].create({"name": "Switch it on"}))

        for request in (answered, cancelled, alone):
            self.assertFalse(request.rating_invite_on)
        self.assertFalse(self._get_resolution_mails(alone))

    def test_a_link_chooses_the_stars_and_rates_nothing(self):
        self._close()
        self.authenticate(None, None)

        url = self.request._get_rating_url(4).partition("/my/")[2]
        page = self._open(f"/my/{url}").text

        self.assertRegex(page, r'<input[^>]*value="4"[^>]*checked="checked"')
        self.assertEqual(page.count('checked="checked"'), 1)
        self.assertFalse(self.request.sudo()._get_given_rating())
        self._post(self._get_url("/rate"), access_token=self.request.access_token, rating="4")
        self.assertEqual(self.request.sudo()._get_given_rating().rating, 4)

    def test_mails_speak_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.nora.lang = "zh_CN"
        for template in (RESOLUTION_MAIL, RATING_MAIL):
            self.env.ref(template).with_context(lang="zh_CN").subject = f"中文 {template}"

        self._close()
        self.request._invite_to_rate()

        self.assertEqual(len(self._get_mails("中文")), 2)
