from odoo.exceptions import UserError
from odoo.tests import users

from .common import ComplianceCommon


class TestComplianceGate(ComplianceCommon):
    """No contract is put before the customer while a law forbids it."""

    def _create_reviewed(self, **vals):
        contract = self._create_contract(**vals)
        contract.action_submit()
        return contract

    def test_submitting_shows_the_reviewer_what_is_wrong(self):
        self._create_rule("T-PLACE", method="place_agreed")
        self._create_rule("T-ASK")

        contract = self._create_reviewed()

        self.assertEqual(contract.state, "review")
        self.assertEqual(self._get_results(contract), {"T-PLACE": "fail", "T-ASK": "pending"})

    @users("test_officer", "test_legal", "test_manager")
    def test_approval_is_refused_with_all_reasons_at_once(self):
        self._create_rule("T-1", method="place_agreed", remedy="Enter an address.")
        self._create_rule("T-2", method="court_connection", law="Court Act", article="art. 1",
                          remedy="Choose a court.")
        self._create_rule("T-3")
        self._create_rule("T-4", method="clause_present", argument="scope", severity="warn")
        contract = self._create_reviewed(dispute_body_id=False)

        with self.assertRaises(UserError) as refusal:
            contract.with_env(self.env).action_approve()

        self.assertEqual(str(refusal.exception), "\n".join([
            f"{contract.display_name}:",
            "- T-1 Rule T-1 (Test Code, art. 7): The service address Northside Clinic has "
            "neither street nor city. Enter an address.",
            "- T-2 Rule T-2 (Court Act, art. 1): Missing: the court and its connection with the "
            "dispute. Choose a court.",
            "- T-3 Rule T-3 (Test Code, art. 7): nobody has answered “Is all well?” Have Legal "
            "answer it on the page Compliance.",
        ]))
        self.assertEqual(contract.state, "review")
        self.assertFalse(contract.version_ids)

    def test_warnings_and_open_warn_questions_do_not_stop(self):
        self._create_rule("T-1", method="place_agreed", severity="warn")
        self._create_rule("T-2", severity="warn")
        self._create_rule("T-3", severity="info")
        contract = self._create_reviewed()

        contract.action_approve()

        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(contract.compliance_state, "warnings")

    def test_a_mended_contract_passes_without_a_new_check_by_hand(self):
        self._create_rule("T-1", method="place_agreed")
        contract = self._create_reviewed()
        with self.assertRefused("T-1"):
            contract.action_approve()

        self.customer.city = "Village"
        contract.action_approve()

        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(contract.compliance_state, "passed")

    def test_approval_sees_what_was_spoiled_since_the_check(self):
        self._create_rule("T-1", method="place_agreed")
        self.customer.city = "Village"
        contract = self._create_reviewed()
        self.assertEqual(contract.compliance_state, "passed")
        contract.site_partner_id = False

        with self.assertRefused("T-1", "There is no service address"):
            contract.action_approve()

        self.assertEqual(contract.state, "review")

    def test_answers_and_waivers_open_the_gate(self):
        self._create_rule("T-1", method="place_agreed")
        self._create_rule("T-2")
        contract = self._create_reviewed()
        checks = {c.rule_id.code: c for c in contract.compliance_check_ids.with_user(self.legal)}
        checks["T-2"].action_answer_yes()
        with self.assertRefused("T-1"):
            contract.action_approve()

        checks["T-1"]._waive("The site is being built.")
        contract.action_approve()

        self.assertEqual(contract.state, "to_sign")

    def test_a_question_answered_with_no_stops(self):
        self._create_rule("T-1")
        contract = self._create_reviewed()
        contract.compliance_check_ids.with_user(self.legal).action_answer_no()

        with self.assertRefused("T-1", "Answered: No. Mend it."):
            contract.action_approve()

        self.assertEqual(contract.state, "review")

    def test_one_failing_contract_stops_all_and_each_is_named(self):
        self._create_rule("T-1", method="place_agreed")
        good = self._create_reviewed(partner_id=self.other_customer.id)
        self.other_customer.city = "Harbour"
        bad, worse = self._create_reviewed(), self._create_reviewed()

        with self.assertRaises(UserError) as refusal:
            (good + bad + worse).action_approve()

        message = str(refusal.exception)
        self.assertNotIn(good.name, message)
        self.assertIn(bad.name, message)
        self.assertIn(worse.name, message)
        self.assertEqual((good + bad + worse).mapped("state"), ["review"] * 3)

    def test_a_contract_in_force_is_not_stopped_by_a_new_law(self):
        contract = self._create_reviewed()
        contract.action_approve()
        self._create_rule("T-1", method="place_agreed")

        self._sign(contract)

        self.assertEqual(contract.state, "active")
