from datetime import date

from odoo.tests import freeze_time

from ..common import AftersalesCommon


class TestCompanyToday(AftersalesCommon):
    """Today is the day where the company works, not where the server or the user sits."""

    def test_after_midnight_utc_it_is_still_yesterday_in_new_york(self):
        self.company.partner_id.tz = "America/New_York"

        with freeze_time("2026-02-01 00:30"):
            self.assertEqual(self.company._get_aftersales_today(), date(2026, 1, 31))

    def test_before_midnight_utc_it_is_already_tomorrow_in_shanghai(self):
        self.company.partner_id.tz = "Asia/Shanghai"

        with freeze_time("2026-01-31 16:30"):
            self.assertEqual(self.company._get_aftersales_today(), date(2026, 2, 1))

    def test_the_users_time_zone_does_not_matter(self):
        self.company.partner_id.tz = "America/New_York"
        self.officer.tz = "Asia/Shanghai"

        with freeze_time("2026-01-31 23:30"):
            company = self.company.with_user(self.officer).with_context(tz="Asia/Shanghai")
            self.assertEqual(company._get_aftersales_today(), date(2026, 1, 31))

    def test_without_an_own_time_zone_the_working_hours_decide(self):
        self.company.partner_id.tz = False
        self.company.resource_calendar_id.tz = "Pacific/Auckland"

        with freeze_time("2026-01-31 12:00"):
            self.assertEqual(self.company._get_aftersales_today(), date(2026, 2, 1))

    def test_cron_just_after_midnight_utc_does_not_bill_a_day_early(self):
        contract = self._create_active(date_start="2026-01-01")
        self.company.partner_id.tz = "America/New_York"

        with freeze_time("2026-02-01 00:30"):
            self._run_cron("_cron_bill")

        self.assertEqual(
            self._get_invoices(contract).mapped("invoice_date"), [date(2026, 1, 31)])
        self.assertEqual(
            self._get_invoices(contract).invoice_line_ids.mapped("aftersales_period_start"),
            [date(2026, 1, 1)])

        with freeze_time("2026-02-01 05:00"):
            self._run_cron("_cron_bill")

        self.assertEqual(
            self._get_invoices(contract).invoice_line_ids.mapped("aftersales_period_start"),
            [date(2026, 1, 1), date(2026, 2, 1)])
