"""Getting Odoo 19: the user's checkout, an earlier copy, Debian's package, the official branch."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import layout
from .console import Failure, run_step, say

SOURCE = layout.WORK / "odoo"
CACHED = layout.CACHE / "odoo-19"
OFFICIAL_REPOSITORY = os.environ.get("ODOO_GIT", "https://github.com/odoo/odoo.git")
SELFIE_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
SELFIE_PACKAGE = "@mediapipe/selfie_segmentation@0.1.1675465747"


def ensure():
    """Return the folder that holds the `odoo` Python package."""
    if os.environ.get("ODOO_SRC"):
        return _users_checkout(Path(os.environ["ODOO_SRC"]).expanduser().resolve())
    if not _python_root(SOURCE):
        _obtain()
    _add_missing_script(_python_root(SOURCE))
    return _python_root(SOURCE)


def addons_path(python_root, own_addons):
    """Odoo's own addons: one folder in Debian's package, two in a checkout."""
    folders = [python_root / "odoo" / "addons", python_root / "addons", own_addons]
    return ",".join(str(folder) for folder in folders if folder.is_dir())


def version_key(python_root):
    """What tells one Odoo source from another."""
    sums = SOURCE / "SHA256SUMS"
    if python_root == SOURCE / "src" and sums.exists():
        return hashlib.sha256(sums.read_bytes()).hexdigest()
    head = subprocess.run(
        ["git", "-C", str(python_root), "rev-parse", "HEAD"], capture_output=True, text=True
    )
    return head.stdout.strip() or (python_root / "odoo" / "release.py").read_text("utf-8")


def _users_checkout(folder):
    if not (folder / "odoo" / "release.py").exists():
        raise Failure(f"ODOO_SRC={folder} is not an Odoo checkout: odoo/release.py is missing.")
    if "version_info = (19, 0" not in (folder / "odoo" / "release.py").read_text("utf-8"):
        raise Failure(f"ODOO_SRC={folder} is not Odoo 19.0; check out the 19.0 branch there.")
    return folder


def _python_root(folder):
    """The unpacked package keeps it in src/, a clone at its top."""
    for root in (folder / "src", folder):
        if (root / "odoo" / "release.py").exists():
            return root
    return None


def _obtain():
    shutil.rmtree(SOURCE, ignore_errors=True)
    if _python_root(CACHED):
        say("Odoo 19: taking the copy an earlier clone unpacked.")
        _copy(CACHED, SOURCE)
        return
    unfinished = layout.WORK / "odoo.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        _unpack_debian_package(unfinished)
    except Failure as reason:
        say(f"{reason}\nDebian's package is not to be had; trying the official repository.")
        shutil.rmtree(unfinished, ignore_errors=True)
        _clone_official_branch(unfinished)
    unfinished.rename(SOURCE)
    _fill_cache()


def _unpack_debian_package(target):
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Failure("This is not a Debian machine.")
    command = ["bash", layout.DEV / "fetch_odoo.sh", target]
    run_step("Getting Odoo 19 from Debian's odoo-19 package", command, "odoo-source")


def _clone_official_branch(target):
    if not shutil.which("git"):
        raise Failure("Odoo 19 could not be fetched: install git, or set ODOO_SRC to a checkout.")
    command = ["git", "clone", "--depth=1", "--branch=19.0", OFFICIAL_REPOSITORY, target]
    try:
        run_step("Cloning Odoo's 19.0 branch", command, "odoo-source")
    except Failure as reason:
        raise Failure(
            f"{reason}\nOdoo 19 is not to be had from here. Set ODOO_SRC to a 19.0 checkout of "
            "yours, or ODOO_GIT to a mirror of the official repository."
        ) from None


def _fill_cache():
    """Keep a copy for other clones; a cache that cannot be written is no harm."""
    try:
        CACHED.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=CACHED.parent))
        _copy(SOURCE, partial / "odoo")
        if CACHED.exists():
            shutil.rmtree(CACHED)
        (partial / "odoo").rename(CACHED)
        partial.rmdir()
    except (OSError, Failure) as reason:
        say(f"Note: Odoo was not kept in {CACHED} for other clones ({reason}).")


def _copy(source, target):
    """Hard links where the file system allows, else a copy."""
    if subprocess.run(["cp", "-al", source, target], capture_output=True).returncode:
        shutil.rmtree(target, ignore_errors=True)
        if subprocess.run(["cp", "-a", source, target]).returncode:
            raise Failure(f"Could not copy {source} to {target}: is the disk full?")


def _add_missing_script(python_root):
    """Debian leaves one script out that the mail addon still lists; browser tests notice."""
    target = python_root / "odoo" / "addons" / SELFIE_SCRIPT
    if not target.parents[3].is_dir() or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = _script_from_npm() or (
        b"/* Placeholder: Debian's package leaves this video background library out. */\n"
    )
    target.write_bytes(content)


def _script_from_npm():
    if not (shutil.which("npm") and shutil.which("tar")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", SELFIE_PACKAGE], cwd=folder, capture_output=True
        )
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or not archives:
            return None
        subprocess.run(["tar", "xzf", archives[0]], cwd=folder, check=True)
        script = Path(folder) / "package" / "selfie_segmentation.js"
        return script.read_bytes() if script.exists() else None
