"""The SLA clock in plain Python: exact readings, and properties over random calendars."""

from random import Random

from odoo.tests import BaseCase

from ...tools import sla

HOUR, DAY = 3600, 86400
# Monday, 5 January 1970, 00:00 UTC.
MONDAY = 4 * DAY


def office(begin, end, opens=8, closes=16):
    """Monday to Friday, from ``opens`` to ``closes``."""
    days = range(begin // DAY, end // DAY + 1)
    for day in days:
        if (day + 3) % 7 < 5:
            start, stop = day * DAY + opens * HOUR, day * DAY + closes * HOUR
            start, stop = max(start, begin), min(stop, end)
            if start < stop:
                yield start, stop


def make_table(first=MONDAY, **hours):
    return sla.WorkTable(lambda begin, end: list(office(begin, end, **hours)), first)


def at(day, hour):
    """Return a moment of the first week: 0 is Monday."""
    return MONDAY + day * DAY + int(hour * HOUR)


class TestToolsSla(BaseCase):

    def test_a_day_that_is_filled_ends_at_its_end(self):
        table = make_table()

        self.assertEqual(table.plan(at(0, 8), 8 * HOUR), at(0, 16))
        self.assertEqual(table.plan(at(0, 8), 8 * HOUR + 1), at(1, 8) + 1)
        self.assertEqual(table.plan(at(0, 20), HOUR), at(1, 9))
        self.assertEqual(table.plan(at(4, 15), 2 * HOUR), at(7, 9))

    def test_nothing_is_done_at_the_first_moment_of_work(self):
        table = make_table()

        self.assertEqual(table.plan(at(0, 10), 0), at(0, 10))
        self.assertEqual(table.plan(at(0, 5), 0), at(0, 8))
        self.assertEqual(table.plan(at(0, 16), 0), at(1, 8))

    def test_measure_counts_working_time_only(self):
        table = make_table()

        self.assertEqual(table.measure(at(0, 15), at(1, 9)), 2 * HOUR)
        self.assertEqual(table.measure(at(5, 0), at(7, 8)), 0)
        self.assertEqual(table.measure(at(1, 9), at(0, 15)), 0)

    def test_a_calendar_without_hours_is_an_error_not_a_loop(self):
        table = sla.WorkTable(lambda begin, end: [], MONDAY)

        with self.assertRaises(sla.NoWorkingTimeError):
            table.plan(at(0, 8), 1)

    def test_a_pause_over_the_weekend_moves_the_deadline_by_its_working_time(self):
        table = make_table()
        spans = [
            sla.Span(at(4, 12), table),
            sla.Span(at(4, 14), table, "customer"),
            sla.Span(at(7, 10), table),
        ]

        reading = sla.read(spans, 8 * HOUR, now=at(7, 12))

        # Two hours on Friday, then six from Monday 10 o'clock on.
        self.assertEqual(reading.due, at(7, 16))
        self.assertEqual((reading.worked, reading.left, reading.late), (4 * HOUR, 4 * HOUR, 0))

    def test_nobody_can_say_when_a_resting_clock_is_due(self):
        table = make_table()
        spans = [sla.Span(at(0, 8), table), sla.Span(at(0, 11), table, "parts")]

        reading = sla.read(spans, 4 * HOUR, now=at(3, 12))

        self.assertEqual(reading, (None, 3 * HOUR, HOUR, 0))

    def test_a_deadline_missed_before_the_pause_stays_missed(self):
        table = make_table()
        spans = [sla.Span(at(0, 8), table), sla.Span(at(0, 15), table, "parts")]

        reading = sla.read(spans, 4 * HOUR, now=at(1, 12))

        self.assertEqual(reading, (at(0, 12), 7 * HOUR, 0, 3 * HOUR))

    def test_another_calendar_counts_from_its_change_on(self):
        short, long = make_table(), make_table(opens=0, closes=24)
        spans = [sla.Span(at(0, 12), short), sla.Span(at(0, 20), long)]

        # Four hours until 16 o'clock, none until 20, the other six around the clock.
        self.assertEqual(sla.read(spans, 10 * HOUR, now=at(0, 21)).due, at(1, 2))

    def test_cut_begins_a_clock_anew(self):
        table = make_table()
        spans = [
            sla.Span(at(0, 8), table), sla.Span(at(0, 10), table, "customer"),
            sla.Span(at(0, 12), table),
        ]

        self.assertEqual(sla.cut(spans, at(0, 11)), [
            sla.Span(at(0, 11), table, "customer"), sla.Span(at(0, 12), table),
        ])
        self.assertEqual(sla.cut(spans, 0), spans)

    def test_explain_tells_the_life_without_gaps(self):
        table = make_table()
        spans = [
            sla.Span(at(0, 8), table), sla.Span(at(0, 10), table, "customer"),
            sla.Span(at(0, 12), table), sla.Span(at(0, 12), table, "parts"),
        ]

        self.assertEqual(sla.explain(spans, at(0, 14)), [
            (at(0, 8), at(0, 10), None, 2 * HOUR),
            (at(0, 10), at(0, 12), "customer", 0),
            (at(0, 12), at(0, 14), "parts", 0),
        ])

    def test_properties_of_random_clocks(self):
        random = Random(19)
        for _round in range(300):
            table = make_table(
                opens=random.randint(0, 10), closes=random.randint(11, 24))
            begin = at(random.randint(0, 6), random.random() * 24)
            seconds = random.randint(1, 200 * HOUR)
            due = table.plan(begin, seconds)

            self.assertEqual(table.measure(begin, due), seconds)
            self.assertEqual(table.measure(begin, due - 1), seconds - 1)

            spans, moment = [sla.Span(begin, table)], begin
            for index in range(random.randint(1, 6)):
                moment += random.randint(0, 2 * DAY)
                spans.append(sla.Span(moment, table, None if index % 2 else "customer"))
            now = moment + random.randint(0, 3 * DAY)
            reading = sla.read(spans, seconds, now)

            self.assertEqual(
                reading.worked, sum(part.worked for part in sla.explain(spans, now)))
            self.assertEqual(reading.left - reading.late, seconds - reading.worked)
            if reading.due is not None and reading.due <= now:
                self.assertGreaterEqual(reading.worked, seconds)
