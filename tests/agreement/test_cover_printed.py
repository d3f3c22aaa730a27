from lxml import html

from ..contract.cover_common import CoverCommon
from .portal_common import PortalCommon
from .test_contract_report import ContractReportCommon


class TestCoverPrinted(CoverCommon, ContractReportCommon):
    """What the customer reads on paper about what is covered."""

    def test_shares_exclusions_quotas_and_conditions_are_printed(self):
        self.other_lift.name = "Lift 2"
        contract = self._create_contract(lines=[self._on(self.lift, name="Care", **self.cover)])

        self.assertTexts(
            self._render(contract), "What is covered", "Lift 1 Care 100 % 80 % 33.33 % 10 %",
            "Wear parts included.", "Without parts of: Lifts.",
            "Not covered when caused by: Misuse, Storm.",
            "At most 4 visits a quarter, 20.5 hours a quarter, and $ 5,000.00 a quarter.",
            "Only on site.", "Only within the service area North (postal codes 20, 310).",
            "Only at these times: Mon–Fri 08:00–17:30 (Europe/Berlin).",
            "Service level Gold; time counts Mon–Fri 08:00–17:30 (Europe/Berlin). "
            "P1 Critical: answered within 1 h · resolved within 8 h",
            "The percentage is the share of the costs that this contract pays; the customer pays "
            "the rest.", "Quotas count for each item on its own",
        )

    def test_lines_of_the_same_terms_share_a_row(self):
        contract = self._create_contract(lines=[
            self._on(self.lift, cover_parts=100.0), self._on(self.other_lift, cover_parts=100.0),
            {"scope_type": "all", "cover_labour": 12.5, "name": "Hotline",
             "service_mode": "remote"},
            {"name": "Set-up"},
        ])

        rows = self.printer._get_cover_rows(contract)

        self.assertEqual([
            (list(row["covered"]), list(row["services"]), row["shares"], row["conditions"])
            for row in rows
        ], [
            (["Lift 1", "Lift 2"], ["Maintenance plan"], ["100 %", "–", "–", "–"],
             ["Without wear parts."]),
            (["All equipment of the customer"], ["Hotline"], ["–", "12.5 %", "–", "–"],
             ["Only remote."]),
        ])
        self.assertEqual(len(self.printer._get_cover_notes(rows)), 1)

    def test_a_contract_without_cover_has_no_such_table(self):
        self.assertNotIn("What is covered", self._render(self._create_contract()))

    def test_what_a_change_has_replaced_is_not_printed(self):
        contract = self._create_active(lines=[self._on(self.lift, cover_parts=100.0)])
        contract.sudo().line_ids._replace_from(
            contract.date_start, {"cover_parts": 50.0}, "Agreed")

        [row] = self.printer._get_cover_rows(contract)

        self.assertEqual(row["shares"], ["50 %", "–", "–", "–"])

    def test_shares_and_hours_in_chinese(self):
        contract = self._create_contract(
            partner_id=self.chinese_customer.id,
            lines=[{"scope_type": "all", "name": "电梯维保", **self.cover}],
        )

        self.assertTexts(
            self._render(contract), "客户的全部设备 电梯维保 100 % 80 % 33.33 % 10 %",
            "周一–周五 08:00–17:30 (Europe/Berlin)",
        )

    def test_hours_are_told_in_few_words(self):
        attendances = self.hours.attendance_ids.sorted("dayofweek")
        attendances[4].hour_to = 12.0
        attendances[3].copy({"dayofweek": "5", "hour_from": 8.0, "hour_to": 12.0})
        attendances[3].copy({"dayofweek": "5", "hour_from": 13.0, "hour_to": 15.25})
        attendances[2].unlink()

        self.assertEqual(
            self.printer._get_window(self.hours),
            "Mon–Tue 08:00–17:30, Thu 08:00–17:30, Fri 08:00–12:00, "
            "Sat 08:00–12:00 + 13:00–15:15 (Europe/Berlin)",
        )
        self.hours.flexible_hours = True
        self.assertEqual(self.printer._get_window(self.hours), "Weekdays")


class TestCoverOnPortal(CoverCommon, PortalCommon):

    def test_the_customer_reads_what_is_covered_and_others_do_not(self):
        contract = self._create_to_sign(lines=[self._on(self.lift, name="Care", **self.cover)])

        self._log_in(self.portal_user)
        page = html.fromstring(self._open(contract=contract).text)
        self._log_in(self.other_portal_user)
        foreign = self._open(contract=contract)

        [section] = page.xpath("//section[@id='cover']")
        text = " ".join(" ".join(section.itertext()).split())
        for part in ("What is covered", "Lift 1 Care 100 % 80 % 33.33 % 10 %", "Misuse, Storm",
                     "5,000.00 a quarter", "North (postal codes 20, 310)", "Mon–Fri"):
            self.assertIn(part, text)
        self.assertTrue(page.xpath("//nav//a[@href='#cover']"))
        self.assertNotIn("Misuse, Storm", foreign.text)

    def test_a_contract_without_cover_does_not_speak_of_it(self):
        self._log_in(self.portal_user)

        page = html.fromstring(self._open().text)

        self.assertFalse(page.xpath("//section[@id='cover']"))
        self.assertFalse(page.xpath("//a[@href='#cover']"))
