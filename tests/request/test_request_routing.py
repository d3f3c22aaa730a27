"""To whom requests go, what repeats what, and what becomes of them."""

from markupsafe import Markup

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, users

from .request_common import RequestCommon


class TestRequestRouting(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_user("second", "Tina Technician", "aftersales.group_technician")
        cls.team = cls.env["maintenance.team"].create({
            "name": "Pumps", "is_aftersales": True, "aftersales_assign_mode": "least_load",
            "member_ids": [Command.set((cls.technician + cls.second).ids)],
        })
        cls.category = cls.env["aftersales.request.category"].create({
            "name": "Pumps", "team_id": cls.team.id, "kind": "fault", "default_impact": "1",
            "default_urgency": "1", "keywords": "zorkpump, 佐克泵",
        })
        cls.child = cls.env["aftersales.request.category"].create({
            "name": "Seals", "parent_id": cls.category.id, "default_urgency": "2",
            "keywords": "zorkpump seal leaks",
        })

    def test_words_choose_category_team_and_priority(self):
        for subject, category, priority in (
            ("Our ZorkPump is silent", self.category, "1"),
            ("三号佐克泵不转", self.category, "1"),
            ("The zorkpump seal leaks", self.child, "2"),
        ):
            request = self._create_request(subject=subject)
            self.assertEqual(
                (request.category_id, request.team_id, request.priority),
                (category, self.team, priority), subject)
        self.assertNotEqual(
            self._create_request(subject="Zorkpumpernickel").category_id, self.category)

    def test_what_is_said_goes_before_what_is_suggested(self):
        request = self._create_request(subject="zorkpump", impact="3", urgency="3", team_id=False)

        self.assertEqual((request.priority, request.team_id.id), ("4", False))

    def test_the_least_loaded_gets_it(self):
        first, second, third = (self._create_request(subject="zorkpump") for _n in range(3))

        self.assertEqual(first.user_id | second.user_id, self.technician | self.second)
        self.assertEqual(third.user_id, first.user_id)
        self.assertEqual(first.state, "assigned")
        self.assertEqual(
            third.event_ids[-1].note,
            "Chosen by the team's rule: of the team, 1 open requests; others: "
            f"{second.user_id.name} 1")

    def test_an_expired_certificate_is_none(self):
        kind = self.env["hr.skill.type"].create({
            "name": "Pumps", "skill_ids": [Command.create({"name": "Seals"})],
            "skill_level_ids": [Command.create({"name": "Has it", "level_progress": 100})],
        })
        self.team.aftersales_assign_mode = "skill"
        self.category.skill_ids = kind.skill_ids
        for user, until in ((self.technician, "2026-01-14"), (self.second, "2026-01-15")):
            employee = self.env["hr.employee"].create({"name": user.name, "user_id": user.id})
            self.env["hr.employee.skill"].create({
                "employee_id": employee.id, "skill_id": kind.skill_ids.id,
                "skill_level_id": kind.skill_level_ids.id, "skill_type_id": kind.id,
                "valid_from": "2025-01-01", "valid_to": until,
            })

        for _number in range(2):
            self.assertEqual(self._create_request(subject="zorkpump").user_id, self.second)

    def test_who_is_on_duty_gets_it(self):
        self.env["aftersales.duty"].create({
            "team_id": self.team.id, "user_id": self.agent.id,
            "date_from": "2026-01-15 16:00:00", "date_to": "2026-01-16 08:00:00",
        })

        with freeze_time("2026-01-15 22:00"):
            self.assertEqual(self._create_request(subject="zorkpump").user_id, self.agent)
        with freeze_time("2026-01-16 08:00"):
            self.assertNotEqual(self._create_request(subject="zorkpump").user_id, self.agent)

    def test_who_is_on_duty_gets_it_also_where_work_is_shared_out_by_hand(self):
        self.team.aftersales_assign_mode = "manual"
        self.env["aftersales.duty"].create({
            "team_id": self.team.id, "user_id": self.agent.id,
            "date_from": "2026-01-15 16:00:00", "date_to": "2026-01-16 08:00:00",
        })

        self.assertFalse(self._create_request(subject="zorkpump").user_id)
        with freeze_time("2026-01-15 22:00"):
            request = self._create_request(subject="zorkpump")
        self.assertEqual(request.user_id, self.agent)
        self.assertEqual(
            request.event_ids[-1].note, "Chosen by the team's rule: on duty, 0 open requests")

    def test_a_duty_of_who_has_left_does_not_count(self):
        self.env["aftersales.duty"].create({
            "team_id": self.team.id, "user_id": self.officer.id,
            "date_from": "2026-01-15 08:00:00", "date_to": "2026-01-16 08:00:00",
        })
        self.officer.active = False

        self.assertIn(
            self._create_request(subject="zorkpump").user_id, self.technician | self.second)

    def _go_on_leave(self, user):
        employee = self.env["hr.employee"].create({"name": user.name, "user_id": user.id})
        self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "resource_id": employee.resource_id.id, "calendar_id": False,
            "date_from": "2026-01-15 08:00:00", "date_to": "2026-01-15 16:00:00",
        })

    def test_who_is_away_gets_nothing_and_the_log_says_so(self):
        self._go_on_leave(self.technician)

        requests = [self._create_request(subject="zorkpump") for _number in range(2)]

        for request in requests:
            self.assertEqual(request.user_id, self.second)
        self.assertEqual(
            requests[1].event_ids[-1].note,
            "Chosen by the team's rule: of the team, 1 open requests; away: Theo Technician")
        with freeze_time("2026-01-15 16:00"):
            self.assertEqual(self._create_request(subject="zorkpump").user_id, self.technician)

    def test_when_all_are_away_nobody_is_chosen(self):
        self._go_on_leave(self.technician)
        self._go_on_leave(self.second)

        self.assertFalse(self._create_request(subject="zorkpump").user_id)

    def test_requests_of_who_is_away_are_given_to_others(self):
        request = self._create_request(subject="zorkpump", user_id=self.technician.id)
        self._go_on_leave(self.technician)

        request.with_user(self.agent).action_reassign()

        self.assertEqual((request.user_id, request.handoff_count), (self.second, 1))
        self.assertEqual(
            request.event_ids[-1].note,
            "Chosen by the team's rule: of the team, 0 open requests; away: Theo Technician")

    def test_what_has_ended_is_given_to_nobody(self):
        request = self._create_request(subject="zorkpump")
        owner = request.user_id
        request._transition_to("cancelled")

        with self.assertRaisesRegex(UserError, "is “Cancelled”. Reopen it first"):
            request.action_reassign()
        self.assertEqual(request.user_id, owner)

    def test_far_away_another_team_goes(self):
        here, there = self.env.ref("base.us"), self.env.ref("base.de")
        areas = self.env["aftersales.service.area"].create([
            {"name": "Here", "country_ids": [Command.set(here.ids)]},
            {"name": "There", "country_ids": [Command.set(there.ids)]},
        ])
        self.team.aftersales_area_ids = areas[0]
        far = self.env["maintenance.team"].create({
            "name": "Far", "is_aftersales": True, "aftersales_area_ids": [
                Command.set(areas[1].ids)],
        })
        self.portal_user.partner_id.country_id = there

        self.assertEqual(self._create_request(subject="zorkpump").team_id, far)

    # -------------------------------------------------------------------------
    # The same again
    # -------------------------------------------------------------------------

    def _create_unit(self, name="Pump 1"):
        return self.env["maintenance.equipment"].create({
            "name": name, "customer_id": self.customer.id,
        })

    def test_the_same_equipment_still_open_is_shown(self):
        unit = self._create_unit()
        first = self._create_request(equipment_id=unit.id)
        second = self._create_request(equipment_id=unit.id)

        self.assertEqual(second.similar_ids, first)
        first._transition_to("cancelled")
        second.invalidate_recordset(["similar_ids"])
        self.assertFalse(second.similar_ids)

    def test_merging_moves_thread_files_and_followers(self):
        original, repeated = self._create_request(), self._create_request()
        friend = self.env["res.partner"].create({
            "name": "Fred", "parent_id": self.customer.id})
        repeated.message_subscribe(friend.ids)
        message = repeated.message_post(
            body=Markup("It is loud"), message_type="comment", subtype_xmlid="mail.mt_comment",
            attachments=[("photo.txt", b"loud")])

        self.env["aftersales.request.step"].with_user(self.agent).create({
            "request_ids": [Command.set(repeated.ids)], "step": "merge",
            "original_id": original.id,
        }).action_confirm()

        self.assertEqual((repeated.state, repeated.duplicate_of_id), ("duplicate", original))
        self.assertEqual(message.res_id, original.id)
        self.assertEqual(message.attachment_ids.res_id, original.id)
        self.assertIn(friend, original.message_partner_ids)
        self.assertEqual(repeated.next_due, False)

    def test_another_customers_request_is_no_duplicate(self):
        mine = self._create_request()
        other = self._create_request(partner_id=self.other_portal_user.partner_id.id)

        with self.assertRaisesRegex(UserError, "another customer's"):
            mine._merge_into(other)

        self.assertEqual(mine.state, "new")

    # -------------------------------------------------------------------------
    # What becomes of it
    # -------------------------------------------------------------------------

    def test_a_request_becomes_repair_visit_and_quotation(self):
        unit = self._create_unit()
        request = self._create_request(equipment_id=unit.id, description="<p>Drips</p>")
        self.env["ir.attachment"].create({
            "name": "photo.txt", "raw": b"drip", "res_model": request._name,
            "res_id": request.id,
        })

        request.action_create_repair()
        request.action_create_visit()
        request.action_create_quotation()

        self.assertEqual(
            (request.repair_count, request.visit_count, request.quotation_count), (1, 1, 1))
        self.assertEqual(request.sudo().visit_ids.equipment_id, unit)
        self.assertEqual(
            request.sudo().sale_order_ids.partner_id, self.portal_user.partner_id)
        for records in (
            request.sudo().repair_ids, request.sudo().visit_ids, request.sudo().sale_order_ids,
        ):
            self.assertEqual(self.env["ir.attachment"].search([
                ("res_model", "=", records._name), ("res_id", "=", records.id),
            ]).mapped("name"), ["photo.txt"])
            self.assertIn("Drips", "".join(records.message_ids.mapped("body")))

    @users("test_manager")
    def test_managers_set_their_teams_up(self):
        team = self.env["maintenance.team"].create({
            "name": "Night desk", "is_aftersales": True, "aftersales_assign_mode": "least_load",
        })

        team.member_ids = self.agent

        self.assertEqual(team.aftersales_assign_mode, "least_load")
