from .. import process_common


class TestCheckProcesses(process_common.CronProcessCase):
    """Real processes remind technicians of statutory checks: once of each."""

    SEED = "checks"
    CRON = "maintenance.equipment:_cron_remind_statutory_checks"
    # Activities of the technician, and whether the reminder is noted.
    OUTCOME = """
        SELECT equipment.id,
               (SELECT COUNT(*) FROM mail_activity activity
                 WHERE activity.res_model = 'maintenance.equipment'
                   AND activity.res_id = equipment.id
                   AND activity.date_deadline = equipment.next_statutory_check),
               equipment.aftersales_check_reminded IS NOT DISTINCT FROM
                   equipment.next_statutory_check
          FROM maintenance_equipment equipment
         WHERE equipment.customer_id IS NOT NULL
    """
    DONE = (1, True)

    def test_two_crons_at_once_remind_once(self):
        self.check_two_runs_at_once()

    def test_the_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_run_loses_nothing_and_repeats_nothing(self):
        self.check_kills()
