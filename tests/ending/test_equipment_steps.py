from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, users

from .ending_common import EndingCommon


class TestEquipmentSteps(EndingCommon):
    """Contracts in force follow their equipment: it is swapped, moved away or retired."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({
            "name": "Lift", "is_storable": True, "tracking": "serial",
        })
        cls.old_lot, cls.new_lot = cls.env["stock.lot"].create([
            {"name": name, "product_id": cls.product.id} for name in ("OLD", "NEW")
        ])
        cls.lift = cls._create_equipment("Lift 1")
        cls.lift.write({"product_id": cls.product.id, "lot_id": cls.old_lot.id})

    def _create_lift_contract(self, scope="equipment", **vals):
        target = {"equipment_id": self.lift.id} if scope == "equipment" else {
            "lot_id": self.old_lot.id}
        return self._create_active(
            lines=[{"scope_type": scope, **target}, {"price_unit": 31.0}], **vals)

    def _take(self, step, user=None, **vals):
        return self.env[f"aftersales.equipment.{step}"].with_user(user or self.officer).create({
            "equipment_ids": self.lift.ids, "date": "2026-01-15", "reason": "Burnt out",
            "agreed_by": "Nora Northside", "agreed_on": "2026-01-14", **vals,
        }).action_confirm()

    def test_retiring_stops_the_billing_from_that_day(self):
        contract = self._create_lift_contract()
        self._bill(contract, "2026-01-15")

        self._take("retire")

        self.assertTrue(self.lift.retired_on)
        self.assertEqual(contract.line_ids.sorted("id")[0].date_end, date(2026, 1, 14))
        self.assertRecordValues(self._get_credits(contract), [{"amount_untaxed": 54.84}])
        self.assertEqual(self._bill_on(contract, "2026-02-01"), 31.0)
        self.assertRecordValues(contract.equipment_change_ids, [{
            "kind": "remove", "old_equipment_id": self.lift.id, "agreed_by": "Nora Northside",
        }])

    def test_swap_passes_equipment_lines_on(self):
        contract = self._create_lift_contract()
        self._bill(contract, "2026-01-15")
        owed = self._get_owed(contract)

        self._take("swap", lot_id=self.new_lot.id)

        new = self.lift.replaced_by_id
        line = contract.line_ids.sorted("id")[0]
        self.assertEqual(line.equipment_id, new)
        self.assertEqual(self._get_owed(contract), owed)
        self.assertFalse(self._get_credits(contract))
        self.assertEqual(line._get_equipment_on(date(2026, 1, 14)), self.lift)
        self.assertEqual(line._get_equipment_on(date(2026, 1, 15)), new)
        self.assertTrue(new.aftersales_is_under_contract)

    def test_swap_passes_serial_number_lines_on(self):
        contract = self._create_lift_contract(scope="lot")

        self._take("swap", lot_id=self.new_lot.id)

        line = contract.line_ids.sorted("id")[0]
        self.assertEqual(line.lot_id, self.new_lot)
        self.assertRecordValues(contract.equipment_change_ids, [{
            "kind": "swap", "old_equipment_id": self.lift.id,
            "new_equipment_id": self.lift.replaced_by_id.id,
        }])

    def test_moving_to_another_customer_ends_the_line(self):
        contract = self._create_lift_contract()

        self._take("move", customer_id=self.other_customer.id)

        self.assertEqual(self.lift.customer_id, self.other_customer)
        self.assertEqual(contract.line_ids.sorted("id")[0].date_end, date(2026, 1, 14))

    def test_moving_to_another_site_leaves_the_contract_alone(self):
        contract = self._create_lift_contract()
        site = self.env["res.partner"].create({"name": "East", "parent_id": self.customer.id})

        self._take("move", customer_id=self.customer.id, site_id=site.id, agreed_by=False)

        self.assertEqual(self.lift.site_id, site)
        self.assertFalse(contract.line_ids.sorted("id")[0].date_end)

    def test_the_wizard_shows_the_contracts_it_touches(self):
        contract = self._create_lift_contract()
        form = Form(self.env["aftersales.equipment.move"].with_user(self.officer).with_context(
            active_model="maintenance.equipment", active_ids=self.lift.ids))

        self.assertFalse(form.touched_line_ids)
        form.customer_id = self.other_customer
        self.assertEqual(form.touched_line_ids[:].contract_id, contract)

    def test_refusals_change_nothing(self):
        contract = self._create_lift_contract()
        before = self._get_snapshot(contract)
        cases = [
            ("retire", {"agreed_by": False}, self.officer, "Enter who agreed"),
            ("move", {"agreed_by": False, "customer_id": self.other_customer.id}, self.officer,
             "Enter who agreed"),
            ("retire", {}, self.agent, "Ask a contract officer"),
            ("swap", {"lot_id": self.new_lot.id}, self.technician, "Ask a contract officer"),
        ]
        for step, vals, user, message in cases:
            with self.subTest(step=step, message=message):
                with self.assertRefused(contract.name, message), self.env.cr.savepoint():
                    self._take(step, user, **vals)
                self.env.invalidate_all()
                self.assertEqual(self._get_snapshot(contract), before)
                self.assertFalse(self.lift.retired_on)
                self.assertEqual(self.lift.customer_id, self.customer)

    def test_the_last_line_is_ended_by_terminating_the_contract(self):
        contract = self._create_active(lines=[
            {"scope_type": "equipment", "equipment_id": self.lift.id}])

        with self.assertRefused("Terminate it instead"), self.env.cr.savepoint():
            self._take("retire")
        self._terminate(contract, "2026-01-14")
        self._take("retire")

        self.assertTrue(self.lift.retired_on)

    def test_contract_waiting_for_signatures_comes_first(self):
        contract = self._create_contract(lines=[
            {"scope_type": "equipment", "equipment_id": self.lift.id}])
        contract.action_submit()
        contract.action_approve()

        with self.assertRefused(contract.name, "waits for signatures"):
            self._take("retire")

        self.assertFalse(self.lift.retired_on)

    def test_unit_in_service_elsewhere_is_no_replacement(self):
        other = self._create_equipment("Lift 2")
        other.write({"product_id": self.product.id, "lot_id": self.new_lot.id})
        self._create_active(lines=[{"scope_type": "equipment", "equipment_id": other.id}])

        with self.assertRefused("Lift 2", "itself covered", error=UserError):
            self._take("swap", lot_id=self.new_lot.id)

        self.assertEqual(other.name, "Lift 2")

    @users("test_officer")
    def test_reinstated_equipment_is_not_covered_again(self):
        contract = self._create_lift_contract()
        self._take("retire")

        self.lift.with_env(self.env).action_reinstate()

        self.assertFalse(self.lift.retired_on)
        self.assertEqual(contract.line_ids.sorted("id")[0].date_end, date(2026, 1, 14))
