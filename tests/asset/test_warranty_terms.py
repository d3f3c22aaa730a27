from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .warranty_common import WarrantyCommon


class TestWarrantyTerms(WarrantyCommon):
    """What a product grants, and which units it is for."""

    def test_negative_months_are_refused(self):
        for name, label in (
            ("aftersales_warranty_months", "Warranty (months)"),
            ("aftersales_main_part_months", "Warranty of Main Parts (months)"),
            ("aftersales_vendor_months", "Vendor Warranty (months)"),
            ("aftersales_part_months", "Warranty When Fitted (months)"),
        ):
            before = self.pump[name]
            with self.subTest(field=name), self.assertRefused(
                "Pump P1", label, "-1", error=ValidationError,
            ):
                self.pump[name] = -1
            self.pump.invalidate_recordset()
            self.assertEqual(self.pump[name], before)

    def test_warranty_of_untracked_products_is_refused(self):
        for name in ("aftersales_warranty_months", "aftersales_vendor_months"):
            with self.subTest(field=name), self.assertRefused(
                "Motor M1", "not tracked", "unique serial number", error=ValidationError,
            ):
                self.motor[name] = 12
            self.motor.invalidate_recordset()
            self.assertEqual(self.motor[name], 0)

    def test_tracking_cannot_be_taken_away_under_a_warranty(self):
        product = self._create_product(name="Fan")

        with self.assertRefused("Fan", "not tracked", error=ValidationError):
            product.tracking = "none"

        product.invalidate_recordset()
        self.assertEqual(product.tracking, "serial")

    def test_lots_do_not_become_equipment(self):
        with self.assertRefused("Pump P1", "unique serial number", error=ValidationError):
            self.pump.write({"aftersales_is_equipment": True, "tracking": "lot"})

        self.pump.invalidate_recordset()
        self.assertEqual(self.pump.tracking, "serial")
        self.assertFalse(self.pump.aftersales_is_equipment)

    def test_main_parts_last_longer_or_as_long(self):
        with self.assertRefused("Pump P1", "11 months", "12 months", error=ValidationError):
            self.pump.aftersales_main_part_months = 11
        with self.assertRefused("Pump P1", "no main part", error=ValidationError):
            self.pump.aftersales_main_part_ids = [Command.clear()]

        self.pump.invalidate_recordset()
        self.assertEqual(self.pump.aftersales_main_part_months, 24)
        self.assertEqual(self.pump.aftersales_main_part_ids, self.motor)

    def test_terms_are_entered_on_the_form(self):
        fan = self.env["product.template"].create({
            "name": "Fan", "is_storable": True, "tracking": "serial",
        })

        with Form(fan) as form:
            form.aftersales_warranty_months = 36
            form.aftersales_warranty_basis = "invoice"
            form.aftersales_warranty_scope = "part"

        lot = self._create_lot("F-1", fan.product_variant_id)
        self.assertEqual(lot.aftersales_warranty_months, 36)
        self.assertEqual(lot.aftersales_warranty_basis, "invoice")
        self.assertEqual(lot.aftersales_warranty_scope, "part")

    def test_new_terms_are_for_units_still_with_us(self):
        sold = self._create_lot("SN-002", aftersales_delivered_on="2025-06-01")

        self.pump.write({"aftersales_warranty_months": 18, "aftersales_warranty_scope": "part"})

        self.assertEqual(self.lot.aftersales_warranty_months, 18)
        self.assertEqual(self.lot.aftersales_warranty_scope, "part")
        self.assertEqual(sold.aftersales_warranty_months, 12)
        self.assertEqual(sold.aftersales_warranty_scope, "travel")
        self.assertWarranty(sold, "2025-06-01", "2026-05-31", "2027-05-31")

    def test_a_later_event_keeps_the_terms_of_the_sale(self):
        self.lot.aftersales_delivered_on = "2026-01-10"
        self.pump.aftersales_warranty_months = 6

        self.lot._extend_warranty(4, "Repair")

        self.assertWarranty(self.lot, "2026-01-10", "2027-01-13", "2028-01-13")

    def test_delivered_units_get_terms_when_somebody_says_so(self):
        fan = self._create_product(
            name="Fan", aftersales_warranty_months=0, aftersales_main_part_months=0)
        old = self._create_lot("F-1", fan, aftersales_delivered_on="2025-06-01")
        by_hand = self._create_lot("F-2", fan, aftersales_warranty_end="2026-03-31")
        fan.aftersales_warranty_months = 12
        self.assertWarranty(old, False, False, False)

        fan.product_tmpl_id.action_aftersales_apply_warranty()

        self.assertWarranty(old, "2025-06-01", "2026-05-31", "2026-05-31")
        self.assertWarranty(by_hand, False, "2026-03-31", "2026-03-31")

    def test_a_lot_of_another_product_takes_its_terms(self):
        fan = self._create_product(name="Fan", aftersales_main_part_months=36)

        self.lot.product_id = fan

        self.assertEqual(self.lot.aftersales_main_part_months, 36)
