"""The clocks of a request, derived from what happened to it."""

from datetime import datetime

from odoo.tests import freeze_time

from .request_common import RequestCommon


class TestRequestClock(RequestCommon):

    def test_a_new_request_has_its_number_and_its_promised_times(self):
        request = self._create_request()

        self.assertRegex(request.name, r"^SR/2026/\d{4}$")
        self.assertEqual((request.state, request.priority), ("new", "3"))
        self.assertEqual(request.sla_id, self.sla)
        self.assertEqual(
            request.target_ids.mapped(lambda target: (target.kind, target.status, target.due)), [
                ("acknowledge", "running", datetime(2026, 1, 15, 9, 30)),
                ("response", "running", datetime(2026, 1, 15, 13, 0)),
                ("on_site", "running", datetime(2026, 1, 16, 9, 0)),
                ("resolution", "running", datetime(2026, 1, 20, 9, 0)),
                ("update", "running", datetime(2026, 1, 16, 9, 0)),
            ])
        self.assertEqual(
            (request.next_target, request.next_due),
            ("acknowledge", datetime(2026, 1, 15, 9, 30)),
        )

    def test_pause_over_the_weekend_then_another_priority(self):
        request = self._create_request()
        with freeze_time("2026-01-15 12:00"):
            request._log("arrived")
        with freeze_time("2026-01-16 11:00"):
            request._log("updated")
        with freeze_time("2026-01-16 12:00"):
            request._log("paused", reason="customer")
        self.assertEqual(
            (request.paused_since, request.next_due), (datetime(2026, 1, 16, 12, 0), False))
        resolution = self._get_target(request, "resolution")
        # 7 h on Thursday, 4 h on Friday.
        self.assertEqual(
            (resolution.status, resolution.due, resolution.left_seconds),
            ("paused", False, 13 * 3600))
        with freeze_time("2026-01-19 10:00"):
            request._log("resumed")
        self.assertEqual(resolution.due, datetime(2026, 1, 20, 15, 0))

        with freeze_time("2026-01-19 11:00"):
            request.priority = "1"

        # 4 h at P1 from the beginning were over on Thursday at 13:00.
        self.assertEqual(
            (resolution.status, resolution.due), ("overdue", datetime(2026, 1, 15, 13, 0)))
        self.assertTrue(request.is_breached)
        with freeze_time("2026-01-19 12:00"):
            request._log("resolved")
        # 11 h before the weekend, 2 h after it; 4 h were promised.
        self.assertEqual((resolution.status, resolution.late_minutes), ("late", 9 * 60))
        response = self._get_target(request, "response")
        self.assertEqual((response.status, response.late_minutes), ("late", 2 * 60))

    def test_reopening_goes_on_where_the_clock_stopped(self):
        request = self._create_request()
        with freeze_time("2026-01-15 15:00"):
            request._log("resolved")
        resolution = self._get_target(request, "resolution")
        self.assertEqual((resolution.status, resolution.worked_seconds), ("met", 6 * 3600))
        self.assertEqual(self._get_target(request, "on_site").status, "dropped")

        with freeze_time("2026-01-19 08:00"):
            request._log("reopened")

        # 18 h are left from Monday morning on.
        self.assertEqual(
            (resolution.status, resolution.due), ("running", datetime(2026, 1, 21, 10, 0)))
        self.assertFalse(request.resolved_on)

    def test_the_level_of_the_contract_line_goes_first(self):
        always = self._create_hours("Around the clock", 0, 24, days=7)
        platinum = self._create_sla("Platinum", always, factor=0.5)
        contract = self._create_contract(lines=[{"scope_type": "all", "sla_id": platinum.id}])
        self._activate(contract)

        request = self._create_request()

        self.assertEqual(request.contract_line_id, contract.line_ids)
        self.assertEqual(request.contract_id, contract)
        self.assertEqual(request.sla_id, platinum)
        self.assertEqual(
            self._get_target(request, "resolution").due, datetime(2026, 1, 15, 21, 0))
        self.assertFalse(self._create_request(
            partner_id=self.other_portal_user.partner_id.id).contract_line_id)

    def test_another_calendar_midway(self):
        request = self._create_request()
        always = self._create_hours("Around the clock", 0, 24, days=7)
        platinum = self._create_sla("Platinum", always)
        with freeze_time("2026-01-15 18:00"):
            self.customer.aftersales_sla_id = platinum
            request._apply_levels("level")

        # 7 h of the office hours, then 17 h around the clock.
        self.assertEqual(
            self._get_target(request, "resolution").due, datetime(2026, 1, 16, 11, 0))
        self.assertEqual(
            request.event_ids.filtered("sla_id").mapped("kind"), ["received", "level"])

    def test_stored_clocks_equal_those_derived_anew(self):
        request = self._create_request()
        with freeze_time("2026-01-16 12:00"):
            request._log("paused", reason="parts")
            before = request.target_ids.read()
            self.env["aftersales.request.clock"]._refresh(request)
            self.assertEqual(request.target_ids.read(), before)
