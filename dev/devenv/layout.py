"""Where everything lies, and which files are the addon."""

import ast
import hashlib
import os
from pathlib import Path

ADDON = "aftersales"
ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"
WORK = ROOT / ".odoo"
LOGS = WORK / "log"
DATA_DIR = WORK / "data"
ADDONS_DIR = WORK / "addons"
BIN_DIR = WORK / "bin"
VENV = WORK / "venv"
VENV_PYTHON = VENV / "bin" / "python"
CACHE = Path(
    os.environ.get("AFTERSALES_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / ADDON
)

LANGUAGES = "en_US,zh_CN,zh_TW"  # the first becomes the default of every new partner
NOT_ADDON_DIRS = {"dev", "benchmarks", "docs", "build", "dist", "node_modules", "__pycache__"}
ADDON_FILES = {"README.md", "CHANGELOG.md", "LICENSE"}


def addon_parts():
    """Top-level entries that belong to the addon: not the environment around it."""
    for entry in sorted(ROOT.iterdir()):
        if entry.name.startswith(".") or entry.name.endswith(".egg-info"):
            continue
        if entry.is_dir() and entry.name not in NOT_ADDON_DIRS:
            yield entry
        elif entry.suffix == ".py" or entry.name in ADDON_FILES:
            yield entry


def link_addon():
    """Expose the addon under its technical name.

    A real directory with one link per part: a single link to the root would contain itself,
    and Odoo's file walkers follow links.
    """
    target = ADDONS_DIR / ADDON
    target.mkdir(parents=True, exist_ok=True)
    wanted = {part.name: f"../../../{part.name}" for part in addon_parts()}
    for link in target.iterdir():
        if link.is_symlink() and link.name not in wanted:
            link.unlink()
    for name, source in wanted.items():
        if not (target / name).is_symlink():
            (target / name).symlink_to(source)


def manifest_depends(folder=ROOT):
    return sorted(ast.literal_eval((folder / "__manifest__.py").read_text("utf-8"))["depends"])


def addon_fingerprint(*, demo):
    """Digest of the files that an installed database depends on."""
    skipped = {"tests"} if demo else {"tests", "demo"}
    digest = hashlib.sha256()
    for part in addon_parts():
        if part.name in skipped or part.name in ADDON_FILES:
            continue
        for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
