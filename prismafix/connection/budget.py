"""The arithmetic of a connection budget: what all instances may open against what the database lets in.

One process of one instance opens at most its pool's size. All of them together have to stay below `max_connections`
less what the server keeps for its administrators and what others use; else a connection is refused ("too many clients
already", P2037, MySQL 1040).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADROOM = 2
"""Connections that stay free for a migration (`prisma migrate` has one) and for a person who looks at what is wrong."""

OVERLAP = 100
"""Percent of the instances that are there twice while a new version is rolled out: 100 where all new ones start before
the old ones end. Functions count as such: instances of the old version keep their connections until they are ended."""

USUAL_POOL = 10
"""The size of the pools of the drivers behind Prisma's adapters (FACTS.md); recommendations do not go above it unless
somebody has asked for more."""

Verdict = Literal["within", "tight", "over", "unknown"]
"""`tight`: it fits, but not while old and new instances are there side by side. `over`: the database refuses."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of connections, instances and processes; None is "unknown". `overlap` is in percent. `file` is the
    configuration that they are from, relative to the root, "" for none.

    `reserved` are the server's for its administrators (PostgreSQL: superuser_reserved_connections, and from 16 on
    reserved_connections), `others` those that other programs hold.
    """

    instances: int | None = None
    processes: int | None = None
    limit: int | None = None
    max_connections: int | None = None
    reserved: int | None = None
    others: int | None = None
    headroom: int | None = None
    overlap: int | None = None
    file: str = ""


UNKNOWN = Figures()


@dataclass(frozen=True, slots=True)
class Sum:
    """What follows from some figures; None is "not known".

    `per_instance` is processes x limit, `needed` what all instances open at most, `deploying` the same while a new
    version is rolled out. `available` is what the database has for them, `usable` that less the headroom; it may be
    negative. `refused_from` is the smallest number of instances that can be refused a connection. `most_instances` and
    `largest_limit` are the most that fit, also during a deploy: 0 when nothing does. `limit` is the recommended pool
    size, None where none fits; `fits_deploy` says whether it does so during a deploy as well. `missing` are the names
    of the figures without which there is no verdict.
    """

    per_instance: int | None
    needed: int | None
    deploying: int | None
    available: int | None
    usable: int | None
    refused_from: int | None
    most_instances: int | None
    largest_limit: int | None
    limit: int | None
    fits_deploy: bool
    verdict: Verdict
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """So many instances open so many connections at most."""

    instances: int
    connections: int
    refused: bool


def work_out(figures: Figures) -> Sum:
    """The sum and what is recommended. One process per instance, no other programs and none reserved are what counts
    where the figures do not say."""
    processes = figures.processes or 1
    overlap = OVERLAP if figures.overlap is None else figures.overlap
    per_instance = None if figures.limit is None else processes * figures.limit
    needed = _product(per_instance, figures.instances)
    deploying = None if needed is None else -(-needed * (100 + overlap) // 100)
    available = usable = None
    if figures.max_connections is not None:
        available = figures.max_connections - (figures.reserved or 0) - (figures.others or 0)
        usable = available - (HEADROOM if figures.headroom is None else figures.headroom)
    all_processes = _product(processes, figures.instances)
    largest = _most(usable, all_processes, overlap)
    steady = _most(usable, all_processes, 0)
    wanted = figures.limit or USUAL_POOL
    limit = min(largest or steady or 0, wanted) or None
    chosen = per_instance if per_instance is not None else _product(processes, limit)
    return Sum(
        per_instance=per_instance,
        needed=needed,
        deploying=deploying,
        available=available,
        usable=usable,
        refused_from=None if available is None or not per_instance else max(available, 0) // per_instance + 1,
        most_instances=_most(usable, chosen, overlap),
        largest_limit=largest,
        limit=limit,
        fits_deploy=bool(largest),
        verdict=_verdict(needed, deploying, available, usable),
        missing=tuple(name for name in ("instances", "limit", "max_connections") if getattr(figures, name) is None),
    )


def pool_of(limit: int) -> str:
    """A recommended pool size in words; 1 not without what it breaks (measured, FACTS.md)."""
    if limit > 1:
        return f"a pool of {limit}"
    return "a pool of 1 (with which a query through the outer client in a transaction, PF401, waits for itself)"


def series(found: Sum, instances: int | None) -> tuple[Point, ...]:
    """Connections over instances, from none to well past the present number and the point where the database refuses;
    at most some 60 points. Empty where the pool's size is not known."""
    if not found.per_instance:
        return ()
    last = max(instances or 0, found.refused_from or 0, 4) * 5 // 4 + 1
    step = max(1, last // 60)
    marks = {*range(0, last + 1, step), *(mark for mark in (instances, found.refused_from, last) if mark)}
    return tuple(
        Point(n, n * found.per_instance, found.available is not None and n * found.per_instance > found.available)
        for n in sorted(marks)
    )


def shares(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`total` divided in proportion to `weights`, at least 1 each; empty when there are more parts than `total`.

    What is left over by rounding goes to the first ones.
    """
    if not weights or total < len(weights):
        return ()
    weight = sum(weights)
    found = [max(1, total * one // weight) for one in weights]
    at = 0
    while sum(found) > total:  # the 1s have taken too much: from the largest
        found[found.index(max(found))] -= 1
    while sum(found) < total and sum(found) < weight:
        if found[at % len(found)] < weights[at % len(found)]:
            found[at % len(found)] += 1
        at += 1
    return tuple(found)


def _product(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other


def _most(usable: int | None, each: int | None, overlap: int) -> int | None:
    """How often `each` fits into `usable` while `overlap` percent of all are there twice."""
    if usable is None or not each:
        return None
    return max(usable, 0) * 100 // ((100 + overlap) * each)


def _verdict(needed: int | None, deploying: int | None, available: int | None, usable: int | None) -> Verdict:
    if needed is None or deploying is None or available is None or usable is None:
        return "unknown"
    if needed > available:
        return "over"
    return "tight" if deploying > usable else "within"
