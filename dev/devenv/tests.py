"""The test suite: pytest in a copy of a prepared database."""

import subprocess

from . import browser, databases, environment, layout


def run(arguments):
    """Nothing is printed after pytest's closing line."""
    environment.ensure()
    browser.ensure_for_tests()
    template = databases.installed(demo=False, purpose="test")
    with databases.temporary_copy(template, "test") as name:
        command = [layout.VENV_PYTHON, "-m", "pytest", f"--odoo-database={name}", *arguments]
        return subprocess.run(
            command, cwd=layout.ROOT, env=databases.odoo_environment()
        ).returncode


def bench(arguments):
    """Run each benchmark on its own fresh database, told by ODOO_RC and --database."""
    environment.ensure()
    template = databases.installed(demo=False, purpose="test")
    for script in sorted((layout.ROOT / "benchmarks").glob("*.py")):
        with databases.temporary_copy(template, "bench") as name:
            env = {**databases.odoo_environment(), "ODOO_RC": str(databases.CONFIG)}
            command = [layout.VENV_PYTHON, script, "--database", name, *arguments]
            result = subprocess.run(command, cwd=layout.ROOT, env=env).returncode
        if result:
            return result
    return 0
