from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, users

from ..common import AftersalesCommon


@freeze_time("2026-01-15 09:00")
class TestMeterReading(AftersalesCommon):
    """A meter goes up in the order of time, whatever the order of entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lift = cls.env["maintenance.equipment"].create({
            "name": "Lift 1", "customer_id": cls.customer.id,
        })
        cls.meter = cls.env["aftersales.meter"].create({
            "equipment_id": cls.lift.id, "name": "Trips",
            "uom_id": cls.env.ref("uom.product_uom_unit").id,
        })

    def _read(self, *readings, **vals):
        """Enter (day, value) in this order, at once."""
        return self.env["aftersales.meter.reading"].with_user(self.technician).create([
            {"meter_id": self.meter.id, "date": f"{day} 08:00:00", "value": value, **vals}
            for day, value in readings
        ])

    def _get_totals(self):
        return self.meter.reading_ids.sorted("date").mapped("total")

    def test_use_is_the_sum_of_differences(self):
        self._read(("2025-01-10", 100.0), ("2025-02-10", 160.0), ("2025-03-10", 160.0))

        readings = self.meter.reading_ids.sorted("date")
        self.assertEqual(readings.mapped("usage"), [0.0, 60.0, 0.0])
        self.assertEqual(readings.mapped("total"), [100.0, 160.0, 160.0])
        self.assertRecordValues(self.meter, [{"value": 160.0, "total": 160.0}])

    def test_an_import_may_come_in_any_order(self):
        self._read(("2025-03-10", 300.0), ("2025-01-10", 100.0), ("2025-02-10", 200.0))

        self.assertEqual(self._get_totals(), [100.0, 200.0, 300.0])
        self.assertEqual(self.meter.value, 300.0)

    def test_a_reading_between_two_others_must_fit(self):
        self._read(("2025-01-10", 100.0), ("2025-03-10", 300.0))

        with self.assertRefused(
            "Meter Trips of Lift 1", "300 Units", "less than the reading 350 Units", "Reset",
            error=ValidationError,
        ), self.env.cr.savepoint():
            self._read(("2025-02-10", 350.0))
        self._read(("2025-02-10", 120.0))

        self.assertEqual(self._get_totals(), [100.0, 120.0, 300.0])
        self.assertEqual(self.meter.reading_ids.sorted("date").mapped("usage"), [0.0, 20.0, 180.0])

    def test_a_meter_going_backwards_is_refused(self):
        self._read(("2025-01-10", 100.0))

        with self.assertRefused("90 Units", "100 Units", error=ValidationError), \
                self.env.cr.savepoint():
            self._read(("2025-02-10", 90.0))

        self.assertEqual(self._get_totals(), [100.0])

    def test_a_reset_goes_on_counting(self):
        self._read(("2025-01-10", 900.0))
        self._read(("2025-02-10", 25.0), is_reset=True, reset_value=5.0)
        self._read(("2025-03-10", 40.0))

        self.assertEqual(self._get_totals(), [900.0, 920.0, 935.0])
        self.assertRecordValues(self.meter, [{"value": 40.0, "total": 935.0}])

    def test_a_counter_rolls_over(self):
        self.meter.rollover = 1000.0
        self._read(("2025-01-10", 990.0), ("2025-02-10", 30.0))

        self.assertEqual(self._get_totals(), [990.0, 1030.0])

    def test_a_small_drop_is_no_rollover(self):
        self.meter.rollover = 1000.0
        self._read(("2025-01-10", 990.0))

        with self.assertRefused("980 Units", "990 Units", error=ValidationError), \
                self.env.cr.savepoint():
            self._read(("2025-02-10", 980.0))
        with self.assertRefused("1,200 Units", "rolls over at 1,000", error=ValidationError), \
                self.env.cr.savepoint():
            self._read(("2025-02-10", 1200.0))

        self.assertEqual(self._get_totals(), [990.0])

    def test_a_negative_reading_is_refused(self):
        with self.assertRefused("is negative", error=ValidationError), self.env.cr.savepoint():
            self._read(("2025-02-10", -1.0))

        self.assertFalse(self.meter.reading_ids)

    def test_totals_follow_corrections_and_deletions(self):
        first, second, third = self._read(
            ("2025-01-10", 100.0), ("2025-02-10", 200.0), ("2025-03-10", 300.0))

        second.value = 150.0
        self.assertEqual(third.usage, 150.0)
        first.date = "2025-01-20 08:00:00"
        self.assertEqual(self._get_totals(), [100.0, 150.0, 300.0])
        third.with_user(self.manager).unlink()

        self.assertEqual(self._get_totals(), [100.0, 150.0])
        self.assertRecordValues(self.meter, [{"value": 150.0, "total": 150.0}])
        (first + second).with_user(self.manager).unlink()
        self.assertRecordValues(self.meter, [{"date_read": False, "value": 0.0, "total": 0.0}])

    def test_queries_do_not_grow_with_the_readings(self):
        meters = self.meter + self.meter.copy() + self.meter.copy()
        vals = [
            {"meter_id": meter.id, "date": f"2025-{month:02}-01", "value": 10.0 * month}
            for meter in meters for month in range(1, 13)
        ]
        Reading = self.env["aftersales.meter.reading"]

        def count(rows):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Reading.create(rows)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count([{"meter_id": meter.id, "date": "2024-01-01", "value": 1.0} for meter in meters])
        few, many = count(vals[:2]), count(vals[2:])

        self.assertLessEqual(many, few + 4)
        self.assertEqual(meters.mapped("total"), [120.0] * 3)

    @users("test_agent")
    def test_the_only_meter_is_proposed(self):
        Reading = self.env["aftersales.meter.reading"].with_context(
            aftersales_reading_of=self.lift.id)

        self.assertEqual(Reading.new().meter_id._origin or Reading.new().meter_id, self.meter)
