from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from ..common import AftersalesCommon


class TestBillingBadInput(AftersalesCommon):
    """A broken contract is flagged and skipped; the others are billed; nothing is half-written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_service = cls._create_service("Lift plan", 100.0)
        cls.broken = cls._create_active(
            partner_id=cls.other_customer.id,
            lines=[{"product_id": cls.own_service.id, "name": "Lift 1"}],
        )
        cls.healthy = cls._create_active()

    def _get_todos(self, contract):
        return self.env["mail.activity"].search([
            ("res_model", "=", "aftersales.contract"), ("res_id", "=", contract.id),
        ])

    def assertFlagged(self, *parts):
        """The broken contract is told about and asked for once; the healthy one is billed."""
        count = self.env["account.move"].search_count([])

        self._run_cron("_cron_bill")

        for part in (*parts,):
            self.assertIn(part, self.broken.billing_error)
        self.assertFalse(self._get_invoices(self.broken))
        self.assertEqual(set(self.broken.obligation_ids.mapped("billing_state")), {"to_bill"})
        self.assertEqual(self._get_todos(self.broken).user_id, self.officer)
        self.assertEqual(len(self._get_todos(self.broken)), 1)
        self.assertFalse(self.healthy.billing_error)
        self.assertEqual(len(self._get_invoices(self.healthy)), 1)
        self.assertEqual(self.env["account.move"].search_count([]), count + 1)

    def assertHealed(self):
        """After the remedy the next run bills the contract and takes flag and activity back."""
        self._run_cron("_cron_bill")

        self.assertFalse(self.broken.billing_error)
        self.assertFalse(self._get_todos(self.broken))
        self.assertEqual(len(self._get_invoices(self.broken)), 1)
        self.assertEqual(len(self._get_invoices(self.healthy)), 1)

    # -------------------------------------------------------------------------
    # Each kind of trouble
    # -------------------------------------------------------------------------

    def test_archived_service(self):
        self.own_service.active = False

        self.assertFlagged(self.broken.name, "Lift 1", "Lift plan", "archived", "Unarchive")

        self.own_service.active = True
        self.assertHealed()

    def test_archived_customer(self):
        self.other_portal_user.active = False
        self.other_customer.active = False

        self.assertFlagged("Harbour Hotel", "archived", "Unarchive")

        self.other_customer.active = True
        self.assertHealed()

    def test_archived_invoicing_contact(self):
        office = self.env["res.partner"].create({
            "name": "Hotel accounts", "parent_id": self.other_customer.id,
        })
        self.broken.invoice_partner_id = office
        office.active = False

        self.assertFlagged("Hotel accounts", "archived", "choose another")

        self.broken.invoice_partner_id = self.other_customer
        self.assertHealed()

    def test_missing_income_account(self):
        self._take_income_accounts()

        self.assertFlagged(self.broken.name, "Lift 1", "Lift plan", "income account")

        self.own_service.property_account_income_id = self.income_account
        self.assertHealed()

    def _take_income_accounts(self):
        """Leave the own service without any account to fall back on."""
        self.own_service.property_account_income_id = False
        self.own_service.categ_id = self.env["product.category"].create({"name": "Bare"})
        self.own_service.categ_id.property_account_income_categ_id = False
        self.company.income_account_id = False
        self.env["account.journal"].search([("type", "=", "sale")]).default_account_id = False

    def test_archived_journal(self):
        journal = self.env["account.journal"].create({
            "name": "Service invoices", "code": "SRV", "type": "sale",
        })
        self.broken.journal_id = journal
        journal.active = False

        self.assertFlagged("Service invoices", "archived", "Choose another")

        self.broken.journal_id = False
        self.assertHealed()

    def test_archived_currency(self):
        euro = self._activate_currency("EUR", 2.0)
        self._set_currency(euro)
        euro.active = False

        self.assertFlagged("EUR", "archived", "Activate")

        euro.active = True
        self.assertHealed()

    def test_currency_without_a_rate(self):
        euro = self._activate_currency("EUR", 2.0)
        self._set_currency(euro)
        euro.rate_ids.unlink()

        self.assertFlagged("EUR", "no rate", "01/15/2026", "Enter a rate")

        euro.rate_ids = [Command.create({
            "name": "2026-01-01", "rate": 2.0, "company_id": self.company.id,
        })]
        self.assertHealed()

    def test_rate_that_begins_after_the_invoice_date_is_no_rate(self):
        euro = self._activate_currency("EUR", 2.0)
        self._set_currency(euro)
        euro.rate_ids.name = "2026-01-16"

        self.assertFlagged("EUR", "no rate")

    def _set_currency(self, currency):
        """Move the active contract to another currency, as if it had been signed so."""
        with patch.object(type(self.broken), "_check_content_open", lambda contracts: None):
            self.broken.currency_id = currency

    def test_missing_purchase_order_number(self):
        self.broken.customer_reference_required = True

        self.assertFlagged("PO number", "Customer PO")

        self.broken.customer_reference = "PO-4711"
        self.assertHealed()
        self.assertEqual(self._get_invoices(self.broken).ref, "PO-4711")

    def test_all_reasons_are_told_at_once(self):
        self.broken.customer_reference_required = True
        self.own_service.active = False

        self.assertFlagged("PO number", "Lift plan")

    def test_company_without_a_sales_journal(self):
        self.env["account.journal"].search([("type", "=", "sale")]).active = False

        self._run_cron("_cron_bill")

        for contract in (self.broken, self.healthy):
            self.assertIn("no sales journal", contract.billing_error)
            self.assertIn(self.company.name, contract.billing_error)
            self.assertFalse(self._get_invoices(contract))

    # -------------------------------------------------------------------------
    # What only posting finds
    # -------------------------------------------------------------------------

    def _fail_on_post(self, error):
        """Let posting fail for the broken contract's customer only."""
        move_class = type(self.env["account.move"])
        original = move_class._post
        hotel = self.other_customer

        def post(moves, soft=True):
            if hotel in moves.commercial_partner_id:
                raise error
            return original(moves, soft=soft)

        return patch.object(move_class, "_post", post)

    def test_refusal_by_accounting_is_told_in_its_own_words(self):
        with self._fail_on_post(UserError("The tax office is closed.")):
            self.assertFlagged("The tax office is closed.")

        self.assertHealed()

    @mute_logger("odoo.addons.aftersales.models.billing.aftersales_billing")
    def test_unexpected_error_of_one_contract_stops_no_other(self):
        with self._fail_on_post(ZeroDivisionError("division by zero")):
            self.assertFlagged("division by zero")

        self.assertHealed()

    def test_failed_posting_leaves_no_gap_in_the_numbers(self):
        others = self._create_active() + self._create_active()
        with self._fail_on_post(UserError("No.")):
            self._run_cron("_cron_bill")

        numbers = sorted(self._get_invoices(self.healthy + others).mapped("sequence_number"))

        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))

    # -------------------------------------------------------------------------
    # Flag and activity
    # -------------------------------------------------------------------------

    def test_the_same_problem_is_asked_for_once(self):
        self.broken.customer_reference_required = True

        for _day in range(3):
            self._run_cron("_cron_bill")

        self.assertEqual(len(self._get_todos(self.broken)), 1)

    def test_another_problem_changes_the_flag_but_adds_no_activity(self):
        self.broken.customer_reference_required = True
        self._run_cron("_cron_bill")
        self.broken.customer_reference = "PO-4711"
        self.own_service.active = False

        self._run_cron("_cron_bill")

        self.assertIn("Lift plan", self.broken.billing_error)
        self.assertNotIn("PO number", self.broken.billing_error)
        self.assertEqual(len(self._get_todos(self.broken)), 1)

    def test_peoples_own_activities_stay(self):
        self.broken.customer_reference_required = True
        self._run_cron("_cron_bill")
        own = self.broken.activity_schedule(
            "mail.mail_activity_data_todo", summary="Call the hotel", user_id=self.officer.id,
        )
        self.broken.customer_reference = "PO-4711"

        self._run_cron("_cron_bill")

        self.assertEqual(self._get_todos(self.broken), own)

    def test_activity_goes_to_someone_even_without_a_contract_manager(self):
        self.broken.user_id = False
        self.broken.customer_reference_required = True

        self._run_cron("_cron_bill")

        self.assertIn("PO number", self.broken.billing_error)
        self.assertEqual(len(self._get_todos(self.broken)), 1)

    def test_problem_of_a_grouped_contract_does_not_stop_its_neighbours(self):
        self.broken.write({"invoice_grouping": "customer", "customer_reference_required": True})
        neighbour = self._create_active(
            partner_id=self.other_customer.id, invoice_grouping="customer",
        )

        self._run_cron("_cron_bill")

        self.assertTrue(self.broken.billing_error)
        self.assertEqual(len(self._get_invoices(neighbour)), 1)
        self.assertFalse(self._get_invoices(self.broken))

    # -------------------------------------------------------------------------
    # The button
    # -------------------------------------------------------------------------

    def test_button_tells_the_problem_at_once_and_bills_nothing(self):
        self.broken.customer_reference_required = True

        with self.assertRefused(self.broken.name, "PO number", "Customer PO"):
            (self.broken + self.healthy).action_bill()

        self.assertFalse(self._get_invoices(self.broken + self.healthy))
        self.assertFalse(self.broken.billing_error)

    def test_button_clears_an_old_flag(self):
        self.broken.customer_reference_required = True
        self._run_cron("_cron_bill")
        self.broken.customer_reference = "PO-4711"

        self.broken.action_bill()

        self.assertFalse(self.broken.billing_error)
        self.assertFalse(self._get_todos(self.broken))
