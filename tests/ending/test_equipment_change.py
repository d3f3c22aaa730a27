import json
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import users

from .ending_common import EndingCommon


class TestEquipmentChange(EndingCommon):
    """Equipment joins, leaves or is exchanged in mid-period, as both parties agreed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lift, cls.other_lift = (cls._create_equipment(name) for name in ("Lift 1", "Lift 2"))

    def _create_lifts(self, **vals):
        return self._create_active(lines=[
            {"scope_type": "equipment", "equipment_id": self.lift.id}, {"price_unit": 31.0},
        ], **vals)

    def _change(self, contract, kind, day, **vals):
        contract.env["aftersales.contract.equipment"].create({
            "contract_id": contract.id, "kind": kind, "date": day,
            "line_id": contract.line_ids.sorted("id")[0].id, "agreed_by": "Nora Northside",
            "agreed_on": "2026-01-14", **vals,
        }).action_confirm()

    # -------------------------------------------------------------------------
    # Add and remove
    # -------------------------------------------------------------------------

    def test_added_equipment_is_charged_from_that_day(self):
        contract = self._create_lifts()
        self._bill(contract, "2026-01-15")
        document = self._attach()

        self._change(contract, "add", "2026-01-15", equipment_id=self.other_lift.id,
                     price_unit=200.0, attachment_ids=[Command.set(document.ids)])

        line = contract.line_ids.sorted("id")[-1]
        self.assertRecordValues(line, [{
            "equipment_id": self.other_lift.id, "date_start": date(2026, 1, 15),
            "date_anchor": date(2026, 1, 1), "price_unit": 200.0, "product_id": self.service.id,
        }])
        self.assertEqual(self._bill_on(contract, "2026-01-15"), 109.68)
        self.assertEqual(self._bill_on(contract, "2026-02-01"), 331.0)
        self.assertRecordValues(contract.equipment_change_ids, [{
            "kind": "add", "line_id": line.id, "new_equipment_id": self.other_lift.id,
            "old_equipment_id": False, "agreed_by": "Nora Northside",
            "agreed_on": date(2026, 1, 14), "attachment_ids": document.ids,
        }])
        message = contract.message_ids.filtered("attachment_ids")
        self.assertIn("Agreed by Nora Northside on 01/14/2026: version 2", message.body)

    def test_added_to_a_quarter_in_arrears(self):
        contract = self._create_active(lines=[{
            "price_unit": 300.0, "recurrence_unit": "quarter", "billing_timing": "arrears",
        }])

        self._change(contract, "add", "2026-02-10", equipment_id=self.lift.id)

        self.assertEqual(self._get_owed(contract)[:2], [
            ("2026-01-01", "2026-03-31", 300.0), ("2026-02-10", "2026-03-31", 166.67),
        ])
        self.assertEqual(self._bill_on(contract, "2026-04-01"), 466.67)

    def test_removed_equipment_is_credited_from_that_day(self):
        contract = self._create_lifts()
        invoice = self._bill(contract, "2026-01-15")

        self._change(contract, "remove", "2026-01-15", reason="Sold")

        self.assertRecordValues(self._get_credits(contract), [{
            "amount_untaxed": 54.84, "reversed_entry_id": invoice.id,
            "ref": f"Credit of {invoice.name}: Sold",
        }])
        self.assertEqual(contract.line_ids.sorted("id")[0].date_end, date(2026, 1, 14))
        self.assertEqual(contract.equipment_change_ids.old_equipment_id, self.lift)
        self.assertEqual(contract.amount_annual, 12 * 31.0)
        self.assertEqual(self._bill_on(contract, "2026-02-01"), 31.0)

    # -------------------------------------------------------------------------
    # Swap
    # -------------------------------------------------------------------------

    def test_swap_changes_the_equipment_and_no_amount(self):
        contract = self._create_lifts()
        self._bill(contract, "2026-01-15")
        before = self._get_owed(contract)

        self._change(contract, "swap", "2026-01-12", equipment_id=self.other_lift.id,
                     reason="Burnt out")

        line = contract.line_ids.sorted("id")[0]
        self.assertEqual(line.equipment_id, self.other_lift)
        self.assertEqual(self._get_owed(contract), before)
        self.assertFalse(self._get_credits(contract))
        self.assertFalse(self._bill_on(contract, "2026-01-20"))
        self.assertRecordValues(contract.equipment_change_ids, [{
            "kind": "swap", "old_equipment_id": self.lift.id, "reason": "Burnt out",
            "new_equipment_id": self.other_lift.id, "date": date(2026, 1, 12),
        }])

    def test_history_tells_which_equipment_was_covered_when(self):
        contract = self._create_lifts()
        third = self._create_equipment("Lift 3")
        self._change(contract, "swap", "2026-01-05", equipment_id=self.other_lift.id)
        self._change(contract, "swap", "2026-01-12", equipment_id=third.id)

        line = contract.line_ids.sorted("id")[0]

        covered = [line._get_equipment_on(date(2026, 1, day)) for day in (4, 5, 11, 12, 31)]
        self.assertEqual(covered, [self.lift, self.other_lift, self.other_lift, third, third])

    def test_history_is_never_rewritten(self):
        contract = self._create_lifts()
        self._change(contract, "swap", "2026-01-05", equipment_id=self.other_lift.id)
        change = contract.equipment_change_ids

        with self.assertRaises(AccessError):
            change.unlink()
        with self.assertRaises(UserError):
            change.sudo().unlink()
        with self.assertRaises(UserError):
            change.sudo().agreed_by = "Somebody else"

        self.assertEqual(change.agreed_by, "Nora Northside")

    # -------------------------------------------------------------------------
    # The next version
    # -------------------------------------------------------------------------

    def _read_versions(self, contract):
        return [
            (version.number, version.state, str(version.date_from), str(version.date_to or ""))
            for version in contract.sudo().version_ids.sorted("number")
        ]

    def _get_signed_equipment(self, version):
        return [line["equipment_id"] for line in json.loads(version.content)["lines"]]

    def test_each_change_makes_the_next_version_with_its_evidence(self):
        contract = self._create_lifts()
        third = self._create_equipment("Lift 3")
        first = contract.sudo().version_id
        document = self._attach()

        self._change(contract, "add", "2026-01-10", equipment_id=self.other_lift.id,
                     attachment_ids=[Command.set(document.ids)])
        second = contract.sudo().version_id
        self._change(contract, "swap", "2026-01-12", equipment_id=third.id)
        third_version = contract.sudo().version_id
        self._change(contract, "remove", "2026-01-15")
        last = contract.sudo().version_id

        self.assertEqual(self._read_versions(contract), [
            (1, "superseded", "2026-01-01", "2026-01-09"),
            (2, "superseded", "2026-01-10", "2026-01-11"),
            (3, "superseded", "2026-01-12", "2026-01-14"),
            (4, "signed", "2026-01-15", ""),
        ])
        self.assertEqual(self._get_signed_equipment(first), [self.lift.id, False])
        self.assertEqual(
            self._get_signed_equipment(second), [self.lift.id, False, self.other_lift.id],
        )
        self.assertEqual(
            self._get_signed_equipment(third_version), [third.id, False, self.other_lift.id],
        )
        self.assertEqual(self._get_signed_equipment(last), [False, self.other_lift.id])
        self.assertRecordValues(second, [{
            "customer_signed_by": "Nora Northside", "customer_method": "scan",
            "date_signed": date(2026, 1, 14), "company_signed_by_id": self.officer.id,
            "scan_ids": document.ids,
        }])
        self.assertEqual(third_version.customer_method, "word")
        self.assertEqual(
            contract.equipment_change_ids.sorted("id").version_id, second | third_version | last,
        )
        for version in contract.sudo().version_ids:
            self.assertEqual(version._verify(), {"content": True, "document": True})
        self.assertTrue(last._is_content_unchanged())

    def test_documents_show_the_equipment_in_force(self):
        contract = self._create_lifts()

        self._change(contract, "swap", "2026-01-12", equipment_id=self.other_lift.id)

        old, new = contract.sudo().version_ids.sorted("number")
        printed = [version.document_id.raw.decode() for version in (old, new)]
        self.assertEqual([("Lift 1" in text, "Lift 2" in text) for text in printed],
                         [(True, False), (False, True)])

    def test_what_was_never_printed_does_not_stop_a_change(self):
        contract = self._create_lifts()
        lines = self.env["aftersales.contract"]._as_agreed(contract.sudo().line_ids)
        lines[1].price_unit = 32.0  # by agreement, as a price adjustment does

        self._change(contract, "swap", "2026-01-12", equipment_id=self.other_lift.id)

        old, new = contract.sudo().version_ids.sorted("number")
        self.assertFalse(old.document_id)
        self.assertEqual(new._verify(), {"content": True, "document": True})

    def test_evidence_is_protected(self):
        contract = self._create_lifts()
        document = self._attach()
        self._change(contract, "remove", "2026-01-15",
                     attachment_ids=[Command.set(document.ids)])

        with self.assertRefused(contract.name, "cannot be changed or deleted"):
            document.unlink()
        with self.assertRefused(contract.name, "cannot be changed or deleted"):
            document.raw = b"other"

        self.assertEqual(document.raw, b"%PDF-1.4")

    def test_nothing_changes_on_days_of_a_past_pause(self):
        contract = self._create_lifts()
        self._suspend(contract, "2026-01-05", "2026-01-10")
        before = self._get_snapshot(contract)

        for kind in ("add", "remove"):
            with self.subTest(kind=kind), self.assertRefused(
                contract.name, "suspended from 01/05/2026 to 01/10/2026", "01/11/2026 or later",
            ):
                self._change(contract, kind, "2026-01-07", equipment_id=self.other_lift.id)

            self.assertEqual(self._get_snapshot(contract), before)
            self.assertEqual(contract.sudo().version_id.number, 1)

    # -------------------------------------------------------------------------
    # Refusals and roles
    # -------------------------------------------------------------------------

    def test_refusals_change_nothing(self):
        contract = self._create_lifts()
        self._bill(contract, "2026-01-15")
        foreign = self._create_equipment("Hotel lift", self.other_customer)
        before = self._get_snapshot(contract)
        swap, add = {"equipment_id": self.other_lift.id}, {"equipment_id": self.lift.id}
        cases = [
            ("add", "2026-01-15", {}, "Choose the equipment"),
            ("add", "2026-01-15", add, "already covered"),
            ("add", "2026-01-15", {**swap, "price_unit": -50.0}, "use the discount"),
            ("add", "2026-01-15", {**swap, "agreed_by": " "}, "Enter who agreed"),
            ("add", "2026-01-15", {"equipment_id": foreign.id}, "belongs to Harbour Hotel"),
            ("add", "2025-12-15", swap, "begins on 01/01/2026"),
            ("swap", "2026-01-15", {}, "equipment that takes its place"),
            ("swap", "2026-01-16", swap, "until 01/15/2026. Until then plan the work as a"),
            ("swap", "2026-01-10", {"equipment_id": foreign.id}, "belongs to Harbour Hotel"),
            ("remove", "2027-01-01", {}, "ends on 12/31/2026"),
            ("remove", "2026-01-15", {"agreed_on": "2026-01-16"}, "cannot lie in the future"),
        ]
        for kind, day, vals, message in cases:
            with self.subTest(kind=kind, message=message):
                with self.assertRefused(contract.name, message):
                    self._change(contract, kind, day, **vals)

                self.assertEqual(self._get_snapshot(contract), before)
                self.assertFalse(contract.equipment_change_ids)

    def test_before_the_last_swap_is_refused(self):
        contract = self._create_lifts()
        self._change(contract, "swap", "2026-01-10", equipment_id=self.other_lift.id)

        with self.assertRefused(contract.name, "from 01/10/2026 on"):
            self._change(contract, "swap", "2026-01-08", equipment_id=self.lift.id)

        self.assertEqual(contract.line_ids.equipment_id, self.other_lift)

    def test_last_line_is_not_removed(self):
        contract = self._create_active()

        with self.assertRefused(contract.name, "Terminate it instead"):
            self._change(contract, "remove", "2026-01-20")

        self.assertFalse(contract.line_ids.date_end)

    def test_removed_line_is_not_removed_again(self):
        contract = self._create_lifts()
        self._change(contract, "remove", "2026-01-15")

        with self.assertRefused(contract.name, "has ended"):
            self._change(contract, "remove", "2026-01-15")

        self.assertEqual(len(contract.equipment_change_ids), 1)

    def test_not_while_suspended(self):
        contract = self._create_lifts()
        self._suspend(contract, "2026-01-10")

        with self.assertRefused(contract.name, "suspended since 01/10/2026. Resume it first"):
            self._change(contract, "add", "2026-01-15", equipment_id=self.other_lift.id)

        self.assertEqual(len(contract.line_ids), 2)

    @users("test_agent", "test_technician", "test_legal", "test_accountant", "test_outsider")
    def test_other_roles_change_no_equipment(self):
        contract = self._create_lifts()

        with self.assertRaises(AccessError):
            self._change(contract.with_env(self.env), "remove", "2026-01-20")

        self.assertFalse(contract.equipment_change_ids)

    def test_contract_and_invoice_say_the_same_of_a_unit(self):
        contract = self._create_lifts()
        self.lift.serial_no = "SN-17"
        line = contract.line_ids.sorted("id")[0]

        covered = self.env["report.aftersales.report_contract"]._get_covered(line)
        invoice = self._bill(contract, "2026-01-15")

        self.assertEqual(covered, "Lift 1 (SN-17)")
        self.assertEqual(invoice.invoice_line_ids[0].name.split("\n")[1], covered)
