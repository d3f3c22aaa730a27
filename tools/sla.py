"""The SLA clock: deadlines from what happened, over working time, without any database.

Moments are whole seconds since the epoch (UTC); durations are seconds of working time. A
:class:`WorkTable` answers how much working time lies between two moments, and when an amount of
it is done, by bisection. A clock runs over :class:`Span`: from a moment on, by which table, and
whether it runs or rests. Every deadline is computed from the spans, never from an earlier
deadline, so that a pause, another priority or another calendar, entered in whatever order,
gives the same result (invariant 5).
"""

from bisect import bisect_left, bisect_right
from typing import Any, NamedTuple

DAY = 86400
# How far a table reaches at first, and how far one looks for working time at most: as far as
# Odoo's own ``resource.calendar.plan_hours``, 100 times 14 days.
FIRST_REACH = 60 * DAY
LAST_REACH = 1400 * DAY


class NoWorkingTimeError(Exception):
    """A calendar has not enough working time within :data:`LAST_REACH`."""


class WorkTable:
    """The working time of one calendar in one time zone, from ``first`` on.

    :param load: function of (begin, end) that returns the working time between them as sorted
        pairs of moments that do not overlap
    :param first: the earliest moment anyone will ask for
    """

    __slots__ = ("_load", "first", "reach", "_starts", "_before", "_until")

    def __init__(self, load, first):
        self._load = load
        self.first = self.reach = first
        self._starts, self._before, self._until = [], [], []

    def measure(self, begin, end):
        """Return the seconds of working time between two moments; 0 when they are reversed."""
        return max(self._get_worked(end) - self._get_worked(begin), 0)

    def plan(self, begin, seconds):
        """Return when ``seconds`` of working time from ``begin`` on are done.

        Like ``plan_hours``: what fills a working day to its end is done at its end, not at the
        beginning of the next one; nothing at all is done at the first moment of work.

        :raises NoWorkingTimeError: when there is not so much of it within the reach
        """
        wanted = self._get_worked(begin) + seconds
        position = self._find(wanted, begin, seconds)
        while position == len(self._until):
            self._reach_further(begin)
            position = self._find(wanted, begin, seconds)
        return max(self._starts[position] + wanted - self._before[position], begin)

    def _find(self, wanted, begin, seconds):
        if seconds:
            return bisect_left(self._until, wanted)
        return bisect_right(self._get_ends(), begin)

    def _get_ends(self):
        return [
            start + until - before
            for start, until, before in zip(self._starts, self._until, self._before, strict=True)
        ]

    def _get_worked(self, moment):
        """Return the seconds of working time between ``first`` and a moment."""
        if moment > self.reach:
            self._extend(max(moment - self.reach, FIRST_REACH))
        position = bisect_right(self._starts, moment) - 1
        if position < 0:
            return 0
        return min(
            self._before[position] + moment - self._starts[position], self._until[position],
        )

    def _reach_further(self, begin):
        if self.reach - begin >= LAST_REACH:
            raise NoWorkingTimeError()
        self._extend(max(self.reach - self.first, FIRST_REACH))

    def _extend(self, seconds):
        begin, self.reach = self.reach, self.reach + seconds
        for start, end in self._load(begin, self.reach):
            worked = self._until[-1] if self._until else 0
            self._starts.append(start)
            self._before.append(worked)
            self._until.append(worked + end - start)


class Span(NamedTuple):
    """From ``begin`` on the clock goes by ``table``; it rests while there is a ``pause``."""

    begin: int
    table: WorkTable
    pause: Any = None


class Segment(NamedTuple):
    """A stretch of a clock's life: running or resting, with its working time in seconds."""

    begin: int
    end: int
    pause: Any
    worked: int


class Reading(NamedTuple):
    """What a clock shows: its deadline, the working time used, left, and over it, in seconds.

    ``due`` is ``None`` while the clock rests and its time is not used up: nobody can say.
    """

    due: int | None
    worked: int
    left: int
    late: int


def cut(spans, begin):
    """Return the spans from a moment on; the one under way begins there."""
    position = max(bisect_right([span.begin for span in spans], begin) - 1, 0)
    first, *others = spans[position:]
    return [first._replace(begin=max(first.begin, begin)), *others]


def read(spans, target, now):
    """Return what the clock of ``target`` seconds shows at the moment ``now``.

    Working time of the last span is counted until ``now``; the deadline looks beyond it.

    :raises NoWorkingTimeError: when the deadline lies beyond what the calendar has
    """
    worked, due = 0, None
    for span, end in _pair(spans):
        if span.pause is None:
            until = now if end is None else min(end, now)
            if due is None:
                due = _get_due(span, end, target - worked)
            worked += span.table.measure(span.begin, until)
    return Reading(due, worked, max(target - worked, 0), max(worked - target, 0))


def _get_due(span, end, seconds):
    """Return when ``seconds`` are done within a span; ``None`` when they are not."""
    if end is not None and span.table.measure(span.begin, end) < seconds:
        return None
    return span.table.plan(span.begin, seconds)


def explain(spans, now):
    """Return the life of a clock until ``now`` as segments, those of no length left out."""
    segments = []
    for span, end in _pair(spans):
        until = now if end is None else min(end, now)
        if until > span.begin:
            worked = 0 if span.pause is not None else span.table.measure(span.begin, until)
            segments.append(Segment(span.begin, until, span.pause, worked))
    return segments


def _pair(spans):
    """Yield each span with its end; the last one has none."""
    yield from zip(spans, [*(span.begin for span in spans[1:]), None], strict=True)
