from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, users

from .coverage_common import CoverageCommon

ALL_PAID_BY_CUSTOMER = [("none", "customer", 100.0)]


@freeze_time("2026-01-15 09:00")
class TestCoverageEngine(CoverageCommon):

    # -------------------------------------------------------------------------
    # Recall and rework
    # -------------------------------------------------------------------------

    def _create_recall(self, **vals):
        recall = self.env["aftersales.recall"].create({
            "name": "Door lock", "product_ids": self.lift.ids, "date_start": "2026-01-01",
            "failure_code_id": self.stuck.id, **vals,
        })
        recall._transition_to("open")
        return recall

    def test_an_open_recall_pays_for_its_failure_on_its_units(self):
        recall = self._create_recall(date_end="2026-01-15")
        statement = self._create_statement(("part", 100.0), mode_code_id=self.stuck.id)
        self.assertEqual(self._get_shares(statement), [("recall", "vendor", 100.0)])
        self.assertEqual(statement.charge_ids.cover_ids.recall_id, recall)
        self.assertEqual(
            statement.charge_ids.cover_ids.reason, "Free of charge: recall “Door lock”.")

        other = self._create_statement(("part", 100.0), mode_code_id=self.noisy.id)
        self.assertEqual(self._get_shares(other), ALL_PAID_BY_CUSTOMER)
        other.recall_id = recall
        self.assertEqual(self._get_shares(other), [("recall", "vendor", 100.0)])
        late = self._create_statement(
            ("part", 100.0), mode_code_id=self.stuck.id, date="2026-01-16 09:00:00")
        self.assertEqual(self._get_shares(late), ALL_PAID_BY_CUSTOMER)

    def test_a_recall_of_other_serial_numbers_or_that_is_closed_pays_nothing(self):
        lot = self.lot.copy({"name": "FL-2"})
        recall = self._create_recall(lot_ids=lot.ids)
        statement = self._create_statement(("part", 100.0), mode_code_id=self.stuck.id)
        self.assertEqual(self._get_shares(statement), ALL_PAID_BY_CUSTOMER)

        recall.lot_ids = self.lot
        self.assertEqual(self._get_shares(statement), [("recall", "vendor", 100.0)])
        recall._transition_to("closed")
        self.assertEqual(self._get_shares(statement), ALL_PAID_BY_CUSTOMER)

    def test_the_same_failure_within_the_repeat_window_is_rework(self):
        repair = self._create_statement(
            ("part", 50.0), mode_code_id=self.stuck.id, date="2025-12-16 15:00:00", name="ST/1")
        self._decide(repair)
        repair._transition_to("confirmed")
        again = self._create_statement(("part", 100.0), mode_code_id=self.stuck.id)
        self.assertEqual(self._get_shares(again), [("rework", "provider", 100.0)])
        self.assertEqual(again.charge_ids.cover_ids.rework_of_id, repair)
        self.assertEqual(
            again.charge_ids.cover_ids.reason,
            "Free of charge: the failure repaired on 12/16/2025 (ST/1) has come back within "
            "30 days.")

        for vals in (
            {"date": "2026-01-16 00:00:00"},  # the 31st day
            {"mode_code_id": self.noisy.id},
            {"cause_code_id": self.misuse.id},
            {"equipment_id": self._create_equipment("Lift 2").id},
        ):
            other = self._create_statement(
                ("part", 100.0), **{"mode_code_id": self.stuck.id, **vals})
            self.assertEqual(self._get_shares(other), ALL_PAID_BY_CUSTOMER, vals)

    def test_a_draft_or_a_mere_maintenance_makes_no_rework(self):
        for kind in ("repair", "maintenance"):
            earlier = self._create_statement(
                ("part", 50.0), mode_code_id=self.stuck.id, kind=kind,
                date="2026-01-10 09:00:00")
            if kind == "maintenance":
                earlier._transition_to("confirmed")
            again = self._create_statement(("part", 100.0), mode_code_id=self.stuck.id)
            self.assertEqual(self._get_shares(again), ALL_PAID_BY_CUSTOMER)

    # -------------------------------------------------------------------------
    # Warranty
    # -------------------------------------------------------------------------

    def test_the_last_day_of_a_warranty_is_that_of_the_site(self):
        self._give_warranty("2025-01-16", "2026-01-15")
        site = self.env["res.partner"].create({
            "name": "Auckland site", "parent_id": self.customer.id, "tz": "Pacific/Auckland",
        })
        for moment, site_id, rule in (
            ("2026-01-15 23:59:00", False, "warranty"),
            ("2026-01-16 00:00:00", False, "none"),
            ("2026-01-15 10:59:00", site.id, "warranty"),  # 23:59 in Auckland
            ("2026-01-15 11:00:00", site.id, "none"),
        ):
            statement = self._create_statement(("part", 100.0), date=moment, site_id=site_id)
            self.assertEqual(self._get_shares(statement)[0][0], rule, moment)

    def test_why_a_warranty_does_not_pay(self):
        self._give_warranty("2025-01-15", "2026-01-14")
        self.assertEqual(
            self._get_reason(self._create_statement(("part", 100.0))),
            "Not covered. The warranty ended on 01/14/2026.")
        self._give_warranty("2025-01-16", "2026-12-31")
        self.assertEqual(
            self._get_reason(self._create_statement(
                ("part", 100.0), cause_code_id=self.misuse.id)),
            "Not covered. The warranty does not answer for this cause: Overload.")
        self.assertEqual(
            self._get_reason(self._create_statement(
                ("part", 100.0, {"product_id": self.belt.id}))),
            "Not covered. Belt is a wear part, which no warranty covers.")
        self.assertEqual(
            self._get_reason(self._create_statement(("other", 100.0))),
            "Not covered. The warranty does not pay for other costs.")

    def test_a_warranty_that_the_vendor_answers_for(self):
        vendor = self.env["res.partner"].create({"name": "Lift maker"})
        self._give_warranty(
            "2025-01-16", "2026-12-31",
            aftersales_vendor_id=vendor.id, aftersales_vendor_end="2026-01-15")
        statement = self._create_statement(("part", 100.0))
        self.assertEqual(self._get_shares(statement), [("warranty", "vendor", 100.0)])
        self.assertEqual(statement.charge_ids.cover_ids.lot_id, self.lot)
        later = self._create_statement(("part", 100.0), date="2026-01-16 09:00:00")
        self.assertEqual(self._get_shares(later), [("warranty", "provider", 100.0)])

    def test_main_parts_and_the_work_on_them(self):
        self.lift.product_tmpl_id.aftersales_main_part_ids = self.motor
        self._give_warranty(
            "2024-01-16", "2025-01-15", aftersales_main_part_end="2027-01-15")
        statement = self._create_statement(("part", 100.0), ("labour", 80.0))
        self.assertEqual(self._get_shares(statement), [
            ("warranty", "provider", 100.0), ("warranty", "provider", 80.0)])
        self.assertEqual(
            statement.charge_ids.cover_ids.mapped("reason"),
            ["Motor is a main part, under warranty until 01/15/2027.",
             "Work on main parts, which are under warranty until 01/15/2027."])

        mixed = self._create_statement(
            ("part", 100.0), ("part", 7.0, {"product_id": self.lamp.id}), ("labour", 80.0))
        self.assertEqual(self._get_shares(mixed), [
            ("warranty", "provider", 100.0), ("none", "customer", 7.0),
            ("none", "customer", 80.0)])

    def test_a_fitted_part_has_a_warranty_of_its_own(self):
        self.motor.product_tmpl_id.aftersales_part_months = 6
        self.env["aftersales.equipment.part"].create({
            "equipment_id": self.equipment.id, "product_id": self.motor.id,
            "date_fitted": "2025-08-01",
        })
        statement = self._create_statement(
            ("part", 100.0), ("part", 7.0, {"product_id": self.lamp.id}), ("labour", 80.0))
        self.assertEqual(self._get_shares(statement), [
            ("part_warranty", "provider", 100.0), ("none", "customer", 7.0),
            ("none", "customer", 80.0)])
        later = self._create_statement(("part", 100.0), date="2026-02-01 09:00:00")
        self.assertEqual(self._get_shares(later), ALL_PAID_BY_CUSTOMER)

    def test_equipment_without_a_serial_number_has_the_date_on_its_card(self):
        self.equipment.write({"lot_id": False, "warranty_date": "2026-01-15"})
        statement = self._create_statement(("labour", 80.0), lot_id=False)
        self.assertEqual(self._get_shares(statement), [("warranty", "provider", 80.0)])

    # -------------------------------------------------------------------------
    # Contract lines
    # -------------------------------------------------------------------------

    def test_what_a_line_takes_in(self):
        other_lift = self._create_equipment("Lift 2")
        for vals, amounts in (
            ({"scope_type": "equipment"}, (100.0, 0.0)),
            ({"scope_type": "lot", "equipment_id": False, "lot_id": self.lot.id}, (100.0, 0.0)),
            ({"scope_type": "product", "equipment_id": False,
              "covered_product_id": self.lift.id}, (100.0, 100.0)),
            ({"scope_type": "category", "equipment_id": False,
              "covered_category_id": self.lifts.id}, (100.0, 100.0)),
            ({"scope_type": "category", "equipment_id": False,
              "covered_category_id": self.consumables.id}, (0.0, 0.0)),
            ({"scope_type": "all", "equipment_id": False}, (100.0, 100.0)),
        ):
            line = self._create_cover(**vals)
            statements = (
                self._create_statement(("part", 100.0)),
                self._create_statement(
                    ("part", 100.0), equipment_id=other_lift.id, lot_id=False),
            )
            covered = tuple(
                sum(amount for rule, _payer, amount in self._get_shares(statement)
                    if rule == "contract")
                for statement in statements
            )
            self.assertEqual(covered, amounts, vals)
            line.contract_id.sudo()._transition_to("terminated")
            line.env["aftersales.contract"]._as_agreed(line.sudo()).date_end = "2026-01-14"

    def test_a_line_of_another_customer_pays_nothing(self):
        self._create_cover(
            contract={"partner_id": self.other_customer.id}, scope_type="all",
            equipment_id=False)
        statement = self._create_statement(("part", 100.0))
        self.assertEqual(self._get_shares(statement), ALL_PAID_BY_CUSTOMER)

    def test_first_and_last_day_of_a_line_count(self):
        self._create_cover(date_start="2026-01-15", date_end="2026-01-20")
        for moment, rule in (
            ("2026-01-14 23:59:00", "none"), ("2026-01-15 00:00:00", "contract"),
            ("2026-01-20 23:59:00", "contract"), ("2026-01-21 00:00:00", "none"),
        ):
            statement = self._create_statement(("part", 100.0), date=moment)
            self.assertEqual(self._get_shares(statement)[0][0], rule, moment)

    def test_a_contract_that_is_not_in_force_pays_nothing(self):
        self._create_contract(lines=[{
            "scope_type": "equipment", "equipment_id": self.equipment.id, "cover_parts": 100.0,
        }])
        statement = self._create_statement(("part", 100.0))
        self.assertEqual(self._get_shares(statement), ALL_PAID_BY_CUSTOMER)
        self.assertEqual(
            statement.charge_ids.cover_ids.reason,
            "Neither a warranty nor a contract covers it.")

    def test_warranty_pays_the_part_and_the_contract_the_labour(self):
        self.lift.product_tmpl_id.aftersales_warranty_scope = "part"
        self._give_warranty("2025-06-01", "2026-05-31")
        line = self._create_cover(cover_labour=80.0, cover_travel=0.0)
        name = line.contract_id.name
        statement = self._create_statement(("part", 100.0), ("labour", 80.0), ("travel", 25.0))
        self.assertEqual(self._get_shares(statement), [
            ("warranty", "provider", 100.0),
            ("contract", "contract", 64.0), ("none", "customer", 16.0),
            ("none", "customer", 25.0),
        ])
        self.assertEqual(statement.charge_ids.cover_ids.mapped("reason"), [
            "Under warranty until 05/31/2026.",
            f"Contract {name} covers labour at 80 %.",
            f"The customer's own share under contract {name}.",
            "Not covered. The warranty does not pay for travel. "
            f"Contract {name} does not cover travel.",
        ])

    def test_causes_modes_and_hours_that_a_line_excludes(self):
        calendar = self.env["resource.calendar"].create({
            "name": "Weekdays 9-17", "tz": "UTC", "attendance_ids": [
                Command.create({"name": "Day", "dayofweek": str(day), "hour_from": 9,
                                "hour_to": 17})
                for day in range(5)
            ],
        })
        line = self._create_cover(
            excluded_cause_ids=self.ageing.ids, service_mode="on_site",
            service_calendar_id=calendar.id, excluded_category_ids=self.consumables.ids)
        name = line.contract_id.name
        self.assertEqual(
            self._get_shares(self._create_statement(("part", 100.0))),
            [("contract", "contract", 100.0)])
        for vals, product, reason in (
            ({"cause_code_id": self.ageing.id}, self.motor, "excludes this cause: Ageing."),
            ({"service_mode": "workshop"}, self.motor, "only covers this service: On site."),
            ({}, self.lamp, "excludes parts such as Lamp."),
            ({}, self.belt, "does not cover wear parts such as Belt."),
        ):
            statement = self._create_statement(
                ("part", 100.0, {"product_id": product.id}), **vals)
            self.assertEqual(
                self._get_reason(statement), f"Not covered. Contract {name} {reason}")
        for moment, rule in (
            ("2026-01-15 08:59:00", "none"), ("2026-01-15 16:59:00", "contract"),
            ("2026-01-15 17:00:00", "none"), ("2026-01-17 10:00:00", "none"),
        ):
            statement = self._create_statement(("part", 100.0), date=moment)
            self.assertEqual(self._get_shares(statement)[0][0], rule, moment)

    def test_what_two_contracts_cover_is_told_before_it_is_agreed(self):
        line = self._create_cover(cover_labour=0.0, cover_travel=0.0, cover_other=0.0)
        contract = self._create_contract(lines=[{
            "product_id": False, "price_unit": 0.0, "name": "More care", "scope_type": "lot",
            "lot_id": self.lot.id, "cover_parts": 90.0, "cover_labour": 90.0,
        }])
        self.assertEqual(
            contract.cover_warning,
            f"“More care” covers the same as “Lift care” of contract {line.contract_id.name}: "
            "Parts Covered (%). The line with the higher share pays, of equal ones the one that "
            "ends first. End one of them if that is not meant.")
        self.assertFalse(line.contract_id.cover_warning)  # a draft covers nothing yet
        for vals in (
            {"cover_parts": 0.0}, {"scope_type": "all", "lot_id": False},
            {"date_start": "2027-01-01"}, {"service_mode": "remote"},
        ):
            line.contract_id._as_agreed(line.sudo()).service_mode = "on_site"
            with self.subTest(vals=vals):
                draft = contract.copy()
                draft.write({"date_end": "2027-12-31"})
                draft.line_ids.write(vals)
                self.assertFalse(draft.cover_warning)

        self._activate(contract)
        self.assertIn("covers the same as “More care”", line.contract_id.cover_warning)

    def test_of_two_contracts_the_higher_share_pays_then_the_one_that_ends_first(self):
        later, sooner, higher = (
            self._create_cover(name, cover_parts=percent, date_end=end)
            for name, percent, end in (
                ("Later", 80.0, "2026-12-31"), ("Sooner", 80.0, "2026-06-30"),
                ("Higher", 90.0, "2026-12-31")))
        statement = self._create_statement(("part", 100.0))
        for line in (higher, sooner, later):
            self._decide(statement)
            self.assertEqual(
                statement.charge_ids._get_live_covers().contract_line_id, line)
            line.contract_id._as_agreed(line.sudo()).cover_parts = 0.0

    def test_days_of_a_contract_are_those_of_the_site(self):
        self._create_cover(date_start="2026-01-15", date_end="2026-01-20")
        site = self.env["res.partner"].create({
            "name": "Auckland site", "parent_id": self.customer.id, "tz": "Pacific/Auckland",
        })
        for moment, rule in (
            ("2026-01-14 10:59:00", "none"), ("2026-01-14 11:00:00", "contract"),
            ("2026-01-20 10:59:00", "contract"), ("2026-01-20 11:00:00", "none"),
        ):
            statement = self._create_statement(
                ("part", 100.0), date=moment, site_id=site.id)
            self.assertEqual(self._get_shares(statement)[0][0], rule, moment)

    def test_days_without_a_site_are_those_of_the_company(self):
        self.company.partner_id.tz = "America/Los_Angeles"
        self._give_warranty("2026-01-15", "2026-01-20")
        for moment, rule in (
            ("2026-01-15 07:59:00", "none"), ("2026-01-15 08:00:00", "warranty"),
            ("2026-01-21 07:59:00", "warranty"), ("2026-01-21 08:00:00", "none"),
        ):
            statement = self._create_statement(("part", 100.0), date=moment)
            self.assertEqual(self._get_shares(statement)[0][0], rule, moment)

    def test_only_approved_goodwill_counts(self):
        statement = self._create_statement(
            ("part", 100.0, {"goodwill_percent": 30.0, "goodwill_reason": "Long wait"}))
        self.assertEqual(self._get_shares(statement), ALL_PAID_BY_CUSTOMER)
        statement.charge_ids.goodwill_approved_by_id = self.manager
        self.assertEqual(self._get_shares(statement), [
            ("goodwill", "provider", 30.0), ("none", "customer", 70.0)])
        live = statement.charge_ids.cover_ids.filtered(lambda cover: not cover.superseded_on)
        self.assertEqual(live[0].reason, "Goodwill of 30 %: Long wait")

    # -------------------------------------------------------------------------
    # Record, rights, scale
    # -------------------------------------------------------------------------

    @users("test_agent")
    def test_a_decision_is_kept_and_only_a_different_one_takes_its_place(self):
        self.lot.sudo().aftersales_warranty_end = "2026-12-31"
        statement = self._create_statement(("part", 100.0)).with_user(self.env.user)
        self.assertEqual(
            self.env["aftersales.coverage"]._decide_statements(statement), statement.charge_ids)
        [first] = statement.charge_ids.cover_ids
        self.assertEqual(first.decided_by_id, self.agent)
        self.assertEqual(first.date, date(2026, 1, 15))

        self.assertFalse(self.env["aftersales.coverage"]._decide_statements(statement))
        self.assertEqual(statement.charge_ids.cover_ids, first)

        self.lot.sudo().aftersales_warranty_end = "2026-01-14"
        self.assertTrue(self.env["aftersales.coverage"]._decide_statements(statement))
        second = statement.charge_ids.cover_ids - first
        self.assertTrue(first.superseded_on)
        self.assertEqual((second.rule, second.payer), ("none", "customer"))

    def test_a_sentence_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self._give_warranty("2025-06-01", "2026-05-31")
        reason = self._get_reason(self._create_statement(("part", 100.0)))
        self.assertIn("31/05/2026", reason)

    def test_queries_do_not_grow_with_the_number_of_jobs(self):
        self._create_cover(quota_hours=50.0)
        self._give_warranty("2025-06-01", "2026-01-10")
        charges = [("part", 100.0), ("labour", 80.0), ("travel", 20.0)]

        def decide(count, work):
            statements = self.env["aftersales.statement"].union(*(
                self._create_statement(*charges, mode_code_id=self.stuck.id)
                for _number in range(count)
            ))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            work(statements)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        engine = self.env["aftersales.coverage"].sudo()
        for work, most in ((engine._decide, 60), (engine._decide_statements, 120)):
            decide(1, work)  # translations and settings are read once
            few, many = decide(2, work), decide(20, work)
            self.assertEqual(few, many)
            self.assertLessEqual(many, most)
