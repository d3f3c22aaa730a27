"""Lifecycle benchmark: the nightly runs over many contracts.

    make bench                                     # 2,000 contracts
    make bench ARGS="lifecycle --sizes 50000"

The same contracts live through a year of nights, by the crons themselves with all they commit:

* remind: two mails for each contract, handed to the mail queue;
* renew: one more term for each, with twelve months of obligations;
* refresh: states of the register brought to today, obligations filled to the horizon;
* expire: all end.

A batch has to take the same number of queries whatever its size, but for the hundreds of rows in
which Odoo writes: each run is compared with its last batch, which is smaller. The memory of the
process has to stay what it is after its first batches.
"""

import argparse
import resource
import time
from datetime import date, timedelta
from pathlib import Path

from shared.environment import open_environment

FIRST_DAY = date(2025, 3, 1)
LAST_DAY = date(2026, 2, 28)
NOTICE_DAYS = 45
REST = 30  # contracts in the last, smaller batch of each run
# Queries a batch may take for each contract it has more than the smaller one: Odoo writes rows a
# hundred at a time, and a renewal brings twelve. A query for each contract would be one.
GROWTH = 0.3
# MiB by which the process may grow after the first tenth of a run's batches.
MEMORY_GROWTH = 40
DAY = timedelta(days=1)


class Clock:
    """The day all companies think it is."""

    def __init__(self, env):
        self.today = FIRST_DAY
        type(env["res.company"])._get_aftersales_today = lambda company: self.today


# -----------------------------------------------------------------------------
# Data: one contract by the ORM, the others copied from it by the database
# -----------------------------------------------------------------------------


def seed(env, size):
    contract = create_model_contract(env, size)
    env.flush_all()
    copies = "generate_series(2, %s) AS copy"
    offsets = {
        table: get_max(env, table) for table in (
            "res_partner", "aftersales_contract", "aftersales_contract_line",
            "aftersales_contract_term",
        )
    }

    def copied(table, record_id, **replaced):
        columns = get_columns(env, table)
        values = [replaced.get(column, f'source."{column}"') for column in columns]
        env.cr.execute(
            f'INSERT INTO {table} ({", ".join(map(quote, columns))}) '
            f"SELECT {', '.join(values)} FROM {table} AS source, {copies} WHERE source.id = %s",
            [size, record_id],
        )

    def number(table):
        return f"({offsets[table]} + copy)"

    links = {
        "contract_id": number("aftersales_contract"), "partner_id": number("res_partner"),
    }
    copied("res_partner", contract.partner_id.id, id=number("res_partner"),
           commercial_partner_id=number("res_partner"))
    copied("aftersales_contract", contract.id, id=number("aftersales_contract"),
           name="'BENCH' || copy", term_id="NULL", access_token="NULL", version_id="NULL",
           **{name: number("res_partner") for name in (
               "partner_id", "commercial_partner_id", "invoice_partner_id", "site_partner_id")})
    copied("aftersales_contract_line", contract.line_ids.id,
           id=number("aftersales_contract_line"), **links)
    copied("aftersales_contract_term", contract.term_id.id,
           id=number("aftersales_contract_term"), **links)
    for obligation in contract.obligation_ids:
        copied("aftersales_obligation", obligation.id, id="nextval('aftersales_obligation_id_seq')",
               line_id=number("aftersales_contract_line"), **links)
    env.cr.execute("""
        UPDATE aftersales_contract contract SET term_id = term.id
          FROM aftersales_contract_term term WHERE term.contract_id = contract.id
    """)
    for table in offsets:
        env.cr.execute(f"SELECT setval('{table}_id_seq', (SELECT MAX(id) FROM {table}))")
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    env.invalidate_all()


def create_model_contract(env, size):
    """Put one contract into force; it renews by itself and has a line of twelve months."""
    service = env["product.product"].create({"name": "Service", "type": "service"})
    partner = env["res.partner"].create({"name": "Customer", "email": "customer@bench.example"})
    contract = env["aftersales.contract"].create({
        "partner_id": partner.id, "subject": f"bench {size}", "is_consumer": False,
        "date_start": FIRST_DAY, "date_end": LAST_DAY,
        "renewal_mode": "auto", "renewal_notice_days": NOTICE_DAYS,
        "line_ids": [(0, 0, {"product_id": service.id, "price_unit": 100.0})],
    })
    contract._transition_to("review")
    contract._transition_to("to_sign")
    contract.version_id.write({
        "customer_signed_by": "bench", "customer_signed_on": FIRST_DAY,
        "company_signed_by_id": env.uid, "company_signed_on": FIRST_DAY,
    })
    contract._transition_to("active")
    return contract


def quote(column):
    return f'"{column}"'


def get_columns(env, table):
    env.cr.execute("""
        SELECT column_name FROM information_schema.columns
         WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
    """, [table])
    return [row[0] for row in env.cr.fetchall()]


def get_max(env, table):
    env.cr.execute(f"SELECT MAX(id) FROM {table}")
    return env.cr.fetchone()[0]


# -----------------------------------------------------------------------------
# Measuring
# -----------------------------------------------------------------------------


class Meter:
    """Counts contracts, queries and memory of each batch the crons commit."""

    def __init__(self, env):
        self.env = env
        self.batches = []
        self.memory = []
        self.queries = env.cr.sql_log_count
        commit_progress = type(env["ir.cron"])._commit_progress

        def commit_and_note(cron, processed=0, **kwargs):
            seconds_left = commit_progress(cron, processed, **kwargs)
            queries = env.cr.sql_log_count
            if processed:
                self.batches.append((processed, queries - self.queries))
                self.memory.append(get_memory())
            env.invalidate_all()
            self.queries = env.cr.sql_log_count
            return seconds_left

        type(env["ir.cron"])._commit_progress = commit_and_note

    def run(self, label, size, work):
        """Do ``work``, print what it took, and complain when queries grow with the batch."""
        self.batches.clear()
        self.memory.clear()
        self.queries = self.env.cr.sql_log_count
        start, start_cpu = time.perf_counter(), time.process_time()
        work()
        seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
        self.env.cr.commit()
        early = self.memory[len(self.memory) // 10]
        print(
            f"{size:>7} contracts  {label:<8}{size / seconds:8.1f}/s {size / cpu:8.1f} per CPU s"
            f"  queries per batch {self._describe()}"
            f"  {early:.0f} → {self.memory[-1]:.0f} MiB", flush=True,
        )
        self._check(label)
        if self.memory[-1] > early + MEMORY_GROWTH:
            raise SystemExit(f"{label}: the process grows with the number of contracts")

    def _describe(self):
        """Name each size of batch and the most queries it took, e.g. ``200: 31, 30: 29``."""
        most = {}
        for processed, queries in self.batches:
            most[processed] = max(queries, most.get(processed, 0))
        return ", ".join(f"{processed}: {most[processed]}" for processed in sorted(most)[::-1])

    def _check(self, label):
        sizes = [processed for processed, _queries in self.batches]
        if not sizes or min(sizes) == max(sizes):
            raise SystemExit(f"{label}: no smaller batch to compare with")
        few = max(queries for processed, queries in self.batches if processed == min(sizes))
        # The first batch also fills the caches of the process.
        for processed, queries in self.batches[1:]:
            if queries > few + GROWTH * (processed - min(sizes)):
                raise SystemExit(
                    f"{label}: {queries} queries for a batch of {processed}, but {few} for one of "
                    f"{min(sizes)}: they grow with the batch",
                )


def get_memory():
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(env, size):
    seed(env, size)
    clock, meter = Clock(env), Meter(env)
    contracts = env["aftersales.contract"]

    clock.today = LAST_DAY - 60 * DAY
    meter.run("remind", size, contracts._cron_renewal)
    clock.today = LAST_DAY - (NOTICE_DAYS - 1) * DAY
    meter.run("renew", size, contracts._cron_renewal)
    clock.today = LAST_DAY + 40 * DAY
    meter.run("refresh", size, contracts._cron_daily)
    env.cr.execute(
        "UPDATE aftersales_contract SET renewal_mode = 'none', renewal_date = NULL"
        " WHERE state = 'active'",
    )
    env.invalidate_all()
    clock.today = LAST_DAY + 366 * DAY
    meter.run("expire", size, contracts._cron_daily)
    check_outcome(env, size)


def check_outcome(env, size):
    """Raise unless every contract was reminded twice, renewed once and has expired."""
    for model, domain, expected in (
        ("aftersales.contract", [("state", "=", "expired")], size),
        ("aftersales.contract.term", [("origin", "=", "renewal")], size),
        ("aftersales.renewal.notice", [], 2 * size),
        ("aftersales.obligation", [], 24 * size),
    ):
        count = env[model].search_count(domain)
        if count != expected:
            raise SystemExit(f"{model}: {count} instead of {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[2000], help="multiples of 200; the largest counts",
    )
    arguments = parser.parse_args()
    env = open_environment()
    measure(env, max(arguments.sizes) + REST)
    env.cr.close()


if __name__ == "__main__":
    main()
