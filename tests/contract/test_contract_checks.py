from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from ..common import AftersalesCommon


class TestContractChecks(AftersalesCommon):
    """Bad input: a clear message that names the record and the remedy, and nothing changed."""

    # -------------------------------------------------------------------------
    # Contract
    # -------------------------------------------------------------------------

    def test_end_before_start_is_refused(self):
        contract = self._create_contract()

        with self.assertRefused(
            contract.name, "ends on 12/31/2025", "starts on 01/01/2026", "Enter an end",
            error=ValidationError,
        ):
            contract.date_end = "2025-12-31"

        self.assertEqual(contract.date_end, date(2026, 12, 31))

    def test_end_on_the_start_is_a_contract_of_one_day(self):
        contract = self._create_contract(date_start="2026-01-31", date_end="2026-01-31")

        self.assertEqual(contract.date_start, contract.date_end)

    def test_impossible_billing_day_is_refused(self):
        contract = self._create_contract()

        for day in (0, -1, 32):
            with self.subTest(day=day):
                with self.assertRefused(
                    contract.name, f"no day {day}", "from 1 to 31", error=ValidationError,
                ):
                    contract.billing_day = day

                self.assertEqual(contract.billing_day, 1)

    def test_customer_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Second Service"})
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": company.id})
        contract = self._create_contract()

        with self.assertRefused(contract.name, "Stranger", "another company"):
            contract.sudo().partner_id = stranger

        self.assertEqual(contract.partner_id, self.customer)

    def test_price_list_terms_and_service_of_another_company_are_refused(self):
        company = self.env["res.company"].create({"name": "Second Service"})
        contract = self._create_contract().sudo()
        records = {
            "pricelist_id": self.env["product.pricelist"].create({
                "name": "Their prices", "company_id": company.id,
            }),
            "payment_term_id": self.env["account.payment.term"].create({
                "name": "Their terms", "company_id": company.id,
            }),
        }
        for field_name, record in records.items():
            with self.subTest(field=field_name):
                before = contract[field_name]
                with self.assertRefused(contract.name, record.name, "another company"):
                    contract[field_name] = record

                self.assertEqual(contract[field_name], before)

        service = self._create_service("Their service", 10.0, company_id=company.id)
        with self.assertRefused("Their service", "another company"):
            contract.line_ids.product_id = service

        self.assertEqual(contract.line_ids.product_id, self.service)

    # -------------------------------------------------------------------------
    # Lines
    # -------------------------------------------------------------------------

    def test_bad_numbers_on_a_line_are_refused(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}])
        line = contract.line_ids
        cases = [
            ("quantity", 0.0, 1.0, "Enter a quantity above zero"),
            ("quantity", -1.0, 1.0, "Enter a quantity above zero"),
            ("recurrence_interval", 0, 1, "Enter an interval of at least 1"),
            ("recurrence_interval", -3, 1, "Enter an interval of at least 1"),
            ("discount", -1.0, 0.0, "Enter a discount from 0 to 100"),
            ("discount", 100.5, 0.0, "Enter a discount from 0 to 100"),
            ("price_unit", -0.01, 100.0, "use the discount, to give money back a credit note"),
        ]
        for field_name, value, before, remedy in cases:
            with self.subTest(field=field_name, value=value):
                with self.assertRefused(contract.name, "Lift 1", remedy, error=ValidationError):
                    line[field_name] = value

                self.assertEqual(line[field_name], before)

    def test_bad_numbers_at_creation_leave_no_contract_behind(self):
        count = self.env["aftersales.contract"].search_count([])

        for vals in (
            {"quantity": 0.0}, {"recurrence_interval": 0}, {"product_id": False},
            {"price_unit": -500.0},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._create_contract(lines=[vals | {"name": "Lift 1"}])

        self.assertEqual(self.env["aftersales.contract"].search_count([]), count)

    def test_price_without_a_service_is_refused(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}])

        with self.assertRefused(
            contract.name, "Lift 1", "100.0", "Choose a service", error=ValidationError,
        ):
            contract.write({"line_ids": [
                Command.create({"name": "Lift 1", "price_unit": 100.0}),
            ]})

        self.assertEqual(len(contract.line_ids), 1)

    def test_line_without_service_and_price_only_describes_the_cover(self):
        contract = self._create_contract(lines=[
            {"name": "Cover of parts", "product_id": False, "price_unit": 0.0},
        ])

        self.assertEqual(contract.line_ids.price_subtotal, 0.0)

    def test_scope_without_its_object_is_refused(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}])

        for scope, label in [
            ("equipment", "Equipment"), ("lot", "Serial Number"),
            ("product", "Covered Product"), ("category", "Covered Category"),
        ]:
            with self.subTest(scope=scope):
                with self.assertRefused(
                    contract.name, "Lift 1", label, "Choose one", error=ValidationError,
                ):
                    contract.line_ids.scope_type = scope

                self.assertEqual(contract.line_ids.scope_type, "none")

    def test_equipment_of_another_customer_is_refused(self):
        equipment = self.env["maintenance.equipment"].create({
            "name": "Hotel lift", "customer_id": self.other_customer.id,
        })
        contract = self._create_contract(lines=[{"name": "Lift 1"}])

        with self.assertRefused(
            "Lift 1", "Hotel lift", "Harbour Hotel", "Northside Clinic", error=ValidationError,
        ):
            contract.line_ids.write({"scope_type": "equipment", "equipment_id": equipment.id})

        self.assertFalse(contract.line_ids.equipment_id)

    def test_customer_cannot_change_away_from_the_equipment(self):
        equipment = self.env["maintenance.equipment"].create({
            "name": "Clinic lift", "customer_id": self.customer.id,
        })
        contract = self._create_contract(lines=[
            {"scope_type": "equipment", "equipment_id": equipment.id},
        ])

        with self.assertRefused("Clinic lift", error=ValidationError):
            contract.partner_id = self.other_customer

        self.assertEqual(contract.partner_id, self.customer)

    def test_line_that_ends_before_it_starts_is_refused(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}])

        with self.assertRefused(
            "Lift 1", "02/28/2026", "03/01/2026", "Enter an end", error=ValidationError,
        ):
            contract.line_ids.write({"date_start": "2026-03-01", "date_end": "2026-02-28"})

        self.assertFalse(contract.line_ids.date_start)

    def test_line_outside_its_contract_is_refused(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}])

        for vals in ({"date_start": "2027-01-01"}, {"date_end": "2025-12-31"}):
            with self.subTest(vals=vals):
                with self.assertRefused("Lift 1", error=ValidationError):
                    contract.line_ids.write(vals)

    def test_contract_dates_cannot_leave_a_line_outside(self):
        contract = self._create_contract(lines=[{"name": "Lift 1", "date_start": "2026-06-01"}])

        with self.assertRefused("Lift 1", error=ValidationError):
            contract.date_end = "2026-05-31"

        self.assertEqual(contract.date_end, date(2026, 12, 31))

    # -------------------------------------------------------------------------
    # What stops the way to the signature
    # -------------------------------------------------------------------------

    def test_contract_without_lines_cannot_be_submitted(self):
        contract = self._create_contract(lines=[])

        with self.assertRefused(contract.name, "has no lines", "Add what is covered"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_archived_service_cannot_be_promised(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}])
        self.service.active = False

        with self.assertRefused(contract.name, "Lift 1", "Maintenance plan", "Unarchive"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_price_list_price_without_a_price_list_cannot_be_promised(self):
        contract = self._create_contract(lines=[
            {"name": "Lift 1", "price_source": "pricelist"},
        ], pricelist_id=False)

        with self.assertRefused(contract.name, "Lift 1", "Choose a price list"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_archived_customer_cannot_be_promised(self):
        contract = self._create_contract()
        self.portal_user.active = self.other_portal_user.active = False
        self.customer.active = False

        with self.assertRefused(contract.name, "Northside Clinic", "archived"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_reasons_of_all_lines_are_told_at_once(self):
        contract = self._create_contract(lines=[
            {"name": "Lift 1"}, {"name": "Lift 2", "product_id": self.fee.id},
        ])
        (self.service + self.fee).active = False

        with self.assertRefused("Lift 1", "Maintenance plan", "Lift 2", "Set-up fee"):
            contract.action_submit()

    # -------------------------------------------------------------------------
    # Templates, register, company
    # -------------------------------------------------------------------------

    def test_negative_term_of_a_template_is_refused(self):
        with self.assertRefused("Short", "-1 months", error=ValidationError):
            self.env["aftersales.contract.template"].create({"name": "Short", "term_months": -1})

    def test_bad_numbers_on_a_template_line_are_refused(self):
        with self.assertRefused("Care", "quantity above zero", error=ValidationError):
            self.env["aftersales.contract.template"].create({"name": "Plan", "line_ids": [
                Command.create({
                    "name": "Care", "product_id": self.service.id, "quantity": 0.0,
                }),
            ]})

    def test_the_register_cannot_be_edited_by_hand(self):
        contract = self._create_active()
        obligation = contract.obligation_ids[0]

        for vals in ({"amount": 1.0}, {"date_planned": "2030-01-01"}, {"state": "met"},
                     {"period_end": "2030-01-01"}):
            with self.subTest(vals=vals):
                with self.assertRefused("cannot be edited", "Waived Because"):
                    obligation.with_user(self.manager).write(vals)

        self.assertEqual(obligation.amount, 100.0)
        self.assertEqual(obligation.date_planned, date(2026, 1, 1))

    def test_the_register_cannot_be_deleted(self):
        contract = self._create_active()

        with self.assertRefused(contract.name, "stays in the register", "Waive"):
            contract.obligation_ids[0].sudo().unlink()

        self.assertEqual(len(contract.obligation_ids), 12)

    def test_a_reason_waives_and_its_removal_revives(self):
        contract = self._create_active()
        obligation = contract.obligation_ids[0]

        obligation.waive_reason = "Goodwill: the lift stood still"
        self.assertEqual(obligation.state, "waived")

        obligation.waive_reason = False
        self.assertEqual(obligation.state, "due")

    @mute_logger("odoo.sql_db")
    def test_impossible_settings_of_the_company_are_refused(self):
        for vals in ({"aftersales_horizon_months": 0}, {"aftersales_grace_days": -1}):
            with self.subTest(vals=vals), self.assertRaises(IntegrityError):
                self.company.write(vals)
                self.company.flush_recordset()

    # -------------------------------------------------------------------------
    # Implausible or out of sight
    # -------------------------------------------------------------------------

    def test_implausible_start_is_refused(self):
        for start in ("1026-01-01", "2126-01-01"):
            with self.subTest(start=start):
                with self.assertRefused(
                    f"01/01/{start[:4]}", "within 20 years", error=ValidationError,
                ):
                    self._create_contract(date_start=start, date_end=False)

    def test_contract_under_way_is_not_archived(self):
        contract = self._create_active()

        with self.assertRefused(contract.name, "cannot be archived", error=ValidationError):
            contract.action_archive()

        self.assertTrue(contract.active)

    def test_line_dates_outside_the_contract_are_told_and_refused(self):
        contract = self._create_contract(lines=[
            {"name": "Lift 1", "date_end": "2027-01-31"},
            {"name": "Lift 2", "date_start": "2025-12-01"},
            {"name": "Lift 3", "date_start": "2026-02-01", "date_end": "2026-12-31"},
        ])

        self.assertEqual(contract.date_warning.split("\n"), [
            'Line "Lift 1" would last until 01/31/2027, but the contract ends on 12/31/2026. '
            "Change one of the two days, or leave the line's empty.",
            'Line "Lift 2" would begin on 12/01/2025, but the contract begins on 01/01/2026. '
            "Change one of the two days, or leave the line's empty.",
        ])
        with self.assertRefused(contract.name, "Lift 1", "Lift 2"):
            contract.action_submit()
        self.assertEqual(contract.state, "draft")

        contract.line_ids[0].date_end = False
        contract.line_ids[1].date_start = False
        self.assertFalse(contract.date_warning)
        self._activate(contract)
        self.assertEqual(contract.state, "active")

    # -------------------------------------------------------------------------
    # Equipment out of service
    # -------------------------------------------------------------------------

    def _create_lift(self, **vals):
        lift = self.env["product.product"].create({
            "name": "Lift", "is_storable": True, "tracking": "serial",
        })
        lot = self.env["stock.lot"].create({"name": "L-1", "product_id": lift.id})
        return self.env["maintenance.equipment"].create({
            "name": "Lift 1", "customer_id": self.customer.id, "product_id": lift.id,
            "lot_id": lot.id, "company_id": self.company.id, **vals,
        })

    def test_retired_equipment_is_not_promised(self):
        lift = self._create_lift()
        contract = self._create_contract(lines=[
            {"scope_type": "equipment", "equipment_id": lift.id},
            {"scope_type": "lot", "lot_id": lift.lot_id.id},
        ])
        lift._retire(date(2026, 1, 15), "Worn out")

        with self.assertRefused(
            contract.name, "Lift 1/L-1 was retired on 01/15/2026", "put it back into service",
        ):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")
        lift.action_reinstate()
        contract.action_submit()
        self.assertEqual(contract.state, "review")

    def test_equipment_that_retires_after_its_line_ends_is_no_matter(self):
        lift = self._create_lift()
        contract = self._create_contract(lines=[
            {"scope_type": "equipment", "equipment_id": lift.id, "date_end": "2026-01-14"},
        ])
        lift._retire(date(2026, 1, 15), "Worn out")

        contract.action_submit()

        self.assertEqual(contract.state, "review")
