from odoo.fields import Command
from odoo.tests import freeze_time

from .ending_common import EndingCommon

LOST = "They lose these periods; what remains owed of them is billed anew:"


class TestEndingPreview(EndingCommon):
    """What the wizards tell beforehand is what happens, to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lift = cls._create_equipment("Lift 1")

    def _preview(self, wizard, contract, **vals):
        return self.env[f"aftersales.contract.{wizard}"].with_user(self.officer).new({
            "contract_id": contract.id, **vals,
        })

    def _create_april(self, **vals):
        """Return a contract of 1,000.00 a month from April on."""
        with freeze_time("2026-04-01 09:00"):
            return self._create_active(
                date_start="2026-04-01", date_end="2027-03-31", lines=[{"price_unit": 1000.0}],
                **vals,
            )

    # -------------------------------------------------------------------------
    # Suspension with credit
    # -------------------------------------------------------------------------

    @freeze_time("2026-04-01 09:00")
    def test_ten_days_off_a_paid_month(self):
        contract = self._create_april()
        invoice = self._bill(contract, "2026-04-01")

        preview = self._preview(
            "suspend", contract, date_from="2026-04-01", date_to="2026-04-10", policy="credit",
        )

        self.assertEqual(preview.credit_label.replace("\xa0", ""), "\n".join([
            f"{invoice.name}: $1,000.00",
            "Billed again from 04/11/2026 on: $666.67",
            "Net effect in favour of the customer: $333.33",
        ]))
        self._suspend(contract, "2026-04-01", "2026-04-10", "credit")
        self._run_night("2026-04-11")
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [1000.0])
        self.assertEqual(self._bill_on(contract, "2026-04-11"), 666.67)

    @freeze_time("2026-04-01 09:00")
    def test_over_the_month_boundary_with_the_next_month_invoiced(self):
        contract = self._create_april()
        self._bill(contract, "2026-05-01")

        preview = self._preview(
            "suspend", contract, date_from="2026-04-26", date_to="2026-05-05", policy="credit",
        )

        credit = sum(preview._get_credits(preview._get_last_charged_day()).values())
        again = preview._get_amount_billed_again(preview._get_last_charged_day())
        self.assertEqual((round(credit, 2), round(again, 2)), (1166.67, 838.71))
        self._suspend(contract, "2026-04-26", "2026-05-05", "credit")
        self._run_night("2026-04-26")
        self._run_night("2026-05-06")
        self.assertEqual(sum(self._get_credits(contract).mapped("amount_untaxed")), 1166.67)
        self.assertEqual(self._bill_on(contract, "2026-05-06"), 838.71)

    @freeze_time("2026-04-01 09:00")
    def test_without_proration_a_started_month_stays_charged(self):
        contract = self._create_april(proration="none")
        self._bill(contract, "2026-04-01")

        preview = self._preview(
            "suspend", contract, date_from="2026-04-11", date_to="2026-04-20", policy="credit",
        )

        self.assertFalse(preview.credit_label)
        self._suspend(contract, "2026-04-11", "2026-04-20", "credit")
        self._run_night("2026-04-11")
        self._run_night("2026-04-21")
        self.assertFalse(self._get_credits(contract))
        self.assertEqual(self._bill_on(contract, "2026-04-21"), 0.0)

    @freeze_time("2026-04-01 09:00")
    def test_a_pause_without_end_tells_the_credit_only(self):
        contract = self._create_april()
        invoice = self._bill(contract, "2026-04-01")

        preview = self._preview("suspend", contract, date_from="2026-04-11", policy="credit")

        self.assertEqual(preview.credit_label.replace("\xa0", ""), "\n".join([
            f"{invoice.name}: $666.67",
            "What the invoices cover after the resumption is billed again from that day on.",
        ]))

    @freeze_time("2026-04-01 09:00")
    def test_one_off_fees_are_not_credited_by_a_pause(self):
        contract = self._create_active(date_start="2026-04-01", date_end="2027-03-31", lines=[
            {"price_unit": 1000.0},
            {"product_id": self.fee.id, "recurrence_unit": "once", "date_start": "2026-04-20"},
        ])
        invoice = self._bill(contract, "2026-04-20")

        preview = self._preview(
            "suspend", contract, date_from="2026-04-11", date_to="2026-04-20", policy="credit",
        )

        self.assertIn(f"{invoice[:1].name}: $\xa0666.67", preview.credit_label)
        self._suspend(contract, "2026-04-11", "2026-04-20", "credit")
        self.assertEqual(sum(self._get_credits(contract).mapped("amount_untaxed")), 666.67)

    @freeze_time("2026-04-01 09:00")
    def test_other_policies_credit_nothing(self):
        contract = self._create_april()
        self._bill(contract, "2026-04-01")

        for policy in ("skip", "extend"):
            preview = self._preview(
                "suspend", contract, date_from="2026-04-11", date_to="2026-04-20", policy=policy,
            )
            self.assertFalse(preview.credit_label)

    # -------------------------------------------------------------------------
    # Draft invoices
    # -------------------------------------------------------------------------

    def test_all_wizards_name_the_drafts_that_lose_lines(self):
        contract = self._create_active(lines=[{}, {"price_unit": 310.0}], invoice_action="draft")
        draft = self._bill(contract, "2026-01-15")
        line = contract.line_ids[0]
        expected = f"{LOST}\ndraft of Northside Clinic, 01/15/2026"

        for wizard, vals in (
            ("suspend", {"date_from": "2026-01-20"}),
            ("terminate", {"date_last": "2026-01-19"}),
            ("transfer", {"date": "2026-01-20", "partner_id": self.other_customer.id}),
            ("equipment", {"date": "2026-01-20", "kind": "remove", "line_id": line.id}),
        ):
            with self.subTest(wizard=wizard):
                preview = self._preview(wizard, contract, **vals)
                self.assertEqual((preview.draft_label, preview.credit_label or ""), (expected, ""))
        self.assertEqual(draft.amount_untaxed, 410.0)
        self._suspend(contract, "2026-01-20")
        self.assertEqual(draft.state, "cancel")

    def test_a_draft_that_has_a_number_is_named_by_it(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        invoice.button_draft()

        preview = self._preview("suspend", contract, date_from="2026-01-20")

        self.assertEqual(preview.draft_label, f"{LOST}\n{invoice.name}")

    def test_nothing_is_said_of_drafts_that_stay(self):
        contract = self._create_active(lines=[{}, {"price_unit": 310.0}], invoice_action="draft")
        self._bill(contract, "2026-01-15")
        line = contract.line_ids[0]

        for wizard, vals in (
            ("suspend", {"date_from": "2026-02-01"}),
            ("terminate", {"date_last": "2026-01-31"}),
            ("equipment", {"date": "2026-01-20", "kind": "swap", "line_id": line.id}),
        ):
            with self.subTest(wizard=wizard):
                self.assertFalse(self._preview(wizard, contract, **vals).draft_label)

    def test_removal_tells_the_credit_of_its_line_alone(self):
        contract = self._create_active(lines=[{}, {"price_unit": 310.0}])
        invoice = self._bill(contract, "2026-01-15")

        preview = self._preview(
            "equipment", contract, date="2026-01-22", kind="remove",
            line_id=contract.line_ids[1].id,
        )

        self.assertEqual(preview.credit_label, f"{invoice.name}: $\xa0100.00")
        self.assertFalse(preview.draft_label)

    # -------------------------------------------------------------------------
    # Steps of equipment
    # -------------------------------------------------------------------------

    def _preview_step(self, step, **vals):
        return self.env[f"aftersales.equipment.{step}"].with_user(self.officer).new({
            "equipment_ids": [Command.set(self.lift.ids)], "date": "2026-01-22", **vals,
        })

    def test_what_moves_or_retires_tells_its_credit_and_its_drafts(self):
        contract = self._create_active(lines=[
            {"scope_type": "equipment", "equipment_id": self.lift.id}, {"price_unit": 310.0},
        ])
        invoice = self._bill(contract, "2026-01-15")
        other = {"customer_id": self.other_customer.id}

        for step, vals in (("move", other), ("retire", {"reason": "Scrapped"})):
            with self.subTest(step=step):
                preview = self._preview_step(step, **vals)
                self.assertEqual(preview.credit_label, f"{invoice.name}: $\xa032.26")
                self.assertFalse(preview.draft_label)
        invoice.button_draft()
        for step, vals in (("move", other), ("retire", {"reason": "Scrapped"})):
            with self.subTest(step=step):
                preview = self._preview_step(step, **vals)
                self.assertEqual(preview.draft_label, f"{LOST}\n{invoice.name}")
                self.assertFalse(preview.credit_label)

    def test_a_swap_and_a_new_site_change_no_charge(self):
        contract = self._create_active(
            lines=[{"scope_type": "equipment", "equipment_id": self.lift.id}],
        )
        self._bill(contract, "2026-01-15")

        for step, vals in (("swap", {}), ("move", {"customer_id": self.customer.id})):
            with self.subTest(step=step):
                preview = self._preview_step(step, **vals)
                self.assertFalse(preview.credit_label or preview.draft_label)

    def test_technicians_read_no_amounts_in_a_step(self):
        fields_seen = self.env["aftersales.equipment.move"].with_user(self.technician).fields_get()
        self.assertNotIn("credit_label", fields_seen)
        self.assertIn("touched_line_ids", fields_seen)
