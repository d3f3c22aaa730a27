from odoo.tools import SQL

from .. import process_common


class TestMessengerProcesses(process_common.ProcessCase):
    """Real processes take in the same calls at the same moment."""

    SEED = "messenger"

    def test_calls_that_come_twice_at_once_count_once(self):
        workers = [self._start("messages"), self._start("messages")]
        for worker in workers:
            worker.hear("ready")
        for worker in workers:
            worker.go_on()
        for worker in workers:
            worker.finish()

        self.assertEqual(self._read(SQL("""
            SELECT external_reference, COUNT(*) FROM aftersales_request
             GROUP BY external_reference ORDER BY 1
        """)), [("m-0", 1), ("n-1", 1), ("n-2", 1)])
        self.assertEqual(self._read(SQL("""
            SELECT COUNT(*) FROM mail_message
             WHERE model = 'aftersales.request' AND body LIKE '%%Now it smokes%%'
        """)), [(1,)])
        self.assertEqual(self._read(SQL("""
            SELECT external_user, COUNT(*) FROM aftersales_messenger_account
             GROUP BY external_user ORDER BY 1
        """)), [("new", 1), ("nora88", 1)])
