"""What the desk does with many requests, and what it is told."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, users

from .request_common import RequestCommon


class TestRequestDesk(RequestCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.portal_user.partner_id
        cls.boss = cls._create_user("boss", "Bea Boss", "aftersales.group_manager")
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.bay = cls.env["aftersales.service.area"].create({
            "name": "Bay", "zip_prefixes": "94",
            "country_ids": [Command.set(cls.env.ref("base.us").ids)],
        })
        cls.team = cls.env["maintenance.team"].create({
            "name": "Pumps", "is_aftersales": True, "company_id": cls.company.id,
            "member_ids": [Command.set(cls.technician.ids)],
            "aftersales_escalation_user_id": cls.boss.id,
        })

    def _open_step(self, requests, step):
        """Open the dialog as the buttons of the list and the form do."""
        action = requests.with_user(self.agent).with_context(
            default_step=step).action_open_step()
        return Form(self.env[action["res_model"]].with_user(self.agent).with_context(
            **action["context"]))

    def _create_unit(self, name, serial, customer):
        product = self.env["product.product"].create({
            "name": "Pump", "is_storable": True, "tracking": "serial",
        })
        lot = self.env["stock.lot"].create({"name": serial, "product_id": product.id})
        return self.env["maintenance.equipment"].create({
            "name": name, "product_id": product.id, "lot_id": lot.id, "customer_id": customer.id,
        })

    def _close(self, request):
        request.resolution = "<p>Done</p>"
        request._transition_to("resolved")
        request.action_close()

    # -------------------------------------------------------------------------
    # Contact data
    # -------------------------------------------------------------------------

    def test_a_number_that_is_given_leaves_the_mail_address_of_the_contact(self):
        self.nora.write({"email": "nora@northside.example.com", "phone": "+1 555 010 2030"})

        request = self._create_request(phone="+1 555 999")

        self.assertEqual(
            (request.phone, request.email_from), ("+1 555 999", "nora@northside.example.com"))

    # -------------------------------------------------------------------------
    # Calls
    # -------------------------------------------------------------------------

    def test_a_call_is_routed_by_its_words_and_offers_what_is_known(self):
        category = self.env["aftersales.request.category"].create({
            "name": "Pumps", "keywords": "pump", "team_id": self.team.id,
        })
        solution = self.env["aftersales.solution"].create({
            "name": "Pump hums and stands still", "steps": "<p>Press the blue button.</p>",
        })

        form = Form(self.env["aftersales.phone.intake"].with_user(self.agent))
        form.partner_id = self.nora
        form.subject = "The pump hums and stands still"
        self.assertIn(solution.id, form.suggested_solution_ids.ids)
        form.is_answered = True
        form.answer = "Press the blue button"
        action = form.save().action_confirm()

        request = self.env["aftersales.request"].browse(action["res_id"])
        self.assertRecordValues(request, [{
            "category_id": category.id, "team_id": self.team.id, "user_id": self.agent.id,
            "state": "resolved",
        }])

    # -------------------------------------------------------------------------
    # Dialogs
    # -------------------------------------------------------------------------

    def test_a_dialog_bears_the_name_of_its_step(self):
        request = self._create_request()

        action = request.with_context(default_step="reassign").action_open_step()

        self.assertEqual(action["name"], "Hand Over")

    def test_many_are_resolved_at_once(self):
        requests = self._create_request() + self._create_request()

        form = self._open_step(requests, "resolve")
        form.resolution = "<p>The power was off in the whole street.</p>"
        form.save().action_confirm()

        self.assertEqual(requests.mapped("state"), ["resolved", "resolved"])

    def test_what_was_written_before_is_not_asked_again(self):
        request = self._create_request(resolution="<p>New seal</p>")

        self._open_step(request, "resolve").save().action_confirm()

        self.assertRecordValues(request, [{
            "state": "resolved", "resolution": "<p>New seal</p>",
        }])

    def test_a_refused_step_names_the_requests(self):
        requests = self._create_request() + self._create_request()

        for step, words in (
            ("resolve", "Nobody has said what was done"), ("reassign", "Choose who goes on"),
        ):
            wizard = self.env["aftersales.request.step"].with_user(self.agent).create({
                "request_ids": [Command.set(requests.ids)], "step": step,
            })
            names = " and ".join(requests.mapped("name"))
            with self.assertRaisesRegex(UserError, f"^{names}: {words}"):
                wizard.action_confirm()

        self.assertEqual(requests.mapped("state"), ["new", "new"])

    def test_acknowledging_many_leaves_what_has_ended(self):
        fresh, ended = self._create_request(), self._create_request()
        self.env["aftersales.request.step"].with_user(self.agent).create({
            "request_ids": [Command.set(ended.ids)], "step": "cancel", "note": "By mistake",
        }).action_confirm()

        (fresh + ended).action_acknowledge()

        self.assertEqual((fresh.state, ended.state), ("acknowledged", "cancelled"))
        self.assertFalse(ended.acknowledged_on)

    def test_a_card_dragged_to_the_duplicates_is_told_how(self):
        request = self._create_request()

        with self.assertRaisesRegex(UserError, f"{request.name}.*use “Merge” in the gear menu"):
            request.stage_id = self.env.ref("aftersales.request_stage_duplicate")

        self.assertEqual(request.state, "new")

    def test_a_card_dragged_to_the_cancelled_is_told_how(self):
        request = self._create_request()

        with self.assertRaisesRegex(UserError, f"{request.name}.*“Cancel Request” in the gear"):
            request.stage_id = self.env.ref("aftersales.request_stage_cancelled")

        self.assertEqual(request.state, "new")

    def test_a_technician_hands_over_to_a_team_of_others(self):
        others = self.env["maintenance.team"].create({
            "name": "Chillers", "is_aftersales": True, "company_id": self.company.id,
            "aftersales_assign_mode": "manual",
        })
        for user, state in ((self.env["res.users"], "acknowledged"), (self.agent, "assigned")):
            request = self._create_request(team_id=self.team.id, user_id=self.technician.id)
            action = self.env["aftersales.request.step"].with_user(self.technician).create({
                "request_ids": [Command.set(request.ids)], "step": "reassign",
                "team_id": others.id, "user_id": user.id, "note": "Not ours",
            }).action_confirm()

            self.assertEqual(action["res_model"], "aftersales.request")
            self.assertEqual(
                (request.team_id, request.user_id, request.state), (others, user, state))
            self.assertEqual(request.event_ids.filtered(
                lambda event: event.from_user_id == self.technician).note, "Not ours")

    def test_shares_of_promised_times_are_not_piled_up(self):
        """Five shares of 90 % are no 450 %."""
        arch = self.env["aftersales.request.target"].get_view(view_type="graph")["arch"]

        self.assertIn('stacked="0"', arch)

    def test_what_is_not_saved_offers_no_steps(self):
        form = Form(self.env["aftersales.request"].with_user(self.agent))

        for name in ("can_acknowledge", "can_take", "can_wait", "can_resolve"):
            self.assertFalse(form[name], name)

    # -------------------------------------------------------------------------
    # Duplicates
    # -------------------------------------------------------------------------

    def test_merging_goes_on_in_the_oldest_wherever_one_comes_from(self):
        unit = self._create_unit("Pump 1", "SN-1", self.customer)
        first = self._create_request(equipment_id=unit.id)
        second = self._create_request(equipment_id=unit.id)

        for request in (first, second):
            form = self._open_step(request, "merge")
            self.assertEqual(form.original_id, first)
            self.assertEqual(form.request_ids.ids, second.ids)
        form.save().action_confirm()

        self.assertEqual((first.state, second.state), ("new", "duplicate"))
        self.assertEqual(second.duplicate_of_id, first)

    def test_chosen_requests_are_merged_into_the_oldest_of_them(self):
        requests = self._create_request() + self._create_request() + self._create_request()

        self._open_step(requests, "merge").save().action_confirm()

        self.assertEqual(requests.mapped("state"), ["new", "duplicate", "duplicate"])
        self.assertEqual(requests[1:].duplicate_of_id, requests[0])

    def test_merging_without_a_twin_asks_into_which(self):
        form = self._open_step(self._create_request(), "merge")

        self.assertFalse(form.original_id)
        with self.assertRaisesRegex(AssertionError, "original_id is a required field"):
            form.save()

    # -------------------------------------------------------------------------
    # Hand-offs
    # -------------------------------------------------------------------------

    def test_going_by_another_team_is_a_hand_off(self):
        request = self._create_request(user_id=self.agent.id)
        self.team.aftersales_assign_mode = "least_load"

        form = self._open_step(request, "reassign")
        form.team_id = self.team
        form.note = "It is a pump"
        form.save().action_confirm()

        self.assertEqual((request.team_id, request.user_id), (self.team, self.technician))
        self.assertEqual(request.handoff_count, 1)

    def test_who_gets_it_back_is_no_hand_off(self):
        request = self._create_request(user_id=self.agent.id)

        request.user_id = False
        request.user_id = self.agent

        self.assertEqual(request.handoff_count, 0)

    # -------------------------------------------------------------------------
    # Where the time went
    # -------------------------------------------------------------------------

    @users("test_agent")
    def test_the_time_is_told_by_what_a_request_waited_for(self):
        request = self._create_request()
        with freeze_time("2026-01-15 10:00"):
            request.action_take()
        with freeze_time("2026-01-15 12:00"):
            request._wait("parts")
        with freeze_time("2026-01-15 15:00"):
            request._wait("customer")
        with freeze_time("2026-01-15 15:30"):
            request.user_id = self.technician
        with freeze_time("2026-01-15 16:00"):
            request.action_resume()
        request.resolution = "<p>Done</p>"
        with freeze_time("2026-01-15 18:00"):
            request._transition_to("resolved")
        with freeze_time("2026-01-16 18:00"):
            request.action_close()
        self.env.invalidate_all()

        self.assertEqual(
            [(phase.phase, phase.hours) for phase in request.phase_ids.sorted("date_from")], [
                ("unowned", 1.0), ("work", 2.0), ("wait_parts", 3.0), ("wait_customer", 0.5),
                ("wait_customer", 0.5), ("work", 2.0), ("resolved", 24.0),
            ])
        self.assertEqual(
            self.env["aftersales.request.phase"]._read_group(
                [("request_id", "=", request.id), ("phase", "=like", "wait%")],
                aggregates=["hours:sum"]), [(4.0,)])

    def test_what_goes_on_counts_until_now(self):
        request = self._create_request()

        with freeze_time("2026-01-15 13:00"):
            self.env.invalidate_all()
            self.assertRecordValues(request.phase_ids, [{
                "phase": "unowned", "hours": 4.0, "date_to": False,
            }])

    @users("test_agent")
    def test_the_time_of_another_company_is_closed(self):
        request = self.env["aftersales.request"].sudo().create({
            "subject": "Theirs", "company_id": self.elsewhere.id,
        })

        self.assertFalse(
            self.env["aftersales.request.phase"].search([("request_id", "=", request.id)]))

    # -------------------------------------------------------------------------
    # What does not fit
    # -------------------------------------------------------------------------

    def test_a_serial_that_was_told_is_looked_up(self):
        self._create_unit("Pump 1", "SN-1", self.customer)
        self._create_unit("Pump 9", "SN-9", self.other_customer)

        for serial, words in (
            ("SN-0", "The serial number SN-0 is not known."),
            ("SN-1", "The serial number SN-1 is Pump 1 of this customer."),
            ("SN-9", "The serial number SN-9 is Pump 9 of another customer, "
                     f"{self.other_customer.display_name}."),
        ):
            request = self._create_request(serial_told=serial)
            self.assertIn(words, request.triage_warning)
        request.equipment_id = self.env["maintenance.equipment"].search(
            [("lot_id.name", "=", "SN-1")])
        self.assertFalse(request.triage_warning)

    def test_a_site_outside_the_areas_of_the_team_is_warned_of(self):
        self.nora.write({"country_id": self.env.ref("base.us").id, "zip": "10001"})
        self.team.aftersales_area_ids = self.bay
        request = self._create_request(team_id=self.team.id)

        self.assertEqual(
            request.triage_warning,
            f"{self.nora.display_name} lies outside the areas of Pumps: Bay. Choose another team, "
            "or agree on the journey with the customer first.")
        self.nora.zip = "94103"
        request.invalidate_recordset(["triage_warning"])
        self.assertFalse(request.triage_warning)

    # -------------------------------------------------------------------------
    # What becomes of it
    # -------------------------------------------------------------------------

    def test_who_may_not_open_what_was_made_is_told(self):
        request = self._create_request()

        action = request.action_create_repair()

        repair = request.sudo().repair_ids
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(repair.name, action["params"]["message"])
        self.assertEqual(request.outcome_label, f"{repair.display_name} (New)")

    # -------------------------------------------------------------------------
    # Bad ratings
    # -------------------------------------------------------------------------

    def _rate(self, request, stars, words):
        self._close(request)
        request.sudo()._rate_from_portal(self.nora, stars, words)
        return request.activity_ids.filtered(
            lambda activity: activity.activity_type_id
            == self.env.ref("aftersales.mail_activity_type_bad_rating"))

    def test_a_bad_rating_calls_for_the_manager_once(self):
        request = self._create_request(team_id=self.team.id, user_id=self.technician.id)

        activity = self._rate(request, 2, "We waited <b>three</b> days")
        request.sudo().rating_apply(1, token=request._rating_get_access_token(self.nora))

        self.assertRecordValues(activity, [{
            "user_id": self.boss.id, "summary": "A customer is not content",
        }])
        self.assertIn("Nora Northside gave 2 of 5 stars on 01/15/2026.", activity.note)
        self.assertIn("We waited &lt;b&gt;three&lt;/b&gt; days", activity.note)
        self.assertEqual(len(request.activity_ids), 1)
        notice = self.env["mail.message"].search([
            ("model", "=", request._name), ("res_id", "=", request.id),
            ("message_type", "=", "user_notification"),
            ("partner_ids", "in", self.technician.partner_id.ids),
            ("subject", "ilike", "rated badly"),
        ])
        self.assertEqual(len(notice), 1)
        self.assertEqual(self.env["aftersales.request"].with_user(self.agent).search([
            ("rating_last_value", ">", 0), ("rating_last_value", "<=", 2),
        ]), request)

    def test_a_good_rating_calls_for_nobody(self):
        request = self._create_request(team_id=self.team.id)

        self.assertFalse(self._rate(request, 3, "It took long"))

    # -------------------------------------------------------------------------
    # Categories
    # -------------------------------------------------------------------------

    def test_a_category_is_named_in_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        fault = self.env["aftersales.request.category"].create({"name": "Fault"})
        doors = fault.create({"name": "Doors", "parent_id": fault.id})
        fault.with_context(lang="zh_CN").name = "故障"
        doors.with_context(lang="zh_CN").name = "门"

        self.assertEqual(doors.with_context(lang="zh_CN").display_name, "故障 / 门")
        self.assertEqual(doors.with_context(lang="en_US").display_name, "Fault / Doors")
