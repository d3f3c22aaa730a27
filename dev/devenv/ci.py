"""Continuous integration: the checks in order, the tests last so that their line closes it."""

import os
import shutil
import subprocess

from . import databases, environment, layout, lint, odoo_source, postgres, tests
from .console import Failure, say

PREVIOUS = layout.WORK / "previous"
UPGRADE_FROM = os.environ.get("UPGRADE_FROM", "HEAD~1")


def run():
    was_running = postgres.is_running()
    try:
        steps = {
            "lint": lint.run,
            "installation with demo data": _install_with_demo,
            "upgrade": _upgrade_from_previous,
            "tests": lambda: tests.run([]),
        }
        failed = [name for name, step in steps.items() if not _passes(name, step)]
    finally:
        if not was_running:
            postgres.stop()
    if failed:
        say(f"CI failed: {', '.join(failed)}.")
    return 1 if failed else 0


def _passes(name, step):
    say(f"\n=== {name}")
    try:
        return not step()
    except Failure as reason:
        say(str(reason))
        return False


def _install_with_demo():
    environment.ensure()
    template = databases.dependencies(demo=True)
    with databases.temporary_copy(template, "ci") as name:
        log = databases.run_odoo("Installing with demo data", name, "-i", layout.ADDON)
    return _complain(log)


def _upgrade_from_previous():
    """Install the previous commit with demo data, then update it to the present files."""
    if not _export_previous():
        say(f"No earlier version to upgrade from: {UPGRADE_FROM} holds no addon.")
        return 0
    config = layout.WORK / "previous.conf"
    database = databases.name_for("demo")
    environment.write_config(config, odoo_source.ensure(), database, addons_dir=PREVIOUS)
    depends = layout.manifest_depends(PREVIOUS / layout.ADDON)
    template = databases.dependencies(demo=True, depends=depends)
    with databases.temporary_copy(template, "ci") as name:
        install = ("-i", layout.ADDON)
        databases.run_odoo(f"Installing {UPGRADE_FROM}", name, *install, config=config)
        log = databases.run_odoo("Upgrading it to the present", name, "-u", layout.ADDON)
    return _complain(log)


def _export_previous():
    shutil.rmtree(PREVIOUS, ignore_errors=True)
    target = PREVIOUS / layout.ADDON
    target.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "-C", layout.ROOT, "archive", UPGRADE_FROM], capture_output=True
    )
    if archive.returncode:
        return False
    subprocess.run(["tar", "x", "-C", target], input=archive.stdout, check=True)
    return (target / "__manifest__.py").exists()


def _complain(log):
    complaints = list(databases.own_complaints(log))
    for line in complaints:
        say(line)
    return len(complaints)
