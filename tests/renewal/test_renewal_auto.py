from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .renewal_common import RenewalCommon

DEADLINE = "2026-01-29 09:00"
DAY_AFTER = "2026-01-30 09:00"


class TestRenewalAuto(RenewalCommon):
    """Contracts that renew by themselves, and what stops them."""

    # -------------------------------------------------------------------------
    # One more term
    # -------------------------------------------------------------------------

    def test_renews_on_the_day_after_the_deadline(self):
        contract = self._create_ending()
        self.assertEqual(contract.renewal_deadline, date(2026, 1, 29))
        self.assertEqual(contract.renewal_date, date(2026, 1, 30))
        self.assertEqual(contract.next_term_end, date(2027, 2, 28))

        self._run_on(DEADLINE)
        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self._run_on(DAY_AFTER)

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(contract.state, "active")
        self.assertRecordValues(contract.term_ids.sorted("number"), [
            {"number": 1, "origin": "initial", "date_start": date(2025, 3, 1),
             "date_end": date(2026, 2, 28)},
            {"number": 2, "origin": "renewal", "date_start": date(2026, 3, 1),
             "date_end": date(2027, 2, 28)},
        ])
        self.assertEqual(contract.renewal_deadline, date(2027, 1, 29))

    def test_the_new_term_is_billed_and_earlier_periods_stay(self):
        contract = self._create_ending()
        before = contract.obligation_ids

        self._run_on(DAY_AFTER)

        self.assertEqual(len(before), 12)
        self.assertEqual(contract.obligation_ids & before, before)
        self.assertEqual(self._get_periods(contract)[11:14], [
            ("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-31"),
            ("2026-04-01", "2026-04-30"),
        ])
        self.assertEqual(len(contract.obligation_ids), 24)

    def test_a_second_run_adds_no_second_term(self):
        contract = self._create_ending()
        self._run_on(DAY_AFTER)

        self._run_on(DAY_AFTER)
        self._run_on("2026-06-01 09:00")

        self.assertEqual(len(contract.term_ids), 2)
        self.assertEqual(contract.date_end, date(2027, 2, 28))

    def test_deadlines_follow_the_term_under_way_not_the_first(self):
        contract = self._create_ending(renewal_term_months=6)

        self._run_on(DAY_AFTER)
        self.assertEqual(contract.renewal_deadline, date(2026, 8, 1))
        self._run_on("2026-08-02 09:00")

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(sorted(contract.term_ids.mapped("number")), [1, 2, 3])

    def test_month_ends_survive_several_renewals(self):
        contract = self._create_ending(
            date_start="2025-12-31", date_end="2026-01-30", renewal_term_months=1,
            renewal_notice_days=0,
        )
        ends = []
        for moment in ("2026-01-31 09:00", "2026-02-28 09:00", "2026-03-31 09:00"):
            self._run_on(moment)
            ends.append(str(contract.date_end))

        self.assertEqual(ends, ["2026-02-27", "2026-03-30", "2026-04-29"])

    def test_lines_with_an_end_of_their_own_do_not_follow(self):
        contract = self._create_ending(lines=[{}, {"date_end": "2026-02-27", "price_unit": 50.0}])

        self._run_on(DAY_AFTER)

        lasting, ending = contract.line_ids
        self.assertEqual(len(lasting.obligation_ids), 24)
        self.assertEqual(len(ending.obligation_ids), 12)

    def test_a_late_run_renews_and_the_contract_does_not_expire_before(self):
        contract = self._create_ending()

        self._run_on("2026-03-05 09:00", "_cron_daily")
        self.assertEqual(contract.state, "active")
        self._run_on("2026-03-05 09:00")

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(contract.state, "active")

    def test_the_signed_version_stays_and_the_evidence_is_kept(self):
        contract = self._create_ending()
        version = contract.version_id
        self._remind_and_send()

        self._run_on(DAY_AFTER)

        self.assertEqual(contract.version_id, version)
        self.assertEqual(version.state, "signed")
        evidence = contract.term_id.evidence
        self.assertIn("no objection by 01/29/2026", evidence)
        self.assertIn("reminded on 01/15/2026 (office@clinic.example)", evidence)
        self.assertIn("sent: 01/15/2026", evidence)
        self.assertIn("Renewed by one more term", contract.message_ids[0].body)

    # -------------------------------------------------------------------------
    # Conditions
    # -------------------------------------------------------------------------

    def test_overdue_payments_stop_it_until_they_are_paid(self):
        contract = self._create_ending()
        invoice = self._bill(contract, "2025-03-31", "2025-12-01")

        self._run_on(DAY_AFTER)
        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self.assertEqual(
            contract.renewal_problem, "1 payments are overdue. Have them paid or waived.")
        self.assertEqual(contract.activity_ids.user_id, self.officer)

        self._pay(invoice, "2026-02-10")
        self._run_on("2026-02-11 09:00")

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertFalse(contract.renewal_problem)
        self.assertFalse(contract.activity_ids)

    def test_overdue_payments_do_not_matter_where_it_says_so(self):
        contract = self._create_ending(renewal_needs_payment=False)
        self._bill(contract, "2025-03-31", "2025-12-01")

        self._run_on(DAY_AFTER)

        self.assertEqual(contract.date_end, date(2027, 2, 28))

    def test_all_reasons_are_told_at_once(self):
        contract = self._create_ending(renewal_min_assessment=80.0)
        self._bill(contract, "2025-03-31", "2025-12-01")
        model = type(contract)

        with (
            patch.object(model, "_get_disputed", lambda self: self),
            patch.object(model, "_get_assessments", lambda self: dict.fromkeys(self, 71.5)),
        ):
            self._run_on(DAY_AFTER)

        for part in ("payments are overdue", "dispute is open", "71.5", "80.0"):
            self.assertIn(part, contract.renewal_problem)
        self.assertEqual(len(contract.term_ids), 1)

    def test_a_contract_whose_conditions_fail_expires(self):
        contract = self._create_ending()
        self._bill(contract, "2025-03-31", "2025-12-01")
        self._run_on(DAY_AFTER)

        self._run_on("2026-03-01 09:00", "_cron_daily")

        self.assertEqual(contract.state, "expired")

    def test_one_broken_contract_stops_no_other(self):
        broken, sound = self._create_ending(), self._create_ending()
        prepare = type(broken)._prepare_next_term_vals

        def prepare_or_break(contract):
            if contract == broken:
                raise ValueError("broken")
            return prepare(contract)

        with (
            patch.object(type(broken), "_prepare_next_term_vals", prepare_or_break),
            mute_logger("odoo.addons.aftersales.models.renewal.aftersales_contract"),
        ):
            self._run_on(DAY_AFTER)

        self.assertEqual(sound.date_end, date(2027, 2, 28))
        self.assertEqual(broken.date_end, date(2026, 2, 28))
        self.assertEqual(broken.renewal_problem, "broken")

    # -------------------------------------------------------------------------
    # Consumers (C12)
    # -------------------------------------------------------------------------

    def test_a_consumer_contract_does_not_renew_without_proven_notice(self):
        contract = self._create_ending(is_consumer=True)
        self._run_cron("_cron_renewal")  # written, but the mail never leaves

        self._run_on(DAY_AFTER)

        self.assertIn("no reminder is proven to have been sent by 01/29/2026",
                      contract.renewal_problem)
        self.assertEqual(len(contract.activity_ids), 1)
        self._run_on("2026-03-01 09:00")
        self._run_on("2026-03-01 09:00", "_cron_daily")
        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self.assertEqual(contract.state, "expired")

    def test_a_notice_that_left_too_late_proves_nothing(self):
        contract = self._create_ending(is_consumer=True)
        self._run_cron("_cron_renewal")
        with freeze_time(DAY_AFTER):
            self._send_mails()

        self._run_on("2026-03-01 09:00")

        self.assertEqual(contract.date_end, date(2026, 2, 28))

    def test_a_reminded_consumer_may_object_until_the_last_day(self):
        contract = self._create_ending(is_consumer=True)
        self._remind_and_send()
        self.assertEqual(contract.objection_deadline, date(2026, 2, 28))

        self._run_on("2026-02-28 09:00")
        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self.assertFalse(contract.renewal_problem)
        with freeze_time("2026-02-28 18:00"):
            contract._object_to_renewal("customer", "Nora Northside", date(2026, 2, 28))
        self._run_on("2026-03-01 09:00")
        self._run_on("2026-03-01 09:00", "_cron_daily")

        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self.assertEqual(contract.state, "expired")

    def test_a_reminded_consumer_who_is_silent_is_renewed_after_the_end(self):
        contract = self._create_ending(is_consumer=True)
        self._remind_and_send()

        self._run_on("2026-03-01 01:00", "_cron_daily")
        self.assertEqual(contract.state, "active")
        self._run_on("2026-03-01 09:00")

        self.assertEqual(contract.date_end, date(2027, 2, 28))

    # -------------------------------------------------------------------------
    # Objections
    # -------------------------------------------------------------------------

    def _object(self, contract, **vals):
        self.env["aftersales.renewal.objection"].with_user(self.officer).create({
            "contract_id": contract.id, "date": "2026-01-15", **vals,
        }).action_confirm()

    def test_an_objection_of_the_customer_stops_it(self):
        contract = self._create_ending()
        letter = self.env["ir.attachment"].with_user(self.officer).create(
            {"name": "Letter.pdf", "raw": b"%PDF"})

        self._object(contract, note="Moves away", attachment_ids=[Command.set(letter.ids)])
        self._run_on(DAY_AFTER)
        self._run_on("2026-03-01 09:00", "_cron_daily")

        self.assertRecordValues(contract.term_id, [{
            "objection_party": "customer", "objection_by": "Northside Clinic",
            "objection_date": date(2026, 1, 15), "objection_note": "Moves away",
            "objection_document_ids": letter.ids, "number": 1,
        }])
        self.assertFalse(contract.renewal_date)
        self.assertEqual(contract.state, "expired")
        self.assertEqual(letter.res_id, contract.id)

    def test_we_may_object_too(self):
        contract = self._create_ending()

        self._object(contract, party="provider")
        self._run_on(DAY_AFTER)

        self.assertEqual(contract.term_id.objection_by, "Olga Officer")
        self.assertEqual(contract.date_end, date(2026, 2, 28))

    def test_after_an_objection_the_customer_is_left_in_peace(self):
        contract = self._create_ending()
        self._object(contract)

        self._run_cron("_cron_renewal")

        self.assertEqual(contract.notice_ids.mapped("audience"), ["manager"])

    def test_objections_that_cannot_count_are_refused(self):
        contract = self._create_ending()
        with self.assertRefused(contract.name, "cannot lie in the future"):
            self._object(contract, date="2026-01-16")
        with freeze_time("2026-01-30 00:30"), self.assertRefused(
            contract.name, "the last day to object was 01/29/2026",
        ):
            self._object(contract, date="2026-01-30")
        self.assertFalse(contract.term_id.objection_date)

        self._object(contract)
        with self.assertRefused(contract.name, "Northside Clinic already objected on 01/15/2026"):
            self._object(contract, said_by="Somebody else")
        self.assertEqual(contract.term_id.objection_by, "Northside Clinic")

    def test_there_is_nothing_to_object_to_where_nothing_renews(self):
        contract = self._create_ending(renewal_mode="none")

        with self.assertRefused(contract.name, "no renewal to object to"):
            self._object(contract)

    def _withdraw(self, contract, **vals):
        self.env["aftersales.renewal.objection"].with_user(self.officer).create({
            "contract_id": contract.id, "said_by": "Nora Northside", **vals,
        }).action_withdraw()

    def test_the_officer_records_that_an_objection_is_taken_back(self):
        contract = self._create_ending()
        self._object(contract, note="Moves away")

        with freeze_time("2026-02-10 09:00"):
            self._withdraw(contract, note="Stays after all, by telephone")
            self._run_cron("_cron_renewal")

        first = contract.term_ids.sorted("number")[0]
        self.assertFalse(first.objection_date)
        self.assertEqual(
            first.withdrawn_objections,
            "Northside Clinic objected on 01/15/2026: Moves away. Taken back by Nora Northside on "
            "02/10/2026: Stays after all, by telephone",
        )
        self.assertEqual(contract.date_end, date(2027, 2, 28))

    def test_an_objection_is_taken_back_with_a_reason_only(self):
        contract = self._create_ending()
        self._object(contract)

        with self.assertRefused(contract.name, "write why the objection is taken back"):
            self._withdraw(contract, note=" ")

        self.assertEqual(contract.term_id.objection_date, date(2026, 1, 15))

    def test_after_the_end_no_objection_is_taken_back(self):
        contract = self._create_ending()
        self._object(contract)
        with freeze_time("2026-03-01 09:00"), self.assertRefused(
            contract.name, "its term is over",
        ):
            self._withdraw(contract, note="Too late")

        self.assertEqual(contract.term_id.objection_date, date(2026, 1, 15))

    def test_an_objection_may_follow_one_that_was_taken_back(self):
        contract = self._create_ending()
        self._object(contract, note="First")
        self._withdraw(contract, note="Stays")

        self._object(contract, note="Second")

        self.assertRecordValues(contract.term_id, [{
            "objection_note": "Second", "objection_by": "Northside Clinic",
        }])

    # -------------------------------------------------------------------------
    # Bad input
    # -------------------------------------------------------------------------

    def test_terms_that_make_no_sense_are_refused(self):
        for vals, part in (
            ({"renewal_mode": "auto", "renewal_term_months": 0}, "at least one month"),
            ({"renewal_notice_days": -1}, "Renewal Notice (days)"),
            ({"renewal_mode": "auto", "renewal_form": "successor"}, "has to be signed"),
        ):
            with self.subTest(vals=vals), self.assertRefused(part, error=ValidationError):
                self._create_contract(**vals)

    def test_a_contract_without_end_cannot_be_renewed(self):
        contract = self._create_contract(renewal_mode="auto", date_end=False)

        with self.assertRefused(contract.name, "has no end"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_terms_are_history(self):
        contract = self._create_ending()

        with self.assertRefused("history of the contract"):
            contract.term_id.sudo().unlink()
        with self.assertRaises(AccessError):
            contract.term_id.with_user(self.manager).date_end = "2030-01-01"
        with self.assertRefused(contract.name, "closed"):
            contract.renewal_mode = "none"

        self.assertEqual(contract.term_id.date_end, date(2026, 2, 28))
        self.assertEqual(contract.renewal_mode, "auto")

    # -------------------------------------------------------------------------
    # Companies and batches
    # -------------------------------------------------------------------------

    def test_each_company_renews_on_its_own_day_by_its_own_reminders(self):
        other = self._create_company_with_books("Far East Service")
        other.partner_id.tz = "Asia/Shanghai"
        other.aftersales_renewal_step_ids.unlink()
        other.aftersales_renewal_step_ids = [
            Command.create({"days_before": 50, "audience": "customer"}),
        ]
        self.officer.company_ids = [Command.link(other.id)]
        here, there = self._create_ending(), self._create_contract(
            company_id=other.id, date_start="2025-03-01", date_end="2026-02-28",
            renewal_mode="auto", renewal_notice_days=30, user_id=False, lines=[],
            line_ids=[Command.create({"name": "Hotline"})],
        )
        self._activate(there)

        self._run_cron("_cron_renewal")
        self._run_on("2026-01-29 17:00")  # already the 30th in Shanghai

        self.assertEqual(there.notice_ids.mapped("days_before"), [50])
        self.assertEqual(there.date_end, date(2027, 2, 28))
        self.assertEqual(here.date_end, date(2026, 2, 28))
        self.assertEqual(there.term_ids.company_id, other)

    def test_queries_do_not_grow_with_the_batch(self):
        contracts = self.env["aftersales.contract"]
        for _n in range(4):
            contracts |= self._create_ending()
        few, many = contracts[:1], contracts[1:]

        def count(batch):
            self.env.flush_all()
            self.env.invalidate_all()
            batch = self.env["aftersales.contract"].browse(batch.ids)
            start = self.env.cr.sql_log_count
            with freeze_time(DAY_AFTER):
                batch._renew_or_flag()
                self.env.flush_all()
            return self.env.cr.sql_log_count - start

        count(few)
        with freeze_time(DAY_AFTER):
            self.assertEqual(few.date_end, date(2027, 2, 28))
        baseline = count(contracts[1:2])
        self.assertLessEqual(count(contracts[2:4]), baseline + 2)
        self.assertEqual(set(many.mapped("date_end")), {date(2027, 2, 28)})
