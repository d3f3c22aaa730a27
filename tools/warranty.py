"""How long a warranty lasts: calendar arithmetic without any database.

Both days of a period count. A warranty of 12 months from 15 January ends on 14 January. Where
the month has no such day, its last day is the last day of the warranty, as the law counts (Civil
Code of China art. 202, BGB § 188): one month from 31 January ends on 28 February.
"""

from datetime import date, timedelta
from typing import NamedTuple

from .periods import ONE_DAY, add_months

EXTENSIONS = ("downtime", "goodwill")


class WarrantyEvent(NamedTuple):
    """What moved the end of a warranty: by days, or to a last day (of the main parts, too)."""

    kind: str
    date: date
    days: int = 0
    end: date | None = None
    main_end: date | None = None


def get_last_day(start, months):
    """Return the last day of ``months`` months that begin on ``start``; ``None`` for none."""
    if not start or months <= 0:
        return None
    moved = add_months(start, months)
    return moved if moved.day < start.day else moved - ONE_DAY


def get_later(*days):
    """Return the latest of the days that are known, ``None`` when none is."""
    return max((day for day in days if day), default=None)


def get_warranty_ends(start, months, main_months, events):
    """Return the last day of the whole unit's warranty and of its main parts.

    :param events: in the order in which they became known. What happened before the warranty
        began does not move it, save what was taken over from a replaced unit.
    """
    begin = start
    end = get_last_day(start, months)
    main_end = get_last_day(start, main_months)
    for event in events:
        if event.kind == "replacement":
            end, main_end = get_later(end, event.end), get_later(main_end, event.main_end)
        elif start and event.date < start:
            continue
        elif event.kind == "restart":
            begin = event.date
            end, main_end = get_later(end, event.end), get_later(main_end, event.main_end)
        elif event.kind == "correction":
            end, main_end = event.end or end, event.main_end or main_end
        elif not begin or event.date >= begin:
            extension = timedelta(days=event.days)
            end, main_end = end and end + extension, main_end and main_end + extension
    return end, get_later(end, main_end)


def match_invoices(delivered, invoiced):
    """Return the invoice date of each delivered lot: first delivered is first invoiced.

    :param delivered: ``(lot, quantity)`` in the order of delivery
    :param invoiced: ``(date, quantity)`` in the order of the invoices
    :return: ``{lot: date}`` without the lots that no invoice reaches
    """
    dates = {}
    invoiced = [(day, quantity) for day, quantity in invoiced if quantity > 0]
    before = reached = 0
    position = -1
    for lot, quantity in delivered:
        while before >= reached and position + 1 < len(invoiced):
            position += 1
            reached += invoiced[position][1]
        if before < reached:
            dates.setdefault(lot, invoiced[position][0])
        before += quantity
    return dates
