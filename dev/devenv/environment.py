"""The whole set-up in its order; quick when there is nothing to do."""

from . import databases, layout, odoo_source, postgres, virtual_env
from .console import Failure, locked


def ensure():
    if not (layout.ROOT / "__manifest__.py").exists():
        raise Failure(f"{layout.ROOT} is not the addon: __manifest__.py is missing.")
    with locked("environment"):
        python_root = odoo_source.ensure()
        virtual_env.ensure_odoo(python_root)
        layout.link_addon()
        postgres.ensure()
        layout.DATA_DIR.mkdir(exist_ok=True)
        databases.FILESTORE.mkdir(exist_ok=True)
        write_config(databases.CONFIG, python_root, databases.name_for("demo"))


def write_config(path, python_root, database, addons_dir=layout.ADDONS_DIR):
    """One Odoo configuration; the password of a user's own server stays in its environment."""
    server = postgres.environment()
    addons_path = odoo_source.addons_path(python_root, addons_dir)
    path.write_text(
        f"""\
[options]
addons_path = {addons_path}
data_dir = {layout.DATA_DIR}
db_host = {server["PGHOST"]}
db_port = {server["PGPORT"]}
db_user = {server["PGUSER"]}
db_name = {database}
dbfilter = ^{database}$
list_db = False
""",
        "utf-8",
    )
