import random
from dataclasses import replace
from datetime import date

from odoo.tests import BaseCase, tagged

from ...tools.coverage import Item, Job, Line, Quota, Reason, Warranty, decide

TRIES = 2000
DAY = date(2026, 1, 15)


def cents(amount):
    return round(amount + 0.0, 2)


def full(key, specificity=0, **vals):
    shares = {"part": 100.0, "labour": 100.0, "travel": 100.0, "other": 100.0}
    return Line(key=key, specificity=specificity, shares=vals.pop("shares", shares), **vals)


@tagged("post_install", "-at_install")
class TestToolsCoverage(BaseCase):

    def _decide(self, item=None, **facts):
        """Return (rule, payer, amount) of the shares of a part of 100.00."""
        item = item or Item(1, "part", 100.0, part="pump")
        shares = decide(Job("job", DAY, **facts), item, cents)
        self.assertAlmostEqual(sum(share.amount for share in shares), item.amount, places=9)
        self.assertAlmostEqual(sum(share.percent for share in shares), 100.0, places=6)
        return [(share.rule, share.payer, share.amount) for share in shares]

    def _get_refusals(self, item=None, **facts):
        """Return the codes of the reasons why nothing is covered."""
        item = item or Item(1, "part", 100.0, part="pump")
        [share] = decide(Job("job", DAY, **facts), item, cents)
        self.assertEqual((share.rule, share.payer), ("none", "customer"))
        return [refusal.code for refusal in share.reason.data["refusals"]]

    # -------------------------------------------------------------------------
    # The order
    # -------------------------------------------------------------------------

    def test_each_promise_gives_way_to_the_one_before(self):
        facts = {
            "recall": Reason("recall"), "rework": Reason("rework"),
            "fitted": {"pump": date(2026, 6, 30)},
            "warranty": Warranty(date(2025, 2, 1), date(2026, 1, 31), payer="vendor"),
            "lines": (full(1),),
        }
        for expected, name in (
            (("recall", "vendor", 100.0), "recall"),
            (("rework", "provider", 100.0), "rework"),
            (("part_warranty", "provider", 100.0), "fitted"),
            (("warranty", "vendor", 100.0), "warranty"),
            (("contract", "contract", 100.0), "lines"),
        ):
            self.assertEqual(self._decide(**facts), [expected])
            del facts[name]
        goodwill = Item(1, "part", 100.0, part="pump", goodwill=40.0)
        self.assertEqual(self._decide(goodwill), [
            ("goodwill", "provider", 40.0), ("none", "customer", 60.0)])
        self.assertEqual(self._decide(), [("none", "customer", 100.0)])

    def test_a_recall_of_a_part_does_not_pay_for_other_parts(self):
        facts = {"recall": Reason("recall"), "recall_parts": frozenset(["valve"])}
        self.assertEqual(self._decide(**facts), [("none", "customer", 100.0)])
        self.assertEqual(
            self._decide(Item(1, "part", 50.0, part="valve"), **facts),
            [("recall", "vendor", 50.0)])
        self.assertEqual(
            self._decide(Item(1, "labour", 80.0, hours=1.0), **facts),
            [("recall", "vendor", 80.0)])

    # -------------------------------------------------------------------------
    # Warranty
    # -------------------------------------------------------------------------

    def test_first_and_last_day_of_a_warranty_count(self):
        for start, end, code in (
            (DAY, date(2027, 1, 14), None),
            (date(2025, 1, 16), DAY, None),
            (date(2026, 1, 16), date(2027, 1, 15), "warranty_not_begun"),
            (date(2025, 1, 15), date(2026, 1, 14), "warranty_over"),
        ):
            facts = {"warranty": Warranty(start, end)}
            if code:
                self.assertEqual(self._get_refusals(**facts), [code])
            else:
                self.assertEqual(self._decide(**facts), [("warranty", "provider", 100.0)])

    def test_what_a_warranty_pays(self):
        for pays, kinds in (
            ("part", {"part"}),
            ("labour", {"part", "labour", "inspection"}),
            ("travel", {"part", "labour", "inspection", "travel"}),
        ):
            for kind in ("part", "labour", "inspection", "travel", "other"):
                warranty = Warranty(None, date(2026, 12, 31), pays=pays)
                rule = self._decide(Item(1, kind, 10.0), warranty=warranty)[0][0]
                self.assertEqual(rule, "warranty" if kind in kinds else "none", (pays, kind))

    def test_a_main_part_outlives_the_warranty_of_the_unit(self):
        warranty = Warranty(
            date(2024, 1, 1), date(2024, 12, 31), frozenset(["pump"]), date(2026, 12, 31))
        self.assertEqual(self._decide(warranty=warranty), [("warranty", "provider", 100.0)])
        self.assertEqual(
            self._get_refusals(Item(1, "part", 5.0, part="seal"), warranty=warranty),
            ["warranty_over"])
        labour = Item(1, "labour", 80.0, hours=1.0)
        self.assertEqual(self._get_refusals(labour, warranty=warranty), ["warranty_over"])
        self.assertEqual(
            self._decide(labour, warranty=warranty, are_all_parts_main=True),
            [("warranty", "provider", 80.0)])

    def test_misuse_and_wear_are_outside_the_warranty(self):
        warranty = Warranty(None, date(2026, 12, 31))
        self.assertEqual(
            self._get_refusals(warranty=warranty, cause=7, is_cause_outside=True),
            ["warranty_cause"])
        self.assertEqual(
            self._get_refusals(
                Item(1, "part", 9.0, part="belt", is_wear_part=True), warranty=warranty),
            ["warranty_wear"])
        self.assertEqual(
            self._get_refusals(rework=Reason("rework"), cause=7, is_cause_outside=True),
            ["rework_cause"])

    # -------------------------------------------------------------------------
    # Contract lines
    # -------------------------------------------------------------------------

    def test_the_most_specific_line_comes_first_then_share_then_end_then_age(self):
        def shares(percent):
            return {"part": percent}

        lines = [
            full(5, 4, shares=shares(100.0)),
            full(4, 0, shares=shares(50.0)),
            full(3, 0, shares=shares(80.0), end=date(2026, 12, 31)),
            full(2, 0, shares=shares(80.0), end=date(2026, 6, 30)),
            full(1, 0, shares=shares(80.0)),
        ]
        for expected in (2, 3, 1, 4, 5):
            job = Job("job", DAY, lines=tuple(lines))
            share = decide(job, Item(1, "part", 100.0), cents)[0]
            self.assertEqual(share.line, expected)
            lines = [line for line in lines if line.key != expected]

    def test_equal_lines_are_taken_in_the_order_of_their_age_whatever_their_position(self):
        rng = random.Random(1)
        lines = [full(key) for key in range(5)]
        for _try in range(20):
            rng.shuffle(lines)
            job = Job("job", DAY, lines=tuple(lines))
            self.assertEqual(decide(job, Item(1, "part", 100.0), cents)[0].line, 0)

    def test_the_own_share_does_not_go_on_to_the_next_line(self):
        lines = (full(1, 0, shares={"part": 80.0}), full(2, 4))
        self.assertEqual(self._decide(lines=lines), [
            ("contract", "contract", 80.0), ("none", "customer", 20.0)])
        shares = decide(Job("job", DAY, lines=lines), Item(1, "part", 100.0), cents)
        self.assertEqual(shares[-1].reason, Reason("own_share", {"line": 1, "percent": 20.0}))

    def test_goodwill_is_a_share_of_what_is_left(self):
        item = Item(1, "part", 100.0, goodwill=50.0)
        self.assertEqual(self._decide(item, lines=(full(1, shares={"part": 80.0}),)), [
            ("contract", "contract", 80.0), ("goodwill", "provider", 10.0),
            ("none", "customer", 10.0)])

    def test_why_a_line_does_not_pay(self):
        wear = Item(1, "part", 10.0, part="belt", is_wear_part=True)
        for line, item, code in (
            (full(1, excluded_causes=frozenset([7])), None, "line_cause"),
            (full(1), wear, "line_wear"),
            (full(1, excluded_categories=frozenset([3])),
             Item(1, "part", 10.0, categories=frozenset([1, 3])), "line_category"),
            (full(1, shares={"labour": 100.0}), None, "line_kind"),
            (full(1, quota=Quota(visits=0)), None, "quota_visits"),
            (full(1, quota=Quota(amount=0.0)), None, "quota_amount"),
            (full(1, quota=Quota(hours=0.0)), Item(1, "labour", 80.0, hours=1.0), "quota_hours"),
            (full(1, refusal=Reason("line_area", {"line": 1})), None, "line_area"),
        ):
            self.assertEqual(self._get_refusals(item, lines=(line,), cause=7), [code])
        self.assertEqual(
            self._decide(wear, lines=(full(1, wear_parts=True),)),
            [("contract", "contract", 10.0)])

    # -------------------------------------------------------------------------
    # Quotas
    # -------------------------------------------------------------------------

    def test_a_partly_used_quota_splits_the_item_and_the_rest_goes_on(self):
        labour = Item(1, "labour", 200.0, hours=2.5)
        lines = (full(1, 0, quota=Quota(hours=1.0)), full(2, 4, shares={"labour": 50.0}))
        self.assertEqual(self._decide(labour, lines=lines), [
            ("contract", "contract", 80.0),  # 1.0 of 2.5 h
            ("contract", "contract", 60.0),  # half of the other 1.5 h
            ("none", "customer", 60.0),
        ])
        self.assertEqual(lines[0].quota.hours, 0.0)

    def test_an_amount_that_is_left_is_used_to_the_cent(self):
        line = full(1, shares={"part": 80.0}, quota=Quota(amount=33.33))
        self.assertEqual(self._decide(lines=(line,)), [
            ("contract", "contract", 33.33), ("none", "customer", 66.67)])
        self.assertAlmostEqual(line.quota.amount, 0.0)

    def test_a_visit_is_drawn_once_a_job_and_only_on_site(self):
        quota = Quota(visits=1)
        lines = (full(1, quota=quota),)
        for key, kind, visits in ((1, "travel", 1), (2, "labour", 0)):
            [share] = decide(Job("a", DAY, lines=lines), Item(key, kind, 10.0), cents)
            self.assertEqual((share.rule, share.visits), ("contract", visits))
        [refused] = decide(Job("b", DAY, lines=lines), Item(3, "travel", 10.0), cents)
        self.assertEqual(refused.reason.data["refusals"][0].code, "quota_visits")
        [remote] = decide(
            Job("c", DAY, mode="remote", lines=lines), Item(4, "labour", 10.0), cents)
        self.assertEqual((remote.rule, remote.visits), ("contract", 0))

    # -------------------------------------------------------------------------
    # Properties
    # -------------------------------------------------------------------------

    def test_shares_sum_to_the_item_and_quotas_are_never_overdrawn(self):
        rng = random.Random(2)
        for _try in range(TRIES):
            lines = tuple(self._make_line(rng, key) for key in range(rng.randrange(5)))
            item = Item(
                1, rng.choice(["part", "labour", "travel"]), rng.randrange(0, 10 ** 5) / 100,
                hours=rng.randrange(0, 40) / 4, goodwill=rng.choice([0.0, 0.0, 33.3]),
            )
            shares = decide(Job("job", DAY, lines=lines), item, cents)

            self.assertAlmostEqual(sum(share.amount for share in shares), item.amount, places=9)
            self.assertAlmostEqual(sum(share.percent for share in shares), 100.0, places=6)
            self.assertTrue(all(share.percent > 0 and share.amount >= -0.005 for share in shares))
            for line in lines:
                self.assertGreaterEqual(line.quota.hours or 0.0, -1e-9)
                self.assertGreaterEqual(line.quota.amount or 0.0, -0.005)

    def test_a_decision_does_not_depend_on_the_order_of_lines(self):
        rng = random.Random(3)
        for _try in range(200):
            lines = [self._make_line(rng, key) for key in range(5)]
            copies = [replace(line, quota=replace(line.quota, visited=set())) for line in lines]
            rng.shuffle(copies)
            item = Item(1, "labour", rng.randrange(1, 10 ** 5) / 100, hours=3.0)
            first = decide(Job("job", DAY, lines=tuple(lines)), item, cents)
            self.assertEqual(first, decide(Job("job", DAY, lines=tuple(copies)), item, cents))

    def _make_line(self, rng, key):
        shares = {kind: rng.choice([0.0, 50.0, 66.67, 100.0])
                  for kind in ("part", "labour", "travel")}
        return full(key, rng.randrange(5), shares=shares, quota=Quota(
            hours=rng.choice([None, 0.0, 1.0, 2.75]),
            amount=rng.choice([None, 0.0, 10.0, 333.33]),
            visits=rng.choice([None, 0, 2]),
        ))
