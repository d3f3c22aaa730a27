"""What every benchmark starts with."""

import os
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]


def open_environment():
    """Return an environment of the super-user in the database that ODOO_RC names."""
    # Python looks beside a script first: requests.py is no library of that name.
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != BENCHMARKS]

    import odoo.tools
    from odoo import api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", os.environ["ODOO_RC"], "--log-level=error"])
    database = odoo.tools.config["db_name"]
    database = database[0] if isinstance(database, list) else database
    return api.Environment(Registry(database).cursor(), odoo.SUPERUSER_ID, {})
