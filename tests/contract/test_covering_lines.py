from odoo.exceptions import ValidationError

from ..common import AftersalesCommon


class TestCoveringLines(AftersalesCommon):
    """Equipment is under contract by whatever scope takes it in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machines = cls.env["product.category"].create({"name": "Machines"})
        cls.lifts = cls.env["product.category"].create({
            "name": "Lifts", "parent_id": cls.machines.id,
        })
        cls.lift_type, cls.pump = cls.env["product.product"].create([
            {"name": "Lift", "is_storable": True, "tracking": "serial", "categ_id": cls.lifts.id},
            {"name": "Pump", "is_storable": True, "tracking": "serial"},
        ])
        cls.lot = cls.env["stock.lot"].create({"name": "L-1", "product_id": cls.lift_type.id})
        cls.lift, cls.other_lift, cls.pump_unit, cls.foreign = cls.env[
            "maintenance.equipment"].create([
                {"name": "Lift 1", "customer_id": cls.customer.id, "lot_id": cls.lot.id,
                 "product_id": cls.lift_type.id},
                {"name": "Lift 2", "customer_id": cls.customer.id,
                 "product_id": cls.lift_type.id},
                {"name": "Pump", "customer_id": cls.customer.id, "product_id": cls.pump.id},
                {"name": "Hotel lift", "customer_id": cls.other_customer.id,
                 "product_id": cls.lift_type.id},
            ])
        cls.all_units = cls.lift + cls.other_lift + cls.pump_unit + cls.foreign

    def _get_under_contract(self):
        found = self.env["maintenance.equipment"].search([
            ("aftersales_is_under_contract", "=", True), ("id", "in", self.all_units.ids),
        ])
        self.env.invalidate_all()
        self.assertEqual(found, self.all_units.filtered("aftersales_is_under_contract"))
        return found

    def test_each_scope_takes_in_what_it_names(self):
        for line, units in (
            ({"scope_type": "equipment", "equipment_id": self.lift.id}, self.lift),
            ({"scope_type": "lot", "lot_id": self.lot.id}, self.lift),
            ({"scope_type": "product", "covered_product_id": self.pump.id}, self.pump_unit),
            ({"scope_type": "category", "covered_category_id": self.machines.id},
             self.lift + self.other_lift),
            ({"scope_type": "all"}, self.lift + self.other_lift + self.pump_unit),
            ({"scope_type": "none"}, self.lift.browse()),
        ):
            with self.subTest(scope=line["scope_type"]):
                contract = self._create_contract(lines=[line])
                self.assertFalse(self._get_under_contract())
                self._activate(contract)

                self.assertEqual(self._get_under_contract(), units)
                self.assertEqual(units.mapped("aftersales_contract_count"), [1] * len(units))
                self.assertEqual((self.all_units - units).mapped("aftersales_contract_count"),
                                 [0] * len(self.all_units - units))
                self.env.cr.execute(
                    "UPDATE aftersales_contract SET state = 'cancelled' WHERE id = %s",
                    [contract.id])
                self.env.invalidate_all()

    def test_contract_of_later_is_not_in_force_yet(self):
        self._create_active(date_start="2026-02-01", lines=[{"scope_type": "all"}])

        self.assertFalse(self._get_under_contract())
        self.assertEqual(self.lift.aftersales_contract_count, 1)

    def test_the_button_lists_all_of_them(self):
        contract = self._create_contract(lines=[
            {"scope_type": "category", "covered_category_id": self.lifts.id}])

        action = self.lift.action_view_aftersales_contracts()

        self.assertEqual(action["domain"], [("id", "in", contract.ids)])

    def test_queries_do_not_grow_with_the_equipment(self):
        self._create_active(lines=[{"scope_type": "all"}])
        self.all_units.mapped("product_id.categ_id.parent_path")
        many = self.lift.create([
            {"name": f"Lift {number}", "customer_id": self.customer.id,
             "product_id": self.lift_type.id} for number in range(40)
        ])
        self.env.flush_all()

        def count(units):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            units.mapped("aftersales_contract_count")
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(count(many), count(many[:1]) + 1)

    def test_equipment_under_contract_cannot_just_change_hands(self):
        contract = self._create_active(lines=[
            {"scope_type": "equipment", "equipment_id": self.lift.id}])

        with self.assertRefused("Lift 1", contract.name, "Move", error=ValidationError), \
                self.env.cr.savepoint():
            self.lift.customer_id = self.other_customer

        self.assertEqual(self.lift.customer_id, self.customer)
