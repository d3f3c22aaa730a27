import random
from datetime import date, timedelta
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from ...tools import indexation
from ...tools.periods import add_months

TRIES = 2000


@tagged("post_install", "-at_install")
class TestToolsIndexation(BaseCase):

    # -------------------------------------------------------------------------
    # Factors
    # -------------------------------------------------------------------------

    def test_values_are_read_as_published(self):
        self.assertEqual(indexation.index_factor(104.1, 107.2), Fraction(1072, 1041))
        self.assertEqual(indexation.percent_factor(2.7), Fraction(1027, 1000))

    def test_a_base_or_value_that_is_not_above_zero_is_refused(self):
        for base, value in ((0, 100.0), (-1.0, 100.0), (100.0, 0), (100.0, -1.0)):
            with self.assertRaises(ValueError):
                indexation.index_factor(base, value)

    def test_a_decrease_of_the_whole_price_is_refused(self):
        with self.assertRaises(ValueError):
            indexation.percent_factor(-100.0)

    def test_limits(self):
        for raw, factor, limit in (
            (Fraction(108, 100), Fraction(105, 100), "cap"),
            (Fraction(105, 100), Fraction(105, 100), None),
            (Fraction(101, 100), Fraction(101, 100), None),
            (Fraction(98, 100), Fraction(98, 100), None),
            (Fraction(90, 100), Fraction(97, 100), "floor"),
        ):
            self.assertEqual(
                indexation.limit_factor(raw, 5.0, -3.0), indexation.Change(factor, raw, limit),
            )

    def test_a_floor_above_the_cap_is_refused(self):
        with self.assertRaises(ValueError):
            indexation.limit_factor(Fraction(1), 2.0, 3.0)

    def test_a_limited_factor_lies_within_its_limits_and_moves_no_further(self):
        rng = random.Random(4)
        for _try in range(TRIES):
            floor = rng.uniform(-100, 5)
            cap = rng.uniform(floor, 30)
            raw = Fraction(rng.randrange(1, 3000), 1000)
            change = indexation.limit_factor(raw, cap, floor)
            low, high = 1 + indexation.exact(floor) / 100, 1 + indexation.exact(cap) / 100
            self.assertTrue(low <= change.factor <= high)
            self.assertEqual(change.limit is None, low <= raw <= high)
            again = indexation.limit_factor(change.factor, cap, floor)
            self.assertEqual(again.factor, change.factor)

    # -------------------------------------------------------------------------
    # From the base
    # -------------------------------------------------------------------------

    def test_what_a_cap_held_back_is_made_up_for_later(self):
        # 8 % in the first year, capped to 5 %; nothing in the second: 2.86 % are left to catch up.
        first = indexation.change_since_base(Fraction(108, 100), 100.0, 100.0, 5.0, -100.0)
        self.assertEqual(indexation.adjust_price(100.0, first.factor, 2), 105.0)
        second = indexation.change_since_base(Fraction(108, 100), 100.0, 105.0, 5.0, -100.0)
        self.assertEqual(indexation.adjust_price(105.0, second.factor, 2), 108.0)

    def test_without_limits_the_price_is_the_base_price_times_the_index(self):
        rng = random.Random(5)
        for _try in range(TRIES):
            base = rng.randrange(1, 10 ** 6) / 100
            now = rng.randrange(1, 10 ** 6) / 100
            raw = Fraction(rng.randrange(500, 2000), 1000)
            change = indexation.change_since_base(raw, base, now, 10 ** 9, -100.0)
            self.assertEqual(indexation.exact(now) * change.factor, indexation.exact(base) * raw)

    # -------------------------------------------------------------------------
    # Prices
    # -------------------------------------------------------------------------

    def test_prices_are_rounded_half_up_to_their_precision(self):
        self.assertEqual(indexation.adjust_price(33.33, Fraction(1072, 1041), 2), 34.32)
        self.assertEqual(indexation.adjust_price(0.5, Fraction(105, 100), 2), 0.53)  # 0.525
        self.assertEqual(indexation.adjust_price(1.1, Fraction(10045, 10000), 4), 1.105)

    def test_nothing_left_of_a_price_is_refused(self):
        for factor in (Fraction(0), Fraction(-1), Fraction(1, 1000)):
            with self.assertRaises(ValueError):
                indexation.adjust_price(1.0, factor, 2)

    def test_a_price_is_off_by_half_a_unit_at_most(self):
        rng = random.Random(6)
        for _try in range(TRIES):
            price = rng.randrange(100, 10 ** 7) / 100
            factor = Fraction(rng.randrange(900, 1200), 1000)
            digits = rng.choice((2, 3, 4))
            adjusted = indexation.adjust_price(price, factor, digits)
            error = abs(indexation.exact(adjusted) - indexation.exact(price) * factor)
            self.assertLessEqual(error, Fraction(1, 2 * 10 ** digits))

    # -------------------------------------------------------------------------
    # Days
    # -------------------------------------------------------------------------

    def test_first_adjustment_waits_for_the_freeze(self):
        self.assertEqual(indexation.next_adjustment(date(2026, 1, 31), 13), date(2027, 2, 28))

    def test_a_late_adjustment_keeps_the_anniversary(self):
        start = date(2025, 1, 1)
        self.assertEqual(
            indexation.next_adjustment(start, 12, date(2026, 1, 1)), date(2027, 1, 1))
        self.assertEqual(
            indexation.next_adjustment(start, 12, date(2026, 3, 15)), date(2027, 1, 1))
        self.assertEqual(
            indexation.next_adjustment(start, 12, date(2026, 10, 1)), date(2028, 1, 1))

    def test_adjustments_stand_on_anniversaries_and_keep_their_distance(self):
        rng = random.Random(7)
        for _try in range(TRIES):
            start = date(1996, 1, 1) + timedelta(days=rng.randrange(10000))
            freeze = rng.randrange(37)
            last = None
            for _year in range(5):
                day = indexation.next_adjustment(start, freeze, last)
                years = {add_months(start, freeze + 12 * n) for n in range(60)}
                self.assertIn(day, years)
                if last:
                    self.assertGreater(day, add_months(last, 6))
                    self.assertLess(day, add_months(last, 19))
                last = day + timedelta(days=rng.randrange(120))
