from datetime import date
from importlib import util
from pathlib import Path

from .ending_common import EndingCommon

MIGRATIONS = Path(__file__).parents[2] / "migrations"


class TestMigrationEnds(EndingCommon):
    """What the update to 19.0.0.4.0 makes of periods that were waived for an end before."""

    def _migrate(self, name):
        self.env.flush_all()
        spec = util.spec_from_file_location("migration", MIGRATIONS / "19.0.0.4.0" / f"{name}.py")
        script = util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.0.3.0")
        self.env.invalidate_all()

    def test_periods_waived_for_an_end_are_owed_again_when_it_moves(self):
        contract = self._create_active()
        self._bill(contract, "2026-04-01")
        given_up = contract.obligation_ids.filtered(lambda o: o.period_start == date(2026, 6, 1))
        given_up.waive_reason = "goodwill"
        self._terminate(contract, "2026-02-28")
        contract.sudo().obligation_ids.is_cut = False  # as it was stored before

        self._migrate("post-obligations")

        cut = contract.obligation_ids.filtered("is_cut")
        self.assertEqual(
            cut.mapped("period_start"), [date(2026, 3, 1), date(2026, 4, 1)])
        self.assertEqual((given_up.is_cut, given_up.waive_reason), (False, "goodwill"))
        contract._as_agreed(contract.sudo()).date_end = "2026-12-31"
        contract.sudo().obligation_ids._go_on_after(date(2026, 2, 28))
        self.assertEqual(cut.mapped("waive_reason"), [False, False])
        self.assertEqual(given_up.waive_reason, "goodwill")

    def test_values_of_what_is_over_are_counted_no_more(self):
        over, running = self._create_active(), self._create_active()
        over._transition_to("expired")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE aftersales_contract SET amount_annual = 5 WHERE id IN %s",
            [(over.id, running.id)],
        )
        self.env.cr.execute(
            "UPDATE aftersales_contract_line SET amount_annual = 5 WHERE contract_id IN %s",
            [(over.id, running.id)],
        )
        self.env.invalidate_all()

        self._migrate("post-annual-value")

        self.assertEqual((over | running).mapped("amount_annual"), [0.0, 1200.0])
        self.assertEqual((over | running).line_ids.mapped("amount_annual"), [0.0, 1200.0])
