"""Working-time tables against ``plan_hours`` of Odoo, and against counting by minutes."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tests import tagged

from ...tools import sla
from ..common import AftersalesCommon

MINUTE, DAY = 60, 86400
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "UTC")
# Days before clocks are put forward or back in Berlin or New York.
BEGINS = tuple(datetime(2026, *day) for day in ((3, 5), (3, 26), (10, 22), (11, 1)))
HORIZON = 30 * DAY


@tagged("post_install", "-at_install")
class TestSlaClock(AftersalesCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = cls.env["aftersales.sla.clock"]
        cls.office = cls._create_hours("Office hours", 8, 17)
        cls.always = cls._create_hours("Around the clock", 0, 24, days=7)

    def _plan(self, calendar, begin, hours, tz=False):
        table = self.clock._get_table(calendar, tz, begin)
        return self.clock._to_datetime(
            table.plan(self.clock._to_moment(begin), round(hours * 3600)))

    def _assert_like_core(self, calendar, begin, hours):
        expected = calendar.plan_hours(hours, begin, compute_leaves=True)
        seconds = round(expected.timestamp())
        self.assertEqual(
            self._plan(calendar, begin, hours), self.clock._to_datetime(seconds),
            f"{calendar.name}: {hours} h from {begin}",
        )

    def test_same_as_core_over_weeks_nights_and_holidays(self):
        self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "company_id": self.company.id, "calendar_id": self.office.id,
            "date_from": "2026-01-20 00:00:00", "date_to": "2026-01-20 23:59:59",
        })
        begin = datetime(2026, 1, 15, 9, 0)
        for step in range(0, 400, 13):
            for hours in (0.25, 1, 4, 9, 24, 72.5):
                moment = begin + timedelta(minutes=step * 37)
                self._assert_like_core(self.office, moment, hours)
                self._assert_like_core(self.always, moment, hours)

    def test_a_holiday_is_no_working_day(self):
        self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "company_id": self.company.id, "calendar_id": False,
            "date_from": "2026-01-16 00:00:00", "date_to": "2026-01-16 23:59:59",
        })

        due = self._plan(self.office, datetime(2026, 1, 15, 16, 0), 2)

        self.assertEqual(due, datetime(2026, 1, 19, 9, 0))

    def test_around_the_clock_does_not_drift(self):
        due = self._plan(self.always, datetime(2026, 1, 15, 9, 0), 24 * 60)

        self.assertEqual(due, datetime(2026, 3, 16, 9, 0))

    def test_daylight_saving_keeps_the_hour_of_the_day(self):
        berlin = self._create_hours("Berlin", 8, 16, days=7, tz="Europe/Berlin")

        # Summer time begins on 29 March 2026: 8 o'clock is 7:00 UTC before, 6:00 UTC after.
        due = self._plan(berlin, datetime(2026, 3, 28, 14, 0), 2)

        self.assertEqual(due, datetime(2026, 3, 29, 7, 0))

    def test_around_the_clock_counts_the_hour_that_daylight_saving_skips(self):
        berlin = self._create_hours("Berlin always", 0, 24, days=7, tz="Europe/Berlin")

        due = self._plan(berlin, datetime(2026, 3, 28, 22, 0), 24)

        self.assertEqual(due, datetime(2026, 3, 29, 22, 0))

    def test_the_same_hours_in_the_time_zone_of_the_site(self):
        due = self._plan(self.office, datetime(2026, 1, 15, 0, 30), 1, tz="Asia/Shanghai")

        self.assertEqual(due, datetime(2026, 1, 15, 1, 30))

    # -------------------------------------------------------------------------
    # Against counting minute by minute
    # -------------------------------------------------------------------------

    def _draw_hours(self, random):
        """Return by day of the week the hours of work; nights go on after midnight."""
        if random.random() < 0.15:
            return {day: [(0, 24)] for day in range(7)}
        hours = {day: [] for day in range(7)}
        for day in range(7):
            if day < 3 or random.random() < 0.6:
                hours[day] += random.choice(([(8, 17)], [(7, 12), (13, 21.5)], []))
            if random.random() < 0.4:
                hours[day].append((22, 24))
                hours[(day + 1) % 7].append((0, 6))
        hours[1] = hours[1] or [(8, 17)]
        return hours

    def _create_drawn(self, random, hours, begin):
        """Create service hours with holidays; return them and the holidays as moments."""
        calendar = self.env["resource.calendar"].create({
            "name": "Drawn", "tz": random.choice(ZONES), "company_id": self.company.id,
            "attendance_ids": [Command.clear(), *(
                Command.create({
                    "name": f"{day} {opens}", "dayofweek": str(day), "hour_from": opens,
                    "hour_to": closes, "day_period": "morning",
                }) for day, parts in hours.items() for opens, closes in sorted(parts)
            )],
        })
        holidays = []
        for _index in range(random.randint(0, 3)):
            start = begin + timedelta(hours=random.randint(0, 300))
            end = start + timedelta(hours=random.randint(1, 60))
            self.env["resource.calendar.leaves"].create({
                "name": "Holiday", "calendar_id": calendar.id, "company_id": self.company.id,
                "date_from": start, "date_to": end,
            })
            holidays.append((self.clock._to_moment(start), self.clock._to_moment(end)))
        return calendar, holidays

    def _list_minutes(self, hours, holidays, zone, begin):
        """Return the minutes of work from a moment on, as moments at which they begin."""
        minutes = []
        for moment in range(begin, begin + HORIZON, MINUTE):
            local = datetime.fromtimestamp(moment, UTC).astimezone(zone)
            hour = local.hour + local.minute / 60
            if any(opens <= hour < closes for opens, closes in hours[local.weekday()]) and not any(
                start <= moment < end for start, end in holidays
            ):
                minutes.append(moment)
        return minutes

    def test_same_as_counting_minute_by_minute(self):
        random = Random(20260115)
        for number in range(24):
            begin = random.choice(BEGINS) + timedelta(minutes=random.randint(0, 2000))
            hours, zone = self._draw_hours(random), random.choice(ZONES)
            calendar, holidays = self._create_drawn(random, hours, begin)
            first = self.clock._to_moment(begin)
            worked = self._list_minutes(hours, holidays, ZoneInfo(zone), first)
            table = self.clock._get_table(calendar, zone, begin)
            spans, moment = [sla.Span(first, table)], first
            for index in range(random.randint(0, 6)):
                moment += MINUTE * random.randint(0, 2000)
                spans.append(sla.Span(moment, table, None if index % 2 else "customer"))
            now = moment + MINUTE * random.randint(0, 5000)
            self._check_by_minutes(number, spans, worked, MINUTE * random.randint(1, 4000), now)
            for at in (first, moment, now):
                with self.subTest(number=number, zone=zone, at=at):
                    self.assertEqual(
                        table.plan(at, 0), next(one for one in worked if one >= at))

    def _check_by_minutes(self, number, spans, worked, target, now):
        """Compare a reading with the minutes in which the clock ran."""
        ends = [*(span.begin for span in spans[1:]), worked[-1] + MINUTE]
        running = [
            minute for minute in worked
            if any(span.pause is None and span.begin <= minute < end
                   for span, end in zip(spans, ends, strict=True))
        ]
        used = MINUTE * sum(minute < now for minute in running)
        count = target // MINUTE
        due = running[count - 1] + MINUTE if count <= len(running) else None
        with self.subTest(number=number, target=target, now=now):
            reading = sla.read(spans, target, now)

            if due or spans[-1].pause:
                self.assertEqual(reading.due, due)
            self.assertEqual(
                reading[1:], (used, max(target - used, 0), max(used - target, 0)))
