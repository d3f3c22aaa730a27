from datetime import date

from odoo.tests import BaseCase, tagged

from ...tools.warranty import WarrantyEvent, get_last_day, get_warranty_ends, match_invoices


@tagged("post_install", "-at_install")
class TestToolsWarranty(BaseCase):

    def test_last_day_counts(self):
        for start, months, last in (
            ("2026-01-15", 12, "2027-01-14"),
            ("2026-01-01", 1, "2026-01-31"),
            ("2026-01-31", 1, "2026-02-28"),  # no 31st: the month's last day, by law
            ("2026-01-30", 1, "2026-02-28"),
            ("2026-01-29", 1, "2026-02-28"),
            ("2026-01-28", 1, "2026-02-27"),
            ("2028-01-30", 1, "2028-02-29"),
            ("2028-01-29", 1, "2028-02-28"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2028-02-29", 48, "2032-02-28"),
            ("2027-03-01", 12, "2028-02-29"),
            ("2026-08-31", 6, "2027-02-28"),
            ("2026-12-31", 2, "2027-02-28"),
        ):
            with self.subTest(start=start, months=months):
                self.assertEqual(
                    get_last_day(date.fromisoformat(start), months), date.fromisoformat(last))

    def test_no_months_or_no_start_is_no_warranty(self):
        self.assertIsNone(get_last_day(date(2026, 1, 15), 0))
        self.assertIsNone(get_last_day(None, 12))

    def test_a_longer_warranty_never_ends_earlier(self):
        """True of every day of a leap year and the one after."""
        for day in range(730):
            start = date.fromordinal(date(2027, 7, 1).toordinal() + day)
            ends = [get_last_day(start, months) for months in range(1, 37)]
            self.assertEqual(ends, sorted(ends))
            self.assertGreaterEqual(ends[0], date.fromordinal(start.toordinal() + 27))

    def _get_ends(self, *events, start=date(2026, 1, 15), months=12, main_months=24):
        return get_warranty_ends(start, months, main_months, events)

    def test_extensions_move_both_ends(self):
        self.assertEqual(
            self._get_ends(WarrantyEvent("downtime", date(2026, 3, 1), 10)),
            (date(2027, 1, 24), date(2028, 1, 24)))

    def test_extensions_add_up_over_month_ends(self):
        events = [WarrantyEvent("downtime", date(2026, 3, 1), days) for days in (17, 1, 28)]

        self.assertEqual(self._get_ends(*events, main_months=0)[0], date(2027, 3, 1))

    def test_what_happened_before_the_first_day_does_not_count(self):
        eve = WarrantyEvent("downtime", date(2026, 1, 14), 10)
        first = WarrantyEvent("downtime", date(2026, 1, 15), 10)

        self.assertEqual(self._get_ends(eve)[0], date(2027, 1, 14))
        self.assertEqual(self._get_ends(first)[0], date(2027, 1, 24))

    def test_what_was_taken_over_counts_whenever_it_was(self):
        event = WarrantyEvent("replacement", date(2026, 1, 10), end=date(2027, 6, 30))

        self.assertEqual(self._get_ends(event), (date(2027, 6, 30), date(2028, 1, 14)))

    def test_taking_over_less_never_shortens(self):
        event = WarrantyEvent("replacement", date(2026, 2, 1), end=date(2026, 6, 30))

        self.assertEqual(self._get_ends(event)[0], date(2027, 1, 14))

    def test_a_new_period_forgets_what_was_before_it(self):
        events = [
            WarrantyEvent("downtime", date(2026, 2, 1), 5),
            WarrantyEvent("restart", date(2026, 6, 1), end=date(2027, 5, 31)),
            WarrantyEvent("downtime", date(2026, 5, 31), 30),
            WarrantyEvent("downtime", date(2026, 6, 1), 3),
        ]

        self.assertEqual(self._get_ends(*events)[0], date(2027, 6, 3))

    def test_a_day_set_by_hand_holds_and_later_events_add_to_it(self):
        shortened = WarrantyEvent("correction", date(2026, 1, 15), end=date(2026, 9, 30))
        repair = WarrantyEvent("downtime", date(2026, 2, 1), 2)

        self.assertEqual(
            self._get_ends(shortened, repair), (date(2026, 10, 2), date(2028, 1, 16)))

    def test_main_parts_last_at_least_as_long_as_the_unit(self):
        event = WarrantyEvent("correction", date(2026, 1, 15), end=date(2030, 1, 1))

        self.assertEqual(self._get_ends(event), (date(2030, 1, 1), date(2030, 1, 1)))

    def test_main_parts_alone_may_be_under_warranty(self):
        self.assertEqual(self._get_ends(months=0), (None, date(2028, 1, 14)))

    def test_only_the_end_is_known(self):
        event = WarrantyEvent("correction", date(2026, 1, 15), end=date(2026, 12, 31))

        self.assertEqual(self._get_ends(event, start=None)[0], date(2026, 12, 31))

    def test_first_delivered_is_first_invoiced(self):
        january, march = date(2026, 1, 31), date(2026, 3, 31)
        delivered = [("a", 1), ("b", 1), ("c", 1), ("d", 1)]

        self.assertEqual(
            match_invoices(delivered, [(january, 2), (march, 1)]),
            {"a": january, "b": january, "c": march})
        self.assertEqual(match_invoices(delivered, [(january, 0), (march, 1)]), {"a": march})
        self.assertEqual(match_invoices(delivered, []), {})
        self.assertEqual(match_invoices([], [(january, 1)]), {})
