from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .warranty_common import WarrantyCommon


class TestWarrantyFacts(WarrantyCommon):
    """Invoices that begin a warranty, and receipts that begin the vendor's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.aftersales_warranty_basis = "invoice"
        cls.pump.invoice_policy = "order"
        cls.stock = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1)
        cls.vendor = cls.env["res.partner"].create({"name": "Pump Works", "is_company": True})

    def _order(self, lots):
        """Confirm an order of these units, which are in stock."""
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                lot.product_id, self.stock.lot_stock_id, 1, lot_id=lot)
        order = self.env["sale.order"].create({
            "partner_id": self.customer.id,
            "order_line": [Command.create({
                "product_id": self.pump.id, "product_uom_qty": len(lots), "price_unit": 900.0,
            })],
        })
        order.action_confirm()
        return order

    def _deliver(self, order, lots):
        picking = order.picking_ids.filtered(lambda picking: picking.state != "done")
        move = picking.move_ids
        move.move_line_ids.unlink()
        move.move_line_ids = [Command.create({
            "product_id": self.pump.id, "lot_id": lot.id, "quantity": 1,
            "location_id": move.location_id.id, "location_dest_id": move.location_dest_id.id,
        }) for lot in lots]
        move.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        for lot in lots:
            lot.aftersales_delivered_on = "2026-01-15"

    def _invoice(self, order, day, quantity=None):
        invoice = order._create_invoices()
        invoice.invoice_date = day
        if quantity:
            invoice.invoice_line_ids.quantity = quantity
        invoice.action_post()
        return invoice

    def test_it_begins_with_the_invoice(self):
        order = self._order(self.lot)
        self._deliver(order, self.lot)
        self.assertWarranty(self.lot, False, False, False)

        self._invoice(order, "2026-01-20")

        self.assertEqual(self.lot.aftersales_invoiced_on, date(2026, 1, 20))
        self.assertWarranty(self.lot, "2026-01-20", "2027-01-19", "2028-01-19")

    def test_the_invoice_may_come_before_the_delivery(self):
        order = self._order(self.lot)
        self._invoice(order, "2026-01-10")
        self.assertWarranty(self.lot, False, False, False)

        self._deliver(order, self.lot)

        self.assertWarranty(self.lot, "2026-01-10", "2027-01-09", "2028-01-09")

    def test_an_invoice_set_back_to_draft_begins_nothing(self):
        order = self._order(self.lot)
        self._deliver(order, self.lot)
        invoice = self._invoice(order, "2026-01-20")

        invoice.button_draft()
        self.assertWarranty(self.lot, False, False, False)

        invoice.invoice_date = "2026-01-22"
        invoice.action_post()
        self.assertWarranty(self.lot, "2026-01-22", "2027-01-21", "2028-01-21")

    def test_a_reversed_invoice_begins_nothing(self):
        order = self._order(self.lot)
        self._deliver(order, self.lot)
        invoice = self._invoice(order, "2026-01-20")

        credit = invoice._reverse_moves([{"invoice_date": "2026-01-25"}], cancel=True)
        self.assertWarranty(self.lot, False, False, False)

        credit.button_draft()
        self.assertWarranty(self.lot, "2026-01-20", "2027-01-19", "2028-01-19")

    def test_first_delivered_is_first_invoiced(self):
        lots = self.lot + self._create_lot("SN-002") + self._create_lot("SN-003")
        order = self._order(lots)
        with freeze_time("2026-01-15 10:00"):
            self._deliver(order, lots)
        self._invoice(order, "2026-01-20", quantity=2)

        self.assertEqual(
            lots.mapped("aftersales_invoiced_on"), [date(2026, 1, 20), date(2026, 1, 20), False])

        self._invoice(order, "2026-01-31")

        self.assertEqual(
            lots.mapped("aftersales_warranty_end"),
            [date(2027, 1, 19), date(2027, 1, 19), date(2027, 1, 30)])

    def test_other_bases_do_not_heed_invoices(self):
        self.pump.aftersales_warranty_basis = "delivery"
        order = self._order(self.lot)
        self._deliver(order, self.lot)

        self._invoice(order, "2026-01-20")

        self.assertFalse(self.lot.aftersales_invoiced_on)
        self.assertWarranty(self.lot, "2026-01-15", "2027-01-14", "2028-01-14")

    def test_a_date_entered_by_hand_stays(self):
        self.lot.aftersales_invoiced_on = "2025-12-01"

        self.lot.aftersales_delivered_on = "2025-12-05"

        self.assertWarranty(self.lot, "2025-12-01", "2026-11-30", "2027-11-30")

    # -------------------------------------------------------------------------
    # Recourse
    # -------------------------------------------------------------------------

    def _receive(self, names, moment="2026-01-15 09:00"):
        order = self.env["purchase.order"].create({
            "partner_id": self.vendor.id,
            "order_line": [Command.create({
                "product_id": self.pump.id, "product_qty": len(names), "price_unit": 500.0,
            })],
        })
        order.button_confirm()
        picking = order.picking_ids
        move = picking.move_ids
        move.move_line_ids.unlink()
        move.move_line_ids = [Command.create({
            "product_id": self.pump.id, "lot_name": name, "quantity": 1,
            "location_id": move.location_id.id, "location_dest_id": move.location_dest_id.id,
        }) for name in names]
        move.picked = True
        with freeze_time(moment):
            picking.button_validate()
        return move.move_line_ids.lot_id

    def test_the_vendor_answers_from_the_receipt(self):
        lots = self._receive(["V-1", "V-2"])

        self.assertEqual(lots.aftersales_vendor_id, self.vendor)
        self.assertEqual(lots.mapped("aftersales_received_on"), [date(2026, 1, 15)] * 2)
        self.assertEqual(lots.mapped("aftersales_vendor_end"), [date(2026, 7, 14)] * 2)

    def test_the_receipt_is_of_the_day_of_the_company(self):
        self.company.partner_id.tz = "Asia/Shanghai"

        lot = self._receive(["V-1"], "2026-01-30 16:30")

        self.assertEqual(lot.aftersales_received_on, date(2026, 1, 31))
        self.assertEqual(lot.aftersales_vendor_end, date(2026, 7, 30))

    def test_claimable_on_the_last_day(self):
        lot = self._receive(["V-1"])  # until 2026-07-14
        for moment, claimable in (("2026-07-14 23:59", True), ("2026-07-15 00:00", False)):
            with self.subTest(moment=moment), freeze_time(moment):
                lot.invalidate_recordset(["aftersales_is_claimable"])
                self.assertEqual(lot.aftersales_is_claimable, claimable)
                self.assertEqual(
                    bool(lot.search([("aftersales_is_claimable", "=", True),
                                     ("id", "=", lot.id)])), claimable)
                self.assertEqual(
                    bool(lot.search([("aftersales_is_claimable", "=", False),
                                     ("id", "=", lot.id)])), not claimable)

    def test_a_unit_without_a_vendor_is_not_claimable(self):
        self.assertFalse(self.lot.aftersales_is_claimable)
        self.assertIn(self.lot, self.lot.search([("aftersales_is_claimable", "=", False)]))

    def test_a_second_receipt_begins_nothing_anew(self):
        lot = self._receive(["V-1"])
        self.assertEqual(lot.aftersales_received_on, date(2026, 1, 15))
        back = self.env["stock.move"].create({
            "product_id": self.pump.id, "product_uom_qty": 1,
            "location_id": self.env.ref("stock.stock_location_suppliers").id,
            "location_dest_id": self.stock.lot_stock_id.id,
            "move_line_ids": [Command.create({
                "product_id": self.pump.id, "lot_id": lot.id, "quantity": 1,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.stock.lot_stock_id.id,
            })],
        })
        self.env["stock.quant"]._update_available_quantity(
            self.pump, self.stock.lot_stock_id, -1, lot_id=lot)
        back.picked = True
        with freeze_time("2026-03-01 09:00"):
            back._action_done()

        self.assertEqual(lot.aftersales_received_on, date(2026, 1, 15))
        self.assertEqual(lot.aftersales_vendor_id, self.vendor)

    def test_new_vendor_terms_are_for_later_receipts(self):
        lot = self._receive(["V-1"])
        self.env.flush_all()

        self.pump.aftersales_vendor_months = 24

        self.assertEqual(lot.aftersales_vendor_end, date(2026, 7, 14))
