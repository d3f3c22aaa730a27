from odoo.tests import freeze_time

from ..common import AftersalesCommon


class TestAnnualValue(AftersalesCommon):
    """Only what goes on counts as recurring revenue: in forms, sums, pivot and kanban."""

    def _get_sum(self, model, contracts):
        field = "id" if model == "aftersales.contract" else "contract_id"
        [[amount]] = self.env[model]._read_group(
            [(field, "in", contracts.ids)], [], ["amount_annual:sum"],
        )
        return amount

    def assertCounts(self, contracts, amount):
        self.env.flush_all()
        for model in ("aftersales.contract", "aftersales.contract.line"):
            self.assertEqual(self._get_sum(model, contracts), amount, model)

    def test_what_is_over_counts_no_more(self):
        for state in ("expired", "terminated"):
            with self.subTest(state=state):
                contract, running = self._create_active(), self._create_active()
                self.assertCounts(contract | running, 2400.0)

                contract._transition_to(state)

                self.assertEqual((contract.amount_annual, running.amount_annual), (0.0, 1200.0))
                self.assertCounts(contract | running, 1200.0)

    def test_a_renewed_or_cancelled_contract_counts_no_more(self):
        renewed, cancelled = self._create_active(), self._create_contract()
        self.assertCounts(renewed | cancelled, 2400.0)

        renewed._transition_to("renewed")
        cancelled.action_cancel()

        self.assertCounts(renewed | cancelled, 0.0)
        cancelled.action_draft()
        self.assertCounts(cancelled, 1200.0)

    def test_a_suspended_contract_still_counts(self):
        contract = self._create_active()

        contract._transition_to("suspended")

        self.assertCounts(contract, 1200.0)

    def test_a_line_counts_until_its_own_end(self):
        contract = self._create_active(lines=[{}, {"date_end": "2026-02-10", "price_unit": 50.0}])
        self.assertCounts(contract, 1800.0)

        with freeze_time("2026-02-10 09:00"):
            self._run_cron("_cron_daily")
        self.assertCounts(contract, 1800.0)
        with freeze_time("2026-02-11 09:00"):
            self._run_cron("_cron_daily")

        self.assertEqual(contract.line_ids.mapped("amount_annual"), [1200.0, 0.0])
        self.assertCounts(contract, 1200.0)

    def test_a_replaced_line_counts_by_its_successor_alone(self):
        contract = self._create_active()

        contract.line_ids._replace_from(contract.date_end.replace(month=6, day=1),
                                        {"price_unit": 120.0}, "agreed")

        self.assertEqual(contract.line_ids.sorted("id").mapped("amount_annual"), [0.0, 1440.0])
        self.assertCounts(contract, 1440.0)
