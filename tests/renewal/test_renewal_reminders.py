from datetime import date
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .renewal_common import RenewalCommon


class TestRenewalReminders(RenewalCommon):
    """Who is reminded of the end of a term, when, and that it is proven."""

    def _read(self, contract):
        return sorted(
            (notice.audience, notice.days_before, str(notice.date))
            for notice in contract.notice_ids
        )

    # -------------------------------------------------------------------------
    # Which and when
    # -------------------------------------------------------------------------

    def test_missed_steps_are_covered_by_the_latest(self):
        contract = self._create_ending()
        self.assertEqual(contract.next_reminder_date, date(2025, 11, 20))

        self._run_cron("_cron_renewal")

        self.assertEqual(self._read(contract), [
            ("customer", 65, "2026-01-15"), ("manager", 100, "2026-01-15"),
        ])
        self.assertEqual(contract.next_reminder_date, date(2026, 1, 29))

    def test_a_second_run_sends_nothing(self):
        contract = self._create_ending()
        self._run_cron("_cron_renewal")
        mails = self.env["mail.mail"].search([("model", "=", contract._name),
                                              ("res_id", "=", contract.id)])
        self.assertEqual(len(mails), 2)

        self._run_cron("_cron_renewal")
        with freeze_time("2026-01-28 09:00"):
            self._run_cron("_cron_renewal")

        self.assertEqual(len(contract.notice_ids), 2)
        self.assertEqual(self.env["mail.mail"].search(
            [("model", "=", contract._name), ("res_id", "=", contract.id)]), mails)

    def test_the_database_refuses_the_same_reminder(self):
        contract = self._create_ending()
        self._run_cron("_cron_renewal")
        notice = contract.notice_ids[0].sudo()

        with (
            self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            notice.create({
                name: notice._fields[name].convert_to_write(notice[name], notice) for name in (
                    "contract_id", "term_id", "term_end", "days_before", "audience", "date",
                )
            })

    def test_a_reminder_that_cannot_be_written_is_not_remembered(self):
        contract = self._create_ending()

        with (
            patch.object(type(self.env["mail.template"]), "send_mail_batch",
                         side_effect=ValueError("no template")),
            mute_logger("odoo.addons.aftersales.models.renewal.aftersales_contract"),
        ):
            self._run_cron("_cron_renewal")

        self.assertFalse(contract.notice_ids)
        self.assertEqual(contract.renewal_problem, "no template")
        self._run_cron("_cron_renewal")
        self.assertEqual(len(contract.notice_ids), 2)

    def test_a_moved_end_gives_new_reminders(self):
        contract = self._create_ending()
        self._run_cron("_cron_renewal")

        contract._as_agreed(contract).date_end = date(2026, 3, 31)
        self.assertEqual(contract.term_id.date_end, date(2026, 3, 31))
        self._run_cron("_cron_renewal")

        self.assertEqual(self._read(contract), [
            ("customer", 65, "2026-01-15"), ("customer", 90, "2026-01-15"),
            ("manager", 100, "2026-01-15"), ("manager", 100, "2026-01-15"),
        ])
        self.assertEqual(set(contract.notice_ids.mapped("term_end")),
                         {date(2026, 2, 28), date(2026, 3, 31)})

    def test_own_reminders_replace_those_of_the_company(self):
        contract = self._create_ending(renewal_mode="agreement")
        contract.renewal_step_ids = [
            Command.create({"days_before": 40, "audience": "customer"}),
        ]

        self._run_cron("_cron_renewal")
        self.assertFalse(contract.notice_ids)
        with freeze_time("2026-01-19 09:00"):
            self._run_cron("_cron_renewal")

        self.assertEqual(self._read(contract), [("customer", 40, "2026-01-19")])

    def test_company_steps_that_change_move_the_next_reminder(self):
        contract = self._create_ending(renewal_mode="agreement")
        self._run_cron("_cron_renewal")
        self.assertEqual(contract.next_reminder_date, date(2026, 1, 29))

        self.company.aftersales_renewal_step_ids = [
            Command.create({"days_before": 50, "audience": "manager"}),
        ]
        self.assertEqual(contract.next_reminder_date, date(2026, 1, 9))

        self._run_cron("_cron_renewal")
        self.assertEqual(self._read(contract)[1:], [
            ("manager", 50, "2026-01-15"), ("manager", 100, "2026-01-15"),
        ])

    def test_customers_hear_before_the_deadline_whatever_the_steps(self):
        contract = self._create_ending(renewal_notice_days=120)

        self.assertIn((134, "customer"), contract._get_steps())

    def test_an_end_without_renewal_concerns_the_manager_alone(self):
        contract = self._create_ending(renewal_mode="none")

        self._run_cron("_cron_renewal")

        self.assertEqual(self._read(contract), [("manager", 100, "2026-01-15")])

    def test_nobody_is_reminded_of_what_does_not_end_or_is_not_in_force(self):
        open_end = self._create_active(date_end=False)
        draft = self._create_contract(date_end="2026-02-28")
        cancelled = self._create_contract(date_end="2026-02-28")
        cancelled.action_cancel()

        self._run_cron("_cron_renewal")

        self.assertFalse((open_end | draft | cancelled).notice_ids)

    # -------------------------------------------------------------------------
    # Text and proof
    # -------------------------------------------------------------------------

    def test_the_customer_reads_what_happens_and_how_to_object(self):
        contract = self._create_ending(contact_id=self.portal_user.partner_id.id)

        self._run_cron("_cron_renewal")

        notice = contract.notice_ids.filtered(lambda n: n.audience == "customer")
        mail = notice.sudo().mail_id
        self.assertEqual(mail.recipient_ids, self.portal_user.partner_id)
        self.assertEqual(mail.email_from, self.officer.email_formatted)
        self.assertIn(contract.name, mail.subject)
        for part in ("Unless you object by", "01/29/2026", "02/28/2027", "1,200.00",
                     "do not want the renewal", "access_token="):
            self.assertIn(part, mail.body_html)
        self.assertEqual(notice.recipient, "portal@aftersales.example")

    def test_the_price_told_is_that_of_the_lines_that_go_on(self):
        contract = self._create_ending(lines=[{}, {"date_end": "2025-12-31"}])

        self._run_cron("_cron_renewal")

        notice = contract.notice_ids.filtered(lambda n: n.audience == "customer")
        self.assertIn("1,200.00", notice.sudo().mail_id.body_html)
        self.assertNotIn("2,400.00", notice.sudo().mail_id.body_html)

    def test_the_customer_is_written_to_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref("aftersales.mail_template_renewal_customer").with_context(
            lang="fr_FR").subject = "Fin du contrat {{ object.name }}"
        self.customer.lang = "fr_FR"
        contract = self._create_ending()

        self._run_cron("_cron_renewal")

        notice = contract.notice_ids.filtered(lambda n: n.audience == "customer")
        self.assertEqual(notice.sudo().mail_id.subject, f"Fin du contrat {contract.name}")

    def test_proof_is_the_day_on_which_the_mail_left(self):
        contract = self._create_ending()
        self._run_cron("_cron_renewal")
        notice = contract.notice_ids.filtered(lambda n: n.audience == "customer")
        self.assertFalse(notice.date_sent)
        self.assertEqual(notice.message_id, notice.sudo().mail_id.message_id)

        with freeze_time("2026-01-16 09:00"):
            self._send_mails()

        self.assertEqual(notice.date_sent, date(2026, 1, 16))
        self.assertTrue(notice.sudo().mail_id.exists())

    def test_a_mail_that_fails_proves_nothing(self):
        self.customer.email = False
        contract = self._create_ending()
        self._run_cron("_cron_renewal")
        notice = contract.notice_ids.filtered(lambda n: n.audience == "customer")

        self._send_mails()

        self.assertEqual(notice.sudo().mail_id.state, "exception")
        self.assertFalse(notice.date_sent)

    def test_proof_cannot_be_deleted_or_forged(self):
        contract = self._create_ending()
        self._run_cron("_cron_renewal")

        with self.assertRefused("proof"):
            contract.notice_ids[0].sudo().unlink()
        with self.assertRaises(AccessError):
            contract.notice_ids[0].with_user(self.manager).date_sent = "2026-01-01"

        self.assertFalse(contract.notice_ids[0].date_sent)
        self.assertEqual(len(contract.notice_ids), 2)
