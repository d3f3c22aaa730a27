"""Who pays for a piece of work: the order of promises, without any database.

A *job* is what is done on one unit at one moment; its *items* are parts, hours, journeys. For
each item the promises are asked in this order, and the first one that answers settles what it
takes on:

1. a recall of the unit,
2. rework: the same failure has come back within the repeat window of our own repair,
3. the warranty of a part fitted earlier, of a main part, of the whole unit,
4. contract lines: the most specific first, then the highest share, then the nearest end; a quota
   that is partly used splits the item, and the rest goes on to the next line,
5. goodwill, on what would be left to the customer,
6. the customer.

An agreed share below 100 % is an agreement about the whole: the customer's own share does not
go on to the next line. Shares of an item always sum to its gross amount, to the cent.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

FULL = 100.0
# Fractions of an item below this are nothing.
TINY = 1e-9
# Which share of a contract line answers for which kind of item.
SHARES = {
    "part": "part", "labour": "labour", "inspection": "labour", "travel": "travel",
    "other": "other",
}
# What a warranty pays: parts; parts and labour; parts, labour and travel.
WARRANTY_KINDS = {
    "part": ("part",),
    "labour": ("part", "labour", "inspection"),
    "travel": ("part", "labour", "inspection", "travel"),
}


class Reason(NamedTuple):
    """Why a promise answers, or why not: a code and what its sentence speaks of."""

    code: str
    data: dict = {}


@dataclass(slots=True)
class Quota:
    """What a contract line has left in the period of the job; ``None`` is without limit."""

    visits: float | None = None
    hours: float | None = None
    amount: float | None = None
    visited: set = field(default_factory=set)

    def grants_visit(self, job):
        return self.visits is None or job.key in self.visited or self.visits >= 1

    def note_visit(self, job):
        """Draw one visit for the job, once. Return the number drawn now (0 or 1)."""
        if job.mode != "on_site" or job.key in self.visited:
            return 0
        self.visited.add(job.key)
        if self.visits is not None:
            self.visits -= 1
        return 1


@dataclass(slots=True)
class Line:
    """The cover terms of one contract line that takes in the unit on the day of the job."""

    key: Any
    specificity: int  # 0 equipment, 1 serial number, 2 product, 3 category, 4 everything
    shares: dict  # part, labour, travel, other → per cent
    end: date | None = None
    wear_parts: bool = False
    excluded_causes: frozenset = frozenset()
    excluded_categories: frozenset = frozenset()
    quota: Quota = field(default_factory=Quota)
    refusal: Reason | None = None  # why the line does not count for this job at all


@dataclass(slots=True)
class Warranty:
    """The warranty of the unit, or of its main parts, on the day of the job."""

    start: date | None
    end: date | None
    main_parts: frozenset = frozenset()
    main_end: date | None = None
    pays: str = "travel"
    payer: str = "provider"


@dataclass(slots=True)
class Job:
    key: Any
    day: date
    mode: str = "on_site"
    cause: Any = None
    is_cause_outside: bool = False  # misuse and the like: no warranty, no rework
    recall: Reason | None = None
    recall_payer: str = "vendor"
    recall_parts: frozenset = frozenset()  # empty: all
    rework: Reason | None = None
    warranty: Warranty | None = None
    fitted: dict = field(default_factory=dict)  # part → last day of its own warranty
    lines: tuple = ()
    are_all_parts_main: bool = False  # every part of the job is a main part under warranty


@dataclass(slots=True)
class Item:
    key: Any
    kind: str
    amount: float
    hours: float = 0.0
    part: Any = None
    categories: frozenset = frozenset()
    is_wear_part: bool = False
    goodwill: float = 0.0


@dataclass(slots=True)
class Share:
    """Who pays which part of an item, and why."""

    rule: str
    payer: str
    percent: float
    amount: float
    reason: Reason
    line: Any = None
    visits: int = 0
    hours: float = 0.0


def decide(job, item, round_amount):
    """Return the shares of one item; quotas of the job's lines are drawn down.

    :param round_amount: rounds an amount to the currency
    """
    refusals = []
    share = (
        _ask_recall(job, item) or _ask_rework(job, item, refusals)
        or _ask_warranty(job, item, refusals)
    )
    if share:
        share.amount = item.amount
        return [share]
    shares, settled = _ask_lines(job, item, refusals, round_amount)
    _add_goodwill(item, shares, round_amount)
    _add_customer(item, shares, settled, refusals, round_amount)
    return shares


def find_price_line(job, item):
    """Return the line whose contract's prices count for an item; None when no line takes it in.

    It is the one that pays for the item, whatever a warranty says; where none pays, or quotas
    are used up, the most specific one: what its contract agrees on prices is for this unit.
    """
    share_name = SHARES[item.kind]
    ranked = sorted(job.lines, key=lambda line: _rank(line, share_name))
    paying = (line for line in ranked if _pays(job, item, line, line.shares.get(share_name, 0.0)))
    return next(paying, ranked[0] if ranked else None)


def _pays(job, item, line, percent):
    """Whether the line takes on at least a part of the item."""
    return not _get_line_refusal(job, item, line, percent) and (
        _get_fraction(item, line, percent, 1.0)[0] > TINY)


def _ask_recall(job, item):
    if not job.recall or (item.kind == "part" and job.recall_parts
                          and item.part not in job.recall_parts):
        return None
    return Share("recall", job.recall_payer, FULL, item.amount, job.recall)


def _ask_rework(job, item, refusals):
    if not job.rework:
        return None
    if job.is_cause_outside:
        refusals.append(Reason("rework_cause", {"cause": job.cause}))
        return None
    return Share("rework", "provider", FULL, item.amount, job.rework)


def _ask_warranty(job, item, refusals):
    rule, reason = _get_warranty_reason(job, item)
    if not reason:
        return None
    if rule == "refused" or job.is_cause_outside:
        refusals.append(
            reason if rule == "refused" else Reason("warranty_cause", {"cause": job.cause}))
        return None
    payer = "provider" if rule == "part_warranty" else job.warranty.payer
    return Share(rule, payer, FULL, item.amount, reason)


def _get_warranty_reason(job, item):
    """Return the rule (``refused`` for none) and the reason of the warranty that counts."""
    if item.kind == "part" and job.fitted.get(item.part, date.min) >= job.day:
        return "part_warranty", Reason("part_warranty", {
            "part": item.part, "end": job.fitted[item.part],
        })
    warranty = job.warranty
    if not warranty or not (warranty.end or warranty.main_end):
        return "refused", None
    return _get_unit_warranty_reason(job, item, warranty)


def _get_unit_warranty_reason(job, item, warranty):
    is_pending = warranty.start and job.day < warranty.start
    if is_pending:
        return "refused", Reason("warranty_not_begun", {"start": warranty.start})
    is_running = warranty.end and job.day <= warranty.end
    is_main = item.kind == "part" and item.part in warranty.main_parts
    is_main_running = warranty.main_end and job.day <= warranty.main_end
    if item.kind not in WARRANTY_KINDS[warranty.pays]:
        reason = Reason("warranty_scope", {"kind": item.kind})
        return "refused", reason if is_running else None
    if is_main and is_main_running:
        return "warranty", Reason("main_part", {"part": item.part, "end": warranty.main_end})
    if is_running and item.is_wear_part:
        return "refused", Reason("warranty_wear", {"part": item.part})
    if is_running:
        return "warranty", Reason("warranty", {"end": warranty.end})
    if item.kind != "part" and job.are_all_parts_main:
        return "warranty", Reason("main_part_work", {"end": warranty.main_end})
    return "refused", Reason("warranty_over", {"end": warranty.end or warranty.main_end})


def _ask_lines(job, item, refusals, round_amount):
    """Return the shares of the contract lines, and the fraction of the item they settle."""
    share_name = SHARES[item.kind]
    shares, settled = [], 0.0
    for line in sorted(job.lines, key=lambda line: _rank(line, share_name)):
        if settled > 1 - TINY:
            break
        percent = line.shares.get(share_name, 0.0)
        refusal = _get_line_refusal(job, item, line, percent)
        if refusal:
            refusals.append(refusal)
            continue
        fraction, limit = _get_fraction(item, line, percent, 1 - settled)
        if limit:
            refusals.append(Reason(limit, {"line": line.key}))
        if fraction > TINY:
            shares.append(_draw(job, item, line, percent, fraction, round_amount))
            settled += fraction
    return shares, settled


def _rank(line, share_name):
    return (
        line.specificity, -line.shares.get(share_name, 0.0), line.end or date.max, line.key,
    )


def _get_line_refusal(job, item, line, percent):
    """Return why the line does not pay for the item; None when it does."""
    data = {"line": line.key}
    if line.refusal:
        return line.refusal
    if job.cause is not None and job.cause in line.excluded_causes:
        return Reason("line_cause", {**data, "cause": job.cause})
    if item.kind == "part" and item.is_wear_part and not line.wear_parts:
        return Reason("line_wear", {**data, "part": item.part})
    if item.kind == "part" and line.excluded_categories & item.categories:
        return Reason("line_category", {**data, "part": item.part})
    if percent <= 0:
        return Reason("line_kind", {**data, "kind": item.kind})
    if job.mode == "on_site" and not line.quota.grants_visit(job):
        return Reason("quota_visits", data)
    return None


def _get_fraction(item, line, percent, rest):
    """Return which fraction of the item the quotas let the line take on, and what limits it."""
    quota, fraction, limit = line.quota, rest, None
    if quota.hours is not None and item.hours > 0 and SHARES[item.kind] == "labour":
        allowed = max(quota.hours, 0.0) / item.hours
        if allowed < fraction - TINY:
            fraction, limit = allowed, "quota_hours"
    if quota.amount is not None and item.amount > 0:
        allowed = max(quota.amount, 0.0) / (item.amount * percent / FULL)
        if allowed < fraction - TINY:
            fraction, limit = allowed, "quota_amount"
    return fraction, limit


def _draw(job, item, line, percent, fraction, round_amount):
    """Take ``fraction`` of the item on the line; return its share."""
    quota = line.quota
    amount = round_amount(item.amount * fraction * percent / FULL)
    hours = item.hours * fraction if SHARES[item.kind] == "labour" else 0.0
    if quota.hours is not None:
        quota.hours -= hours
    if quota.amount is not None:
        quota.amount -= amount
    return Share(
        "contract", "contract", percent * fraction, amount,
        Reason("contract", {
            "line": line.key, "kind": item.kind, "percent": percent, "fraction": fraction,
            "hours": hours,
        }),
        line=line.key, visits=quota.note_visit(job), hours=hours,
    )


def _add_goodwill(item, shares, round_amount):
    """Let goodwill take its per cent of what would be left to the customer."""
    if item.goodwill <= 0:
        return
    left = item.amount - sum(share.amount for share in shares)
    left_percent = FULL - sum(share.percent for share in shares)
    if left_percent > TINY:
        shares.append(Share(
            "goodwill", "provider", left_percent * item.goodwill / FULL,
            round_amount(left * item.goodwill / FULL),
            Reason("goodwill", {"item": item.key, "percent": item.goodwill}),
        ))


def _add_customer(item, shares, settled, refusals, round_amount):
    """Give the customer what nobody else pays, with the reasons why."""
    percent = FULL - sum(share.percent for share in shares)
    amount = round_amount(item.amount - sum(share.amount for share in shares))
    if percent <= TINY and not amount:
        return
    if settled > 1 - TINY:
        reason = Reason("own_share", {"line": shares[0].line, "percent": percent})
    else:
        reason = Reason("none", {"refusals": tuple(refusals)})
    shares.append(Share("none", "customer", percent, amount, reason))
