import random
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ...tools.periods import ONE_DAY, Period, Recurrence, add_months

UNITS = ("day", "week", "month", "quarter", "half_year", "year")
ALIGNMENTS = ("start", "day", "calendar")


def starts_of(recurrence, count):
    return [recurrence.boundary(index) for index in range(count)]


def random_day(rng):
    return date(1996, 1, 1) + timedelta(days=rng.randrange(40 * 366))


@tagged("post_install", "-at_install")
class TestToolsPeriods(BaseCase):
    """The calendar of a promise: every cycle is computed from the anchor."""

    # -------------------------------------------------------------------------
    # Anchors
    # -------------------------------------------------------------------------

    def test_monthly_from_31_january_keeps_month_ends_for_24_months(self):
        starts = starts_of(Recurrence("month", 1, date(2026, 1, 31)), 25)

        self.assertEqual(starts, [
            date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
            date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31),
            date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31),
            date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30),
            date(2027, 5, 31), date(2027, 6, 30), date(2027, 7, 31), date(2027, 8, 31),
            date(2027, 9, 30), date(2027, 10, 31), date(2027, 11, 30), date(2027, 12, 31),
            date(2028, 1, 31),
        ])

    def test_monthly_from_31_january_meets_29_february_in_a_leap_year(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 31))

        self.assertEqual(recurrence.cycle_of(date(2028, 2, 29)),
                         (date(2028, 2, 29), date(2028, 3, 30)))

    def test_monthly_from_30_january_returns_to_the_30th(self):
        starts = starts_of(Recurrence("month", 1, date(2026, 1, 30)), 4)

        self.assertEqual(starts, [
            date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 30),
        ])

    def test_monthly_from_28_february_stays_on_the_28th(self):
        starts = starts_of(Recurrence("month", 1, date(2026, 2, 28)), 3)

        self.assertEqual(starts, [date(2026, 2, 28), date(2026, 3, 28), date(2026, 4, 28)])

    def test_monthly_from_29_february_keeps_the_29th(self):
        starts = starts_of(Recurrence("month", 1, date(2024, 2, 29)), 13)

        self.assertEqual(starts[1], date(2024, 3, 29))
        self.assertEqual(starts[11:], [date(2025, 1, 29), date(2025, 2, 28)])

    def test_quarterly_anchors(self):
        cases = {
            date(2026, 1, 31): [date(2026, 4, 30), date(2026, 7, 31), date(2026, 10, 31)],
            date(2026, 1, 30): [date(2026, 4, 30), date(2026, 7, 30), date(2026, 10, 30)],
            date(2024, 2, 29): [date(2024, 5, 29), date(2024, 8, 29), date(2024, 11, 29)],
            date(2026, 2, 28): [date(2026, 5, 28), date(2026, 8, 28), date(2026, 11, 28)],
            date(2025, 11, 30): [date(2026, 2, 28), date(2026, 5, 30), date(2026, 8, 30)],
        }
        for start, expected in cases.items():
            with self.subTest(start=start):
                self.assertEqual(starts_of(Recurrence("quarter", 1, start), 4)[1:], expected)

    def test_yearly_from_29_february_returns_to_it_in_leap_years(self):
        starts = starts_of(Recurrence("year", 1, date(2024, 2, 29)), 5)

        self.assertEqual(starts, [
            date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28),
            date(2028, 2, 29),
        ])

    def test_yearly_anchors_keep_their_day(self):
        for start in (date(2026, 1, 31), date(2026, 1, 30), date(2026, 2, 28)):
            with self.subTest(start=start):
                starts = starts_of(Recurrence("year", 1, start), 4)

                self.assertEqual(starts, [start.replace(year=year) for year in range(2026, 2030)])

    def test_yearly_from_28_february_does_not_slip_to_the_29th(self):
        recurrence = Recurrence("year", 1, date(2026, 2, 28))

        self.assertEqual(recurrence.boundary(2), date(2028, 2, 28))

    def test_interval_multiplies_the_unit(self):
        cases = [
            ("month", 2, date(2026, 12, 31), date(2027, 2, 28)),
            ("quarter", 2, date(2026, 8, 31), date(2027, 2, 28)),
            ("half_year", 1, date(2026, 8, 31), date(2027, 2, 28)),
            ("half_year", 3, date(2026, 8, 31), date(2028, 2, 29)),
            ("year", 4, date(2024, 2, 29), date(2028, 2, 29)),
            ("week", 2, date(2026, 1, 31), date(2026, 2, 14)),
            ("day", 10, date(2026, 2, 25), date(2026, 3, 7)),
        ]
        for unit, interval, start, second in cases:
            with self.subTest(unit=unit, interval=interval):
                self.assertEqual(Recurrence(unit, interval, start).boundary(1), second)

    def test_add_months_cuts_to_the_months_last_day(self):
        self.assertEqual(add_months(date(2026, 1, 31), 1), date(2026, 2, 28))
        self.assertEqual(add_months(date(2026, 1, 31), 25), date(2028, 2, 29))
        self.assertEqual(add_months(date(2026, 1, 31), -2), date(2025, 11, 30))
        self.assertEqual(add_months(date(2026, 12, 15), 1), date(2027, 1, 15))
        self.assertEqual(add_months(date(2026, 1, 15), -1), date(2025, 12, 15))

    # -------------------------------------------------------------------------
    # Days and weeks, alignments
    # -------------------------------------------------------------------------

    def test_days_and_weeks_are_never_aligned_to_months(self):
        for alignment in ALIGNMENTS:
            with self.subTest(alignment=alignment):
                day = Recurrence("day", 30, date(2026, 1, 31), alignment, 15)
                self.assertEqual(starts_of(day, 4), [
                    date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 1),
                ])

        for alignment in ("start", "day"):
            with self.subTest(alignment=alignment):
                week = Recurrence("week", 1, date(2026, 1, 31), alignment, 15)
                self.assertEqual(starts_of(week, 3), [
                    date(2026, 1, 31), date(2026, 2, 7), date(2026, 2, 14),
                ])

    def test_calendar_weeks_begin_on_monday(self):
        recurrence = Recurrence("week", 1, date(2026, 1, 31), "calendar")

        self.assertEqual(recurrence.cycle_of(date(2026, 1, 31)),
                         (date(2026, 1, 26), date(2026, 2, 1)))

    def test_fixed_day_after_the_start_makes_a_first_stub(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 10), "day", 15)

        periods = list(recurrence.periods(date(2026, 1, 10), date(2026, 3, 14)))

        self.assertEqual(periods, [
            Period(date(2026, 1, 10), date(2026, 1, 14), date(2025, 12, 15), date(2026, 1, 14)),
            Period(date(2026, 1, 15), date(2026, 2, 14), date(2026, 1, 15), date(2026, 2, 14)),
            Period(date(2026, 2, 15), date(2026, 3, 14), date(2026, 2, 15), date(2026, 3, 14)),
        ])
        self.assertEqual([period.is_full for period in periods], [False, True, True])

    def test_fixed_day_before_the_start_makes_a_first_stub(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 20), "day", 15)

        first = next(recurrence.periods(date(2026, 1, 20), date(2026, 12, 31)))

        self.assertEqual(first, Period(
            date(2026, 1, 20), date(2026, 2, 14), date(2026, 1, 15), date(2026, 2, 14),
        ))

    def test_fixed_day_on_the_start_makes_no_stub(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 15), "day", 15)

        first = next(recurrence.periods(date(2026, 1, 15), date(2026, 12, 31)))

        self.assertTrue(first.is_full)

    def test_fixed_day_31_is_the_last_day_of_every_month(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 5), "day", 31)

        self.assertEqual(starts_of(recurrence, 6), [
            date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31),
            date(2026, 4, 30), date(2026, 5, 31),
        ])

    def test_fixed_day_30_returns_after_february(self):
        recurrence = Recurrence("month", 1, date(2026, 2, 28), "day", 30)

        self.assertEqual(starts_of(recurrence, 3), [
            date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 30),
        ])

    def test_calendar_cycles_begin_with_month_quarter_half_year_and_year(self):
        day = date(2026, 8, 20)
        cases = {
            "month": (date(2026, 8, 1), date(2026, 8, 31)),
            "quarter": (date(2026, 7, 1), date(2026, 9, 30)),
            "half_year": (date(2026, 7, 1), date(2026, 12, 31)),
            "year": (date(2026, 1, 1), date(2026, 12, 31)),
        }
        for unit, expected in cases.items():
            with self.subTest(unit=unit):
                self.assertEqual(Recurrence(unit, 1, day, "calendar").cycle_of(day), expected)

    def test_calendar_cycles_of_several_months_count_from_january(self):
        day = date(2026, 8, 20)

        self.assertEqual(Recurrence("month", 2, day, "calendar").cycle_of(day),
                         (date(2026, 7, 1), date(2026, 8, 31)))
        self.assertEqual(Recurrence("month", 6, day, "calendar").cycle_of(day),
                         (date(2026, 7, 1), date(2026, 12, 31)))

    def test_calendar_cycles_that_do_not_divide_the_year_count_from_their_own_unit(self):
        day = date(2026, 8, 20)

        self.assertEqual(Recurrence("month", 5, day, "calendar").cycle_of(day),
                         (date(2026, 8, 1), date(2026, 12, 31)))
        self.assertEqual(Recurrence("year", 2, day, "calendar").cycle_of(day),
                         (date(2026, 1, 1), date(2027, 12, 31)))

    # -------------------------------------------------------------------------
    # Periods of a term
    # -------------------------------------------------------------------------

    def test_end_inside_a_period_cuts_the_last_one(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 1))

        periods = list(recurrence.periods(date(2026, 1, 1), date(2026, 2, 10)))

        self.assertEqual(periods[-1], Period(
            date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 28),
        ))
        self.assertFalse(periods[-1].is_full)

    def test_end_exactly_at_a_periods_end_leaves_no_zero_day_period(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 1))

        periods = list(recurrence.periods(date(2026, 1, 1), date(2026, 2, 28)))

        self.assertEqual([period.start for period in periods],
                         [date(2026, 1, 1), date(2026, 2, 1)])

    def test_one_day_term_is_one_period_of_one_day(self):
        day = date(2026, 2, 28)
        for unit in UNITS:
            with self.subTest(unit=unit):
                [period] = Recurrence(unit, 1, day).periods(day, day)

                self.assertEqual((period.start, period.end), (day, day))
                self.assertEqual(period.is_full, unit == "day")

    def test_term_that_ends_before_it_begins_has_no_period(self):
        recurrence = Recurrence("month", 1, date(2026, 1, 1))

        self.assertEqual(list(recurrence.periods(date(2026, 1, 2), date(2026, 1, 1))), [])

    # -------------------------------------------------------------------------
    # Refusals
    # -------------------------------------------------------------------------

    def test_unknown_unit_and_impossible_numbers_are_refused(self):
        start = date(2026, 1, 1)
        for arguments in (("fortnight", 1), ("once", 1), ("month", 0), ("month", -1)):
            with self.subTest(arguments=arguments), self.assertRaises(ValueError):
                Recurrence(*arguments, start)
        for day in (0, 32, -1):
            with self.subTest(day=day), self.assertRaises(ValueError):
                Recurrence("month", 1, start, "day", day)

    # -------------------------------------------------------------------------
    # Properties, over random recurrences (the seed makes a failure repeatable)
    # -------------------------------------------------------------------------

    def _random_recurrences(self, count=400):
        rng = random.Random(20260131)
        for _index in range(count):
            start = random_day(rng)
            yield rng, start, Recurrence(
                rng.choice(UNITS), rng.choice((1, 1, 2, 3, 4, 5, 7, 12, 18)), start,
                rng.choice(ALIGNMENTS), rng.randint(1, 31),
            )

    def test_index_of_is_the_inverse_of_boundary(self):
        for rng, _start, recurrence in self._random_recurrences():
            index = rng.randint(-60, 300)
            first, after = recurrence.boundary(index), recurrence.boundary(index + 1)

            self.assertLess(first, after)
            self.assertEqual(recurrence.index_of(first), index)
            self.assertEqual(recurrence.index_of(after - ONE_DAY), index)

    def test_every_day_lies_in_its_own_cycle(self):
        for rng, _start, recurrence in self._random_recurrences():
            day = random_day(rng)

            first, last = recurrence.cycle_of(day)

            self.assertLessEqual(first, day)
            self.assertLessEqual(day, last)

    def test_the_start_lies_in_cycle_zero(self):
        for _rng, start, recurrence in self._random_recurrences():
            self.assertEqual(recurrence.index_of(start), 0)

    def test_periods_partition_the_term_without_gap_or_overlap(self):
        for rng, start, recurrence in self._random_recurrences(200):
            last = start + timedelta(days=rng.randrange(900))

            periods = list(recurrence.periods(start, last))

            self.assertEqual(periods[0].start, start)
            self.assertEqual(periods[-1].end, last)
            for period in periods:
                self.assertLessEqual(period.start, period.end)
                self.assertLessEqual(period.cycle_start, period.start)
                self.assertLessEqual(period.end, period.cycle_end)
            for before, after in zip(periods, periods[1:], strict=False):
                self.assertEqual(after.start, before.end + ONE_DAY)
                self.assertTrue(after == periods[-1] or after.is_full)

    def test_resuming_after_any_period_gives_the_same_calendar(self):
        for rng, start, recurrence in self._random_recurrences(200):
            last = start + timedelta(days=rng.randrange(900))
            periods = list(recurrence.periods(start, last))
            cut = rng.randrange(len(periods))

            resumed = list(recurrence.periods(periods[cut].start, last))

            self.assertEqual(resumed, periods[cut:])
