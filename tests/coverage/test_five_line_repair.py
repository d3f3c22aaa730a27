from odoo.tests import freeze_time

from .coverage_common import CoverageCommon

CUSTOMER, PROVIDER, VENDOR, CONTRACT = "customer", "provider", "vendor", "contract"


@freeze_time("2026-01-15 09:00")
class TestFiveLineRepair(CoverageCommon):
    """A main part, a wear part, labour, travel and inspection: 605.00 in five situations.

    Who pays how much is exact, and so is each sentence, in English and in Simplified Chinese.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        for record, name in (
            (cls.motor, "电机"), (cls.belt, "皮带"), (cls.misuse, "过载"),
        ):
            record.with_context(lang="zh_CN").name = name
        cls.lift.product_tmpl_id.aftersales_main_part_ids = cls.motor

    def _create_repair(self, **vals):
        return self._create_statement(
            ("part", 300.0), ("part", 40.0, {"product_id": self.belt.id}),
            ("labour", 160.0, {"quantity": 2.0}), ("travel", 45.0),
            ("inspection", 60.0, {"product_uom_id": self.hour.id}), **vals)

    def _assert_told(self, statement, expected):
        """Compare (payer, amount, English, Chinese) of each share, line by line."""
        shares = self._get_shares(statement)
        self.assertEqual(
            [(payer, amount) for _rule, payer, amount in shares],
            [share[:2] for lines in expected for share in lines])
        self.assertEqual([len(lines) for lines in expected], [
            len(charge._get_live_covers()) for charge in statement.charge_ids])
        for lang, column in (("en_US", 2), ("zh_CN", 3)):
            self.customer.lang = lang
            self._decide(statement)
            self.assertEqual(
                statement.charge_ids._get_live_covers().mapped("reason"),
                [share[column] for lines in expected for share in lines])
        self.assertEqual(
            statement.amount_net, sum(
                share[1] for lines in expected for share in lines if share[0] == CUSTOMER))
        self.assertEqual(statement.amount_gross, 605.0)

    def test_under_warranty(self):
        self._give_warranty("2025-06-01", "2026-05-31")
        paid = ("Under warranty until 05/31/2026.", "保修期内，至 2026/05/31。")
        self._assert_told(self._create_repair(), [
            [(PROVIDER, 300.0,
              "Motor is a main part, under warranty until 05/31/2026.",
              "电机 是主要部件，保修至 2026/05/31。")],
            [(CUSTOMER, 40.0,
              "Not covered. Belt is a wear part, which no warranty covers.",
              "不在承担范围内。皮带 是易损件，不在任何保修范围内。")],
            [(PROVIDER, 160.0, *paid)],
            [(PROVIDER, 45.0, *paid)],
            [(PROVIDER, 60.0, *paid)],
        ])

    def test_main_part_under_warranty(self):
        self._give_warranty("2024-01-16", "2025-01-15", aftersales_main_part_end="2027-01-15")
        over = (
            "Not covered. The warranty ended on 01/15/2025.",
            "不在承担范围内。保修已于 2025/01/15 到期。")
        self._assert_told(self._create_repair(), [
            [(PROVIDER, 300.0,
              "Motor is a main part, under warranty until 01/15/2027.",
              "电机 是主要部件，保修至 2027/01/15。")],
            [(CUSTOMER, 40.0, *over)],
            [(CUSTOMER, 160.0, *over)],
            [(CUSTOMER, 45.0, *over)],
            [(CUSTOMER, 60.0, *over)],
        ])

    def test_main_part_after_misuse(self):
        self._give_warranty("2024-01-16", "2025-01-15", aftersales_main_part_end="2027-01-15")
        line = self._create_cover(excluded_cause_ids=self.misuse.ids, cover_travel=100.0)
        name = line.contract_id.name
        over = (
            f"Not covered. The warranty ended on 01/15/2025. Contract {name} excludes this "
            "cause: Overload.",
            "不在承担范围内。保修已于 2025/01/15 到期。"
            f"合同 {name} 不承担由此原因引起的故障：过载。")
        self._assert_told(self._create_repair(cause_code_id=self.misuse.id), [
            [(CUSTOMER, 300.0,
              "Not covered. The warranty does not answer for this cause: Overload. "
              f"Contract {name} excludes this cause: Overload.",
              "不在承担范围内。保修不承担由此原因引起的故障：过载。"
              f"合同 {name} 不承担由此原因引起的故障：过载。")],
            [(CUSTOMER, 40.0, *over)],
            [(CUSTOMER, 160.0, *over)],
            [(CUSTOMER, 45.0, *over)],
            [(CUSTOMER, 60.0, *over)],
        ])

    def test_contract_with_a_quota_that_is_partly_used(self):
        line = self._create_cover(quota_hours=5.0, cover_labour=80.0, cover_travel=50.0)
        name = line.contract_id.name
        self._decide(self._create_statement(("labour", 280.0, {"quantity": 3.5})))
        own = (
            f"The customer's own share under contract {name}.",
            f"合同 {name} 中客户自行承担的部分。")
        used_up = (
            f"Not covered. The quota of contract {name} is used up: 5 hours a year.",
            f"不在承担范围内。合同 {name} 的额度已用完：每年 5 小时。")
        self._assert_told(self._create_repair(), [
            [(CONTRACT, 300.0,
              f"Contract {name} covers parts in full.", f"合同 {name} 全额承担备件费。")],
            [(CUSTOMER, 40.0,
              f"Not covered. Contract {name} does not cover wear parts such as Belt.",
              f"不在承担范围内。合同 {name} 不承担 皮带 等易损件。")],
            [(CONTRACT, 96.0,
              f"Contract {name} covers labour at 80 %, here for the 1.5 h that its quota had left.",
              f"合同 {name} 承担人工费的 80 %，此处以额度剩余的 1.5 小时为限。"),
             (CUSTOMER, 64.0, *used_up)],
            [(CONTRACT, 22.5,
              f"Contract {name} covers travel at 50 %.", f"合同 {name} 承担差旅费的 50 %。"),
             (CUSTOMER, 22.5, *own)],
            [(CUSTOMER, 60.0, *used_up)],
        ])

    def test_rework_of_our_own_repair(self):
        earlier = self._create_statement(
            ("part", 50.0), mode_code_id=self.stuck.id, date="2025-12-20 09:00:00", name="ST/1")
        self._decide(earlier)
        earlier._transition_to("confirmed")
        paid = (
            "Free of charge: the failure repaired on 12/20/2025 (ST/1) has come back within "
            "30 days.",
            "免费：2025/12/20 修复的故障（ST/1）在 30 天内再次出现。")
        self._assert_told(self._create_repair(mode_code_id=self.stuck.id), [
            [(PROVIDER, amount, *paid)] for amount in (300.0, 40.0, 160.0, 45.0, 60.0)])

    def test_recall_of_a_part(self):
        recall = self.env["aftersales.recall"].create({
            "name": "Motor 2025/7", "product_ids": self.lift.ids, "part_ids": self.motor.ids,
            "date_start": "2026-01-01", "failure_code_id": self.stuck.id,
        })
        recall._transition_to("open")
        paid = ("Free of charge: recall “Motor 2025/7”.", "免费：召回“Motor 2025/7”。")
        self._assert_told(self._create_repair(mode_code_id=self.stuck.id), [
            [(VENDOR, 300.0, *paid)],
            [(CUSTOMER, 40.0,
              "Neither a warranty nor a contract covers it.", "既无保修也无合同承担。")],
            [(VENDOR, 160.0, *paid)],
            [(VENDOR, 45.0, *paid)],
            [(VENDOR, 60.0, *paid)],
        ])

    def test_nothing_but_goodwill(self):
        statement = self._create_repair()
        statement.charge_ids[:3].write({"goodwill_percent": 30.0, "goodwill_reason": "Long wait"})
        statement.with_user(self.officer).action_approve_goodwill()
        kind = ("Goodwill of 30 %: Long wait", "善意减免 30 %：Long wait")
        none = ("Neither a warranty nor a contract covers it.", "既无保修也无合同承担。")
        self._assert_told(statement, [
            [(PROVIDER, 90.0, *kind), (CUSTOMER, 210.0, *none)],
            [(PROVIDER, 12.0, *kind), (CUSTOMER, 28.0, *none)],
            [(PROVIDER, 48.0, *kind), (CUSTOMER, 112.0, *none)],
            [(CUSTOMER, 45.0, *none)],
            [(CUSTOMER, 60.0, *none)],
        ])
        self.assertEqual(statement.amount_goodwill, 150.0)
