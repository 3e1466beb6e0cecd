"""The budget as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismafix.connection.budget import HEADROOM, OVERLAP, pool_of, series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from prismafix.budget.gather import Budget
    from prismafix.budget.live import Live

_SHOWN = 12


def as_text(budget: Budget) -> Iterator[Text]:
    """The sum line by line, then the verdict and what is recommended."""
    from rich.text import Text

    figures, total = budget.figures, budget.sum
    overlap = OVERLAP if figures.overlap is None else figures.overlap
    yield _row("instances", figures.instances, budget.sources.get("instances", ""))
    yield _row("x processes", figures.processes, budget.sources.get("processes", ""))
    yield _row("x pool size", figures.limit, budget.sources.get("limit", ""))
    during = f"{total.deploying} during a deploy, with {overlap} % of the instances there twice" if overlap else ""
    yield _row("= connections", total.needed, during if total.needed is not None else "", bold=True)
    yield Text("")
    yield _row("max_connections", figures.max_connections, budget.sources.get("max_connections", ""))
    if figures.max_connections is not None:
        yield _row("- reserved", figures.reserved, budget.sources.get("reserved", ""))
        yield _row("- others", figures.others, budget.sources.get("others", ""))
        yield _row("= available", total.available, "", bold=True)
    yield Text("")
    if budget.live is not None:
        yield from of_live(budget.live)
        yield Text("")
    yield _verdict(budget)
    for line in recommended(budget):
        yield Text(line)
    for name, how in budget.missing:
        yield Text(f"not known: {name.replace('_', '-')}: {how}", style="yellow")
    for note in budget.notes:
        yield Text(f"note: {note}")


def _row(name: str, value: int | None, source: str, *, bold: bool = False) -> Text:
    from rich.text import Text

    return Text(f"{name:>16} {'?' if value is None else value:>7}  {source}".rstrip(), style="bold" if bold else "")


def _verdict(budget: Budget) -> Text:
    from rich.text import Text

    figures, total = budget.figures, budget.sum
    of = f"{total.needed} of {total.available} connections"
    if total.verdict == "over":
        return Text(f"Over budget: {of}; from {total.refused_from} instances on the database may refuse.", style="red")
    if total.verdict == "tight":
        keep = HEADROOM if figures.headroom is None else figures.headroom
        return Text(
            f"Within budget: {of}. But not during a deploy, when old and new instances are there side by side: "
            f"{total.deploying}, with {keep} kept free for migrations.",
            style="yellow",
        )
    if total.verdict == "within":
        return Text(f"Within budget: {of}, {total.deploying} during a deploy.", style="green")
    return Text("No verdict, since not all numbers are known.", style="yellow")


def recommended(budget: Budget) -> Iterator[str]:
    """Pool size and number of instances that fit, as sentences."""
    figures, total = budget.figures, budget.sum
    if total.usable is None:
        return
    if figures.instances is not None:
        if total.limit is None:
            yield f"No pool size fits {figures.instances} instances: fewer of them, or a pooler in front."
        elif total.limit != figures.limit or total.verdict != "within":
            deploy = "" if total.fits_deploy else ", though not during a deploy"
            yield f"Recommended for {figures.instances} instances: {pool_of(total.limit)}{deploy}."
    size = figures.limit or total.limit
    if size is not None and total.most_instances is not None:
        keep = HEADROOM if figures.headroom is None else figures.headroom
        if total.most_instances:
            yield (
                f"Recommended with a pool of {size}: at most {total.most_instances} instances; that keeps {keep} free "
                "for migrations and has room for a rolling deploy, in which old and new instances overlap."
            )
        else:
            yield f"With a pool of {size} not one instance fits: a smaller pool, or a pooler in front of the database."


def of_live(live: Live, when: str = "at this moment") -> Iterator[Text]:
    """Who holds the connections, the most first."""
    from rich.text import Text

    yield Text(f"{live.used} connections {when}, {live.own} of this user ({live.server}):")
    for use in live.uses[:_SHOWN]:
        who = f"{use.user} {use.application}".strip()
        yield Text(f"{use.count:>8}  {who:40} {use.state}".rstrip())
    if len(live.uses) > _SHOWN:
        yield Text(f"{sum(use.count for use in live.uses[_SHOWN:]):>8}  in {len(live.uses) - _SHOWN} other groups")


def live_data(live: Live) -> dict[str, Any]:
    """What a database said, for JSON."""
    return {
        "server": live.server,
        "max_connections": live.max_connections,
        "reserved": [{"name": name, "connections": count} for name, count in live.reserved],
        "ceilings": [{"name": name, "connections": count} for name, count in live.ceilings],
        "used": live.used,
        "own": live.own,
        "uses": [
            {"user": u.user, "application": u.application, "state": u.state, "connections": u.count, "own": u.own}
            for u in live.uses
        ],
    }


def as_data(budget: Budget, changed: list[str], *, applied: bool) -> dict[str, Any]:
    """Version 1, which only grows (docs/budget.md). No field holds a connection string."""
    figures, total = budget.figures, budget.sum
    names = ("instances", "processes", "limit", "max_connections", "reserved", "others")
    return {
        "version": 1,
        "verdict": total.verdict,
        "figures": {name: {"value": getattr(figures, name), "source": budget.sources.get(name)} for name in names},
        "headroom": HEADROOM if figures.headroom is None else figures.headroom,
        "overlap": OVERLAP if figures.overlap is None else figures.overlap,
        "sum": {
            "per_instance": total.per_instance,
            "needed": total.needed,
            "deploying": total.deploying,
            "available": total.available,
            "refused_from": total.refused_from,
        },
        "recommended": {
            "limit": total.limit if total.usable is not None else None,
            "limit_fits_deploy": total.fits_deploy,
            "instances": total.most_instances,
        },
        "missing": [{"name": name, "how": how} for name, how in budget.missing],
        "notes": list(budget.notes),
        "points": [
            {"instances": p.instances, "connections": p.connections, "refused": p.refused}
            for p in series(total, figures.instances)
        ],
        "live": None if budget.live is None else live_data(budget.live),
        "changes": changed,
        "applied": applied,
    }
