from .. import process_common


class TestRequestProcesses(process_common.CronProcessCase):
    """Real processes watch requests: each warning and each missed time once."""

    SEED = "requests"
    CRON = "aftersales.request.watch:_cron_watch"
    # Warnings, missed times, whether the request is looked at again, and who was told of it.
    OUTCOME = """
        SELECT request.id,
               (SELECT COUNT(*) FROM aftersales_request_event event
                 WHERE event.request_id = request.id AND event.kind = 'warned'),
               (SELECT COUNT(*) FROM aftersales_request_event event
                 WHERE event.request_id = request.id AND event.kind = 'breached'),
               request.watch_on > NOW() AT TIME ZONE 'UTC',
               (SELECT COUNT(*) FROM mail_message message
                 WHERE POSITION('/service-requests/' || request.id || '"' IN message.body) > 0)
          FROM aftersales_request request
    """
    # 50, 80 and 100 % of the hour to answer, 50 % of 100 hours to resolve it are ahead.
    DONE = (3, 1, True, 1)
    KILLS = {2: 2}

    def test_two_watches_at_once_warn_once(self):
        self.check_two_runs_at_once()

    def test_the_second_watch_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_run_loses_nothing_and_warns_nobody_twice(self):
        self.check_kills()


class TestRequestClosingProcesses(process_common.CronProcessCase):
    """Real processes close what was resolved long ago: each request once."""

    SEED = "resolved"
    CRON = "aftersales.request:_cron_close_resolved"
    # How it stands, how often that was noted, and how many of the two promises were kept.
    OUTCOME = """
        SELECT request.id, request.state, request.closed_on IS NOT NULL,
               (SELECT COUNT(*) FROM aftersales_request_event event
                 WHERE event.request_id = request.id AND event.kind = 'closed'),
               (SELECT COUNT(*) FROM aftersales_request_target target
                 WHERE target.request_id = request.id AND target.status = 'met')
          FROM aftersales_request request
    """
    DONE = ("closed", True, 1, 1)
    KILLS = {2: 2}

    def test_two_closings_at_once_close_once(self):
        self.check_two_runs_at_once()

    def test_the_second_closing_leaves_alone_what_the_first_has_not_committed(self):
        self.check_a_run_beside_an_uncommitted_one()

    def test_kill_in_mid_closing_loses_nothing_and_closes_nothing_twice(self):
        self.check_kills()
