import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

from odoo import sql_db
from odoo.tests import BaseCase, common, tagged
from odoo.tools import SQL, config

WORKER = Path(__file__).with_name("process_worker.py")
PATIENCE = 180  # seconds after which a process that says nothing is taken for dead


class Worker:
    """A running `process_worker`, heard line by line."""

    def __init__(self, database, task, **options):
        command = [sys.executable, WORKER, task, "--database", database]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        command += [
            "-c", config["config"], "--addons-path", ",".join(config["addons_path"]),
            "--data-dir", config["data_dir"], "--max-cron-threads", "0",
        ]
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the worker
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True,
        )
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def hear(self, word):
        """Read until the worker says ``word``; return the whole line."""
        for line in self.process.stdout:
            if line.split()[:1] == [word]:
                return line.strip()
        raise AssertionError(f"the worker ended before it said {word!r}:\n{self._read_log()}")

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def finish(self):
        self.hear("done")
        if self.process.wait():
            raise AssertionError(f"the worker failed:\n{self._read_log()}")

    def kill(self):
        """kill −9: no handler, no rollback, no goodbye."""
        self.process.kill()
        self.process.wait()

    def close(self):
        self.watchdog.cancel()
        self.kill()
        with suppress(BrokenPipeError):  # a line the dead have not read
            self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()

    def _read_log(self):
        self.log.seek(0)
        return self.log.read()[-4000:]


@tagged("post_install", "-at_install")
class TestBillingProcesses(BaseCase):
    """Real processes on a copy of the database: each period is billed exactly once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = common.get_db_name()
        cls.seeded = f"{cls.source}_seeded_{os.getpid()}"
        cls._copy_database(cls.source, cls.seeded)
        cls.addClassCleanup(cls._drop_database, cls.seeded)
        worker = Worker(cls.seeded, "seed", number=8)
        cls.addClassCleanup(worker.close)
        worker.finish()

    def setUp(self):
        super().setUp()
        self.database = f"{self.source}_bill_{os.getpid()}"
        self._copy_database(self.seeded, self.database)
        self.addCleanup(self._drop_database, self.database)

    # -------------------------------------------------------------------------
    # Databases
    # -------------------------------------------------------------------------

    @classmethod
    def _execute(cls, statement):
        with closing(sql_db.db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            cr.execute(statement)

    @classmethod
    def _copy_database(cls, source, target):
        cls._disconnect(source)
        cls._execute(SQL(
            "CREATE DATABASE %s TEMPLATE %s", SQL.identifier(target), SQL.identifier(source),
        ))

    @classmethod
    def _drop_database(cls, name):
        cls._disconnect(name)
        cls._execute(SQL("DROP DATABASE %s", SQL.identifier(name)))
        shutil.rmtree(config.filestore(name), ignore_errors=True)

    @classmethod
    def _disconnect(cls, database):
        """End the idle connections of the pool, and wait until those of the dead are gone."""
        sql_db.close_db(database)
        deadline = time.monotonic() + PATIENCE
        with closing(sql_db.db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            while cr.execute(SQL(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", database,
            )) or cr.fetchall():
                if time.monotonic() > deadline:
                    raise AssertionError(f"somebody is still connected to {database}")
                time.sleep(0.05)

    # -------------------------------------------------------------------------
    # What the database says
    # -------------------------------------------------------------------------

    def _read(self, statement):
        with closing(sql_db.db_connect(self.database).cursor()) as cr:
            cr.execute(statement)
            return cr.fetchall()

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

    def _start(self, task, **options):
        worker = Worker(self.database, task, **options)
        self.addCleanup(worker.close)
        return worker

    def _run_quietly(self):
        worker = self._start("cron")
        worker.hear("ready")
        worker.go_on()
        worker.finish()

    # -------------------------------------------------------------------------
    # The tests
    # -------------------------------------------------------------------------

    def test_one_process_bills_each_period_once(self):
        self._run_quietly()

        self.assertEachPeriodBilledOnce()

    def test_two_crons_at_once_bill_each_period_once(self):
        workers = [self._start("cron"), self._start("cron")]
        for worker in workers:
            worker.hear("ready")

        for worker in workers:
            worker.go_on()
        for worker in workers:
            worker.finish()

        self._run_quietly()
        self.assertEachPeriodBilledOnce()

    def test_second_cron_leaves_alone_what_the_first_has_not_committed(self):
        first, second = self._start("cron", stop_before=2), self._start("cron")
        first.hear("ready")
        second.hear("ready")
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
        cron, buttons = self._start("cron"), self._start("buttons")
        cron.hear("ready")
        buttons.hear("ready")

        cron.go_on()
        buttons.go_on()
        cron.finish()
        buttons.finish()

        self._run_quietly()
        self.assertEachPeriodBilledOnce()

    def test_kill_in_mid_run_costs_one_chunk_and_the_next_run_completes_it(self):
        worker = self._start("cron", stop_before=2)
        worker.hear("ready")
        worker.go_on()
        worker.hear("stopped")

        worker.kill()
        self._disconnect(self.database)

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
