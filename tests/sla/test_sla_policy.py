"""Service levels: what may be entered, and what stays as it was promised."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import users

from ..common import AftersalesCommon


class TestSlaPolicy(AftersalesCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sla = cls.env["aftersales.sla"].with_user(cls.officer).create({
            "name": "Gold",
            "target_ids": [Command.create({
                "priority": "1", "acknowledge_hours": 0.25, "response_hours": 1,
                "resolution_hours": 8, "update_hours": 2.5,
            })],
        })

    def test_says_what_it_promises(self):
        self.assertEqual(
            self.sla.targets_label,
            "P1 Critical: acknowledged within 15 min · answered within 1 h · "
            "resolved within 8 h · news every 2.5 h",
        )

    def test_zero_hours_are_no_promise(self):
        target = self.sla._get_target("1")

        self.assertEqual(target._get_seconds("response"), 3600)
        self.assertEqual(target._get_seconds("on_site"), 0)
        self.assertEqual(self.sla._get_target("4")._get_seconds("response"), 0)

    def test_hours_out_of_bounds_are_refused(self):
        for hours in (-1.0, 5000.5):
            with self.subTest(hours=hours), self.assertRaisesRegex(
                ValidationError, "“Resolve Within” is"
            ):
                self.sla.target_ids.resolution_hours = hours

    def test_resolved_before_answered_is_refused(self):
        with self.assertRaisesRegex(
            ValidationError,
            "Gold, P1 Critical: it would be resolved within 8 h, but answered within 9 h",
        ):
            self.sla.target_ids.response_hours = 9

    def test_what_comes_first_cannot_take_longer(self):
        for name, hours in (("acknowledge_hours", 1.5), ("on_site_hours", 8.5)):
            with self.subTest(name=name), self.assertRaisesRegex(
                ValidationError, "What comes first cannot take longer"
            ):
                self.sla.target_ids[name] = hours

    def test_a_level_that_is_given_to_all_is_not_archived(self):
        self.company.aftersales_sla_id = self.sla

        with self.assertRaisesRegex(
            UserError, f"“Gold” is still the service level of {self.company.name}"
        ):
            self.sla.action_archive()
        self.assertTrue(self.sla.active)
        self.company.aftersales_sla_id = False
        self.sla.action_archive()
        self.assertFalse(self.sla.active)

    def test_shares_to_warn_at_are_numbers(self):
        self.assertEqual(self.sla._get_warn_percents(), [50, 80, 100])
        for percents in ("half", "0, 50", "50, 120", ","):
            with self.subTest(percents=percents), self.assertRaisesRegex(
                ValidationError, "no shares to warn at"
            ):
                self.sla.warn_percents = percents

    def test_service_hours_without_hours_are_a_configuration_error(self):
        empty = self.env["resource.calendar"].create({
            "name": "Never", "attendance_ids": [Command.clear()],
        })

        with self.assertRaisesRegex(ValidationError, "“Never” have no working hours"):
            self.sla.calendar_id = empty

    def test_what_a_contract_promises_stays(self):
        contract = self._create_contract(lines=[{"scope_type": "all", "sla_id": self.sla.id}])
        self.sla.target_ids.response_hours = 2
        self._activate(contract)

        for change in (
            lambda: self.sla.target_ids.write({"response_hours": 3}),
            lambda: self.sla.write({"tz_source": "site"}),
            lambda: self.sla.target_ids.unlink(),
            lambda: self.sla.write({"target_ids": [Command.create({"priority": "2"})]}),
        ):
            with self.assertRaisesRegex(UserError, f"promised in {contract.name}"):
                change()
        self.assertEqual(self.sla.target_ids.mapped("response_hours"), [2])
        self.sla.write({"warn_percents": "90", "escalation_user_id": self.manager.id})
        copy = self.sla.copy()
        self.assertEqual((copy.name, copy.target_ids.response_hours), ("Gold (copy)", 2))

    @users("test_agent")
    def test_agents_only_read(self):
        sla = self.sla.with_env(self.env)
        self.assertEqual(sla.name, "Gold")
        with self.assertRaises(AccessError):
            sla.description = "Faster"
