"""Shares of a period's price by days, exact to the currency's rounding, without any database."""

from datetime import timedelta
from fractions import Fraction

ONE_DAY = timedelta(days=1)


def days_actual(first, last):
    """Return the number of calendar days from ``first`` to ``last``, both included."""
    return (last - first).days + 1


def days_30_360(first, last):
    """Return the days from ``first`` to ``last``, both included, in months of 30 days.

    European 30E/360 day count (ISDA 2006, 4.16(g)) applied to the half-open range that ends
    the day after ``last``: a calendar month counts 30 days, February included.
    """
    end = last + ONE_DAY
    return (
        (end.year - first.year) * 360
        + (end.month - first.month) * 30
        + min(end.day, 30)
        - min(first.day, 30)
    )


DAY_COUNTS = {"actual": days_actual, "30_360": days_30_360}


def share_until(mode, cycle_start, cycle_end, day):
    """Return the share of a cycle, from its first day until ``day`` included, as a Fraction.

    ``mode`` is ``actual`` (real days of that very cycle), ``30_360``, or ``none``: a started
    cycle is owed whole. The share never leaves 0…1, and is exactly 1 on the cycle's last day.
    """
    if day < cycle_start:
        return Fraction(0)
    if day >= cycle_end or mode == "none":
        return Fraction(1)
    count = DAY_COUNTS[mode]
    return min(Fraction(count(cycle_start, day), count(cycle_start, cycle_end)), Fraction(1))


def share(mode, period):
    """Return the share of its cycle that a period covers, a Fraction within 0…1."""
    until_end = share_until(mode, period.cycle_start, period.cycle_end, period.end)
    if mode == "none":
        return until_end
    return until_end - share_until(
        mode, period.cycle_start, period.cycle_end, period.start - ONE_DAY
    )


def prorate(amount, mode, period, round_amount):
    """Return the part of ``amount`` that ``period`` owes, rounded by ``round_amount``.

    The part is the difference of two rounded running totals. However a cycle is cut into
    periods, their parts therefore sum to the rounded whole, and the last part takes the
    remainder.

    :param amount: price of the whole cycle, in currency units
    :param round_amount: the currency's rounding, e.g. ``currency.round``
    """
    if mode == "none" or period.is_full:
        return round_amount(amount)
    until_end = share_until(mode, period.cycle_start, period.cycle_end, period.end)
    until_start = share_until(mode, period.cycle_start, period.cycle_end, period.start - ONE_DAY)
    return round_amount(
        round_amount(float(amount * until_end)) - round_amount(float(amount * until_start))
    )
