"""The linters, on a copy of the files in a folder of the addon's name.

At the root of a checkout with another name oca-checks-odoo-module finds nothing and says so
to nobody.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import layout, virtual_env
from .console import say

# Core itself writes the first two; our README is Markdown.
TASTE = "xml-header-wrong,xml-field-numeric-without-eval,prefer-readme-rst"
LEFT_OUT = shutil.ignore_patterns(".git", ".odoo", "__pycache__", "node_modules", ".*_cache")


def run():
    virtual_env.ensure(
        virtual_env.LINT_VENV, virtual_env.LINT_REQUIREMENTS, "Installing the linters"
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / layout.ADDON
        shutil.copytree(layout.ROOT, copy, ignore=LEFT_OUT)
        failed = [name for name, *command in _checks(copy) if not _passes(name, command, copy)]
    say(f"Lint: {', '.join(failed)} found something." if failed else "Lint: all clean.")
    return 1 if failed else 0


def _checks(copy):
    yield "ruff", "ruff", "check", "--no-cache", "."
    yield "pylint-odoo", "pylint", "--rcfile=.pylintrc", "."
    yield "oca-checks-odoo-module", "oca-checks-odoo-module", f"--disable={TASTE}", str(copy)
    translations = sorted(copy.glob("i18n/*.po*"))
    if translations:
        yield "oca-checks-po", "oca-checks-po", *map(str, translations)


def _passes(name, command, copy):
    say(f"* {name}")
    path = f"{virtual_env.LINT_VENV / 'bin'}:{os.environ['PATH']}"
    result = subprocess.run(
        command, cwd=copy, env={**os.environ, "PATH": path}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )
    if result.stdout.strip():
        say(result.stdout.replace(f"{copy}/", "").replace(f"{str(copy)[1:]}/", "").rstrip())
    return result.returncode == 0
