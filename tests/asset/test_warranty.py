from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, users

from .warranty_common import WarrantyCommon


class TestWarranty(WarrantyCommon):
    """When the warranty of a unit begins and ends, and what moves it. Today is 2026-01-15."""

    # -------------------------------------------------------------------------
    # Start
    # -------------------------------------------------------------------------

    def test_it_begins_with_the_delivery(self):
        self.assertWarranty(self.lot, False, False, False)

        self.lot.aftersales_delivered_on = "2026-01-15"
        self.assertWarranty(self.lot, "2026-01-15", "2027-01-14", "2028-01-14")

        self.lot.aftersales_delivered_on = False
        self.assertWarranty(self.lot, False, False, False)

    def test_it_begins_with_the_installation(self):
        self.pump.aftersales_warranty_basis = "installation"
        self.lot.aftersales_delivered_on = "2026-01-05"
        self.assertWarranty(self.lot, False, False, False)

        equipment = self._create_equipment(self.lot, install_date="2026-01-12")
        self.assertWarranty(self.lot, "2026-01-12", "2027-01-11", "2028-01-11")
        self.assertEqual(equipment.warranty_end, date(2027, 1, 11))

        equipment.install_date = "2026-01-13"
        self.assertWarranty(self.lot, "2026-01-13", "2027-01-12", "2028-01-12")

    def test_retiring_takes_nothing_from_a_warranty_that_began_with_the_installation(self):
        product = self._create_product(aftersales_warranty_basis="installation")
        lot = self._create_lot("SN-9", product)
        equipment = self._create_equipment(lot, install_date="2026-01-12")

        equipment._retire(date(2026, 1, 14), "Worn out")
        lot.invalidate_recordset()

        self.assertFalse(equipment.active)
        self.assertWarranty(lot, "2026-01-12", "2027-01-11", "2028-01-11")

    def test_a_retired_equipment_keeps_its_warranty(self):
        self.pump.aftersales_warranty_basis = "installation"
        equipment = self._create_equipment(self.lot, install_date="2026-01-12")

        equipment.retired_on = "2026-01-14"

        self.assertWarranty(self.lot, "2026-01-12", "2027-01-11", "2028-01-11")

    def test_only_the_end_of_an_old_unit_is_known(self):
        lot = self._create_lot("OLD-1", aftersales_warranty_end="2026-06-30")

        self.assertWarranty(lot, False, "2026-06-30", "2026-06-30")
        event = lot.aftersales_warranty_event_ids
        self.assertEqual((event.kind, event.date_end), ("correction", date(2026, 6, 30)))
        self.assertEqual(lot.aftersales_warranty_state, "running")

        lot._extend_warranty(10, "Repair")
        self.assertWarranty(lot, False, "2026-07-10", "2026-07-10")

    def test_a_last_day_typed_later_is_noted_too(self):
        self.lot.aftersales_delivered_on = "2026-01-05"

        self.lot.aftersales_warranty_end = "2027-06-30"
        self.assertWarranty(self.lot, "2026-01-05", "2027-06-30", "2028-01-04")
        self.lot.aftersales_main_part_end = "2029-12-31"

        self.assertWarranty(self.lot, "2026-01-05", "2027-06-30", "2029-12-31")
        self.assertEqual(
            self.lot.aftersales_warranty_event_ids.sorted("id").mapped(
                lambda event: (event.date_end, event.main_part_end)),
            [(date(2027, 6, 30), False), (False, date(2029, 12, 31))])

    def test_it_cannot_end_before_it_begins(self):
        self.lot.aftersales_delivered_on = "2026-01-05"

        with self.assertRefused("SN-001", "01/05/2026"):
            self.lot.aftersales_warranty_end = "2026-01-04"

        self.lot.invalidate_recordset()
        self.assertWarranty(self.lot, "2026-01-05", "2027-01-04", "2028-01-04")
        self.assertFalse(self.lot.aftersales_warranty_event_ids)

    def test_a_unit_sold_again_begins_a_new_life(self):
        self.lot.aftersales_delivered_on = "2025-01-01"
        self.lot._extend_warranty(30, "Repair", date=date(2025, 5, 1))
        self.assertWarranty(self.lot, "2025-01-01", "2026-01-30", "2027-01-30")

        self.lot.aftersales_delivered_on = "2026-01-10"

        self.assertWarranty(self.lot, "2026-01-10", "2027-01-09", "2028-01-09")

    # -------------------------------------------------------------------------
    # Is it under warranty now?
    # -------------------------------------------------------------------------

    def test_every_state_is_computed_and_found_alike(self):
        self.company.aftersales_warranty_notice_days = 60
        days = {
            "first_day": ("2026-01-15", "running"),
            "eve": ("2026-01-16", "not_begun"),
            "sixty_one_days_left": ("2025-03-18", "running"),  # until 2026-03-17
            "sixty_days_left": ("2025-03-17", "ending"),  # until 2026-03-16
            "last_day": ("2025-01-16", "ending"),  # until 2026-01-15
            "day_after": ("2025-01-15", "main_part"),
            "last_day_of_main_parts": ("2024-01-16", "main_part"),
            "day_after_main_parts": ("2024-01-15", "over"),
            "not_delivered": (False, "not_begun"),
        }
        plain = self.env["product.product"].create({
            "name": "Valve", "is_storable": True, "tracking": "serial",
        })
        lots = self._create_lot("none", plain)
        expected = {lots: "none"}
        for name, (day, state) in days.items():
            lot = self._create_lot(name, aftersales_delivered_on=day)
            expected[lot] = state
            lots += lot

        for lot, state in expected.items():
            with self.subTest(lot=lot.name):
                self.assertEqual(lot.aftersales_warranty_state, state)
        for state in ("none", "not_begun", "running", "ending", "main_part", "over"):
            with self.subTest(state=state):
                self.assertEqual(
                    set(self._get_found(state, lots)),
                    {lot for lot, found in expected.items() if found == state})
        others = lots.search([
            ("aftersales_warranty_state", "!=", "none"), ("id", "in", lots.ids),
        ])
        self.assertEqual(len(others), 9)

    def test_the_last_day_is_that_of_the_company(self):
        """At 2026-01-15 20:00 UTC the 16th has begun in Shanghai."""
        lot = self._create_lot("A", aftersales_delivered_on="2025-01-16")  # until 2026-01-15
        for zone, moment, state in (
            ("UTC", "2026-01-15 23:59:59", "ending"),
            ("UTC", "2026-01-16 00:00:00", "main_part"),
            ("Asia/Shanghai", "2026-01-15 15:59:59", "ending"),
            ("Asia/Shanghai", "2026-01-15 16:00:00", "main_part"),
            ("America/New_York", "2026-01-16 04:59:59", "ending"),
            ("America/New_York", "2026-01-16 05:00:00", "main_part"),
        ):
            self.company.partner_id.tz = zone
            with self.subTest(zone=zone, moment=moment), freeze_time(moment):
                lot.invalidate_recordset(["aftersales_warranty_state"])
                self.assertEqual(lot.aftersales_warranty_state, state)
                self.assertEqual(self._get_found(state, lot), lot)

    def test_each_company_has_its_day_and_its_notice(self):
        other = self._create_company_with_books("Shanghai branch")
        other.partner_id.tz = "Asia/Shanghai"
        other.aftersales_warranty_notice_days = 5
        self.company.aftersales_warranty_notice_days = 60
        here = self._create_lot("A", aftersales_delivered_on="2025-01-21")  # until 2026-01-20
        there, shared = self.env["stock.lot"].create([
            {"name": "B", "product_id": self.pump.id, "company_id": other.id,
             "aftersales_delivered_on": "2025-01-23"},  # until 2026-01-22, on the 15th 7 days
            {"name": "C", "product_id": self.pump.id, "company_id": False,
             "aftersales_delivered_on": "2025-01-23"},
        ])
        lots = here + there + shared

        self.assertEqual(
            lots.mapped("aftersales_warranty_state"), ["ending", "running", "ending"])
        self.assertEqual(self._get_found("ending", lots), here + shared)
        self.assertEqual(self._get_found("running", lots), there)

    def test_the_answer_is_a_sentence(self):
        def get_text(delivered_on, **vals):
            lot = self._create_lot(f"T-{delivered_on}-{vals}", aftersales_delivered_on=delivered_on)
            return lot.aftersales_warranty_text

        self.assertEqual(get_text(False), "Not yet: the warranty begins with the delivery.")
        self.assertEqual(
            get_text("2026-02-01"), "Not yet: the warranty begins on 02/01/2026.")
        self.assertEqual(
            get_text("2026-01-15"),
            "Yes: until 01/14/2027, its main parts until 01/14/2028. "
            "It pays for parts, labour and travel.")
        self.assertEqual(
            get_text("2025-01-10"),
            "Only its main parts: until 01/09/2027. The warranty of the whole unit ended on "
            "01/09/2026. It pays for parts, labour and travel.")
        self.assertEqual(get_text("2020-01-10"), "No: the warranty ended on 01/09/2022.")

    def test_the_answer_of_simpler_terms(self):
        fan = self._create_product(name="Fan", aftersales_main_part_months=0)
        for basis, scope, day, text in (
            ("delivery", "part", "2026-01-15", "Yes: until 01/14/2027. It pays for parts."),
            ("delivery", "labour", "2026-01-15",
             "Yes: until 01/14/2027. It pays for parts and labour."),
            ("installation", "part", False, "Not yet: the warranty begins with the installation."),
            ("invoice", "part", False, "Not yet: the warranty begins with the invoice."),
        ):
            fan.write({"aftersales_warranty_basis": basis, "aftersales_warranty_scope": scope})
            lot = self._create_lot(f"{basis}-{scope}", fan, aftersales_delivered_on=day)
            self.assertEqual(lot.aftersales_warranty_text, text)
        fan.write({"aftersales_warranty_months": 0, "aftersales_warranty_basis": "delivery"})
        lot = self._create_lot("nothing", fan)
        self.assertEqual(lot.aftersales_warranty_text, "No: no warranty was agreed.")

    def test_only_main_parts_were_granted(self):
        self.pump.aftersales_warranty_months = 0

        self.lot.aftersales_delivered_on = "2026-01-15"

        self.assertWarranty(self.lot, "2026-01-15", False, "2028-01-14")
        self.assertEqual(
            self.lot.aftersales_warranty_text,
            "Only its main parts: until 01/14/2028. It pays for parts, labour and travel.")

    def test_the_equipment_answers_like_its_serial_number(self):
        self.lot.aftersales_delivered_on = "2025-02-01"
        equipment = self._create_equipment(self.lot).with_user(self.technician)

        self.assertEqual(equipment.warranty_state, "ending")
        self.assertEqual(equipment.warranty_text, self.lot.aftersales_warranty_text)
        self.assertIn(equipment, equipment.search([("warranty_state", "=", "ending")]))
        self.assertNotIn(equipment, equipment.search([("warranty_state", "=", "running")]))

    # -------------------------------------------------------------------------
    # What moves it
    # -------------------------------------------------------------------------

    def test_repair_time_extends_it(self):
        self.lot.aftersales_delivered_on = "2025-03-01"

        event = self.lot._extend_warranty(14, "Repair of 1 to 15 January")

        self.assertWarranty(self.lot, "2025-03-01", "2026-03-14", "2027-03-14")
        self.assertEqual(event.date, date(2026, 1, 15))
        self.assertEqual(event.kind, "downtime")
        self.assertEqual(event.company_id, self.company)

    def test_a_unit_without_a_warranty_is_not_extended(self):
        other = self._create_lot("SN-002", aftersales_delivered_on="2025-03-01")

        with self.assertRefused("SN-001", "last day by hand"):
            (other + self.lot)._extend_warranty(14, "Repair")

        self.assertFalse((other + self.lot).aftersales_warranty_event_ids)
        self.assertWarranty(other, "2025-03-01", "2026-02-28", "2027-02-28")

    def test_extending_by_no_day_is_refused(self):
        self.lot.aftersales_delivered_on = "2025-03-01"
        for days in (0, -5):
            with self.subTest(days=days), self.assertRefused(
                "SN-001", str(days), error=ValidationError,
            ), self.env.cr.savepoint():
                self.lot._extend_warranty(days, "Repair")
        self.lot.invalidate_recordset()
        self.assertFalse(self.lot.aftersales_warranty_event_ids)
        self.assertWarranty(self.lot, "2025-03-01", "2026-02-28", "2027-02-28")

    def test_the_history_is_only_continued(self):
        self.lot.aftersales_delivered_on = "2025-03-01"
        event = self.lot._extend_warranty(14, "Repair")
        for refused in (lambda: event.write({"days": 1}), event.unlink):
            with self.assertRefused("SN-001", "cannot be"):
                refused()
        self.assertEqual(event.days, 14)
        self.assertWarranty(self.lot, "2025-03-01", "2026-03-14", "2027-03-14")

    def test_a_replacement_gets_the_rest(self):
        self.company.aftersales_replacement_warranty = "remaining"
        old = self._create_lot("OLD", aftersales_delivered_on="2025-06-01")
        old._extend_warranty(9, "Repair")  # until 2026-06-09, main parts 2027-06-09
        plain = self._create_product(
            name="Spare", aftersales_warranty_months=0, aftersales_main_part_months=0)
        new = self._create_lot("NEW", plain)

        event = new._take_over_warranty(old, date(2026, 1, 15))

        self.assertWarranty(new, False, "2026-06-09", "2027-06-09")
        self.assertEqual((event.kind, event.replaced_lot_id), ("replacement", old))
        self.assertEqual(event.reason, "Replaces OLD")

    def test_a_replacement_keeps_its_own_when_it_is_longer(self):
        old = self._create_lot("OLD", aftersales_delivered_on="2025-06-01")
        self.lot.aftersales_delivered_on = "2026-01-15"

        self.lot._take_over_warranty(old, date(2026, 1, 15))

        self.assertWarranty(self.lot, "2026-01-15", "2027-01-14", "2028-01-14")

    def test_a_replacement_gets_a_new_period(self):
        self.company.aftersales_replacement_warranty = "new"
        old = self._create_lot("OLD", aftersales_delivered_on="2025-06-01")
        plain = self._create_product(
            name="Spare", aftersales_warranty_months=0, aftersales_main_part_months=0)
        new = self._create_lot("NEW", plain)

        new._take_over_warranty(old, date(2026, 1, 31))

        self.assertWarranty(new, False, "2027-01-30", "2028-01-30")

    def test_a_new_period_is_never_less_than_the_rest(self):
        self.company.aftersales_replacement_warranty = "new"
        old = self._create_lot("OLD", aftersales_warranty_end="2029-12-31")

        self.lot._take_over_warranty(old, date(2026, 1, 15))

        self.assertWarranty(self.lot, False, "2029-12-31", "2029-12-31")

    def test_nothing_is_taken_over_after_the_last_day(self):
        for setting in ("remaining", "new"):
            self.company.aftersales_replacement_warranty = setting
            old = self._create_lot(f"OLD-{setting}", aftersales_delivered_on="2024-01-16")
            new = self._create_lot(f"NEW-{setting}")

            self.assertFalse(new._take_over_warranty(old, date(2026, 1, 16)))
            self.assertWarranty(new, False, False, False)

            new._take_over_warranty(old, date(2026, 1, 15))  # last day of the main parts
            self.assertWarranty(new, False, False, "2026-01-15")

    def test_it_begins_anew(self):
        self.lot.aftersales_delivered_on = "2025-02-01"

        self.lot._restart_warranty(date(2026, 1, 31), "Exchanged under guarantee")

        self.assertWarranty(self.lot, "2025-02-01", "2027-01-30", "2028-01-30")

    def test_it_cannot_begin_anew_without_a_period(self):
        plain = self._create_product(
            name="Spare", aftersales_warranty_months=0, aftersales_main_part_months=0)
        lot = self._create_lot("NEW", plain)

        with self.assertRefused("NEW", "by hand"):
            lot._restart_warranty(date(2026, 1, 15), "Exchanged")

        self.assertFalse(lot.aftersales_warranty_event_ids)

    # -------------------------------------------------------------------------
    # Fitted parts
    # -------------------------------------------------------------------------

    def test_a_fitted_part_has_a_warranty_of_its_own(self):
        equipment = self._create_equipment(self.lot)
        part = self.env["aftersales.equipment.part"].with_user(self.technician).create({
            "equipment_id": equipment.id, "product_id": self.motor.id,
            "date_fitted": "2026-01-31",
        })
        self.assertEqual(part.warranty_end, date(2026, 7, 30))

        self.motor.aftersales_part_months = 12
        self.assertEqual(part.warranty_end, date(2026, 7, 30))
        part.date_fitted = "2025-08-31"
        self.assertEqual(part.warranty_end, date(2026, 2, 28))

    def test_a_fitted_unit_keeps_its_longer_warranty(self):
        equipment = self._create_equipment(self._create_lot("HOST"))
        self.lot.aftersales_delivered_on = "2026-01-10"
        part = self.env["aftersales.equipment.part"].create({
            "equipment_id": equipment.id, "product_id": self.pump.id, "lot_id": self.lot.id,
            "date_fitted": "2026-01-12",
        })
        self.assertEqual(part.warranty_end, date(2027, 1, 9))

        self.lot._extend_warranty(5, "Repair")
        self.assertEqual(part.warranty_end, date(2027, 1, 14))

    def test_a_part_without_terms_has_none(self):
        self.motor.aftersales_part_months = 0
        part = self.env["aftersales.equipment.part"].create({
            "equipment_id": self._create_equipment(self.lot).id, "product_id": self.motor.id,
        })

        self.assertFalse(part.warranty_end)

    # -------------------------------------------------------------------------
    # The wizard, and who may
    # -------------------------------------------------------------------------

    def _open_wizard(self, records, user=None):
        return Form(self.env["aftersales.warranty.extend"].with_user(
            user or self.officer).with_context(
                active_model=records._name, active_ids=records.ids))

    def test_the_wizard_shows_and_does_the_same(self):
        self.lot.aftersales_delivered_on = "2025-03-01"
        form = self._open_wizard(self.lot)
        form.days = 14
        form.reason = "Repair"
        self.assertEqual(
            form.preview,
            "SN-001: 02/28/2026 → 03/14/2026; main parts 02/28/2027 → 03/14/2027")

        form.save().action_confirm()

        self.assertWarranty(self.lot, "2025-03-01", "2026-03-14", "2027-03-14")
        self.assertEqual(self.lot.aftersales_warranty_event_ids.user_id, self.officer)

    def test_the_wizard_works_from_the_equipment(self):
        self.lot.aftersales_delivered_on = "2025-03-01"
        form = self._open_wizard(self._create_equipment(self.lot))
        form.kind = "restart"
        form.reason = "Exchanged"

        form.save().action_confirm()

        self.assertWarranty(self.lot, "2025-03-01", "2027-01-14", "2028-01-14")

    def test_the_wizard_sets_a_last_day_by_hand(self):
        form = self._open_wizard(self.lot)
        form.kind = "correction"
        form.reason = "Sold by our predecessor"
        form.date_end = "2026-12-31"
        self.assertEqual(form.preview, "SN-001: – → 12/31/2026")
        form.save().action_confirm()

        self.assertWarranty(self.lot, False, "2026-12-31", "2026-12-31")

    def test_the_wizard_wants_a_last_day(self):
        form = self._open_wizard(self.lot)
        form.kind = "correction"
        form.reason = "Sold by our predecessor"
        wizard = form.save()

        with self.assertRefused("last day"):
            wizard.action_confirm()

        self.assertFalse(self.lot.aftersales_warranty_event_ids)
        self.assertWarranty(self.lot, False, False, False)

    @users("test_agent", "test_technician", "test_legal")
    def test_others_only_read(self):
        lot = self.lot.with_env(self.env)
        with self.assertRaises(AccessError):
            self.env["aftersales.warranty.extend"].create({
                "lot_ids": lot.ids, "reason": "-", "days": 3,
            })
        with self.assertRaises(AccessError):
            lot.aftersales_warranty_end = "2027-01-01"
        with self.assertRaises(AccessError):
            self.env["aftersales.warranty.event"].create({
                "lot_id": lot.id, "days": 3, "reason": "-",
            })
        self.assertFalse(self.lot.aftersales_warranty_event_ids)
        self.assertEqual(
            lot.aftersales_warranty_text, "Not yet: the warranty begins with the delivery.")

    def test_the_warehouse_does_not_set_last_days(self):
        keeper = self._create_user("keeper", "Kim Keeper", "stock.group_stock_user")

        with self.assertRaises(AccessError):
            self.lot.with_user(keeper).aftersales_warranty_end = "2027-01-01"

        self.lot.invalidate_recordset()
        self.assertFalse(self.lot.aftersales_warranty_end)
        self.assertFalse(self.lot.aftersales_warranty_event_ids)

    def test_every_role_opens_the_form(self):
        for user in (self.agent, self.technician, self.officer, self.legal, self.manager,
                     self.accountant):
            with self.subTest(user=user.login):
                form = Form(self.lot.with_user(user))
                self.assertEqual(form.aftersales_warranty_state, "not_begun")

    # -------------------------------------------------------------------------
    # Many at once
    # -------------------------------------------------------------------------

    def test_a_delivery_of_many_costs_as_much_as_of_one(self):
        lots = self.env["stock.lot"].create([
            {"name": f"Q-{number}", "product_id": self.pump.id, "company_id": self.company.id}
            for number in range(50)
        ])
        self.env.flush_all()
        self.env.invalidate_all()
        lots.mapped("product_id.tracking")

        with self.assertQueryCount(3):  # lots, events; update
            lots.aftersales_delivered_on = "2026-01-15"
            self.env.flush_all()

        self.assertEqual(set(lots.mapped("aftersales_warranty_end")), {date(2027, 1, 14)})

    def test_states_and_texts_of_many_are_read_at_once(self):
        lots = self.env["stock.lot"].create([
            {"name": f"Q-{number}", "product_id": self.pump.id, "company_id": self.company.id,
             "aftersales_delivered_on": "2026-01-15"}
            for number in range(50)
        ])
        lots[0].aftersales_warranty_text  # noqa: B018 - warms up the company
        self.env.flush_all()
        lots.invalidate_recordset()

        with self.assertQueryCount(1):
            lots.mapped("aftersales_warranty_text")

    def test_extending_many_costs_as_much_as_one(self):
        lots = self.env["stock.lot"].create([
            {"name": f"Q-{number}", "product_id": self.pump.id, "company_id": self.company.id,
             "aftersales_delivered_on": "2026-01-15"}
            for number in range(50)
        ])
        self.env.flush_all()

        with self.assertQueryCount(8):
            lots._extend_warranty(3, "Recall")
            self.env.flush_all()

        self.assertEqual(set(lots.mapped("aftersales_warranty_end")), {date(2027, 1, 17)})
