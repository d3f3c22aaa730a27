from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .ending_common import EndingCommon


class TestEarlyFee(EndingCommon):
    """What the customer owes for ending a contract before its term: once, and only when agreed."""

    PERCENT = {"early_fee_mode": "percent", "early_fee_percent": 20.0}
    NOTICE = {"ground": "notice", "side": "customer", "date_notice": "2026-01-15"}

    @classmethod
    def _create_active(cls, **vals):
        """Return a contract in force, with the clause that a fee has to be named by."""
        if "early_fee_mode" in vals:
            vals.setdefault("clause_ids", [Command.create({
                "name": "Fee", "body": "<p>Fee: {{ early_fee }}</p>",
            })])
        return super()._create_active(**vals)

    def _get_fees(self, contract):
        fee_line = contract.sudo().termination_ids.fee_line_id
        return contract.obligation_ids.filtered(lambda owed: owed.line_id in fee_line)

    def test_a_fixed_fee_is_owed_on_the_last_day_and_billed_once(self):
        contract = self._create_active(early_fee_mode="fixed", early_fee_amount=500.0)
        self._bill(contract, "2026-01-15")

        termination = self._terminate(contract, "2026-02-14", **self.NOTICE)

        self.assertEqual(termination.fee_amount, 500.0)
        self.assertRecordValues(self._get_fees(contract), [{
            "amount": 500.0, "kind": "payment", "side": "customer", "state": "planned",
            "date_planned": date(2026, 2, 14), "period_start": date(2026, 2, 14),
        }])
        self._run_night("2026-02-15")
        self.assertEqual(contract.state, "terminated")
        self.assertEqual(self._bill_on(contract, "2026-02-15"), 50.0 + 500.0)
        self._run_night("2026-02-16")
        contract._schedule_obligations()
        self.assertEqual(self._bill_on(contract, "2026-03-31"), 0.0)
        self.assertEqual(len(self._get_fees(contract)), 1)
        self.assertEqual(contract.amount_annual, 0.0)
        self.assertEqual(contract.copy().line_ids.product_id, self.service)

    def test_a_percentage_of_the_rest_of_the_term_with_its_cap(self):
        for cap, fee in ((0.0, 210.0), (150.0, 150.0)):
            with self.subTest(cap=cap):
                contract = self._create_active(early_fee_cap=cap, **self.PERCENT)

                # Half of February and ten months are left: 1,050.
                termination = self._terminate(contract, "2026-02-14", **self.NOTICE)

                self.assertEqual(termination.fee_amount, fee)
                self.assertEqual(self._get_fees(contract).mapped("amount"), [fee])

    def test_without_proration_the_period_under_way_is_no_rest(self):
        contract = self._create_active(proration="none", **self.PERCENT)

        self.assertEqual(contract._get_early_fee(date(2026, 2, 14), "notice", "customer"), 200.0)

    def test_one_off_fees_and_ended_lines_are_no_rest(self):
        contract = self._create_active(lines=[
            {"date_end": "2026-03-31"},
            {"product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0,
             "date_start": "2026-06-01"},
        ], **self.PERCENT)

        self.assertEqual(contract._get_early_fee(date(2026, 2, 28), "notice", "customer"), 20.0)

    def test_what_rests_counts_to_its_agreed_end(self):
        contract = self._create_active(**self.PERCENT)
        self._suspend(contract, "2026-01-10")

        self.assertEqual(contract._get_early_fee(date(2026, 2, 28), "notice", "customer"), 200.0)

    def test_no_fee_where_none_is_owed(self):
        contract = self._create_active(**self.PERCENT)
        open_end = self._create_active(date_end=False, **self.PERCENT)
        day = date(2026, 2, 14)
        cases = [
            (contract, day, "provider_breach", "customer"), (contract, day, "lapse", "customer"),
            (contract, day, "agreement", "both"), (contract, day, "notice", "provider"),
            (contract, contract.date_end, "notice", "customer"),
            (open_end, day, "notice", "customer"),
            (self._create_active(), day, "notice", "customer"),
        ]
        for case in cases:
            with self.subTest(case=case):
                self.assertEqual(case[0]._get_early_fee(*case[1:]), 0.0)

        self._terminate(contract, day, ground="provider_breach", side="customer",
                        date_notice="2026-01-15")
        self.assertFalse(self._get_fees(contract))
        self.assertEqual(len(contract.line_ids), 1)

    def test_the_wizard_previews_it_and_staff_may_waive_it(self):
        contract = self._create_active(**self.PERCENT)

        with self._get_form("aftersales.contract.terminate", contract) as form:
            form.ground = "notice"
            form.side = "customer"
            form.date_last = "2026-02-14"
            self.assertEqual(form.fee_agreed, 210.0)
            form.ground = "provider_breach"
            form.date_last = "2026-02-14"
            self.assertEqual(form.fee_agreed, 0.0)
            form.ground = "notice"
            form.is_fee_waived = True
        form.record.action_confirm()

        self.assertEqual(contract.termination_id.sudo().fee_amount, 0.0)
        self.assertFalse(self._get_fees(contract))

    def test_a_withdrawn_termination_takes_the_fee_back(self):
        contract = self._create_active(early_fee_mode="fixed", early_fee_amount=500.0)
        before = self._get_owed(contract)
        self._terminate(contract, "2026-01-20", **{**self.NOTICE, "override_reason": "agreed"})
        self.assertEqual(self._bill_on(contract, "2026-01-20"), 64.52 + 500.0)

        contract.action_withdraw_termination()

        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [500.0])
        owed = self._get_owed(contract)
        self.assertEqual(sum(amount for _first, _last, amount in owed),
                         sum(amount for _first, _last, amount in before))
        self._terminate(contract, "2026-02-14", **self.NOTICE)
        self.assertEqual(
            [o.amount for o in self._get_fees(contract) if not o.waive_reason], [500.0])

    def test_terms_that_make_no_sense_are_refused(self):
        cases = [
            ({"early_fee_mode": "fixed"}, "“Early End: Amount” is missing"),
            ({"early_fee_mode": "percent"}, "“Early End: Per Cent” is missing"),
            ({"early_fee_mode": "percent", "early_fee_percent": 120.0},
             "ending cannot cost more than staying"),
            ({"early_fee_amount": -1.0}, "cannot be negative"),
        ]
        for vals, message in cases:
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                self._create_contract(**vals)

    def test_the_fee_is_signed_and_comes_from_the_template(self):
        template = self.env["aftersales.contract.template"].create({
            "name": "Care", "early_fee_mode": "percent", "early_fee_percent": 20.0,
            "early_fee_cap": 1000.0,
        })
        with Form(self.env["aftersales.contract"].with_user(self.officer)) as form:
            form.partner_id = self.customer
            form.template_id = template
        contract = form.record

        self.assertRecordValues(contract, [{
            "early_fee_mode": "percent", "early_fee_percent": 20.0, "early_fee_cap": 1000.0,
        }])
        self.assertEqual(
            contract._get_placeholder_values()["early_fee"].replace("\xa0", " "),
            "20 % of the price of the rest of the term, $ 1,000.00 at most",
        )
        contract = self._create_active(**self.PERCENT)
        self.assertIn('"early_fee_percent":20.0', contract.sudo().version_id.content)
        with self.assertRefused(contract.name, "closed"):
            contract.early_fee_percent = 10.0

    def test_a_service_without_tax_of_the_company_is_told(self):
        contract = self._create_active(early_fee_mode="fixed", early_fee_amount=500.0)
        product = self.env.ref("aftersales.product_early_fee")
        tax = self.env["account.tax"].create({"name": "Tax 15 %", "amount": 15.0})
        self.company.account_sale_tax_id = tax

        for taxes, message in (
            (tax.browse(), f"Service {product.display_name} has no sales tax of "
             f"{self.company.name}. Enter one on the service before the fee is invoiced, unless "
             "none is due."),
            (tax, False),
        ):
            with self.subTest(taxes=taxes.mapped("name")):
                product.taxes_id = taxes
                wizard = self.env["aftersales.contract.terminate"].with_user(self.officer).new({
                    "contract_id": contract.id, "date_last": "2026-02-14", **self.NOTICE,
                    "fee_product_id": product.id,
                })
                self.assertEqual(wizard.fee_tax_warning, message)
        self._terminate(contract, "2026-02-14", **self.NOTICE)
        self._bill(contract, "2026-02-15")
        fee_line = contract.sudo().termination_ids.fee_line_id
        self.assertEqual(fee_line.obligation_ids.sudo().move_line_id.tax_ids, tax)
