"""Count no more the annual value of lines and contracts that are over."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for name in ("aftersales.contract.line", "aftersales.contract"):
        model = env[name]
        env.add_to_compute(model._fields["amount_annual"], model.search([]))
    env.flush_all()
