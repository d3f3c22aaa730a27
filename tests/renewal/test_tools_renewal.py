import random
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ...tools import renewal
from ...tools.periods import ONE_DAY, add_months
from ...tools.renewal import Term

TRIES = 2000


def random_day(rng):
    return date(1996, 1, 1) + timedelta(days=rng.randrange(40 * 366))


def random_steps(rng):
    return {
        (rng.randrange(120), rng.choice(("customer", "manager"))) for _n in range(rng.randrange(6))
    }


@tagged("post_install", "-at_install")
class TestToolsRenewal(BaseCase):

    # -------------------------------------------------------------------------
    # Terms
    # -------------------------------------------------------------------------

    def test_a_calendar_year_is_followed_by_another(self):
        self.assertEqual(
            renewal.next_term([date(2026, 1, 1)], date(2026, 12, 31), 12),
            Term(date(2027, 1, 1), date(2027, 12, 31)),
        )

    def test_month_ends_come_back_after_short_months(self):
        starts, end = [date(2026, 1, 31)], date(2026, 2, 27)
        ends = []
        for _n in range(3):
            term = renewal.next_term(starts, end, 1)
            starts.append(term.start)
            end = term.end
            ends.append(end)

        self.assertEqual(ends, [date(2026, 3, 30), date(2026, 4, 29), date(2026, 5, 30)])

    def test_leap_day_comes_back_after_four_years(self):
        starts, end = [date(2024, 2, 29)], date(2025, 2, 27)
        for _n in range(3):
            term = renewal.next_term(starts, end, 12)
            starts.append(term.start)
            end = term.end

        self.assertEqual(end, date(2028, 2, 28))

    def test_a_term_of_odd_length_begins_a_grid_of_its_own(self):
        self.assertEqual(
            renewal.next_term([date(2026, 1, 10)], date(2026, 1, 30), 1),
            Term(date(2026, 1, 31), date(2026, 2, 27)),
        )
        self.assertEqual(
            renewal.next_term([date(2026, 1, 10), date(2026, 1, 31)], date(2026, 2, 27), 1),
            Term(date(2026, 2, 28), date(2026, 3, 30)),
        )

    def test_terms_follow_without_gap_and_keep_the_day_of_the_start(self):
        rng = random.Random(1)
        for _try in range(TRIES):
            start, months = random_day(rng), rng.randrange(1, 37)
            starts, end = [start], add_months(start, months) - ONE_DAY
            for number in range(2, 8):
                term = renewal.next_term(starts, end, months)
                self.assertEqual(term.start, end + ONE_DAY)
                self.assertEqual(term.end, add_months(start, number * months) - ONE_DAY)
                starts.append(term.start)
                end = term.end

    def test_a_term_of_no_month_is_refused(self):
        with self.assertRaises(ValueError):
            renewal.next_term([date(2026, 1, 1)], date(2026, 12, 31), 0)

    # -------------------------------------------------------------------------
    # Days of notice
    # -------------------------------------------------------------------------

    def test_deadline_leaves_all_days_of_the_notice(self):
        end = date(2026, 12, 31)
        self.assertEqual(renewal.notice_deadline(end, 60), date(2026, 11, 1))
        self.assertEqual(renewal.notice_deadline(end, 0), end)

    def test_consumers_are_reminded_five_days_before_at_least(self):
        end = date(2026, 12, 31)
        self.assertEqual(renewal.consumer_notice_deadline(end, 2), date(2026, 12, 26))
        self.assertEqual(renewal.consumer_notice_deadline(end, 30), date(2026, 12, 1))

    # -------------------------------------------------------------------------
    # Steps
    # -------------------------------------------------------------------------

    def test_of_missed_steps_only_the_latest_is_sent(self):
        steps = {(90, "customer"), (60, "customer"), (30, "customer"), (90, "manager")}
        end, today = date(2026, 12, 31), date(2026, 11, 20)

        due = renewal.due_steps(steps, set(), end, today)

        self.assertEqual(due, {(60, "customer"), (90, "manager")})
        self.assertEqual(renewal.due_steps(steps, due, end, today), set())
        self.assertEqual(renewal.next_reminder(steps, due, end), date(2026, 12, 1))

    def test_the_customer_hears_of_an_automatic_renewal_before_the_deadline(self):
        steps = {(60, "customer"), (90, "manager")}
        self.assertEqual(renewal.effective_steps(steps, 60), steps | {(74, "customer")})
        self.assertEqual(renewal.effective_steps(steps, 30), steps)
        self.assertEqual(renewal.effective_steps(steps), steps)

    def test_a_daily_run_sends_each_step_once_and_then_rests(self):
        rng = random.Random(2)
        for _try in range(300):
            steps, end = random_steps(rng), random_day(rng)
            sent, days = set(), []
            for back in range(130, -1, -1):
                today = end - timedelta(days=back)
                due = renewal.due_steps(steps, sent, end, today)
                self.assertFalse(due & sent)
                expected = renewal.next_reminder(steps, sent, end)
                self.assertEqual(bool(due), bool(expected) and expected <= today)
                sent |= due
                days += [(back, audience) for _days, audience in due]
            self.assertEqual(sent, steps)
            self.assertEqual(sorted(days), sorted(steps))
            self.assertIsNone(renewal.next_reminder(steps, sent, end))

    def test_a_run_that_misses_days_never_sends_a_step_twice(self):
        rng = random.Random(3)
        for _try in range(300):
            steps, end = random_steps(rng), random_day(rng)
            sent = set()
            for back in sorted(rng.sample(range(130), 12), reverse=True):
                due = renewal.due_steps(steps, sent, end, end - timedelta(days=back))
                self.assertFalse(due & sent)
                self.assertLessEqual(len(due), 2)
                sent |= due
