"""Billing benchmark: obligations due → posted invoices, against Odoo's own batches.

    make bench                       # 200, 1,000 and 3,000 contracts
    make bench ARGS="--sizes 200"

For each size, on the same database and with the same contracts of three lines each:

* floor: plain ``account.move`` batches, created and posted from the same values;
* ours: the billing cron, everything counted (locking, ledger, chatter, commits).

Each way runs in a process of its own, so that peak memory is its own, and both take turns of a
hundred contracts, so that a noisy machine slows both alike. At the end the rows of both are
compared column by column.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from shared.environment import open_environment

BILLING_DATE = date(2026, 3, 1)
TURN = 100
PLANS = 10
TARGETS = {200: 1.5, 1000: 2.0, 3000: 2.0}
MAX_QUERIES = 6
# What identifies a row or an origin, and what only our lines carry, is not compared.
IGNORED_COLUMNS = {
    "id", "move_id", "create_date", "write_date", "create_uid", "write_uid", "move_name",
    "name_placeholder", "sequence_number", "payment_reference", "access_token",
    "aftersales_obligation_id", "aftersales_contract_id", "aftersales_period_start",
    "aftersales_period_end",
}


# -----------------------------------------------------------------------------
# Data
# -----------------------------------------------------------------------------


def seed(env, size):
    """Create ``size`` active contracts of customers of their own, on a handful of plans."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False,
        )
    products = env["product.product"].create([
        {"name": f"Service {number}", "type": "service"} for number in range(3)
    ])
    partners = env["res.partner"].create([{"name": f"Customer {n:05}"} for n in range(size)])
    contracts = env["aftersales.contract"].create([
        {
            "partner_id": partner.id,
            "subject": f"bench {size}",
            "date_start": BILLING_DATE,
            "invoice_action": "post",
            "line_ids": [
                (0, 0, {"product_id": product.id, "quantity": 2, "price_unit": 10.5 + n % PLANS})
                for product in products
            ],
        }
        for n, partner in enumerate(partners)
    ])
    contracts._transition_to("review")
    contracts._transition_to("to_sign")
    contracts.version_id.write({
        "customer_signed_by": "bench", "customer_signed_on": BILLING_DATE,
        "company_signed_by_id": env.uid, "company_signed_on": BILLING_DATE,
    })
    contracts._transition_to("active")
    env.cr.execute("ANALYZE")
    env.cr.commit()


def get_contracts(env, size):
    return env["aftersales.contract"].search([("subject", "=", f"bench {size}")], order="id")


# -----------------------------------------------------------------------------
# The two ways, each in a process of its own; a yield ends a turn
# -----------------------------------------------------------------------------


def bill_plainly(env, size):
    """Create and post the same invoices the way plain code does it well: in batches."""
    contracts = get_contracts(env, size)
    obligations = env["aftersales.obligation"].search([
        ("contract_id", "in", contracts.ids), ("date_planned", "<=", BILLING_DATE),
    ])
    vals_list = [
        strip_keys(contract._prepare_invoice_vals(owed, BILLING_DATE))
        for contract, owed in obligations.grouped("contract_id").items()
    ]
    env.invalidate_all()
    yield []
    for position in range(0, size, TURN):
        moves = env["account.move"].create(vals_list[position:position + TURN])
        moves._post(soft=False)
        env.cr.commit()
        env.invalidate_all()
        yield moves.ids


def strip_keys(vals):
    for _command, _id, line in vals["invoice_line_ids"]:
        for key in [key for key in line if key.startswith("aftersales_")]:
            del line[key]
    return vals


def bill_by_cron(env, size):
    """Run the cron; it goes home when its time is up, here after each turn."""
    type(env["res.company"])._get_aftersales_today = lambda self: BILLING_DATE
    commit_progress = type(env["ir.cron"])._commit_progress
    done = 0

    def commit_turn(cron, processed=0, **kwargs):
        nonlocal done
        commit_progress(cron, processed, **kwargs)
        done += processed
        return done % TURN

    type(env["ir.cron"])._commit_progress = commit_turn
    contract_ids = get_contracts(env, size).ids
    env.invalidate_all()
    yield []
    last_id = 0
    for _turn in range(0, size, TURN):
        env["aftersales.contract"]._cron_bill()
        env.cr.execute("""
            SELECT DISTINCT move_id FROM account_move_line
             WHERE aftersales_contract_id IN %s AND move_id > %s ORDER BY move_id
        """, [tuple(contract_ids), last_id])
        move_ids = [row[0] for row in env.cr.fetchall()]
        last_id = move_ids[-1]
        yield move_ids


def take_turns(env, turns):
    """Work one turn per line of standard input; print the figures of each."""
    next(turns)
    env.cr.commit()  # waits without a snapshot: what the other way does meanwhile is seen
    idle_memory = peak_memory()
    print("ready", flush=True)
    for _line in sys.stdin:
        queries, start = env.cr.sql_log_count, time.perf_counter()
        move_ids = next(turns)
        env.cr.commit()
        print(json.dumps({
            "seconds": time.perf_counter() - start,
            "queries": env.cr.sql_log_count - queries,
            "memory": peak_memory() - idle_memory,
            "moves": move_ids,
        }), flush=True)


def peak_memory():
    """Return the peak resident memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -----------------------------------------------------------------------------
# Proof that both are alike
# -----------------------------------------------------------------------------


def compare(env, floor_ids, our_ids):
    """Raise when a column of an invoice or journal item differs between the two ways.

    :return: the number of journal items compared
    """
    compare_rows(read_invoices(env, floor_ids), read_invoices(env, our_ids))
    return compare_rows(read_items(env, floor_ids), read_items(env, our_ids))


def compare_rows(floor, ours):
    if len(floor) != len(ours):
        raise SystemExit(f"floor has {len(floor)} rows, ours {len(ours)}")
    for row_floor, row_ours in zip(floor, ours, strict=True):
        different = {
            column: (row_floor[column], row_ours[column])
            for column in row_floor
            if column not in IGNORED_COLUMNS and row_floor[column] != row_ours[column]
        }
        if different:
            raise SystemExit(f"rows differ: {different}")
    return len(ours)


def read_invoices(env, move_ids):
    env.cr.execute(
        "SELECT * FROM account_move WHERE id IN %s ORDER BY partner_id", [tuple(move_ids)],
    )
    return [{**row, "name": None} for row in env.cr.dictfetchall()]


def read_items(env, move_ids):
    env.cr.execute("""
        SELECT line.*,
               (SELECT array_agg(account_tax_id ORDER BY 1) FROM account_move_line_account_tax_rel
                 WHERE account_move_line_id = line.id) AS taxes,
               (SELECT array_agg(account_account_tag_id ORDER BY 1)
                  FROM account_account_tag_account_move_line_rel
                 WHERE account_move_line_id = line.id) AS tags
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
         WHERE move.id IN %s
         ORDER BY move.partner_id, line.display_type, line.sequence, line.id
    """, [tuple(move_ids)])
    rows = env.cr.dictfetchall()
    for row in rows:
        if row["display_type"] == "payment_term":
            row["name"] = None  # holds the number of the invoice
    return rows


# -----------------------------------------------------------------------------
# Command line
# -----------------------------------------------------------------------------


class Way:
    """A child process that bills, turn by turn, and what it took so far."""

    def __init__(self, phase, size):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__), "--phase", phase, "--sizes", str(size)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.seconds, self.queries, self.memory, self.moves = 0.0, 0, 0.0, []
        self.process.stdout.readline()

    def take_turn(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        figures = json.loads(self.process.stdout.readline())
        self.seconds += figures["seconds"]
        self.queries += figures["queries"]
        self.memory = figures["memory"]
        self.moves += figures["moves"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(size):
    subprocess.run(
        [sys.executable, Path(__file__), "--phase", "seed", "--sizes", str(size)], check=True,
    )
    floor, ours = Way("floor", size), Way("ours", size)
    for _turn in range(0, size, TURN):
        floor.take_turn()
        ours.take_turn()
    floor.close()
    ours.close()
    return floor, ours


def report(size, floor, ours, items):
    ratio = floor.seconds / ours.seconds
    for name, way in (("floor", floor), ("ours", ours)):
        print(
            f"{size:>6} contracts  {name:<6}{size / way.seconds:8.1f} invoices/s"
            f"{way.queries / size:8.2f} queries/invoice{way.memory:8.0f} MiB"
        )
    target = TARGETS.get(size)
    verdict = "" if target is None else ("ok" if ratio >= target else f"BELOW {target}×")
    queries = "ok" if ours.queries / size <= MAX_QUERIES else f"ABOVE {MAX_QUERIES}"
    print(
        f"{size:>6} contracts  ratio {ratio:.2f}× {verdict}; queries {queries}; "
        f"{items} journal items identical\n", flush=True,
    )


def run_phase(phase, size):
    env = open_environment()
    if phase == "seed":
        seed(env, size)
    else:
        take_turns(env, {"floor": bill_plainly, "ours": bill_by_cron}[phase](env, size))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[200, 1000, 3000], help="multiples of 100",
    )
    parser.add_argument("--phase", choices=["seed", "floor", "ours"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.phase:
        return run_phase(arguments.phase, arguments.sizes[0])
    for size in arguments.sizes:
        floor, ours = measure(size)
        env = open_environment()
        items = compare(env, floor.moves, ours.moves)
        env.cr.close()
        report(size, floor, ours, items)


if __name__ == "__main__":
    main()
