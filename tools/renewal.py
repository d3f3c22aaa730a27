"""Terms of a contract and the days that follow from them, without any database.

Every day of notice is counted from the end of the term under way, never from the first one. A
term ends on its last covered day.
"""

from datetime import date, timedelta
from typing import NamedTuple

from .periods import ONE_DAY, add_months

# Days (Chinese e-commerce rules, C12) by which a consumer is reminded at least.
MIN_CONSUMER_NOTICE = 5
# Days between the reminder of the customer and the last day to object, when no step gives more.
TIME_TO_THINK = 14


class Term(NamedTuple):
    """A term of a contract; both days are covered."""

    start: date
    end: date


def next_term(starts, last_day, months):
    """Return the term of ``months`` that follows ``last_day``.

    Its end is counted from the first known start on whose monthly grid it begins, so that a
    contract of 31 January keeps its day after a short month.

    :param starts: first days of the terms so far, in the order of time
    :raises ValueError: a term of less than one month
    """
    if months < 1:
        raise ValueError("a term lasts at least one month")
    first = last_day + ONE_DAY
    for start in starts:
        elapsed = (first.year - start.year) * 12 + first.month - start.month
        if elapsed >= 0 and add_months(start, elapsed) == first:
            return Term(first, add_months(start, elapsed + months) - ONE_DAY)
    return Term(first, add_months(first, months) - ONE_DAY)


def notice_deadline(last_day, notice_days):
    """Return the last day on which a notice is still at least ``notice_days`` before the end."""
    return last_day - timedelta(days=notice_days)


def consumer_notice_deadline(last_day, notice_days):
    """Return the last day for the reminder without which a consumer's contract cannot renew."""
    return notice_deadline(last_day, max(MIN_CONSUMER_NOTICE, notice_days))


def effective_steps(steps, notice_days=None):
    """Return the reminder steps; with ``notice_days`` the customer hears before that deadline.

    :param steps: pairs of days before the end and audience
    :param notice_days: of a contract that renews by itself, else None
    """
    steps = set(steps)
    if notice_days is not None and not any(
        audience == "customer" and days > notice_days for days, audience in steps
    ):
        steps.add((notice_days + TIME_TO_THINK, "customer"))
    return steps


def waiting_steps(steps, sent):
    """Return the steps that are still to come after those ``sent``.

    A step that was missed is covered by any later one for the same audience.

    :param sent: pairs of days before the end and audience
    """
    latest = {}
    for days, audience in sent:
        latest[audience] = min(days, latest.get(audience, days))
    return {
        (days, audience) for days, audience in steps
        if audience not in latest or days < latest[audience]
    }


def next_reminder(steps, sent, last_day):
    """Return the day of the next reminder, which may have passed; None when all were sent."""
    waiting = waiting_steps(steps, sent)
    return min((notice_deadline(last_day, days) for days, _audience in waiting), default=None)


def due_steps(steps, sent, last_day, today):
    """Return the steps to send today: of several missed ones only the latest of each audience."""
    due = {}
    for days, audience in waiting_steps(steps, sent):
        if notice_deadline(last_day, days) <= today:
            due[audience] = min(days, due.get(audience, days))
    return {(days, audience) for audience, days in due.items()}
