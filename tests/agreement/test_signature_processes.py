from .. import process_common


class TestSignatureProcesses(process_common.CronProcessCase):
    """Real processes remind customers to sign: once at each step."""

    SEED = "signatures"
    CRON = "aftersales.contract.version:_cron_remind"
    # Reminders, their proof, and the mails that go out.
    OUTCOME = """
        SELECT version.id,
               (SELECT COUNT(*) FROM aftersales_signature_reminder reminder
                 WHERE reminder.version_id = version.id),
               (SELECT COUNT(message_id) FROM aftersales_signature_reminder reminder
                 WHERE reminder.version_id = version.id),
               (SELECT COUNT(*) FROM mail_mail mail
                  JOIN mail_message message ON message.id = mail.mail_message_id
                 WHERE message.model = 'aftersales.contract'
                   AND message.res_id = version.contract_id),
               version.next_reminder_on > CURRENT_DATE OR version.next_reminder_on IS NULL
          FROM aftersales_contract_version version
    """
    DONE = (1, 1, 1, True)

    def test_two_crons_at_once_remind_once(self):
        self.check_two_runs_at_once()

    def test_the_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_run_loses_nothing_and_repeats_nothing(self):
        self.check_kills()
