from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..common import AftersalesCommon


class TestClauseText(AftersalesCommon):
    """Clauses speak with the data of their contract until they are put before the customer."""

    def _create_with_clause(self, body, **vals):
        clause = {"name": "Notice", "body": f"<p>{body}</p>", **vals.pop("clause", {})}
        return self._create_contract(clause_ids=[Command.create(clause)], **vals)

    def test_placeholders_are_filled_from_the_contract(self):
        contract = self._create_with_clause(
            "{{ customer_name }} ends {{contract_subject}} with {{ termination_notice_days }} "
            "days, at most {{ penalty_cap_percent }}% of {{ annual_value }} {{ currency }}.",
            subject="Lift care", termination_notice_days=45, penalty_cap_percent=12.5,
        )

        self.assertEqual(
            contract.clause_ids.text,
            "<p>Northside Clinic ends Lift care with 45 days, at most 12.5% of 1,200.00 USD.</p>",
        )

    def test_values_are_text_never_markup(self):
        contract = self._create_with_clause(
            "{{ contract_subject }}", subject="<script>alert(1)</script> & Co",
        )

        self.assertEqual(
            contract.clause_ids.text,
            "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co</p>",
        )

    def test_only_listed_data_can_be_asked_for(self):
        contract = self._create_with_clause("{{ env.user.password }} {{ note }}")

        self.assertNotIn("password }}", contract.clause_ids.text)
        with self.assertRefused("Notice", "env.user.password, note", "does not know"):
            contract.action_submit()
        self.assertEqual(contract.state, "draft")
        with self.assertRefused("Bad", "{{ note }}", error=ValidationError):
            self.env["aftersales.clause"].create({"name": "Bad", "body": "<p>{{ note }}</p>"})

    def test_what_the_contract_leaves_empty_stops_it(self):
        contract = self._create_with_clause("{{ mediation_body }} mediates.")

        with self.assertRefused(contract.name, "Notice", "Mediation body"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")
        contract.mediation_body_id = self.other_customer
        contract.action_submit()
        self.assertEqual(contract.clause_ids.text, "<p>Harbour Hotel mediates.</p>")

    def test_text_is_frozen_when_approved_and_thawed_when_reopened(self):
        contract = self._create_with_clause("{{ customer_name }}")
        contract.action_submit()
        contract.action_approve()

        self.customer.name = "Northside Hospital"
        self.assertEqual(contract.clause_ids.text, "<p>Northside Clinic</p>")

        contract.action_draft()
        self.assertEqual(contract.clause_ids.text, "<p>Northside Hospital</p>")

    def test_onerous_clause_wants_an_explanation(self):
        with self.assertRefused("Cap", "explain", error=ValidationError):
            self.env["aftersales.clause"].create({
                "name": "Cap", "body": "<p>-</p>", "is_onerous": True,
            })
        contract = self._create_with_clause("-", clause={"is_onerous": True})
        with self.assertRefused("Notice", "onerous", "explanation"):
            contract.action_submit()

    def test_library_is_complete(self):
        clauses = self.env["aftersales.clause"].search([("company_id", "=", False)])

        for field_name in ("category", "topic"):
            values = dict(clauses._fields[field_name].selection)
            self.assertLessEqual(set(values), set(clauses.mapped(field_name)))
        self.assertTrue(all(clauses.filtered("is_onerous").mapped("explanation")))

    # -------------------------------------------------------------------------
    # Fee for ending early
    # -------------------------------------------------------------------------

    def _create_with_fee(self, lang="en_US", **vals):
        self.customer.lang = lang
        clause = self.env.ref("aftersales.clause_termination_fee").with_context(lang=lang)
        return self._create_contract(
            clause_ids=[Command.create(clause._prepare_contract_clause_vals())],
            early_fee_mode="percent", early_fee_percent=20.0, early_fee_cap=1000.0, **vals,
        )

    def test_the_library_clause_names_the_fee_in_the_language_of_the_customer(self):
        addon = self.env["ir.module.module"].search([("name", "=", "aftersales")])
        for lang in ("zh_CN", "zh_TW"):
            self.env["res.lang"]._activate_lang(lang)
        addon._update_translations(["zh_CN", "zh_TW"])
        cases = {
            "en_US": ("Fee for ending early", "a fee for ending early: 20 % of the price of the "
                      "rest of the term, $\xa01,000.00 at most."),
            "zh_CN": ("提前终止费", "提前终止费：剩余期限价款的 20 %，最高 $\xa01,000.00。"),
            "zh_TW": ("提前終止費", "提前終止費：剩餘期限價款的 20 %，最高 $\xa01,000.00。"),
        }
        for lang, (title, text) in cases.items():
            with self.subTest(lang=lang):
                clause = self._create_with_fee(lang).clause_ids

                self.assertEqual(clause.name, title)
                self.assertIn(text, str(clause.text))
                self.assertTrue(clause.is_onerous and clause.explanation)

    def test_a_fee_that_no_clause_names_is_not_put_before_the_customer(self):
        contract = self._create_contract(early_fee_mode="fixed", early_fee_amount=500.0)

        with self.assertRefused(contract.name, "500.00", "no clause says so", "from the library"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")
        contract.clause_ids = [Command.create({
            "name": "Early End", "body": "<p>It costs $\xa0500.00 to end it early.</p>",
        })]
        contract.action_submit()
        self.assertEqual(contract.state, "review")

    def test_the_clause_of_the_fee_needs_a_fee(self):
        contract = self._create_with_fee()
        contract.early_fee_mode = "none"

        with self.assertRefused("speaks of what the contract leaves empty", "Fee for ending early"):
            contract.action_submit()

    def test_what_is_signed_keeps_its_text_when_the_library_changes(self):
        contract = self._create_with_fee()
        contract.action_submit()
        contract.action_approve()
        before = contract.clause_ids.text

        self.env.ref("aftersales.clause_termination_fee").body = "<p>No fee.</p>"

        self.env.invalidate_all()
        self.assertEqual(contract.clause_ids.text, before)
