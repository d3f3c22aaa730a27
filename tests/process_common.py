import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
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
class ProcessCase(BaseCase):
    """Real processes, each test on a copy of a database that was seeded once."""

    SEED = None  # what `process_worker` seeds
    CRON = None  # model and method of the nightly run
    NUMBER = 6  # records seeded

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = common.get_db_name()
        cls.seeded = f"{cls.source}_seeded_{os.getpid()}"
        cls._copy_database(cls.source, cls.seeded)
        cls.addClassCleanup(cls._drop_database, cls.seeded)
        worker = Worker(cls.seeded, f"seed_{cls.SEED}", number=cls.NUMBER)
        cls.addClassCleanup(worker.close)
        worker.finish()

    def setUp(self):
        super().setUp()
        self.database = f"{self.source}_processes_{os.getpid()}"
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

    def _read(self, statement):
        with closing(sql_db.db_connect(self.database).cursor()) as cr:
            cr.execute(statement)
            return cr.fetchall()

    # -------------------------------------------------------------------------
    # Processes
    # -------------------------------------------------------------------------

    def _start(self, task, **options):
        worker = Worker(self.database, task, **options)
        self.addCleanup(worker.close)
        return worker

    def _start_cron(self, **options):
        """Return a process that is about to begin the nightly run."""
        worker = self._start("cron", cron=self.CRON, **options)
        worker.hear("ready")
        return worker

    def _run_quietly(self):
        worker = self._start_cron()
        worker.go_on()
        worker.finish()

    def _run_two_at_once(self):
        workers = [self._start_cron(), self._start_cron()]
        for worker in workers:
            worker.go_on()
        for worker in workers:
            worker.finish()

    def _kill_before_commit(self, number):
        """Run until the work of that commit is done and written, then kill −9."""
        worker = self._start_cron(stop_before=number)
        worker.go_on()
        worker.hear("stopped")
        worker.kill()
        self._disconnect(self.database)


class CronProcessCase(ProcessCase):
    """A nightly run does everything exactly once, and loses nothing.

    Subclasses bring a statement that counts what was done: each row has to be as ``DONE`` says.
    """

    OUTCOME = None
    DONE = None
    # Commits before which the run is killed, and how many records are done by then.
    KILLS = {2: 2}

    def _count_outcomes(self):
        """Return how many records have which outcome."""
        outcomes = {}
        for _record_id, *outcome in self._read(SQL(self.OUTCOME)):
            outcomes[tuple(outcome)] = outcomes.get(tuple(outcome), 0) + 1
        return outcomes

    def assertDoneOnce(self):
        self.assertEqual(self._count_outcomes(), {self.DONE: self.NUMBER})

    def _check_nothing_is_done(self):
        self.assertEqual(self._count_outcomes().get(self.DONE, 0), 0)

    def check_two_runs_at_once(self):
        self._check_nothing_is_done()

        self._run_two_at_once()

        # What one left to the other in a conflict is done by the next run, and nothing again.
        self._run_quietly()
        self.assertDoneOnce()

    def check_a_run_beside_an_uncommitted_one(self):
        first, second = self._start_cron(stop_before=2), self._start_cron()
        first.go_on()
        first.hear("stopped")

        second.go_on()
        second.finish()  # it passed over what is in the hands of the first
        first.go_on()
        first.finish()

        self.assertDoneOnce()

    def check_kills(self):
        for number, done in self.KILLS.items():
            self._kill_before_commit(number)
            self.assertEqual(self._count_outcomes().get(self.DONE, 0), done)

        self._run_quietly()
        self.assertDoneOnce()
        self._run_quietly()
        self.assertDoneOnce()
