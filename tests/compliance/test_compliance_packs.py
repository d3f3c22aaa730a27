from odoo.fields import Command
from odoo.tests import freeze_time

from ..common import AftersalesCommon

SHARED_CLAUSES = (
    "clause_term", "clause_scope_full_service", "clause_exclusions", "clause_service_times",
    "clause_quality", "clause_prices", "clause_invoicing_payment", "clause_refund",
    "clause_provider_rights_duties", "clause_customer_rights_duties", "clause_confidentiality",
    "clause_personal_data", "clause_breach", "clause_penalty_provider",
    "clause_penalty_customer", "clause_force_majeure", "clause_suspension",
    "clause_termination_cause", "clause_termination_consequences",
    "clause_governing_law", "clause_electronic_signature", "clause_changes", "clause_final",
)
BUSINESS_CLAUSES = (
    "clause_parties", "clause_liability_cap", "clause_deposit",
    "clause_data_processing", "clause_renewal_auto", "clause_termination_notice",
)
CONSUMER_CLAUSES = (
    "clause_parties_consumer", "clause_liability_consumer", "clause_renewal_auto_consumer",
    "clause_termination_consumer", "clause_court_consumer",
)


class TestCompliancePacks(AftersalesCommon):
    """The rules we ship: China, the European Union, and those without a country."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["aftersales.compliance.rule"]
        cls.china = cls.env.ref("base.cn")
        cls.company.partner_id.write({
            "street": "1 Road", "city": "Shanghai", "vat": "91310000MA1FL0001X",
            "country_id": cls.china.id,
        })
        cls.customer.write({"street": "2 Lane", "city": "Suzhou", "vat": "91320594MA1YL0002X"})
        cls.person = cls.env["res.partner"].create({
            "name": "Pia Private", "street": "3 Path", "city": "Suzhou",
        })
        cls.institution = cls.env["res.partner"].create({"name": "Institution"})

    def _get_clauses(self, *names):
        return [
            Command.create(self.env.ref(f"aftersales.{name}")._prepare_contract_clause_vals())
            for name in names
        ]

    def _create_chinese(self, clauses, **vals):
        return self._create_contract(**{
            "jurisdiction_id": self.china.id, "clause_ids": self._get_clauses(*clauses),
            "dispute_body_id": self.institution.id, "court_connection": "performance",
            "subject": "Care", "renewal_mode": "auto", "renewal_notice_days": 30,
            "payment_term_id": self.env.ref("account.account_payment_term_30days").id, **vals,
        })

    def _create_business(self, **vals):
        clauses = (*SHARED_CLAUSES, *BUSINESS_CLAUSES, "clause_court")
        return self._create_chinese(clauses, deposit_amount=240.0, **vals)

    def _get_unmet(self, contract):
        """Return the automatic rules the contract does not meet: code → evidence."""
        checks = contract._run_compliance()
        return {
            check.rule_id.code: check.evidence for check in checks
            if check.kind == "automatic" and check.result != "pass"
        }

    # -------------------------------------------------------------------------
    # Data
    # -------------------------------------------------------------------------

    def test_the_packs_are_loaded(self):
        self.assertEqual(self.rules.search_count([("code", "=like", "GEN-%")]), 20)
        self.assertEqual(self.rules.search_count([
            ("code", "=like", "CN-%"), ("country_id", "=", self.china.id)]), 63)
        self.assertEqual(self.rules.search_count([
            ("code", "=like", "EU-%"),
            ("country_group_id", "=", self.env.ref("base.europe").id)]), 11)

    def test_every_automatic_rule_has_its_method_and_a_remedy(self):
        for rule in self.rules.search([]):
            with self.subTest(rule=rule.code):
                self.assertTrue(rule.remedy)
                self.assertTrue(rule.fact)
                if rule.kind == "automatic":
                    self.assertTrue(callable(getattr(rule, f"_meets_{rule.method}", None)))
                else:
                    self.assertTrue(rule.question.endswith("?"))

    def test_the_library_marks_what_the_rules_want_marked(self):
        for rule in self.rules.search([("method", "=", "onerous_marked")]):
            clauses = self.env["aftersales.clause"].search([
                "|", ("topic", "in", rule._get_subjects()),
                ("category", "in", rule._get_subjects()),
            ])
            self.assertTrue(clauses)
            bare = clauses.filtered(lambda c: not (c.is_onerous and c.explanation))
            self.assertFalse(bare.mapped("name"), rule.code)

    def test_no_library_clause_says_what_is_forbidden(self):
        clauses = self._get_clauses(*(
            name.rpartition(".")[2]
            for name in self.env["aftersales.clause"].search([]).get_external_id().values()
        ))
        contract = self._create_contract(clause_ids=clauses)
        for rule in self.rules.search([("method", "=", "forbidden_phrases")]):
            with self.subTest(rule=rule.code):
                self.assertEqual(rule._judge(contract)["result"], "pass")

    # -------------------------------------------------------------------------
    # Whole contracts
    # -------------------------------------------------------------------------

    def test_a_complete_business_contract_passes_the_chinese_pack(self):
        contract = self._create_business()

        self.assertEqual(self._get_unmet(contract), {})
        contract.action_submit()
        contract.action_approve()
        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(contract.compliance_failed_count, 0)
        self.assertEqual(contract.compliance_state, "warnings")  # questions nobody answered

    def test_a_complete_business_contract_with_arbitration_passes(self):
        contract = self._create_chinese(
            (*SHARED_CLAUSES, *BUSINESS_CLAUSES, "clause_arbitration"),
            dispute_route="arbitration", deposit_amount=240.0,
        )

        self.assertEqual(self._get_unmet(contract), {})
        contract.action_submit()
        contract.action_approve()
        self.assertEqual(contract.state, "to_sign")

    def test_a_complete_consumer_contract_passes_the_chinese_pack(self):
        contract = self._create_chinese(
            (*SHARED_CLAUSES, *CONSUMER_CLAUSES), partner_id=self.person.id,
        )
        self.assertTrue(contract.is_consumer)

        self.assertEqual(self._get_unmet(contract), {})
        contract.action_submit()
        contract.action_approve()
        self.assertEqual(contract.state, "to_sign")

    def test_an_answered_contract_has_passed(self):
        contract = self._create_business()
        checks = contract._run_compliance().filtered(lambda check: check.result == "pending")

        checks.with_user(self.legal).action_answer_yes()

        self.assertEqual(contract.compliance_state, "passed")
        self.assertEqual(contract.compliance_open_count, 0)

    # -------------------------------------------------------------------------
    # What is refused
    # -------------------------------------------------------------------------

    def test_arbitrate_or_sue_blocks(self):
        contract = self._create_business()
        contract.clause_ids = [Command.create({
            "name": "争议解决", "category": "dispute",
            "body": "<p>因本合同发生的争议，或<b>裁</b>或审，由客户选择。</p>",
        })]
        contract.action_submit()

        with self.assertRefused("CN-C27c", "clause “争议解决” says “或裁或审”", "art. 7"):
            contract.action_approve()

        self.assertEqual(contract.state, "review")

    def test_an_empty_chinese_contract_is_told_everything_at_once(self):
        self.customer.vat = False
        contract = self._create_contract(
            jurisdiction_id=self.china.id, dispute_route="arbitration", dispute_body_id=False,
            deposit_amount=240.01, clause_ids=[
                Command.create({
                    "name": "Cap", "topic": "liability_cap", "origin": "standard",
                    "body": "<p>All other liability is excluded; 最终解释权归我方。</p>",
                }),
                Command.create({"name": "Court", "topic": "court", "body": "<p>Court.</p>"}),
            ],
        )
        contract.action_submit()

        with self.assertRefused(
            "CN-C01a", "CN-C04", "CN-C05a", "CN-C14a", "CN-C27a-2017", "CN-C27b",
        ):
            contract.action_approve()

        self.assertEqual(contract.state, "review")

    def test_consumers_are_protected_and_businesses_free(self):
        forbidden = [Command.create({"name": "Goods", "body": "<p>商品售出概不退换。</p>"})]
        business = self._create_business()
        business.clause_ids = forbidden
        consumer = self._create_chinese(
            (*SHARED_CLAUSES, *CONSUMER_CLAUSES), partner_id=self.person.id)
        consumer.clause_ids = forbidden

        self.assertNotIn("CN-C22b", self._get_unmet(business))
        self.assertEqual(self._get_unmet(consumer), {
            "CN-C22b": "Forbidden: clause “Goods” says “概不退换”.",
        })

    def test_neutral_rules_are_covered_in_china_and_hold_elsewhere(self):
        codes = {
            country: self._create_contract(
                jurisdiction_id=self.env.ref(country).id,
            )._run_compliance().rule_id.mapped("code")
            for country in ("base.cn", "base.us", "base.de")
        }

        self.assertNotIn("GEN-PARTIES", codes["base.cn"])
        self.assertIn("CN-C01a", codes["base.cn"])
        self.assertTrue(all(code.startswith("GEN-") for code in codes["base.us"]))
        self.assertIn("GEN-PARTIES", codes["base.us"])
        self.assertIn("EU-GDPR", codes["base.de"])
        self.assertNotIn("GEN-PERSONAL-DATA", codes["base.de"])

    # -------------------------------------------------------------------------
    # The new arbitration law of 1 March 2026
    # -------------------------------------------------------------------------

    def _get_arbitration_rules(self, contract):
        codes = contract._run_compliance().rule_id.mapped("code")
        return [code for code in codes if code.startswith(("CN-C27a", "GEN-DISPUTE-I"))]

    def test_arbitration_rules_take_turns_on_1_march_2026(self):
        contract = self._create_business()

        with freeze_time("2026-02-28 12:00"):
            self.assertEqual(self._get_arbitration_rules(contract), ["CN-C27a-2017"])
        with freeze_time("2026-03-01 12:00"):
            self.assertEqual(self._get_arbitration_rules(contract), ["CN-C27a-2025"])

    def test_a_contract_under_the_old_arbitration_law_is_flagged_and_checked_anew(self):
        contract = self._create_business(renewal_mode="none")
        contract.clause_ids.filtered(lambda c: c.topic == "renewal_auto").unlink()
        self._activate(contract)

        with freeze_time("2026-03-01 12:00"):
            self._run_cron("_cron_flag_outdated_compliance")
            self.assertEqual(contract.compliance_state, "outdated")
            contract.with_user(self.legal).action_check_compliance()

            self.assertEqual(contract.compliance_state, "warnings")
            self.assertEqual(self._get_arbitration_rules(contract), ["CN-C27a-2025"])
