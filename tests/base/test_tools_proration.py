import random
from datetime import date, timedelta
from fractions import Fraction

from odoo.tests import BaseCase, tagged
from odoo.tools import float_round

from ...tools.periods import ONE_DAY, Period, Recurrence
from ...tools.proration import (
    days_30_360,
    days_actual,
    prorate,
    share,
    share_until,
)

ROUNDINGS = (0.01, 1.0, 0.05, 0.001)
MODES = ("actual", "30_360", "none")


def rounder(rounding):
    return lambda amount: float_round(amount, precision_rounding=rounding)


cents = rounder(0.01)


@tagged("post_install", "-at_install")
class TestToolsProration(BaseCase):
    """A part of a period is owed by days, and the parts sum to the whole."""

    # -------------------------------------------------------------------------
    # Day counts
    # -------------------------------------------------------------------------

    def test_actual_days_count_both_ends(self):
        self.assertEqual(days_actual(date(2026, 2, 1), date(2026, 2, 28)), 28)
        self.assertEqual(days_actual(date(2028, 2, 1), date(2028, 2, 29)), 29)
        self.assertEqual(days_actual(date(2026, 2, 1), date(2026, 2, 1)), 1)
        self.assertEqual(days_actual(date(2026, 1, 1), date(2026, 12, 31)), 365)

    def test_a_30_360_month_has_30_days(self):
        for first, last in [
            (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28)),
            (date(2028, 2, 1), date(2028, 2, 29)), (date(2026, 4, 1), date(2026, 4, 30)),
            (date(2026, 1, 15), date(2026, 2, 14)),
        ]:
            with self.subTest(first=first):
                self.assertEqual(days_30_360(first, last), 30)
        self.assertEqual(days_30_360(date(2026, 1, 1), date(2026, 12, 31)), 360)
        self.assertEqual(days_30_360(date(2026, 1, 1), date(2026, 1, 15)), 15)

    # -------------------------------------------------------------------------
    # Exact parts
    # -------------------------------------------------------------------------

    def test_first_part_by_actual_days(self):
        period = Period(
            date(2026, 1, 20), date(2026, 1, 31), date(2026, 1, 1), date(2026, 1, 31),
        )

        self.assertEqual(share("actual", period), Fraction(12, 31))
        self.assertEqual(prorate(310.0, "actual", period, cents), 120.0)

    def test_last_part_by_actual_days_of_that_very_february(self):
        plain = Period(date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 28))
        leap = Period(date(2028, 2, 1), date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29))

        self.assertEqual(prorate(100.0, "actual", plain, cents), 35.71)
        self.assertEqual(prorate(100.0, "actual", leap, cents), 34.48)

    def test_last_part_by_30_360(self):
        period = Period(date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 28))

        self.assertEqual(share("30_360", period), Fraction(1, 3))
        self.assertEqual(prorate(100.0, "30_360", period, cents), 33.33)

    def test_without_proration_a_started_period_is_owed_whole(self):
        period = Period(date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 28))

        self.assertEqual(share("none", period), 1)
        self.assertEqual(prorate(99.99, "none", period, cents), 99.99)

    def test_one_day_of_a_year(self):
        period = Period(date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1), date(2027, 2, 28))

        self.assertEqual(share("actual", period), Fraction(1, 365))
        self.assertEqual(prorate(1200.0, "actual", period, cents), 3.29)

    def test_a_full_period_is_the_rounded_price(self):
        period = Period(date(2026, 2, 1), date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28))

        for mode in MODES:
            with self.subTest(mode=mode):
                self.assertEqual(prorate(33.333, mode, period, cents), 33.33)

    def test_the_last_part_takes_the_remainder(self):
        """Three parts of ten days: 33.33 + 33.34 + 33.33 = 100.00."""
        cycle = (date(2026, 4, 1), date(2026, 4, 30))
        parts = [
            prorate(100.0, "actual", Period(date(2026, 4, a), date(2026, 4, b), *cycle), cents)
            for a, b in ((1, 10), (11, 20), (21, 30))
        ]

        self.assertEqual(parts, [33.33, 33.34, 33.33])

    # -------------------------------------------------------------------------
    # Properties
    # -------------------------------------------------------------------------

    def _random_cycles(self, count=300):
        rng = random.Random(20240229)
        for _index in range(count):
            start = date(2019, 1, 1) + timedelta(days=rng.randrange(12 * 366))
            unit = rng.choice(("day", "week", "month", "quarter", "half_year", "year"))
            recurrence = Recurrence(unit, rng.choice((1, 2, 3)), start)
            yield rng, recurrence.cycle_of(start + timedelta(days=rng.randrange(900)))

    def _random_cut(self, rng, cycle):
        """Cut a cycle at random days into the periods that cover it without a gap."""
        first, last = cycle
        days = (last - first).days
        cuts = sorted(rng.sample(range(1, days + 1), min(days, rng.randrange(6))))
        starts = [first, *(first + timedelta(days=cut) for cut in cuts)]
        ends = [*(start - ONE_DAY for start in starts[1:]), last]
        return [Period(*part, *cycle) for part in zip(starts, ends, strict=True)]

    def test_shares_never_leave_zero_to_one(self):
        for rng, cycle in self._random_cycles():
            for mode in MODES:
                day = cycle[0] + timedelta(days=rng.randrange(-40, 440))
                self.assertTrue(0 <= share_until(mode, *cycle, day) <= 1)
                for period in self._random_cut(rng, cycle):
                    self.assertTrue(0 <= share(mode, period) <= 1)

    def test_share_until_never_falls_as_days_pass(self):
        for _rng, (first, last) in self._random_cycles(60):
            days = [first + timedelta(days=n) for n in range(-1, (last - first).days + 1)]
            for mode in ("actual", "30_360"):
                shares = [share_until(mode, first, last, day) for day in days]

                self.assertEqual((shares[0], shares[-1]), (0, 1))
                self.assertEqual(shares, sorted(shares))

    def test_parts_of_any_cut_sum_to_the_whole_in_any_currency(self):
        for rng, cycle in self._random_cycles():
            for rounding in ROUNDINGS:
                round_amount = rounder(rounding)
                amount = round_amount(rng.choice((rng.uniform(0, 50), rng.uniform(0, 1e6))))
                for mode in ("actual", "30_360"):
                    parts = [
                        prorate(amount, mode, period, round_amount)
                        for period in self._random_cut(rng, cycle)
                    ]

                    self.assertEqual(round_amount(sum(parts)), amount)
                    self.assertTrue(all(part >= 0 for part in parts))

    def test_parts_of_a_negative_amount_sum_to_the_whole(self):
        for rng, cycle in self._random_cycles(50):
            parts = [
                prorate(-99.99, "actual", period, cents)
                for period in self._random_cut(rng, cycle)
            ]

            self.assertEqual(cents(sum(parts)), -99.99)

    def test_every_part_is_rounded_to_the_currency(self):
        for rng, cycle in self._random_cycles(50):
            for rounding in ROUNDINGS:
                round_amount = rounder(rounding)
                for period in self._random_cut(rng, cycle):
                    part = prorate(1234.567, "actual", period, round_amount)

                    self.assertEqual(part, round_amount(part))
