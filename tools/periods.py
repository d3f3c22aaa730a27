"""Anchored recurrence: the calendar of a promise, without any database.

Period *n* is always computed from the anchor (``anchor + n × step``), never from the end of the
period before it, so that 31 January → 28 February → 31 March (billing-case 2). All dates are
calendar days and every period is closed on both sides: ``end`` is the last covered day.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
DAYS = {"day": 1, "week": 7}
ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """Part of a cycle that is really covered.

    ``start``/``end`` are the covered days; ``cycle_start``/``cycle_end`` the whole cycle they
    lie in. A full period covers its whole cycle.
    """

    start: date
    end: date
    cycle_start: date
    cycle_end: date

    @property
    def is_full(self):
        return self.start == self.cycle_start and self.end == self.cycle_end


def add_months(anchor, months):
    """Return ``anchor`` moved by whole months, its day kept or cut to the month's last one."""
    year, month0 = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month0 + 1, min(anchor.day, monthrange(year, month0 + 1)[1]))


def _with_day(day_in_month, day):
    """Return the ``day``-th of the month of ``day_in_month``, cut to the month's last one."""
    return day_in_month.replace(
        day=min(day, monthrange(day_in_month.year, day_in_month.month)[1])
    )


class Recurrence:
    """Cycles of ``interval`` × ``unit`` around an anchor.

    :param str unit: day, week, month, quarter, half_year or year
    :param int interval: number of units in a cycle, at least 1
    :param date start: first day of the promise
    :param str alignment: ``start`` (anniversary), ``day`` (fixed day of the month) or
        ``calendar`` (Monday; first day of the month, quarter, half-year or year)
    :param int day: day of the month (1–31) for alignment ``day``; 29–31 mean the last day
        of shorter months
    :raises ValueError: unknown unit, or interval or day out of range
    """

    def __init__(self, unit, interval, start, alignment="start", day=1):
        if unit not in MONTHS and unit not in DAYS:
            raise ValueError(f"unknown recurrence unit {unit!r}")
        if interval < 1:
            raise ValueError("a recurrence interval is at least 1")
        if not 1 <= day <= 31:
            raise ValueError("a billing day lies between 1 and 31")
        self.months = MONTHS.get(unit, 0) * interval
        self.days = DAYS.get(unit, 0) * interval
        self.day = day if self.months and alignment == "day" else None
        self.anchor = self._get_anchor(unit, start, alignment)

    def _get_anchor(self, unit, start, alignment):
        if self.day:
            first = start.replace(day=1)
            return first if _with_day(start, self.day) <= start else add_months(first, -1)
        if alignment != "calendar" or unit == "day":
            return start
        if unit == "week":
            return start - timedelta(days=start.weekday())
        # A cycle that divides the year counts from January, others from the start's own unit.
        step = self.months if 12 % self.months == 0 else MONTHS[unit]
        return date(start.year, (start.month - 1) // step * step + 1, 1)

    def boundary(self, index):
        """Return the first day of cycle ``index`` (0 holds the anchor; negative allowed)."""
        if self.days:
            return self.anchor + timedelta(days=self.days * index)
        moved = add_months(self.anchor, self.months * index)
        return _with_day(moved, self.day) if self.day else moved

    def index_of(self, day):
        """Return the index of the cycle that holds ``day``."""
        if self.days:
            return (day - self.anchor).days // self.days
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        index = months // self.months
        if self.boundary(index) > day:
            index -= 1
        elif self.boundary(index + 1) <= day:
            index += 1
        return index

    def cycle_of(self, day):
        """Return the first and last day of the cycle that holds ``day``."""
        index = self.index_of(day)
        return self.boundary(index), self.boundary(index + 1) - ONE_DAY

    def periods(self, first, last):
        """Yield the covered :class:`Period` of each cycle between two days, both included.

        Nothing is yielded when ``last`` is before ``first``: a promise that ends exactly with
        a cycle leaves no zero-day rest.
        """
        while first <= last:
            cycle_start, cycle_end = self.cycle_of(first)
            end = min(cycle_end, last)
            yield Period(first, end, cycle_start, cycle_end)
            first = end + ONE_DAY
