from odoo.exceptions import AccessError
from odoo.tests import Form, users

from .common import ComplianceCommon


class TestComplianceReview(ComplianceCommon):
    """Legal answers what a machine cannot judge, and waives with a reason that everyone reads."""

    def _check(self, **vals):
        self._create_rule("T-1", **vals)
        self.contract = self._create_contract()
        return self.contract._run_compliance()

    def _get_current(self):
        return self.contract.sudo().compliance_check_ids

    def _review(self, check, decision, note=False, user=None):
        review = self.env["aftersales.compliance.review"].with_user(user or self.legal)
        form = Form(review.with_context(**check.with_user(
            user or self.legal).action_open_review()["context"]))
        form.decision = decision
        if note:
            form.note = note
        return form.save().action_confirm()

    # -------------------------------------------------------------------------
    # Answers
    # -------------------------------------------------------------------------

    @users("test_legal", "test_manager")
    def test_legal_answers_yes(self):
        check = self._check().with_env(self.env)

        check.action_answer_yes()

        current = self._get_current()
        self.assertEqual(current.result, "pass")
        self.assertEqual(current.evidence, "Answered: Yes.")
        self.assertEqual(current.answer, "yes")
        self.assertEqual(current.reviewer_id, self.env.user)
        self.assertEqual(str(current.date), "2026-01-15 09:00:00")
        self.assertEqual((check.active, check.result), (False, "pending"))
        self.assertEqual(self.contract.compliance_state, "passed")

    def test_no_fails_or_warns_by_severity(self):
        for severity in ("block", "warn"):
            self._create_rule(f"T-{severity}", severity=severity)
        self.contract = self._create_contract()

        self.contract._run_compliance().with_user(self.legal).action_answer_no()

        self.assertEqual(self._get_results(self.contract),
                         {"T-block": "fail", "T-warn": "warn"})
        self.assertEqual(set(self._get_current().mapped("evidence")), {"Answered: No."})

    def test_not_applicable_means_yes_and_says_why(self):
        check = self._check()

        with self.assertRefused("T-1", "why it does not apply"):
            check.with_user(self.legal)._answer("not_applicable")
        self.assertEqual(self._get_results(self.contract), {"T-1": "pending"})

        self._review(check, "not_applicable", "No lifts here.")
        current = self._get_current()
        self.assertEqual((current.result, current.answer, current.note),
                         ("pass", "not_applicable", "No lifts here."))
        self.assertEqual(current.evidence, "Answered: Not applicable.")

    def test_an_answer_stands_in_later_runs_and_can_be_changed(self):
        self._check().with_user(self.legal).action_answer_no()
        self.contract._run_compliance()
        answered = self._get_current()
        self.assertEqual(answered.result, "fail")

        answered.with_user(self.legal).action_answer_yes()

        self.assertEqual(self._get_results(self.contract), {"T-1": "pass"})
        history = self.env["aftersales.compliance.check"].with_context(
            active_test=False).search([("contract_id", "=", self.contract.id)], order="id")
        self.assertEqual(history.mapped("result"), ["pending", "fail", "pass"])

    def test_a_replaced_judgement_is_not_answered(self):
        check = self._check()
        check.with_user(self.legal).action_answer_yes()

        with self.assertRefused(self.contract.name, "T-1", "judged anew meanwhile"):
            check.with_user(self.legal).action_answer_no()

        self.assertEqual(self._get_results(self.contract), {"T-1": "pass"})

    def test_what_the_machine_checks_is_not_answered(self):
        check = self._check(method="place_agreed")

        with self.assertRefused("T-1", "checked automatically"):
            check.with_user(self.legal).action_answer_yes()

        self.assertEqual(self._get_results(self.contract), {"T-1": "fail"})

    @users("test_agent", "test_officer", "test_accountant")
    def test_others_neither_answer_nor_waive(self):
        check = self._check().with_env(self.env)

        for act in (check.action_answer_yes, check.action_answer_no,
                    lambda: check._waive("Because."), check._reopen):
            with self.assertRefused("by Legal", error=AccessError):
                act()
        with self.assertRaises(AccessError):
            self.env["aftersales.compliance.review"].create({
                "check_id": check.id, "decision": "waive", "note": "Because.",
            })

        self.assertEqual(self._get_results(self.contract), {"T-1": "pending"})

    # -------------------------------------------------------------------------
    # Waivers
    # -------------------------------------------------------------------------

    def test_legal_waives_a_failed_rule_for_a_reason(self):
        check = self._check(method="place_agreed")

        self._review(check, "waive", "The address follows.")

        current = self._get_current()
        self.assertEqual(
            (current.result, current.note, current.reviewer_id),
            ("waived", "The address follows.", self.legal))
        self.assertEqual(current.evidence,
                         "The service address Northside Clinic has neither street nor city.")
        self.assertEqual(self.contract.compliance_state, "passed")
        self.assertIn("Waived: T-1 Rule T-1. Reason: The address follows.",
                      self.contract.message_ids[0].body)

    def test_a_waiver_needs_a_reason(self):
        check = self._check(method="place_agreed").with_user(self.legal)

        for reason in (False, "", "  "):
            with self.assertRefused(self.contract.name, "T-1", "reason"):
                check._waive(reason)

        self.assertEqual(self._get_results(self.contract), {"T-1": "fail"})

    def test_an_unanswered_question_can_be_waived(self):
        self._review(self._check(), "waive", "Asked by phone.")

        self.assertEqual(self._get_results(self.contract), {"T-1": "waived"})

    def test_what_passed_is_not_waived(self):
        check = self._check(method="has_lines").with_user(self.legal)

        with self.assertRefused("T-1", "only what failed"):
            check._waive("Why not.")

        self.assertEqual(self._get_results(self.contract), {"T-1": "pass"})

    def test_a_waiver_stands_as_long_as_the_same_is_wrong(self):
        self._review(self._check(method="place_agreed"), "waive", "The address follows.")

        self.contract._run_compliance()
        self.assertEqual(self._get_results(self.contract), {"T-1": "waived"})

        self.contract.site_partner_id = False
        self.contract._run_compliance()
        self.assertEqual(self._get_results(self.contract), {"T-1": "fail"})

    def test_a_waiver_ends_when_all_is_well(self):
        self._review(self._check(method="place_agreed"), "waive", "The address follows.")
        self.customer.city = "Village"

        self.contract._run_compliance()

        self.assertEqual(self._get_results(self.contract), {"T-1": "pass"})

    def test_a_waiver_can_be_taken_back(self):
        self._review(self._check(method="place_agreed"), "waive", "By mistake.")

        self._review(self._get_current(), "reopen")

        self.assertEqual(self._get_results(self.contract), {"T-1": "fail"})

    def test_review_proposes_what_fits(self):
        manual = self._check()
        self._create_rule("T-2", method="place_agreed")
        automatic = self.contract._run_compliance() - manual

        def get_proposal(check):
            return self.env["aftersales.compliance.review"].create({"check_id": check.id}).decision

        self.assertEqual(get_proposal(manual), "yes")
        self.assertEqual(get_proposal(automatic), "waive")
        automatic.with_user(self.legal)._waive("Later.")
        self.assertEqual(
            get_proposal(self._get_current().filtered(lambda c: c.result == "waived")), "reopen")
