from .common import ComplianceCommon


class TestComplianceMethods(ComplianceCommon):
    """Every automatic check, met and not met, with the sentence that says what was found."""

    def assertJudged(self, contract, method, result, evidence, argument=False):
        rule = self.rules.search([("code", "=", f"T-{method}-{argument}")]) or self._create_rule(
            f"T-{method}-{argument}", method=method, argument=argument)
        self.assertEqual(rule._judge(contract), {"result": result, "evidence": evidence})

    def test_unmet_rules_fail_warn_or_notify_by_their_severity(self):
        contract = self._create_contract()
        for severity, result in (("block", "fail"), ("warn", "warn"), ("info", "warn")):
            rule = self._create_rule(f"T-{severity}", method="place_agreed", severity=severity)
            contract.site_partner_id = False
            self.assertEqual(rule._judge(contract)["result"], result)

    def test_parties_complete(self):
        contract = self._create_contract()
        self.company.partner_id.write({
            "name": "Service Ltd", "street": "1 Road", "city": "Town", "vat": "S1",
        })

        self.assertJudged(contract, "parties_complete", "fail",
                          "Missing: Northside Clinic (street, city, and tax ID).")

        self.customer.write({"street": "2 Lane", "city": "Village", "vat": "C1"})
        self.assertJudged(contract, "parties_complete", "pass",
                          "Service Ltd and Northside Clinic are completely given.")

    def test_a_private_person_needs_no_tax_id(self):
        self.company.partner_id.write({
            "name": "Service Ltd", "street": False, "city": "Town", "vat": "S1",
        })
        person = self.env["res.partner"].create({
            "name": "Pia Private", "street": "3 Path", "city": "Hamlet",
        })
        contract = self._create_contract(partner_id=person.id)

        self.assertJudged(contract, "parties_complete", "fail", "Missing: Service Ltd (street).")
        self.company.partner_id.street = "1 Road"
        self.assertJudged(contract, "parties_complete", "pass",
                          "Service Ltd and Pia Private are completely given.")

    def test_has_lines(self):
        self.assertJudged(self._create_contract(lines=[]), "has_lines", "fail",
                          "No line has both a description and a quantity.")
        self.assertJudged(self._create_contract(lines=[{}, {}]), "has_lines", "pass",
                          "Lines with a description and a quantity: 2.")

    def test_price_agreed(self):
        self.assertJudged(self._create_contract(lines=[{"price_unit": 0.0}]), "price_agreed",
                          "fail", "No line has a price.")
        self.assertJudged(self._create_contract(lines=[]), "price_agreed", "fail",
                          "No line has a price.")
        self.assertJudged(self._create_contract(lines=[{}, {"price_unit": 0.0}]), "price_agreed",
                          "pass", "Lines with a price: 1.")
        self.assertJudged(self._create_contract(lines=[{"price_source": "pricelist"}]),
                          "price_agreed", "pass", "Lines with a price: 1.")
        free = self._create_contract(lines=[
            {"product_id": False, "price_unit": 0.0, "name": "All lifts", "scope_type": "all"},
        ])
        self.assertJudged(free, "price_agreed", "pass",
                          "The lines say what is covered and charge nothing.")

    def test_term_agreed(self):
        contract = self._create_contract()
        self.assertJudged(contract, "term_agreed", "pass",
                          "From January 1, 2026 until December 31, 2026.")

        contract.date_end = False
        self.assertJudged(contract, "term_agreed", "pass",
                          "From January 1, 2026 without a fixed end, with 30 days' notice.")

        contract.termination_notice_days = 0
        self.assertJudged(contract, "term_agreed", "fail",
                          "There is neither an end nor a termination notice.")

    def test_place_agreed(self):
        contract = self._create_contract()
        self.assertJudged(contract, "place_agreed", "fail",
                          "The service address Northside Clinic has neither street nor city.")

        self.customer.city = "Village"
        self.assertJudged(contract, "place_agreed", "pass", "The service address is Village.")

        contract.site_partner_id = False
        self.assertJudged(contract, "place_agreed", "fail", "There is no service address.")

    def test_clause_present_by_category_or_topic(self):
        contract = self._create_contract(clause_ids=[
            self._create_clause_vals(name="Help", category="service_level"),
            self._create_clause_vals(name="Money back", category="price", topic="refund"),
            self._create_clause_vals(name="Blank", category="scope", body="<p> <br></p>"),
        ])

        self.assertJudged(contract, "clause_present", "pass", "Found: “Help”.", "service_level")
        self.assertJudged(contract, "clause_present", "pass", "Found: “Money back”.", "refund")
        self.assertJudged(contract, "clause_present", "fail",
                          "No clause is about “Scope of service”.", "scope")
        self.assertJudged(contract, "clause_present", "fail",
                          "No clause is about “Deposit”.", "deposit")

    def test_clause_absent(self):
        contract = self._create_contract(clause_ids=[
            self._create_clause_vals(name="Judges", topic="arbitration"),
        ])

        self.assertJudged(contract, "clause_absent", "fail", "About “Arbitration”: “Judges”.",
                          "arbitration")
        self.assertJudged(contract, "clause_absent", "pass", "No clause is about “Court”.",
                          "court")

    def test_electronic_signature_agreed(self):
        contract = self._create_contract()
        self.assertJudged(contract, "electronic_signature_agreed", "fail",
                          "No clause agrees on electronic signature.")

        contract.clause_ids = [
            self._create_clause_vals(name="Signing", topic="electronic_signature"),
        ]
        self.assertJudged(contract, "electronic_signature_agreed", "pass", "Found: “Signing”.")

    def test_forbidden_phrases(self):
        contract = self._create_contract(subject="no refunds at all", clause_ids=[
            self._create_clause_vals(name="Rules", body="<p>We keep the <b>Final</b> say.</p>"),
            self._create_clause_vals(name="Subject", body="<p>{{ contract_subject }}</p>"),
            self._create_clause_vals(name="FINAL SAY"),
        ])

        self.assertJudged(
            contract, "forbidden_phrases", "fail",
            "Forbidden: clause “Rules” says “final say”; clause “Subject” says “no refunds”; "
            "clause “FINAL SAY” says “final say”.", "final say\nno refunds")
        self.assertJudged(
            contract, "forbidden_phrases", "pass",
            "None of the forbidden phrases stands in the clauses (3 read).", "last word")

    def test_onerous_marked(self):
        argument = "liability_cap,deposit"
        contract = self._create_contract()
        self.assertJudged(contract, "onerous_marked", "pass",
                          "No standard term is of these kinds.", argument)

        contract.clause_ids = [
            self._create_clause_vals(name="Cap", topic="liability_cap", origin="standard",
                                     is_onerous=True, explanation="We owe no more."),
            self._create_clause_vals(name="Own words", topic="deposit", origin="negotiated"),
            self._create_clause_vals(name="Courts", topic="court", origin="standard"),
        ]
        self.assertJudged(contract, "onerous_marked", "pass", "Marked and explained: “Cap”.",
                          argument)

        contract.clause_ids = [
            self._create_clause_vals(name="Bail", topic="deposit", origin="standard"),
        ]
        contract.clause_ids.filtered(lambda c: c.name == "Cap").explanation = False
        self.assertJudged(contract, "onerous_marked", "fail",
                          "Not marked onerous and explained: “Cap” and “Bail”.", argument)

    def test_deposit_cap(self):
        contract = self._create_contract()
        self.assertJudged(contract, "deposit_cap", "pass", "No deposit is agreed.", "20")

        contract.deposit_amount = 240.0
        self.assertJudged(contract, "deposit_cap", "pass", "The deposit of 240.00 USD is within "
                          "20 % of the contract value of 1,200.00 USD.", "20")

        contract.deposit_amount = 240.01
        self.assertJudged(contract, "deposit_cap", "fail", "The deposit of 240.01 USD is above "
                          "20 % of the contract value of 1,200.00 USD.", "20")

    def test_contract_value_counts_the_term_and_what_is_charged_once(self):
        lines = [{}, {"recurrence_unit": "once", "price_unit": 50.0}]
        two_years = self._create_contract(lines=lines, date_end="2027-12-31")
        half_year = self._create_contract(lines=lines, date_end="2026-07-01")
        open_end = self._create_contract(lines=lines, date_end=False)

        get_value = self.rules._get_contract_value
        self.assertEqual(get_value(two_years), 2450.0)
        self.assertEqual(get_value(half_year), 648.36)  # 1,200 × 182 / 365 + 50
        self.assertEqual(get_value(open_end), 1250.0)

    def test_a_deposit_on_a_free_contract_is_too_much(self):
        contract = self._create_contract(lines=[{"price_unit": 0.0}], deposit_amount=1.0)

        self.assertJudged(contract, "deposit_cap", "fail", "The deposit of 1.00 USD is above "
                          "20 % of the contract value of 0 USD.", "20")

    def test_penalty_cap(self):
        contract = self._create_contract(penalty_cap_percent=30.0)
        self.assertJudged(contract, "penalty_cap", "pass",
                          "Penalties end at 30 % of the annual value, within 30 %.", "30")

        contract.penalty_cap_percent = 30.5
        self.assertJudged(contract, "penalty_cap", "fail",
                          "Penalties may reach 30.5 % of the annual value, above 30 %.", "30")

    def test_a_fee_for_ending_early_is_a_penalty_too(self):
        contract = self._create_contract(
            penalty_cap_percent=30.0, early_fee_mode="percent", early_fee_percent=40.0,
        )

        self.assertJudged(contract, "penalty_cap", "fail",
                          "The fee for ending early is 40 % of the price of the rest of the term, "
                          "above 30 %. Note the loss that justifies it.", "30")

    def test_one_dispute_route(self):
        contract = self._create_contract(clause_ids=[
            self._create_clause_vals(name="Court", topic="court"),
        ])
        self.assertJudged(contract, "one_dispute_route", "pass", "The only way is “Court”.")

        contract.clause_ids = [self._create_clause_vals(name="Judges", topic="arbitration")]
        self.assertJudged(contract, "one_dispute_route", "fail",
                          "The final decision lies with “Court”, and another way is opened by: "
                          "“Judges”.")

        contract.dispute_route = "arbitration"
        self.assertJudged(contract, "one_dispute_route", "fail",
                          "The final decision lies with “Arbitration”, and another way is opened "
                          "by: “Court”.")

    def test_only_one_arbitration_clause(self):
        contract = self._create_contract(dispute_route="arbitration", clause_ids=[
            self._create_clause_vals(name="North", topic="arbitration"),
        ])
        self.assertJudged(contract, "one_dispute_route", "pass", "The only way is “Arbitration”.")

        contract.clause_ids = [self._create_clause_vals(name="South", topic="arbitration")]
        self.assertJudged(contract, "one_dispute_route", "fail",
                          "More than one clause agrees on arbitration: “North” and “South”.")

    def test_arbitration_institution(self):
        contract = self._create_contract()
        self.assertJudged(contract, "arbitration_institution", "pass", "No arbitration is chosen.")

        contract.write({"dispute_route": "arbitration", "dispute_body_id": False})
        self.assertJudged(contract, "arbitration_institution", "fail",
                          "Arbitration is chosen and no institution is named.")

        contract.dispute_body_id = self.other_customer
        self.assertJudged(contract, "arbitration_institution", "pass",
                          "The institution is Harbour Hotel.")

    def test_court_connection(self):
        contract = self._create_contract(dispute_body_id=False)
        self.assertJudged(contract, "court_connection", "fail",
                          "Missing: the court and its connection with the dispute.")

        contract.dispute_body_id = self.other_customer
        self.assertJudged(contract, "court_connection", "fail",
                          "Missing: its connection with the dispute.")

        contract.court_connection = "performance"
        self.assertJudged(contract, "court_connection", "pass",
                          "The court is Harbour Hotel, connected by: Place of performance.")

        contract.dispute_route = "arbitration"
        self.assertJudged(contract, "court_connection", "pass", "No court is chosen.")

    def test_auto_renewal_notice(self):
        contract = self._create_contract()
        self.assertJudged(contract, "auto_renewal_notice", "pass",
                          "The contract does not renew automatically.", "14")

        contract.write({"renewal_mode": "auto", "renewal_notice_days": 14})
        self.assertJudged(contract, "auto_renewal_notice", "pass",
                          "The customer is told 14 days before an automatic renewal.", "14")

        contract.renewal_notice_days = 13
        self.assertJudged(contract, "auto_renewal_notice", "fail",
                          "The customer is told 13 days before an automatic renewal, and at least "
                          "14 are needed.", "14")

    def test_a_clause_that_renews_needs_a_contract_that_tells(self):
        contract = self._create_contract(clause_ids=[
            self._create_clause_vals(name="On and on", topic="renewal_auto"),
        ])

        self.assertJudged(contract, "auto_renewal_notice", "fail",
                          "The contract is not set to renew automatically, and nobody is told of "
                          "what these clauses say: “On and on”.", "14")

    def test_prepaid_refund(self):
        contract = self._create_contract(lines=[{"name": "Care"}])
        self.assertJudged(contract, "prepaid_refund", "fail", "No clause regulates the refund of "
                          "what is charged in advance: “Care”.", "0")
        self.assertJudged(contract, "prepaid_refund", "pass",
                          "Nothing is charged so far in advance.", "1")

        contract.clause_ids = [self._create_clause_vals(name="Money back", topic="refund")]
        self.assertJudged(contract, "prepaid_refund", "pass",
                          "Refunds are regulated: “Money back”.", "0")

    def test_prepaid_is_what_is_priced_in_advance_for_longer(self):
        contract = self._create_contract(lines=[
            {"name": "Arrears", "billing_timing": "arrears", "recurrence_unit": "year"},
            {"name": "Free", "price_unit": 0.0, "recurrence_unit": "year"},
            {"name": "Quarter", "recurrence_unit": "quarter"},
            {"name": "Seven months", "recurrence_interval": 7},
            {"name": "Once", "recurrence_unit": "once"},
        ])

        self.assertJudged(contract, "prepaid_refund", "fail", "No clause regulates the refund of "
                          "what is charged in advance: “Seven months” and “Once”.", "3")

    def test_change_two_party_asks_those_who_know_changes(self):
        contract = self._create_contract()
        rule = self._create_rule(method="change_two_party", subject="change")
        model = type(contract)

        self.assertEqual(rule._judge(contract), {
            "result": "fail", "evidence": "No change is under way.",
        })
        self.patch(model, "_get_change_gaps", lambda record, occasion: [occasion, "No date."])
        self.assertEqual(rule._judge(contract, "CH/7"), {
            "result": "fail", "evidence": "CH/7 No date.",
        })
        self.patch(model, "_get_change_gaps", lambda record, occasion: [])
        self.assertEqual(rule._judge(contract), {
            "result": "pass",
            "evidence": "Both parties are asked to confirm; before, after and the effective "
                        "date are recorded.",
        })

    def test_every_method_has_its_code(self):
        for method, _label in self.rules._fields["method"].selection:
            self.assertTrue(callable(getattr(self.rules, f"_meets_{method}", None)), method)

    def test_evidence_is_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        contract = self._create_contract()
        rule = self._create_rule(method="term_agreed")

        self.company.partner_id.lang = "en_US"
        judged = rule.with_context(lang="zh_CN")._judge(contract.with_context(lang="zh_CN"))

        self.assertEqual(judged["evidence"], "From January 1, 2026 until December 31, 2026.")
