from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .portal_common import SignatureCommon

VERSION = "aftersales.contract.version"
MAX_QUERIES_PER_REMINDER = 40
LOGGER = "odoo.addons.aftersales.models.agreement.aftersales_signing_invitation_mixin"


class SignatureMailCommon(SignatureCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_to_sign()
        cls.contract.contact_id = cls.portal_user.partner_id
        cls.version = cls.contract.version_id.sudo()

    def _get_mails(self):
        """Return what was mailed about the contract, the oldest first."""
        messages = self.contract.sudo().message_ids.sorted("id")
        return messages.filtered("notified_partner_ids")

    def _get_steps(self):
        return self.version.reminder_ids.mapped("step")

    def _remind(self, day):
        with freeze_time(f"{day} 06:00"):
            self._run_cron("_cron_remind", VERSION)


class TestSignatureMail(SignatureMailCommon):
    """The invitation and what follows it while the customer does not answer."""

    # -------------------------------------------------------------------------
    # Invitation
    # -------------------------------------------------------------------------

    def test_invitation_brings_link_and_document(self):
        action = self.contract.action_send_to_sign()
        composer = Form(self.env["mail.compose.message"].with_user(self.officer).with_context(
            **action["context"])).save()
        self.assertFalse(self.version.invited_on)

        composer._action_send_mail()

        message = self._get_mails()
        self.assertEqual(message.notified_partner_ids, self.portal_user.partner_id)
        self.assertEqual(
            message.subject,
            f"Please sign: contract {self.contract.name} with {self.company.name}",
        )
        self.assertEqual(message.attachment_ids, self.version.document_id)
        self.assertIn(self.contract.sudo().access_token, message.body)
        self.assertEqual(message.author_id, self.officer.partner_id)
        self.assertRecordValues(self.version, [{"customer_signed_on": False}])
        self.assertEqual(str(self.version.invited_on), "2026-01-15 09:00:00")
        self.assertEqual(str(self.version.link_expires_on), "2026-02-14")
        self.assertEqual(str(self.version.next_reminder_on), "2026-01-18")

    def test_invitation_only_for_what_is_to_sign(self):
        self.contract.action_draft()
        with self.assertRefused("does not wait for a signature"):
            self.contract.action_send_to_sign()

        self.contract.action_submit()
        self.contract.action_approve()
        self._sign(self.contract)
        with self.assertRefused("does not wait for a signature"):
            self.contract.action_send_to_sign()

    def test_invitation_wants_an_address(self):
        self.portal_user.partner_id.email = False

        for invite in (self.contract.action_send_to_sign, self.contract._invite_to_sign):
            with self.assertRefused("Nora Northside has no e-mail address"):
                invite()

        self.assertFalse(self.version.invited_on)

    def test_other_mails_are_no_invitation(self):
        self.contract._post_mail("aftersales.mail_template_contract_link")

        self.assertFalse(self.version.invited_on)

    def test_links_that_always_work(self):
        self.company.aftersales_link_days = 0

        self.contract._invite_to_sign()

        self.assertFalse(self.version.link_expires_on)
        self.assertFalse(self.version._is_link_expired())

    # -------------------------------------------------------------------------
    # Reminders
    # -------------------------------------------------------------------------

    def test_reminders_on_the_days_of_the_company(self):
        self.contract._invite_to_sign()

        sent = {}
        for day in ("2026-01-17", "2026-01-18", "2026-01-19", "2026-01-22", "2026-01-30"):
            self._remind(day)
            sent[day] = self._get_steps()

        self.assertEqual(sent, {
            "2026-01-17": [], "2026-01-18": [1], "2026-01-19": [1], "2026-01-22": [1, 2],
            "2026-01-30": [1, 2],
        })
        mails = self._get_mails()[1:]
        self.assertEqual(mails.mapped("subject"), [
            f"Reminder: contract {self.contract.name} waits for your signature",
        ] * 2)
        self.assertEqual(self.version.reminder_ids.message_id, mails)
        self.assertEqual(str(self.version.link_expires_on), "2026-02-21")
        self.assertFalse(self.version.next_reminder_on)

    def test_late_reminder_stands_for_those_it_missed(self):
        self.contract._invite_to_sign()

        self._remind("2026-01-25")
        self._remind("2026-01-26")

        self.assertEqual(self._get_steps(), [2])
        self.assertEqual(len(self._get_mails()), 2)

    def test_reminder_is_never_sent_twice(self):
        self.contract._invite_to_sign()
        self._remind("2026-01-18")
        self._remind("2026-01-18")
        # Even when something lets the day come again.
        self.version.next_reminder_on = "2026-01-18"
        self._remind("2026-01-18")

        self.assertEqual(self._get_steps(), [1])
        self.assertEqual(len(self._get_mails()), 2)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            self.env["aftersales.signature.reminder"].create({
                "version_id": self.version.id, "step": 1,
            })

    def test_nobody_is_reminded_of_what_is_settled(self):
        self.contract._invite_to_sign()
        self._sign_online(self.contract)
        self._remind("2026-01-18")
        self.assertFalse(self._get_steps())

        declined = self._create_to_sign()
        declined._invite_to_sign()
        declined.sudo().version_id._decline("Too dear", self.portal_user.partner_id)
        reopened = self._create_to_sign()
        reopened._invite_to_sign()
        void = reopened.sudo().version_id
        reopened.action_draft()
        uninvited = self._create_to_sign()
        self._remind("2026-01-30")

        for version in (declined.sudo().version_id, void, uninvited.sudo().version_id):
            self.assertFalse(version.reminder_ids)

    def test_one_failing_reminder_does_not_stop_the_others(self):
        other = self._create_to_sign()
        (self.contract + other).mapped(lambda contract: contract._invite_to_sign())
        model = type(self.contract)
        post_mail = model._post_mail

        def fail_for_first(contract, *args):
            if contract.id == self.contract.id:
                raise MailDeliveryException("No mail today")
            return post_mail(contract, *args)

        with patch.object(model, "_post_mail", fail_for_first), self.assertLogs(LOGGER, "ERROR"):
            self._remind("2026-01-18")
        self.assertFalse(self._get_steps())
        self.assertEqual(other.sudo().version_id.reminder_ids.mapped("step"), [1])

        self._remind("2026-01-19")
        self.assertEqual(self._get_steps(), [1])

    def test_reminders_are_sent_in_batches(self):
        for _number in range(2):
            self._create_to_sign()._invite_to_sign()
        self.contract._invite_to_sign()

        with freeze_time("2026-01-18 06:00"), patch.object(
            type(self.version)._cron_remind, "__defaults__", (2,),
        ):
            steps = self._run_cron("_cron_remind", VERSION)

        self.assertEqual([processed for processed, _remaining in steps], [2, 1])

    def _count_reminders(self, count):
        """Remind of so many contracts; return the queries and how often a text was compiled."""
        for _number in range(count):
            self._create_to_sign(contact_id=self.portal_user.partner_id.id)._invite_to_sign()
        self.env.flush_all()
        self.env.invalidate_all()
        compiled = []
        qweb = type(self.env["ir.qweb"])
        generate = qweb._generate_code

        def count_compiled(model, template):
            # Not when Odoo only looks whether the text is safe.
            if "raise_on_forbidden_code_for_model" not in model.env.context:
                compiled.append(template)
            return generate(model, template)

        before = self.env.cr.sql_log_count
        with patch.object(qweb, "_generate_code", count_compiled):
            self._remind("2026-01-18")
        self.assertEqual(self.version.search_count([("reminder_ids", "!=", False)]), count)
        self.env["aftersales.signature.reminder"].search([]).unlink()
        self.version.search([]).next_reminder_on = False
        return self.env.cr.sql_log_count - before, len(compiled)

    def test_text_of_the_reminders_is_compiled_once_for_all(self):
        self._count_reminders(1)  # what is looked up once for all
        few, compiled_for_few = self._count_reminders(2)
        many, compiled_for_many = self._count_reminders(10)

        self.assertEqual(compiled_for_many, compiled_for_few)
        self.assertLessEqual((many - few) / 8, MAX_QUERIES_PER_REMINDER)

    def test_reminder_days_are_whole_days(self):
        for text in ("3; 7", "0", "-1", "soon", "1.5"):
            with self.subTest(text), self.assertRaises(ValidationError):
                self.company.aftersales_sign_reminder_days = text
        for text, days in (("7,3, 7", [3, 7]), ("", []), (False, []), ("2，5", [2, 5])):
            self.company.aftersales_sign_reminder_days = text
            self.assertEqual(self.company._get_aftersales_sign_reminder_days(), days)

    def test_no_reminders_when_the_company_wants_none(self):
        self.company.aftersales_sign_reminder_days = False

        self.contract._invite_to_sign()

        self.assertFalse(self.version.next_reminder_on)

    def test_reminders_are_written_by_the_cron_only(self):
        with self.assertRaises(AccessError):
            self.env["aftersales.signature.reminder"].with_user(self.manager).create({
                "version_id": self.version.id, "step": 1,
            })

    # -------------------------------------------------------------------------
    # Language
    # -------------------------------------------------------------------------

    def test_mails_are_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        subjects = {
            "invitation": "请签署：{{ object.name }}",
            "reminder": "提醒：{{ object.name }}",
        }
        for name, subject in subjects.items():
            template = self.env.ref(f"aftersales.mail_template_signature_{name}")
            template.with_context(lang="zh_CN").subject = subject

        self.contract._invite_to_sign()
        self._remind("2026-01-18")

        self.assertEqual(self._get_mails().mapped("subject"), [
            f"请签署：{self.contract.name}", f"提醒：{self.contract.name}",
        ])
