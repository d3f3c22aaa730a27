from datetime import date

from odoo.fields import Command
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

    def test_the_way_back_does_not_lead_over_the_wizard(self):
        action = self._open().action_bill()

        self.assertEqual(
            action["context"], {"active_model": False, "active_id": False, "active_ids": []},
        )

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

    # -------------------------------------------------------------------------
    # Of contracts chosen in the list
    # -------------------------------------------------------------------------

    def _open_for(self, contracts, user=None):
        companies = contracts.company_id | self.company
        return self.env["aftersales.billing.wizard"].with_user(user or self.officer).with_context(
            active_model="aftersales.contract", active_ids=contracts.ids,
            allowed_company_ids=companies.ids,
        ).create({})

    def test_contracts_chosen_in_the_list_are_billed_and_no_others(self):
        wizard = self._open_for(self.other)

        self.assertEqual(wizard.contract_ids, self.other)
        self.assertEqual(self._get_preview(wizard), [(self.other, "2026-01-01", 50.0, False)])
        wizard.action_bill()
        self.assertEqual(self._get_invoices(self.other).mapped("amount_untaxed"), [50.0])
        self.assertFalse(self._get_invoices(self.contract))

    def test_accountant_bills_contracts_chosen_in_the_list(self):
        self._open_for(self.contract + self.other, self.accountant).action_bill()

        self.assertEqual(len(self._get_invoices(self.contract + self.other)), 2)

    def test_chosen_drafts_are_left_out(self):
        draft = self._create_contract(lines=[{"name": "Lift 9"}])

        self.assertEqual(self._open_for(self.contract + draft).contract_ids, self.contract)

    def test_choice_of_drafts_alone_is_refused(self):
        draft = self._create_contract(lines=[{"name": "Lift 9"}])
        count = self.env["aftersales.billing.wizard"].search_count([])

        with self.assertRefused(draft.name, "come into force"):
            self._open_for(draft)

        self.assertEqual(self.env["aftersales.billing.wizard"].search_count([]), count)

    def test_contracts_of_another_company_are_billed_by_it(self):
        company = self._create_company_with_books("Aftersales North")
        self.officer.company_ids = [Command.link(company.id)]
        contract = self._create_active_of(company)

        wizard = self._open_for(contract)

        self.assertEqual(wizard.company_id, company)

    def test_contracts_of_two_companies_are_refused(self):
        company = self._create_company_with_books("Aftersales North")
        self.officer.company_ids = [Command.link(company.id)]
        contract = self._create_active_of(company)

        with self.assertRefused(self.company.name, "Aftersales North"):
            self._open_for(self.contract + contract)

        self.assertFalse(self._get_invoices(self.contract))

    def _create_active_of(self, company):
        service = self.env["product.product"].create({
            "name": "Northern plan", "type": "service", "company_id": company.id,
            "taxes_id": [Command.set(company.account_sale_tax_id.ids)],
        })
        return self._activate(
            self.env["aftersales.contract"].with_user(self.officer).with_company(company).create({
                "partner_id": self.customer.id, "company_id": company.id,
                "date_start": "2026-01-01",
                "line_ids": [Command.create({"product_id": service.id, "price_unit": 80.0})],
            })
        )

    def test_list_offers_billing_to_those_who_may(self):
        action = self.env.ref("aftersales.aftersales_contract_bill_action")

        for user, offered in (
            (self.officer, True), (self.manager, True), (self.accountant, True),
            (self.agent, False), (self.legal, False), (self.technician, False),
        ):
            with self.subTest(user=user.name):
                bindings = self.env["ir.actions.actions"].with_user(user).get_bindings(
                    "aftersales.contract")
                self.assertEqual(
                    action.id in [vals["id"] for vals in bindings.get("action", ())], offered)

    # -------------------------------------------------------------------------
    # What is billed, what is held, and why
    # -------------------------------------------------------------------------

    def test_held_periods_come_first_and_are_counted_apart(self):
        self.other.customer_reference_required = True

        wizard = self._open(date_until="2026-02-01")
        wizard.invalidate_recordset()

        self.assertEqual(
            [(line.contract_id, line.is_held) for line in wizard.line_ids],
            [(self.other, True), (self.other, True), (self.contract, False),
             (self.contract, False)],
        )
        self.assertIn("2 (contracts: 1)", wizard.bill_label)
        self.assertIn("2 (contracts: 1)", wizard.hold_label)

    def test_nothing_is_held_without_a_problem(self):
        wizard = self._open()

        self.assertIn("2 (contracts: 2)", wizard.bill_label)
        self.assertFalse(wizard.hold_label)

    def test_next_invoice_day_is_named_when_nothing_is_due(self):
        wizard = self._open(date_until="2025-12-31", contract_ids=self.other.ids)

        self.assertFalse(wizard.line_ids)
        self.assertEqual(wizard.next_date, date(2026, 1, 1))
        self.assertFalse(self._open(date_until="2099-12-31").next_date)
