"""The template of all terms, and the translations brought in line with it."""

import subprocess

from . import databases, environment, layout
from .console import run_step

FOLDER = layout.ROOT / "i18n"
TEMPLATE = FOLDER / f"{layout.ADDON}.pot"


def run():
    environment.ensure()
    FOLDER.mkdir(exist_ok=True)
    source = databases.installed(demo=False, purpose="test")
    with databases.temporary_copy(source, "pot") as name:
        export = databases.odoo_command("i18n", "export")
        command = [*export, "-d", name, "-o", TEMPLATE, layout.ADDON]
        run_step("Exporting the terms", command, "pot", env=databases.odoo_environment())
    merge = [layout.VENV_PYTHON, layout.DEV / "merge_translations.py", TEMPLATE]
    return subprocess.run([*merge, *sorted(FOLDER.glob("*.po"))]).returncode
