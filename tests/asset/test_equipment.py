from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ..common import AftersalesCommon


class TestEquipment(AftersalesCommon):
    """Customer equipment beside the company's own: its serial number is a lot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump, cls.fan = cls.env["product.product"].create([
            {"name": "Pump P1", "is_storable": True, "tracking": "serial"},
            {"name": "Fan F1", "is_storable": True, "tracking": "serial"},
        ])
        cls.lot = cls.env["stock.lot"].create({"name": "SN-001", "product_id": cls.pump.id})

    def _create_equipment(self, **vals):
        return self.env["maintenance.equipment"].with_user(self.agent).create({
            "name": "Basement pump", "customer_id": self.customer.id,
            "product_id": self.pump.id, **vals,
        })

    def test_display_name_shows_the_serial_number(self):
        equipment = self._create_equipment(lot_id=self.lot.id)

        self.assertEqual(equipment.display_name, "Basement pump/SN-001")

    def test_display_name_follows_the_serial_number(self):
        equipment = self._create_equipment(lot_id=self.lot.id)

        self.lot.name = "SN-002"

        self.assertEqual(equipment.display_name, "Basement pump/SN-002")

    def test_serial_number_of_another_product_is_refused(self):
        equipment = self._create_equipment()

        with self.assertRefused(
            "Basement pump", "SN-001", "Pump P1", "Fan F1", error=ValidationError,
        ):
            equipment.write({"product_id": self.fan.id, "lot_id": self.lot.id})

        self.assertFalse(equipment.lot_id)
        self.assertEqual(equipment.product_id, self.pump)

    def test_product_cannot_change_under_its_serial_number(self):
        equipment = self._create_equipment(lot_id=self.lot.id)

        with self.assertRefused("SN-001", "Pump P1", "Fan F1", error=ValidationError):
            equipment.product_id = self.fan

        self.assertEqual(equipment.product_id, self.pump)

    def test_serial_number_without_a_product_is_refused(self):
        with self.assertRefused("SN-001", "Pump P1", error=ValidationError):
            self._create_equipment(product_id=False, lot_id=self.lot.id)

    def _find_all(self):
        return self.env["maintenance.equipment"].with_context(active_test=False).search(
            [("lot_id", "=", self.lot.id)])

    @mute_logger("odoo.sql_db")
    def test_same_serial_number_twice_names_the_other_unit(self):
        site = self.env["res.partner"].create({
            "name": "East Wing", "parent_id": self.customer.id, "type": "delivery",
        })
        equipment = self._create_equipment(lot_id=self.lot.id, site_id=site.id)

        with self.assertRaises(IntegrityError) as caught, self.env.cr.savepoint():
            self._create_equipment(name="Same pump again", lot_id=self.lot.id)

        self.assertIn("maintenance_equipment_lot_uniq", str(caught.exception))
        message = equipment._sql_error_to_message(caught.exception)
        for part in ("SN-001", "Basement pump", "Northside Clinic (East Wing)", "Open that"):
            self.assertIn(part, message)
        self.assertEqual(self._find_all(), equipment)

    @mute_logger("odoo.sql_db")
    def test_same_serial_number_twice_for_all_companies(self):
        equipment = self._create_equipment(lot_id=self.lot.id, company_id=False)

        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._create_equipment(name="Again", lot_id=self.lot.id, company_id=False)

        self.assertEqual(self._find_all(), equipment)

    def test_a_serial_number_of_all_companies_is_nobody_elses(self):
        equipment = self._create_equipment(lot_id=self.lot.id, company_id=False)

        with self.assertRefused(
            "SN-001", "Basement pump", "Northside Clinic", error=ValidationError,
        ):
            self._create_equipment(
                name="Again", lot_id=self.lot.id, company_id=self.company.id)

        self.assertEqual(self._find_all(), equipment)

    def test_a_retired_unit_keeps_its_serial_number(self):
        equipment = self._create_equipment(lot_id=self.lot.id, company_id=False)
        equipment._retire(date(2026, 1, 15), "Worn out")

        with self.assertRefused("SN-001", "put it back into service", error=ValidationError):
            self._create_equipment(name="Again", lot_id=self.lot.id, company_id=self.company.id)

    def test_two_companies_may_serve_the_same_shared_serial_number(self):
        other = self._create_company_with_books("Branch")
        mine = self._create_equipment(lot_id=self.lot.id, company_id=self.company.id)

        theirs = mine.sudo().create({
            "name": "Theirs", "customer_id": self.customer.id, "product_id": self.pump.id,
            "lot_id": self.lot.id, "company_id": other.id,
        })

        self.assertEqual(self._find_all().sudo(), mine.sudo() + theirs)

    def test_what_another_company_has_is_not_told(self):
        other = self._create_company_with_books("Branch")
        self.env["maintenance.equipment"].create({
            "name": "Secret pump", "customer_id": self.other_customer.id,
            "product_id": self.pump.id, "lot_id": self.lot.id, "company_id": other.id,
        })

        with self.assertRaises(ValidationError) as caught:
            self._create_equipment(lot_id=self.lot.id, company_id=False)

        self.assertIn("SN-001 is equipment of another company", str(caught.exception))
        self.assertNotIn("Secret", str(caught.exception))

    def test_serial_number_of_another_company_is_refused(self):
        other = self._create_company_with_books("Branch")
        self.lot.company_id = other

        with self.assertRefused("SN-001", "Basement pump", "belongs to another company"):
            self._create_equipment(lot_id=self.lot.id, company_id=self.company.id)

        self.assertFalse(self._find_all())

    def test_equipment_without_serial_numbers_may_repeat(self):
        pumps = self._create_equipment() + self._create_equipment()

        self.assertEqual(pumps.mapped("display_name"), ["Basement pump", "Basement pump"])

    def test_copy_leaves_the_serial_number_with_the_original(self):
        equipment = self._create_equipment(lot_id=self.lot.id)

        copy = equipment.copy()

        self.assertFalse(copy.lot_id)
        self.assertEqual(copy.customer_id, self.customer)

    def test_internal_equipment_works_as_before(self):
        printer = self.env["maintenance.equipment"].create({
            "name": "Office printer", "serial_no": "PRN-77",
            "partner_id": self.other_customer.id,
        })

        self.assertEqual(printer.display_name, "Office printer/PRN-77")
        self.assertFalse(printer.customer_id)
        self.assertEqual(printer.partner_id, self.other_customer)
        self.assertEqual(printer.aftersales_contract_count, 0)

    def test_contracts_of_the_equipment_are_counted_once(self):
        equipment = self._create_equipment()
        line = {"scope_type": "equipment", "equipment_id": equipment.id}
        contract = self._create_contract(lines=[line, line])

        self.assertEqual(equipment.aftersales_contract_count, 1)
        self.assertEqual(contract.equipment_count, 1)
        self.assertEqual(contract.line_ids[0].scope_label, "Basement pump")

    def test_plain_employees_do_not_see_customer_equipment(self):
        equipment = self._create_equipment()

        visible = self.env["maintenance.equipment"].with_user(self.outsider).search([
            ("id", "=", equipment.id),
        ])

        self.assertFalse(visible)
        for user in (self.agent, self.technician, self.officer, self.legal, self.manager):
            with self.subTest(user=user.login):
                self.assertTrue(equipment.with_user(user).has_access("read"))
