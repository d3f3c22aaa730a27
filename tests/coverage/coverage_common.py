from odoo.fields import Command
from odoo.tests import freeze_time

from ..common import AftersalesCommon


@freeze_time("2026-01-15 09:00")
class CoverageCommon(AftersalesCommon):
    """A lift of Northside Clinic with its serial number, and parts to mend it with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hour = cls.env.ref("uom.product_uom_hour")
        cls.lifts = cls.env["product.category"].create({"name": "Lifts"})
        cls.freight_lifts = cls.env["product.category"].create({
            "name": "Freight lifts", "parent_id": cls.lifts.id,
        })
        cls.consumables = cls.env["product.category"].create({"name": "Consumables"})
        cls.lift = cls.env["product.product"].create({
            "name": "Freight lift", "is_storable": True, "tracking": "serial",
            "categ_id": cls.freight_lifts.id,
        })
        cls.motor, cls.lamp, cls.belt = cls.env["product.product"].create([
            {"name": "Motor"}, {"name": "Lamp", "categ_id": cls.consumables.id},
            {"name": "Belt", "aftersales_is_wear_part": True},
        ])
        cls.lot = cls.env["stock.lot"].create({
            "name": "FL-1", "product_id": cls.lift.id, "company_id": cls.company.id,
        })
        cls.equipment = cls._create_equipment("Lift 1", lot_id=cls.lot.id)
        codes = cls.env["aftersales.failure.code"]
        cls.stuck, cls.noisy = codes.create([
            {"code": "T-STK", "name": "Stuck", "code_type": "mode"},
            {"code": "T-NOI", "name": "Noisy", "code_type": "mode"},
        ])
        cls.misuse, cls.ageing = codes.create([
            {"code": "T-MIS", "name": "Overload", "code_type": "cause",
             "is_outside_warranty": True},
            {"code": "T-AGE", "name": "Ageing", "code_type": "cause"},
        ])

    @classmethod
    def _create_equipment(cls, name, **vals):
        return cls.env["maintenance.equipment"].create({
            "name": name, "customer_id": cls.customer.id, "product_id": cls.lift.id,
            "company_id": cls.company.id, **vals,
        })

    @classmethod
    def _give_warranty(cls, start, end, **vals):
        cls.lot.write({
            "aftersales_warranty_start": start, "aftersales_warranty_end": end, **vals,
        })

    @classmethod
    def _create_cover(cls, subject="Lift care", contract=None, **vals):
        """Return the line of an active contract of 2026 that covers all work on the lift."""
        line = {
            "product_id": False, "price_unit": 0.0, "name": subject, "scope_type": "equipment",
            "equipment_id": cls.equipment.id, "cover_parts": 100.0, "cover_labour": 100.0,
            "cover_travel": 100.0, "cover_other": 100.0, **vals,
        }
        return cls._create_active(**(contract or {}), subject=subject, lines=[line]).line_ids

    @classmethod
    def _create_statement(cls, *charges, **vals):
        """Return a draft for the lift today; a charge is (kind, amount, other values)."""
        return cls.env["aftersales.statement"].create({
            "partner_id": cls.customer.id, "equipment_id": cls.equipment.id,
            "product_id": cls.lift.id, "lot_id": cls.lot.id, "date": "2026-01-15 09:00:00",
            "charge_ids": [Command.create(cls._create_charge_vals(*charge[:2], **dict(*charge[2:])))
                           for charge in charges],
            **vals,
        })

    @classmethod
    def _create_charge_vals(cls, kind, amount, **vals):
        quantity = vals.get("quantity", 1.0)
        return {
            "kind": kind, "name": kind, "amount_gross": amount, "price_unit": amount / quantity,
            "product_uom_id": cls.hour.id if kind == "labour" else False,
            "product_id": cls.motor.id if kind == "part" else False,
            **vals,
        }

    @classmethod
    def _decide(cls, statements):
        return cls.env["aftersales.coverage"]._decide_statements(statements)

    @classmethod
    def _get_shares(cls, statements):
        """Decide, and return (rule, payer, amount) of all live shares."""
        cls._decide(statements)
        covers = statements.charge_ids.cover_ids.filtered(lambda c: not c.superseded_on)
        return [(cover.rule, cover.payer, cover.amount) for cover in covers.sorted("id")]

    @classmethod
    def _get_reason(cls, statement):
        cls._decide(statement)
        covers = statement.charge_ids.cover_ids.filtered(lambda c: not c.superseded_on)
        return covers.sorted("id")[-1].reason
