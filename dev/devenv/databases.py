"""Databases: templates kept by a key of their inputs, and cheap copies of them."""

import contextlib
import hashlib
import os
import shutil
import subprocess

from . import layout, odoo_source, postgres, virtual_env
from .console import locked, run_step, say

RECIPE = "1"  # raise it when the way templates are built changes
FILESTORE = layout.DATA_DIR / "filestore"
CONFIG = layout.WORK / "odoo.conf"


def name_for(purpose):
    """Names are fixed on the private server; on a shared one each clone has its own."""
    if not postgres.is_users_own():
        return f"aftersales_{purpose}"
    clone = hashlib.sha256(os.fsencode(layout.ROOT)).hexdigest()[:6]
    return f"aftersales_{clone}_{purpose}"


def exists(name):
    return postgres.query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "1"


def drop(name):
    postgres.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(FILESTORE / name, ignore_errors=True)
    (layout.WORK / f"{name}.conf").unlink(missing_ok=True)


def clone(source, target):
    """Copy a database; its files are shared by hard links, for Odoo never edits one in place."""
    drop(target)
    postgres.query(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    if (FILESTORE / source).is_dir():
        copied = subprocess.run(["cp", "-al", FILESTORE / source, FILESTORE / target])
        if copied.returncode:
            subprocess.run(["cp", "-a", FILESTORE / source, FILESTORE / target], check=True)


def rename(source, target):
    drop(target)
    postgres.query(f'ALTER DATABASE "{source}" RENAME TO "{target}"')
    if (FILESTORE / source).is_dir():
        (FILESTORE / source).rename(FILESTORE / target)


def mark(name, text):
    """Keep a note with the database itself, so that it cannot outlive it."""
    postgres.query(f"COMMENT ON DATABASE \"{name}\" IS '{text}'")


def read_mark(name):
    return postgres.query(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        f"WHERE datname = '{name}'"
    )


def odoo_command(*arguments, config=CONFIG):
    return [layout.VENV_PYTHON, layout.DEV / "odoo-bin", *arguments, "-c", config]


def odoo_environment():
    path = f"{layout.BIN_DIR}:{layout.VENV / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, **postgres.environment(), "PATH": path, "PYTHONUNBUFFERED": "1"}


def run_odoo(title, database, *arguments, config=CONFIG):
    """Install or update on a database; return the log."""
    quiet = ["--stop-after-init", "--no-http", "--max-cron-threads=0"]
    command = odoo_command("-d", database, *quiet, *arguments, config=config)
    return run_step(title, command, f"odoo-{database}", env=odoo_environment())


def dependencies(*, demo, depends=None):
    """Template with everything the addon depends on; built once per key."""
    depends = depends or layout.manifest_depends()
    name = name_for(f"{'demodeps' if demo else 'deps'}_{_dependency_key(depends)}")
    with locked("template"):
        if not exists(name):
            kind = "with demo data" if demo else "without demo data"
            arguments = ["-i", ",".join(depends)]
            if demo:
                arguments += ["--with-demo", f"--load-language={layout.LANGUAGES}"]
            building = name_for("deps_building")
            drop(building)
            run_odoo(f"Building the database template {kind}", building, *arguments)
            rename(building, name)
    return name


def installed(*, demo, purpose):
    """Database with the present addon installed, built once per state of its files."""
    fingerprint = layout.addon_fingerprint(demo=demo)
    base = dependencies(demo=demo)
    name = name_for(purpose)
    with locked(purpose):
        if exists(name) and read_mark(name) == f"{base} {fingerprint}":
            return name
        building = name_for(f"{purpose}_building")
        clone(base, building)
        log = run_odoo("Installing the addon", building, "-i", layout.ADDON)
        for line in own_complaints(log):
            say(f"  {line}")
        with locked("copy"):
            rename(building, name)
            mark(name, f"{base} {fingerprint}")
    return name


@contextlib.contextmanager
def temporary_copy(source, purpose):
    """A copy of one's own for the length of one run, whatever else runs beside it."""
    _drop_leftovers(purpose)
    name = name_for(f"{purpose}_{os.getpid()}")
    with locked("copy"):
        clone(source, name)
    try:
        yield name
    finally:
        drop(name)


def _drop_leftovers(purpose):
    """Copies whose run was killed before it could drop them."""
    prefix = name_for(f"{purpose}_")
    names = postgres.query(f"SELECT datname FROM pg_database WHERE datname ~ '^{prefix}[0-9]+$'")
    for name in names.split():
        if not os.path.exists(f"/proc/{name.removeprefix(prefix)}"):
            drop(name)


def own_complaints(log_path):
    """Warnings and errors in a log that are ours: by logger or by message."""
    with open(log_path, encoding="utf-8", errors="replace") as log:
        for line in log:
            fields = line.split(" ", 5)  # date, time, process, level, database, the rest
            if len(fields) < 6 or fields[3] not in ("WARNING", "ERROR", "CRITICAL"):
                continue
            text = fields[5].replace(str(layout.ROOT), "").replace(fields[4], "")
            if layout.ADDON in text:
                yield line.rstrip()


def _dependency_key(depends):
    source = odoo_source.ensure()
    inputs = [
        RECIPE,
        odoo_source.version_key(source),
        ",".join(depends),
        layout.LANGUAGES,
        virtual_env.REQUIREMENTS.read_text("utf-8"),
        postgres.query("SHOW server_version_num")[:2],
    ]
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:12]
