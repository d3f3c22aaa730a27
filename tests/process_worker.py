"""A process of its own that works on a database, told by the tests what to do and when.

Talks by lines: it prints what it has reached, and waits for a line before it goes on. Never
imported by Odoo; `process_common` starts it.
"""

import argparse
import inspect
import sys
from datetime import timedelta

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command, Datetime
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config


def tell(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait_for_word():
    """Block until the test writes a line."""
    sys.stdin.readline()


def get_today(env):
    return env.company._get_aftersales_today()


# -----------------------------------------------------------------------------
# Seeds
# -----------------------------------------------------------------------------


def create_contracts(env, options, **vals):
    """Create drafts with a monthly line of 100.00."""
    customer = env["res.partner"].create({
        "name": "Northside Clinic", "is_company": True, "email": "office@clinic.example",
    })
    service = env["product.product"].create({
        "name": "Maintenance plan", "type": "service", "list_price": 100.0,
    })
    return env["aftersales.contract"].create([{
        "partner_id": customer.id,
        "line_ids": [Command.create({"product_id": service.id, "price_unit": 100.0})],
        **vals,
    } for _index in range(options.number)])


def activate(contracts):
    """Put drafts into force, signed by both parties."""
    contracts.action_submit()
    contracts.action_approve()
    contracts.version_id.write({
        "customer_signed_by": "Nora Northside", "customer_signed_on": Datetime.now(),
        "company_signed_by_id": contracts.env.uid, "company_signed_on": Datetime.now(),
    })
    contracts.version_id._transition_to("signed")
    contracts._transition_to("active")
    return contracts


def days_ago(env, days):
    """Let it be noon some days ago."""
    return freeze_time(f"{get_today(env) - timedelta(days=days)} 12:00:00")


def seed_billing(env, options):
    """Write contracts that owe two periods each."""
    activate(create_contracts(
        env, options, date_start=get_today(env) - timedelta(days=40), invoice_action="post",
        invoice_offset_days=0,
    ))


def seed_renewal(env, options):
    """Write contracts of which both parties are to be reminded, and which are to be renewed."""
    today = get_today(env)
    activate(create_contracts(
        env, options, date_start=today - timedelta(days=345),
        date_end=today + timedelta(days=20), renewal_mode="auto", renewal_notice_days=30,
        renewal_needs_payment=False,
    ))


def seed_signatures(env, options):
    """Write contracts that the customer was asked to sign ten days ago."""
    contracts = create_contracts(env, options)
    for contract in contracts:
        # Odoo writes on the customer for each mail: over a shared one, processes would wait.
        contract.partner_id = contract.partner_id.copy()
    contracts.action_submit()
    contracts.action_approve()
    with days_ago(env, 10):
        contracts.version_id._note_invitation()


def seed_changes(env, options):
    """Write contracts with an agreed change of price whose day is today."""
    today = get_today(env)
    contracts = activate(create_contracts(env, options, date_start=today - timedelta(days=40)))
    with days_ago(env, 1):
        changes = env["aftersales.contract.change"].create([{
            "contract_id": contract.id, "reason": "The clinic grows.", "date_effective": today,
            "line_ids": [Command.create({
                "kind": "line", "contract_line_id": contract.line_ids.id, "price_unit": 200.0,
            })],
        } for contract in contracts])
        changes.action_submit()
        changes.action_approve()
        for change in changes:
            change._sign_as_customer("Nora Northside", "word")
            change.action_countersign()


def seed_endings(env, options):
    """Write contracts of which a third each is to be suspended, terminated and expired."""
    today = get_today(env)
    contracts = activate(create_contracts(
        env, options, date_start=today - timedelta(days=40),
        date_end=today - timedelta(days=1),
    ))
    third = options.number // 3
    with days_ago(env, 2):
        for contract in contracts[:third]:
            contract._as_agreed(contract).date_end = today + timedelta(days=300)
            contract._suspend({"date_from": today, "policy": "skip", "reason": "Renovation"})
        for contract in contracts[third:2 * third]:
            contract._terminate({
                "date_last": today - timedelta(days=1), "reason": "The clinic closes.",
            })


def seed_checks(env, options):
    """Write equipment whose statutory check is due, of which nobody has been reminded."""
    customer = env["res.partner"].create({"name": "Northside Clinic", "is_company": True})
    env["maintenance.equipment"].create([{
        "name": f"Lift {number}", "customer_id": customer.id, "is_regulated": True,
        "next_statutory_check": get_today(env) + timedelta(days=10),
        "technician_user_id": env.ref("base.user_admin").id,
    } for number in range(options.number)])


def seed_messenger(env, options):
    """Write a connection through which one account has opened a request."""
    messenger = env["aftersales.messenger"].create({"name": "WeChat"})
    messenger._open_request({"reference": "m-0", "user": "nora88", "text": "The pump is loud."})


def seed_requests(env, options):
    """Write requests that were to be answered an hour ago, around the clock."""
    always = env["resource.calendar"].create({
        "name": "Around the clock", "tz": "UTC",
        "attendance_ids": [Command.clear(), *(
            Command.create({
                "name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24,
                "day_period": "morning",
            }) for day in range(7)
        )],
    })
    env.company.aftersales_sla_id = env["aftersales.sla"].create({
        "name": "Gold", "calendar_id": always.id,
        "escalation_user_id": env.ref("base.user_admin").id,
        "target_ids": [Command.create({
            "priority": "3", "response_hours": 1.0, "resolution_hours": 100.0,
        })],
    })
    with freeze_time(Datetime.now() - timedelta(hours=2)):
        env["aftersales.request"].create([
            {"subject": f"The pump of room {index} stands still", "category_id": False}
            for index in range(options.number)
        ])


def seed_resolved(env, options):
    """Write requests that were resolved a month ago, and that nobody has closed."""
    env.company.aftersales_close_days = 7
    with freeze_time(Datetime.now() - timedelta(days=30)):
        seed_requests(env, options)
        requests = env["aftersales.request"].search([])
        requests.resolution = "<p>Bearing replaced.</p>"
        requests._transition_to("resolved")
    requests.watch_on = False


# -----------------------------------------------------------------------------
# Work
# -----------------------------------------------------------------------------


def run_cron(env, options):
    """Run a cron, and tell each commit of work; with --stop-before, stop in open transaction."""
    # A script has no package to be relative to.
    from odoo.addons.aftersales.models.billing import (  # pylint: disable=odoo-addons-relative-import
        aftersales_billing,
    )
    from odoo.addons.base.models.ir_cron import IrCron

    aftersales_billing.CHUNK_SIZE = options.batch
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
    model, method = options.cron.split(":")
    run = getattr(env[model], method)
    in_batches = "batch_size" in inspect.signature(run).parameters
    tell("ready")
    wait_for_word()
    run(**({"batch_size": options.batch} if in_batches else {}))


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


def hear_messages(env, options):
    """Take in the same calls as another process: a new account, a known one, and a message."""
    env.cr.commit()  # pylint: disable=invalid-commit
    tell("ready")
    wait_for_word()

    def open_request(user, reference):
        messenger = env["aftersales.messenger"].search([], limit=1)
        messenger._open_request({"reference": reference, "user": user, "text": "Stuck."})
        env.flush_all()
        env.cr.execute("SELECT pg_sleep(0.3)")  # let the other one catch up

    def add_message():
        messenger = env["aftersales.messenger"].search([], limit=1)
        messenger._add_message(
            messenger._find_request("m-0"),
            {"reference": "m-1", "user": "nora88", "text": "Now it smokes."})
        env.flush_all()
        env.cr.execute("SELECT pg_sleep(0.3)")

    for call in (
        lambda: open_request("new", "n-1"), lambda: open_request("nora88", "n-2"), add_message,
    ):
        retrying(call, env)
        env.cr.commit()  # pylint: disable=invalid-commit


TASKS = {
    "seed_billing": seed_billing,
    "seed_renewal": seed_renewal,
    "seed_signatures": seed_signatures,
    "seed_changes": seed_changes,
    "seed_endings": seed_endings,
    "seed_checks": seed_checks,
    "seed_messenger": seed_messenger,
    "seed_requests": seed_requests,
    "seed_resolved": seed_resolved,
    "cron": run_cron,
    "messages": hear_messages,
    "buttons": press_buttons,
    "hold": hold_contract,
}


def print_nothing():
    """Let reports be an empty print: what they look like is tested elsewhere."""
    # A script has no package to be relative to.
    from odoo.addons.base.models.ir_actions_report import IrActionsReport

    IrActionsReport._render_qweb_pdf = lambda *args, **kwargs: (b"%PDF-1.4", "pdf")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--database", required=True)
    parser.add_argument("--number", type=int, default=6)
    parser.add_argument("--cron", help="model and method of a cron, with a colon between them")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--stop-before", type=int, default=0)
    options, odoo_arguments = parser.parse_known_args()
    config.parse_config([*odoo_arguments, "-d", options.database], setup_logging=True)
    with Registry(options.database).cursor() as cr:
        print_nothing()
        env = api.Environment(cr, SUPERUSER_ID, {})
        TASKS[options.task](env, options)
        env.cr.commit()  # pylint: disable=invalid-commit
    tell("done")


if __name__ == "__main__":
    main()
