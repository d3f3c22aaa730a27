from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from ..common import AftersalesCommon


class TestRenewalTemplate(AftersalesCommon):
    """Templates say what happens at the end of a term, and to the prices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.index = cls.env["aftersales.price.index"].create({
            "name": "Consumer prices",
            "value_ids": [
                Command.create({"date": "2025-12-01", "value": 107.2}),
                Command.create({"date": "2026-01-01", "value": 108.0}),
            ],
        })

    def _create_template(self, **vals):
        return self.env["aftersales.contract.template"].create({
            "name": "Lift care", "term_months": 12,
            "line_ids": [Command.create({"product_id": self.service.id, "price_unit": 90.0})],
            **vals,
        })

    def _draft(self, template, **vals):
        return self.env["aftersales.contract"].with_user(self.officer).create({
            "partner_id": self.customer.id, "template_id": template.id,
            "date_start": "2026-02-01", **vals,
        })

    def test_template_says_what_happens_at_the_end(self):
        template = self._create_template(
            renewal_mode="auto", renewal_term_months=6, renewal_notice_days=45,
        )

        self.assertRecordValues(self._draft(template), [{
            "renewal_mode": "auto", "renewal_term_months": 6, "renewal_notice_days": 45,
        }])

    def test_template_says_how_prices_change(self):
        fixed = self._create_template(
            indexation_mode="fixed", indexation_percent=3.5, index_cap_percent=4.0,
            index_floor_percent=0.0, index_freeze_months=24, indexation_notice_days=60,
        )
        indexed = self._create_template(
            indexation_mode="index", index_id=self.index.id, index_base_date="2025-12-01",
            index_method="base",
        )

        self.assertRecordValues(self._draft(fixed) + self._draft(indexed), [
            {
                "indexation_mode": "fixed", "indexation_percent": 3.5, "index_cap_percent": 4.0,
                "index_floor_percent": 0.0, "index_freeze_months": 24,
                "indexation_notice_days": 60, "index_id": False,
                "index_base_date": False, "index_base_value": 0.0, "index_method": "last",
            },
            {
                "indexation_mode": "index", "indexation_percent": 0.0, "index_cap_percent": 5.0,
                "index_floor_percent": -100.0, "index_freeze_months": 12,
                "indexation_notice_days": 30, "index_id": self.index.id,
                "index_base_date": date(2025, 12, 1), "index_base_value": 107.2,
                "index_method": "base",
            },
        ])

    def test_choosing_the_template_on_the_form_fills_the_terms(self):
        template = self._create_template(
            indexation_mode="index", index_id=self.index.id, index_base_date="2026-01-01",
            index_floor_percent=-2.0,
        )

        with Form(self.env["aftersales.contract"].with_user(self.officer)) as form:
            form.partner_id = self.customer
            form.template_id = template

        self.assertRecordValues(form.record, [{
            "indexation_mode": "index", "index_id": self.index.id, "index_base_value": 108.0,
            "index_floor_percent": -2.0,
        }])

    def test_what_the_contract_says_itself_counts(self):
        template = self._create_template(indexation_mode="fixed", indexation_percent=3.5)

        contract = self._draft(template, indexation_percent=2.0, indexation_notice_days=90)

        self.assertRecordValues(contract, [{
            "indexation_mode": "fixed", "indexation_percent": 2.0, "indexation_notice_days": 90,
        }])

    def test_an_index_without_base_is_not_submitted(self):
        template = self._create_template(indexation_mode="index", index_id=self.index.id)
        contract = self._draft(template)

        with self.assertRefused(contract.name, "base value is missing"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_terms_that_make_no_sense_are_refused(self):
        for vals, part in (
            ({"index_floor_percent": 6.0}, "lies above the upper one (5.0 %)"),
            ({"indexation_percent": -100.0}, "cannot fall by 100 %"),
            ({"index_freeze_months": -1}, "“First After (months)” cannot be negative"),
            ({"renewal_mode": "auto", "renewal_term_months": 0}, "at least one month"),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRefused("Lift care", part, error=ValidationError),
            ):
                self._create_template(**vals)

    def test_a_shared_template_follows_a_shared_index(self):
        self.index.company_id = self.company

        with self.assertRefused("Consumer prices", error=UserError):
            self._create_template(company_id=False, index_id=self.index.id)
