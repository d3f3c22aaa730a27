"""The pinned virtual environments: one for Odoo and its tests, one for the linters."""

import hashlib
import shutil
import sys
from pathlib import Path

from . import layout
from .console import Failure, is_root, run_step

REQUIREMENTS = layout.DEV / "requirements.txt"
LINT_REQUIREMENTS = layout.DEV / "requirements-lint.txt"
POSTGRES_REQUIREMENTS = layout.DEV / "requirements-postgres.txt"
LINT_VENV = layout.WORK / "lint"
POSTGRES_VENV = layout.WORK / "postgres-venv"


def ensure_odoo(python_root):
    """The environment Odoo runs in: it sees Odoo's source and this folder's pytest plugin."""
    ensure(layout.VENV, REQUIREMENTS, "Installing the pinned Python packages")
    path_file = _site_packages(layout.VENV) / "aftersales-dev.pth"
    path_file.write_text(f"{python_root}\n{layout.DEV}\n", "utf-8")
    _link_wkhtmltopdf()


def ensure(venv, requirements, title):
    """Create a virtual environment, anew when its inputs changed; return its bin folder."""
    stamp = venv / "installed"
    key = _key(venv, requirements)
    if stamp.exists() and stamp.read_text() == key and (venv / "bin" / "python").exists():
        return venv / "bin"
    _check_python()
    shutil.rmtree(venv, ignore_errors=True)
    run_step("Creating a virtual environment", [sys.executable, "-m", "venv", venv], "venv")
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check"]
    run_step(title, [*pip, "-r", requirements], f"pip-{venv.name}")
    stamp.write_text(key)
    return venv / "bin"


def _key(venv, requirements):
    """The path counts: the programs in a virtual environment name it."""
    inputs = f"{venv}\n{sys.version}\n{requirements.read_text('utf-8')}"
    return hashlib.sha256(inputs.encode()).hexdigest()


def _check_python():
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise Failure(
            f"Odoo 19 needs Python 3.11 to 3.13 here; this is {sys.version.split()[0]}. "
            "Name another one: make PYTHON=python3.12 ..."
        )
    try:
        import ensurepip  # noqa: F401, PLC0415
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not (is_root() and shutil.which("apt-get")):
            raise Failure(f"Python's venv module is missing. Run: apt install {package}") from None
        run_step(f"Installing {package}", ["apt-get", "install", "-y", package], "apt-venv")


def _site_packages(venv):
    return next(Path(venv, "lib").glob("python3*/site-packages"))


def _link_wkhtmltopdf():
    """Put the patched binary under the name Odoo looks for."""
    packed = layout.VENV / "bin" / "wkhtmltopdf-pack"
    link = layout.BIN_DIR / "wkhtmltopdf"
    layout.BIN_DIR.mkdir(parents=True, exist_ok=True)
    if packed.exists() and not link.is_symlink():
        link.symlink_to("../venv/bin/wkhtmltopdf-pack")
