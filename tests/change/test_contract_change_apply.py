from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .contract_change_common import ContractChangeCommon


class TestContractChangeApply(ContractChangeCommon):
    """What an agreed change does to terms, lines, clauses, register and invoices."""

    # -------------------------------------------------------------------------
    # Lines
    # -------------------------------------------------------------------------

    def test_price_in_mid_period_gives_credit_and_charge(self):
        contract = self._create_active()
        invoice = self._bill(contract, "2026-01-15")
        change = self._agree(self._create_change(contract, self._price(contract)))
        self.assertEqual(change.state, "agreed")

        with freeze_time("2026-01-16 09:00"):
            self.assertEqual(self._apply_by_cron(), 1)

        self.assertEqual(change.state, "applied")
        self.assertRecordValues(invoice.reversal_move_ids, [{
            "amount_untaxed": 51.61, "state": "posted",
            "ref": f"Credit of {invoice.name}: Change {change.name}",
        }])
        self.assertEqual(self._get_periods(contract)[:3], [
            ("2026-01-01", "2026-01-15"), ("2026-01-16", "2026-01-31"),
            ("2026-02-01", "2026-02-28"),
        ])
        self.assertEqual(self._get_amounts(contract)[:3], [48.39, 103.23, 200.0])
        self.assertEqual(self._bill(contract, "2026-01-31").amount_untaxed, 103.23)
        self.assertEqual(contract.sudo().amount_annual, 2400.0)
