from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import users

from ..common import AftersalesCommon


class TestBillingAccess(AftersalesCommon):
    """Officers and accountants bill; each sees of the result what the role may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active()

    @users("test_officer", "test_manager", "test_accountant")
    def test_officers_and_accountants_bill(self):
        contract = self._create_active().with_user(self.env.user)

        contract.action_bill()

        self.assertEqual(self._get_invoices(contract).amount_total, 115.0)

    @users("test_agent", "test_technician", "test_legal")
    def test_other_roles_do_not_bill(self):
        contract = self.contract.with_user(self.env.user)

        with self.assertRefused("contract officers and accountants", error=AccessError):
            contract.action_bill()
        with self.assertRaises(AccessError):
            contract._bill("2026-01-15")
        with self.assertRaises(AccessError):
            self.env["aftersales.billing.wizard"].create({}).action_bill()

        self.assertFalse(self._get_invoices(self.contract))

    @users("test_portal", "test_outsider")
    def test_strangers_do_not_bill(self):
        with self.assertRaises(AccessError):
            self.contract.with_user(self.env.user).action_bill()

        self.assertFalse(self._get_invoices(self.contract))

    @users("test_officer", "test_agent", "test_legal", "test_manager", "test_accountant")
    def test_billing_fields_are_readable_for_the_office(self):
        self._bill(self.contract, "2026-01-15")
        contract = self.contract.with_user(self.env.user)

        self.assertEqual(contract.invoice_count, 1)
        self.assertEqual(contract.amount_billed, 100.0)
        self.assertEqual(contract.obligation_ids[0].billing_state, "billed")
        self.assertEqual(str(contract.next_invoice_date), "2026-02-01")

    @users("test_accountant")
    def test_invoices_of_the_contract_open(self):
        self._bill(self.contract, "2026-01-15")

        action = self.contract.with_user(self.env.user).action_view_invoices()

        self.assertEqual(action["res_id"], self._get_invoices(self.contract).id)

    @users("test_accountant")
    def test_accountant_works_on_the_invoice(self):
        self._bill(self.contract, "2026-01-15")
        move = self._get_invoices(self.contract).with_user(self.env.user)

        self.assertEqual(move.aftersales_contract_count, 1)
        self.assertEqual(move.action_view_aftersales_contracts()["domain"],
                         [("id", "in", self.contract.ids)])
        move.button_draft()
        move.button_cancel()

        self.assertEqual(self.contract.obligation_ids[0].billing_state, "to_bill")

    @users("test_officer")
    def test_officer_without_accounting_rights_changes_no_invoice(self):
        self._bill(self.contract, "2026-01-15")
        move = self._get_invoices(self.contract).with_user(self.env.user)

        with self.assertRaises(AccessError):
            move.button_cancel()

    def test_officer_does_not_bill_another_company(self):
        company = self.env["res.company"].create({"name": "Second Service"})
        stranger = self._create_user(
            "stranger", "Sam Second", "aftersales.group_manager",
            company_id=company.id, company_ids=[Command.set(company.ids)],
        )

        with self.assertRaises(AccessError):
            self.contract.with_user(stranger)._bill("2026-01-15")

        self.assertFalse(self._get_invoices(self.contract))
