from datetime import date
from unittest.mock import patch

from odoo.tests import freeze_time

from ..common import AftersalesCommon


@freeze_time("2026-01-15 09:00")
class TestDeliveredEquipment(AftersalesCommon):
    """Delivered serial numbers become customer equipment by themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1)
        cls.storekeeper = cls._create_user("store", "Sam Store", "stock.group_stock_user")
        cls.pump, cls.plain = cls.env["product.product"].create([
            {"name": "Pump P1", "is_storable": True, "tracking": "serial",
             "aftersales_is_equipment": True, "aftersales_warranty_months": 12},
            {"name": "Spare S1", "is_storable": True, "tracking": "serial"},
        ])
        cls.customer_location = cls.env.ref("stock.stock_location_customers")
        cls.vendor_location = cls.env.ref("stock.stock_location_suppliers")
        cls.site = cls.env["res.partner"].create({
            "name": "East Wing", "parent_id": cls.customer.id, "type": "delivery",
        })

    def _create_lots(self, *names, product=None):
        product = product or self.pump
        lots = self.env["stock.lot"].create([
            {"name": name, "product_id": product.id} for name in names
        ])
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, 1, lot_id=lot)
        return lots

    def _create_picking(self, lots, partner, source=None, dest=None, kind="out", warehouse=None,
                        **vals):
        warehouse = warehouse or self.warehouse
        source = source or warehouse.lot_stock_id
        dest = dest or self.customer_location
        picking = self.env["stock.picking"].create({
            "picking_type_id": warehouse[f"{kind}_type_id"].id, "partner_id": partner.id,
            "location_id": source.id, "location_dest_id": dest.id,
            "move_ids": [(0, 0, {
                "product_id": product.id, "product_uom_qty": len(product_lots),
                "location_id": source.id, "location_dest_id": dest.id,
                "company_id": warehouse.company_id.id, **vals,
            }) for product, product_lots in lots.grouped("product_id").items()],
        })
        picking.action_confirm()
        picking.move_line_ids.unlink()
        self.env["stock.move.line"].create([{
            "picking_id": picking.id, "product_id": lot.product_id.id, "lot_id": lot.id,
            "move_id": picking.move_ids.filtered(
                lambda move, lot=lot: move.product_id == lot.product_id).id,
            "quantity": 1, "location_id": source.id, "location_dest_id": dest.id,
        } for lot in lots])
        picking.move_ids.picked = True
        return picking

    def _deliver(self, lots, partner=None, **vals):
        picking = self._create_picking(lots, partner or self.site, **vals)
        picking.with_user(self.storekeeper)._action_done()
        self.assertEqual(picking.state, "done")
        return picking

    def _return(self, lots, partner=None):
        return self._deliver(
            lots, partner, source=self.customer_location, dest=self.warehouse.lot_stock_id,
            kind="in")

    def _get_equipment(self, lots):
        return self.env["maintenance.equipment"].with_context(active_test=False).search(
            [("lot_id", "in", lots.ids)], order="id")

    def test_delivered_unit_becomes_equipment_of_the_customer(self):
        lot = self._create_lots("P-1")

        self._deliver(lot)

        equipment = self._get_equipment(lot)
        self.assertRecordValues(equipment, [{
            "name": "Pump P1", "customer_id": self.customer.id, "site_id": self.site.id,
            "product_id": self.pump.id, "company_id": self.company.id,
            "install_date": date(2026, 1, 15), "owner_user_id": False,
        }])
        self.assertEqual(lot.aftersales_delivered_on, date(2026, 1, 15))
        self.assertEqual(equipment.warranty_end, date(2027, 1, 14))
        self.assertEqual(equipment.event_ids.kind, "installed")
        self.assertNotIn(self.storekeeper.partner_id, equipment.message_partner_ids)

    def test_other_products_become_nothing(self):
        lot = self._create_lots("S-1", product=self.plain)

        self._deliver(lot)

        self.assertFalse(self._get_equipment(lot))
        self.assertFalse(lot.aftersales_delivered_on)

    def test_only_what_was_delivered(self):
        first, second = self._create_lots("P-1", "P-2")
        picking = self._create_picking(first + second, self.site)
        picking.move_line_ids.filtered(lambda line: line.lot_id == second).unlink()

        picking._action_done()

        self.assertEqual(self._get_equipment(first + second).lot_id, first)
        self.assertFalse(second.aftersales_delivered_on)

    def test_unit_installed_later_is_not_installed_yet(self):
        self.pump.aftersales_warranty_basis = "installation"
        lot = self._create_lots("P-1")

        self._deliver(lot)

        self.assertFalse(self._get_equipment(lot).install_date)

    def test_vendor_delivers_to_the_customer(self):
        vendor = self.env["res.partner"].create({"name": "Pump Works"})
        lot = self.env["stock.lot"].create({"name": "P-9", "product_id": self.pump.id})

        self._deliver(lot, vendor, source=self.vendor_location, partner_id=self.site.id)

        self.assertRecordValues(self._get_equipment(lot), [{
            "customer_id": self.customer.id, "site_id": self.site.id,
        }])

    def test_delivery_without_a_customer_says_so(self):
        lot = self._create_lots("P-1")

        picking = self._deliver(lot, self.env["res.partner"].browse([False]))

        self.assertFalse(self._get_equipment(lot))
        self.assertTrue(picking.message_ids.filtered(lambda m: "P-1 became nobody" in m.body))

    def test_unit_sent_in_and_back_stays_one_record(self):
        lot = self._create_lots("P-1")
        self._deliver(lot)
        equipment = self._get_equipment(lot)

        with freeze_time("2026-02-01 09:00"):
            self._return(lot)
            self.assertEqual(equipment.aftersales_returned_on, date(2026, 2, 1))
            self.assertTrue(equipment.active)
        with freeze_time("2026-02-10 09:00"):
            self._deliver(lot, self.customer)

        self.assertEqual(self._get_equipment(lot), equipment)
        self.assertFalse(equipment.aftersales_returned_on)
        self.assertEqual(equipment.site_id, self.site)
        self.assertEqual(lot.aftersales_delivered_on, date(2026, 1, 15))
        self.assertEqual(equipment.event_ids.sorted("id").mapped("kind"), [
            "installed", "returned", "installed",
        ])

    def test_unit_sold_again_moves_to_its_new_owner(self):
        lot = self._create_lots("P-1")
        self._deliver(lot)
        equipment = self._get_equipment(lot)
        equipment._retire(date(2026, 1, 15), "Given back")
        with freeze_time("2026-03-01 09:00"):
            self._return(lot)
            self._deliver(lot, self.other_customer)

        self.assertEqual(self._get_equipment(lot), equipment)
        self.assertRecordValues(equipment, [{
            "customer_id": self.other_customer.id, "site_id": self.other_customer.id,
            "active": True, "retired_on": False, "aftersales_returned_on": False,
            "install_date": date(2026, 3, 1),
        }])
        self.assertEqual(lot.aftersales_delivered_on, date(2026, 3, 1))

    def test_former_owners_contract_officer_is_told(self):
        lot = self._create_lots("P-1")
        self._deliver(lot)
        equipment = self._get_equipment(lot)
        contract = self._create_active(lines=[
            {"scope_type": "equipment", "equipment_id": equipment.id},
        ])

        self._return(lot)
        self._deliver(lot, self.other_customer)

        self.assertEqual(equipment.customer_id, self.other_customer)
        activity = contract.activity_ids.filtered(lambda a: "somebody else" in (a.summary or ""))
        self.assertIn("Harbour Hotel", activity.note)

    def test_each_company_keeps_its_own(self):
        other = self._create_company_with_books("Second Service")
        lots = self._create_lots("P-1", "P-2")
        other_warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", other.id)], limit=1)
        mine = self._create_picking(lots[0], self.site)
        self.env["stock.quant"]._update_available_quantity(
            self.pump, other_warehouse.lot_stock_id, 1, lot_id=lots[1])
        theirs = self._create_picking(
            lots[1], self.site, warehouse=other_warehouse,
        )

        (mine + theirs)._action_done()

        self.assertEqual(
            [unit.company_id for unit in self._get_equipment(lots)], [self.company, other])

    def test_a_failed_delivery_leaves_nothing(self):
        lot = self._create_lots("P-1")
        picking = self._create_picking(lot, self.site)

        with patch.object(
            type(picking), "_send_confirmation_email", side_effect=ValueError("no mail server"),
        ), self.assertRaises(ValueError), self.env.cr.savepoint():
            picking._action_done()
        self.env.invalidate_all()

        self.assertFalse(self._get_equipment(lot))
        self.assertFalse(lot.aftersales_delivered_on)
        self.assertNotEqual(picking.state, "done")

    # -------------------------------------------------------------------------
    # Queries
    # -------------------------------------------------------------------------

    def _count_queries(self, lots, is_on=True):
        picking = self._create_picking(lots, self.site)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with patch.object(
            type(picking), "_note_customer_units",
            type(picking)._note_customer_units if is_on else lambda self: None,
        ):
            picking._action_done()
            self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_other_deliveries_cost_two_queries_at_most(self):
        lots = self._create_lots("S-0", "S-1", "S-2", product=self.plain)
        self._count_queries(lots[0])

        without, with_hook = self._count_queries(lots[1], False), self._count_queries(lots[2])

        self.assertLessEqual(with_hook - without, 2)

    def _assertCost(self, product, count, extra):
        """Deliver many units as core does, and with the hook: ``extra`` queries more."""
        lots = self._create_lots(
            *[f"Q-{number}" for number in range(2 * count + 1)], product=product)
        self._count_queries(lots[-1])

        core = self._count_queries(lots[:count], False)
        with_hook = self._count_queries(lots[count:2 * count])

        self.assertEqual(with_hook - core, extra)

    def test_warranties_of_a_delivery_cost_two_queries(self):
        self.plain.aftersales_warranty_months = 12

        self._assertCost(self.plain, 50, 2)  # equipment, warranty events

    def test_becoming_equipment_costs_seven_queries(self):
        # Besides those two: equipment and its history are inserted, places are named.
        self._assertCost(self.pump, 50, 7)

    def test_queries_do_not_grow_with_the_units(self):
        names = [f"P-{number}" for number in range(40)]
        lots = self._create_lots(*names)
        self._count_queries(lots[:1])
        costs = []
        for count, start in ((1, 1), (10, 10)):
            with_hook = self._count_queries(lots[start:start + count])
            without = self._count_queries(lots[start + 19:start + 19 + count], False)
            costs.append(with_hook - without)

        self.assertEqual(costs[1], costs[0])
