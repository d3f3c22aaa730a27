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
