from datetime import date

from odoo.fields import Command

from ..common import AftersalesCommon


class WarrantyCommon(AftersalesCommon):
    """A pump with 12 months of warranty from delivery, its motor 24; the vendor answers for 6."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.motor = cls.env["product.product"].create({
            "name": "Motor M1", "is_storable": True, "aftersales_part_months": 6,
        })
        cls.pump = cls._create_product()
        cls.lot = cls._create_lot("SN-001")

    @classmethod
    def _create_product(cls, **vals):
        return cls.env["product.product"].create({
            "name": "Pump P1", "is_storable": True, "tracking": "serial",
            "aftersales_warranty_months": 12,
            "aftersales_main_part_ids": [Command.set(cls.motor.ids)],
            "aftersales_main_part_months": 24, "aftersales_vendor_months": 6,
            "taxes_id": [Command.set(cls.tax.ids)],
            "property_account_income_id": cls.income_account.id, **vals,
        })

    @classmethod
    def _create_lot(cls, name, product=None, **vals):
        return cls.env["stock.lot"].create({
            "name": name, "product_id": (product or cls.pump).id,
            "company_id": cls.company.id, **vals,
        })

    def _create_equipment(self, lot, **vals):
        return self.env["maintenance.equipment"].create({
            "name": "Basement pump", "customer_id": self.customer.id,
            "product_id": lot.product_id.id, "lot_id": lot.id, **vals,
        })

    def assertWarranty(self, lot, start, end, main_part_end):
        days = [day and date.fromisoformat(day) for day in (start, end, main_part_end)]
        self.assertEqual(
            [lot.aftersales_warranty_start, lot.aftersales_warranty_end,
             lot.aftersales_main_part_end], days)

    def _get_found(self, state, lots):
        """Return those of the lots that a search for the state finds."""
        return lots.search([("aftersales_warranty_state", "=", state), ("id", "in", lots.ids)])
