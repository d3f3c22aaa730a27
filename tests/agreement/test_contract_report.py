import io

from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user
from odoo.tools.pdf import PdfFileReader

from ..common import AftersalesCommon

REPORT = "aftersales.action_report_aftersales_contract"


class ContractReportCommon(AftersalesCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.printer = cls.env["report.aftersales.report_contract"]
        cls.customer.write({
            "street": "5 Clinic Road", "city": "Springfield", "zip": "12345", "vat": "",
        })
        cls._activate_chinese()
        cls.chinese_customer = cls.env["res.partner"].create({
            "name": "上海瑞康医疗设备有限公司", "is_company": True, "lang": "zh_CN",
            "street": "张江路 88 号", "city": "上海市", "country_id": cls.env.ref("base.cn").id,
        })

    @classmethod
    def _activate_chinese(cls):
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(["aftersales"], ["zh_CN"])

    def _render(self, contracts, user=None):
        """Return the words of the printed contracts, single spaces between them."""
        reports = self.env["ir.actions.report"].with_user(user or self.officer)
        content = reports._render_qweb_html(REPORT, contracts.ids)[0]
        return " ".join(" ".join(html.fromstring(content).itertext()).split())

    def assertTexts(self, text, *parts):
        """The parts stand in the text, in this order."""
        position = 0
        for part in parts:
            found = text.find(part, position)
            self.assertGreaterEqual(found, 0, f"{part!r} is not in: {text[position:]}")
            position = found + len(part)


class TestContractReportSentences(ContractReportCommon):

    def _create_line(self, **vals):
        return self._create_contract(lines=[vals]).line_ids

    def test_recurrence_says_how_often_and_when(self):
        cases = [
            (("once", 1, "advance"), "Once"),
            (("day", 1, "advance"), "Every day, in advance"),
            (("day", 10, "arrears"), "Every 10 days, in arrears"),
            (("week", 1, "arrears"), "Every week, in arrears"),
            (("week", 2, "advance"), "Every 2 weeks, in advance"),
            (("month", 1, "advance"), "Every month, in advance"),
            (("month", 2, "advance"), "Every 2 months, in advance"),
            (("quarter", 1, "arrears"), "Every quarter, in arrears"),
            (("quarter", 3, "advance"), "Every 3 quarters, in advance"),
            (("half_year", 1, "advance"), "Every half-year, in advance"),
            (("half_year", 3, "arrears"), "Every 3 half-years, in arrears"),
            (("year", 1, "arrears"), "Every year, in arrears"),
            (("year", 2, "advance"), "Every 2 years, in advance"),
        ]
        for (unit, interval, timing), expected in cases:
            line = self._create_line(
                recurrence_unit=unit, recurrence_interval=interval, billing_timing=timing,
            )
            with self.subTest(expected):
                self.assertEqual(self.printer._get_recurrence(line), expected)

    def test_recurrence_in_chinese(self):
        line = self._create_line(recurrence_unit="month", recurrence_interval=2)

        recurrence = self.printer.with_context(lang="zh_CN")._get_recurrence(line)

        self.assertEqual(recurrence, "每 2 个月，期初付款")

    def test_term_is_fixed_or_open(self):
        fixed = self._create_contract()
        unlimited = self._create_contract(date_end=False)

        self.assertEqual(
            self.printer._get_term(fixed),
            "From January 1, 2026 to December 31, 2026, both days included",
        )
        self.assertEqual(
            self.printer._get_term(unlimited),
            "From January 1, 2026, without a fixed end, until it is terminated",
        )

    def test_term_of_a_line_only_when_it_has_its_own(self):
        contract = self._create_contract(date_end=False, lines=[
            {}, {"date_start": "2026-03-01"},
            {"date_end": "2026-06-30"},
            {"recurrence_unit": "once", "date_start": "2026-02-01"},
            {"recurrence_unit": "once"},
        ])

        self.assertEqual(
            [self.printer._get_line_term(line) for line in contract.line_ids],
            ["", "from 03/01/2026", "01/01/2026 – 06/30/2026", "on 02/01/2026", ""],
        )

    def test_alignment_says_when_periods_begin(self):
        cases = [
            ({"billing_alignment": "start"},
             "Periods are counted from the day the service starts."),
            ({"billing_alignment": "day", "billing_day": 15},
             "Periods begin on day 15 of the month."),
            ({"billing_alignment": "day", "billing_day": 31},
             "Periods begin on day 31 of the month, in shorter months on the last day."),
            ({"billing_alignment": "calendar"},
             "Periods follow the calendar: months, quarters, half-years and years begin on their "
             "first day, weeks on Monday."),
        ]
        for vals, expected in cases:
            with self.subTest(expected):
                contract = self._create_contract(**vals)
                self.assertEqual(self.printer._get_alignment(contract), expected)

    def test_invoice_days_follow_timing_and_offset(self):
        advance = "What is charged in advance is invoiced "
        arrears = "What is charged in arrears is invoiced "
        cases = [
            (0, advance + "on the first day of the period.",
             arrears + "1 day after the period ends."),
            (-10, advance + "10 days before the period begins.",
             arrears + "9 days before the last day of the period."),
            (-1, advance + "1 day before the period begins.",
             arrears + "on the last day of the period."),
            (4, advance + "4 days after the first day of the period.",
             arrears + "5 days after the period ends."),
        ]
        lines = [{}, {"billing_timing": "arrears"}]
        for offset, *expected in cases:
            with self.subTest(offset=offset):
                contract = self._create_contract(invoice_offset_days=offset, lines=lines)
                self.assertEqual(self.printer._get_invoice_days(contract), expected)

    def test_one_off_charges_have_no_invoice_day_sentence(self):
        contract = self._create_contract(lines=[{"recurrence_unit": "once"}])

        self.assertEqual(self.printer._get_invoice_days(contract), [])

    def test_proration_in_one_plain_sentence(self):
        cases = {
            "actual": "If only a part of a period is covered, only its days are charged: price "
                      "of the period × covered days ÷ days of the period.",
            "30_360": "If only a part of a period is covered, only its days are charged, every "
                      "month counted as 30 days.",
            "none": "A period that has begun is charged in full.",
        }
        for proration, expected in cases.items():
            with self.subTest(proration):
                contract = self._create_contract(proration=proration)
                self.assertEqual(self.printer._get_proration(contract), expected)

    def test_notice_until_it_is_put_before_the_customer(self):
        contract = self._create_contract()

        self.assertEqual(self.printer._get_notice(contract), "DRAFT – not signed")
        contract.action_submit()
        self.assertEqual(self.printer._get_notice(contract), "DRAFT – not signed")
        contract.action_approve()
        self.assertEqual(self.printer._get_notice(contract), "")
        contract.action_cancel()
        self.assertEqual(self.printer._get_notice(contract), "CANCELLED – not in force")

    def test_head_leaves_room_for_the_layout(self):
        contract = self._create_contract()
        paper_format = self.env.ref(REPORT).get_paperformat()
        heights = {
            "web.external_layout_standard": 44,
            "web.external_layout_folder": 60,
            "web.external_layout_boxed": paper_format.margin_top,
        }
        for layout, expected in heights.items():
            with self.subTest(layout):
                self.company.external_report_layout_id = self.env.ref(layout)
                self.assertEqual(self.printer._get_head_height(contract), expected)


class TestContractReport(ContractReportCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lift_product = cls.env["product.product"].create({
            "name": "Passenger lift", "type": "consu", "is_storable": True, "tracking": "serial",
        })
        cls.site = cls.env["res.partner"].create({
            "name": "North wing", "parent_id": cls.customer.id, "type": "delivery",
            "street": "7 Clinic Road", "city": "Springfield",
        })
        lot = cls.env["stock.lot"].create({
            "name": "SN-17", "product_id": cls.lift_product.id, "company_id": cls.company.id,
        })
        cls.lift = cls.env["maintenance.equipment"].create({
            "name": "Lift 1", "customer_id": cls.customer.id, "site_id": cls.site.id,
            "product_id": cls.lift_product.id, "lot_id": lot.id,
        })
        cls.hours = cls.env.ref("uom.product_uom_hour")

    def test_contract_in_english(self):
        contract = self._create_contract(
            subject="Lift care",
            payment_term_id=self.env.ref("account.account_payment_term_30days").id,
            customer_reference="PO-77",
            lines=[
                {"scope_type": "equipment", "equipment_id": self.lift.id},
                {"product_id": self.fee.id, "price_unit": 250.0, "recurrence_unit": "once"},
            ],
            clause_ids=[
                Command.create({
                    "name": "Law", "category": "dispute", "sequence": 30, "body": "<p>Ours.</p>",
                }),
                Command.create({
                    "name": "What we do", "category": "scope", "sequence": 10,
                    "body": "<p>We care.</p>",
                }),
                Command.create({
                    "name": "When we come", "category": "scope", "sequence": 20,
                    "body": "<p>Soon.</p>",
                }),
            ],
        )

        text = self._render(contract)

        self.assertTexts(
            text, f"Service Contract {contract.name}", "Lift care", "DRAFT – not signed",
            "Parties", "Customer (Party A) Northside Clinic Address 5 Clinic Road",
            f"Service provider (Party B) {self.company.name}", "Contact Olga Officer",
            "Equipment and scope", "1 Lift 1 Passenger lift SN-17 7 Clinic Road, Springfield",
            "Maintenance plan",
            "Prices", "Maintenance plan Lift 1 (SN-17) Every month, in advance 1 100.00",
            "$ 100.00 $ 1,200.00", "Set-up fee Once 1 250.00 $ 250.00 –",
            "One-off charges $ 250.00", "Recurring charges per year $ 1,200.00",
            "All prices are net prices in USD, plus tax as the law requires.",
            "Term and payment", "Contract type Maintenance",
            "Term From January 1, 2026 to December 31, 2026, both days included",
            "Payment terms 30 Days", "Customer’s order PO-77",
            "Terms and conditions", "1. Scope of service", "1.1 What we do We care.",
            "1.2 When we come Soon.", "2. Dispute resolution", "2.1 Law Ours.",
            "Signatures", "For the customer Northside Clinic", "Signature, company seal",
            f"For the service provider {self.company.name}",
        )
        self.assertNotIn("Disc. %", text)

    def test_contract_in_the_language_of_the_customer(self):
        contract = self._create_contract(
            partner_id=self.chinese_customer.id, date_end=False, lines=[
                {"name": "电梯维保", "recurrence_unit": "quarter", "billing_timing": "arrears",
                 "scope_type": "all"},
            ],
            clause_ids=[Command.create({
                "name": "管辖", "category": "dispute", "body": "<p>协商解决。</p>",
            })],
        )

        text = self._render(contract)

        self.assertTexts(
            text, f"服务合同 {contract.name}", "草稿 – 未签署", "合同双方",
            "甲方（客户） 上海瑞康医疗设备有限公司 住所", "上海市 张江路 88 号", "乙方（服务方）",
            "设备及服务范围", "客户的全部设备", "价格", "电梯维保 客户的全部设备 每季度，期末付款",
            "周期性费用年度合计", "所有价格均为不含税净价，币种为 USD，税金依法另计。",
            "合同期限与付款", "合同类型 维护保养",
            "自 2026年1月1日 起，不设固定期限，至合同终止之日止",
            "期末付款的费用，于周期结束后 1天开票。",
            "合同条款", "1. 争议解决", "1.1 管辖 协商解决。", "签署", "签字（盖章）",
        )

    def test_two_contracts_each_in_its_own_language(self):
        english = self._create_contract()
        chinese = self._create_contract(partner_id=self.chinese_customer.id)

        text = self._render(english + chinese)

        self.assertTexts(
            text, f"Service Contract {english.name}", "Every month, in advance", "Signatures",
            f"服务合同 {chinese.name}", "每月，期初付款", "签署",
        )

    def test_signed_contract_names_who_signed_and_when(self):
        contract = self._create_active()

        text = self._render(contract)

        self.assertNotIn("DRAFT", text)
        self.assertTexts(
            text, "Represented by Nora Northside", "Represented by Olga Officer",
            "For the customer Northside Clinic Name Nora Northside Date January 15, 2026",
            f"For the service provider {self.company.name} Name Olga Officer "
            "Date January 15, 2026",
        )

    def test_numbers_have_no_more_decimals_than_needed(self):
        contract = self._create_contract(lines=[{
            "quantity": 12.5, "price_unit": 80.0, "discount": 7.5,
            "product_id": self._create_service("Hours", 80.0, uom_id=self.hours.id).id,
        }])

        self.assertTexts(
            self._render(contract), "Disc. %", "12.5 Hours 80.00 7.5 $ 925.00 $ 11,100.00",
        )

    def test_price_list_prices_are_marked(self):
        contract = self._create_contract(
            pricelist_id=self.env["product.pricelist"].create({"name": "2026"}).id,
            lines=[{"price_source": "pricelist"}],
        )

        self.assertTexts(
            self._render(contract), "100.00 *",
            "* The price list in force on the invoice date applies.",
        )

    def test_equipment_of_two_services_is_listed_once(self):
        contract = self._create_contract(lines=[
            {"scope_type": "equipment", "equipment_id": self.lift.id},
            {"scope_type": "equipment", "equipment_id": self.lift.id, "name": "Hotline"},
            {"scope_type": "product", "covered_product_id": self.lift_product.id},
            {"scope_type": "category", "covered_category_id": self.lift_product.categ_id.id
             or self.env["product.category"].create({"name": "Lifts"}).id},
        ])

        rows = self.printer._get_scope_rows(contract)

        self.assertEqual(
            [(row["serial"], row["services"]) for row in rows],
            [("SN-17", ["Maintenance plan", "Hotline"]), ("", ["Maintenance plan"]),
             ("", ["Maintenance plan"])],
        )
        self.assertEqual(rows[1]["label"], "Every Passenger lift of the customer")

    def test_cover_without_price_is_scope_only(self):
        contract = self._create_contract(lines=[
            {}, {"product_id": False, "price_unit": 0.0, "name": "Remote monitoring",
                 "scope_type": "all"},
        ])

        self.assertEqual(len(self.printer._get_price_lines(contract)), 1)
        self.assertTexts(self._render(contract), "All equipment of the customer", "Remote")

    def test_technician_gets_no_printed_prices(self):
        contract = self._create_contract()

        with self.assertRefused("shows prices", error=AccessError):
            self._render(contract, self.technician)
        for user in (self.agent, self.legal, self.accountant):
            with self.subTest(user.login):
                self.assertIn("$ 1,200.00", self._render(contract, user))

    def test_contract_of_another_company_is_refused(self):
        other = self._create_company_with_books("Other Service Ltd")
        officer = new_test_user(
            self.env, "other_officer", "aftersales.group_contract_officer",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )
        contract = self._create_contract()

        with self.assertRaises(AccessError):
            self._render(contract, officer)

    def test_provider_is_the_company_of_the_contract(self):
        other = self._create_company_with_books("Other Service Ltd")
        self.officer.company_ids = [Command.link(other.id)]
        contract = self._create_contract(company_id=other.id, lines=[{
            "product_id": self._create_service(
                "Elsewhere", 40.0, taxes_id=False, property_account_income_id=False).id,
        }])

        reports = self.env["ir.actions.report"].with_user(self.officer).with_context(
            allowed_company_ids=(self.company + other).ids,
        )
        text = " ".join(html.fromstring(
            reports._render_qweb_html(REPORT, contract.ids)[0]).itertext())

        self.assertTexts(
            " ".join(text.split()), "Service provider (Party B) Other Service Ltd",
            "For the service provider Other Service Ltd",
        )


class TestContractReportPdf(ContractReportCommon, HttpCase):

    def _print(self, contracts):
        """Return the pages of the PDF as texts."""
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, report_type = reports._render_qweb_pdf(REPORT, contracts.ids)
        self.assertEqual(report_type, "pdf")
        return [page.extractText() for page in PdfFileReader(io.BytesIO(content)).pages]

    def test_one_contract_over_several_pages(self):
        body = "<p>" + "Each party keeps its word. " * 200 + "</p>"
        contract = self._create_contract(clause_ids=[
            Command.create({"name": f"Clause {n}", "body": body}) for n in range(3)
        ])

        pages = self._print(contract)

        self.assertGreaterEqual(len(pages), 3)
        self.assertIn("Signatures", pages[-1])
        for number, page in enumerate(pages, 1):
            self.assertIn(contract.name, page)
            self.assertIn(f"{number} / {len(pages)}", " ".join(page.split()))

    def test_two_contracts_at_once(self):
        english = self._create_contract()
        chinese = self._create_contract(partner_id=self.chinese_customer.id)

        pages = self._print(english + chinese)

        text = "\n".join(pages)
        self.assertIn(english.name, pages[0])
        self.assertIn(chinese.name, pages[-1])
        self.assertIn("Northside Clinic", text)
        self.assertIn("上海瑞康医疗设备有限公司", text)
