from .. import process_common


class TestEndingProcesses(process_common.CronProcessCase):
    """Real processes let suspensions begin and contracts end: each once."""

    SEED = "endings"
    CRON = "aftersales.contract:_cron_daily"
    # The state as agreed, and how often the chatter tells that it has expired.
    OUTCOME = """
        SELECT contract.id,
               CASE WHEN suspension.id IS NOT NULL
                    THEN contract.state = 'suspended' AND suspension.state = 'running'
                    WHEN termination.id IS NOT NULL
                    THEN contract.state = 'terminated' AND termination.state = 'done'
                    ELSE contract.state = 'expired' AND 1 = (
                        SELECT COUNT(*) FROM mail_message message
                         WHERE message.model = 'aftersales.contract'
                           AND message.res_id = contract.id AND message.body LIKE '%%Expired%%')
               END,
               (SELECT COUNT(*) - COUNT(DISTINCT owed.period_start)
                  FROM aftersales_obligation owed WHERE owed.contract_id = contract.id)
          FROM aftersales_contract contract
     LEFT JOIN aftersales_suspension suspension ON suspension.contract_id = contract.id
     LEFT JOIN aftersales_termination termination ON termination.contract_id = contract.id
    """
    DONE = (True, 0)
    # Two batches of suspensions and terminations come first.
    KILLS = {2: 2, 3: 4}

    def test_two_crons_at_once_end_each_contract_once(self):
        self.check_two_runs_at_once()

    def test_the_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_run_loses_nothing_and_repeats_nothing(self):
        self.check_kills()
