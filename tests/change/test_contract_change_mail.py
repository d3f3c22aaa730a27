import psycopg2

from odoo.http import Request
from odoo.tests import HttpCase, freeze_time
from odoo.tools import mute_logger

from ..agreement.portal_common import SIGNATURE, SignatureCommon
from .contract_change_common import ContractChangeCommon

CHANGE = "aftersales.contract.change"
VERSION = "aftersales.contract.version"


@freeze_time("2026-01-15 09:00")
class TestContractChangeMail(SignatureCommon, ContractChangeCommon, HttpCase):
    """The invitation to confirm a change, the reminders, and the copies once it is in force."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active(subject="Lift care")
        cls.contract.contact_id = cls.portal_user.partner_id

    def _put_price(self, **vals):
        return self._put(self._create_change(self.contract, self._price(self.contract), **vals))

    def _get_mails(self, record):
        """Return what was mailed about a record, the oldest first."""
        return record.sudo().message_ids.sorted("id").filtered("notified_partner_ids")

    def _remind(self, day):
        with freeze_time(f"{day} 06:00"):
            self._run_cron("_cron_remind", CHANGE)

    def _read_steps(self, change):
        return change.sudo().reminder_ids.sorted("step").mapped("step")

    # -------------------------------------------------------------------------
    # Invitation
    # -------------------------------------------------------------------------

    def test_invitation_brings_link_price_and_annex(self):
        change = self._put_price(date_effective="2026-02-01")

        mail = self._get_mails(change)

        self.assertEqual(mail.notified_partner_ids, self.portal_user.partner_id)
        self.assertEqual(
            mail.subject, f"Please confirm: change {change.name} of contract {self.contract.name}",
        )
        self.assertEqual(mail.attachment_ids, change.document_id)
        for part in (change.sudo().access_token, "The clinic grows.", "1,200.00", "2,400.00",
                     "02/01/2026", "Read and confirm"):
            self.assertIn(part, mail.body)
        self.assertEqual(str(change.invited_on), "2026-01-15 09:00:00")
        self.assertEqual(str(change.link_expires_on), "2026-02-14")
        self.assertEqual(str(change.next_reminder_on), "2026-01-18")

    def test_without_an_address_nobody_is_asked_and_the_thread_says_so(self):
        self.portal_user.partner_id.email = False

        change = self._put_price()

        self.assertEqual(change.state, "to_confirm")
        self.assertFalse(self._get_mails(change) or change.invited_on)
        self.assertIn("has no e-mail address", change.message_ids[0].body)
        with self.assertRefused(change.name, "Nora Northside has no e-mail address"):
            change.action_invite()
        self.portal_user.partner_id.email = "nora@clinic.example"
        change.action_invite()
        self.assertEqual(str(change.invited_on), "2026-01-15 09:00:00")

    def test_only_what_waits_for_the_customer_is_sent_again(self):
        change = self._put_price(date_effective="2026-02-01")
        self._confirm(change)

        with self.assertRefused(change.name, "does not wait for the customer"):
            change.action_invite()

        self.assertEqual(len(self._get_mails(change).filtered("attachment_ids")), 1)

    # -------------------------------------------------------------------------
    # Reminders
    # -------------------------------------------------------------------------

    def test_reminders_on_the_days_of_the_company(self):
        change = self._put_price(date_effective="2026-03-01")

        sent = {}
        for day in ("2026-01-17", "2026-01-18", "2026-01-18", "2026-01-22", "2026-01-30"):
            self._remind(day)
            sent[day] = self._read_steps(change)

        self.assertEqual(sent, {
            "2026-01-17": [], "2026-01-18": [1], "2026-01-22": [1, 2], "2026-01-30": [1, 2],
        })
        reminders = change.sudo().reminder_ids
        self.assertEqual(reminders.message_id, self._get_mails(change)[1:])
        self.assertEqual(set(reminders.message_id.mapped("subject")), {
            f"Reminder: change {change.name} of contract {self.contract.name} waits for your "
            "answer",
        })
        self.assertEqual(reminders.company_id, self.company)
        self.assertFalse(change.next_reminder_on)

    def test_the_database_holds_each_step_once(self):
        change = self._put_price()
        reminders = self.env["aftersales.signature.reminder"]
        reminders.create({"change_id": change.id, "step": 1})

        for vals in (
            {"change_id": change.id, "step": 1}, {"step": 2},
            {"change_id": change.id, "version_id": self.contract.version_id.id, "step": 2},
        ):
            with self.subTest(vals=vals), mute_logger("odoo.sql_db"), self.assertRaises(
                psycopg2.IntegrityError,
            ), self.env.cr.savepoint():
                reminders.create({"company_id": self.company.id, **vals})

        self.assertEqual(self._read_steps(change), [1])

    def test_nobody_is_reminded_of_what_is_settled(self):
        confirmed = self._put_price(date_effective="2026-03-01")
        confirmed.sudo()._sign_as_customer("Nora Northside", "typed")
        declined = self._put_price(date_effective="2026-03-02")
        declined.sudo()._decline("Nora Northside", "Too dear")

        self._remind("2026-01-30")

        self.assertFalse(confirmed.sudo().reminder_ids | declined.sudo().reminder_ids)

    def test_another_text_is_another_round_of_reminders(self):
        change = self._put_price(date_effective="2026-03-01")
        self._remind("2026-01-18")
        change.action_draft()
        self.assertFalse(change.invited_on or change.next_reminder_on or self._read_steps(change))

        with freeze_time("2026-01-20 09:00"):
            self._put(change)
        self._remind("2026-01-23")

        self.assertEqual(self._read_steps(change), [1])

    # -------------------------------------------------------------------------
    # Links
    # -------------------------------------------------------------------------

    def test_expired_link_shows_and_confirms_nothing_and_can_be_renewed(self):
        change = self._put_price(date_effective="2026-03-01")
        url, token = change.access_url, change.sudo().access_token
        change.sudo().link_expires_on = "2026-01-14"
        self.authenticate(None, None)

        page = self.url_open(f"{url}?access_token={token}").text
        result = self.make_jsonrpc_request(f"{url}/accept?access_token={token}", {
            "name": "Nora", "signature": SIGNATURE, "content_hash": change.content_hash,
        })
        declined = self.url_open(f"{url}/decline", {
            "csrf_token": Request.csrf_token(self), "access_token": token, "reason": "No",
        }).text
        annex = self.url_open(f"{url}/annex?access_token={token}").text

        for text in (page, declined, annex):
            self.assertIn("This link has expired", text)
            self.assertNotIn("The clinic grows.", text)
        self.assertIn("no longer works", result["error"])
        self.assertRecordValues(change, [{"state": "to_confirm", "customer_signed_on": False}])

        sent = self.url_open(f"{url}/new_link", {
            "csrf_token": Request.csrf_token(self), "access_token": token,
        }).text

        self.assertIn("A new link is on its way", sent)
        self.env.invalidate_all()
        self.assertNotEqual(change.sudo().access_token, token)
        self.assertEqual(str(change.link_expires_on), "2026-02-14")
        self.assertEqual(self.url_open(
            f"{url}?access_token={token}", allow_redirects=False).status_code, 303)

    def test_expired_link_does_not_stop_those_who_log_in(self):
        change = self._put_price(date_effective="2026-03-01")
        change.sudo().link_expires_on = "2026-01-14"
        self.authenticate(self.portal_user.login, self.portal_user.login)

        page = self.url_open(change.access_url).text

        self.assertIn("The clinic grows.", page)

    def test_new_link_is_nobody_elses_to_ask_for(self):
        change = self._put_price(date_effective="2026-03-01")
        token = change.sudo().access_token
        change.sudo().link_expires_on = "2026-01-14"
        self.authenticate(self.other_portal_user.login, self.other_portal_user.login)

        for access_token in ("", "wrong"):
            self.url_open(f"{change.access_url}/new_link", {
                "csrf_token": Request.csrf_token(self), "access_token": access_token,
            })

        self.env.invalidate_all()
        self.assertEqual(change.sudo().access_token, token)
        self.assertEqual(len(self._get_mails(change)), 1)

    # -------------------------------------------------------------------------
    # In force
    # -------------------------------------------------------------------------

    def _run_copies(self):
        with self._print_one_page():
            self._run_cron("_cron_mail_signed_copies", VERSION)

    def _get_copies(self, change):
        return self._get_mails(change).filtered(lambda mail: "In force" in (mail.subject or ""))

    def test_both_receive_annex_and_contract_once_it_is_in_force(self):
        with self._print_one_page():
            change = self._put_price()
        self._confirm(change)
        with freeze_time("2026-01-15 10:00"):
            self._run_copies()
        self.assertEqual(change.state, "agreed")
        self.assertFalse(self._get_copies(change))

        with freeze_time("2026-01-16 09:00"), self._print_one_page():
            self._apply_by_cron()
            self._run_copies()
            self._run_copies()

        version = self.contract.sudo().version_id
        copies = self._get_copies(change)
        self.assertEqual(
            [mail.notified_partner_ids for mail in copies],
            [self.portal_user.partner_id, self.officer.partner_id],
        )
        for mail in copies:
            self.assertEqual(mail.attachment_ids, change.document_id | version.signed_copy_id)
        self.assertEqual(str(version.signed_copy_mailed_on), "2026-01-16 09:00:00")
        self.assertFalse(self._get_mails(self.contract).filtered(
            lambda m: "Signed by both" in (m.subject or "") and m.date.day == 16))

    def test_who_confirmed_on_paper_after_an_invitation_hears_it_too(self):
        with self._print_one_page():
            change = self._put_price()
        self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"{change._name},{change.id}", "method": "word",
        }).action_confirm()
        change.action_countersign()

        with freeze_time("2026-01-16 09:00"), self._print_one_page():
            self._apply_by_cron()
            self._run_copies()

        self.assertEqual(len(self._get_copies(change)), 2)

    def test_the_responsible_is_asked_to_countersign_what_came_online(self):
        change = self._put_price(date_effective="2026-03-01")
        self.authenticate(self.portal_user.login, self.portal_user.login)

        self.make_jsonrpc_request(f"{change.access_url}/accept", {
            "name": "Nora Northside", "signature": SIGNATURE, "method": "typed",
            "content_hash": change.content_hash,
        })

        self.assertEqual(change.customer_method, "typed")
        self.assertEqual(change.customer_identified_by, "Portal login test_portal")
        activity = change.activity_ids
        self.assertEqual((activity.user_id, activity.summary),
                         (self.officer, "The customer has signed"))
        change.action_countersign()
        self.assertFalse(change.activity_ids)
