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
