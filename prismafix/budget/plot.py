"""Connections over instances, with the line where the database refuses: for the terminal, and as SVG."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from prismafix.connection.budget import series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from prismafix.budget.gather import Budget
    from prismafix.connection.budget import Point

_ROWS = 12
_WIDTH = 50


def chart(budget: Budget) -> list[Text]:
    """A bar per number of instances: its part beyond what the database has is marked. Empty where that is not known."""
    from rich.text import Text

    points = _rows(budget)
    available = budget.sum.available
    if not points or available is None:
        return []
    most = max(points[-1].connections, available, 1)
    line = round(max(available, 0) * _WIDTH / most)
    digits = max(len(str(points[-1].instances)), 9)
    found = [Text(f"{'instances':>{digits}}  connections")]
    for point in points:
        length = round(point.connections * _WIDTH / most)
        if point.refused:
            length = max(length, line + 1)
        row = Text(f"{point.instances:>{digits}}  ")
        inside = min(length, line)
        row.append("█" * inside, style="green")
        row.append(" " * (line - inside))
        row.append("│", style="bold red")
        row.append("▒" * (length - line), style="red")
        mark = "  <- now" if point.instances == budget.figures.instances else ""
        row.append(f" {point.connections}{' refused' if point.refused else ''}{mark}")
        row.no_wrap = True
        found.append(row)
    found.append(Text(f"{'':>{digits}}  {'':{line}}│ {available}: here the database refuses"))
    return found


def _rows(budget: Budget) -> list[Point]:
    """So many points of the series as a terminal has room for; those that matter are among them."""
    points = series(budget.sum, budget.figures.instances)
    wanted = {budget.figures.instances, budget.sum.refused_from, budget.sum.most_instances}
    step = max(1, -(-len(points) // _ROWS))
    return [
        p for n, p in enumerate(points) if p.instances and (p.instances in wanted or n % step == 0 or p is points[-1])
    ]


def svg(budget: Budget) -> str:
    """A picture of 640 x 360 with what the chart shows. Raises ValueError where there is nothing to draw."""
    points = series(budget.sum, budget.figures.instances)
    available = budget.sum.available
    if not points or available is None:
        raise ValueError("the pool's size and what the database allows have to be known")
    last, most = points[-1].instances, max(points[-1].connections, available, 1) * 1.05
    left, right, top, bottom = 60, 620, 40, 310

    def x(instances: float) -> float:
        return left + (right - left) * instances / last

    def y(connections: float) -> float:
        return bottom - (bottom - top) * max(connections, 0) / most

    def text(at: float, height: float, words: str, anchor: str = "middle", more: str = "") -> str:
        return f'<text x="{at:.1f}" y="{height:.1f}" text-anchor="{anchor}"{more}>{escape(words)}</text>'

    line = " ".join(f"{x(p.instances):.1f},{y(p.connections):.1f}" for p in points)
    limit = y(available)
    parts = [
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{limit - top:.1f}" fill="#fdecea"/>',
        *(_grid(left, right, bottom, [(n, x(n)) for n in _ticks(last)], text)),
        *(text(left - 6, y(n) + 4, str(n), "end") for n in _ticks(int(most))),
        f'<path d="M{left},{top} V{bottom} H{right}" fill="none" stroke="#444"/>',
        f'<polyline points="{line}" fill="none" stroke="#1a73e8" stroke-width="2"/>',
        f'<line x1="{left}" x2="{right}" y1="{limit:.1f}" y2="{limit:.1f}" stroke="#c5221f" stroke-width="2" '
        'stroke-dasharray="6 3"/>',
        text(right, limit - 6, f"the database refuses above {available}", "end", ' fill="#c5221f"'),
        text(340, 22, f"Connections over instances, {budget.sum.per_instance} for each", "middle", ' font-size="15"'),
        text(340, 346, "instances"),
    ]
    now = budget.figures.instances
    if now is not None and budget.sum.needed is not None:
        parts.append(f'<circle cx="{x(now):.1f}" cy="{y(budget.sum.needed):.1f}" r="5" fill="#1a73e8"/>')
        side = "end" if x(now) > 500 else "start"
        offset = -10 if side == "end" else 10
        label = f"{now} instances: {budget.sum.needed}"
        parts.append(text(x(now) + offset, y(budget.sum.needed) + 4, label, side))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360" '
        'font-family="sans-serif" font-size="12" role="img">\n<rect width="640" height="360" fill="#fff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _grid(left: int, right: int, bottom: int, ticks: Sequence[tuple[int, float]], text: object) -> list[str]:
    assert callable(text)
    return [text(at, bottom + 18, str(n)) for n, at in ticks if left <= at <= right]


def _ticks(last: int) -> list[int]:
    """Some round numbers from 0 to `last`."""
    step = 1
    while last // step > 8:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, last + 1, step))
