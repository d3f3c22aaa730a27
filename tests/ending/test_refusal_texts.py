from odoo.exceptions import UserError

from .ending_common import EndingCommon


class TestRefusalTexts(EndingCommon):
    """Bad input on the way from submission to the end: each text names record, reason, remedy."""

    def assertAllRefused(self, contract, rows):
        """Each row is a call and what its refusal says beside the number of the contract."""
        before = self._get_snapshot(contract)
        for name, call, *parts in rows:
            with self.subTest(name):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    call()
                for part in (contract.name, *parts):
                    self.assertIn(part, str(caught.exception))
                self.env.invalidate_all()
                self.assertEqual(self._get_snapshot(contract), before)

    def _transfer(self, contract, day, customer=None, **vals):
        contract.env["aftersales.contract.transfer"].create({
            "contract_id": contract.id, "date": day,
            "partner_id": (customer or self.other_customer).id, "agreed_by_old": "Nora",
            "agreed_by_new": "Harry", "attachment_ids": self._attach().ids, **vals,
        }).action_confirm()

    def _remove(self, contract, day, line, **vals):
        contract.env["aftersales.contract.equipment"].create({
            "contract_id": contract.id, "kind": "remove", "date": day, "line_id": line.id,
            "agreed_by": "Nora", "agreed_on": "2026-01-15", **vals,
        }).action_confirm()

    def test_draft(self):
        empty = self._create_contract(lines=[])
        draft = self._create_contract()
        self.assertAllRefused(empty, [
            ("submit without lines", empty.action_submit, "It has no lines", "Add what is covered"),
        ])
        self.assertAllRefused(draft, [
            ("approve a draft", draft.action_approve, 'It is "Draft"', "can only become"),
            ("sign a draft", lambda: self._sign(draft), "does not wait for a signature",
             "Only what was approved"),
            ("countersign a draft", draft.action_countersign, "does not wait for a signature"),
            ("suspend a draft", lambda: self._suspend(draft, "2026-01-20"), 'It is "Draft"',
             "cancel one that nobody has signed"),
            ("terminate a draft", lambda: self._terminate(draft, "2026-01-20"), 'It is "Draft"',
             "cancel one"),
            ("transfer a draft", lambda: self._transfer(draft, "2026-01-20"), 'It is "Draft"',
             "cancel one"),
            ("end before the start", lambda: draft.write({"date_end": "2025-12-31"}),
             "ends on 12/31/2025, before it starts on 01/01/2026", "Enter an end on or after"),
        ])

    def test_to_sign(self):
        contract = self._create_contract()
        contract.action_submit()
        contract.action_approve()
        wizard = self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"{contract._name},{contract.id}", "signed_by": "Nora",
            "date_signed": "2026-01-15",
        })
        self.assertAllRefused(contract, [
            ("scan without a file", wizard.action_confirm, "attach the signed document",
             "or choose “Acknowledged without a document”"),
            ("nobody signed", lambda: wizard.write({"signed_by": " "}) and wizard.action_confirm(),
             "enter who signed for the customer"),
            ("write what is closed", lambda: contract.write({"date_end": "2026-06-30"}),
             'is closed: it is "To Sign"', "Set it back to draft"),
        ])

    def test_active(self):
        contract = self._create_active(lines=[{}, {"price_unit": 310.0}])
        first = contract.line_ids[:1]
        self.assertAllRefused(contract, [
            ("suspend before the start", lambda: self._suspend(contract, "2025-12-31"),
             "It begins on 01/01/2026", "choose that day or a later one"),
            ("suspend after the end", lambda: self._suspend(contract, "2027-01-01"),
             "It ends on 12/31/2026", "choose that day or an earlier one"),
            ("suspend backwards", lambda: self._suspend(contract, "2026-02-10", "2026-02-01"),
             "would end on 02/01/2026, before it begins on 02/10/2026", "Enter a later last day"),
            ("resume what runs", lambda: self._resume(contract, "2026-01-20"),
             "It is not suspended", "nothing to resume"),
            ("terminate before the start", lambda: self._terminate(contract, "2025-12-31"),
             "It begins on 01/01/2026", "choose that day or a later one"),
            ("terminate after the end", lambda: self._terminate(contract, "2027-01-01"),
             "It ends on 12/31/2026", "choose that day or an earlier one"),
            ("terminate without notice", lambda: self._terminate(
                contract, "2026-02-28", ground="notice", side="customer", date_notice=False,
             ), "enter the day on which the notice was received"),
            ("terminate too early", lambda: self._terminate(
                contract, "2026-01-20", ground="notice", side="customer", date_notice="2026-01-15",
             ), "can end on 02/14/2026 at the earliest", "write in “Earlier Because”"),
            ("transfer to itself", lambda: self._transfer(contract, "2026-02-01", self.customer),
             "Northside Clinic already is its customer", "Choose another one"),
            ("transfer without consent", lambda: self._transfer(
                contract, "2026-02-01", attachment_ids=[],
             ), "The consent of both customers is missing", "Attach the document"),
            ("transfer after the end", lambda: self._transfer(contract, "2027-02-01"),
             "Nothing is left to pass on after 12/31/2026", "Choose an earlier day"),
            ("transfer on its first day", lambda: self._transfer(contract, "2026-01-01"),
             "It begins on 01/01/2026", "choose that day or a later one"),
            ("remove before the start", lambda: self._remove(contract, "2025-12-31", first),
             "It begins on 01/01/2026", "choose that day or a later one"),
            ("remove, agreed tomorrow", lambda: self._remove(
                contract, "2026-02-01", first, agreed_on="2026-01-16",
             ), "The agreement cannot lie in the future (01/16/2026)", "Enter the day it was made"),
            ("remove, agreed by nobody", lambda: self._remove(
                contract, "2026-02-01", first, agreed_by=" ",
             ), "Enter who agreed for the customer"),
            ("sign once more", lambda: self._sign(contract), "does not wait for a signature"),
        ])

    def test_twice(self):
        contract = self._create_active()
        self._transfer(contract, "2026-02-01")
        self.assertAllRefused(contract, [
            ("transfer twice", lambda: self._transfer(contract, "2026-03-01"),
             "terminated as of 01/31/2026", "Withdraw the termination first"),
            ("terminate twice", lambda: self._terminate(contract, "2026-01-20"),
             "already terminated as of 01/31/2026", "Withdraw that termination first"),
        ])
        suspended = self._create_active()
        self._suspend(suspended, "2026-01-10")
        self.assertAllRefused(suspended, [
            ("suspend twice", lambda: self._suspend(suspended, "2026-01-20"),
             "already suspended from 01/10/2026", "Choose other days, or resume it first"),
            ("transfer at rest", lambda: self._transfer(suspended, "2026-02-01"),
             "It is suspended since 01/10/2026", "Resume it first"),
            ("resume before", lambda: self._resume(suspended, "2026-01-10"),
             "It is suspended since 01/10/2026", "choose a later day"),
        ])
