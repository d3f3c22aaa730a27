from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common import AftersalesCommon


class TestObligationSchedule(AftersalesCommon):
    """The register: which periods are owed, when they are invoiced, and for how much."""

    def assertRegister(self, contract, *rows):
        """Each row: first day, last day, invoice day, amount."""
        self.assertEqual(list(zip(
            *zip(*self._get_periods(contract), strict=True), self._get_planned_days(contract),
            self._get_amounts(contract), strict=True,
        )), list(rows))

    # -------------------------------------------------------------------------
    # Recurrences
    # -------------------------------------------------------------------------

    def test_31_january_monthly_over_24_months(self):
        self.company.aftersales_horizon_months = 36
        contract = self._create_active(date_start="2026-01-31", date_end="2028-01-30")

        self.assertEqual(self._get_periods(contract), [
            ("2026-01-31", "2026-02-27"), ("2026-02-28", "2026-03-30"),
            ("2026-03-31", "2026-04-29"), ("2026-04-30", "2026-05-30"),
            ("2026-05-31", "2026-06-29"), ("2026-06-30", "2026-07-30"),
            ("2026-07-31", "2026-08-30"), ("2026-08-31", "2026-09-29"),
            ("2026-09-30", "2026-10-30"), ("2026-10-31", "2026-11-29"),
            ("2026-11-30", "2026-12-30"), ("2026-12-31", "2027-01-30"),
            ("2027-01-31", "2027-02-27"), ("2027-02-28", "2027-03-30"),
            ("2027-03-31", "2027-04-29"), ("2027-04-30", "2027-05-30"),
            ("2027-05-31", "2027-06-29"), ("2027-06-30", "2027-07-30"),
            ("2027-07-31", "2027-08-30"), ("2027-08-31", "2027-09-29"),
            ("2027-09-30", "2027-10-30"), ("2027-10-31", "2027-11-29"),
            ("2027-11-30", "2027-12-30"), ("2027-12-31", "2028-01-30"),
        ])
        self.assertEqual(self._get_amounts(contract), [100.0] * 24)

    def test_29_february_yearly(self):
        self.company.aftersales_horizon_months = 36
        contract = self._create_active(
            date_start="2024-02-29", date_end="2029-02-27", lines=[{"recurrence_unit": "year"}],
        )

        self.assertRegister(
            contract,
            ("2024-02-29", "2025-02-27", "2024-02-29", 100.0),
            ("2025-02-28", "2026-02-27", "2025-02-28", 100.0),
            ("2026-02-28", "2027-02-27", "2026-02-28", 100.0),
            ("2027-02-28", "2028-02-28", "2027-02-28", 100.0),
            ("2028-02-29", "2029-02-27", "2028-02-29", 100.0),
        )

    def test_every_unit_has_its_own_length(self):
        lengths = {
            ("day", 10): "2026-01-10", ("week", 2): "2026-01-14", ("month", 1): "2026-01-31",
            ("month", 2): "2026-02-28", ("quarter", 1): "2026-03-31",
            ("half_year", 1): "2026-06-30", ("year", 1): "2026-12-31",
        }
        for (unit, interval), first_end in lengths.items():
            with self.subTest(unit=unit, interval=interval):
                contract = self._create_active(lines=[
                    {"recurrence_unit": unit, "recurrence_interval": interval},
                ])

                self.assertEqual(self._get_periods(contract)[0], ("2026-01-01", first_end))
                self.assertEqual(self._get_amounts(contract)[0], 100.0)

    def test_one_off_fee_is_owed_once(self):
        contract = self._create_active(lines=[{"recurrence_unit": "once", "price_unit": 250.0}])

        contract._schedule_obligations()

        self.assertRegister(contract, ("2026-01-01", "2026-01-01", "2026-01-01", 250.0))

    def test_one_off_fee_on_a_day_of_its_own(self):
        contract = self._create_active(lines=[
            {"recurrence_unit": "once", "date_start": "2026-06-15"},
        ])

        self.assertRegister(contract, ("2026-06-15", "2026-06-15", "2026-06-15", 100.0))

    def test_quantity_and_discount_count(self):
        contract = self._create_active(date_end="2026-01-31", lines=[
            {"quantity": 3.0, "price_unit": 33.33, "discount": 10.0},
        ])

        self.assertRegister(contract, ("2026-01-01", "2026-01-31", "2026-01-01", 89.99))

    def test_cover_without_a_price_owes_nothing(self):
        contract = self._create_active(lines=[
            {"name": "Cover of parts", "product_id": False, "price_unit": 0.0},
        ])

        self.assertFalse(contract.obligation_ids)

    # -------------------------------------------------------------------------
    # Invoice days
    # -------------------------------------------------------------------------

    def test_in_advance_is_invoiced_on_the_first_day(self):
        contract = self._create_active(date_end="2026-02-28")

        self.assertRegister(
            contract,
            ("2026-01-01", "2026-01-31", "2026-01-01", 100.0),
            ("2026-02-01", "2026-02-28", "2026-02-01", 100.0),
        )

    def test_in_arrears_is_invoiced_on_the_day_after_the_last(self):
        contract = self._create_active(
            date_end="2026-02-28", lines=[{"billing_timing": "arrears"}],
        )

        self.assertRegister(
            contract,
            ("2026-01-01", "2026-01-31", "2026-02-01", 100.0),
            ("2026-02-01", "2026-02-28", "2026-03-01", 100.0),
        )

    def test_offset_moves_the_invoice_day_and_nothing_else(self):
        for offset, timing, days in [
            (-14, "advance", ["2025-12-18", "2026-01-18"]),
            (10, "advance", ["2026-01-11", "2026-02-11"]),
            (-1, "arrears", ["2026-01-31", "2026-02-14"]),
            (5, "arrears", ["2026-02-06", "2026-02-20"]),
        ]:
            with self.subTest(offset=offset, timing=timing):
                contract = self._create_active(
                    date_end="2026-02-14", invoice_offset_days=offset,
                    lines=[{"billing_timing": timing}],
                )

                self.assertEqual(self._get_planned_days(contract), days)
                self.assertEqual(self._get_amounts(contract), [100.0, 50.0])

    def test_one_off_fee_is_invoiced_at_its_day_even_in_arrears(self):
        contract = self._create_active(lines=[
            {"recurrence_unit": "once", "billing_timing": "arrears"},
        ])

        self.assertEqual(self._get_planned_days(contract), ["2026-01-01"])

    # -------------------------------------------------------------------------
    # Parts of periods
    # -------------------------------------------------------------------------

    def test_end_inside_a_period_owes_its_days(self):
        contract = self._create_active(date_start="2026-01-01", date_end="2026-02-10")

        self.assertRegister(
            contract,
            ("2026-01-01", "2026-01-31", "2026-01-01", 100.0),
            ("2026-02-01", "2026-02-10", "2026-02-01", 35.71),
        )

    def test_end_exactly_at_a_periods_end_leaves_no_zero_day(self):
        contract = self._create_active(date_start="2026-01-15", date_end="2026-02-14")

        self.assertRegister(contract, ("2026-01-15", "2026-02-14", "2026-01-15", 100.0))

    def test_contract_of_one_day(self):
        contract = self._create_active(date_start="2026-01-31", date_end="2026-01-31")

        self.assertRegister(contract, ("2026-01-31", "2026-01-31", "2026-01-31", 3.57))

    def test_30_360_counts_months_of_30_days(self):
        contract = self._create_active(
            date_start="2026-01-01", date_end="2026-02-10", proration="30_360",
        )

        self.assertEqual(self._get_amounts(contract), [100.0, 33.33])

    def test_without_proration_a_started_period_is_owed_whole(self):
        contract = self._create_active(
            date_start="2026-01-01", date_end="2026-02-10", proration="none",
        )

        self.assertEqual(self._get_amounts(contract), [100.0, 100.0])

    def test_fixed_billing_day_makes_a_first_and_a_last_part(self):
        contract = self._create_active(
            date_start="2026-01-10", date_end="2026-03-31", billing_alignment="day",
            billing_day=15,
        )

        self.assertRegister(
            contract,
            ("2026-01-10", "2026-01-14", "2026-01-10", 16.13),
            ("2026-01-15", "2026-02-14", "2026-01-15", 100.0),
            ("2026-02-15", "2026-03-14", "2026-02-15", 100.0),
            ("2026-03-15", "2026-03-31", "2026-03-15", 54.84),
        )

    def test_calendar_quarters_make_a_first_and_a_last_part(self):
        contract = self._create_active(
            date_start="2026-02-15", date_end="2026-07-31", billing_alignment="calendar",
            lines=[{"recurrence_unit": "quarter", "price_unit": 300.0}],
        )

        self.assertRegister(
            contract,
            ("2026-02-15", "2026-03-31", "2026-02-15", 150.0),
            ("2026-04-01", "2026-06-30", "2026-04-01", 300.0),
            ("2026-07-01", "2026-07-31", "2026-07-01", 101.09),
        )

    def test_line_has_its_own_days_inside_the_contract(self):
        contract = self._create_active(date_end="2026-04-30", lines=[
            {"date_start": "2026-02-01", "date_end": "2026-03-10"},
        ])

        self.assertRegister(
            contract,
            ("2026-02-01", "2026-02-28", "2026-02-01", 100.0),
            ("2026-03-01", "2026-03-10", "2026-03-01", 32.26),
        )

    def test_line_never_leaves_its_contract(self):
        contract = self._create_active(date_end="2026-01-31")
        lines = self.env["aftersales.contract"]._as_agreed(contract.line_ids)

        lines.write({"date_start": "2025-06-01", "date_end": "2027-06-30"})
        contract._schedule_obligations()

        self.assertFalse(contract.date_warning)
        self.assertRegister(contract, ("2026-01-01", "2026-01-31", "2026-01-01", 100.0))

    def test_line_added_in_mid_period_is_anchored_to_its_own_start(self):
        contract = self._create_active(date_end="2026-03-31", lines=[
            {"name": "Lift 1"}, {"name": "Lift 2", "date_start": "2026-01-15"},
        ])

        late = contract.line_ids[1].obligation_ids.sorted("period_start")

        self.assertEqual(
            [(str(o.period_start), str(o.period_end), o.amount) for o in late],
            [("2026-01-15", "2026-02-14", 100.0), ("2026-02-15", "2026-03-14", 100.0),
             ("2026-03-15", "2026-03-31", 54.84)],
        )

    # -------------------------------------------------------------------------
    # Horizon
    # -------------------------------------------------------------------------

    def test_open_contract_is_scheduled_to_the_horizon(self):
        self.company.aftersales_horizon_months = 2
        contract = self._create_active(date_start="2026-01-01", date_end=False)

        self.assertEqual(self._get_periods(contract), [
            ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"),
            ("2026-03-01", "2026-03-31"),
        ])

    def test_the_register_follows_the_passing_days(self):
        self.company.aftersales_horizon_months = 1
        contract = self._create_active(date_start="2026-01-01", date_end=False)
        self.assertEqual(len(contract.obligation_ids), 2)

        with freeze_time("2026-03-01 09:00"):
            self._run_cron("_cron_daily")

        self.assertEqual(self._get_periods(contract), [
            ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"),
            ("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30"),
        ])

    def test_future_start_within_the_horizon_is_scheduled(self):
        contract = self._create_active(date_start="2026-12-01", date_end="2027-11-30")

        self.assertEqual(self._get_periods(contract),
                         [("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-31"),
                          ("2027-02-01", "2027-02-28")])
        self.assertEqual(set(contract.obligation_ids.mapped("state")), {"planned"})

    def test_future_start_beyond_the_horizon_waits(self):
        contract = self._create_active(date_start="2028-01-01", date_end="2028-12-31")

        self.assertFalse(contract.obligation_ids)

    def test_past_start_is_caught_up_period_by_period(self):
        contract = self._create_active(date_start="2025-10-01", date_end="2026-01-31")

        self.assertEqual(self._get_periods(contract), [
            ("2025-10-01", "2025-10-31"), ("2025-11-01", "2025-11-30"),
            ("2025-12-01", "2025-12-31"), ("2026-01-01", "2026-01-31"),
        ])
        self.assertEqual(set(contract.obligation_ids.mapped("state")), {"due"})

    def test_a_long_catch_up_does_not_write_without_end(self):
        contract = self._create_active(date_start="2010-01-01", date_end=False, lines=[
            {"recurrence_unit": "day"},
        ])

        self.assertEqual(len(contract.obligation_ids), 1000)

    def test_catch_up_goes_on_in_the_next_run(self):
        contract = self._create_active(date_start="2022-01-01", date_end="2025-12-31", lines=[
            {"recurrence_unit": "day", "price_unit": 1.0},
        ])
        self.assertEqual(len(contract.obligation_ids), 1000)

        self._run_cron("_cron_daily")

        self.assertEqual(len(contract.obligation_ids), 4 * 365 + 1)

    # -------------------------------------------------------------------------
    # Safe to repeat
    # -------------------------------------------------------------------------

    def test_scheduling_again_adds_nothing(self):
        contract = self._create_active()
        before = contract.obligation_ids

        created = contract._schedule_obligations()

        self.assertFalse(created)
        self.assertEqual(contract.obligation_ids, before)

    def test_the_clock_set_back_adds_nothing(self):
        contract = self._create_active(date_end=False)
        before = contract.obligation_ids

        with freeze_time("2025-06-01 09:00"):
            created = contract._schedule_obligations()

        self.assertFalse(created)
        self.assertEqual(contract.obligation_ids, before)

    def test_suspension_and_return_do_not_repeat_periods(self):
        contract = self._create_active()

        contract._transition_to("suspended")
        contract._transition_to("active")

        self.assertEqual(len(contract.obligation_ids), 12)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_period_twice(self):
        contract = self._create_active()
        obligation = contract.obligation_ids[0]

        with self.assertRaises(IntegrityError) as caught:
            obligation.sudo().copy()

        self.assertIn("aftersales_obligation_period_uniq", str(caught.exception))
        self.assertEqual(len(contract.obligation_ids), 12)

    def test_longer_contract_is_continued_after_its_last_period(self):
        """The cut last period stays as agreed; its rest is a period of its own."""
        contract = self._create_active(date_start="2026-01-01", date_end="2026-02-10")

        # Stands for what a change signed by both parties does.
        with patch.object(type(contract), "_check_content_open", lambda contracts: None):
            contract.date_end = "2026-03-31"
        contract._schedule_obligations()

        self.assertRegister(
            contract,
            ("2026-01-01", "2026-01-31", "2026-01-01", 100.0),
            ("2026-02-01", "2026-02-10", "2026-02-01", 35.71),
            ("2026-02-11", "2026-02-28", "2026-02-11", 64.29),
            ("2026-03-01", "2026-03-31", "2026-03-01", 100.0),
        )

    # -------------------------------------------------------------------------
    # States
    # -------------------------------------------------------------------------

    def test_states_follow_the_day(self):
        contract = self._create_active(date_end="2026-03-31")
        self.assertEqual(contract.obligation_ids.mapped("state"), ["due", "planned", "planned"])

        with freeze_time("2026-02-01 09:00"):
            self._run_cron("_cron_daily")

        self.assertEqual(contract.obligation_ids.mapped("state"), ["due", "due", "planned"])

    def test_display_name_tells_contract_service_and_period(self):
        contract = self._create_active(date_end="2026-01-31", lines=[{"name": "Lift 1\nHall"}])

        self.assertEqual(
            contract.obligation_ids.display_name,
            f"{contract.name} · Lift 1 · 01/01/2026 – 01/31/2026",
        )

    # -------------------------------------------------------------------------
    # Cost
    # -------------------------------------------------------------------------

    def test_cost_of_scheduling_does_not_grow_with_the_contracts(self):
        def count_queries(number):
            contracts = self.env["aftersales.contract"].concat(*(
                self._create_contract(lines=[{}, {"recurrence_unit": "quarter"}])
                for _index in range(number)
            ))
            contracts._transition_to("review")
            contracts._transition_to("to_sign")
            self._note_signatures(contracts)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            contracts._transition_to("active")
            self.env.flush_all()
            self.assertEqual(len(contracts.obligation_ids), number * 16)
            return self.env.cr.sql_log_count - before

        count_queries(1)  # warms the caches
        few, many = count_queries(2), count_queries(20)

        self.assertLessEqual(many, few + 8)
