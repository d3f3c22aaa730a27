import random

from odoo.fields import Command
from odoo.tests import freeze_time

from .coverage_common import CoverageCommon

PERCENTS = (0.0, 12.5, 33.33, 50.0, 66.67, 80.0, 100.0)
JOBS = 25


@freeze_time("2026-01-15 09:00")
class TestChargeAmounts(CoverageCommon):
    """Whatever the shares, quotas and quantities: what all pay makes up the gross amount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rng = random.Random(20260115)
        cls.lines = cls._create_active(lines=[
            cls._prepare_line(scope) for scope in ("equipment", "product", "category", "all")
        ]).line_ids

    @classmethod
    def _prepare_line(cls, scope):
        targets = {
            "equipment": {"equipment_id": cls.equipment.id},
            "category": {"covered_category_id": cls.lifts.id},
            "product": {"covered_product_id": cls.lift.id},
        }
        return {
            "product_id": False, "price_unit": 0.0, "name": scope, "scope_type": scope,
            **targets.get(scope, {}),
            "covers_wear_parts": True, "quota_period": cls.rng.choice(["month", "year"]),
            "quota_visits": cls.rng.choice([0, 7]),
            "quota_hours": cls.rng.choice([3.3, 20.0]),
            "quota_amount": cls.rng.choice([99.99, 1234.567]),
            **{name: cls.rng.choice(PERCENTS[1:])
               for name in ("cover_parts", "cover_labour", "cover_travel", "cover_other")},
        }

    def _create_jobs(self, currency):
        rng = self.rng
        return self.env["aftersales.statement"].create([
            {
                "partner_id": self.customer.id, "equipment_id": self.equipment.id,
                "product_id": self.lift.id, "lot_id": self.lot.id, "currency_id": currency.id,
                "date": f"2026-01-{rng.randrange(1, 15):02} 09:00:00",
                "charge_ids": [Command.create(self._prepare_charge(kind)) for kind in (
                    "part", "labour", "travel", "inspection", "other")],
            }
            for _number in range(JOBS)
        ])

    def _prepare_charge(self, kind):
        rng = self.rng
        return {
            "kind": kind, "name": kind, "quantity": rng.randrange(1, 700) / 100,
            "price_unit": rng.randrange(1, 10 ** 6) / 1000,
            "product_uom_id": self.hour.id if kind == "labour" else False,
            "discount_percent": rng.choice([0.0, 0.0, 7.77, 100.0]), "discount_reason": "Loyal",
            "goodwill_percent": rng.choice([0.0, 0.0, 33.33, 100.0]), "goodwill_reason": "Wait",
            "goodwill_approved_by_id": self.manager.id,
        }

    def test_customer_covered_and_discount_make_up_the_gross_amount(self):
        for code, decimals in (("JPY", 0), ("EUR", 2), ("KWD", 3)):
            currency = self._activate_currency(code, {"JPY": 150.0, "EUR": 0.9, "KWD": 0.3}[code])
            self.assertEqual(currency.decimal_places, decimals)
            jobs = self._create_jobs(currency)
            self._decide(jobs)

            rules = set(jobs.charge_ids.cover_ids.mapped("rule"))
            self.assertEqual(rules, {"contract", "goodwill", "none"}, code)
            for charge in jobs.charge_ids:
                with self.subTest(currency=code, charge=charge.id):
                    self._assert_adds_up(charge, currency)
            for job in jobs:
                self.assertFalse(currency.compare_amounts(
                    job.amount_net + job.amount_covered + job.amount_discount,
                    job.amount_gross))
            self._assert_quotas_are_kept()
            jobs._transition_to("cancelled")  # gives the quotas back

    def _assert_adds_up(self, charge, currency):
        covers = charge.cover_ids
        self.assertTrue(charge.is_decided)
        self.assertFalse(currency.compare_amounts(
            charge.amount_net + charge.amount_covered + charge.amount_discount,
            charge.amount_gross))
        self.assertFalse(currency.compare_amounts(
            sum(covers.mapped("amount")), charge.amount_gross))
        self.assertAlmostEqual(sum(covers.mapped("percent")), 100.0, 3)
        for amount in (charge.amount_gross, charge.amount_discount, charge.amount_net,
                       *covers.mapped("amount")):
            self.assertGreaterEqual(amount, 0.0)
            self.assertAlmostEqual(amount, currency.round(amount), 6)

    def _assert_quotas_are_kept(self):
        """No line has paid for more than its quotas; amounts to a rounding per draw."""
        for line, uses in self.lines.sudo()._get_quota_use().items():
            periods = {line._get_quota_period(use["date"]) for use in uses}
            for period in periods:
                left = line._prepare_quota(uses, period)
                self.assertGreaterEqual(left.hours, -0.001)
                self.assertGreaterEqual(left.amount, -0.01 * len(uses))
                self.assertTrue(left.visits is None or left.visits >= 0)

    def test_a_decision_does_not_depend_on_the_order_of_jobs(self):
        jobs = self._create_jobs(self.company.currency_id)
        engine = self.env["aftersales.coverage"].sudo()
        first = engine._decide(jobs)
        for _try in range(3):
            shuffled = self.env["aftersales.statement"].union(
                *self.rng.sample(list(jobs), len(jobs)))
            self.assertEqual(engine._decide(shuffled), first)
