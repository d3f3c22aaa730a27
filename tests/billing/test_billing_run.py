from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time

from ...models.billing import aftersales_billing
from ..common import AftersalesCommon


class TestBillingRun(AftersalesCommon):
    """Cron, button and engine: what is due becomes invoices, each period exactly once."""

    # -------------------------------------------------------------------------
    # What is billed
    # -------------------------------------------------------------------------

    def test_what_is_due_becomes_a_posted_invoice(self):
        contract = self._create_active(customer_reference="PO-4711")

        move = self._bill(contract, "2026-01-15")

        self.assertRecordValues(move, [{
            "move_type": "out_invoice", "state": "posted", "partner_id": self.customer.id,
            "invoice_date": date(2026, 1, 15), "invoice_origin": contract.name,
            "ref": "PO-4711", "currency_id": self.company.currency_id.id,
            "company_id": self.company.id, "invoice_user_id": self.officer.id,
            "amount_untaxed": 100.0, "amount_tax": 15.0, "amount_total": 115.0,
        }])
        self.assertRecordValues(move.invoice_line_ids, [{
            "product_id": self.service.id, "quantity": 1.0, "price_unit": 100.0,
            "price_subtotal": 100.0, "price_total": 115.0, "tax_ids": self.tax.ids,
            "account_id": self.income_account.id,
            "aftersales_obligation_id": contract.obligation_ids[0].id,
            "aftersales_contract_id": contract.id,
            "aftersales_period_start": date(2026, 1, 1),
            "aftersales_period_end": date(2026, 1, 31),
        }])
        self.assertEqual(
            contract.obligation_ids.mapped("billing_state"), ["billed"] + ["to_bill"] * 11)
        self.assertEqual(contract.obligation_ids[0].sudo().move_id, move)
        self.assertEqual(contract.obligation_ids[0].amount_billed, 100.0)
        self.assertEqual(contract.next_invoice_date, date(2026, 2, 1))
        self.assertEqual(contract.invoice_count, 1)
        self.assertEqual(contract.amount_billed, 100.0)

    def test_billing_again_bills_nothing(self):
        contract = self._create_active()
        first = self._bill(contract, "2026-03-01")

        second = self._bill(contract, "2026-03-01")

        self.assertEqual(len(first), 1)
        self.assertFalse(second)
        self.assertEqual(self._get_invoices(contract), first)

    def test_catching_up_bills_one_line_per_period(self):
        contract = self._create_active(date_start="2025-11-01")

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(
            [(str(line.aftersales_period_start), str(line.aftersales_period_end))
             for line in move.invoice_line_ids],
            [("2025-11-01", "2025-11-30"), ("2025-12-01", "2025-12-31"),
             ("2026-01-01", "2026-01-31")],
        )
        self.assertEqual(move.amount_untaxed, 300.0)

    def test_lines_with_different_rhythms_share_an_invoice(self):
        contract = self._create_active(lines=[
            {"name": "Lift 1"},
            {"name": "Lift 2", "recurrence_unit": "quarter", "price_unit": 270.0},
            {"name": "Set-up", "recurrence_unit": "once", "product_id": self.fee.id,
             "price_unit": 250.0},
        ])

        first = self._bill(contract, "2026-01-15")
        second = self._bill(contract, "2026-02-01")

        self.assertEqual(first.invoice_line_ids.mapped("price_subtotal"), [100.0, 270.0, 250.0])
        self.assertEqual(second.invoice_line_ids.mapped("price_subtotal"), [100.0])

    def test_in_arrears_is_not_billed_before_the_period_is_over(self):
        contract = self._create_active(lines=[{"billing_timing": "arrears"}])

        self.assertFalse(self._bill(contract, "2026-01-31"))

        move = self._bill(contract, "2026-02-01")
        self.assertEqual(move.invoice_line_ids.aftersales_period_start, date(2026, 1, 1))

    def test_beyond_the_horizon_is_scheduled_when_asked_for(self):
        self.company.aftersales_horizon_months = 1
        contract = self._create_active(date_end=False)

        move = self._bill(contract, "2026-06-01")

        self.assertEqual(len(move.invoice_line_ids), 6)

    def test_only_contracts_in_force_are_billed(self):
        contracts = {
            state: self._create_active() for state in
            ("suspended", "expired", "terminated", "renewed")
        }
        for state, contract in contracts.items():
            contract._transition_to(state)
        contracts["draft"] = self._create_contract()

        billed = {
            state for state, contract in contracts.items() if self._bill(contract, "2026-01-15")
        }

        self.assertEqual(billed, {"expired", "terminated", "renewed"})

    def test_waived_periods_are_not_billed(self):
        contract = self._create_active()
        contract.obligation_ids[1].waive_reason = "The lift stood still"

        move = self._bill(contract, "2026-03-01")

        self.assertEqual(move.invoice_line_ids.mapped("aftersales_period_start"),
                         [date(2026, 1, 1), date(2026, 3, 1)])

    def test_billed_periods_cannot_be_waived(self):
        contract = self._create_active()
        move = self._bill(contract, "2026-01-15")

        with self.assertRefused(move.name, "Cancel or credit"):
            contract.obligation_ids[0].waive_reason = "Too late"

        self.assertFalse(contract.obligation_ids[0].waive_reason)
        self.assertEqual(contract.obligation_ids[0].state, "due")

    # -------------------------------------------------------------------------
    # How it is invoiced
    # -------------------------------------------------------------------------

    def test_draft_invoices_stay_drafts(self):
        contract = self._create_active(invoice_action="draft")

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.state, "draft")
        self.assertEqual(contract.obligation_ids[0].billing_state, "draft")

        move.action_post()
        self.assertEqual(contract.obligation_ids[0].billing_state, "billed")

    def test_post_and_send_hands_the_invoice_to_odoos_sending_job(self):
        contract = self._create_active(invoice_action="post_send")

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.state, "posted")
        self.assertTrue(move.sending_data)
        self.assertTrue(move.is_being_sent)

    def test_invoice_goes_to_the_invoicing_contact_and_service_address(self):
        office, site = self.env["res.partner"].create([
            {"name": "Accounts", "parent_id": self.customer.id, "type": "invoice"},
            {"name": "East Wing", "parent_id": self.customer.id, "type": "delivery"},
        ])
        contract = self._create_active()
        self.assertEqual(contract.invoice_partner_id, office)

        move = self._bill(contract, "2026-01-15")

        self.assertRecordValues(move, [{
            "partner_id": office.id, "commercial_partner_id": self.customer.id,
            "partner_shipping_id": site.id,
        }])

    def test_own_journal_and_payment_terms_are_used(self):
        journal = self.env["account.journal"].create({
            "name": "Service invoices", "code": "SRV", "type": "sale",
        })
        terms = self.env.ref("account.account_payment_term_30days")
        contract = self._create_active(journal_id=journal.id, payment_term_id=terms.id)

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.journal_id, journal)
        self.assertEqual(move.invoice_payment_term_id, terms)
        self.assertEqual(move.invoice_date_due, date(2026, 2, 14))
        self.assertEqual(contract.obligation_ids[0].date_due, date(2026, 2, 14))

    def test_text_is_in_the_customers_language_and_date_format(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        self.service.with_context(lang="de_DE").name = "Wartungsvertrag"
        contract = self._create_active(date_end="2026-01-20")

        move = self._bill(contract, "2026-01-15")

        text = move.invoice_line_ids.name
        self.assertIn("Wartungsvertrag", text)
        self.assertIn("01.01.2026", text)
        self.assertIn("20.01.2026", text)

    def test_line_tells_its_service_period(self):
        contract = self._create_active(date_end="2026-02-10", lines=[{"name": "Lift 1"}])

        move = self._bill(contract, "2026-02-01")

        self.assertEqual(move.invoice_line_ids.mapped("name"), [
            "Lift 1\nService period 01/01/2026 – 01/31/2026",
            "Lift 1\nService period 02/01/2026 – 02/10/2026 (10 of 28 days)",
        ])

    def test_one_off_fee_tells_no_period(self):
        contract = self._create_active(lines=[{"recurrence_unit": "once", "name": "Set-up"}])

        self.assertEqual(self._bill(contract, "2026-01-15").invoice_line_ids.name, "Set-up")

    # -------------------------------------------------------------------------
    # Grouping
    # -------------------------------------------------------------------------

    def test_each_contract_has_its_own_invoice_by_default(self):
        contracts = self._create_active() + self._create_active()

        moves = self._bill(contracts, "2026-01-15")

        self.assertEqual(len(moves), 2)
        self.assertEqual(set(moves.mapped("invoice_origin")), set(contracts.mapped("name")))

    def test_contracts_of_a_customer_share_an_invoice_when_they_say_so(self):
        first = self._create_active(
            invoice_grouping="customer", subject="Lifts", customer_reference="PO-1")
        second = self._create_active(
            invoice_grouping="customer", subject="Doors", customer_reference="PO-2",
            lines=[{"price_unit": 50.0}])
        alone = self._create_active()
        stranger = self._create_active(
            invoice_grouping="customer", partner_id=self.other_customer.id)

        moves = self._bill(first + second + alone + stranger, "2026-01-15")

        self.assertEqual(len(moves), 3)
        shared = first.sudo().obligation_ids[0].move_id
        self.assertEqual(second.sudo().obligation_ids[0].move_id, shared)
        self.assertEqual(shared.amount_untaxed, 150.0)
        self.assertEqual(shared.invoice_origin, f"{first.name}, {second.name}")
        self.assertEqual(shared.ref, "PO-1, PO-2")
        self.assertRecordValues(shared.invoice_line_ids, [
            {"display_type": "line_section", "aftersales_contract_id": first.id,
             "name": f"Contract {first.display_name}"},
            {"display_type": "product", "aftersales_contract_id": first.id,
             "name": "Maintenance plan\nService period 01/01/2026 – 01/31/2026"},
            {"display_type": "line_section", "aftersales_contract_id": second.id,
             "name": f"Contract {second.display_name}"},
            {"display_type": "product", "aftersales_contract_id": second.id,
             "name": "Maintenance plan\nService period 01/01/2026 – 01/31/2026"},
        ])
        self.assertEqual(shared.aftersales_contract_count, 2)

    def test_different_terms_are_never_on_one_invoice(self):
        variants = [
            {}, {"payment_term_id": self.env.ref("account.account_payment_term_30days").id},
            {"currency_id": self._activate_currency("EUR", 2.0).id}, {"invoice_action": "draft"},
        ]
        contracts = self.env["aftersales.contract"].concat(*(
            self._create_active(invoice_grouping="customer", **vals) for vals in variants
        ))

        moves = self._bill(contracts.with_user(self.officer), "2026-01-15")

        self.assertEqual(len(moves), 4)

    # -------------------------------------------------------------------------
    # Invoice dates
    # -------------------------------------------------------------------------

    def test_invoice_date_is_todays_and_the_period_stays_on_the_line(self):
        contract = self._create_active(date_start="2025-12-01")

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.invoice_date, date(2026, 1, 15))
        self.assertEqual(move.invoice_line_ids[0].aftersales_period_start, date(2025, 12, 1))

    def test_invoice_date_moves_past_a_closed_period(self):
        contract = self._create_active(date_start="2025-12-01")
        self.company.sudo().fiscalyear_lock_date = "2026-01-20"

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.state, "posted")
        self.assertEqual(move.invoice_date, date(2026, 1, 21))
        self.assertEqual(move.date, date(2026, 1, 21))
        self.assertEqual(move.invoice_line_ids.mapped("aftersales_period_start"),
                         [date(2025, 12, 1), date(2026, 1, 1)])

    def test_sales_lock_date_counts_too(self):
        contract = self._create_active()
        self.company.sudo().sale_lock_date = "2026-01-31"

        self.assertEqual(self._bill(contract, "2026-01-15").date, date(2026, 2, 1))

    # -------------------------------------------------------------------------
    # Cron and button
    # -------------------------------------------------------------------------

    def test_cron_bills_what_is_due_today(self):
        contract = self._create_active()
        future = self._create_active(date_start="2026-01-16")

        self._run_cron("_cron_bill")

        self.assertEqual(len(self._get_invoices(contract)), 1)
        self.assertFalse(self._get_invoices(future))

        self._run_cron("_cron_bill")

        self.assertEqual(len(self._get_invoices(contract)), 1)

    def test_cron_bills_month_after_month(self):
        contract = self._create_active(date_end="2026-03-10")
        for day in ("2026-02-01 03:00", "2026-02-02 03:00", "2026-03-01 03:00",
                    "2026-04-01 03:00"):
            with freeze_time(day):
                self._run_cron("_cron_bill")

        self.assertEqual(self._get_invoices(contract).mapped("amount_untaxed"),
                         [200.0, 32.26])
        self.assertFalse(contract.next_invoice_date)

    def test_cron_works_in_chunks_and_tells_its_progress(self):
        contracts = self.env["aftersales.contract"].concat(*(
            self._create_active() for _index in range(5)
        ))

        with patch.object(aftersales_billing, "CHUNK_SIZE", 2):
            steps = self._run_cron("_cron_bill")

        self.assertEqual([step for step in steps if step != (0, 0)], [(2, 3), (2, 1), (1, 0)])
        self.assertEqual(len(self._get_invoices(contracts)), 5)

    def test_chunks_never_split_an_invoice(self):
        grouped = self.env["aftersales.contract"].concat(*(
            self._create_active(invoice_grouping="customer") for _index in range(3)
        ))

        with patch.object(aftersales_billing, "CHUNK_SIZE", 2):
            self._run_cron("_cron_bill")

        self.assertEqual(len(self._get_invoices(grouped)), 1)

    def test_oldest_debt_is_billed_first(self):
        newer = self._create_active(date_start="2026-01-01")
        older = self._create_active(date_start="2025-12-01")

        queue = self.env["aftersales.billing"]._get_queue(self.company, date(2026, 1, 15))

        self.assertEqual(queue.filtered(lambda c: c in newer + older).ids, [older.id, newer.id])

    def test_button_bills_until_today_and_tells_so(self):
        contract = self._create_active()

        action = contract.action_bill()

        self.assertEqual(len(self._get_invoices(contract)), 1)
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("1", action["params"]["message"])

    def test_button_shows_the_invoice_to_those_who_read_the_books(self):
        contract = self._create_active().with_user(self.accountant)

        action = contract.action_bill()

        self.assertEqual(action["res_model"], "account.move")
        self.assertEqual(action["res_id"], self._get_invoices(contract).id)

    def test_button_tells_when_nothing_is_due(self):
        contract = self._create_active(date_start="2026-01-16")

        with self.assertRefused("Nothing is due"):
            contract.action_bill()

        self.assertFalse(self._get_invoices(contract))

    def test_button_after_the_cron_bills_nothing_twice(self):
        contract = self._create_active()
        self._run_cron("_cron_bill")

        with self.assertRefused("Nothing is due"):
            contract.action_bill()

        self.assertEqual(len(self._get_invoices(contract)), 1)

    # -------------------------------------------------------------------------
    # Companies
    # -------------------------------------------------------------------------

    def test_each_company_bills_with_its_own_books(self):
        second = self._create_company_with_books("Second Service")
        self.officer.company_ids = [Command.link(second.id)]
        service = self.env["product.product"].create({
            "name": "Second plan", "type": "service", "company_id": second.id,
            "taxes_id": [Command.set(second.account_sale_tax_id.ids)],
        })
        officer = self.officer.with_company(second)
        ours = self._create_active()
        theirs = self._activate(
            self.env["aftersales.contract"].with_user(officer).with_company(second).create({
                "partner_id": self.customer.id, "company_id": second.id,
                "date_start": "2026-01-01", "invoice_action": "post",
                "line_ids": [Command.create({"product_id": service.id, "price_unit": 80.0})],
            })
        )

        self._run_cron("_cron_bill")

        for contract, company, untaxed in ((ours, self.company, 100.0), (theirs, second, 80.0)):
            move = self._get_invoices(contract)
            with self.subTest(company=company.name):
                self.assertRecordValues(move, [{
                    "company_id": company.id, "state": "posted", "amount_untaxed": untaxed,
                }])
                self.assertEqual(move.journal_id.company_id, company)
                self.assertEqual(move.line_ids.account_id.company_ids, company)
                self.assertLessEqual(move.line_ids.tax_ids.company_id, company)

    def test_each_company_bills_on_its_own_day(self):
        second = self._create_company_with_books("Pacific Service")
        second.partner_id.tz = "Pacific/Auckland"
        self.officer.company_ids = [Command.link(second.id)]
        service = self.env["product.product"].create({
            "name": "Second plan", "type": "service", "company_id": second.id,
        })
        ours = self._create_active(date_start="2026-01-16")
        theirs = self._activate(
            self.env["aftersales.contract"].with_user(self.officer).with_company(second).create({
                "partner_id": self.customer.id, "company_id": second.id,
                "date_start": "2026-01-16", "invoice_action": "draft",
                "line_ids": [Command.create({"product_id": service.id, "price_unit": 80.0})],
            })
        )

        with freeze_time("2026-01-15 12:00"):
            self._run_cron("_cron_bill")

        self.assertFalse(self._get_invoices(ours))
        self.assertEqual(self._get_invoices(theirs).invoice_date, date(2026, 1, 16))

    # -------------------------------------------------------------------------
    # Promises kept
    # -------------------------------------------------------------------------

    def test_payment_on_time_meets_the_promise(self):
        contract = self._create_active(
            payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        move = self._bill(contract, "2026-01-15")
        obligation = contract.obligation_ids[0]
        self.assertEqual((obligation.state, obligation.date_due), ("due", date(2026, 2, 14)))

        self._pay(move, "2026-02-10")

        self.assertRecordValues(obligation, [{
            "state": "met", "date_done": date(2026, 2, 10), "days_late": 0,
        }])

    def test_late_payment_keeps_how_late_it_was(self):
        contract = self._create_active(
            payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        move = self._bill(contract, "2026-01-15")

        self._pay(move, "2026-03-01")

        self.assertRecordValues(contract.obligation_ids[0], [{
            "state": "met", "date_done": date(2026, 3, 1), "days_late": 15,
        }])

    def test_unpaid_becomes_late_then_breached(self):
        contract = self._create_active(
            payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        self._bill(contract, "2026-01-15")
        obligation = contract.obligation_ids[0]

        for day, state, days_late in [
            ("2026-02-14 09:00", "due", 0), ("2026-02-15 09:00", "late", 1),
            ("2026-03-16 09:00", "late", 30), ("2026-03-17 09:00", "breached", 31),
        ]:
            with freeze_time(day):
                self._run_cron("_cron_daily")

            self.assertEqual((obligation.state, obligation.days_late), (state, days_late), day)

    # -------------------------------------------------------------------------
    # Cost
    # -------------------------------------------------------------------------

    def test_cost_of_billing_does_not_grow_faster_than_the_invoices(self):
        contracts = self.env["aftersales.contract"].concat(*(
            self._create_active(lines=[{"name": f"Lift {n}"} for n in range(3)])
            for _index in range(21)
        ))
        self._bill(contracts[0], "2026-01-15")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count

        self._bill(contracts[1:], "2026-01-15")

        self.env.flush_all()
        self.assertLessEqual((self.env.cr.sql_log_count - before) / 20, 6)
