from .. import process_common


class TestRenewalProcesses(process_common.CronProcessCase):
    """Real processes remind and renew: each party once, each contract by one term."""

    SEED = "renewal"
    CRON = "aftersales.contract:_cron_renewal"
    # Terms, days of the term, reminders, mails, the proof of each, periods and their doubles.
    OUTCOME = """
        SELECT contract.id,
               (SELECT COUNT(*) FROM aftersales_contract_term term
                 WHERE term.contract_id = contract.id),
               contract.date_end > CURRENT_DATE + 300 AND contract.date_end < CURRENT_DATE + 400,
               (SELECT COUNT(DISTINCT notice.audience) FROM aftersales_renewal_notice notice
                 WHERE notice.contract_id = contract.id),
               (SELECT COUNT(*) FROM mail_mail mail
                  JOIN mail_message message ON message.id = mail.mail_message_id
                 WHERE message.model = 'aftersales.contract' AND message.res_id = contract.id),
               (SELECT COUNT(*) FROM aftersales_renewal_notice notice
                  JOIN mail_mail mail ON mail.id = notice.mail_id
                  JOIN mail_message message ON message.id = mail.mail_message_id
                 WHERE message.res_id = contract.id AND notice.contract_id = contract.id),
               (SELECT COUNT(*) - COUNT(DISTINCT owed.period_start)
                  FROM aftersales_obligation owed WHERE owed.contract_id = contract.id)
          FROM aftersales_contract contract
    """
    DONE = (2, True, 2, 2, 2, 0)
    # Three batches of reminders, then three of renewals.
    KILLS = {2: 0, 4: 2}

    def test_two_crons_at_once_remind_and_renew_once(self):
        self.check_two_runs_at_once()

    def test_the_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_run_loses_nothing_and_repeats_nothing(self):
        self.check_kills()
