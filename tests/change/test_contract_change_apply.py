from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time

from .contract_change_common import ContractChangeCommon


class TestContractChangeApply(ContractChangeCommon):
    """What an agreed change does to terms, lines, clauses, register and invoices."""

    # -------------------------------------------------------------------------
    # Lines
    # -------------------------------------------------------------------------

    def test_price_in_mid_period_gives_credit_and_charge(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        change = self._agree(self._create_change(contract, self._price(contract)))
        self.assertEqual(change.state, "agreed")

        with freeze_time("2026-01-16 09:00"):
            self.assertEqual(self._apply_by_cron(), 1)

        self.assertEqual(change.state, "applied")
        self.assertRecordValues(invoice.reversal_move_ids, [{
            "amount_untaxed": 51.61, "state": "posted",
            "ref": f"Credit of {invoice.name}: Change {change.name}",
        }])
        self.assertEqual(self._get_periods(contract)[:3], [
            ("2026-01-01", "2026-01-15"), ("2026-01-16", "2026-01-31"),
            ("2026-02-01", "2026-02-28"),
        ])
        self.assertEqual(self._get_amounts(contract)[:3], [48.39, 103.23, 200.0])
        self.assertEqual(self._bill(contract, "2026-01-31").amount_untaxed, 103.23)
        self.assertEqual(contract.sudo().amount_annual, 2400.0)

    def test_quantity_on_the_first_day_of_a_period_credits_nothing_before(self):
        contract = self._create_active()
        change = self._create_change(
            contract, self._price(contract, 100.0, quantity=3), date_effective="2026-02-01",
        )
        self._agree(change)

        with freeze_time("2026-02-01 09:00"):
            self._apply_by_cron()

        self.assertEqual(self._get_periods(contract)[:2], [
            ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"),
        ])
        self.assertEqual(self._get_amounts(contract)[:2], [100.0, 300.0])
        old, new = contract.sudo().line_ids.sorted("id")
        self.assertEqual(new.previous_line_id, old)
        self.assertEqual(new.added_by_change_id.id, change.id)
        self.assertEqual(str(old.date_end), "2026-01-31")

    def test_added_line_begins_with_a_part_of_the_contracts_period(self):
        contract = self._create_active()
        self._agree(self._create_change(contract, {
            "kind": "line", "operation": "add", "product_id": self.service.id,
            "name": "Second lift", "price_unit": 62.0,
        }))

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        added = contract.line_ids[-1]
        self.assertEqual(added.name, "Second lift")
        periods = added.obligation_ids.sorted("period_start")
        self.assertEqual(
            [(str(o.period_start), str(o.period_end), o.sudo().amount) for o in periods[:2]],
            [("2026-01-16", "2026-01-31", 32.0), ("2026-02-01", "2026-02-28", 62.0)],
        )
        self.assertEqual(contract.sudo().amount_annual, 1944.0)

    def test_added_service_is_proposed_at_its_list_price(self):
        contract = self._create_active()

        change = self._create_change(contract, {
            "kind": "line", "operation": "add", "product_id": self.fee.id,
            "recurrence_unit": "once",
        })

        self.assertEqual(change.line_ids.price_unit, 250.0)
        self.assertEqual(change.line_ids.name, "Set-up fee")

    def test_removed_line_ends_on_the_eve_and_is_credited(self):
        contract = self._create_active(lines=[{}, {"price_unit": 310.0}])
        invoice = self._bill(contract, "2026-01-15")
        line = contract.line_ids[1]
        self._agree(self._create_change(contract, {
            "kind": "line", "operation": "remove", "contract_line_id": line.id,
        }))

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertEqual(invoice.reversal_move_ids.amount_untaxed, 160.0)
        self.assertEqual(line.date_end, date(2026, 1, 15))
        self.assertEqual(
            [str(o.period_end) for o in line.obligation_ids], ["2026-01-15"],
        )
        self.assertEqual(contract.sudo().amount_annual, 1200.0)
        self.assertEqual(len(contract.sudo()._get_signed_content()["lines"]), 1)

    # -------------------------------------------------------------------------
    # Terms
    # -------------------------------------------------------------------------

    def test_later_end_lets_the_period_run_on_and_schedules_the_next(self):
        contract = self._create_active(date_end="2026-03-15")
        self.assertEqual(self._get_periods(contract)[-1], ("2026-03-01", "2026-03-15"))
        self._agree(self._create_change(contract, {
            "kind": "field", "field_name": "date_end", "new_date": "2026-04-30",
        }))

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertEqual(contract.date_end, date(2026, 4, 30))
        self.assertEqual(self._get_periods(contract)[2:], [
            ("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30"),
        ])
        self.assertEqual(self._get_amounts(contract)[2:], [100.0, 100.0])

    def test_earlier_end_cuts_the_register(self):
        contract = self._create_active()
        self._agree(self._create_change(contract, {
            "kind": "field", "field_name": "date_end", "new_date": "2026-02-14",
        }))

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertEqual(self._get_periods(contract), [
            ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-14"),
        ])
        self.assertEqual(self._get_amounts(contract), [100.0, 50.0])

    def test_other_periods_begin_from_the_effective_date(self):
        contract = self._create_active(date_start="2026-01-10")
        self.assertEqual(self._get_periods(contract)[0], ("2026-01-10", "2026-02-09"))
        self._agree(self._create_change(contract, {
            "kind": "field", "field_name": "billing_alignment",
            "new_choice": "billing_alignment.calendar",
        }, date_effective="2026-02-10"))

        with freeze_time("2026-02-10 09:00"):
            self._apply_by_cron()

        self.assertEqual(self._get_periods(contract)[:3], [
            ("2026-01-10", "2026-02-09"), ("2026-02-10", "2026-02-28"),
            ("2026-03-01", "2026-03-31"),
        ])
        self.assertEqual(self._get_amounts(contract)[:3], [100.0, 67.86, 100.0])
        self.assertEqual(contract.sudo().amount_annual, 1200.0)

    def test_invoice_day_moves_for_what_is_not_invoiced(self):
        contract = self._create_active()
        self._agree(self._create_change(contract, {
            "kind": "field", "field_name": "invoice_offset_days", "new_number": 5,
        }))

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertEqual(self._get_planned_days(contract)[:2], ["2026-01-01", "2026-02-06"])

    def test_terms_of_every_type_are_written_as_agreed(self):
        contract = self._create_active()
        term = self.env["account.payment.term"].create({"name": "60 days"})
        change = self._create_change(
            contract,
            {"kind": "field", "field_name": "payment_term_id", "new_record_id": term.id},
            {"kind": "field", "field_name": "governing_law", "new_text": "the law of Malta"},
            {"kind": "field", "field_name": "is_consumer", "new_flag": True},
            {"kind": "field", "field_name": "liability_cap_percent", "new_number": 50.5},
            {"kind": "field", "field_name": "termination_notice_days", "new_number": 90},
            {"kind": "field", "field_name": "dispute_route",
             "new_choice": "dispute_route.arbitration"},
            {"kind": "field", "field_name": "renewal_mode", "new_choice": "renewal_mode.auto"},
        )
        self.assertEqual(change.line_ids.mapped("after_text"), [
            "60 days", "the law of Malta", "Yes", "50.5", "90", "Arbitration",
            "Renews automatically",
        ])
        self.assertEqual(
            change.line_ids[4:].mapped("before_text"), ["30", "Court", "Ends"],
        )
        self._agree(change)

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertRecordValues(contract, [{
            "payment_term_id": term.id, "governing_law": "the law of Malta",
            "is_consumer": True, "liability_cap_percent": 50.5,
            "termination_notice_days": 90, "dispute_route": "arbitration",
            "renewal_mode": "auto",
        }])

    def test_parties_currency_and_start_are_no_terms_to_change(self):
        names = self.env["aftersales.contract.change.line"]._get_terms()

        self.assertIn("date_end", names)
        self.assertIn("renewal_notice_days", names)
        for name in ("partner_id", "company_id", "currency_id", "date_start", "proration"):
            self.assertNotIn(name, names)

    # -------------------------------------------------------------------------
    # Clauses
    # -------------------------------------------------------------------------

    def _create_with_clauses(self):
        return self._create_active(clause_ids=[
            Command.create({"name": "Notice", "body":
                            "<p>Notice of {{ termination_notice_days }} days.</p>"}),
            Command.create({"name": "Liability", "body": "<p>Up to 1,000.</p>"}),
            Command.create({"name": "Parking", "body": "<p>We park in the yard.</p>"}),
        ])

    def test_clauses_are_replaced_removed_and_added(self):
        contract = self._create_with_clauses()
        _notice, liability, parking = contract.clause_ids
        self._agree(self._create_change(
            contract,
            {"kind": "clause", "contract_clause_id": liability.id, "body": "<p>Up to 2,000.</p>"},
            {"kind": "clause", "operation": "remove", "contract_clause_id": parking.id},
            {"kind": "clause", "operation": "add", "title": "Keys", "category": "scope",
             "body": "<p>{{ customer_name }} keeps the keys.</p>"},
        ))

        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertEqual(
            [(clause.name, str(clause.frozen_text)) for clause in contract.clause_ids], [
                ("Notice", "<p>Notice of 30 days.</p>"), ("Liability", "<p>Up to 2,000.</p>"),
                ("Keys", "<p>Northside Clinic keeps the keys.</p>"),
            ],
        )

    def test_clause_that_names_a_changed_term_follows_and_is_shown(self):
        contract = self._create_with_clauses()
        change = self._put(self._create_change(contract, {
            "kind": "field", "field_name": "termination_notice_days", "new_number": 60,
        }))

        self.assertEqual([
            (item["name"], item["before"], item["after"]) for item in change.consequences
        ], [("Notice", "<p>Notice of 30 days.</p>", "<p>Notice of 60 days.</p>")])
        self.assertIn("Clauses that follow these changes", change.comparison)
        self.assertIn(">30</del>", change.comparison)
        self.assertEqual(contract.clause_ids[0].text, "<p>Notice of 30 days.</p>")

        self._confirm(change)
        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        self.assertEqual(contract.clause_ids[0].text, "<p>Notice of 60 days.</p>")
        self.assertIn("Notice of 60 days", contract.sudo().version_id.content)

    def test_new_clause_is_signed_with_the_terms_of_the_same_change(self):
        contract = self._create_with_clauses()
        change = self._put(self._create_change(
            contract,
            {"kind": "field", "field_name": "confidentiality_months", "new_number": 36},
            {"kind": "clause", "operation": "add", "title": "Secrets",
             "body": "<p>Secret for {{ confidentiality_months }} months.</p>"},
        ))

        self.assertEqual(change.line_ids[1].after["text"], "<p>Secret for 36 months.</p>")
        self.assertIn("Secret for 36 months", change.content)

    # -------------------------------------------------------------------------
    # Preview
    # -------------------------------------------------------------------------

    def test_preview_is_exact_and_writes_nothing(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        change = self._create_change(contract, self._price(contract))
        before = self._get_state(contract)

        change.action_reckon()

        self.assertEqual(self._get_state(contract), before)
        self.assertFalse(invoice.reversal_move_ids)
        self.assertRecordValues(change, [{
            "amount_annual_before": 1200.0, "amount_annual_after": 2400.0,
            "amount_annual_delta": 1200.0, "amount_credit": 51.61, "amount_charge": 103.23,
            # February to December are planned anew, and the second half of January.
            "obligations_dropped": 11, "obligations_added": 12,
        }])

    def test_preview_of_the_past_charges_the_days_it_credits(self):
        contract = self._create_active(date_start="2025-12-01")
        self._bill(contract, "2026-01-15")
        change = self._create_change(contract, self._price(contract), date_effective="2025-12-17")

        change.action_reckon()

        self.assertRecordValues(change, [{"amount_credit": 148.39, "amount_charge": 296.77}])

    def test_preview_leaves_draft_invoices_alone(self):
        contract = self._create_active(invoice_action="draft")
        draft = self._bill(contract, "2026-01-15")
        change = self._create_change(contract, self._price(contract))

        change.action_reckon()

        self.assertEqual(draft.state, "draft")
        self.assertEqual(draft.amount_untaxed, 100.0)
        self.assertRecordValues(change, [{
            "amount_credit": 0.0, "amount_dropped": 51.61, "amount_charge": 103.23,
        }])

    @freeze_time("2026-04-01 09:00")
    def test_preview_of_the_net_effect_is_the_same_posted_in_a_draft_or_not_billed(self):
        for action, credit, dropped in (
            ("post", 500.0, 0.0), ("draft", 0.0, 500.0), (None, 0.0, 500.0),
        ):
            with self.subTest(action=action):
                contract = self._create_active(
                    date_start="2026-04-01", date_end="2027-03-31", lines=[{"price_unit": 1000.0}],
                    invoice_action=action or "post",
                )
                if action:
                    self._bill(contract, "2026-04-01")
                change = self._create_change(
                    contract, self._price(contract, 1200.0), date_effective="2026-04-16",
                )

                change.action_reckon()

                self.assertRecordValues(change, [{
                    "amount_credit": credit, "amount_dropped": dropped, "amount_charge": 600.0,
                    "amount_net": 100.0, "amount_annual_delta": 2400.0,
                }])
                self._agree(change)
                with freeze_time("2026-04-16 09:00"):
                    self._apply_by_cron()
                    self._bill(contract, "2026-04-16")
                billed = self._get_invoices(contract).mapped("amount_untaxed")
                given_back = self._get_invoices(contract).reversal_move_ids.mapped("amount_untaxed")
                self.assertEqual(sum(billed) - sum(given_back), 1100.0)

    def test_preview_of_several_months_in_a_draft(self):
        contract = self._create_active(invoice_action="draft")
        self._bill(contract, "2026-02-01")
        change = self._create_change(contract, self._price(contract))

        change.action_reckon()

        self.assertRecordValues(change, [{
            "amount_credit": 0.0, "amount_dropped": 151.61, "amount_charge": 303.23,
            "amount_net": 151.62,
        }])

    def test_nobody_suppresses_a_credit_by_a_context(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-01-16",
        ))

        with freeze_time("2026-01-16 09:00"):
            change = contract.sudo().change_ids.with_context(aftersales_credit_preview=True)
            change.action_apply()

        self.assertEqual(invoice.reversal_move_ids.amount_untaxed, 51.61)

    # -------------------------------------------------------------------------
    # When
    # -------------------------------------------------------------------------

    def test_cron_waits_for_the_day_and_applies_once(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        change = self._agree(self._create_change(contract, self._price(contract)))

        self.assertEqual(self._apply_by_cron(), 0)
        self.assertEqual(change.state, "agreed")
        with freeze_time("2026-01-20 09:00"):
            self.assertEqual(self._apply_by_cron(), 1)
            self.assertEqual(self._apply_by_cron(), 0)
            change.action_apply()

        self.assertEqual(change.state, "applied")
        self.assertEqual(invoice.reversal_move_ids.mapped("amount_untaxed"), [51.61])
        self.assertEqual([v[0] for v in self._read_versions(contract)], [1, 2])

    def test_change_of_today_or_before_is_applied_with_the_second_signature(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")

        change = self._agree(self._create_change(
            contract, self._price(contract), date_effective="2026-01-10",
        ))

        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_amounts(contract)[:2], [29.03, 141.94])

    def test_two_changes_one_after_the_other_give_two_versions(self):
        contract = self._create_active()
        first = self._agree(self._create_change(contract, self._price(contract)))
        second = self._agree(self._create_change(contract, {
            "kind": "field", "field_name": "termination_notice_days", "new_number": 60,
        }, date_effective="2026-02-01"))

        with freeze_time("2026-02-03 09:00"):
            self.assertEqual(self._apply_by_cron(batch_size=1), 2)

        self.assertEqual((first | second).mapped("state"), ["applied", "applied"])
        self.assertEqual(self._read_versions(contract), [
            (1, "superseded", "2026-01-01", "2026-01-15", "Nora Northside"),
            (2, "superseded", "2026-01-16", "2026-01-31", "Nora Northside"),
            (3, "signed", "2026-02-01", None, "Nora Northside"),
        ])

    # -------------------------------------------------------------------------
    # Failure
    # -------------------------------------------------------------------------

    def test_failed_change_is_flagged_and_stops_no_other(self):
        broken, sound = self._create_active(), self._create_active()
        changes = self._agree(self._create_change(broken, self._price(broken)))
        changes |= self._agree(self._create_change(sound, self._price(sound)))
        self.env["aftersales.contract"]._as_agreed(broken.sudo().line_ids).price_unit = 90.0
        before = self._get_state(broken)

        with freeze_time("2026-01-16 09:00"):
            self.assertEqual(self._apply_by_cron(), 2)
            self._apply_by_cron()

        self.assertEqual(changes.mapped("state"), ["agreed", "applied"])
        self.assertIn("outdated base", changes[0].apply_error)
        self.assertEqual(self._get_state(broken), before)
        self.assertEqual(len(changes[0].activity_ids), 1)
        self.assertEqual(changes[0].activity_ids.user_id, self.officer)

    def test_mended_change_is_applied_and_its_flag_goes(self):
        contract = self._create_active()
        change = self._agree(self._create_change(contract, self._price(contract)))
        lines = self.env["aftersales.contract"]._as_agreed(contract.sudo().line_ids)
        lines.price_unit = 90.0
        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()
            lines.price_unit = 100.0

            change.action_apply()

        self.assertRecordValues(change, [{"state": "applied", "apply_error": False}])
        self.assertFalse(change.activity_ids)

    def test_error_while_applying_takes_everything_back(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        change = self._agree(self._create_change(contract, self._price(contract)))
        before = self._get_state(contract)
        version = type(self.env["aftersales.contract.version"])

        with freeze_time("2026-01-16 09:00"), self.assertLogs(
            "odoo.addons.aftersales.models.change.aftersales_contract_change_effect_mixin", "ERROR",
        ):
            with patch.object(version, "_prepare_frozen_vals", side_effect=ValueError("power cut")):
                self._apply_by_cron()

        self.assertEqual(change.state, "agreed")
        self.assertEqual(change.apply_error, "power cut")
        self.assertFalse(invoice.reversal_move_ids)
        self.assertEqual(self._get_state(contract), before)

    # -------------------------------------------------------------------------
    # The end moves twice
    # -------------------------------------------------------------------------

    def _move_end(self, contract, day, date_end):
        change = self._agree(self._create_change(contract, {
            "kind": "field", "field_name": "date_end", "new_date": date_end,
        }, date_effective=day))
        with freeze_time(f"{day} 09:00"):
            self._apply_by_cron()
        self.assertEqual(change.state, "applied", change.apply_error)

    def _get_owed(self, contract):
        return [
            (str(owed.period_start), str(owed.period_end), owed.amount)
            for owed in contract.obligation_ids.sorted("period_start") if not owed.waive_reason
        ]

    def test_end_shortened_and_extended_again_owes_what_was_given_back(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-04-30")
        self._move_end(contract, "2026-01-16", "2026-02-14")
        self.assertEqual(invoice.reversal_move_ids.mapped("amount_untaxed"), [250.0])
        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-14", 50.0),
        ])

        self._move_end(contract, "2026-01-20", "2026-04-15")

        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-14", 50.0),
            ("2026-02-15", "2026-02-28", 50.0), ("2026-03-01", "2026-03-31", 100.0),
            ("2026-04-01", "2026-04-15", 50.0),
        ])
        self.assertEqual(invoice.amount_untaxed, 400.0)
        self.assertEqual(invoice.reversal_move_ids.mapped("amount_untaxed"), [250.0])
        self.assertEqual(self._bill(contract, "2026-04-30").amount_untaxed, 200.0)
        self.assertFalse(self._bill(contract, "2026-12-31"))

    def test_end_moves_back_and_forth_without_proration(self):
        contract = self._create_active(proration="none")
        self._move_end(contract, "2026-01-16", "2026-02-14")

        self._move_end(contract, "2026-01-20", "2026-03-31")

        self.assertEqual(self._get_owed(contract), [
            ("2026-01-01", "2026-01-31", 100.0), ("2026-02-01", "2026-02-28", 100.0),
            ("2026-03-01", "2026-03-31", 100.0),
        ])

    def test_what_was_waived_by_hand_stays_waived(self):
        contract = self._create_active()
        march = contract.obligation_ids.filtered(lambda o: str(o.period_start) == "2026-03-01")
        march.with_user(self.officer).waive_reason = "Goodwill"
        self._move_end(contract, "2026-01-16", "2026-02-28")

        self._move_end(contract, "2026-01-20", "2026-04-30")

        self.assertEqual(march.waive_reason, "Goodwill")
        self.assertEqual(self._get_owed(contract)[1:], [
            ("2026-02-01", "2026-02-28", 100.0), ("2026-04-01", "2026-04-30", 100.0),
        ])

    def test_a_copy_has_the_lines_of_today(self):
        contract = self._create_active(lines=[
            {}, {"price_unit": 50.0}, {"price_unit": 7.0, "date_end": "2026-01-10"},
            {"price_unit": 9.0, "date_start": "2026-02-01"},
        ])
        lines = contract.line_ids.sorted("id")
        self._agree(self._create_change(
            contract, self._price(contract),
            {"kind": "line", "contract_line_id": lines[1].id, "operation": "remove"},
        ))
        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

            copy = contract.copy()

        self.assertRecordValues(copy.line_ids.sorted("price_unit"), [
            {"price_unit": 9.0, "date_start": date(2026, 2, 1), "date_end": False},
            {"price_unit": 200.0, "date_start": False, "date_end": False},
        ])
