from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import users

from .renewal_common import RenewalCommon


class TestRenewalAccess(RenewalCommon):
    """Who sees and does what, and nothing leaks into another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active(
            date_start="2025-03-01", date_end="2026-02-28", renewal_mode="agreement",
            renewal_notice_days=30, indexation_mode="fixed", indexation_percent=2.0,
        )

    @users("test_agent", "test_legal", "test_accountant")
    def test_readers_see_but_change_nothing(self):
        contract = self.contract.with_env(self.env)
        self.assertEqual(contract.term_id.date_end, date(2026, 2, 28))

        with self.assertRaises(AccessError):
            self.env["aftersales.renewal"]._prepare_offers(contract)
        with self.assertRaises(AccessError):
            self.env["aftersales.price.adjustment.wizard"].create({})
        with self.assertRaises(AccessError):
            self.env["aftersales.renewal.objection"].create({"contract_id": contract.id})

        self.assertFalse(self.contract.renewal_ids | self.contract.renewal_ids)
        self.assertFalse(self.contract.adjustment_ids)

    @users("test_technician")
    def test_technicians_see_terms_but_no_prices(self):
        contract = self.contract.with_env(self.env)
        self.assertEqual(contract.term_id.number, 1)

        for model in ("aftersales.renewal", "aftersales.renewal.line",
                      "aftersales.price.adjustment", "aftersales.price.adjustment.line"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].search([])

    @users("test_officer")
    def test_officers_renew_and_adjust(self):
        contract = self.contract.with_env(self.env)
        adjustment = self.env["aftersales.price.adjustment"]._propose(contract, date(2026, 2, 20))
        adjustment.action_announce()
        adjustment.action_cancel()

        offer = self._prepare_renewal(contract)
        offer.action_offer()
        self._agree_on_paper(offer)

        self.assertEqual(contract.date_end, date(2027, 2, 28))

    @users("test_officer")
    def test_evidence_is_written_by_nobody(self):
        contract = self.contract.with_env(self.env)
        for vals in ({"objection_date": "2026-01-01"}, {"date_end": "2030-01-01"}):
            with self.assertRaises(AccessError):
                contract.term_id.write(vals)
        with self.assertRaises(AccessError):
            self.env["aftersales.renewal.notice"].create({
                "contract_id": contract.id, "term_id": contract.term_id.id,
                "term_end": contract.date_end, "days_before": 30, "audience": "customer",
                "date": "2026-01-01", "date_sent": "2026-01-01",
            })

        self.assertFalse(contract.notice_ids)

    @users("test_portal", "test_outsider")
    def test_strangers_see_nothing(self):
        for model in ("aftersales.contract.term", "aftersales.renewal.notice",
                      "aftersales.renewal", "aftersales.price.adjustment",
                      "aftersales.price.index"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].search([])

    def test_nothing_of_another_company_is_seen(self):
        other = self._create_company_with_books("Other Service")
        self._prepare_renewal(self.contract)
        stranger = self._create_user(
            "stranger", "Stella Stranger", "aftersales.group_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )

        for model in ("aftersales.contract.term", "aftersales.renewal",
                      "aftersales.renewal.line"):
            with self.subTest(model=model):
                self.assertTrue(self.env[model].search([("contract_id", "=", self.contract.id)])
                                if model != "aftersales.renewal.line"
                                else self.env[model].search([]))
                self.assertFalse(self.env[model].with_user(stranger).search([]))
        steps = self.env["aftersales.renewal.step"].with_user(stranger).search([])
        self.assertEqual(steps.company_id, other)

    def test_an_index_may_be_shared_or_belong_to_one_company(self):
        other = self._create_company_with_books("Other Service")
        index = self.env["aftersales.price.index"].create(
            {"name": "Private", "company_id": other.id})

        with self.assertRefused("Private"):
            self._create_contract(index_id=index.id)
