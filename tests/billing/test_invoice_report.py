from lxml import html

from odoo.fields import Command

from ..common import AftersalesCommon


class TestInvoiceReport(AftersalesCommon):
    """What the printed invoice of a contract says beyond core's."""

    def _render(self, moves):
        """Return the document, and its words with single spaces between them."""
        reports = self.env["ir.actions.report"].with_user(self.accountant)
        content = reports._render_qweb_html("account.account_invoices", moves.ids)[0]
        document = html.fromstring(content)
        return document, self._get_text(document)

    def _get_text(self, node):
        return " ".join(" ".join(node.itertext()).split())

    def _get_information(self, document, name):
        """Return the texts of the cells called ``name`` in the head of the invoice."""
        cells = document.xpath(f"//div[@id='informations']/div[@name='{name}']")
        return [self._get_text(cell) for cell in cells]

    def test_head_shows_contract_and_service_period(self):
        contract = self._create_active(
            customer_reference="PO-77", lines=[{}, {"recurrence_unit": "quarter"}],
        )
        move = self._bill(contract, "2026-01-15")

        document, text = self._render(move)

        self.assertEqual(
            self._get_information(document, "aftersales_contract"), [f"Contract {contract.name}"],
        )
        self.assertEqual(
            self._get_information(document, "aftersales_period"),
            ["Service Period 01/01/2026 – 03/31/2026"],
        )
        self.assertEqual(self._get_information(document, "reference"), ["Reference PO-77"])
        self.assertEqual(self._get_information(document, "origin"), [])
        self.assertEqual(text.count(contract.name), 1)

    def test_lines_name_their_period_once(self):
        move = self._bill(self._create_active(lines=[{}]), "2026-01-15")

        document, _text = self._render(move)

        [line] = document.xpath("//td[@name='account_invoice_line_name']")
        self.assertEqual(self._get_text(line).count("01/31/2026"), 1)

    def test_origin_stays_when_it_says_more_than_the_contract(self):
        contract = self._create_active()
        move = self._bill(contract, "2026-01-15")
        move.invoice_origin = f"{contract.name}, SO-9"

        document, _text = self._render(move)

        self.assertEqual(
            self._get_information(document, "origin"), [f"Source {contract.name}, SO-9"],
        )

    def test_one_invoice_of_two_contracts_names_both(self):
        contracts = self._create_active(invoice_grouping="customer")
        contracts |= self._create_active(invoice_grouping="customer")
        move = self._bill(contracts, "2026-01-15")

        document, _text = self._render(move)

        self.assertEqual(len(move), 1)
        self.assertEqual(
            self._get_information(document, "aftersales_contract"),
            ["Contract " + ", ".join(contracts.mapped("name"))],
        )
        self.assertEqual(self._get_information(document, "origin"), [])

    def test_invoice_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["aftersales"], ["zh_CN"])
        self.customer.lang = "zh_CN"
        contract = self._create_active()
        move = self._bill(contract, "2026-01-15")

        document, text = self._render(move)

        self.assertEqual(
            self._get_information(document, "aftersales_contract"), [f"合同编号 {contract.name}"],
        )
        self.assertEqual(
            self._get_information(document, "aftersales_period"),
            ["服务期 2026/01/01 – 2026/01/31"],
        )
        self.assertIn("服务期：2026/01/01 – 2026/01/31", text)

    def test_credit_note_shows_the_contract_too(self):
        contract = self._create_active()
        move = self._bill(contract, "2026-01-15")
        refund = move._reverse_moves([{"invoice_date": "2026-01-15"}])

        document, _text = self._render(refund)

        self.assertEqual(
            self._get_information(document, "aftersales_contract"), [f"Contract {contract.name}"],
        )

    def test_reader_of_invoices_need_not_read_contracts(self):
        move = self._bill(self._create_active(), "2026-01-15")
        seller = self._create_user(
            "seller", "Sella Seller", "sales_team.group_sale_salesman_all_leads",
        )

        reports = self.env["ir.actions.report"].with_user(seller)
        content = reports._render_qweb_html("account.account_invoices", move.ids)[0]

        self.assertIn("aftersales_contract", content.decode())

    def test_other_invoices_stay_as_they_were(self):
        move = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.customer.id,
            "invoice_date": "2026-01-15", "invoice_origin": "SO-9",
            "invoice_line_ids": [Command.create({"name": "Part", "price_unit": 5.0})],
        })

        document, _text = self._render(move)

        self.assertEqual(self._get_information(document, "aftersales_contract"), [])
        self.assertEqual(self._get_information(document, "aftersales_period"), [])
        self.assertEqual(self._get_information(document, "origin"), ["Source SO-9"])
