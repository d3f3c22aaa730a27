"""Clock benchmark: deadlines of 10,000 requests, against Odoo's own calendar one by one.

    make bench ARGS="sla"
    make bench ARGS="sla --size 2000"

In one run, over the same moments and hours of a calendar with holidays, it times

* core: ``resource.calendar.plan_hours``, called for each request;
* ours: a table of working time, asked for each request.

It fails when a deadline differs by a second, or when ours is not 30 times as fast.
"""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta

from shared.environment import open_environment

BEGIN = datetime(2026, 1, 5, 0, 0)
HOURS = (0.25, 1, 4, 8, 24, 72)
MIN_FACTOR = 30


def seed(env):
    """Create office hours of Berlin with a holiday in each month."""
    calendar = env["resource.calendar"].create({
        "name": "Office hours", "tz": "Europe/Berlin", "company_id": env.company.id,
        "attendance_ids": [(5, 0, 0), *(
            (0, 0, {
                "name": str(day), "dayofweek": str(day), "hour_from": start, "hour_to": end,
                "day_period": period,
            }) for day in range(5)
            for start, end, period in ((8, 12, "morning"), (13, 17, "afternoon"))
        )],
    })
    env["resource.calendar.leaves"].create([{
        "name": "Holiday", "calendar_id": calendar.id, "company_id": env.company.id,
        "date_from": datetime(2026, month, 14), "date_to": datetime(2026, month, 14, 23, 59, 59),
    } for month in range(1, 13)])
    return calendar


def plan_by_core(calendar, jobs):
    return [
        round(calendar.plan_hours(hours, moment.replace(tzinfo=UTC), compute_leaves=True)
              .timestamp())
        for moment, hours in jobs
    ]


def plan_by_table(env, calendar, jobs):
    clock = env["aftersales.sla.clock"]
    table = clock._get_table(calendar, False, min(moment for moment, _hours in jobs))
    return [
        table.plan(clock._to_moment(moment), round(hours * 3600)) for moment, hours in jobs
    ]


def timed(work, *args):
    begin = time.perf_counter()
    result = work(*args)
    return time.perf_counter() - begin, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10000, help="requests")
    size = parser.parse_args().size
    env = open_environment()
    with env.cr:
        calendar = seed(env)
        jobs = [
            (BEGIN + timedelta(minutes=37 * n % 400000), HOURS[n % len(HOURS)])
            for n in range(size)
        ]
        env.flush_all()
        core_seconds, expected = timed(plan_by_core, calendar, jobs)
        our_seconds, planned = timed(plan_by_table, env, calendar, jobs)
        env.cr.rollback()
    differing = sum(core != ours for core, ours in zip(expected, planned, strict=True))
    factor = core_seconds / our_seconds
    print(f"{size} deadlines: core {core_seconds:.2f} s, ours {our_seconds:.2f} s, "
          f"{factor:.0f} times as fast, {differing} differ")
    if differing or factor < MIN_FACTOR:
        print(f"  FAILED: none may differ, {MIN_FACTOR} times as fast wanted")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
