"""A process of its own that bills on a database, told by the tests what to do and when.

Talks by lines: it prints what it has reached, and waits for a line before it goes on. Never
imported by Odoo; `test_billing_processes` starts it.
"""

import argparse
import sys
from datetime import timedelta

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command, Date, Datetime
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config


def tell(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait_for_word():
    """Block until the test writes a line."""
    sys.stdin.readline()


def seed(env, options):
    """Write contracts that owe two periods each, and commit them."""
    customer = env["res.partner"].create({"name": "Northside Clinic"})
    service = env["product.product"].create({
        "name": "Maintenance plan", "type": "service", "list_price": 100.0,
    })
    contracts = env["aftersales.contract"].create([{
        "partner_id": customer.id,
        "date_start": Date.context_today(customer) - timedelta(days=40),
        "invoice_action": "post",
        "invoice_offset_days": 0,
        "line_ids": [Command.create({"product_id": service.id, "price_unit": 100.0})],
    } for _index in range(options.number)])
    contracts.action_submit()
    contracts.action_approve()
    contracts.version_id.write({
        "customer_signed_by": customer.name, "customer_signed_on": Datetime.now(),
        "company_signed_by_id": env.uid, "company_signed_on": Datetime.now(),
    })
    contracts._transition_to("active")
    env.cr.commit()  # pylint: disable=invalid-commit


def run_cron(env, options):
    """Bill like the cron, and tell each commit; with --stop-before, stop in open transaction."""
    # A script has no package to be relative to.
    from odoo.addons.aftersales.models.billing import (  # pylint: disable=odoo-addons-relative-import
        aftersales_billing,
    )
    from odoo.addons.base.models.ir_cron import IrCron

    aftersales_billing.CHUNK_SIZE = options.chunk
    commit_progress = IrCron._commit_progress
    commits = 0

    def tell_and_commit(cron, *args, **kwargs):
        nonlocal commits
        commits += 1
        if commits == options.stop_before:
            cron.env.flush_all()
            tell("stopped")
            wait_for_word()
        seconds_left = commit_progress(cron, *args, **kwargs)
        tell("committed")
        return seconds_left

    IrCron._commit_progress = tell_and_commit
    tell("ready")
    wait_for_word()
    env["aftersales.contract"]._cron_bill()


def press_buttons(env, options):
    """Press the button of every contract, each in its own request as the web client does."""
    ids = env["aftersales.contract"].search([("state", "=", "active")]).ids
    env.cr.commit()  # pylint: disable=invalid-commit
    tell("ready")
    wait_for_word()
    for contract_id in reversed(ids):
        def press(contract_id=contract_id):
            env["aftersales.contract"].browse(contract_id).action_bill()

        try:
            retrying(press, env)
        except UserError:
            env.cr.rollback()  # somebody else was faster: nothing is due any more


def hold_contract(env, options):
    """Hold the oldest contract in an open transaction, as a long click does."""
    contract = env["aftersales.contract"].search([("state", "=", "active")], limit=1, order="id")
    contract.lock_for_update()
    tell(f"ready {contract.id}")
    wait_for_word()


TASKS = {"seed": seed, "cron": run_cron, "buttons": press_buttons, "hold": hold_contract}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--database", required=True)
    parser.add_argument("--number", type=int, default=8)
    parser.add_argument("--chunk", type=int, default=2)
    parser.add_argument("--stop-before", type=int, default=0)
    options, odoo_arguments = parser.parse_known_args()
    config.parse_config([*odoo_arguments, "-d", options.database], setup_logging=True)
    with Registry(options.database).cursor() as cr:
        TASKS[options.task](api.Environment(cr, SUPERUSER_ID, {}), options)
    tell("done")


if __name__ == "__main__":
    main()
