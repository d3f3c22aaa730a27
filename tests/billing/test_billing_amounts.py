from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from ..common import AftersalesCommon


class TestBillingAmounts(AftersalesCommon):
    """Exact amounts: parts of periods, quantities, units, discounts, taxes and currencies."""

    def _bill_all(self, contract):
        """Bill the whole register; return the invoice lines in the order of time."""
        moves = self._bill(contract, "2027-12-31")
        return moves.invoice_line_ids.filtered("product_id").sorted("aftersales_period_start")

    # -------------------------------------------------------------------------
    # Parts of periods
    # -------------------------------------------------------------------------

    def test_first_and_last_part_by_actual_days(self):
        contract = self._create_active(
            date_start="2026-01-10", date_end="2026-03-31", billing_alignment="day",
            billing_day=15,
        )

        lines = self._bill_all(contract)

        self.assertEqual(lines.mapped("price_subtotal"), [16.13, 100.0, 100.0, 54.84])
        self.assertEqual(lines.move_id.amount_untaxed, 270.97)

    def test_first_and_last_part_by_30_360(self):
        contract = self._create_active(
            date_start="2026-01-10", date_end="2026-03-31", billing_alignment="day",
            billing_day=15, proration="30_360",
        )

        lines = self._bill_all(contract)

        self.assertEqual(lines.mapped("price_subtotal"), [16.67, 100.0, 100.0, 53.33])

    def test_leap_february(self):
        with freeze_time("2028-02-01 09:00"):
            contract = self._create_active(date_start="2028-02-01", date_end="2028-02-10")
            move = self._bill(contract, "2028-02-01")

        self.assertEqual(move.amount_untaxed, 34.48)

    def test_contract_of_one_day(self):
        contract = self._create_active(date_start="2026-01-15", date_end="2026-01-15")

        self.assertEqual(self._bill_all(contract).mapped("price_subtotal"), [3.23])

    def test_part_keeps_quantity_and_discount_and_is_exact(self):
        """The net amount is the exact part, whatever quantity and discount have to be met."""
        for quantity, price, discount in [
            (3.0, 33.33, 0.0), (7.0, 14.29, 12.5), (0.37, 99.99, 0.0), (12.0, 0.07, 33.33),
            (1000.0, 0.01, 0.0),
        ]:
            contract = self._create_active(date_end="2026-02-10", lines=[
                {"quantity": quantity, "price_unit": price, "discount": discount},
            ])
            with self.subTest(quantity=quantity, price=price, discount=discount):
                lines = self._bill_all(contract)

                self.assertEqual(lines.mapped("quantity"), [quantity] * 2)
                self.assertEqual(lines.mapped("discount"), [discount] * 2)
                self.assertEqual(
                    lines.mapped("price_subtotal"), self._get_amounts(contract))

    def test_parts_of_a_cut_period_sum_to_its_price(self):
        """Three lines that follow each other in one month take 100.00 apart without a rest."""
        contract = self._create_active(
            date_start="2026-01-01", date_end="2026-01-31", billing_alignment="calendar",
            lines=[
                {"date_end": "2026-01-09"},
                {"date_start": "2026-01-10", "date_end": "2026-01-17"},
                {"date_start": "2026-01-18"},
            ],
        )

        lines = self._bill_all(contract)

        self.assertEqual(lines.mapped("price_subtotal"), [29.03, 25.81, 45.16])
        self.assertEqual(lines.move_id.amount_untaxed, 100.0)

    def test_currency_without_cents(self):
        yen = self._activate_currency("JPY", 150.0)
        contract = self._create_active(
            date_end="2026-02-10", currency_id=yen.id, lines=[{"price_unit": 10000.0}],
        )

        self.assertEqual(self._bill_all(contract).mapped("price_subtotal"), [10000.0, 3571.0])

    # -------------------------------------------------------------------------
    # Prices
    # -------------------------------------------------------------------------

    def test_price_of_a_new_line_is_the_products(self):
        contract = self._create_contract(lines=[{"price_unit": None}])
        without_price = self.env["aftersales.contract.line"].with_user(self.officer).create({
            "contract_id": contract.id, "product_id": self.fee.id,
        })

        self.assertEqual(without_price.price_unit, 250.0)

    def test_fixed_price_ignores_later_changes_of_the_product(self):
        contract = self._create_active(lines=[{"price_unit": 90.0}])
        self.service.list_price = 500.0

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.amount_untaxed, 90.0)

    def test_price_list_price_of_the_invoice_date(self):
        pricelist = self.env["product.pricelist"].create({
            "name": "Service prices", "company_id": self.company.id,
            "item_ids": [
                Command.create({
                    "applied_on": "1_product", "compute_price": "fixed", "fixed_price": price,
                    "product_tmpl_id": self.service.product_tmpl_id.id,
                    "date_start": first, "date_end": last,
                })
                for price, first, last in (
                    (80.0, "2026-01-01", "2026-01-31"), (95.0, "2026-02-01", "2026-12-31"),
                )
            ],
        })
        contract = self._create_active(pricelist_id=pricelist.id, lines=[
            {"price_source": "pricelist"},
        ])

        january = self._bill(contract, "2026-01-15")
        with freeze_time("2026-02-01 09:00"):
            february = self._bill(contract, "2026-02-01")

        self.assertEqual(january.amount_untaxed, 80.0)
        self.assertEqual(february.amount_untaxed, 95.0)

    def test_unit_of_the_line_converts_price(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        contract = self._create_contract(lines=[])
        line = self.env["aftersales.contract.line"].with_user(self.officer).create({
            "contract_id": contract.id, "product_id": self.service.id,
            "product_uom_id": dozen.id, "quantity": 2.0,
        })
        self._activate(contract)

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(line.price_unit, 1200.0)
        self.assertRecordValues(move.invoice_line_ids, [{
            "quantity": 2.0, "product_uom_id": dozen.id, "price_unit": 1200.0,
            "price_subtotal": 2400.0,
        }])

    def test_discount_is_shown(self):
        contract = self._create_active(lines=[{"discount": 10.0}])

        move = self._bill(contract, "2026-01-15")

        self.assertRecordValues(move.invoice_line_ids, [{
            "price_unit": 100.0, "discount": 10.0, "price_subtotal": 90.0,
        }])

    def test_free_period_is_invoiced_at_zero(self):
        contract = self._create_active(date_end="2026-02-10", lines=[{"discount": 100.0}])

        lines = self._bill_all(contract)

        self.assertEqual(lines.mapped("price_subtotal"), [0.0, 0.0])
        self.assertEqual(contract.obligation_ids.mapped("billing_state"), ["billed", "billed"])

    # -------------------------------------------------------------------------
    # Taxes
    # -------------------------------------------------------------------------

    def test_journal_items_of_an_invoice(self):
        contract = self._create_active(lines=[{}, {"price_unit": 50.0}])

        move = self._bill(contract, "2026-01-15")

        receivable = self.customer.with_company(self.company).property_account_receivable_id
        items = move.line_ids.sorted(lambda item: (item.display_type, item.id))
        self.assertEqual(
            [(item.display_type, item.debit, item.credit) for item in items],
            [("payment_term", 172.5, 0.0), ("product", 0.0, 100.0), ("product", 0.0, 50.0),
             ("tax", 0.0, 22.5)],
        )
        self.assertEqual(items[0].account_id, receivable)
        self.assertEqual(items[1:3].account_id, self.income_account)

    def test_fiscal_position_of_the_service_address_maps_the_tax(self):
        abroad = self.env.ref("base.fr")
        self.customer.country_id = self.company.country_id
        exempt = self.env["account.tax"].create({
            "name": "Export 0%", "amount": 0.0, "type_tax_use": "sale",
            "company_id": self.company.id, "country_id": self.tax.country_id.id,
        })
        position = self.env["account.fiscal.position"].create({
            "name": "Abroad", "auto_apply": True, "country_id": abroad.id,
            "company_id": self.company.id, "sequence": 1,
        })
        exempt.write({
            "fiscal_position_ids": [Command.set(position.ids)],
            "original_tax_ids": [Command.set(self.tax.ids)],
        })
        site = self.env["res.partner"].create({
            "name": "Paris site", "parent_id": self.customer.id, "type": "delivery",
            "country_id": abroad.id,
        })
        contract = self._create_active(site_partner_id=site.id)
        at_home = self._create_active(site_partner_id=self.customer.id)

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.fiscal_position_id, position)
        self.assertEqual(move.invoice_line_ids.tax_ids, exempt)
        self.assertEqual(move.amount_total, 100.0)
        self.assertEqual(self._bill(at_home, "2026-01-15").amount_total, 115.0)

    def test_price_that_includes_the_tax(self):
        included = self.tax.copy({"name": "15% included", "price_include_override": "tax_included"})
        service = self._create_service("All-in plan", 115.0, taxes_id=[Command.set(included.ids)])
        contract = self._create_active(lines=[{"product_id": service.id, "price_unit": 115.0}])

        move = self._bill(contract, "2026-01-15")

        self.assertRecordValues(move, [{
            "amount_untaxed": 100.0, "amount_tax": 15.0, "amount_total": 115.0,
        }])

    def test_tax_changed_between_signing_and_billing_counts_at_billing(self):
        contract = self._create_active()
        reduced = self.tax.copy({"name": "Reduced 5%", "amount": 5.0})
        self.service.taxes_id = reduced

        self.assertEqual(self._bill(contract, "2026-01-15").amount_total, 105.0)

    def test_no_tax_of_another_company_gets_in(self):
        second = self._create_company_with_books("Second Service")
        self.service.taxes_id += second.account_sale_tax_id

        move = self._bill(self._create_active(), "2026-01-15")

        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax)

    # -------------------------------------------------------------------------
    # Currency, terms, analytics
    # -------------------------------------------------------------------------

    def test_foreign_currency_at_the_rate_of_the_invoice_date(self):
        euro = self._activate_currency("EUR", 2.0)
        euro.rate_ids = [Command.create({
            "name": "2026-02-01", "rate": 4.0, "company_id": self.company.id,
        })]
        contract = self._create_active(currency_id=euro.id)

        january = self._bill(contract, "2026-01-15")
        with freeze_time("2026-02-01 09:00"):
            february = self._bill(contract, "2026-02-01")

        self.assertRecordValues(january + february, [
            {"currency_id": euro.id, "amount_total": 115.0, "amount_total_signed": 57.5},
            {"currency_id": euro.id, "amount_total": 115.0, "amount_total_signed": 28.75},
        ])
        self.assertEqual(contract.amount_billed, 200.0)

    def test_instalments_of_the_payment_terms(self):
        terms = self.env["account.payment.term"].create({
            "name": "30 % now, 70 % in 60 days", "line_ids": [
                Command.create({"value": "percent", "value_amount": 30.0, "nb_days": 0}),
                Command.create({"value": "percent", "value_amount": 70.0, "nb_days": 60}),
            ],
        })
        contract = self._create_active(payment_term_id=terms.id)

        move = self._bill(contract, "2026-01-15")

        items = move.line_ids.filtered(lambda item: item.display_type == "payment_term")
        self.assertEqual(
            items.sorted("date_maturity").mapped(lambda item: (item.date_maturity, item.debit)),
            [(date(2026, 1, 15), 34.5), (date(2026, 3, 16), 80.5)],
        )

    def test_analytic_distribution_follows_the_line(self):
        plan = self.env["account.analytic.plan"].create({"name": "Services"})
        lifts, doors = self.env["account.analytic.account"].create([
            {"name": "Lifts", "plan_id": plan.id}, {"name": "Doors", "plan_id": plan.id},
        ])
        distribution = {str(lifts.id): 60.0, str(doors.id): 40.0}
        contract = self._create_active(lines=[{"analytic_distribution": distribution}])

        move = self._bill(contract, "2026-01-15")

        self.assertEqual(move.invoice_line_ids.analytic_distribution, distribution)
        self.assertEqual(
            sorted(move.invoice_line_ids.analytic_line_ids.mapped("amount")), [40.0, 60.0])

    def test_analytic_distribution_model_fills_lines_that_name_none(self):
        plan = self.env["account.analytic.plan"].create({"name": "Services"})
        lifts = self.env["account.analytic.account"].create({
            "name": "Lifts", "plan_id": plan.id,
        })
        self.env["account.analytic.distribution.model"].create({
            "partner_id": self.customer.id, "analytic_distribution": {str(lifts.id): 100.0},
            "company_id": self.company.id,
        })

        move = self._bill(self._create_active(), "2026-01-15")

        self.assertEqual(
            move.invoice_line_ids.analytic_distribution, {str(lifts.id): 100.0})
