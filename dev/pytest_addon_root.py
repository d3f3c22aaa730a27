"""pytest plugin: the repository root *is* the addon.

Gives every module under the root its Odoo name, whatever the checkout directory is called,
builds what pages load before a browser opens them, and lets no test be skipped silently in CI.
pytest.ini loads it; a .pth file in the virtual environment puts this folder on the path.
"""

import os
from pathlib import Path

import _pytest.pathlib
import pytest
from devenv import browser, layout

import odoo.tests
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry

os.environ.setdefault("ODOO_RC", str(layout.WORK / "odoo.conf"))
if str(layout.BIN_DIR) not in os.environ["PATH"].split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([str(layout.BIN_DIR), os.environ["PATH"]])

_original = _pytest.pathlib.resolve_pkg_root_and_module_name


def _resolve_pkg_root_and_module_name(path, *, consider_namespace_packages=False):
    real = Path(path).resolve()
    if real != layout.ROOT and layout.ROOT not in real.parents:
        return _original(path, consider_namespace_packages=consider_namespace_packages)
    parts = list(real.relative_to(layout.ROOT).with_suffix("").parts)
    if parts and parts[-1] == "__init__":
        parts.pop()
    return layout.ADDONS_DIR, ".".join(["odoo.addons", layout.ADDON, *parts])


_pytest.pathlib.resolve_pkg_root_and_module_name = _resolve_pkg_root_and_module_name


@pytest.fixture(scope="session", autouse=True)
def page_assets(request, load_registry):
    """Build scripts and styles of all pages, and keep them, as Odoo does before its own tests.

    Built inside a test they keep other requests of the page waiting, which Odoo refuses after
    20 seconds, and the end of the test throws them away.
    """
    if any(_is_browser_test(item) for item in request.session.items):
        with Registry(odoo.tests.common.get_db_name()).cursor() as cr:
            Environment(cr, SUPERUSER_ID, {})["ir.qweb"]._pregenerate_assets_bundles()


def _is_browser_test(item):
    return item.path.stem.endswith("_tour") and issubclass(item.cls, odoo.tests.HttpCase)


def _refuse_skip(report):
    """A test that could not run has not passed."""
    if browser.is_strict() and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Skipped, which counts as failed in CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    _refuse_skip(report)
    return report
