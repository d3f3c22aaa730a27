"""Build backend: OCA's whool, on a copy that holds the addon only and bears its name.

whool packs every file git knows, and takes the addon's name from the folder's.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from devenv import layout
from whool import buildapi


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    wheel_directory = os.path.abspath(wheel_directory)
    with _addon_copy():
        return buildapi.build_wheel(wheel_directory, config_settings)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    metadata_directory = os.path.abspath(metadata_directory)
    with _addon_copy():
        return buildapi.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


@contextlib.contextmanager
def _addon_copy():
    """A folder named as the addon is the current one."""
    origin = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / layout.ADDON
        target.mkdir()
        shutil.copy(layout.ROOT / "pyproject.toml", target)
        for part in layout.addon_parts():
            if part.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(part, target / part.name, ignore=ignored)
            else:
                shutil.copy(part, target)
        os.chdir(target)
        try:
            yield
        finally:
            os.chdir(origin)
