from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from ..common import AftersalesCommon

JANUARY_16 = date(2026, 1, 16)
JANUARY_20 = date(2026, 1, 20)


class TestAgreedEnds(AftersalesCommon):
    """Lines in force end or are replaced: the register is cut, what was charged is given back."""

    def _get_credits(self, invoices):
        return invoices.reversal_move_ids.sorted("id")

    def _read_credit_lines(self, credit):
        return [
            (line.price_subtotal, str(line.aftersales_period_start),
             str(line.aftersales_period_end))
            for line in credit.invoice_line_ids
        ]

    def _end(self, contract, last_day=JANUARY_20, reason="Terminated"):
        return contract.sudo().line_ids._end_on(last_day, reason)

    # -------------------------------------------------------------------------
    # Ends
    # -------------------------------------------------------------------------

    def test_charged_period_is_cut_and_the_rest_credited(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")

        self._end(contract)

        self.assertEqual(self._get_periods(contract), [("2026-01-01", "2026-01-20")])
        self.assertEqual(self._get_amounts(contract), [64.52])
        credit = self._get_credits(invoice)
        self.assertRecordValues(credit, [{
            "move_type": "out_refund", "state": "posted", "amount_untaxed": 35.48,
            "amount_total": 40.80, "partner_id": self.customer.id,
            "ref": f"Credit of {invoice.name}: Terminated",
        }])
        self.assertEqual(
            self._read_credit_lines(credit), [(35.48, "2026-01-21", "2026-01-31")],
        )
        self.assertEqual(invoice.amount_residual, 74.20)
        self.assertEqual(contract.sudo().obligation_ids.amount_billed, 64.52)
        self.assertFalse(self._bill(contract, "2026-12-31"))

    def test_a_day_is_never_credited_twice(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")

        self._end(contract)
        self._end(contract)
        self._end(contract, date(2026, 1, 10))

        credits = self._get_credits(invoice)
        self.assertEqual(credits.mapped("amount_untaxed"), [35.48, 32.26])
        self.assertEqual(
            self._read_credit_lines(credits[1]), [(32.26, "2026-01-11", "2026-01-31")],
        )
        self.assertEqual(self._get_periods(contract), [("2026-01-01", "2026-01-10")])

    def test_credit_left_as_draft_counts_too(self):
        contract = self._create_active(invoice_action="draft")
        invoice = self._bill(contract, "2026-01-15")
        invoice.action_post()

        self._end(contract)
        self._end(contract)

        self.assertRecordValues(self._get_credits(invoice), [
            {"state": "draft", "amount_untaxed": 35.48},
        ])

    def test_quantity_and_discount_give_the_exact_part(self):
        contract = self._create_active(lines=[
            {"quantity": 3, "price_unit": 33.33, "discount": 12.5},
        ])
        invoice = self._bill(contract, "2026-01-15")
        self.assertEqual(invoice.amount_untaxed, 87.49)

        self._end(contract)

        credit = self._get_credits(invoice)
        self.assertEqual(credit.amount_untaxed, 31.04)
        self.assertEqual(contract.sudo().obligation_ids.amount_billed, 56.45)
        self.assertEqual(self._get_amounts(contract), [56.45])

    def test_periods_charged_ahead_are_credited_whole_and_waived(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-03-31")

        self._end(contract)

        credit = self._get_credits(invoice)
        self.assertEqual(self._read_credit_lines(credit), [
            (35.48, "2026-01-21", "2026-01-31"),
            (100.0, "2026-02-01", "2026-02-28"),
            (100.0, "2026-03-01", "2026-03-31"),
        ])
        self.assertEqual(
            contract.obligation_ids.sorted("period_start").mapped("waive_reason"),
            [False, "Terminated", "Terminated"],
        )
        self.assertFalse(self._bill(contract, "2026-12-31"))

    def test_draft_invoice_is_taken_back_and_billed_anew(self):
        contract = self._create_active(invoice_action="draft")
        draft = self._bill(contract, "2026-01-15")

        self._end(contract)

        self.assertEqual(draft.state, "cancel")
        again = self._bill(contract, "2026-01-15")
        self.assertEqual(again.amount_untaxed, 64.52)
        self.assertIn("20 of 31 days", again.invoice_line_ids.name)

    def test_arrears_not_yet_invoiced_are_shortened_and_due_earlier(self):
        contract = self._create_active(lines=[
            {"recurrence_unit": "quarter", "billing_timing": "arrears", "price_unit": 900.0},
        ])

        self._end(contract, date(2026, 1, 31))

        self.assertEqual(self._get_periods(contract), [("2026-01-01", "2026-01-31")])
        self.assertEqual(self._get_amounts(contract), [310.0])
        self.assertEqual(self._get_planned_days(contract), ["2026-02-01"])

    def test_end_without_credit_leaves_what_was_charged(self):
        contract = self._create_active(lines=[{}, {"billing_timing": "arrears"}])
        invoice = self._bill(contract, "2026-01-15")

        contract.sudo().line_ids._end_on(JANUARY_20, "Suspended", credit=False)

        self.assertFalse(self._get_credits(invoice))
        self.assertEqual(self._get_periods(contract),
                         [("2026-01-01", "2026-01-31"), ("2026-01-01", "2026-01-20")])
        self.assertEqual(self._get_amounts(contract), [100.0, 64.52])
        self.assertEqual(contract.line_ids.mapped("date_end"), [JANUARY_20, JANUARY_20])

        # What stands beyond the end of its line can still be given back later.
        self._end(contract, date(2026, 1, 25))
        self.assertEqual(self._get_credits(invoice).amount_untaxed, 19.35)

    def test_one_off_fee_taken_back_before_it_is_due_stays_away(self):
        contract = self._create_active(lines=[{
            "product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0,
            "date_start": "2026-02-01",
        }])

        self._end(contract)

        self.assertFalse(contract.obligation_ids)
        self.assertFalse(contract._schedule_obligations())

    def test_credits_never_exceed_the_invoice(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        self.env["account.move"].create({
            "move_type": "out_refund", "partner_id": self.customer.id,
            "reversed_entry_id": invoice.id,
            "invoice_line_ids": [Command.create({
                "name": "Goodwill", "price_unit": 90.0, "account_id": self.income_account.id,
            })],
        }).action_post()

        with self.assertRefused(invoice.name, "exceed it by", "25.48"):
            self._end(contract)

        self.assertFalse(contract.line_ids.date_end)
        self.assertEqual(self._get_periods(contract)[0], ("2026-01-01", "2026-01-31"))

    def test_without_proration_a_started_period_is_owed_whole(self):
        contract = self._create_active(proration="none")
        invoice = self._bill(contract, "2026-01-15")

        self._end(contract)

        self.assertFalse(self._get_credits(invoice))
        self.assertEqual(self._get_amounts(contract), [100.0])

    def test_one_off_fee_already_charged_stays(self):
        contract = self._create_active(lines=[
            {"product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0}, {},
        ])
        invoice = self._bill(contract, "2026-01-15")

        self._end(contract)

        self.assertEqual(self._get_credits(invoice).amount_untaxed, 35.48)

    def test_line_taken_back_before_it_begins(self):
        contract = self._create_active(date_start="2026-03-01")

        self._end(contract)

        self.assertFalse(contract.obligation_ids)
        self.assertEqual(contract.line_ids.date_end, date(2026, 2, 28))
        self.assertFalse(contract._schedule_obligations())

    def test_grouped_invoice_is_credited_once_for_each_contract(self):
        contracts = self._create_active(invoice_grouping="customer")
        contracts |= self._create_active(invoice_grouping="customer", lines=[{"price_unit": 310.0}])
        invoice = self._bill(contracts, "2026-01-15")
        self.assertEqual(len(invoice), 1)

        self._end(contracts[1])

        self.assertEqual(self._get_credits(invoice).amount_untaxed, 110.0)
        self.assertEqual(self._get_credits(invoice).invoice_line_ids.aftersales_contract_id,
                         contracts[1].with_env(self.env))

    # -------------------------------------------------------------------------
    # Replacements
    # -------------------------------------------------------------------------

    def test_new_price_in_mid_period_splits_it_by_day(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")

        new = contract.sudo().line_ids._replace_from(JANUARY_16, {"price_unit": 200.0}, "Indexed")
        contract._schedule_obligations()

        self.assertEqual(self._get_credits(invoice).amount_untaxed, 51.61)
        self.assertEqual(new.previous_line_id, contract.line_ids.sudo() - new)
        self.assertEqual(self._get_periods(contract)[:3], [
            ("2026-01-01", "2026-01-15"), ("2026-01-16", "2026-01-31"),
            ("2026-02-01", "2026-02-28"),
        ])
        self.assertEqual(self._get_amounts(contract)[:3], [48.39, 103.23, 200.0])
        again = self._bill(contract, "2026-01-31")
        self.assertEqual(again.amount_untaxed, 103.23)

    @freeze_time("2026-01-10")
    def test_replaced_line_keeps_the_anchor_of_its_periods(self):
        contract = self._create_active(date_start="2025-12-31")

        contract.sudo().line_ids._replace_from(JANUARY_16, {}, "Swapped")
        contract._schedule_obligations()

        self.assertEqual(self._get_periods(contract)[:4], [
            ("2025-12-31", "2026-01-15"), ("2026-01-16", "2026-01-30"),
            ("2026-01-31", "2026-02-27"), ("2026-02-28", "2026-03-30"),
        ])

    def test_content_stays_closed_to_everybody_else(self):
        contract = self._create_active()

        with self.assertRefused(contract.name, "closed"):
            contract.line_ids.date_end = JANUARY_20
        with self.assertRefused("closed"):
            contract.line_ids.with_context(aftersales_agreed=True).price_unit = 1.0

        self.assertFalse(contract.line_ids.date_end)
