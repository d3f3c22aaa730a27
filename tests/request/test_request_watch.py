"""The watch: warnings at shares of promised times, breaches, and whatever moves the clocks."""

from datetime import datetime

from odoo.fields import Command
from odoo.tests import freeze_time

from .request_common import RequestCommon


class TestRequestWatch(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["maintenance.team"].create({
            "name": "Desk", "company_id": cls.company.id, "is_aftersales": True,
            "aftersales_escalation_user_id": cls.manager.id,
        })
        cls.request = cls._create_request(team_id=cls.team.id, user_id=cls.agent.id)
        cls.messages = cls.env["mail.message"].search([])

    def _watch(self, moment=None):
        """Run the watch; return the subjects of the messages it has sent, with their readers."""
        known = self.env["mail.message"].search([])
        with freeze_time(moment or "2026-01-15 09:00"):
            self._run_cron("_cron_watch", "aftersales.request.watch")
        return (self.env["mail.message"].search([], order="id") - known).mapped(
            lambda message: (message.subject, message.partner_ids.ids))

    def _get_events(self, kind, request=None):
        return (request or self.request).event_ids.filtered(
            lambda event: event.kind == kind
        ).mapped(lambda event: (event.target, event.minutes))

    def test_nobody_is_warned_before_the_first_share(self):
        # Half of the 30 minutes to acknowledge.
        self.assertEqual(self.request.watch_on, datetime(2026, 1, 15, 9, 15))

        self.assertEqual(self._watch("2026-01-15 09:14:59"), [])

        self.assertFalse(self._get_events("warned"))

    def test_owner_and_escalation_user_are_warned_once_at_each_share(self):
        number = self.request.display_name
        subject = f"{number}: 50 % of the time for “Acknowledge” is used up"

        self.assertCountEqual(self._watch("2026-01-15 09:15"), [
            (subject, self.agent.partner_id.ids), (subject, self.manager.partner_id.ids),
        ])

        self.assertEqual(self._get_events("warned"), [("acknowledge", 50)])
        self.assertEqual(self.request.watch_on, datetime(2026, 1, 15, 9, 24))
        self.assertEqual(self._watch("2026-01-15 09:20"), [])
        self.assertEqual(len(self._watch("2026-01-15 09:24")), 2)
        self.assertEqual(len(self._watch("2026-01-15 09:30")), 2)
        self.assertEqual(
            self._get_events("warned"),
            [("acknowledge", 50), ("acknowledge", 80), ("acknowledge", 100)])
        self.assertFalse(self.request.is_breached)
        self.assertEqual(self._watch("2026-01-15 09:30:01"), [])
        self.assertTrue(self.request.is_breached)

    def test_a_missed_time_is_noted_once_with_its_minutes(self):
        self._watch("2026-01-15 09:37")
        self._watch("2026-01-15 09:50")

        breach = self.request.event_ids.filtered(lambda event: event.kind == "breached")
        self.assertEqual(
            (breach.target, breach.minutes, breach.date, breach.user_id.id),
            ("acknowledge", 7, datetime(2026, 1, 15, 9, 30), False))
        self.assertEqual(self._get_target(self.request, "acknowledge").status, "overdue")
        with freeze_time("2026-01-15 10:00"):
            self.request._log("acknowledged")
        target = self._get_target(self.request, "acknowledge")
        self.assertEqual((target.status, target.late_minutes), ("late", 30))
        self.assertEqual(len(self._get_events("breached")), 1)

    def test_who_answers_late_is_noted_without_the_watch(self):
        with freeze_time("2026-01-15 14:05"):
            self.request._log("responded")

        self.assertEqual(
            self._get_events("breached"), [("acknowledge", 275), ("response", 65)])

    def test_one_message_tells_of_many_requests(self):
        self._create_request(team_id=self.team.id, user_id=self.agent.id, subject="The lift hangs")

        sent = self._watch("2026-01-15 09:15")

        self.assertEqual([subject for subject, _users in sent], [
            "2 promised times are nearly over"] * 2)

    def test_team_is_warned_where_there_is_no_owner(self):
        self.team.write({
            "aftersales_escalation_user_id": False,
            "member_ids": [Command.set(self.technician.ids)],
        })
        # Who takes the owner away has seen the request: it counts as acknowledged.
        self.request.user_id = False

        sent = self._watch("2026-01-15 11:00")

        self.assertEqual([users for _subject, users in sent], [self.technician.partner_id.ids])

    def test_nobody_is_warned_while_the_clock_rests(self):
        with freeze_time("2026-01-15 09:05"):
            self.request._log("paused", reason="customer")

        self.assertFalse(self.request.watch_on)
        self.assertEqual(self._watch("2026-01-15 15:00"), [])

    def test_another_priority_is_another_promise(self):
        with freeze_time("2026-01-15 09:01"):
            self.request._log("arrived")
        self._watch("2026-01-20 08:00")
        self.assertEqual(self._get_events("warned"), [
            ("resolution", 50), ("resolution", 80),
            ("update", 50), ("update", 80), ("update", 100),
        ])

        with freeze_time("2026-01-20 08:00"):
            self.request.priority = "4"
        self._watch("2026-01-20 08:00")

        # 23 h of 40 h.
        self.assertEqual(self._get_events("warned")[5:], [("resolution", 50)])

    def test_news_are_promised_and_missed_again_and_again(self):
        with freeze_time("2026-01-15 09:00"):
            self.request._log("arrived")
        with freeze_time("2026-01-16 09:30"):
            self.request._log("updated")
        self._watch("2026-01-19 09:45")
        with freeze_time("2026-01-19 10:00"):
            self.request._log("updated")
        update = self._get_target(self.request, "update")

        # 8 h from 9:00 are over the next day at 9:00; from 9:30 at 9:30.
        self.assertEqual(self._get_events("breached"), [("update", 30), ("update", 15)])
        self.assertEqual(
            (update.status, update.miss_count, update.late_minutes, update.due),
            ("running", 2, 60, datetime(2026, 1, 20, 10, 0)))
        self.assertTrue(self.request.is_breached)
        with freeze_time("2026-01-19 11:00"):
            self.request._log("resolved")
        self.assertEqual(update.status, "late")

    def test_news_in_time_are_met_when_it_is_resolved(self):
        with freeze_time("2026-01-15 10:00"):
            self.request._log("responded")
        with freeze_time("2026-01-16 10:00"):
            self.request._log("resolved")

        self.assertEqual(self._get_target(self.request, "update").status, "met")

    # -------------------------------------------------------------------------
    # Whatever moves the clocks
    # -------------------------------------------------------------------------

    def test_another_calendar_of_the_level_midway(self):
        with freeze_time("2026-01-15 12:00"):
            self.hours.attendance_ids.write({"hour_to": 12})
            self._watch("2026-01-15 12:00")

        # 3 h on Thursday, then 4 h a day: 24 h end on the 6th day after that, at 9:00.
        self.assertEqual(
            self._get_target(self.request, "resolution").due, datetime(2026, 1, 23, 9, 0))

    def test_a_holiday_moves_the_clocks_of_the_company(self):
        other = self.env["res.company"].create({"name": "Second Service"})
        resolution = self._get_target(self.request, "resolution")
        holiday = self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "company_id": self.company.id, "calendar_id": False,
            "date_from": "2026-01-16 00:00:00", "date_to": "2026-01-16 23:59:59",
        })
        self._watch()
        self.assertEqual(resolution.due, datetime(2026, 1, 21, 9, 0))

        holiday.company_id = other
        self._watch()

        self.assertEqual(resolution.due, datetime(2026, 1, 20, 9, 0))

    def test_somebody_on_leave_moves_no_clock(self):
        self.request.watch_on = False

        self.env["resource.calendar.leaves"].create({
            "name": "Skiing", "company_id": self.company.id, "calendar_id": self.hours.id,
            "resource_id": self.env["resource.resource"].create({"name": "Nora"}).id,
            "date_from": "2026-01-16 00:00:00", "date_to": "2026-01-16 23:59:59",
        })

        self.assertFalse(self.request.watch_on)

    def test_daylight_saving_of_the_site(self):
        self.hours.tz = "Europe/Berlin"
        with freeze_time("2026-03-27 14:00"):
            request = self._create_request()

        # Friday 15:00 in Berlin; summer time begins on Sunday; Monday 9:30 is 7:30 UTC.
        self.assertEqual(
            self._get_target(request, "on_site").due, datetime(2026, 3, 30, 13, 0))

    def test_requests_follow_the_contract(self):
        platinum = self._create_sla("Platinum", self.hours, factor=0.5)
        contract = self._create_contract(lines=[{"scope_type": "all", "sla_id": platinum.id}])
        self.assertEqual(self.request.sla_id, self.sla)

        self._activate(contract)
        self._watch()

        self.assertEqual(self.request.sla_id, platinum)
        self.assertEqual(self.request.contract_id, contract)
        self.assertEqual(
            self._get_target(self.request, "response").due, datetime(2026, 1, 15, 11, 0))

    def test_requests_follow_customer_and_company(self):
        platinum = self._create_sla("Platinum", self.hours, factor=0.5)
        self.company.aftersales_sla_id = platinum
        self._watch()
        self.assertEqual(self.request.sla_id, platinum)

        self.customer.aftersales_sla_id = self.sla
        self._watch()

        self.assertEqual(self.request.sla_id, self.sla)
        self.assertEqual(self.request.event_ids.filtered("sla_id").mapped("kind"),
            ["received", "level", "level"])

    def test_what_is_promised_later_counts_from_the_beginning(self):
        self.company.aftersales_sla_id = False
        request = self._create_request()
        self.assertEqual((request.sla_id.id, request.target_ids.ids), (False, []))

        self.company.aftersales_sla_id = self.sla
        self._watch("2026-01-15 11:00")

        self.assertEqual(
            self._get_target(request, "response").due, datetime(2026, 1, 15, 13, 0))

    def test_service_hours_without_hours_are_said_and_mended(self):
        self.sla.escalation_user_id = self.manager
        self.hours.attendance_ids.unlink()

        request = self._create_request()

        self.assertRegex(request.sla_problem, "“Office hours” have no working hours")
        self.assertFalse(request.next_due)
        activity = request.sudo().activity_ids
        self.assertEqual(
            (activity.activity_type_id.name, activity.user_id), ("Clock problem", self.manager))
        self.env["aftersales.request.clock"]._refresh(request)
        self.assertEqual(request.sudo().activity_ids, activity)

        self.env["resource.calendar.attendance"].create([{
            "name": str(day), "calendar_id": self.hours.id, "dayofweek": str(day),
            "hour_from": 8, "hour_to": 16, "day_period": "morning",
        } for day in range(5)])
        self._watch()

        self.assertFalse(request.sla_problem)
        self.assertFalse(request.sudo().activity_ids)
        self.assertEqual(request.next_due, datetime(2026, 1, 15, 9, 30))

    def test_a_target_of_zero_is_no_promise(self):
        self.sla.target_ids.write({"acknowledge_hours": 0})
        self._watch()

        request = self._create_request()

        self.assertFalse(self._get_target(request, "acknowledge"))
        self.assertEqual(self._get_target(self.request, "acknowledge").status, "dropped")
        self.assertEqual(request.next_target, "response")

    def test_first_answer_outside_the_hours_is_in_time_until_they_are_over(self):
        with freeze_time("2026-01-15 15:30"):
            request = self._create_request(impact="1", urgency="1")
        with freeze_time("2026-01-16 08:30"):
            request._log("responded")
        response = self._get_target(request, "response")
        self.assertEqual((response.status, response.due, response.worked_seconds), (
            "met", datetime(2026, 1, 16, 8, 30), 3600))

    def test_what_ends_with_the_day_is_missed_overnight(self):
        with freeze_time("2026-01-15 15:00"):
            request = self._create_request(impact="1", urgency="1")
        with freeze_time("2026-01-15 22:00"):
            request._log("responded")

        response = self._get_target(request, "response")
        self.assertEqual((response.status, response.late_minutes), ("late", 0))

    def test_the_timeline_explains_what_counted(self):
        with freeze_time("2026-01-16 12:00"):
            self.request._log("paused", reason="parts")
        with freeze_time("2026-01-19 10:00"):
            request = self.request.with_user(self.agent).with_context(lang="en_US", tz="UTC")
            timeline = request._get_timelines()[request]
            label = request.clock_label
            elsewhere = request.with_context(tz="Asia/Shanghai").clock_label
            html = str(request.timeline_html)

        self.assertEqual(
            [(row["text"], row["worked"], row["used"]) for row in timeline["segments"]],
            [("The clock runs", "11:00", "11:00"), ("Stopped: For parts", "00:00", "11:00")])
        self.assertEqual(label.replace("\N{NARROW NO-BREAK SPACE}", " "),
                         "Paused since 1/16/26, 12:00 PM, 13:00 h left")
        self.assertEqual(elsewhere.replace("\N{NARROW NO-BREAK SPACE}", " "),
                         "Paused since 1/16/26, 12:00 PM (UTC), 13:00 h left")
        for text in ("Promised times", "What counted", "Clock stopped", "For parts"):
            self.assertIn(text, html)

    def test_the_timeline_says_how_late_it_is_now(self):
        """The watch may have looked minutes ago; what is read is as of this moment."""
        with freeze_time("2026-01-15 13:00:01"):
            self._run_cron("_cron_watch", "aftersales.request.watch")
        with freeze_time("2026-01-15 14:30"):
            timeline = self.request.with_user(self.agent)._get_timelines()[self.request]

        stored = self._get_target(self.request, "response")
        self.assertEqual((stored.status, stored.late_minutes), ("overdue", 1))
        response = next(
            target for target in timeline["targets"] if target["kind"] == "First answer")
        self.assertEqual(
            (response["status"], response["late"], response["used"]),
            ("Overdue", "01:30", "05:30"))

    def test_the_timeline_says_why_nothing_is_promised(self):
        self.sla.target_ids.filtered(lambda target: target.priority == "4").unlink()
        low = self._create_request(impact="3", urgency="3")
        self.company.aftersales_sla_id = False
        none = self._create_request()

        self.assertIn(
            "The service level “Gold” promises no times for “P4 Low”.",
            low.with_user(self.agent)._get_timelines()[low]["nothing"])
        self.assertIn("No times are promised: neither", str(none.timeline_html))

    def test_the_evidence_explains_the_service_hours(self):
        self.env["resource.calendar.leaves"].create([{
            "name": name, "calendar_id": self.hours.id,
            "date_from": f"2026-01-{day} 00:00:00", "date_to": f"2026-01-{day} 23:59:59",
        } for name, day in (("Founders' day", 16), ("Later", 23))])
        with freeze_time("2026-01-19 10:00"):
            hours = self.request.with_user(self.agent)._get_service_hours()
            html = self.env["ir.actions.report"].with_user(self.agent)._render_qweb_html(
                "aftersales.report_request_evidence", self.request.ids)[0].decode()

        self.assertEqual([hour["name"] for hour in hours], ["Office hours"])
        self.assertEqual(
            hours[0]["times"], ["Monday, Tuesday, Wednesday, Thursday, Friday: 08:00–16:00"])
        self.assertEqual(len(hours[0]["holidays"]), 1)
        for text in ("How it is counted", "Founders", "08:00–16:00"):
            self.assertIn(text, html)

    def test_a_break_is_no_service_hour_of_the_evidence(self):
        self.hours.attendance_ids.filtered(lambda hours: hours.dayofweek == "4").unlink()
        self.hours.attendance_ids = [Command.create({
            "name": name, "dayofweek": "4", "day_period": period, "hour_from": start,
            "hour_to": end,
        }) for name, period, start, end in (
            ("Morning", "morning", 8, 12), ("Break", "lunch", 12, 13),
            ("Afternoon", "afternoon", 13, 17),
        )]

        self.assertEqual(self.request._get_calendar_times(self.hours), [
            "Monday, Tuesday, Wednesday, Thursday: 08:00–16:00",
            "Friday: 08:00–12:00, 13:00–17:00",
        ])

    def test_warnings_reach_somebody_when_owner_and_escalation_user_have_left(self):
        self.request.user_id = self.officer
        self.officer.active = False
        self.manager.active = False
        self.team.member_ids = self.second = self._create_user(
            "second", "Sam Second", "aftersales.group_agent")

        subjects = self._watch("2026-01-15 09:15")

        self.assertEqual(
            [readers for _subject, readers in subjects], [self.second.partner_id.ids])

    def test_the_share_that_is_met_counts_what_fell_due(self):
        targets = self.env["aftersales.request.target"].with_user(self.manager)
        with freeze_time("2026-01-15 09:10"):
            self.request._log("acknowledged")
        with freeze_time("2026-01-15 13:30"):
            self.request._log("responded")

        # Two of five have fallen due; one of them was met.
        self.assertEqual(
            targets._read_group(
                [("request_id", "=", self.request.id)], ["sla_id"],
                ["compliance:avg", "__count", "late_minutes:sum"]),
            [(self.sla, 50.0, 5, 30)])

    def test_the_evidence_is_printed_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.request.partner_id.sudo().lang = "zh_CN"
        html, _kind = self.env["ir.actions.report"].with_user(self.agent)._render_qweb_html(
            "aftersales.report_request_evidence", self.request.ids)

        self.assertIn(self.request.name, html.decode())
        self.assertIn('data-oe-lang="zh_CN"', html.decode())

    def test_as_many_queries_for_many_as_for_few(self):
        few = self.request
        many = self.env["aftersales.request"].concat(*(
            self._create_request(team_id=self.team.id, user_id=self.agent.id)
            for _index in range(12)
        ))
        counts = []
        for requests in (few, many):
            with freeze_time("2026-01-15 09:15"):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.env["aftersales.request.watch"]._watch(requests.with_user(self.env.uid))
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
