"""Working-time tables against Odoo's own ``plan_hours``, to the second."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from ..common import AftersalesCommon


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
