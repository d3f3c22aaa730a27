from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, users
from odoo.tools import mute_logger

from .cover_common import CoverCommon

NO_COVER = {
    "cover_parts": 0.0, "cover_labour": 0.0, "cover_travel": 0.0, "cover_other": 0.0,
    "covers_wear_parts": False, "excluded_cause_ids": [], "excluded_category_ids": [],
    "quota_visits": 0, "quota_hours": 0.0, "quota_amount": 0.0, "quota_period": "year",
    "service_mode": "any", "service_area_id": [], "service_calendar_id": [],
    "sla_id": [],
}


class TestCoverTerms(CoverCommon):
    """What a line pays for: shares, exclusions, quotas and conditions, and what they refuse."""

    def test_the_samples_hold_every_cover_term(self):
        """A new cover term wants a value here, so that no copy and no signature forgets it."""
        line = self.env["aftersales.contract.line"]

        self.assertEqual(set(self.cover), set(line._get_cover_fields()))
        self.assertEqual(set(NO_COVER), set(line._get_cover_fields()))
        for name, value in line._get_no_cover().items():
            self.assertEqual(value or False, NO_COVER[name] or False)
            self.assertNotEqual(value or False, self.cover[name])

    # -------------------------------------------------------------------------
    # Numbers
    # -------------------------------------------------------------------------

    @users("test_officer")
    def test_shares_outside_0_to_100_are_refused(self):
        contract = self._create_contract(lines=[
            {"name": "Care", "scope_type": "all", "cover_parts": 50.0},
        ])
        line = contract.line_ids
        labels = {
            "cover_parts": "Parts Covered (%)", "cover_labour": "Labour Covered (%)",
            "cover_travel": "Travel Covered (%)", "cover_other": "Other Costs Covered (%)",
        }
        for name, label in labels.items():
            before = line[name]
            for value in (-0.01, 100.01, 1000.0):
                with self.subTest(name=name, value=value):
                    with self.assertRefused(
                        contract.name, "Care", label, str(value), "from 0 to 100 %",
                        error=ValidationError,
                    ):
                        line[name] = value
                    self.assertEqual(line[name], before)
            line[name] = 100.0
            line[name] = 0.0 if name != "cover_parts" else 100.0

    @users("test_officer")
    def test_negative_quotas_are_refused(self):
        contract = self._create_contract(lines=[
            {"name": "Care", "scope_type": "all", "cover_parts": 50.0},
        ])
        for name, label in (
            ("quota_visits", "Covered Visits"), ("quota_hours", "Covered Hours"),
            ("quota_amount", "Covered Amount"),
        ):
            with self.subTest(name=name):
                with self.assertRefused(
                    contract.name, "Care", label, "-1", "or 0 for no limit",
                    error=ValidationError,
                ):
                    contract.line_ids[name] = -1
                self.assertEqual(contract.line_ids[name], 0)

    @users("test_officer")
    def test_quotas_of_nothing_are_refused(self):
        contract = self._create_contract(lines=[{"name": "Care", "scope_type": "all"}])

        for name, text in (
            ("quota_visits", "2 visits a year"), ("quota_hours", "2 hours a year"),
            ("quota_amount", "$ 2.00 a year"),
        ):
            with self.subTest(name=name):
                with self.assertRefused(
                    contract.name, "Care", text.replace("$ ", "$\N{NO-BREAK SPACE}"),
                    "covers nothing", "Enter which share", error=ValidationError,
                ):
                    contract.line_ids[name] = 2
                self.assertEqual(contract.line_ids[name], 0)

    @users("test_officer")
    def test_only_causes_exclude_cover(self):
        mode = self.env["aftersales.failure.code"].sudo().create({
            "code": "T3", "name": "Too hot", "code_type": "mode",
        })
        contract = self._create_contract(lines=[
            {"name": "Care", "scope_type": "all", "cover_parts": 50.0},
        ])

        with self.assertRefused(
            contract.name, "Care", "Too hot is no failure cause", error=ValidationError,
        ):
            contract.line_ids.excluded_cause_ids = mode

        self.assertFalse(contract.line_ids.excluded_cause_ids)

    @users("test_officer")
    def test_area_and_window_of_another_company_are_refused(self):
        company = self.env["res.company"].sudo().create({"name": "Second Service"})
        contract = self._create_contract(lines=[
            {"name": "Care", "scope_type": "all", "cover_parts": 50.0},
        ])
        self.area.company_id = self.hours.company_id = company

        for name, record in (
            ("service_area_id", self.area), ("service_calendar_id", self.hours),
        ):
            with self.subTest(name=name):
                with self.assertRefused(record.name, "another company"):
                    contract.sudo().line_ids[name] = record.sudo()
                self.assertFalse(contract.line_ids[name])

    # -------------------------------------------------------------------------
    # A price only
    # -------------------------------------------------------------------------

    @users("test_officer")
    def test_price_only_covers_nothing(self):
        contract = self._create_contract(lines=[{"name": "Care"}])

        for name, value in self.cover.items():
            with self.subTest(name=name):
                with self.assertRefused(
                    contract.name, "Care", "covers nothing", error=ValidationError,
                ):
                    contract.line_ids.write({name: value})
        self.assertEqual(self._read_cover(contract.line_ids), [NO_COVER])

    @users("test_officer")
    def test_line_that_becomes_a_price_only_loses_its_cover(self):
        contract = self._create_contract(lines=[self._on(self.lift, **self.cover)])
        self.assertEqual(self._read_cover(contract.line_ids), [self._get_expected_cover()])

        contract.line_ids.scope_type = "none"

        self.assertEqual(self._read_cover(contract.line_ids), [NO_COVER])

    @users("test_officer")
    def test_the_form_clears_and_hides_the_cover_of_a_price_only(self):
        contract = self._create_contract(lines=[self._on(self.lift, **self.cover)])

        with Form(contract.line_ids) as form:
            self.assertEqual(form.cover_labour, 80.0)
            form.scope_type = "none"
            with self.assertRaisesRegex(AssertionError, "invisible field 'cover_labour'"):
                form.cover_labour = 50.0

        self.assertEqual(self._read_cover(contract.line_ids), [NO_COVER])

    # -------------------------------------------------------------------------
    # Overlapping cover
    # -------------------------------------------------------------------------

    @users("test_officer")
    def test_the_same_work_of_the_same_target_is_not_covered_twice(self):
        lot = self.env["stock.lot"].sudo().create({
            "name": "SN-1", "product_id": self.lift_product.id,
        })
        targets = [
            self._on(self.lift),
            {"scope_type": "lot", "lot_id": lot.id},
            {"scope_type": "product", "covered_product_id": self.lift_product.id},
            {"scope_type": "category", "covered_category_id": self.lift_category.id},
            {"scope_type": "all"},
        ]
        for target in targets:
            contract = self._create_contract(lines=[
                {"name": "Care", **target, "cover_parts": 100.0, "cover_travel": 10.0},
                {"name": "More care", **target, "cover_labour": 50.0},
            ])
            with self.subTest(scope=target["scope_type"]):
                with self.assertRefused(
                    f'Line "{contract.name} / Care"', f"line “{contract.name} / More care”",
                    "Parts Covered (%) and Travel Covered (%)", "Let one of them",
                    error=ValidationError,
                ):
                    contract.line_ids[1].write({"cover_parts": 1.0, "cover_travel": 1.0})
                self.assertEqual(contract.line_ids[1].cover_parts, 0.0)

    @users("test_officer")
    def test_overlapping_cover_leaves_no_contract_behind(self):
        count = self.env["aftersales.contract"].search_count([])

        with self.assertRefused("Care", "covers the same", error=ValidationError):
            self._create_contract(lines=[
                self._on(self.lift, name="Care", cover_parts=100.0),
                self._on(self.lift, name="More care", cover_parts=50.0),
            ])

        self.assertEqual(self.env["aftersales.contract"].search_count([]), count)

    @users("test_officer")
    def test_a_wider_target_is_more_general_and_no_overlap(self):
        contract = self._create_contract(lines=[
            self._on(self.lift, cover_parts=100.0),
            self._on(self.other_lift, cover_parts=90.0),
            {"scope_type": "product", "covered_product_id": self.lift_product.id,
             "cover_parts": 80.0},
            {"scope_type": "category", "covered_category_id": self.lift_category.id,
             "cover_parts": 70.0},
            {"scope_type": "all", "cover_parts": 60.0},
        ])

        self.assertEqual(
            contract.line_ids.mapped("cover_parts"), [100.0, 90.0, 80.0, 70.0, 60.0])

    @users("test_officer")
    def test_a_unit_is_the_same_by_equipment_and_by_serial_number(self):
        lot = self.env["stock.lot"].sudo().create({
            "name": "SN-7", "product_id": self.lift_product.id,
        })
        self.lift.sudo().write({"product_id": self.lift_product.id, "lot_id": lot.id})
        by_unit = self._on(self.lift, name="Unit", cover_parts=100.0)
        by_serial = {"scope_type": "lot", "lot_id": lot.id, "name": "Serial"}
        count = self.env["aftersales.contract"].search_count([])

        with self.assertRefused(
            "Unit", "Serial", "covers the same unit", "by its serial number",
            "Parts Covered (%)", "Let one pay for other kinds of work", error=ValidationError,
        ), self.env.cr.savepoint():
            self._create_contract(lines=[by_unit, {**by_serial, "cover_parts": 50.0}])
        self.assertEqual(self.env["aftersales.contract"].search_count([]), count)

        # One pays the parts, the other the labour; another unit's serial number is another unit.
        contract = self._create_contract(lines=[by_unit, {**by_serial, "cover_labour": 50.0}])
        self.assertEqual(contract.line_ids.mapped("cover_labour"), [0.0, 50.0])
        contract = self._create_contract(lines=[
            self._on(self.other_lift, cover_parts=100.0), {**by_serial, "cover_parts": 50.0}])
        self.assertEqual(contract.line_ids.mapped("cover_parts"), [100.0, 50.0])

    @users("test_officer")
    def test_other_contracts_may_cover_the_same(self):
        line = self._on(self.lift, cover_parts=100.0)

        contracts = self._create_contract(lines=[line]) + self._create_contract(lines=[line])

        self.assertEqual(contracts.line_ids.mapped("cover_parts"), [100.0, 100.0])

    @users("test_officer")
    def test_cover_overlaps_from_the_first_common_day(self):
        contract = self._create_contract(lines=[
            self._on(self.lift, name="First", cover_parts=100.0, date_end="2026-06-30"),
            self._on(self.lift, name="Second", cover_parts=50.0, date_start="2026-07-01"),
        ])
        first, second = contract.line_ids

        for line, vals in (
            (first, {"date_end": "2026-07-01"}), (second, {"date_start": "2026-06-30"}),
            (first, {"date_end": False}), (second, {"date_start": False}),
        ):
            with self.subTest(vals=vals):
                with self.assertRefused("First", "Second", error=ValidationError):
                    line.write(vals)
        self.assertEqual(str(first.date_end), "2026-06-30")
        self.assertEqual(str(second.date_start), "2026-07-01")

    @users("test_officer")
    def test_cover_under_conditions_that_exclude_each_other_does_not_overlap(self):
        south = self.env["aftersales.service.area"].create({"name": "South"})
        nights = self.hours.sudo().copy({"name": "Nights"})
        contract = self._create_contract(lines=[
            self._on(self.lift, name="First", cover_parts=100.0),
            self._on(self.lift, name="Second", cover_labour=50.0),
        ])
        first, second = contract.line_ids
        cases = [
            ("service_mode", "on_site", "remote", "any"),
            ("service_area_id", self.area.id, south.id, False),
            ("service_calendar_id", self.hours.id, nights.id, False),
        ]
        for name, one, another, none in cases:
            with self.subTest(name=name):
                first[name] = one
                second.write({name: another, "cover_parts": 50.0})

                with self.assertRefused("First", "Second", error=ValidationError):
                    second[name] = none
                with self.assertRefused("First", "Second", error=ValidationError):
                    first[name] = another

                second.write({name: none, "cover_parts": 0.0})
                first[name] = none

    @users("test_officer")
    def test_lines_exchange_what_they_cover_in_one_go(self):
        contract = self._create_contract(lines=[
            self._on(self.lift, cover_parts=100.0), self._on(self.other_lift, cover_parts=50.0),
        ])
        first, second = contract.line_ids

        contract.write({"line_ids": [
            Command.update(first.id, {"equipment_id": self.other_lift.id}),
            Command.update(second.id, {"equipment_id": self.lift.id}),
        ]})
        self.assertEqual(contract.line_ids.equipment_id, self.other_lift + self.lift)

        with self.assertRefused("covers the same", error=ValidationError):
            contract.write({"line_ids": [
                Command.update(first.id, {"equipment_id": self.lift.id}),
            ]})
        self.assertEqual(first.equipment_id, self.other_lift)

    def test_a_forged_context_does_not_put_the_check_off(self):
        contract = self._create_contract(lines=[
            self._on(self.lift, cover_parts=100.0), self._on(self.other_lift, cover_parts=50.0),
        ])

        for value in (True, "later", {}):
            lines = contract.line_ids.with_context(aftersales_cover_later=value)
            with self.subTest(value=value), self.assertRaises(ValidationError):
                lines[1].equipment_id = self.lift

    # -------------------------------------------------------------------------
    # Templates
    # -------------------------------------------------------------------------

    @users("test_officer")
    def test_template_lines_obey_the_same_rules(self):
        template = self.env["aftersales.contract.template"].create({
            "name": "Lift plan", "line_ids": [
                Command.create({"name": "Care", "scope_type": "all", "cover_parts": 50.0}),
                Command.create({"name": "More care", "scope_type": "all", "cover_labour": 50.0}),
            ],
        })
        cases = [
            ({"cover_parts": 101.0}, "from 0 to 100 %"),
            ({"quota_visits": -1}, "or 0 for no limit"),
            ({"cover_parts": 0.0, "quota_visits": 1}, "covers nothing"),
            ({"cover_labour": 10.0}, "covers the same"),
            ({"scope_type": "equipment"}, "does not know whose equipment"),
            ({"scope_type": "lot"}, "does not know whose equipment"),
            ({"scope_type": "product"}, "names none"),
            ({"scope_type": "none", "cover_parts": 1.0}, "covers nothing"),
        ]
        for vals, reason in cases:
            with self.subTest(vals=vals):
                with self.assertRefused("Lift plan / Care", reason, error=ValidationError):
                    template.line_ids[0].write(vals)
                self.assertEqual(template.line_ids[0].cover_parts, 50.0)

    @users("test_officer")
    def test_a_template_carries_its_cover_into_the_contract(self):
        template = self.env["aftersales.contract.template"].create({
            "name": "Lift plan", "line_ids": [
                Command.create({
                    "product_id": self.service.id, "price_unit": 100.0,
                    "scope_type": "category", "covered_category_id": self.lift_category.id,
                    **self.cover,
                }),
                Command.create({
                    "name": "Spare parts", "scope_type": "product",
                    "covered_product_id": self.lift_product.id, "cover_parts": 50.0,
                }),
            ],
        })

        contract = self.env["aftersales.contract"].create({
            "partner_id": self.customer.id, "template_id": template.id,
            "date_start": "2026-01-01",
        })
        form = Form(self.env["aftersales.contract"])
        form.partner_id = self.customer
        form.template_id = template
        by_form = form.save()

        for lines in (contract.line_ids, by_form.line_ids):
            self.assertRecordValues(lines, [
                {"scope_type": "category", "covered_category_id": self.lift_category.id,
                 "covered_product_id": False},
                {"scope_type": "product", "covered_category_id": False,
                 "covered_product_id": self.lift_product.id},
            ])
            self.assertEqual(self._read_cover(lines), [
                self._get_expected_cover(), {**NO_COVER, "cover_parts": 50.0},
            ])

    def test_copies_of_contracts_and_templates_keep_every_term(self):
        contract = self._create_contract(lines=[self._on(self.lift, **self.cover)])
        template = self.env["aftersales.contract.template"].create({
            "name": "Lift plan",
            "line_ids": [Command.create({"name": "Care", "scope_type": "all", **self.cover})],
        })

        for record in (contract.copy(), template.copy()):
            self.assertEqual(self._read_cover(record.line_ids), [self._get_expected_cover()])

    # -------------------------------------------------------------------------
    # Closed with the content
    # -------------------------------------------------------------------------

    def test_cover_is_closed_from_to_sign_on(self):
        contract = self._create_contract(lines=[self._on(self.lift, cover_parts=10.0)])
        contract.action_submit()
        contract.line_ids.cover_parts = 20.0
        contract.action_approve()
        steps = [lambda: None, lambda: self._sign(contract)]

        for step in steps:
            step()
            before = self._read_cover(contract.line_ids)
            for name, value in self.cover.items():
                with self.subTest(state=contract.state, name=name):
                    with self.assertRefused(contract.name, "is closed"):
                        contract.line_ids.write({name: value})
            self.assertEqual(self._read_cover(contract.line_ids), before)
        self.assertEqual(contract.state, "active")

    def test_a_successor_line_carries_every_term(self):
        contract = self._create_active(lines=[self._on(self.lift, **self.cover)])

        successor = contract.sudo().line_ids._replace_from(
            date(2026, 2, 1), {"price_unit": 200.0}, "Indexed")

        self.assertEqual(self._read_cover(successor), [self._get_expected_cover()])
        self.assertEqual(len(contract.line_ids), 2)

    def test_what_a_signed_contract_rests_on_is_not_deleted_or_moved(self):
        contract = self._create_active(lines=[self._on(self.lift, **self.cover)])

        for record in (self.misuse, self.area, self.hours, self.lift_category):
            with self.subTest(record=record._name), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.cr.savepoint():
                    record.unlink()
        with self.assertRefused("North", contract.name, "is closed", "Create another area"):
            self.area.with_user(self.manager).zip_prefixes = "20"
        self.assertEqual(self.area.zip_prefixes, "20, 310")
        self.area.with_user(self.manager).name = "North and coast"

    def test_area_of_a_draft_is_free(self):
        self._create_contract(lines=[self._on(self.lift, **self.cover)])

        self.area.with_user(self.officer).zip_prefixes = "20"

        self.assertEqual(self.area.zip_prefixes, "20")

    def test_archiving_a_cause_leaves_contracts_as_they_are(self):
        contract = self._create_contract(lines=[self._on(self.lift, **self.cover)])

        self.misuse.active = False

        self.assertEqual(self._read_cover(contract.line_ids), [self._get_expected_cover()])

    # -------------------------------------------------------------------------
    # In a few words
    # -------------------------------------------------------------------------

    @users("test_officer")
    def test_the_label_says_shares_and_quotas(self):
        contract = self._create_contract(lines=[{"scope_type": "all"}])
        line = contract.line_ids
        full = dict.fromkeys(("cover_parts", "cover_labour", "cover_travel", "cover_other"), 100)
        cases = [
            ({}, False),
            ({"cover_parts": 100.0}, "Parts 100 %"),
            ({"cover_parts": 100.0, "cover_labour": 80.0, "quota_visits": 4},
             "Parts 100 % · Labour 80 % · 4 visits a year"),
            ({"cover_travel": 33.33, "cover_other": 12.5, "quota_hours": 1.0,
              "quota_period": "month"}, "Travel 33.33 % · Other costs 12.5 % · 1 hour a month"),
            (full, "Full cover"),
            ({**full, "quota_visits": 1, "quota_hours": 2.5, "quota_period": "term"},
             "Full cover · 1 visit in all · 2.5 hours in all"),
            ({**full, "quota_amount": 5000.0, "quota_period": "half_year"},
             "Full cover · $\N{NO-BREAK SPACE}5,000.00 a half-year"),
            ({**full, "quota_hours": 20.0, "quota_period": "quarter"},
             "Full cover · 20 hours a quarter"),
        ]
        for vals, label in cases:
            with self.subTest(label=label):
                line.write({**line._get_no_cover(), **vals})
                self.assertEqual(line.cover_label, label)

    def test_the_label_hides_amounts_from_those_who_see_no_prices(self):
        contract = self._create_active(lines=[
            {"scope_type": "all", "cover_parts": 50.0, "quota_visits": 2, "quota_amount": 5000.0},
        ])
        labels = {
            user: contract.with_user(user).line_ids.cover_label
            for user in (self.technician, self.agent, self.legal, self.accountant)
        }

        money = "Parts 50 % · 2 visits a year · $\N{NO-BREAK SPACE}5,000.00 a year"
        self.assertEqual(labels, {
            self.technician: "Parts 50 % · 2 visits a year", self.agent: money,
            self.legal: money, self.accountant: money,
        })
        with self.assertRaises(AccessError):
            contract.with_user(self.technician).line_ids.read(["quota_amount"])

    @users("test_technician", "test_agent", "test_accountant")
    def test_who_only_reads_changes_no_cover(self):
        contract = self._create_contract(lines=[self._on(self.lift, cover_parts=50.0)])

        with self.assertRaises(AccessError):
            contract.with_user(self.env.user).line_ids.cover_parts = 100.0

        self.assertEqual(contract.line_ids.cover_parts, 50.0)
