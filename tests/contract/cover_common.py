from odoo.fields import Command

from ..common import AftersalesCommon


class CoverCommon(AftersalesCommon):
    """Two lifts, and a value for every cover term there is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lift_category = cls.env["product.category"].create({"name": "Lifts"})
        cls.lift_product = cls.env["product.product"].create({
            "name": "Passenger lift", "is_storable": True, "tracking": "serial",
            "categ_id": cls.lift_category.id,
        })
        cls.lift, cls.other_lift = cls.env["maintenance.equipment"].create([
            {"name": name, "customer_id": cls.customer.id, "equipment_assign_to": "other"}
            for name in ("Lift 1", "Lift 2")
        ])
        cls.misuse = cls.env["aftersales.failure.code"].create({"code": "T1", "name": "Misuse"})
        cls.storm = cls.env["aftersales.failure.code"].create({"code": "T2", "name": "Storm"})
        cls.area = cls.env["aftersales.service.area"].create({
            "name": "North", "zip_prefixes": "20, 310",
        })
        cls.hours = cls.env["resource.calendar"].create({
            "name": "Weekdays", "tz": "Europe/Berlin",
            "attendance_ids": [Command.clear()] + [
                Command.create({
                    "name": "Day", "dayofweek": day, "hour_from": 8.0, "hour_to": 17.5,
                    "day_period": "full_day",
                })
                for day in "01234"
            ],
        })
        cls.level = cls.env["aftersales.sla"].create({
            "name": "Gold", "calendar_id": cls.hours.id,
            "target_ids": [Command.create({
                "priority": "1", "response_hours": 1, "resolution_hours": 8,
            })],
        })
        cls.cover = {
            "cover_parts": 100.0,
            "cover_labour": 80.0,
            "cover_travel": 33.33,
            "cover_other": 10.0,
            "covers_wear_parts": True,
            "excluded_cause_ids": [Command.set((cls.misuse + cls.storm).ids)],
            "excluded_category_ids": [Command.set(cls.lift_category.ids)],
            "quota_visits": 4,
            "quota_hours": 20.5,
            "quota_amount": 5000.0,
            "quota_period": "quarter",
            "service_mode": "on_site",
            "service_area_id": cls.area.id,
            "service_calendar_id": cls.hours.id,
            "sla_id": cls.level.id,
        }

    @classmethod
    def _on(cls, equipment, **vals):
        """Return a line that covers an equipment."""
        return {"scope_type": "equipment", "equipment_id": equipment.id, **vals}

    def _read_cover(self, lines):
        """Return the cover terms of each line, as the super-user sees them stored."""
        self.env.flush_all()
        self.env.invalidate_all()
        return [{
            name: line[name].ids if line._fields[name].relational else line[name]
            for name in line._get_cover_fields()
        } for line in lines.sudo()]

    def _get_expected_cover(self, **vals):
        cover = {
            **self.cover, "excluded_cause_ids": (self.misuse + self.storm).ids,
            "excluded_category_ids": self.lift_category.ids,
            "service_area_id": self.area.ids, "service_calendar_id": self.hours.ids,
            "sla_id": self.level.ids,
        }
        return {**cover, **vals}
