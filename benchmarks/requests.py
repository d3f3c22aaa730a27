"""Request benchmark: creating requests, the desk among many, and the watch.

    make bench ARGS="requests"
    make bench ARGS="requests --few 1000 --many 20000"

It creates requests with a service level in batches, opens the agents' list (its first page,
sorted by what is due next) among few requests and among many more that have ended, and runs the
watch on a small and a large batch. It fails when creating takes more than 8 queries a request,
when the list among many takes more than twice the time of that among few, or when the watch takes
more queries for more than Odoo's inserts of a hundred rows each.
"""

import argparse
import sys
import time

from shared.environment import open_environment

from odoo.tools import SQL

BATCH = 1000
PAGE = 80
REPEATS = 5
MAX_QUERIES = 8
ORDER = "next_due, priority, id desc"
# Tables that the watch writes; Odoo writes a hundred rows with one query.
WATCHED_TABLES = 4
FIELDS = ("name", "subject", "commercial_partner_id", "priority", "next_due", "user_id", "state")


def seed(env):
    calendar = env["resource.calendar"].create({
        "name": "Always", "tz": "UTC", "company_id": env.company.id,
        "attendance_ids": [(5, 0, 0), *(
            (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24,
                    "day_period": "morning"}) for day in range(7)
        )],
    })
    env.company.aftersales_sla_id = env["aftersales.sla"].create({
        "name": "Gold", "calendar_id": calendar.id, "company_id": env.company.id,
        "target_ids": [(0, 0, {
            "priority": priority, "response_hours": 4, "resolution_hours": 24, "update_hours": 8,
        }) for priority in "1234"],
    })
    return env["res.partner"].create([{"name": f"Customer {n:04}"} for n in range(100)])


def create(env, partners, number):
    """Create requests in batches; return queries a request."""
    model = env["aftersales.request"].with_context(tracking_disable=True, mail_create_nolog=True)
    before = env.cr.sql_log_count
    for start in range(0, number, BATCH):
        model.create([{
            "subject": f"Fault {n}", "partner_id": partners[n % len(partners)].id,
            "impact": "123"[n % 3], "urgency": "123"[n // 3 % 3],
        } for n in range(start, min(start + BATCH, number))])
        env.flush_all()
        env.invalidate_all()
    queries = (env.cr.sql_log_count - before) / number
    env.cr.execute("ANALYZE")
    return queries


def add_ended(env, number):
    """Add requests that have ended, as copies by the database."""
    names = [
        name for name, field in env["aftersales.request"]._fields.items()
        if field.store and field.column_type and name not in ("id", "state", "is_open", "next_due")
    ]
    columns = SQL(", ").join(SQL.identifier(name) for name in names)
    env.cr.execute(SQL(
        "INSERT INTO aftersales_request (state, is_open, %s) "
        "SELECT 'closed', FALSE, %s FROM aftersales_request, "
        "generate_series(1, %s / (SELECT count(*) FROM aftersales_request) + 1) LIMIT %s",
        columns, columns, number, number,
    ))
    env.cr.execute("ANALYZE")


def time_desk(env):
    """Return the best time of the first page of the open requests."""
    best = None
    for _repeat in range(REPEATS):
        env.invalidate_all()
        begin = time.perf_counter()
        env["aftersales.request"].web_search_read(
            [("is_open", "=", True)], {name: {} for name in FIELDS}, limit=PAGE, order=ORDER,
            count_limit=10001,
        )
        seconds = time.perf_counter() - begin
        best = min(seconds, best or seconds)
    return best


def count_watch(env, number):
    requests = env["aftersales.request"].search([], limit=number)
    env.invalidate_all()
    before = env.cr.sql_log_count
    env["aftersales.request.watch"]._watch(requests)
    env.flush_all()
    return env.cr.sql_log_count - before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=200000)
    options = parser.parse_args()
    env = open_environment()
    with env.cr:
        partners = seed(env)
        queries = create(env, partners, options.few)
        few = time_desk(env)
        watches = [count_watch(env, number) for number in (50, 500)]
        add_ended(env, options.many - options.few)
        many = time_desk(env)
        env.cr.rollback()
    print(f"create: {queries:.2f} queries a request")
    print(f"desk: {few * 1000:.1f} ms among {options.few}, {many * 1000:.1f} ms among "
          f"{options.many}")
    print(f"watch: {watches[0]} queries for 50, {watches[1]} for 500")
    if queries > MAX_QUERIES or many > 2 * few or watches[1] > watches[0] + 5 * WATCHED_TABLES:
        print(f"  FAILED: {MAX_QUERIES} queries, twice the time, constant queries wanted")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
