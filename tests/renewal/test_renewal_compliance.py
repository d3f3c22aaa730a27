from datetime import date
from math import ceil

from odoo.tests import freeze_time

from ..compliance.common import ComplianceCommon
from .renewal_common import RenewalCommon

DAY_AFTER = "2026-01-30 09:00"
UNANSWERED = (
    "T-ASK Rule T-ASK (Test Code, art. 7): nobody has answered “Is all well?” Have Legal answer "
    "it on the page Compliance."
)
NO_PLACE = (
    "T-PLACE Rule T-PLACE (Test Code, art. 7): The service address Northside Clinic has neither "
    "street nor city. Mend it."
)


class TestRenewalCompliance(RenewalCommon, ComplianceCommon):
    """No renewal against the law of the day it begins to bind."""

    def _create_renewal_rules(self):
        self._create_rule("T-ASK", subject="renewal")
        self._create_rule("T-PLACE", subject="renewal", method="place_agreed")

    def _get_checks(self, contract):
        return contract.renewal_check_ids.with_user(self.legal)

    # -------------------------------------------------------------------------
    # Automatic renewal
    # -------------------------------------------------------------------------

    def test_rules_that_fail_stop_it_with_every_reason(self):
        self._create_renewal_rules()
        contract = self._create_ending()
        self._bill(contract, "2025-03-31", "2025-12-01")

        self._run_on(DAY_AFTER)

        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self.assertEqual(len(contract.term_ids), 1)
        self.assertEqual(len(contract.obligation_ids), 12)
        self.assertEqual(contract.renewal_problem.splitlines(), [
            "1 payments are overdue. Have them paid or waived.", NO_PLACE, UNANSWERED,
        ])
        self.assertEqual(contract.activity_ids.user_id, self.officer)
        self.assertRecordValues(self._get_checks(contract), [
            {"occasion": "2026-03-01", "result": "fail", "severity": "block"},
            {"occasion": "2026-03-01", "result": "pending", "severity": "block"},
        ])

    def test_once_answered_and_waived_it_renews(self):
        self._create_renewal_rules()
        contract = self._create_ending()
        self._run_on(DAY_AFTER)
        failed, pending = self._get_checks(contract)

        with freeze_time(DAY_AFTER):
            pending.action_answer_yes()
        self._run_on(DAY_AFTER)
        self.assertEqual(contract.renewal_problem, NO_PLACE)
        with freeze_time(DAY_AFTER):
            failed._waive("The clinic is our neighbour.")
        self._run_on(DAY_AFTER)

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertFalse(contract.renewal_problem)
        self.assertFalse(contract.activity_ids)
        self.assertEqual(
            sorted(self._get_checks(contract).mapped("result")), ["pass", "waived"])

    def test_the_next_term_is_judged_anew(self):
        self._create_rule("T-ASK", subject="renewal")
        contract = self._create_ending()
        self._run_on(DAY_AFTER)
        with freeze_time(DAY_AFTER):
            self._get_checks(contract).action_answer_yes()
        self._run_on(DAY_AFTER)
        self.assertEqual(contract.date_end, date(2027, 2, 28))

        self._run_on("2027-01-30 09:00")

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(contract.renewal_problem, UNANSWERED)
        self.assertEqual(
            self._get_checks(contract).sorted("occasion").mapped(lambda c: (c.occasion, c.result)),
            [("2026-03-01", "pass"), ("2027-03-01", "pending")],
        )

    def test_only_the_rules_of_the_day_and_of_renewals_count(self):
        self._create_rule("T-OVER", subject="renewal", valid_to="2026-01-29")
        self._create_rule("T-LATER", subject="renewal", valid_from="2026-01-31")
        self._create_rule("T-WARN", subject="renewal", severity="warn")
        self._create_rule("T-CHANGE", subject="change")
        contract = self._create_ending()

        self._run_on(DAY_AFTER)

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(self._get_results(contract, "renewal"), {"T-WARN": "pending"})

    def test_a_problem_that_is_solved_while_a_consumer_may_object_is_gone(self):
        self._create_rule("T-ASK", subject="renewal")
        contract = self._create_ending(is_consumer=True)
        self._remind_and_send()
        self._run_on(DAY_AFTER)
        self.assertEqual(contract.renewal_problem, UNANSWERED)

        with freeze_time(DAY_AFTER):
            self._get_checks(contract).action_answer_yes()
        self._run_on("2026-01-31 09:00")

        self.assertFalse(contract.renewal_problem)
        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self._run_on("2026-03-01 09:00")
        self.assertEqual(contract.date_end, date(2027, 2, 28))

    # -------------------------------------------------------------------------
    # Renewal by agreement
    # -------------------------------------------------------------------------

    def test_an_offer_against_the_law_is_drafted_but_not_made(self):
        self._create_renewal_rules()
        contract = self._create_ending(renewal_mode="agreement")
        self._run_cron("_cron_renewal")
        offer = contract.renewal_ids.with_user(self.officer)
        self.assertEqual(contract.renewal_problem.splitlines(), [NO_PLACE, UNANSWERED])
        self.assertEqual(len(contract.activity_ids), 1)

        with self.assertRefused(offer.display_name, UNANSWERED, NO_PLACE):
            offer.action_offer()

        self.assertRecordValues(offer, [{"state": "draft", "date_offered": False}])
        self.assertFalse(self.env["mail.mail"].search(
            [("model", "=", offer._name), ("res_id", "=", offer.id)]))
        self.assertEqual(contract.date_end, date(2026, 2, 28))

    def test_once_waived_the_offer_is_made_and_agreed_on(self):
        self._create_renewal_rules()
        contract = self._create_ending(renewal_mode="agreement")
        self._run_cron("_cron_renewal")
        offer = contract.renewal_ids.with_user(self.officer)
        self._get_checks(contract)._waive("Agreed with the authority.")

        offer.action_check_compliance()
        self.assertFalse(contract.renewal_problem)
        offer.action_offer()
        # What is before the customer is not judged by later law.
        self._create_rule("T-NEW", subject="renewal")
        self._agree_on_paper(offer)

        self.assertEqual(offer.state, "agreed")
        self.assertEqual(contract.date_end, date(2027, 2, 28))

    def test_a_successor_is_not_written_against_the_law(self):
        self._create_rule("T-ASK", subject="renewal")
        contract = self._create_ending(renewal_mode="agreement", renewal_form="successor")
        self._run_cron("_cron_renewal")

        with self.assertRefused(UNANSWERED):
            contract.renewal_ids.with_user(self.officer).action_offer()

        self.assertFalse(contract.renewal_ids.successor_id)
        self.assertFalse(contract.next_contract_ids)

    def test_an_agreement_without_an_offer_is_judged_too(self):
        self._create_rule("T-ASK", subject="renewal")
        contract = self._create_ending()
        offer = self._prepare_renewal(contract)

        with self.assertRefused(UNANSWERED):
            self._agree_on_paper(offer)

        self.assertEqual((offer.state, contract.date_end), ("draft", date(2026, 2, 28)))

    # -------------------------------------------------------------------------
    # Many contracts
    # -------------------------------------------------------------------------

    def test_queries_do_not_grow_with_the_batch(self):
        self._create_renewal_rules()
        ends = [f"2026-02-{day}" for day in range(18, 28)]
        contracts = self.env["aftersales.contract"].concat(
            *(self._create_ending(date_end=end) for end in ends)
        ).sudo()

        def count(batch):
            """Return the queries of a run, without its inserts: a hundred rows go into one."""
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            blockers = batch._get_renewal_blockers()
            self.env.flush_all()
            self.assertEqual([len(blockers[contract]) for contract in batch], [2] * len(batch))
            return self.env.cr.sql_log_count - start - ceil(2 * len(batch) / 100)

        count(contracts[:1])  # fills what is cached for good
        few, many = count(contracts[1:3]), count(contracts[3:])

        self.assertEqual(many, few)
        self.assertEqual(
            [set(contract.renewal_check_ids.mapped("occasion")) for contract in contracts],
            [{f"2026-02-{day}"} for day in range(19, 29)],
        )
