from odoo.fields import Command

from .contract_change_common import ContractChangeCommon


class TestChangeApproval(ContractChangeCommon):
    """A change too is approved by a second person where the company wants two."""

    def test_two_people_where_the_company_wants_them(self):
        self.company.aftersales_two_people_approve = True
        contract = self._create_active_by_two()
        change = self._create_change(contract, self._price(contract)).with_user(self.manager)
        change.action_submit()

        with self.assertRefused(change.name, "Mario Manager submitted it", "Ask somebody else"):
            change.action_approve()

        self.assertEqual((change.state, change.content_hash), ("review", False))
        change.with_user(self.legal).action_approve()
        self.assertEqual(change.state, "to_confirm")

    def test_one_person_may_do_both_and_it_is_told(self):
        contract = self._create_active()
        change = self._create_change(contract, self._price(contract)).with_user(self.manager)
        change.action_submit()

        change.action_approve()

        self.assertEqual(change.state, "to_confirm")
        self.assertIn(
            "<p>Submitted and approved by the same person: Mario Manager.</p>",
            [str(body) for body in change.message_ids.mapped("body")],
        )

    def test_who_changes_it_in_review_does_not_approve_it(self):
        self.company.aftersales_two_people_approve = True
        contract = self._create_active_by_two()
        change = self._create_change(contract, self._price(contract))
        change.action_submit()
        by_legal = change.with_user(self.legal)
        line = by_legal.line_ids[:1]
        by_legal.write({"reason": "Agreed by phone", "line_ids": [
            Command.update(line.id, {"price_unit": 130.0}),
        ]})

        with self.assertRefused(change.name, "changed it last while it was in review"):
            by_legal.action_approve()

        self.assertEqual((change.state, change.edited_by_id), ("review", self.legal))
        notes = change.message_ids.sorted("id").mapped("body")
        self.assertEqual([str(note) for note in notes if "Changed in review" in (note or "")], [
            f"<p>Changed in review by {self.legal.name}: “{line.display_name}” (Unit Price)</p>",
            f"<p>Changed in review by {self.legal.name}: Reason</p>",
        ])
        change.with_user(self.manager).action_approve()
        self.assertEqual(change.state, "to_confirm")

    def _create_active_by_two(self):
        contract = self._create_contract()
        contract.action_submit()
        contract.with_user(self.manager).action_approve()
        self._sign(contract)
        return contract

    def test_what_blocks_the_billing_of_the_contract_is_shown(self):
        contract = self._create_active()
        change = self._create_change(contract, self._price(contract))
        self.assertFalse(change.billing_error)
        self.customer.active = False

        self._bill(contract, "2026-01-15")

        self.assertIn("Northside Clinic is archived", change.billing_error)
