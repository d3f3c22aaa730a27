from odoo.exceptions import UserError
from odoo.fields import Command

from ..common import AftersalesCommon


class TestBillingFreeing(AftersalesCommon):
    """Whatever is undone in accounting leaves the register true: billed is what is charged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active(date_end="2026-01-31")
        cls.obligation = cls.contract.sudo().obligation_ids
        cls.move = cls._bill(cls.contract, "2026-01-15")

    def _reverse(self, moves, method="refund_moves"):
        """Run Odoo's credit note wizard; return the moves it made."""
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=moves.ids,
        ).create({"journal_id": moves.journal_id.id, "date": "2026-01-15"})
        getattr(wizard, method)()
        return wizard.new_move_ids

    def assertBilledBy(self, move, amount=100.0):
        self.assertRecordValues(self.obligation, [{
            "billing_state": "draft" if move.state == "draft" else "billed",
            "move_id": move.id, "amount_billed": amount,
        }])
        self.assertFalse(self._bill(self.contract, "2026-01-15"))

    def assertFree(self):
        """The period is billable, and billed exactly once when the run comes."""
        self.assertRecordValues(self.obligation, [{
            "billing_state": "to_bill", "move_id": False, "move_line_id": False,
            "amount_billed": 0.0, "state": "due", "date_due": False,
        }])
        again = self._bill(self.contract, "2026-01-15")
        self.assertEqual(again.invoice_line_ids.aftersales_obligation_id, self.obligation)
        self.assertEqual(again.amount_untaxed, 100.0)
        self.assertFalse(self._bill(self.contract, "2026-01-15"))
        return again

    # -------------------------------------------------------------------------
    # Undone: billable again
    # -------------------------------------------------------------------------

    def test_deleted_draft_frees_the_period(self):
        contract = self._create_active(invoice_action="draft", date_end="2026-01-31")
        draft = self._bill(contract, "2026-01-15")
        self.contract, self.obligation = contract, contract.sudo().obligation_ids

        draft.unlink()

        self.assertFree()

    def test_deleted_invoice_line_frees_its_period_only(self):
        contract = self._create_active(invoice_action="draft", date_end="2026-01-31", lines=[
            {"name": "Lift 1"}, {"name": "Lift 2"},
        ])
        draft = self._bill(contract, "2026-01-15")

        draft.invoice_line_ids = [Command.delete(draft.invoice_line_ids[0].id)]

        self.assertEqual(
            contract.line_ids[0].obligation_ids.billing_state, "to_bill")
        self.assertEqual(contract.line_ids[1].obligation_ids.billing_state, "draft")

    def test_cancelled_invoice_frees_the_period(self):
        self.move.button_draft()
        self.assertBilledBy(self.move)

        self.move.button_cancel()

        self.assertFree()

    def test_reset_to_draft_and_posted_again_keeps_the_period(self):
        self.move.button_draft()
        self.move.action_post()

        self.assertBilledBy(self.move)

    def test_full_credit_note_frees_the_period(self):
        credit = self._reverse(self.move)
        self.assertBilledBy(self.move)

        credit.action_post()

        again = self.assertFree()
        self.assertNotEqual(again, self.move)

    def test_full_credit_note_reconciled_by_odoo_frees_the_period(self):
        self._reverse(self.move).action_post()
        receivables = (self.move + self.move.reversal_move_ids).line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable")
        receivables.filtered(lambda item: not item.reconciled).reconcile()

        self.assertEqual(self.move.payment_state, "reversed")
        self.assertFree()

    def test_two_credit_notes_that_sum_to_the_whole_free_the_period(self):
        for price in (40.0, 60.0):
            credit = self._reverse(self.move)
            credit.invoice_line_ids.price_unit = price
            credit.action_post()

        self.assertFree()

    def test_a_contract_with_several_lines_is_freed_line_by_line(self):
        contract = self._create_active(date_end="2026-01-31", lines=[
            {"name": "Lift 1"}, {"name": "Lift 2"},
        ])
        move = self._bill(contract, "2026-01-15")
        credit = self._reverse(move)
        credit.invoice_line_ids = [Command.delete(credit.invoice_line_ids[1].id)]

        credit.action_post()

        self.assertEqual(contract.line_ids[0].obligation_ids.billing_state, "to_bill")
        self.assertEqual(contract.line_ids[1].obligation_ids.billing_state, "billed")
        again = self._bill(contract, "2026-01-15")
        self.assertEqual(again.invoice_line_ids.aftersales_obligation_id,
                         contract.line_ids[0].obligation_ids)

    def test_freed_again_and_again(self):
        move = self.move
        for _index in range(3):
            self._reverse(move).action_post()
            move = self.assertFree()

        self.assertBilledBy(move)

    # -------------------------------------------------------------------------
    # Not undone: stays billed
    # -------------------------------------------------------------------------

    def test_draft_credit_note_frees_nothing(self):
        self._reverse(self.move)

        self.assertBilledBy(self.move)

    def test_partial_credit_note_frees_nothing(self):
        credit = self._reverse(self.move)
        credit.invoice_line_ids.price_unit = 99.99

        credit.action_post()

        self.assertBilledBy(self.move, amount=0.01)

    def test_cancelled_credit_note_takes_the_period_back(self):
        credit = self._reverse(self.move)
        credit.action_post()

        credit.button_draft()
        credit.button_cancel()

        self.assertBilledBy(self.move)

    def test_correction_invoice_takes_the_period_over(self):
        correction = self._reverse(self.move, "modify_moves")

        self.assertEqual(correction.move_type, "out_invoice")
        self.assertEqual(self.move.payment_state, "reversed")
        self.assertBilledBy(correction)

        correction.invoice_line_ids.price_unit = 80.0
        correction.action_post()
        self.assertBilledBy(correction, 80.0)

    def test_correction_invoice_keeps_the_customers_order_number(self):
        contract = self._create_active(customer_reference="PO-7", date_end="2026-01-31")
        move = self._bill(contract, "2026-01-15")

        correction = self._reverse(move, "modify_moves")

        self.assertEqual(correction.ref, "PO-7")
        self.assertEqual(move.reversal_move_ids.ref, f"Reversal of: {move.name}")

    def test_duplicate_of_an_invoice_charges_no_period(self):
        duplicate = self.move.copy()

        self.assertFalse(duplicate.invoice_line_ids.aftersales_obligation_id)
        self.assertBilledBy(self.move)

        self.move.button_draft()
        self.move.button_cancel()
        self.assertFree()

    def test_price_corrected_on_the_draft_is_what_was_billed(self):
        self.move.button_draft()
        self.move.invoice_line_ids.price_unit = 70.0
        self.move.action_post()

        self.assertBilledBy(self.move, 70.0)
        self.assertEqual(self.obligation.amount, 100.0)
        self.assertEqual(self.contract.amount_billed, 70.0)

    # -------------------------------------------------------------------------
    # No second charge by the back door
    # -------------------------------------------------------------------------

    def test_cancelled_invoice_cannot_return_after_the_period_was_billed_again(self):
        self.move.button_draft()
        self.move.button_cancel()
        again = self._bill(self.contract, "2026-01-15")

        with self.assertRefused(self.contract.name, "charged twice", again.name):
            self.move.button_draft()
            self.env.flush_all()

        self.assertEqual(self.move.state, "cancel")
        self.assertBilledBy(again)

    def test_credit_note_cannot_be_cancelled_after_the_period_was_billed_again(self):
        credit = self._reverse(self.move)
        credit.action_post()
        again = self._bill(self.contract, "2026-01-15")

        with self.assertRefused(self.contract.name, "charged twice", again.name):
            credit.button_draft()
            credit.button_cancel()
            self.env.flush_all()

        self.assertEqual(credit.state, "posted")
        self.assertBilledBy(again)

    def test_source_of_a_line_cannot_be_copied_to_another_invoice(self):
        with self.assertRaises(UserError):
            self.env["account.move"].create({
                "move_type": "out_invoice", "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({
                    "product_id": self.service.id, "price_unit": 100.0,
                    "aftersales_obligation_id": self.obligation.id,
                })],
            })
            self.env.flush_all()

        self.assertBilledBy(self.move)

    def test_register_and_contract_cannot_vanish_under_an_invoice(self):
        with self.assertRaises(UserError):
            self.obligation.unlink()
        with self.assertRaises(UserError):
            self.contract.unlink()

        self.assertBilledBy(self.move)
