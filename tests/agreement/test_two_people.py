from odoo.fields import Command

from ..common import AftersalesCommon


class TestTwoPeople(AftersalesCommon):
    """Who submitted a contract approves it only where the company lets one person do both."""

    def _submit(self):
        contract = self._create_contract()
        contract.action_submit()
        return contract

    def _get_notes(self, contract):
        notes = contract.message_ids.filtered(lambda m: "by the same person" in (m.body or ""))
        return notes.mapped("body")

    def test_one_person_may_do_both_and_it_is_told(self):
        contract = self._submit()

        contract.action_approve()

        self.assertEqual((contract.state, contract.submitted_by_id), ("to_sign", self.officer))
        self.assertEqual(
            [str(note) for note in self._get_notes(contract)],
            ["<p>Submitted and approved by the same person: Olga Officer.</p>"],
        )

    def test_two_people_where_the_company_wants_them(self):
        self.company.aftersales_two_people_approve = True
        contract = self._submit()

        with self.assertRefused(
            contract.name, "Olga Officer submitted it", "a second person approves",
            "Ask somebody else",
        ):
            contract.action_approve()

        self.assertEqual((contract.state, len(contract.version_ids)), ("review", 0))
        contract.with_user(self.manager).action_approve()
        self.assertEqual(contract.state, "to_sign")
        self.assertFalse(self._get_notes(contract))

    def test_who_submits_again_is_the_one_who_counts(self):
        self.company.aftersales_two_people_approve = True
        contract = self._submit()
        contract.action_draft()
        contract.with_user(self.manager).action_submit()

        with self.assertRefused("Mario Manager submitted it"):
            contract.with_user(self.manager).action_approve()

        contract.action_approve()
        self.assertEqual(contract.state, "to_sign")

    def test_who_submitted_is_not_written_by_hand(self):
        self.assertTrue(self.env["aftersales.contract"]._fields["submitted_by_id"].readonly)
        contract = self._submit()
        self.assertEqual(contract.copy().submitted_by_id.id, False)

    # -------------------------------------------------------------------------
    # Changed in review
    # -------------------------------------------------------------------------

    def _get_edits(self, contract):
        bodies = contract.message_ids.sorted("id").mapped("body")
        return [str(body) for body in bodies if "Changed in review" in (body or "")]

    def test_who_changes_it_in_review_does_not_approve_it(self):
        self.company.aftersales_two_people_approve = True
        contract = self._submit()
        by_manager = contract.with_user(self.manager)
        by_manager.penalty_cap_percent = 12.0

        with self.assertRefused(
            contract.name, "Mario Manager changed it last while it was in review",
            "set it back to draft",
        ):
            by_manager.action_approve()

        self.assertEqual((contract.state, contract.edited_by_id), ("review", self.manager))
        self.assertEqual(
            self._get_edits(contract),
            ["<p>Changed in review by Mario Manager: Penalty Cap (%)</p>"],
        )
        contract.action_approve()
        self.assertEqual(contract.state, "to_sign")

    def test_what_is_set_back_is_submitted_with_its_changes(self):
        self.company.aftersales_two_people_approve = True
        contract = self._submit()
        by_manager = contract.with_user(self.manager)
        by_manager.penalty_cap_percent = 12.0
        by_manager.action_draft()
        contract.action_submit()

        self.assertFalse(contract.edited_by_id)
        by_manager.action_approve()
        self.assertEqual(contract.state, "to_sign")

    def test_lines_and_clauses_changed_in_review_are_told(self):
        contract = self._create_contract(clause_ids=[
            Command.create({"name": "Old Promise", "body": "<p>Old.</p>"}),
        ])
        contract.action_submit()
        line, clause = contract.line_ids, contract.clause_ids
        name = line.display_name

        contract.with_user(self.manager).write({
            "line_ids": [Command.update(line.id, {"price_unit": 120.0, "quantity": 2.0})],
            "clause_ids": [
                Command.update(clause.id, {"body": "<p>New.</p>"}),
                Command.create({"name": "New Promise", "body": "<p>Promised.</p>"}),
            ],
        })
        clause.with_user(self.manager).unlink()

        self.assertEqual(self._get_edits(contract), [
            f"<p>Changed in review by Mario Manager: “{name}” (Quantity, Unit Price)</p>",
            "<p>Changed in review by Mario Manager: “Old Promise” (Wording)</p>",
            "<p>Changed in review by Mario Manager: “New Promise” was added</p>",
            "<p>Changed in review by Mario Manager: “Old Promise” was removed</p>",
        ])
        self.assertEqual(contract.edited_by_id, self.manager)

    def test_a_draft_and_bookkeeping_are_changed_without_a_note(self):
        contract = self._create_contract()
        contract.penalty_cap_percent = 12.0
        contract.action_submit()
        contract.customer_reference = "PO 7"
        contract.line_ids.sequence = 5

        self.assertFalse(contract.edited_by_id)
        self.assertFalse(self._get_edits(contract))

    def test_nobody_writes_who_submitted_or_changed(self):
        contract = self._submit()

        for name in ("submitted_by_id", "edited_by_id"):
            with self.subTest(field=name), self.assertRefused(contract.name, "noted by itself"):
                contract.with_user(self.manager)[name] = self.legal

        self.assertEqual(contract.submitted_by_id, self.officer)
        self.assertFalse(contract.edited_by_id)
