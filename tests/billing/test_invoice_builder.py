from odoo import Command
from odoo.tests import freeze_time, tagged

from ..common import AftersalesCommon

# What identifies a row, what it was numbered, and what follows from the moment of writing.
IGNORED_COLUMNS = {
    "id", "move_id", "name", "move_name", "create_date", "write_date", "access_token",
    "sequence_number", "name_placeholder", "payment_reference",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 09:00")
class TestInvoiceBuilder(AftersalesCommon):
    """Both ways to an invoice, complete and plain, write the same rows to the last column."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.builder = cls.env["aftersales.invoice.builder"]

    def _get_vals(self, contract):
        contract = contract.with_env(self.env).sudo()
        owed = contract._get_obligations_to_bill("2026-03-10")
        return contract._prepare_invoice_vals(owed, owed.contract_id.create_date.date())

    def _strip(self, vals):
        """Return the values without the obligation: two invoices may not charge one period."""
        lines = [
            Command.create({k: v for k, v in line.items() if k != "aftersales_obligation_id"})
            for _command, _id, line in vals["invoice_line_ids"]
        ]
        return {**vals, "invoice_line_ids": lines}

    def _assert_both_ways_alike(self, contract, complete=True):
        vals = self._strip(self._get_vals(contract))
        memo_complete = self.builder._complete(vals, self._new_memo(vals))
        self.assertEqual(bool(memo_complete), complete, "which way the invoice takes")

        plain = self.builder._create_plain([self._strip(vals)])
        ours, written_complete = self.builder._create_invoices([self._strip(vals)])
        self.assertEqual(written_complete, ours if complete else ours.browse())
        plain._post(soft=False)
        self.builder._post(ours, written_complete)

        self.assertEqual(self._read("account_move", ours), self._read("account_move", plain))
        rows = self._read_items(ours)
        self.assertEqual(rows, self._read_items(plain))
        return ours, rows

    def _create_analytic_account(self):
        plan = self.env["account.analytic.plan"].create({"name": "Projects"})
        return self.env["account.analytic.account"].create({"name": "Lifts", "plan_id": plan.id})

    def _new_memo(self, vals):
        return {"partners": [vals["partner_id"]], "account_and_taxes": {}, "company": {}}

    def _read(self, table, records, key="id"):
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT * FROM {table} WHERE {key} IN %s ORDER BY id",  # noqa: S608
            [tuple(records.ids)],
        )
        return [
            {k: v for k, v in row.items() if k not in IGNORED_COLUMNS}
            for row in self.env.cr.dictfetchall()
        ]

    def _read_items(self, moves):
        self.env.flush_all()
        rows = []
        for line in moves.line_ids.sorted(lambda line: (
            line.display_type, line.sequence, line.date_maturity or line.date, line.id,
        )):
            [row] = self._read("account_move_line", line)
            # Receivable lines are named after the invoice, and that is numbered on its own.
            text = (line.name or "").replace(line.move_id.payment_reference, "<number>")
            rows.append({
                **row, "name": text, "taxes": line.tax_ids.ids, "tags": line.tax_tag_ids.ids,
            })
        return rows

    # -------------------------------------------------------------------------
    # Complete: alike, and faster
    # -------------------------------------------------------------------------

    def test_three_lines_one_tax(self):
        contract = self._create_active(date_start="2026-03-01", lines=[{}, {"price_unit": 33.33},
                                                                       {"price_unit": 0.05}])

        moves, rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.amount_untaxed, 133.38)
        self.assertEqual(moves.amount_tax, 20.01)
        self.assertEqual(len(rows), 5)

    def test_discount_quantity_and_prorated_period(self):
        contract = self._create_active(
            date_start="2026-02-13", billing_alignment="day", billing_day=1,
            lines=[{"quantity": 7, "discount": 12.5, "price_unit": 19.99}],
        )

        moves, _rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.invoice_line_ids.mapped("price_subtotal"), [69.97, 122.44])

    def test_each_rounding_method(self):
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method):
                self.company.tax_calculation_rounding_method = method
                contract = self._create_active(
                    date_start="2026-03-01", lines=[{"price_unit": 0.17}] * 9,
                )

                moves, _rows = self._assert_both_ways_alike(contract)

                expected = {"round_per_line": 0.27, "round_globally": 0.23}[method]
                self.assertEqual(moves.amount_tax, expected)

    def test_several_taxes_and_none(self):
        second = self.tax.copy({"name": "Levy 3%", "amount": 3.0})
        both = self._create_service("Both", 10.0, taxes_id=[Command.set((self.tax | second).ids)])
        none = self._create_service("None", 10.0, taxes_id=[Command.clear()])
        contract = self._create_active(date_start="2026-03-01", lines=[
            {"product_id": both.id}, {"product_id": none.id}, {},
        ])

        moves, rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.amount_tax, 33.0)
        self.assertEqual([r["display_type"] for r in rows].count("tax"), 2)

    def test_foreign_currency(self):
        currency = self._activate_currency("EUR", 0.83)
        contract = self._create_active(date_start="2026-03-01", currency_id=currency.id)

        moves, rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.amount_total, 115.0)
        self.assertEqual(moves.amount_total_signed, 138.55)
        self.assertEqual({row["currency_id"] for row in rows}, {currency.id})

    def test_instalments(self):
        term = self.env["account.payment.term"].create({"name": "30/70", "line_ids": [
            Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
            Command.create({"value": "percent", "value_amount": 70, "nb_days": 45}),
        ]})
        contract = self._create_active(
            date_start="2026-03-01", payment_term_id=term.id, lines=[{"price_unit": 99.99}],
        )

        _moves, rows = self._assert_both_ways_alike(contract)

        balances = [r["balance"] for r in rows if r["display_type"] == "payment_term"]
        self.assertEqual([float(balance) for balance in balances], [34.5, 80.49])

    def test_fiscal_position_maps_tax_and_account(self):
        account = self.income_account.copy({"code": "SERV02"})
        position = self.env["account.fiscal.position"].create({
            "name": "Abroad", "account_ids": [Command.create({
                "account_src_id": self.income_account.id, "account_dest_id": account.id,
            })],
        })
        self.tax.copy({
            "name": "Export 0%", "amount": 0.0, "fiscal_position_ids": [Command.set(position.ids)],
            "original_tax_ids": [Command.set(self.tax.ids)],
        })
        self.customer.property_account_position_id = position
        contract = self._create_active(date_start="2026-03-01")

        moves, rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.fiscal_position_id, position)
        self.assertEqual(moves.invoice_line_ids.account_id, account)
        self.assertEqual(moves.amount_tax, 0.0)
        self.assertEqual(len(rows), 2)

    def test_analytic_distribution_of_the_line(self):
        analytic = self._create_analytic_account()
        contract = self._create_active(
            date_start="2026-03-01", lines=[{"analytic_distribution": {str(analytic.id): 100.0}}],
        )

        moves, _rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.line_ids.analytic_line_ids.mapped("amount"), [100.0, 15.0])

    def test_free_of_charge(self):
        contract = self._create_active(date_start="2026-03-01", lines=[{"discount": 100.0}])

        moves, _rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.amount_total, 0.0)

    def test_order_number_and_salesperson(self):
        contract = self._create_active(
            date_start="2026-03-01", customer_reference="PO-7", user_id=self.manager.id,
        )

        moves, _rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.ref, "PO-7")
        self.assertEqual(moves.message_partner_ids, self.manager.partner_id)
        self.assertIn(contract.name, moves.message_ids[0].body)

    def test_invoicing_contact_of_a_company(self):
        contact = self.env["res.partner"].create({
            "name": "Accounts Payable", "type": "invoice", "parent_id": self.customer.id,
        })
        contract = self._create_active(date_start="2026-03-01")

        moves, _rows = self._assert_both_ways_alike(contract)

        self.assertEqual(moves.partner_id, contact)
        self.assertEqual(moves.line_ids.partner_id, self.customer)

    # -------------------------------------------------------------------------
    # Plain: whatever is not provably alike
    # -------------------------------------------------------------------------

    def test_taxes_that_are_not_plain_percents(self):
        group = self.env["account.tax"].create({
            "name": "Group", "amount_type": "group", "type_tax_use": "sale",
            "children_tax_ids": [Command.set(self.tax.copy({"name": "Child"}).ids)],
        })
        hard = {
            "price included": self.tax.copy({
                "name": "Incl", "price_include_override": "tax_included"}),
            "on the next base": self.tax.copy({"name": "Base", "include_base_amount": True}),
            "fixed amount": self.tax.copy({"name": "Fixed", "amount_type": "fixed"}),
            "group": group,
        }
        for name, tax in hard.items():
            with self.subTest(name):
                service = self._create_service(name, 10.0, taxes_id=[Command.set(tax.ids)])
                contract = self._create_active(
                    date_start="2026-03-01", lines=[{"product_id": service.id}],
                )

                self._assert_both_ways_alike(contract, complete=False)

    def test_early_payment_discount(self):
        term = self.env["account.payment.term"].create({
            "name": "2/10", "early_discount": True, "discount_percentage": 2, "discount_days": 10,
            "early_pay_discount_computation": "mixed",
            "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
        })
        contract = self._create_active(date_start="2026-03-01", payment_term_id=term.id)

        self._assert_both_ways_alike(contract, complete=False)

    def test_analytic_distribution_models(self):
        analytic = self._create_analytic_account()
        self.env["account.analytic.distribution.model"].create({
            "partner_id": self.customer.id, "analytic_distribution": {str(analytic.id): 100.0},
        })
        contract = self._create_active(date_start="2026-03-01")

        moves, _rows = self._assert_both_ways_alike(contract, complete=False)

        self.assertEqual(moves.line_ids.analytic_line_ids.mapped("amount"), [100.0, 15.0])
