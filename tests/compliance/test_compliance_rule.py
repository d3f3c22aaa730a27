from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import users
from odoo.tools import mute_logger

from .common import ComplianceCommon


class TestComplianceRule(ComplianceCommon):
    """Rules are dated data: which of them hold for a contract, and who keeps them."""

    def _get_codes(self, contract, subject="contract", today="2026-01-15"):
        rules = self.rules._get_in_force(subject, date.fromisoformat(today))
        return rules._get_applicable(contract).mapped("code")

    # -------------------------------------------------------------------------
    # Scope
    # -------------------------------------------------------------------------

    def test_rules_of_the_country_of_the_contract_hold(self):
        other = self.env["res.country"].create({"name": "Elsewhere", "code": "QE"})
        self._create_rule("T-HERE", country_id=self.country.id)
        self._create_rule("T-THERE", country_id=other.id)
        self._create_rule("T-EVERYWHERE")
        contract = self._create_contract(jurisdiction_id=self.country.id)

        self.assertEqual(self._get_codes(contract), ["T-EVERYWHERE", "T-HERE"])
        contract.jurisdiction_id = other
        self.assertEqual(self._get_codes(contract), ["T-EVERYWHERE", "T-THERE"])
        contract.jurisdiction_id = False
        self.assertEqual(self._get_codes(contract), ["T-EVERYWHERE"])

    def test_rules_of_a_country_group_hold_for_its_countries(self):
        group = self.env["res.country.group"].create({
            "name": "Union", "country_ids": [Command.set(self.country.ids)],
        })
        self._create_rule("T-UNION", country_group_id=group.id)
        contract = self._create_contract(jurisdiction_id=self.country.id)

        self.assertEqual(self._get_codes(contract), ["T-UNION"])
        contract.jurisdiction_id = self.env.ref("base.us")
        self.assertEqual(self._get_codes(contract), [])

    def test_consumer_rules_are_for_consumers_and_business_rules_for_businesses(self):
        self._create_rule("T-ALL")
        self._create_rule("T-BUSINESS", audience="business")
        self._create_rule("T-CONSUMER", audience="consumer")
        contract = self._create_contract()

        self.assertEqual(self._get_codes(contract), ["T-ALL", "T-BUSINESS"])
        contract.is_consumer = True
        self.assertEqual(self._get_codes(contract), ["T-ALL", "T-CONSUMER"])

    def test_rules_hold_from_their_first_to_their_last_day(self):
        self._create_rule("T-OLD", valid_to="2026-01-14")
        self._create_rule("T-LAST", valid_to="2026-01-15")
        self._create_rule("T-FIRST", valid_from="2026-01-15")
        self._create_rule("T-NEW", valid_from="2026-01-16")
        contract = self._create_contract()

        self.assertEqual(self._get_codes(contract, today="2026-01-14"), ["T-LAST", "T-OLD"])
        self.assertEqual(self._get_codes(contract), ["T-FIRST", "T-LAST"])
        self.assertEqual(self._get_codes(contract, today="2026-01-16"), ["T-FIRST", "T-NEW"])

    def test_rules_hold_for_their_subject(self):
        self._create_rule("T-CHANGE", subject="change")
        contract = self._create_contract()

        self.assertEqual(self._get_codes(contract), [])
        self.assertEqual(self._get_codes(contract, "change"), ["T-CHANGE"])

    def test_only_a_rule_that_holds_covers_another(self):
        neutral = self._create_rule("T-NEUTRAL")
        national = self._create_rule(
            "T-NATIONAL", country_id=self.country.id, valid_from="2026-01-10",
            covers_ids=[Command.set(neutral.ids)],
        )
        here = self._create_contract(jurisdiction_id=self.country.id)
        there = self._create_contract(jurisdiction_id=self.env.ref("base.us").id)

        self.assertEqual(self._get_codes(here), ["T-NATIONAL"])
        self.assertEqual(self._get_codes(there), ["T-NEUTRAL"])
        self.assertEqual(self._get_codes(here, today="2026-01-09"), ["T-NEUTRAL"])
        national.audience = "consumer"
        self.assertEqual(self._get_codes(here), ["T-NEUTRAL"])

    # -------------------------------------------------------------------------
    # Integrity
    # -------------------------------------------------------------------------

    def test_a_rule_is_closed_never_deleted(self):
        rule = self._create_rule()

        with self.assertRefused("T-1", "cannot be deleted", "last day in force", error=UserError):
            rule.unlink()

        self.assertTrue(rule.exists())

    @mute_logger("odoo.sql_db")
    def test_codes_are_held_once(self):
        rule = self._create_rule()

        self.assertEqual(rule.copy().code, "T-1 (2)")
        self.assertEqual(rule.copy().code, "T-1 (3)")
        with self.assertRefused("code_uniq", error=IntegrityError):
            self.rules.create(self._create_rule("T-2").copy_data({"code": "T-1"}))

    @mute_logger("odoo.sql_db")
    def test_a_rule_ends_after_it_begins(self):
        with self.assertRefused("valid_in_order", error=IntegrityError):
            self._create_rule(valid_from="2026-01-02", valid_to="2026-01-01")

    def test_a_superseded_rule_ends_before_the_newer_one_begins(self):
        newer = self._create_rule("T-NEW", valid_from="2026-03-01")
        older = self._create_rule("T-OLD", valid_to="2026-02-28", superseded_by_id=newer.id)

        for last_day in (False, "2026-03-01"):
            with self.assertRefused("T-OLD", "T-NEW", "last day", error=ValidationError):
                older.valid_to = last_day

    def test_arguments_fit_their_method(self):
        for method, argument, message in (
            ("deposit_cap", "a fifth", "whole number"),
            ("penalty_cap", False, "whole number"),
            ("prepaid_refund", "-1", "whole number"),
            ("auto_renewal_notice", "1.5", "whole number"),
            ("clause_present", "weather", "categories or topics"),
            ("clause_absent", False, "categories or topics"),
            ("onerous_marked", "deposit, court", "categories or topics"),
            ("forbidden_phrases", " ", "one a line"),
            (False, False, "choose how"),
        ):
            with self.subTest(method=method), self.assertRefused("T-1", message,
                                                                 error=ValidationError):
                self._create_rule(method=method, argument=argument)
        with self.assertRefused("T-1", "write the question", error=ValidationError):
            self._create_rule(question=False)

    # -------------------------------------------------------------------------
    # Rights
    # -------------------------------------------------------------------------

    @users("test_legal", "test_manager")
    def test_legal_and_managers_keep_the_rules(self):
        rule = self._create_rule().with_env(self.env)

        rule.write({"valid_to": "2026-12-31"})
        rule.copy()

        self.assertEqual(rule.valid_to, date(2026, 12, 31))
        self.assertFalse(rule.has_access("unlink"))

    @users("test_agent", "test_officer", "test_accountant")
    def test_others_only_read_them(self):
        rule = self._create_rule().with_env(self.env)

        self.assertEqual(rule.code, "T-1")
        with self.assertRaises(AccessError):
            rule.write({"valid_to": "2026-12-31"})
        with self.assertRaises(AccessError):
            rule.copy()
        self.assertFalse(rule.valid_to)

    @users("test_technician", "test_portal", "test_outsider")
    def test_who_does_not_judge_contracts_does_not_see_them(self):
        rule = self._create_rule().with_env(self.env)

        with self.assertRaises(AccessError):
            rule.read(["code"])
