from collections import Counter

from odoo.tools import SQL

from .. import process_common


class TestBillingProcesses(process_common.ProcessCase):
    """Real processes on a copy of the database: each period is billed exactly once."""

    SEED = "billing"
    CRON = "aftersales.contract:_cron_bill"
    NUMBER = 8

    # -------------------------------------------------------------------------
    # What the database says
    # -------------------------------------------------------------------------

    def _count_charges(self):
        """Return how many due periods have how many live invoice lines."""
        rows = self._read(SQL("""
            SELECT obligation.id, COUNT(move.id)
              FROM aftersales_obligation obligation
         LEFT JOIN account_move_line line ON line.aftersales_obligation_id = obligation.id
         LEFT JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
             WHERE obligation.date_planned <= CURRENT_DATE
          GROUP BY obligation.id
        """))
        return dict(Counter(charges for _obligation, charges in rows))

    def _count_billed(self):
        [(billed,)] = self._read(SQL(
            "SELECT COUNT(*) FROM aftersales_obligation WHERE billing_state = 'billed'"))
        return billed

    def assertEachPeriodBilledOnce(self):
        self.assertEqual(self._count_charges(), {1: 16})
        self.assertEqual(self._count_billed(), 16)
        [(moves, numbers, total)] = self._read(SQL("""
            SELECT COUNT(*), COUNT(DISTINCT name), SUM(amount_untaxed) FROM account_move
             WHERE move_type = 'out_invoice' AND state = 'posted'
        """))
        self.assertEqual((moves, numbers, total), (8, 8, 1600))

    # -------------------------------------------------------------------------
    # The tests
    # -------------------------------------------------------------------------

    def test_one_process_bills_each_period_once(self):
        self._run_quietly()

        self.assertEachPeriodBilledOnce()

    def test_two_crons_at_once_bill_each_period_once(self):
        self._run_two_at_once()

        self._run_quietly()
        self.assertEachPeriodBilledOnce()

    def test_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        first, second = self._start_cron(stop_before=2), self._start_cron()
        first.go_on()
        first.hear("stopped")

        second.go_on()
        second.hear("committed")  # it passed over the chunk in the hands of the first
        first.go_on()
        first.finish()
        second.finish()

        self._run_quietly()
        self.assertEachPeriodBilledOnce()

    def test_cron_and_buttons_at_once_bill_each_period_once(self):
        cron, buttons = self._start_cron(), self._start("buttons")
        buttons.hear("ready")

        cron.go_on()
        buttons.go_on()
        cron.finish()
        buttons.finish()

        self._run_quietly()
        self.assertEachPeriodBilledOnce()

    def test_kill_in_mid_run_costs_one_chunk_and_the_next_run_completes_it(self):
        self._kill_before_commit(2)

        self.assertEqual(self._count_charges(), {1: 4, 0: 12})
        self.assertEqual(self._count_billed(), 4)
        self._run_quietly()
        self.assertEachPeriodBilledOnce()

    def test_a_contract_in_somebodys_hands_costs_nobody_else_a_turn(self):
        holder = self._start("hold")
        contract_id = int(holder.hear("ready").split()[1])

        self._run_quietly()

        self.assertEqual(self._count_charges(), {1: 14, 0: 2})
        self.assertEqual(self._read(SQL(
            "SELECT DISTINCT contract_id FROM aftersales_obligation "
            "WHERE billing_state = 'to_bill' AND date_planned <= CURRENT_DATE",
        )), [(contract_id,)])
        holder.go_on()
        holder.finish()
        self._run_quietly()
        self.assertEachPeriodBilledOnce()
