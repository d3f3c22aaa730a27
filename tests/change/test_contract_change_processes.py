from .. import process_common


class TestContractChangeProcesses(process_common.CronProcessCase):
    """Real processes apply agreed changes: each once, with one version and one new line."""

    SEED = "changes"
    CRON = "aftersales.contract.change:_cron_apply"
    # State, versions and the signed one among them, lines, price from today, doubled periods.
    OUTCOME = """
        SELECT change.id, change.state,
               (SELECT COUNT(*) FROM aftersales_contract_version version
                 WHERE version.contract_id = change.contract_id),
               (SELECT COUNT(*) FROM aftersales_contract_version version
                 WHERE version.contract_id = change.contract_id AND version.state = 'signed'),
               (SELECT COUNT(*) FROM aftersales_contract_line line
                 WHERE line.contract_id = change.contract_id),
               (SELECT COUNT(*) FROM aftersales_contract_line line
                 WHERE line.contract_id = change.contract_id AND line.price_unit = 200
                   AND line.date_start = CURRENT_DATE),
               (SELECT COUNT(*) - COUNT(DISTINCT owed.period_start)
                  FROM aftersales_obligation owed
                 WHERE owed.contract_id = change.contract_id AND owed.waive_reason IS NULL)
          FROM aftersales_contract_change change
    """
    DONE = ("applied", 2, 1, 2, 1, 0)
    KILLS = {2: 1, 3: 3}

    def test_two_crons_at_once_apply_once(self):
        self.check_two_runs_at_once()

    def test_the_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_run_loses_nothing_and_repeats_nothing(self):
        self.check_kills()
