"""What every benchmark starts with."""

import os


def open_environment():
    """Return an environment of the super-user in the database that ODOO_RC names."""
    import odoo.tools
    from odoo import api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", os.environ["ODOO_RC"], "--log-level=error"])
    database = odoo.tools.config["db_name"]
    database = database[0] if isinstance(database, list) else database
    return api.Environment(Registry(database).cursor(), odoo.SUPERUSER_ID, {})
