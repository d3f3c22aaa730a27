"""The test suite: pytest in a copy of a prepared database."""

import subprocess

from . import browser, databases, environment, layout, odoo_source


def run(arguments):
    """Nothing is printed after pytest's closing line."""
    environment.ensure()
    browser.ensure_for_tests()
    template = databases.installed(demo=False, purpose="test")
    with databases.temporary_copy(template, "test") as name:
        command = [layout.VENV_PYTHON, "-m", "pytest", f"--odoo-database={name}", *arguments]
        return subprocess.run(command, cwd=layout.ROOT, env=_environment_for(name)).returncode


def bench(arguments):
    """Run each benchmark on its own fresh database, told by ODOO_RC; a first word names one."""
    environment.ensure()
    only = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "*"
    template = databases.installed(demo=False, purpose="test")
    for script in sorted((layout.ROOT / "benchmarks").glob(f"{only}.py")):
        with databases.temporary_copy(template, "bench") as name:
            result = _run_script(script, name, arguments)
        if result:
            return result
    return 0


def _run_script(script, database, arguments):
    command = [layout.VENV_PYTHON, script, *arguments]
    return subprocess.run(
        command, cwd=layout.ROOT, env=_environment_for(database)
    ).returncode


def _environment_for(database):
    """Configure Odoo for this database alone; the filter keeps requests off any other."""
    config = layout.WORK / f"{database}.conf"
    environment.write_config(config, odoo_source.ensure(), database)
    return {**databases.odoo_environment(), "ODOO_RC": str(config)}
