from math import ceil

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, users
from odoo.tools import mute_logger

from ..common import AftersalesCommon
from .common import ComplianceCommon

READERS = ("test_agent", "test_officer", "test_legal", "test_manager", "test_accountant")


class TestComplianceRun(ComplianceCommon):
    """A run judges each rule once; what says the same stays, the rest becomes history."""

    def _get_history(self, contract):
        """Return every judgement ever made: (rule, result, evidence, current)."""
        checks = self.env["aftersales.compliance.check"].with_context(active_test=False).search(
            [("contract_id", "=", contract.id)], order="id")
        return [(c.rule_id.code, c.result, c.evidence, c.active) for c in checks]

    def test_a_contract_is_judged_by_its_rules(self):
        self._create_rule("T-COURT", method="court_connection")
        self._create_rule("T-LINES", method="has_lines")
        self._create_rule("T-PLACE", method="place_agreed", severity="warn")
        self._create_rule("T-ASK")
        contract = self._create_contract(dispute_body_id=False)
        self.assertEqual(contract.compliance_state, "none")
        self.assertFalse(contract.compliance_date)

        checks = contract._run_compliance()

        self.assertEqual(checks.env, contract.env)
        self.assertEqual(self._get_results(contract), {
            "T-COURT": "fail", "T-LINES": "pass", "T-PLACE": "warn", "T-ASK": "pending",
        })
        self.assertEqual(contract.compliance_check_ids.mapped("rule_id.code"),
                         ["T-COURT", "T-ASK", "T-PLACE", "T-LINES"])
        self.assertEqual(str(contract.compliance_date), "2026-01-15 09:00:00")
        self.assertEqual(contract.compliance_state, "failed")
        self.assertEqual(contract.compliance_failed_count, 1)
        self.assertEqual(contract.compliance_warning_count, 1)
        self.assertEqual(contract.compliance_open_count, 1)

    def test_what_says_the_same_stays(self):
        self._create_rule("T-LINES", method="has_lines")
        self._create_rule("T-ASK")
        contract = self._create_contract()
        first = contract._run_compliance()

        second = contract._run_compliance()

        self.assertEqual(second, first)
        self.assertEqual(len(self._get_history(contract)), 2)

    def test_what_changed_is_judged_anew_and_the_old_kept(self):
        self._create_rule("T-LINES", method="has_lines")
        contract = self._create_contract()
        contract._run_compliance()
        contract.line_ids.copy()

        contract._run_compliance()

        self.assertEqual(self._get_history(contract), [
            ("T-LINES", "pass", "Lines with a description and a quantity: 1.", False),
            ("T-LINES", "pass", "Lines with a description and a quantity: 2.", True),
        ])

    def test_a_rule_that_no_longer_holds_becomes_history(self):
        rule = self._create_rule("T-LINES", method="has_lines")
        contract = self._create_contract()
        contract._run_compliance()
        rule.valid_to = "2026-01-14"

        self.assertFalse(contract._run_compliance())

        self.assertEqual(self._get_results(contract), {})
        self.assertEqual(len(self._get_history(contract)), 1)
        self.assertEqual(contract.compliance_state, "passed")

    def test_a_rule_made_stricter_is_judged_anew(self):
        rule = self._create_rule("T-PLACE", method="place_agreed", severity="warn")
        contract = self._create_contract()
        contract._run_compliance()
        rule.severity = "block"

        contract._run_compliance()

        self.assertEqual([result for _c, result, _e, _a in self._get_history(contract)],
                         ["warn", "fail"])

    def test_state_says_the_worst(self):
        contract = self._create_contract()
        contract._run_compliance()
        self.assertEqual(contract.compliance_state, "passed")
        for code, severity, vals, state in (
            ("T-1", "info", {}, "passed"),
            ("T-2", "info", {"method": "place_agreed"}, "passed"),
            ("T-3", "warn", {}, "warnings"),
            ("T-4", "block", {}, "failed"),
        ):
            self._create_rule(code, severity=severity, **vals)
            contract._run_compliance()
            self.assertEqual(contract.compliance_state, state, code)

    def test_each_occasion_is_judged_on_its_own(self):
        self._create_rule("T-ASK", subject="change")
        contract = self._create_contract()
        first = contract._run_compliance("change", "change 1")
        first.with_user(self.legal).action_answer_yes()

        second = contract._run_compliance("change", "change 2")

        self.assertEqual(second.result, "pending")
        self.assertEqual(contract._get_compliance_blockers("change", "change 1"), [])
        self.assertEqual(contract._get_compliance_blockers("change", "change 2"), [
            "T-ASK Rule T-ASK (Test Code, art. 7): nobody has answered “Is all well?” Have Legal "
            "answer it on the page Compliance.",
        ])
        self.assertFalse(contract.compliance_check_ids)
        self.assertEqual(contract.compliance_state, "passed")

    @mute_logger("odoo.sql_db")
    def test_the_database_holds_one_current_check_of_a_rule(self):
        self._create_rule("T-LINES", method="has_lines")
        check = self._create_contract()._run_compliance().sudo()
        vals = {**check._prepare_key_vals(), "severity": "block", "result": "fail"}

        with self.assertRaises(IntegrityError):
            check.create(vals)

    def test_runs_take_turns_by_the_lock_on_the_contract(self):
        """The second run sees the date of the first, and is tried again by Odoo."""
        contract = self._create_contract()
        locked = []
        self.patch(type(contract), "lock_for_update",
                   lambda records, **_kwargs: locked.append(records))

        contract._run_compliance()

        self.assertEqual(locked, [contract])
        self.assertTrue(contract.compliance_date)

    def test_a_copy_starts_unchecked(self):
        self._create_rule("T-LINES", method="has_lines")
        contract = self._create_contract()
        contract._run_compliance()

        copy = contract.copy()

        self.assertEqual(copy.compliance_state, "none")
        self.assertFalse(copy.compliance_check_ids)

    # -------------------------------------------------------------------------
    # Rights
    # -------------------------------------------------------------------------

    @users("test_officer", "test_legal", "test_manager")
    def test_who_writes_contracts_checks_them(self):
        self._create_rule("T-LINES", method="has_lines")
        contract = self._create_contract().with_env(self.env)

        contract.action_check_compliance()

        self.assertEqual(contract.compliance_check_ids.result, "pass")

    @users("test_agent", "test_technician", "test_accountant", "test_portal")
    def test_others_do_not(self):
        self._create_rule("T-LINES", method="has_lines")
        contract = self._create_contract()

        with self.assertRaises(AccessError):
            contract.with_env(self.env).action_check_compliance()

        self.assertEqual(contract.compliance_state, "none")

    def test_nobody_writes_judgements_by_hand(self):
        self._create_rule("T-LINES", method="has_lines")
        check = self._create_contract()._run_compliance()
        for user in (self.agent, self.technician, self.officer, self.legal, self.manager,
                     self.accountant, self.portal_user):
            with self.subTest(user=user.name):
                own = check.with_user(user)
                self.assertEqual(own.has_access("read"), user.login in READERS)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(own.has_access(operation))

    def test_technicians_read_contracts_without_judgements(self):
        contract = self._create_contract().with_user(self.technician)

        self.assertEqual(contract.compliance_state, "none")
        with self.assertRaises(AccessError):
            contract.read(["compliance_check_ids"])

    # -------------------------------------------------------------------------
    # Companies
    # -------------------------------------------------------------------------

    def test_judgements_stay_in_their_company(self):
        self._create_rule("T-LINES", method="has_lines")
        other = self._create_company_with_books("Sister Ltd")
        contract = self.env["aftersales.contract"].create({
            "partner_id": self.customer.id, "company_id": other.id,
        })
        check = contract._run_compliance()

        with self.assertRaises(AccessError):
            check.with_user(self.legal).read(["result"])
        with self.assertRaises(AccessError):
            check.with_user(self.legal).action_answer_yes()
        with self.assertRaises(AccessError):
            contract.with_user(self.officer).action_check_compliance()
        self.assertEqual(check.company_id, other)

    def test_each_company_has_its_own_day(self):
        self._create_rule("T-ENDS", method="has_lines", valid_to="2026-01-15")
        early = self._create_company_with_books("East Ltd")
        early.partner_id.tz = "Pacific/Kiritimati"  # UTC+14
        contracts = self._create_contract().sudo() + self.env["aftersales.contract"].create({
            "partner_id": self.customer.id, "company_id": early.id,
        })

        with freeze_time("2026-01-15 12:00"):
            checks = contracts._run_compliance()

        self.assertEqual(checks.contract_id, contracts[0])


class TestComplianceSpeed(AftersalesCommon):
    """The shipped rules read many contracts with the queries of a few."""

    def _create_many(self, count):
        clauses = self.env["aftersales.clause"].search([], limit=10)
        clause_vals = [clause._prepare_contract_clause_vals() for clause in clauses]
        partners = self.env["res.partner"].create([
            {"name": f"Customer {number}", "is_company": True, "city": "Town"}
            for number in range(count)
        ])
        return self.env["aftersales.contract"].concat(*(
            self._create_contract(
                partner_id=partner.id, jurisdiction_id=self.env.ref("base.cn").id,
                clause_ids=[Command.create(vals) for vals in clause_vals],
            )
            for partner in partners
        )).sudo()

    def _count_queries(self, contracts):
        """Return the queries of a run, without its inserts: a hundred rows go into one."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        checks = contracts._run_compliance()
        self.env.flush_all()
        return self.cr.sql_log_count - before - ceil(len(checks) / 100)

    def test_queries_do_not_grow_with_contracts(self):
        contracts = self._create_many(15)
        self._count_queries(contracts[:1])  # fills what is cached for good

        few = self._count_queries(contracts[1:3])
        many = self._count_queries(contracts[3:])

        self.assertLessEqual(many - few, 3)
        self.assertLess(many, 40)
        per_contract = len(contracts[0].compliance_check_ids)
        self.assertEqual(len(contracts.compliance_check_ids), 15 * per_contract)
