"""The house as docs/architecture.md describes it, held together by reading the source."""

import ast
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from lxml import etree

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).resolve().parents[1]

# Who stands on whom. A domain may name models and fields of itself and of those it stands on,
# directly or through others. docs/architecture.md shows the same table.
KNOWLEDGE = {
    "base": (),
    "sla": ("base",),
    "asset": ("base",),
    "contract": ("asset", "sla"),
    "coverage": ("contract",),
    "request": ("coverage",),
    "agreement": ("contract",),
    "billing": ("contract",),
    "ending": ("agreement", "billing"),
    "compliance": ("agreement",),
    "change": ("agreement", "billing", "compliance"),
    "renewal": ("change", "ending"),
    "sale": ("change",),
}
LAYERS = ("models", "wizards", "reports")
MODEL_NAME = re.compile(r"aftersales(\.[a-z_]+)+")
# Fields of higher domains that bear the name of a field of Odoo's own stock and mail models.
CORE_FIELDS = {"move_line_ids", "attachment_ids"}
REPORT = "report.aftersales."  # prefix of the models that prepare a report's values


def known_by(domain):
    """Return the domain and all those it stands on."""
    return {domain}.union(*(known_by(below) for below in KNOWLEDGE[domain]))


class ModelClass:
    """One class statement of a model, read from its source."""

    def __init__(self, source, node):
        self.source = source
        self.fields = set()
        self.name = None
        self.inherit = ()
        for statement in node.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._read(statement.targets[0].id, statement.value)

    def _read(self, target, value):
        if target == "_name":
            self.name = ast.literal_eval(value)
        elif target == "_inherit":
            inherit = ast.literal_eval(value)
            self.inherit = (inherit,) if isinstance(inherit, str) else tuple(inherit)
        elif isinstance(value, ast.Call) and ast.unparse(value.func).startswith("fields."):
            self.fields.add(target)

    @property
    def is_home(self):
        return bool(self.name) and self.name not in self.inherit

    @property
    def model(self):
        """The model this class defines or extends."""
        return self.name or self.inherit[0]


class Source:
    """One Python file of a domain."""

    def __init__(self, path):
        self.path = path
        self.relative = path.relative_to(ROOT).as_posix()
        self.domain = path.parent.name
        self.tree = ast.parse(path.read_text("utf-8"))

    @cached_property
    def classes(self):
        nodes = (node for node in self.tree.body if isinstance(node, ast.ClassDef))
        classes = (ModelClass(self, node) for node in nodes)
        return [model for model in classes if model.name or model.inherit]

    @cached_property
    def strings(self):
        return {
            node.value for node in ast.walk(self.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    @cached_property
    def named_fields(self):
        """Names that may be fields: attributes, keywords, and the words of dotted paths."""
        names = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                names.add(node.arg)
        for text in self.strings:
            if re.fullmatch(r"[a-z_.]+", text) and not MODEL_NAME.fullmatch(text):
                names.update(text.split("."))
        return names

    @cached_property
    def imported_domains(self):
        """Domains whose modules the file imports."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if match := re.match(r"odoo\.addons\.aftersales\.(?:\w+)\.(\w+)", module):
                    yield match[1]
                elif node.level == 2:
                    yield module.split(".")[0]


def read_sources():
    paths = sorted(path for layer in LAYERS for path in (ROOT / layer).glob("*/*.py"))
    return [Source(path) for path in paths if path.name != "__init__.py"]


@tagged("post_install", "-at_install")
class TestArchitecture(BaseCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sources = read_sources()
        cls.classes = [model for source in cls.sources for model in source.classes]
        cls.homes = {model.name: model.source.domain for model in cls.classes if model.is_home}

    # -------------------------------------------------------------------------
    # Who may know whom
    # -------------------------------------------------------------------------

    def test_every_folder_of_a_layer_is_a_known_domain(self):
        for layer in (*LAYERS, "views", "security", "data", "demo", "tests"):
            folders = {
                path.name for path in (ROOT / layer).glob("*/")
                if not path.name.startswith("_") and path.name != "static"
            }
            self.assertLessEqual(folders, set(KNOWLEDGE), f"unknown domain in {layer}/")

    def test_a_domain_names_only_models_of_those_it_stands_on(self):
        for source in self.sources:
            for name in filter(MODEL_NAME.fullmatch, source.strings):
                home = self.homes.get(name)
                if home:
                    self.assertIn(
                        home, known_by(source.domain),
                        f"{source.relative} names {name}, which belongs to {home}",
                    )

    def test_a_domain_names_only_fields_of_those_it_stands_on(self):
        """Fields of a home are out of reach with their model; those of an extension are not."""
        owners = defaultdict(set)
        extending = defaultdict(set)
        for model in self.classes:
            for field in model.fields:
                owners[field].add(model.source.domain)
                if not model.is_home:
                    extending[field].add(model.source.domain)
        for source in self.sources:
            known = known_by(source.domain)
            strangers = {
                name for name in source.named_fields
                if extending[name] and not owners[name] & known
            } - CORE_FIELDS
            self.assertFalse(strangers, f"{source.relative} names fields of a domain above it")

    def test_a_domain_imports_only_modules_of_those_it_stands_on(self):
        for source in self.sources:
            strangers = set(source.imported_domains) & set(KNOWLEDGE) - known_by(source.domain)
            self.assertFalse(strangers, f"{source.relative} imports from a domain above it")

    def test_domains_are_loaded_after_those_they_stand_on(self):
        for layer in LAYERS:
            init = ROOT / layer / "__init__.py"
            if not init.exists():
                continue
            loaded = [
                alias.name for node in ast.parse(init.read_text("utf-8")).body
                if isinstance(node, ast.ImportFrom) for alias in node.names
            ]
            for position, domain in enumerate(loaded):
                below = known_by(domain) & set(loaded) - {domain}
                self.assertLessEqual(below, set(loaded[:position]), f"order of {layer}/")

    def test_tools_know_no_odoo(self):
        for path in (ROOT / "tools").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                modules = []
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    modules = [node.module or ""]
                for module in modules:
                    self.assertNotEqual(module.split(".")[0], "odoo", f"{path} imports {module}")

    # -------------------------------------------------------------------------
    # One home per model, and files that say what is in them
    # -------------------------------------------------------------------------

    def test_every_model_of_ours_has_one_home(self):
        homes = [model.name for model in self.classes if model.is_home]

        self.assertEqual(sorted(homes), sorted(set(homes)))
        for name in homes:
            self.assertRegex(name.removeprefix("report."), MODEL_NAME)

    def test_a_file_is_named_after_its_only_model(self):
        for source in self.sources:
            models = {model.model for model in source.classes}
            self.assertEqual(
                {name.removeprefix(REPORT).replace(".", "_") for name in models},
                {source.path.stem},
                f"{source.relative} should hold one model and bear its name",
            )

    def test_a_higher_domain_says_which_side_of_the_model_it_is(self):
        domains = defaultdict(set)
        for model in self.classes:
            domains[model.model].add(model.source.domain)
        for model in self.classes:
            domain = model.source.domain
            if domains[model.model] & known_by(domain) - {domain}:
                docstring = ast.get_docstring(model.source.tree) or ""
                self.assertTrue(
                    docstring.startswith(f"{domain.capitalize()} side of "),
                    f'{model.source.relative} should begin with "{domain.capitalize()} side of …"',
                )

    def test_every_model_file_is_loaded(self):
        for init in (path for layer in LAYERS for path in (ROOT / layer).glob("*/__init__.py")):
            self._assert_loads_its_files(init, "*.py")

    # -------------------------------------------------------------------------
    # Views
    # -------------------------------------------------------------------------

    def test_no_view_of_ours_inherits_another_view_of_ours(self):
        for path in (ROOT / "views").rglob("*.xml"):
            for field in etree.parse(path).iterfind(".//record/field[@name='inherit_id']"):
                module, dot, _name = field.get("ref", "").partition(".")
                self.assertTrue(
                    dot and module != "aftersales",
                    f"{path.relative_to(ROOT)}: {field.getparent().get('id')} inherits our own "
                    "view; a form of ours lives whole in one file",
                )

    # -------------------------------------------------------------------------
    # Tests
    # -------------------------------------------------------------------------

    def test_test_files_have_globally_unique_names(self):
        """Odoo imports ``from .contract import *``: of two equal names one is lost silently."""
        names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]

        self.assertEqual(sorted(names), sorted(set(names)))

    def test_every_test_file_is_loaded(self):
        for init in (ROOT / "tests").rglob("__init__.py"):
            self._assert_loads_its_files(init, "test_*.py")

    def test_every_test_package_is_loaded(self):
        packages = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
        starred = {
            node.module for node in ast.parse((ROOT / "tests/__init__.py").read_text("utf-8")).body
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        }

        self.assertEqual(starred, packages)

    def _assert_loads_its_files(self, init, pattern):
        files = {path.stem for path in init.parent.glob(pattern)} - {"__init__"}
        loaded = {
            alias.name for node in ast.parse(init.read_text("utf-8")).body
            if isinstance(node, ast.ImportFrom) and not node.module for alias in node.names
        }
        self.assertLessEqual(files, loaded, f"{init.relative_to(ROOT)} does not load all files")
