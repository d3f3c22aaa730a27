from ast import literal_eval
from datetime import date

from lxml import etree

from odoo.fields import Command
from odoo.tests import freeze_time, users

from .coverage_common import CoverageCommon


@freeze_time("2026-01-15 09:00")
class TestCoverOutlook(CoverageCommon):
    """Is it covered now, until when, and why: on equipment, serial numbers and by searching."""

    def _get_outlook(self, unit=None):
        unit = unit or self.equipment
        unit.invalidate_recordset()
        return unit.aftersales_cover_state, unit.aftersales_cover_until, unit.aftersales_cover_text

    def _get_found(self, state, units):
        return units.search([("aftersales_cover_state", "=", state), ("id", "in", units.ids)])

    # -------------------------------------------------------------------------
    # The answer
    # -------------------------------------------------------------------------

    def test_nobody_promises_anything(self):
        self.assertEqual(self._get_outlook(), (
            "none", False,
            "Parts, labour, and travel: Neither a warranty nor a contract covers it.",
        ))
        self.assertEqual(self.equipment.aftersales_cover_label, "Not covered")

    def test_warranty_covers_until_its_last_day(self):
        self._give_warranty("2025-01-16", "2026-01-15", aftersales_warranty_scope="travel")

        self.assertEqual(self._get_outlook(), (
            "full", date(2026, 1, 15),
            "Parts, labour, and travel: Under warranty until 01/15/2026.",
        ))
        self.assertEqual(self.equipment.aftersales_cover_label, "Covered until 01/15/2026")
        with freeze_time("2026-01-16 09:00"):
            self.assertEqual(self._get_outlook(), (
                "none", False,
                "Parts, labour, and travel: Not covered. The warranty ended on 01/15/2026.",
            ))

    def test_warranty_of_parts_covers_partly(self):
        self._give_warranty("2026-01-01", "2026-12-31", aftersales_warranty_scope="part")

        self.assertEqual(self._get_outlook(), (
            "part", date(2026, 12, 31),
            "Parts: Under warranty until 12/31/2026.\n"
            "Labour: Not covered. The warranty does not pay for labour.\n"
            "Travel: Not covered. The warranty does not pay for travel.",
        ))
        self.assertEqual(
            self.equipment.aftersales_cover_label, "Partly covered until 12/31/2026")

    def test_main_parts_alone_cover_partly(self):
        self._give_warranty("2025-01-01", "2025-12-31", aftersales_warranty_scope="travel",
                            aftersales_main_part_end="2027-12-31")

        self.assertEqual(self._get_outlook(), (
            "part", date(2027, 12, 31),
            "Parts, labour, and travel: Not covered. The warranty ended on 12/31/2025.\n"
            "Main parts: Under warranty until 12/31/2027.",
        ))

    def test_warranty_and_contract_together(self):
        self._give_warranty("2026-01-01", "2026-06-30", aftersales_warranty_scope="part")
        line = self._create_cover(cover_parts=0.0, cover_travel=80.0)
        name = line.contract_id.name

        self.assertEqual(self._get_outlook(), (
            "part", date(2026, 6, 30),
            "Parts: Under warranty until 06/30/2026.\n"
            f"Labour: Contract {name} covers labour in full.\n"
            f"Travel: Contract {name} covers travel at 80 %. The customer's own share under "
            f"contract {name}.",
        ))

    def test_a_contract_that_goes_on_after_the_warranty_says_its_own_end(self):
        self._give_warranty("2026-01-01", "2026-06-30", aftersales_warranty_scope="travel")
        self._create_cover()

        self.assertEqual(self._get_outlook()[:2], ("full", date(2026, 12, 31)))

    def test_a_contract_without_end_covers_without_a_date(self):
        self._create_cover(contract={"date_end": False})

        self.assertEqual(self._get_outlook()[:2], ("full", False))
        self.assertEqual(self.equipment.aftersales_cover_label, "Covered")

    def test_a_quota_used_up_covers_no_more_and_asking_draws_nothing(self):
        line = self._create_cover(quota_hours=2.0, quota_visits=1)
        self.assertEqual(self._get_outlook()[0], "full")
        self.assertEqual(line.quota_label, "1 of 1 visits · 2 of 2 h")

        self._decide(self._create_statement(("labour", 160.0, {"quantity": 2.0})))

        self.assertEqual(self._get_outlook()[0], "none")
        self.assertIn("The quota of contract", self.equipment.aftersales_cover_text)
        self.assertEqual(line.quota_left, 0.0)

    def test_the_hour_of_the_day_does_not_matter(self):
        calendar = self.env["resource.calendar"].create({"name": "Mornings", "attendance_ids": [
            Command.create({"name": "Friday", "dayofweek": "4", "hour_from": 8, "hour_to": 12}),
        ]})
        self._create_cover(service_calendar_id=calendar.id)

        self.assertEqual(self._get_outlook()[0], "full")

    def test_a_site_outside_the_area_is_not_covered(self):
        area = self.env["aftersales.service.area"].create({
            "name": "Nowhere", "zip_prefixes": "99999",
        })
        self._create_cover(service_area_id=area.id)

        self.assertEqual(self._get_outlook()[0], "none")
        self.assertIn("outside the area", self.equipment.aftersales_cover_text)

    def test_another_customers_contract_does_not_count(self):
        line = self._create_cover(
            contract={"partner_id": self.other_customer.id}, scope_type="all", equipment_id=False)

        self.assertEqual(self._get_outlook()[0], "none")
        self.equipment.customer_id = self.other_customer
        self.assertEqual(self._get_outlook()[0], "full")
        line.contract_id._transition_to("suspended")

    def test_the_answer_agrees_with_the_decision_of_a_job(self):
        self._give_warranty("2026-01-01", "2026-06-30", aftersales_warranty_scope="part")
        self._create_cover(scope_type="product", equipment_id=False,
                           covered_product_id=self.lift.id, cover_travel=0.0)
        statement = self._create_statement(("part", 10.0), ("labour", 80.0), ("travel", 40.0))
        self._decide(statement)

        texts = self._get_outlook()[2].split("\n")

        self.assertEqual(
            [text.split(": ", 1)[1] for text in texts],
            statement.charge_ids.cover_ids.mapped("reason"))

    def test_it_speaks_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._give_warranty("2026-01-01", "2026-06-30", aftersales_warranty_scope="travel")

        chinese = self.equipment.with_context(lang="zh_CN").aftersales_cover_text

        self.assertTrue(chinese.endswith("2026/06/30。"), chinese)
        self.assertIn("06/30/2026", self.equipment.aftersales_cover_text)

    def test_internal_equipment_is_asked_nothing(self):
        printer = self.env["maintenance.equipment"].create({"name": "Office printer"})

        self.assertEqual(self._get_outlook(printer), (False, False, False))
        self.assertFalse(printer.aftersales_cover_label)
        for state in ("full", "part", "none"):
            self.assertFalse(self._get_found(state, printer))

    def test_equipment_without_serial_number_has_the_warranty_of_its_own_date(self):
        self.equipment.write({"lot_id": False, "warranty_date": "2026-01-15"})

        self.assertEqual(self._get_outlook()[:2], ("full", date(2026, 1, 15)))
        self.assertEqual(self._get_found("full", self.equipment), self.equipment)

    @users("test_agent", "test_technician", "test_officer", "test_legal", "test_manager")
    def test_every_role_is_told(self):
        self._create_cover()

        equipment = self.equipment.with_env(self.env)

        self.assertEqual(equipment.aftersales_cover_state, "full")
        self.assertEqual(self._get_found("full", equipment), equipment)

    # -------------------------------------------------------------------------
    # Serial numbers
    # -------------------------------------------------------------------------

    def test_a_serial_number_is_covered_as_its_equipment_is(self):
        self._create_cover()

        self.assertEqual(self.lot.aftersales_cover_label, "Covered until 12/31/2026")
        self.assertEqual(
            self.lot.aftersales_cover_text, self.equipment.aftersales_cover_text)

    def test_a_serial_number_of_nobody_has_its_warranty(self):
        lot = self.lot.create({"name": "FL-2", "product_id": self.lift.id})
        self.assertEqual(lot.aftersales_cover_state, "none")

        lot.write({"aftersales_warranty_end": "2026-01-15"})

        self.assertEqual(lot.aftersales_cover_label, "Covered until 01/15/2026")

    # -------------------------------------------------------------------------
    # Searching
    # -------------------------------------------------------------------------

    def _create_mixed(self):
        """Return units in full, partly and not covered: by warranty, contracts and neither."""
        def create(name, **vals):
            return self._create_equipment(name, **vals)

        lots = self.lot.create([
            {"name": f"M-{number}", "product_id": self.lift.id, "company_id": self.company.id}
            for number in range(4)
        ])
        lots[0].aftersales_warranty_end = "2026-06-30"
        lots[1].write({"aftersales_warranty_end": "2025-12-31",
                       "aftersales_main_part_end": "2026-12-31"})
        lots[2].aftersales_warranty_end = "2025-12-31"
        units = create("Under warranty", lot_id=lots[0].id)
        units += create("Main parts", lot_id=lots[1].id)
        units += create("Warranty over", lot_id=lots[2].id)
        units += create("By its product", product_id=self.motor.id)
        units += create("By its number", lot_id=lots[3].id)
        units += create("In the category", product_id=self.lamp.id)
        units += create("Of another", customer_id=self.other_customer.id)
        self._create_cover(scope_type="product", equipment_id=False,
                           covered_product_id=self.motor.id, cover_travel=0.0)
        self._create_cover(scope_type="lot", equipment_id=False, lot_id=lots[3].id)
        self._create_cover(scope_type="category", equipment_id=False,
                           covered_category_id=self.consumables.id)
        self._create_cover(contract={"partner_id": self.other_customer.id}, scope_type="all",
                           equipment_id=False, cover_parts=0.0)
        return units

    def test_the_search_finds_what_the_badge_says(self):
        units = self._create_mixed()
        self.assertEqual(units.mapped("aftersales_cover_state"), [
            "full", "part", "none", "part", "full", "full", "part",
        ])

        for state in ("full", "part", "none"):
            with self.subTest(state=state):
                expected = units.filtered(lambda unit, s=state: unit.aftersales_cover_state == s)
                self.assertEqual(self._get_found(state, units), expected)
                others = units.search([
                    ("aftersales_cover_state", "!=", state), ("id", "in", units.ids)])
                self.assertEqual(others, units - expected)

    def test_filters_of_the_search_view(self):
        units = self._create_mixed()
        self.equipment.lot_id.aftersales_warranty_end = "2026-04-15"
        ids = (units + self.equipment).ids

        def find(name):
            """Return the names found by a filter of the view, in the order of the alphabet."""
            arch = etree.fromstring(self.env["maintenance.equipment"].get_view(
                self.env.ref("aftersales.maintenance_equipment_view_search_customer").id)["arch"])
            domain = literal_eval(arch.find(f".//filter[@name='{name}']").get("domain"))
            return sorted(units.search([("id", "in", ids), *domain]).mapped("name"))

        self.assertEqual(find("covered"), [
            "By its number", "In the category", "Lift 1", "Under warranty"])
        self.assertEqual(find("partly_covered"), ["By its product", "Main parts", "Of another"])
        self.assertEqual(find("not_covered"), ["Warranty over"])
        self.assertEqual(find("warranty_over_no_contract"), ["Warranty over"])
        self.assertEqual(find("warranty_90"), ["Lift 1"])
        self.assertEqual(find("warranty_30"), [])
        self.lot.aftersales_warranty_end = "2026-02-14"
        self.assertEqual(find("warranty_30"), ["Lift 1"])

    # -------------------------------------------------------------------------
    # Many at once
    # -------------------------------------------------------------------------

    def _create_many(self, count):
        lots = self.lot.create([
            {"name": f"N-{number}", "product_id": self.lift.id, "company_id": self.company.id}
            for number in range(count)
        ])
        return self.env["maintenance.equipment"].create([{
            "name": lot.name, "customer_id": self.customer.id, "product_id": self.lift.id,
            "lot_id": lot.id, "company_id": self.company.id,
        } for lot in lots])

    def test_a_list_of_200_costs_as_much_as_one(self):
        self._create_cover(scope_type="all", equipment_id=False, quota_visits=4)
        units = self._create_many(200)
        names = ["aftersales_cover_label", "aftersales_cover_text"]
        units[0].read(names)

        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(18):
            units.read(names)
