from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import users

from ..common import AftersalesCommon

READERS = (
    "test_agent", "test_technician", "test_officer", "test_legal", "test_manager",
    "test_accountant",
)


class TestContractAccess(AftersalesCommon):
    """What each role may read, write, create and delete; and what stays another company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clause = cls.env["aftersales.clause"].create({"name": "Liability", "body": "<p>-</p>"})
        cls.template = cls.env["aftersales.contract.template"].create({
            "name": "Lift care",
            "line_ids": [Command.create({"product_id": cls.service.id, "price_unit": 90.0})],
        })
        cls.draft = cls._create_contract(clause_ids=[
            Command.create({"name": "Liability", "body": "<p>None.</p>"}),
        ])
        cls.contract = cls._create_active()

    def assertRights(self, record, rights):
        """``rights``: dict login → letters of read, write, create and unlink (delete)."""
        operations = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
        for login, letters in rights.items():
            user = self.env["res.users"].search([("login", "=", login)])
            with self.subTest(model=record._name, login=login):
                granted = "".join(
                    letter for letter, operation in operations.items()
                    if record.sudo(False).with_user(user).has_access(operation)
                )
                self.assertEqual(granted, letters)

    # -------------------------------------------------------------------------
    # Rights by role
    # -------------------------------------------------------------------------

    def test_rights_on_contracts(self):
        for record in (self.draft, self.draft.line_ids):
            self.assertRights(record, {
                "test_agent": "r", "test_technician": "r", "test_officer": "rwcd",
                "test_legal": "rw", "test_manager": "rwcd", "test_accountant": "r",
                "test_outsider": "", "test_portal": "",
            })

    def test_rights_on_the_clauses_of_a_contract(self):
        self.assertRights(self.draft.clause_ids, {
            "test_agent": "r", "test_technician": "r", "test_officer": "rwcd",
            "test_legal": "rwcd", "test_manager": "rwcd", "test_accountant": "r",
            "test_outsider": "", "test_portal": "",
        })

    def test_rights_on_the_clause_library(self):
        self.assertRights(self.clause, {
            "test_agent": "r", "test_technician": "", "test_officer": "rwc",
            "test_legal": "rwc", "test_manager": "rwcd", "test_accountant": "",
            "test_outsider": "", "test_portal": "",
        })

    def test_rights_on_templates(self):
        self.assertRights(self.template, {
            "test_agent": "r", "test_technician": "", "test_officer": "rwc",
            "test_legal": "r", "test_manager": "rwcd", "test_accountant": "",
            "test_outsider": "", "test_portal": "",
        })

    def test_rights_on_the_register(self):
        self.assertRights(self.contract.obligation_ids[0], {
            "test_agent": "r", "test_technician": "r", "test_officer": "rw", "test_legal": "r",
            "test_manager": "rw", "test_accountant": "r", "test_outsider": "", "test_portal": "",
        })

    # -------------------------------------------------------------------------
    # The roles at work
    # -------------------------------------------------------------------------

    @users(*READERS)
    def test_readers_see_the_contract_with_its_contents(self):
        contract = self.contract.with_user(self.env.user)

        self.assertEqual(contract.partner_id.name, "Northside Clinic")
        self.assertEqual(contract.line_ids.mapped("name"), ["Maintenance plan"])
        self.assertEqual(len(contract.obligation_ids), 12)
        self.assertEqual(contract.obligation_count, 12)
        self.assertEqual(contract.equipment_count, 0)

    @users(*READERS)
    def test_every_field_a_reader_may_see_can_be_read(self):
        for record in (self.contract, self.contract.line_ids, self.contract.obligation_ids):
            record.with_user(self.env.user).read()

    @users("test_agent", "test_technician", "test_accountant")
    def test_readers_change_nothing(self):
        draft = self.draft.with_user(self.env.user)

        for change in (
            lambda: draft.write({"subject": "Mine"}),
            lambda: draft.line_ids.write({"price_unit": 1.0}),
            lambda: draft.action_submit(),
            lambda: draft.copy(),
            lambda: draft.unlink(),
        ):
            with self.assertRaises(AccessError):
                change()

        self.assertFalse(self.draft.subject)
        self.assertEqual(self.draft.state, "draft")
        self.assertEqual(self.draft.line_ids.price_unit, 100.0)

    @users("test_agent", "test_technician", "test_legal", "test_accountant")
    def test_only_officers_confirm_a_signature(self):
        with self.assertRaises(AccessError):
            self.env["aftersales.contract.sign"].create({
                "record_ref": f"aftersales.contract,{self.draft.id}",
            })

    @users("test_officer", "test_manager")
    def test_officers_lead_a_contract_to_its_signature(self):
        draft = self._create_contract().with_user(self.env.user)

        self._activate(draft)

        self.assertEqual(draft.state, "active")
        self.assertEqual(draft.countersigned_by_id, self.env.user)

    @users("test_legal")
    def test_legal_reviews_and_changes_clauses_but_no_lines_away(self):
        self.draft.action_submit()
        draft = self.draft.with_user(self.env.user)

        draft.clause_ids.body = "<p>Up to 1,000.</p>"
        draft.action_approve()

        self.assertEqual(draft.state, "to_sign")
        with self.assertRaises(AccessError):
            draft.unlink()

    @users("test_agent", "test_technician", "test_legal", "test_accountant")
    def test_only_officers_waive(self):
        obligation = self.contract.obligation_ids[0].with_user(self.env.user)

        with self.assertRaises(AccessError):
            obligation.waive_reason = "Goodwill"

        self.assertEqual(obligation.state, "due")

    @users("test_portal", "test_outsider")
    def test_portal_and_plain_users_see_no_workings(self):
        for model in (
            "aftersales.obligation", "aftersales.clause", "aftersales.contract.template",
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].search([])

    @users("test_outsider")
    def test_plain_users_see_no_contracts(self):
        for model in (
            "aftersales.contract", "aftersales.contract.line", "aftersales.contract.clause",
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].search([])
        with self.assertRaises(AccessError):
            self.contract.with_user(self.env.user).read(["name"])

    @users("test_portal")
    def test_portal_users_see_no_more_through_their_partner(self):
        partner = self.customer.with_user(self.env.user)

        with self.assertRaises(AccessError):
            partner.read(["aftersales_contract_count"])
        self.assertEqual(
            partner.aftersales_contract_ids, self.contract.with_user(self.env.user),
        )

    @users("test_agent", "test_officer", "test_manager")
    def test_customer_card_counts_the_contracts_of_the_whole_entity(self):
        contact = self.portal_user.partner_id.with_user(self.env.user)

        self.assertEqual(contact.aftersales_contract_count, 2)

    # -------------------------------------------------------------------------
    # Companies
    # -------------------------------------------------------------------------

    def test_another_companys_records_are_invisible(self):
        company = self.env["res.company"].create({"name": "Second Service"})
        stranger = self._create_user(
            "stranger", "Sam Second", "aftersales.group_manager",
            company_id=company.id, company_ids=[Command.set(company.ids)],
        )
        shared_clause = self.clause
        own_clause = self.clause.copy({"company_id": self.company.id})

        for record in (
            self.contract, self.contract.line_ids, self.draft.clause_ids,
            self.contract.obligation_ids, self.template, self.template.line_ids, own_clause,
        ):
            with self.subTest(model=record._name):
                model = record.with_user(stranger).with_company(company)
                self.assertFalse(model.search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    model.read(["display_name"])
        self.assertEqual(shared_clause.with_user(stranger).name, "Liability")

    def test_number_of_contracts_on_a_customer_leaves_out_other_companies(self):
        company = self.env["res.company"].create({"name": "Second Service"})
        stranger = self._create_user(
            "stranger", "Sam Second", "aftersales.group_manager",
            company_id=company.id, company_ids=[Command.set(company.ids)],
        )

        self.assertEqual(self.customer.with_user(stranger).aftersales_contract_count, 0)
