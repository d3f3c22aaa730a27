"""Coverage benchmark: who pays for 10,000 charges, decided for many jobs at once.

    make bench ARGS="coverage"
    make bench ARGS="coverage --sizes 1000"

On one database with a contract for every two units and five charges a job, with mixed cover
(warranty, serial number, product, category, everything; quotas and exclusions), it times

* floor: Odoo reading the same charges and jobs, with nothing decided;
* singly: the engine asked job by job, as a loop would do it;
* ours: the engine asked for all jobs at once, every decision and its sentence made;
* stored: the same, written as rows that stay on record, with the amounts of charges and
  statements that follow from them.

It fails when the decision of all takes more than 60 queries, when storing takes more than 60
for each thousand charges, or when fewer than 5,000 charges a second are decided at the largest
size.
"""

import argparse
import sys
import time
from datetime import date

from shared.environment import open_environment

DAY = date(2026, 3, 1)
CHARGES_PER_JOB = 5
JOBS_SINGLY = 100
MAX_QUERIES = 60
MAX_STORING_QUERIES = 60  # per thousand charges: the ORM writes a hundred rows at a time
MIN_RATE = 5000


# -----------------------------------------------------------------------------
# Data
# -----------------------------------------------------------------------------


def seed(env, charges):
    """Create jobs with ``charges`` charges in all; return their statements."""
    jobs = charges // CHARGES_PER_JOB
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False,
        )
    env = env["base"].with_context(tracking_disable=True, mail_create_nolog=True).env
    category = env["product.category"].create({"name": "Machines"})
    machine = env["product.product"].create({
        "name": "Machine", "is_storable": True, "tracking": "serial", "categ_id": category.id,
    })
    part, wear = env["product.product"].create([
        {"name": "Valve"}, {"name": "Belt", "aftersales_is_wear_part": True},
    ])
    cause = env["aftersales.failure.code"].create({"code": f"BENCH{charges}", "name": "Overload"})
    partners = env["res.partner"].create([
        {"name": f"Customer {n:05}"} for n in range(jobs // 2)
    ])
    lots = env["stock.lot"].create([
        {"name": f"M-{n:06}", "product_id": machine.id, "company_id": company.id}
        for n in range(jobs)
    ])
    lots[::4].write({
        "aftersales_warranty_start": date(2025, 6, 1), "aftersales_warranty_end": date(2026, 5, 31),
    })
    equipment = env["maintenance.equipment"].create([
        {"name": f"Machine {n:06}", "customer_id": partners[n // 2].id, "company_id": company.id,
         "product_id": machine.id, "lot_id": lot.id}
        for n, lot in enumerate(lots)
    ])
    create_contracts(env, partners, equipment, machine, category, cause)
    statements = create_statements(env, equipment, part, wear, cause)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return statements


def create_contracts(env, partners, equipment, machine, category, cause):
    scopes = [
        lambda n: {"scope_type": "equipment", "equipment_id": equipment[2 * n].id},
        lambda n: {"scope_type": "lot", "lot_id": equipment[2 * n].lot_id.id},
        lambda n: {"scope_type": "product", "covered_product_id": machine.id},
        lambda n: {"scope_type": "category", "covered_category_id": category.id},
        lambda n: {"scope_type": "all"},
    ]
    contracts = env["aftersales.contract"].create([
        {
            "partner_id": partner.id, "date_start": date(2026, 1, 1),
            "date_end": date(2026, 12, 31),
            "line_ids": [
                (0, 0, {
                    "name": "Cover", "cover_parts": 80.0, "cover_labour": 100.0,
                    "quota_hours": 10.0 if n % 2 else 0.0,
                    "excluded_cause_ids": [(6, 0, cause.ids)], **scopes[n % 5](n),
                }),
                (0, 0, {"name": "All", "cover_travel": 50.0, **scopes[4](n)}),
            ],
        }
        for n, partner in enumerate(partners)
    ])
    contracts._transition_to("review")
    contracts._transition_to("to_sign")
    contracts.version_id.write({
        "customer_signed_by": "bench", "customer_signed_on": DAY,
        "company_signed_by_id": env.uid, "company_signed_on": DAY,
    })
    contracts._transition_to("active")


def create_statements(env, equipment, part, wear, cause):
    hour = env.ref("uom.product_uom_hour")
    charges = [
        {"kind": "part", "name": "Valve", "product_id": part.id, "price_unit": 120.0},
        {"kind": "part", "name": "Belt", "product_id": wear.id, "price_unit": 18.0},
        {"kind": "labour", "name": "Labour", "product_uom_id": hour.id, "quantity": 2.5,
         "price_unit": 80.0},
        {"kind": "travel", "name": "Travel", "price_unit": 45.0},
        {"kind": "other", "name": "Disposal", "price_unit": 12.0},
    ]
    return env["aftersales.statement"].create([
        {
            "partner_id": unit.customer_id.id, "equipment_id": unit.id,
            "product_id": unit.product_id.id, "lot_id": unit.lot_id.id,
            "date": "2026-03-01 09:00:00", "cause_code_id": cause.id if n % 10 == 0 else False,
            "charge_ids": [
                (0, 0, {**vals, "amount_gross": vals["price_unit"] * vals.get("quantity", 1.0)})
                for vals in charges
            ],
        }
        for n, unit in enumerate(equipment)
    ])


# -----------------------------------------------------------------------------
# Measuring
# -----------------------------------------------------------------------------


def timed(env, work):
    """Run ``work`` with cold caches; return seconds, queries and what it returned."""
    env.flush_all()
    env.invalidate_all()
    queries, begin = env.cr.sql_log_count, time.perf_counter()
    result = work()
    env.flush_all()
    return time.perf_counter() - begin, env.cr.sql_log_count - queries, result


def read_all(env, statements):
    statements.read(["partner_id", "equipment_id", "product_id", "lot_id", "date", "kind"])
    return statements.charge_ids.read(
        ["kind", "product_id", "quantity", "product_uom_id", "amount_gross"], load=None)


def report(name, count, seconds, queries):
    print(f"  {name:<8} {count:>7} charges {seconds:8.2f} s {count / seconds:>9.0f}/s "
          f"{queries:>6} queries")
    return count / seconds


def measure(env, size):
    statements = seed(env, size)
    engine = env["aftersales.coverage"].sudo()
    few = statements[:JOBS_SINGLY]
    engine._decide(few[:1])  # translations and settings are read once
    print(f"{len(statements.charge_ids)} charges, {len(statements)} units, "
          f"{len(statements.partner_id)} contracts")
    seconds, queries, _rows = timed(env, lambda: read_all(env, statements))
    report("floor", size, seconds, queries)
    seconds, queries, _done = timed(env, lambda: [engine._decide(one) for one in few])
    report("singly", len(few) * CHARGES_PER_JOB, seconds, queries)
    seconds, queries, decisions = timed(env, lambda: engine._decide(statements))
    rate = report("ours", size, seconds, queries)
    seconds, stored_queries, _changed = timed(
        env, lambda: engine._decide_statements(statements))
    report("stored", size, seconds, stored_queries)
    rules = {}
    for shares in decisions.values():
        for share in shares:
            rules[share["rule"]] = rules.get(share["rule"], 0) + 1
    print("  shares by rule:", ", ".join(f"{rule} {n}" for rule, n in sorted(rules.items())))
    return rate, queries, 1000 * (stored_queries - queries) / size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10000], help="charges; multiples of 10",
    )
    arguments = parser.parse_args()
    failed = False
    for size in arguments.sizes:
        env = open_environment()
        with env.cr:
            rate, queries, storing = measure(env, size)
        is_slow = size >= max(arguments.sizes) and rate < MIN_RATE
        if queries > MAX_QUERIES or storing > MAX_STORING_QUERIES or is_slow:
            print(f"  FAILED: at most {MAX_QUERIES} queries, {MAX_STORING_QUERIES} to store a "
                  f"thousand, and {MIN_RATE} charges/s wanted")
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
