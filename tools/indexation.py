"""Arithmetic of price adjustments, exact and without any database.

Values come as the decimal numbers people published and agreed on, so they are read by their
shortest decimal form: 104.1 means 104.1, not its binary neighbour.
"""

from fractions import Fraction
from typing import NamedTuple

from .periods import ONE_DAY, add_months


class Change(NamedTuple):
    """How a price moves.

    ``factor`` is what the price is multiplied with, ``raw`` what it would be without limits, and
    ``limit`` the limit that applied: ``cap``, ``floor`` or None.
    """

    factor: Fraction
    raw: Fraction
    limit: str | None


def exact(number):
    """Return a number by its shortest decimal form."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def index_factor(base_value, value):
    """Return the change of an index.

    :raises ValueError: a value that is not above zero
    """
    if base_value <= 0:
        raise ValueError("the base value of an index is above zero")
    if value <= 0:
        raise ValueError("the value of an index is above zero")
    return exact(value) / exact(base_value)


def percent_factor(percent):
    """Return the factor of a fixed change.

    :raises ValueError: a change that would leave nothing of the price
    """
    if percent <= -100:
        raise ValueError("a price falls by less than 100 per cent")
    return 1 + exact(percent) / 100


def limit_factor(raw, cap_percent, floor_percent):
    """Keep a factor within the largest and the smallest change agreed for one year.

    :raises ValueError: a floor above the cap
    """
    if floor_percent > cap_percent:
        raise ValueError("the floor lies above the cap")
    cap, floor = 1 + exact(cap_percent) / 100, 1 + exact(floor_percent) / 100
    if raw > cap:
        return Change(cap, raw, "cap")
    if raw < floor:
        return Change(floor, raw, "floor")
    return Change(raw, raw, None)


def change_since_base(raw, price_base, price_now, cap_percent, floor_percent):
    """Return the change of a price that follows the index from the base on.

    The limits are those of one adjustment: what a cap held back is made up for later.
    """
    return limit_factor(
        exact(price_base) * raw / exact(price_now), cap_percent, floor_percent,
    )


def adjust_price(price, factor, digits):
    """Return the adjusted price, rounded half up to ``digits`` decimals.

    :raises ValueError: nothing would be left of the price
    """
    scale = 10 ** digits
    adjusted = int(exact(price) * factor * scale + Fraction(1, 2))
    if adjusted <= 0:
        raise ValueError("nothing would be left of the price")
    return adjusted / scale


def next_adjustment(start, freeze_months, last=None):
    """Return the first anniversary after the freeze on which prices may change again.

    :param last: day of the last adjustment
    """
    years = 0
    if last:
        elapsed = (last.year - start.year) * 12 + last.month - start.month - freeze_months
        years = max(0, elapsed // 12)
    day = add_months(start, freeze_months + 12 * years)
    while last and day < _year_after(last):
        years += 1
        day = add_months(start, freeze_months + 12 * years)
    return day


def _year_after(last):
    """Return the earliest day that counts as the next contract year after an adjustment.

    An announcement that came late moves one adjustment, not the anniversaries after it; half a
    year keeps two adjustments from meeting in one.
    """
    return add_months(last, 6) + ONE_DAY
