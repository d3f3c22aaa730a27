from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, users

from ..common import AftersalesCommon

TEMPLATE = Path(__file__).parents[2] / "static/xls/customer_equipment.xlsx"


@freeze_time("2026-01-15 09:00")
class TestEquipmentLife(AftersalesCommon):
    """What happens to equipment is dated and stays on record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lift_type = cls.env["product.product"].create({
            "name": "Passenger Lift", "is_storable": True, "tracking": "serial",
        })
        cls.lots = cls.env["stock.lot"].create([
            {"name": name, "product_id": cls.lift_type.id} for name in ("L-1", "L-2")
        ])
        cls.site = cls.env["res.partner"].create({
            "name": "East Wing", "parent_id": cls.customer.id, "type": "delivery",
        })
        cls.lift = cls._create_lift(lot_id=cls.lots[0].id)

    @classmethod
    def _create_lift(cls, **vals):
        return cls.env["maintenance.equipment"].with_user(cls.agent).create({
            "name": "Lift 1", "customer_id": cls.customer.id, "product_id": cls.lift_type.id,
            "install_date": "2025-01-20", **vals,
        })

    def _take(self, step, equipment=None, user=None, **vals):
        return self.env[f"aftersales.equipment.{step}"].with_user(user or self.agent).create({
            "equipment_ids": (equipment or self.lift).ids, "date": "2026-01-15",
            "reason": "Worn out", **vals,
        }).action_confirm()

    def _get_events(self, equipment):
        return [(str(event.date.date()), event.kind) for event in equipment.event_ids.sorted("id")]

    # -------------------------------------------------------------------------
    # History
    # -------------------------------------------------------------------------

    def test_installation_is_the_first_event(self):
        self.assertEqual(self._get_events(self.lift), [("2025-01-20", "installed")])
        self.assertEqual(self.lift.event_ids.name, "Northside Clinic")
        self.assertEqual(self.lift.event_ids.user_id, self.agent)

    def test_condition_changes_by_one_click(self):
        lift = self.lift.with_user(self.technician)

        lift.action_set_down()
        lift.action_set_down()
        lift.action_set_degraded()
        lift.action_set_up()

        self.assertEqual(lift.event_ids.sorted("id").mapped("name")[1:], [
            "Up → Down", "Down → Degraded", "Degraded → Up",
        ])

    def test_history_is_never_rewritten(self):
        event = self.lift.event_ids

        for change in (
            lambda: event.sudo().write({"name": "Something else"}), lambda: event.sudo().unlink(),
        ):
            with self.assertRefused("is history"):
                change()
        with self.assertRaises(AccessError):
            self.env["aftersales.equipment.event"].with_user(self.manager).create({
                "equipment_id": self.lift.id, "kind": "moved", "name": "Invented",
            })

        self.assertEqual(event.name, "Northside Clinic")

    # -------------------------------------------------------------------------
    # Move, retire, swap
    # -------------------------------------------------------------------------

    def test_moved_to_another_site(self):
        self._take("move", customer_id=self.customer.id, site_id=self.site.id, date="2026-01-10")

        self.assertEqual(self.lift.site_id, self.site)
        self.assertEqual(self._get_events(self.lift)[-1], ("2026-01-10", "moved"))
        self.assertEqual(
            self.lift.event_ids.sorted("id")[-1].name,
            "Northside Clinic → Northside Clinic, East Wing: Worn out",
        )

    def test_moved_to_another_customer(self):
        form = Form(self.env["aftersales.equipment.move"].with_user(self.agent).with_context(
            active_model="maintenance.equipment", active_ids=self.lift.ids))
        self.assertEqual(form.customer_id, self.customer)
        form.site_id = self.site
        form.customer_id = self.other_customer
        self.assertFalse(form.site_id)

        form.save().action_confirm()

        self.assertEqual(self.lift.customer_id, self.other_customer)

    def test_retired_and_put_back(self):
        request = self.env["maintenance.request"].create({
            "name": "Yearly", "equipment_id": self.lift.id, "maintenance_type": "preventive",
        })
        self._take("retire", date="2026-01-12")

        self.assertRecordValues(self.lift, [{
            "retired_on": date(2026, 1, 12), "retire_reason": "Worn out", "active": False,
        }])
        self.assertTrue(request.archive)
        with self.assertRefused("Put Back into Service", error=ValidationError):
            self.lift.active = True
        self.lift.action_unarchive()

        self.assertRecordValues(self.lift, [{
            "retired_on": False, "retire_reason": False, "active": True,
        }])
        self.assertEqual([kind for _day, kind in self._get_events(self.lift)], [
            "installed", "retired", "reinstated",
        ])

    def test_steps_are_refused_with_every_reason(self):
        for step, vals in (
            ("retire", {}), ("move", {"customer_id": self.other_customer.id}),
            ("swap", {"lot_id": self.lots[1].id}),
        ):
            with self.assertRefused("Lift 1/L-1", "lies in the future"):
                self._take(step, date="2026-01-16", **vals)
            with self.assertRefused("Lift 1/L-1", "installed on 01/20/2025"):
                self._take(step, date="2025-01-19", **vals)
        self._take("retire")
        with self.assertRefused("retired on 01/15/2026 already"):
            self.lift._retire(date(2026, 1, 15), "Again")

        self.assertEqual(self.lift.customer_id, self.customer)
        self.assertEqual(len(self.lift.event_ids), 2)

    def test_swapped_unit_gives_its_place_to_the_new_one(self):
        self.lift.write({
            "site_id": self.site.id, "specification": "630 kg", "criticality": "a",
            "is_regulated": True, "next_statutory_check": "2026-05-01", "condition": "down",
        })
        self.lift.meter_ids.create({
            "equipment_id": self.lift.id, "name": "Trips",
            "uom_id": self.env.ref("uom.product_uom_unit").id,
            "reading_ids": [(0, 0, {"value": 500.0})],
        })

        action = self._take("swap", user=self.technician, lot_id=self.lots[1].id,
                            product_id=self.lift_type.id)

        new = self.env["maintenance.equipment"].browse(action["res_id"])
        self.assertRecordValues(new, [{
            "name": "Lift 1", "customer_id": self.customer.id, "site_id": self.site.id,
            "lot_id": self.lots[1].id, "specification": "630 kg", "criticality": "a",
            "condition": "up", "install_date": date(2026, 1, 15),
            "next_statutory_check": date(2026, 5, 1), "retired_on": False,
        }])
        self.assertRecordValues(new.meter_ids, [{"name": "Trips", "value": 0.0}])
        self.assertRecordValues(self.lift, [{
            "replaced_by_id": new.id, "retired_on": date(2026, 1, 15), "active": False,
            "lot_id": self.lots[0].id,
        }])
        self.assertEqual(new.aftersales_replaced_ids, self.lift)
        self.assertIn("swapped", self.lift.event_ids.mapped("kind"))

    def test_swap_takes_the_record_a_delivery_has_made(self):
        delivered = self._create_lift(name="Passenger Lift", lot_id=self.lots[1].id)

        self._take("swap", lot_id=self.lots[1].id)

        self.assertEqual(self.lift.replaced_by_id, delivered)
        self.assertEqual(delivered.name, "Lift 1")

    def test_swap_refuses_the_unit_of_somebody_else(self):
        self._create_lift(
            name="Hotel lift", lot_id=self.lots[1].id, customer_id=self.other_customer.id)

        with self.assertRefused("L-2", "Harbour Hotel", "Hotel lift"):
            self._take("swap", lot_id=self.lots[1].id)
        with self.assertRefused("another serial number"):
            self._take("swap", lot_id=self.lots[0].id)

        self.assertFalse(self.lift.retired_on)

    def test_warranty_follows_the_swap(self):
        self.lift_type.product_tmpl_id.aftersales_warranty_months = 24
        self.lots[0].aftersales_delivered_on = "2025-01-15"
        self.assertEqual(self.lift.warranty_end, date(2027, 1, 14))

        self._take("swap", lot_id=self.lots[1].id)

        self.assertEqual(self.lift.replaced_by_id.warranty_end, date(2027, 1, 14))

    # -------------------------------------------------------------------------
    # Statutory checks
    # -------------------------------------------------------------------------

    def _get_activities(self):
        return self.lift.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(
                "aftersales.mail_activity_type_statutory_check"))

    def test_technician_is_reminded_once_of_each_due_date(self):
        self.lift.write({
            "is_regulated": True, "next_statutory_check": "2026-02-14",
            "technician_user_id": self.technician.id, "aftersales_check_months": 12,
        })
        cron = ("_cron_remind_statutory_checks", "maintenance.equipment")
        self._run_cron(*cron)
        self._run_cron(*cron)

        self.assertRecordValues(self._get_activities(), [{
            "user_id": self.technician.id, "date_deadline": date(2026, 2, 14),
        }])
        self.assertIn(self.lift, self.lift.search([("aftersales_check_due", "=", True)]))
        self.lift.with_user(self.technician).action_statutory_check_done()
        self._run_cron(*cron)

        self.assertFalse(self._get_activities())
        self.assertEqual(self.lift.next_statutory_check, date(2027, 2, 14))
        self.assertNotIn(self.lift, self.lift.search([("aftersales_check_due", "=", True)]))
        with freeze_time("2027-01-15 09:00"):
            self._run_cron(*cron)
        self.assertEqual(self._get_activities().date_deadline, date(2027, 2, 14))

    def test_no_reminder_before_its_time(self):
        self.lift.write({"is_regulated": True, "next_statutory_check": "2026-02-15"})

        self._run_cron("_cron_remind_statutory_checks", "maintenance.equipment")

        self.assertFalse(self._get_activities())

    # -------------------------------------------------------------------------
    # Serial numbers, import, internal equipment
    # -------------------------------------------------------------------------

    @users("test_agent")
    def test_template_is_imported_as_it_is(self):
        Equipment = self.env["maintenance.equipment"].with_context(
            aftersales_customer_equipment=True)
        self.assertIn(
            "/aftersales/static/xls/customer_equipment.xlsx",
            [template["template"] for template in Equipment.get_import_templates()])
        importer = self.env["base_import.import"].create({
            "res_model": "maintenance.equipment", "file": TEMPLATE.read_bytes(),
            "file_name": TEMPLATE.name,
            "file_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        })
        options = {"has_headers": True, "quoting": '"', "separator": ",", "headers": True,
                   "advanced": False, "keep_matches": False, "date_format": "%Y-%m-%d",
                   "datetime_format": "", "float_thousand_separator": ",",
                   "float_decimal_separator": ".", "sheet": "Customer Equipment"}
        preview = importer.parse_preview(options)
        self.assertNotIn("error", preview)
        self.assertEqual(len(preview["matches"]), len(preview["headers"]))
        fields = [preview["matches"][column][0] for column in range(len(preview["headers"]))]

        result = importer.execute_import(fields, preview["headers"], {
            **options, **preview["options"]})

        self.assertFalse(result["messages"], result["messages"])
        lifts = Equipment.browse(result["ids"])
        self.assertRecordValues(lifts, [
            {"name": "Lift North", "customer_id": self.customer.id, "criticality": "a",
             "condition": "up", "is_regulated": True, "install_date": date(2024, 3, 18),
             "next_statutory_check": date(2026, 9, 30)},
            {"name": "Lift South", "customer_id": self.customer.id, "criticality": "b",
             "condition": "degraded", "is_regulated": False, "install_date": date(2024, 3, 20),
             "next_statutory_check": False},
        ])
        self.assertEqual(lifts.lot_id.mapped("name"), ["L-1001", "L-1002"])
        self.assertEqual(lifts.lot_id.product_id, self.lift_type)

    def test_serial_number_of_an_untracked_product_is_refused(self):
        bolt = self.env["product.product"].create({"name": "Bolt"})

        with self.assertRefused("Bolt", "no serial numbers", error=ValidationError):
            self._create_lift(product_id=bolt.id, aftersales_serial="B-1")

        self.assertFalse(self.env["stock.lot"].search([("name", "=", "B-1")]))

    def test_links_open_the_form_of_the_right_kind(self):
        printer = self.env["maintenance.equipment"].create({"name": "Printer"})

        self.assertEqual(
            self.lift.get_formview_id(),
            self.env.ref("aftersales.maintenance_equipment_view_form_customer").id)
        self.assertFalse(printer.get_formview_id())

    def test_internal_equipment_is_assigned_as_before(self):
        installed = self.env["ir.module.module"].search([
            ("name", "in", ("hr_maintenance", "stock_maintenance")), ("state", "=", "installed"),
        ])
        self.assertEqual(len(installed), 2)
        employee = self.env["hr.employee"].create({"name": "Eve", "user_id": self.outsider.id})
        form = Form(self.env["maintenance.equipment"])
        form.name = "Laptop"
        form.serial_no = "LT-1"
        form.equipment_assign_to = "employee"
        form.employee_id = employee
        laptop = form.save()

        self.assertEqual(laptop.owner_user_id, self.outsider)
        self.assertIn(self.outsider.partner_id, laptop.message_partner_ids)
        self.assertFalse(laptop.event_ids)
        self.assertFalse(laptop.match_serial)
        with self.assertRefused("not customer equipment"):
            laptop._retire(date(2026, 1, 15), "Broken")
        action = self.env.ref("maintenance.hr_equipment_action")
        self.assertFalse(action.domain)

    def test_filters_of_check_and_warranty(self):
        self.lift_type.product_tmpl_id.aftersales_warranty_months = 12
        self.lots[0].aftersales_delivered_on = "2025-02-01"
        Equipment = self.env["maintenance.equipment"]

        self.assertEqual(self.lift.warranty_state, "ending")
        self.assertIn(self.lift, Equipment.search([("warranty_state", "=", "ending")]))
        self.assertNotIn(self.lift, Equipment.search([("warranty_state", "=", "over")]))


    def test_the_end_of_the_warranty_is_searched_and_grouped_without_being_stored(self):
        self.lift_type.product_tmpl_id.aftersales_warranty_months = 12
        self.lots[0].aftersales_delivered_on = "2025-02-01"
        Equipment = self.env["maintenance.equipment"].with_user(self.agent)

        description = Equipment.fields_get(["warranty_end"])["warranty_end"]
        groups = Equipment._read_group(
            [("warranty_end", ">=", "2026-01-31"), ("warranty_end", "<=", "2026-01-31")],
            ["warranty_end:month"], ["id:recordset"])

        self.assertTrue(description["groupable"] and description["sortable"])
        self.assertEqual(groups, [(date(2026, 1, 1), self.lift)])
