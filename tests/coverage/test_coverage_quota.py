from odoo.tests import freeze_time

from .coverage_common import CoverageCommon


@freeze_time("2026-01-15 09:00")
class TestCoverageQuota(CoverageCommon):

    def _create_labour(self, hours, **vals):
        return self._create_statement(
            ("labour", hours * 80.0, {"quantity": hours}), **vals)

    def test_hours_are_drawn_until_the_quota_is_used_up(self):
        line = self._create_cover(quota_hours=5.0)
        name = line.contract_id.name
        first, second, third = (self._create_labour(hours) for hours in (3.0, 3.0, 1.0))
        self.assertEqual(self._get_shares(first), [("contract", "contract", 240.0)])
        self.assertEqual(line.quota_label, "2 of 5 h")
        self.assertEqual(self._get_shares(second), [
            ("contract", "contract", 160.0), ("none", "customer", 80.0)])
        covers = second.charge_ids.cover_ids
        self.assertEqual(covers.mapped("hours"), [2.0, 0.0])
        self.assertEqual(covers.mapped("reason"), [
            f"Contract {name} covers labour at 100 %, here for the 2 h that its quota had left.",
            f"Not covered. The quota of contract {name} is used up: 5 hours a year.",
        ])
        self.assertEqual(self._get_shares(third), [("none", "customer", 80.0)])
        self.assertEqual(line.quota_label, "0 of 5 h")

    def test_a_cancelled_or_renewed_decision_gives_its_quota_back(self):
        line = self._create_cover(quota_hours=5.0)
        first, second = self._create_labour(5.0), self._create_labour(2.0)
        self._decide(first)
        self._decide(first)
        self.assertEqual(self._get_shares(second), [("none", "customer", 160.0)])
        first._transition_to("cancelled")
        self.assertEqual(line.quota_label, "5 of 5 h")
        self.assertEqual(self._get_shares(second), [("contract", "contract", 160.0)])

    def test_one_decision_for_many_draws_in_the_order_of_the_work(self):
        self._create_cover(quota_hours=3.0)
        late = self._create_labour(2.0, date="2026-01-20 09:00:00")
        early = self._create_labour(2.0, date="2026-01-10 09:00:00")
        self._decide(late + early)
        self.assertEqual(early.charge_ids.cover_ids.mapped("amount"), [160.0])
        self.assertEqual(late.charge_ids.cover_ids.mapped("amount"), [80.0, 80.0])

    def test_a_quota_begins_anew_with_its_period(self):
        line = self._create_cover(quota_hours=2.0, quota_period="month")
        self.assertEqual([
            self._get_shares(self._create_labour(2.0, date=f"{day} 09:00:00"))[0][0]
            for day in ("2026-01-15", "2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01")
        ], ["contract", "none", "contract", "none", "contract"])
        self.assertEqual(line.quota_label, "0 of 2 h")

    def test_a_quota_of_the_term_does_not_begin_anew(self):
        self._create_cover(quota_hours=2.0, quota_period="term")
        self.assertEqual([
            self._get_shares(self._create_labour(2.0, date=f"{day} 09:00:00"))[0][0]
            for day in ("2026-01-15", "2026-12-31")
        ], ["contract", "none"])

    def test_a_visit_counts_once_however_many_its_charges_are(self):
        line = self._create_cover(quota_visits=2)
        visit = self._create_statement(("travel", 40.0), ("labour", 80.0), ("part", 10.0))
        remote = self._create_statement(("labour", 80.0), service_mode="remote")
        self._decide(visit + remote)
        self.assertEqual(visit.charge_ids.cover_ids.mapped("visits"), [1, 0, 0])
        self.assertEqual(remote.charge_ids.cover_ids.visits, 0)
        self.assertEqual(line.quota_label, "1 of 2 visits")
        self._decide(self._create_statement(("travel", 40.0)))
        third = self._create_statement(("travel", 40.0))
        self.assertEqual(self._get_shares(third), [("none", "customer", 40.0)])
        self._decide(visit)
        self.assertEqual(visit.charge_ids.cover_ids.mapped("visits"), [1, 0, 0])

    def test_an_amount_is_drawn_to_the_cent(self):
        line = self._create_cover(quota_amount=150.0, cover_parts=80.0)
        first, second = (self._create_statement(("part", 99.99)) for _number in range(2))
        self.assertEqual(self._get_shares(first), [
            ("contract", "contract", 79.99), ("none", "customer", 20.0)])
        self.assertEqual(self._get_shares(second), [
            ("contract", "contract", 70.01), ("none", "customer", 29.98)])
        self.assertEqual(line.quota_label, "$\N{NO-BREAK SPACE}0.00 of $\N{NO-BREAK SPACE}150.00")

    def test_an_amount_in_another_currency_is_converted(self):
        euro = self._activate_currency("EUR", 0.5)  # 0.50 EUR are worth one dollar
        line = self._create_cover(quota_amount=150.0)
        statement = self._create_statement(("part", 60.0), currency_id=euro.id)
        self.assertEqual(self._get_shares(statement), [("contract", "contract", 60.0)])
        self.assertEqual(line.quota_label, "$\N{NO-BREAK SPACE}30.00 of $\N{NO-BREAK SPACE}150.00")
        other = self._create_statement(("part", 60.0), currency_id=euro.id)
        self.assertEqual(self._get_shares(other), [
            ("contract", "contract", 15.0), ("none", "customer", 45.0)])

    def test_who_sees_no_prices_sees_visits_and_hours_only(self):
        line = self._create_cover(quota_hours=5.0, quota_visits=4, quota_amount=100.0)
        self.assertEqual(
            line.with_user(self.technician).quota_label, "4 of 4 visits · 5 of 5 h")

    def test_a_line_that_replaces_another_goes_on_with_its_quota(self):
        line = self._create_cover(quota_hours=5.0)
        self._decide(self._create_labour(3.0))
        contract = line.contract_id
        contract._as_agreed(line.sudo())._replace_from(
            line.contract_id.date_start.replace(month=2), {"quota_hours": 6.0}, "More hours")
        successor = contract.sudo().line_ids - line.sudo()
        statement = self._create_labour(4.0, date="2026-02-10 09:00:00")
        self.assertEqual(self._get_shares(statement), [
            ("contract", "contract", 240.0), ("none", "customer", 80.0)])
        self.assertEqual(statement.charge_ids.cover_ids.contract_line_id, successor)
