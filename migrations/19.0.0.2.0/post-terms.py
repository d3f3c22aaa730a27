"""Give contracts that were in force before there were terms their first one."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    env["aftersales.contract"].search([
        ("state", "in", ("active", "suspended", "expired")), ("term_ids", "=", False),
    ])._begin_first_term()
