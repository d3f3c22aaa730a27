import json
from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from ..agreement.portal_common import SIGNATURE
from .contract_life_common import ContractLifeCommon


class TestStoryContractLife(ContractLifeCommon):
    """Everything that may happen to one contract, in the order in which it happens."""

    # -------------------------------------------------------------------------
    # What the customer does in the portal
    # -------------------------------------------------------------------------

    def _sign_contract_online(self, contract):
        version = contract.sudo().version_id
        self.authenticate("test_portal", "test_portal")
        return self.make_jsonrpc_request(f"/my/aftersales/contracts/{contract.id}/accept", {
            "name": "Nora Northside", "signature": SIGNATURE, "method": "drawn",
            "acknowledged": contract.sudo().clause_ids.filtered("is_onerous").ids,
            "content_hash": version.content_hash,
        })

    def _confirm_change_online(self, change):
        self.authenticate("test_portal", "test_portal")
        return self.make_jsonrpc_request(f"/my/aftersales/changes/{change.id}/accept", {
            "name": "Nora Northside", "signature": SIGNATURE,
            "content_hash": change.sudo().content_hash,
        })

    # -------------------------------------------------------------------------
    # The parts of the story
    # -------------------------------------------------------------------------

    def _write_and_mend(self):
        """January: the draft fails, is mended, and is put before the parties."""
        contract = self._create_lift_contract(
            renewal_mode="auto", indexation_mode="fixed", indexation_percent=5.0,
        )
        contract.action_submit()
        self.assertEqual(
            self._get_results(contract), {"T-DEPOSIT": "fail", "T-PARTIES": "pending"},
        )
        with self.assertRefused(
            "deposit of 1,000.00", "above 20 %", "3,720.00", "May the person who signs",
        ):
            contract.with_user(self.legal).action_approve()
        self.assertEqual((contract.state, len(contract.sudo().version_ids)), ("review", 0))

        contract.deposit_amount = 700.0
        contract.sudo().compliance_check_ids.filtered(
            lambda check: check.rule_id.code == "T-PARTIES"
        ).with_user(self.legal).action_answer_yes()
        contract.with_user(self.legal).action_approve()
        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(contract.compliance_state, "passed")
        self.assertEqual(
            self._get_results(contract), {"T-DEPOSIT": "pass", "T-PARTIES": "pass"},
        )
        return contract

    def _sign_both(self, contract):
        """The customer signs in the portal, the officer countersigns a day later."""
        version = contract.sudo().version_id.with_context(force_report_rendering=True)
        version._ensure_document()
        with freeze_time("2026-01-19 10:00"):
            self.assertIn("message=signed", self._sign_contract_online(contract)["redirect_url"])
        self.env.invalidate_all()
        self.assertEqual((contract.state, version.state), ("to_sign", "pending"))
        with freeze_time("2026-01-20 10:00"):
            contract.action_countersign()
        self.assertEqual((contract.state, version.state), ("active", "signed"))
        self.assertRecordValues(version, [{
            "customer_signed_by": "Nora Northside", "customer_method": "drawn",
            "company_signed_by_id": self.officer.id, "date_signed": date(2026, 1, 20),
        }])
        version._ensure_signed_copy()
        return version

    def _change(self, contract):
        """March: a second lift from the 17th on, and the first one for less."""
        with freeze_time("2026-03-03 09:00"):
            change = self.env["aftersales.contract.change"].with_user(self.officer).create({
                "contract_id": contract.id,
                "reason": "The clinic has a second lift.",
                "date_effective": "2026-03-17",
                "line_ids": [
                    Command.create({
                        "kind": "line", "price_unit": 279.0,
                        "contract_line_id": contract.line_ids.id,
                    }),
                    Command.create({
                        "kind": "line", "operation": "add", "product_id": self.service.id,
                        "name": "Lift 2", "price_unit": 93.0,
                    }),
                ],
            })
            change.action_submit()
            change.with_user(self.legal).action_approve()
        self.assertRecordValues(change, [{
            "amount_annual_before": 3720.0, "amount_annual_after": 4464.0,
            "amount_credit": 150.0, "amount_charge": 180.0,
        }])
        with freeze_time("2026-03-05 09:00"):
            result = self._confirm_change_online(change)
        self.assertIn("message=confirmed", result["redirect_url"])
        self.env.invalidate_all()
        self.assertRecordValues(change, [{
            "state": "to_confirm", "customer_signed_by": "Nora Northside",
        }])
        with freeze_time("2026-03-06 09:00"):
            change.action_countersign()
        self._live_through("2026-03-06")
        self.assertEqual(change.state, "agreed")
        self.assertEqual(contract.line_ids.mapped("price_unit"), [310.0])
        self._live_through("2026-03-17")
        self.assertEqual(change.state, "applied")
        return change

    def _renew(self, contract):
        """Nobody objects: a second term, and in it 5 % more on every price."""
        self._live_through("2026-10-23", "2026-11-02")
        self._pay_all(contract, "2026-11-05")
        self._live_through("2026-11-27", "2026-12-01")
        self._pay_all(contract, "2026-12-01")
        self._live_through("2026-12-02")
        self.assertEqual(contract.date_end, date(2027, 1, 31))
        self._live_through("2026-12-03")
        self.assertEqual(contract.date_end, date(2028, 1, 31))
        self.assertEqual(
            sorted((notice.audience, str(notice.date_sent)) for notice in contract.notice_ids),
            [("customer", "2026-11-02"), ("customer", "2026-11-27"), ("manager", "2026-10-23")],
        )

        self._live_through("2026-12-19")
        adjustment = contract.adjustment_ids.with_user(self.officer)
        self.assertRecordValues(adjustment, [{
            "date": date(2027, 2, 1), "factor": 1.05, "amount_before": 4464.0,
            "amount_after": 4687.2, "state": "proposed",
        }])
        with freeze_time("2026-12-21 09:00"):
            adjustment.action_announce()
        self._live_through("2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01")
        self.assertEqual(adjustment.state, "applied")
        self.assertEqual(
            sorted(contract._get_present_lines().mapped("price_unit")), [97.65, 292.95],
        )

    def _suspend(self, contract):
        """The building is closed for a month, from 11 April to 10 May."""
        with freeze_time("2027-04-06 09:00"):
            contract.env["aftersales.contract.suspend"].create({
                "contract_id": contract.id, "date_from": "2027-04-11", "date_to": "2027-05-10",
                "policy": "credit", "reason": "Renovation",
            }).action_confirm()
        self.assertEqual(contract.state, "active")
        self._live_through("2027-04-11")
        self.assertEqual(contract.state, "suspended")
        self._live_through("2027-05-01")
        self.assertEqual(contract.state, "suspended")
        self._live_through("2027-05-11")
        self.assertEqual(contract.state, "active")

    def _terminate(self, contract):
        """The customer gives notice; the letter is entered when June is invoiced already."""
        self._live_through("2027-06-01")
        with freeze_time("2027-06-02 09:00"):
            contract.env["aftersales.contract.terminate"].create({
                "contract_id": contract.id, "ground": "notice", "side": "customer",
                "date_notice": "2027-05-21",
            }).action_confirm()
        self.assertEqual((contract.state, contract.date_end), ("active", date(2027, 6, 20)))
        self._live_through("2027-06-20")
        self.assertEqual(contract.state, "active")
        self._live_through("2027-06-21", "2027-07-01")
        self.assertEqual(contract.state, "terminated")

    # -------------------------------------------------------------------------
    # The story
    # -------------------------------------------------------------------------

    def test_from_the_draft_to_the_last_credit_note(self):
        contract = self._write_and_mend()
        first = self._sign_both(contract)
        signed = (first.content, first.content_hash, first.document_hash, first.signed_copy_hash)
        self._live_through("2026-02-01", "2026-03-01")
        change = self._change(contract)
        self._live_through(*(f"2026-{month:02}-01" for month in range(4, 11)))
        self._renew(contract)
        self._suspend(contract)
        self._terminate(contract)

        # Every invoice: 310 a month, 372 with the second lift, 5 % more in the second term.
        invoices = self._get_invoices(contract)
        self.assertEqual(self._get_net_amounts(invoices), [
            ("2026-02-01", 310.0), ("2026-03-01", 310.0), ("2026-03-17", 180.0),
            ("2026-04-01", 372.0), ("2026-05-01", 372.0), ("2026-06-01", 372.0),
            ("2026-07-01", 372.0), ("2026-08-01", 372.0), ("2026-09-01", 372.0),
            ("2026-10-01", 372.0), ("2026-11-02", 372.0), ("2026-12-01", 372.0),
            ("2027-01-01", 372.0), ("2027-02-01", 390.6), ("2027-03-01", 390.6),
            ("2027-04-01", 390.6), ("2027-05-11", 264.6), ("2027-06-01", 390.6),
        ])
        by_day = {str(invoice.invoice_date): invoice for invoice in invoices}

        # Every credit note, each of the invoice it takes back from: 15 days of March, 20 of
        # April, 10 of June.
        credits = self._get_credits(contract)
        self.assertEqual(credits.mapped("amount_untaxed"), [150.0, 260.4, 130.2])
        self.assertEqual(credits.reversed_entry_id, (
            by_day["2026-03-01"] + by_day["2027-04-01"] + by_day["2027-06-01"]
        ))
        self.assertEqual(
            [sorted(credit.invoice_line_ids.mapped("price_subtotal")) for credit in credits],
            [[150.0], [65.1, 195.3], [32.55, 97.65]],
        )
        self.assertEqual(set((invoices + credits).mapped("state")), {"posted"})

        # The register says the same, day by day; nothing is owed beyond the end.
        owed = self._get_owed(contract)
        self.assertEqual(owed[:5], [
            ("2026-02-01", "2026-02-28", 310.0), ("2026-03-01", "2026-03-16", 160.0),
            ("2026-03-17", "2026-03-31", 135.0), ("2026-03-17", "2026-03-31", 45.0),
            ("2026-04-01", "2026-04-30", 279.0),
        ])
        self.assertEqual(owed[-6:], [
            ("2027-04-01", "2027-04-10", 97.65), ("2027-04-01", "2027-04-10", 32.55),
            ("2027-05-11", "2027-05-31", 198.45), ("2027-05-11", "2027-05-31", 66.15),
            ("2027-06-01", "2027-06-20", 195.3), ("2027-06-01", "2027-06-20", 65.1),
        ])
        paid_for = sum(invoices.mapped("amount_untaxed")) - sum(credits.mapped("amount_untaxed"))
        self.assertAlmostEqual(sum(amount for *_days, amount in owed), paid_for, 2)
        self.assertAlmostEqual(paid_for, 5806.4, 2)
        self.assertFalse(contract.next_invoice_date)

        # What was signed is what it was; the change made the version that followed.
        self.assertEqual(
            (first.content, first.content_hash, first.document_hash, first.signed_copy_hash),
            signed,
        )
        self.assertEqual(self._read_versions(contract), [
            (1, "superseded", "2026-02-01", "2026-03-16", "drawn"),
            (2, "signed", "2026-03-17", None, "drawn"),
        ])
        second = contract.sudo().version_id
        self.assertEqual(second.change_id.id, change.id)
        self.assertNotEqual(second.content_hash, first.content_hash)
        self.assertEqual(
            [sorted(line["price_unit"] for line in json.loads(version.content)["lines"])
             for version in first + second],
            [[310.0], [93.0, 279.0]],
        )
        self.assertEqual(
            [version._verify() for version in first + second],
            [{"content": True, "document": True, "signed_copy": True},
             {"content": True, "document": True}],
        )

        # Two terms; the second was cut by the notice.
        self.assertEqual(
            [(term.origin, str(term.date_start), str(term.date_end))
             for term in contract.term_ids.sorted("number")],
            [("initial", "2026-02-01", "2027-01-31"), ("renewal", "2027-02-01", "2027-06-20")],
        )
        self.assertRecordValues(contract.termination_id, [{
            "ground": "notice", "side": "customer", "date_notice": date(2027, 5, 21),
            "date_earliest": date(2027, 6, 20), "date_last": date(2027, 6, 20),
        }])
