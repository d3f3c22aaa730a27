import json

from odoo.tests import freeze_time

from .contract_change_common import ContractChangeCommon


class TestStoryContractChange(ContractChangeCommon):
    """A clinic takes a second lift into service and wants a longer notice."""

    def test_from_the_request_to_the_invoices(self):
        contract = self._create_active()
        january = self._bill(contract, "2026-01-15")
        first = contract.sudo().version_id
        first._ensure_document()
        signed_before = (first.content, first.content_hash, first.document_hash)

        # The customer asks; the officer drafts, Legal reviews.
        change = self.env["aftersales.contract.change"]._create_customer_request(
            contract.sudo(), "A second lift from the 21st, and 60 days of notice.", "2026-01-21",
        ).with_user(self.officer)
        self.assertRecordValues(change, [{
            "initiator": "customer", "state": "draft", "user_id": self.officer.id,
        }])
        self.assertEqual(change.activity_ids.user_id, self.officer)
        change.write({"line_ids": [
            (0, 0, {"kind": "line", "operation": "add", "product_id": self.service.id,
                    "name": "Lift 2", "price_unit": 155.0}),
            (0, 0, {"kind": "line", "contract_line_id": contract.line_ids.id,
                    "price_unit": 90.0}),
            (0, 0, {"kind": "field", "field_name": "termination_notice_days",
                    "new_number": 60}),
        ]})
        self._put(change)
        self.assertRecordValues(change, [{
            "amount_annual_before": 1200.0, "amount_annual_after": 2940.0,
            "amount_credit": 35.48, "amount_charge": 86.94,
        }])

        # Both confirm; on the day the night's job applies it.
        with freeze_time("2026-01-18 10:00"):
            change.sudo()._sign_as_customer("Nils Northside", "typed")
        with freeze_time("2026-01-19 10:00"):
            change.action_countersign()
            self._apply_by_cron()
        self.assertEqual(change.state, "agreed")
        self.assertEqual(contract.termination_notice_days, 30)
        with freeze_time("2026-01-21 01:00"):
            self._apply_by_cron()

        # The contract says what was agreed, from the 21st on.
        self.assertEqual(contract.termination_notice_days, 60)
        self.assertEqual(contract.sudo().amount_annual, 2940.0)
        self.assertEqual(self._get_periods(contract)[:5], [
            ("2026-01-01", "2026-01-20"), ("2026-01-21", "2026-01-31"),
            ("2026-01-21", "2026-01-31"), ("2026-02-01", "2026-02-28"),
            ("2026-02-01", "2026-02-28"),
        ])

        # The money: what was charged too much is given back, the new is charged.
        [credit] = january.reversal_move_ids
        self.assertEqual(credit.amount_untaxed, 35.48)
        with freeze_time("2026-02-01 06:00"):
            invoice = self._bill(contract, "2026-02-01")
        self.assertEqual(
            sorted(invoice.invoice_line_ids.mapped("price_subtotal")),
            [31.94, 55.0, 90.0, 155.0],
        )

        # Two versions, each with its own signature and days.
        self.assertEqual(self._read_versions(contract), [
            (1, "superseded", "2026-01-01", "2026-01-20", "Nora Northside"),
            (2, "signed", "2026-01-21", None, "Nils Northside"),
        ])
        self.assertEqual(
            (first.content, first.content_hash, first.document_hash), signed_before,
        )
        self.assertEqual(str(first.date_signed), "2026-01-15")
        second = contract.sudo().version_id
        self.assertEqual(second.change_id.id, change.id)
        self.assertEqual(str(second.date_signed), "2026-01-19")
        self.assertIn(change.sudo().document_id, second.scan_ids)
        self.assertEqual(second._verify(), {"content": True, "document": True})
        content = json.loads(second.content)
        self.assertEqual(content["terms"]["termination_notice_days"], 60)
        self.assertEqual(
            sorted(line["price_unit"] for line in content["lines"]), [90.0, 155.0],
        )
        self.assertEqual(contract.signed_by, "Nils Northside")
