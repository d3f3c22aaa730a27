from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .ending_common import EndingCommon


class TestStoryEndings(EndingCommon):
    """Pauses, swaps, a transfer and an end, as a year brings them, to the cent."""

    def _bill_night(self, contracts, day):
        """Run both nightly jobs of ``day``; return the net amount invoiced to each contract."""
        self._run_night(day)
        before = {contract: self._get_invoices(contract) for contract in contracts}
        with freeze_time(f"{day} 02:00"):
            self._run_cron("_cron_bill")
        return [
            sum((self._get_invoices(contract) - before[contract]).mapped("amount_untaxed"))
            for contract in contracts
        ]

    def _get_net(self, contract):
        """Return what the customer paid for in the end: invoices less credit notes."""
        billed = sum(self._get_invoices(contract).mapped("amount_untaxed"))
        credited = sum(self._get_credits(contract).mapped("amount_untaxed"))
        return contract.currency_id.round(billed - credited)

    def test_suspended_over_a_month_and_terminated_in_mid_period(self):
        # A contract of 310 a month, January billed in advance.
        contract = self._create_active(lines=[{"price_unit": 310.0}])
        self.assertEqual(self._bill_night(contract, "2026-01-16"), [310.0])

        # The building closes from 20 January on: twelve days are given back.
        with freeze_time("2026-01-16 09:00"):
            self._suspend(contract, "2026-01-20", policy="credit")
        self.assertEqual(self._get_credits(contract).amount_untaxed, 120.0)
        self.assertEqual(self._bill_night(contract, "2026-01-20"), [0.0])
        self.assertEqual(contract.state, "suspended")
        self.assertEqual(self._bill_night(contract, "2026-02-01"), [0.0])

        # It opens on 15 February: half of the month is charged, nothing of the pause.
        with freeze_time("2026-02-10 09:00"):
            self._resume(contract, "2026-02-15")
        self.assertEqual(self._bill_night(contract, "2026-02-14"), [0.0])
        self.assertEqual(self._bill_night(contract, "2026-02-15"), [155.0])
        self.assertEqual(contract.state, "active")
        self.assertEqual(self._bill_night(contract, "2026-03-01"), [310.0])

        # The customer gives notice and leaves on 20 March: eleven days are given back.
        with freeze_time("2026-03-05 09:00"):
            self._terminate(
                contract, "2026-03-20", ground="notice", date_notice="2026-02-18",
                side="customer",
            )
        self.assertEqual(
            self._get_credits(contract).mapped("amount_untaxed"), [120.0, 110.0],
        )
        self.assertEqual(self._bill_night(contract, "2026-03-20"), [0.0])
        self.assertEqual(contract.state, "active")
        self.assertEqual(self._bill_night(contract, "2026-03-21"), [0.0])
        self.assertEqual(contract.state, "terminated")
        self.assertEqual(self._bill_night(contract, "2026-04-01"), [0.0])

        # 19 days of January, 14 of February, 20 of March.
        self.assertEqual(self._get_net(contract), 190.0 + 155.0 + 200.0)

    def test_equipment_comes_and_goes_before_the_contract_passes_on(self):
        lifts = [self._create_equipment(f"Lift {number}") for number in (1, 2, 3)]
        contract = self._create_active(lines=[
            {"scope_type": "equipment", "equipment_id": lifts[0].id, "price_unit": 310.0},
        ])
        self.assertEqual(self._bill_night(contract, "2026-01-16"), [310.0])

        def change(kind, day, line, **vals):
            with freeze_time(f"{day} 09:00"):
                contract.env["aftersales.contract.equipment"].create({
                    "contract_id": contract.id, "kind": kind, "date": day, "line_id": line.id,
                    "agreed_by": "Nora Northside", "agreed_on": day, **vals,
                }).action_confirm()

        # A second lift joins on 22 January, the first one is replaced on 25 January.
        change("add", "2026-01-22", contract.line_ids, equipment_id=lifts[1].id)
        self.assertEqual(self._bill_night(contract, "2026-01-22"), [100.0])
        first, second = contract.line_ids.sorted("id")
        change("swap", "2026-01-25", first, equipment_id=lifts[2].id)
        self.assertEqual(self._bill_night(contract, "2026-01-25"), [0.0])
        self.assertEqual(self._bill_night(contract, "2026-02-01"), [620.0])

        # The second lift leaves on 15 February, the contract passes on with 1 March.
        change("remove", "2026-02-15", second)
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [155.0])
        with freeze_time("2026-02-20 09:00"):
            contract.env["aftersales.contract.transfer"].create({
                "contract_id": contract.id, "partner_id": self.other_customer.id,
                "date": "2026-03-11", "agreed_by_old": "Nora Northside",
                "agreed_by_new": "Harry Harbour",
                "attachment_ids": [Command.set(self._attach().ids)],
            }).action_confirm()
            successor = contract.next_contract_ids
            self._sign(successor)
        both = contract + successor
        self.assertEqual(self._bill_night(both, "2026-03-01"), [100.0, 0.0])
        self.assertEqual(self._bill_night(both, "2026-03-11"), [0.0, 210.0])
        self.assertEqual(self._bill_night(both, "2026-04-01"), [0.0, 310.0])

        self.assertEqual(both.mapped("state"), ["terminated", "active"])
        self.assertEqual(self._get_net(contract), 310.0 + 100.0 + 620.0 - 155.0 + 100.0)
        self.assertEqual(successor.line_ids.equipment_id, lifts[2])
        self.assertEqual(lifts[2].customer_id, self.other_customer)
        self.assertEqual(first._get_equipment_on(date(2026, 1, 24)), lifts[0])
