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

    @mute_logger("odoo.sql_db")
    def test_same_serial_number_twice_is_refused(self):
        equipment = self._create_equipment(lot_id=self.lot.id)

        with self.assertRaises(IntegrityError) as caught:
            self._create_equipment(name="Same pump again", lot_id=self.lot.id)

        self.assertIn("maintenance_equipment_lot_uniq", str(caught.exception))
        self.assertEqual(
            self.env["maintenance.equipment"].search([("lot_id", "=", self.lot.id)]), equipment)

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
