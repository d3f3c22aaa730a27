from datetime import date

from odoo.tests import Form

from ..common import AftersalesCommon


class TestBillingWizard(AftersalesCommon):
    """Bill until a date, with a preview of every period first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active(date_end="2026-02-10", lines=[{"name": "Lift 1"}])
        cls.other = cls._create_active(
            partner_id=cls.other_customer.id, lines=[{"name": "Door 1", "price_unit": 50.0}],
        )

    def _open(self, user=None, **vals):
        return self.env["aftersales.billing.wizard"].with_user(user or self.officer).create(vals)

    def _get_preview(self, wizard):
        return [
            (line.contract_id, str(line.period_start), line.amount, bool(line.problem))
            for line in wizard.line_ids.sorted(
                lambda line: (line.contract_id.id, line.period_start)
            )
        ]

    def test_preview_shows_what_is_due_today(self):
        wizard = self._open()

        self.assertEqual(wizard.date_until, date(2026, 1, 15))
        self.assertEqual(wizard.invoice_date, date(2026, 1, 15))
        self.assertEqual(self._get_preview(wizard), [
            (self.contract, "2026-01-01", 100.0, False),
            (self.other, "2026-01-01", 50.0, False),
        ])
        self.assertIn("150.00", wizard.amount_label)

    def test_preview_bills_nothing(self):
        count = self.env["account.move"].search_count([])

        self._open(date_until="2026-12-31")

        self.assertEqual(self.env["account.move"].search_count([]), count)
        self.assertEqual(set(self.contract.obligation_ids.mapped("billing_state")), {"to_bill"})

    def test_later_date_shows_prorated_parts_too(self):
        wizard = self._open(date_until="2026-02-28", contract_ids=self.contract.ids)

        self.assertEqual(self._get_preview(wizard), [
            (self.contract, "2026-01-01", 100.0, False),
            (self.contract, "2026-02-01", 35.71, False),
        ])
        self.assertIn("135.71", wizard.amount_label)

    def test_preview_is_what_gets_billed(self):
        wizard = self._open(date_until="2026-02-28", invoice_date="2026-01-20")
        previewed = sum(wizard.line_ids.mapped("amount"))

        wizard.action_bill()

        moves = self._get_invoices(self.contract + self.other)
        self.assertEqual(sum(moves.mapped("amount_untaxed")), previewed)
        self.assertEqual(set(moves.mapped("invoice_date")), {date(2026, 1, 20)})
        self.assertEqual(previewed, 235.71)

    def test_only_the_chosen_contracts_are_billed(self):
        self._open(contract_ids=self.contract.ids).action_bill()

        self.assertEqual(len(self._get_invoices(self.contract)), 1)
        self.assertFalse(self._get_invoices(self.other))

    def test_preview_shows_the_problem_and_leaves_its_amount_out(self):
        self.other.customer_reference_required = True

        wizard = self._open()

        self.assertEqual(self._get_preview(wizard), [
            (self.contract, "2026-01-01", 100.0, False),
            (self.other, "2026-01-01", 0.0, True),
        ])
        self.assertIn("PO number", wizard.line_ids.filtered("problem").problem)
        self.assertIn("100.00", wizard.amount_label)
        self.assertFalse(self.other.billing_error)

    def test_billing_goes_on_without_the_contract_in_trouble(self):
        self.other.customer_reference_required = True

        self._open().action_bill()

        self.assertEqual(len(self._get_invoices(self.contract)), 1)
        self.assertFalse(self._get_invoices(self.other))
        self.assertIn("PO number", self.other.billing_error)

    def test_nothing_to_bill_is_said(self):
        wizard = self._open(date_until="2025-12-31")

        with self.assertRefused("12/31/2025"):
            wizard.action_bill()

    def test_only_trouble_is_said(self):
        self.other.customer_reference_required = True
        wizard = self._open(contract_ids=self.other.ids)

        with self.assertRefused(self.other.name, "PO number"):
            wizard.action_bill()

    def test_invoice_date_in_a_closed_period_is_refused(self):
        self.company.sudo().fiscalyear_lock_date = "2026-01-10"
        wizard = self._open(invoice_date="2026-01-05")

        with self.assertRefused(self.company.name, "01/05/2026", "01/11/2026"):
            wizard.action_bill()

        self.assertFalse(self._get_invoices(self.contract + self.other))

    def test_form_recomputes_the_preview(self):
        with Form(self.env["aftersales.billing.wizard"].with_user(self.officer)) as form:
            form.date_until = "2026-02-01"
            wizard = form.save()

        self.assertEqual(len(wizard.line_ids), 4)

    def test_accountant_bills_by_the_wizard(self):
        self._open(self.accountant).action_bill()

        self.assertEqual(len(self._get_invoices(self.contract + self.other)), 2)
