"""Chromium, CJK fonts and wkhtmltopdf: what browser and PDF tests need."""

import os
import shutil
import subprocess

from . import layout
from .console import Failure, is_root, run_step, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT_PACKAGE = "fonts-noto-cjk"
PDF_LIBRARIES = ("libxrender1", "libxext6", "libx11-6", "libfontconfig1", "libfreetype6")


def ensure_for_tests():
    """Install what root may install; report clearly what is still missing."""
    missing = _missing_packages()
    if missing and is_root() and shutil.which("apt-get"):
        _apt_install(missing)
        missing = _missing_packages()
    if not missing:
        return
    advice = f"Missing for browser and PDF tests. Run: sudo apt install {' '.join(missing)}"
    if is_strict():
        raise Failure(advice)
    say(f"{advice}\nWithout them such tests are skipped.")


def is_strict():
    """In CI a test that could not run is a failure."""
    return bool(os.environ.get("CI") or os.environ.get("AFTERSALES_STRICT"))


def _missing_packages():
    missing = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    if not _has_cjk_font():
        missing.append(FONT_PACKAGE)
    if not _pdf_program_runs():
        missing += PDF_LIBRARIES if (layout.BIN_DIR / "wkhtmltopdf").exists() else ["wkhtmltopdf"]
    return missing


def _has_cjk_font():
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True).stdout)


def _pdf_program_runs():
    own = layout.BIN_DIR / "wkhtmltopdf"
    program = str(own) if own.exists() else shutil.which("wkhtmltopdf")
    if not program:
        return False
    return subprocess.run([program, "--version"], capture_output=True).returncode == 0


def _apt_install(packages):
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    names = [*packages, "fontconfig"]
    run_step("Updating apt's lists", ["apt-get", "update"], "apt-update", env=env)
    command = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    run_step(f"Installing {' '.join(packages)}", command, "apt-install", env=env)
