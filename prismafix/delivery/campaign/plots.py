"""Bars and steps as SVG, for a page that has the colours as CSS variables."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH, _ROW, _LABEL, _VALUE = 760, 24, 270, 50
_LONGEST = 34
"""What fits into a label in a wide font, in columns: some letters take two."""

_BEYOND = 12
"""What lines go on beyond the last time: so a step there is seen."""


def bars(title: str, rows: Sequence[tuple[str, Mapping[str, int]]], colours: Mapping[str, str]) -> str:
    """A bar for each row (its label, the sizes of its parts), the parts in the order and the colours of `colours`."""
    most = max((sum(parts.values()) for _, parts in rows), default=0) or 1
    scale = (_WIDTH - _LABEL - _VALUE) / most
    drawn = []
    for number, (label, parts) in enumerate(rows):
        top, at = number * _ROW, float(_LABEL)
        short = label if cell_len(label) <= _LONGEST else set_cell_size(label, _LONGEST - 1).rstrip() + "…"
        drawn.append(f'<text x="{_LABEL - 8}" y="{top + 16}" text-anchor="end">{escape(short)}</text>')
        for name, colour in colours.items():
            size = parts.get(name, 0)
            if size:
                hint = escape(f"{label}: {size} {name}")
                drawn.append(
                    f'<rect x="{at:.1f}" y="{top + 3}" width="{size * scale:.1f}" height="{_ROW - 6}" '
                    f'fill="var({colour})"><title>{hint}</title></rect>'
                )
                at += size * scale
        drawn.append(f'<text x="{at + 6:.1f}" y="{top + 16}">{sum(parts.values())}</text>')
    return _figure(title, "".join(drawn), len(rows) * _ROW, _legend(colours, rows))


def steps(
    title: str, lines: Mapping[str, Sequence[tuple[float, int]]], until: float, colours: Mapping[str, str]
) -> str:
    """Lines over time: for each name (seconds since 1970, the number from then on), in time's order; and `until` when
    they are known."""
    times = [at for points in lines.values() for at, _ in points]
    most = max((number for points in lines.values() for _, number in points), default=1) or 1
    first, last = min(times), max(*times, until)
    span = max(last - first, 1.0)
    left, right, top, bottom = 50, _WIDTH - 20, 10, 190

    def x(at: float) -> float:
        return left + (right - _BEYOND - left) * (at - first) / span

    def y(number: int) -> float:
        return bottom - (bottom - top) * number / most

    drawn = [f'<path d="M{left},{top} V{bottom} H{right}" fill="none" stroke="var(--dim)"/>']
    ticks = sorted({0, most // 2, most})
    drawn += [f'<text x="{left - 8}" y="{y(n) + 4:.1f}" text-anchor="end">{n}</text>' for n in ticks]
    form = "%Y-%m-%d" if span > 2 * 86400 else "%Y-%m-%d %H:%M"
    for at, anchor in ((first, "start"), (last, "end")):
        day = time.strftime(form, time.gmtime(at))
        drawn.append(f'<text x="{x(at):.1f}" y="{bottom + 18}" text-anchor="{anchor}">{day}</text>')
    for name, points in lines.items():
        path = "".join(f" H{x(at):.1f} V{y(number):.1f}" for at, number in points)
        hint = escape(f"{name}: {points[-1][1]}") if points else ""
        drawn.append(
            f'<path d="M{left},{y(0)}{path} H{right}" fill="none" stroke="var({colours[name]})" stroke-width="2">'
            f"<title>{hint}</title></path>"
        )
    return _figure(title, "".join(drawn), bottom + 26, _legend(colours, [(name, {name: 1}) for name in lines]))


def _legend(colours: Mapping[str, str], rows: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    used = [name for name in colours if any(parts.get(name) for _, parts in rows)]
    keys = (f'<span><i style="background: var({colours[name]})"></i>{escape(name)}</span>' for name in used)
    return f'<p class="legend">{" ".join(keys)}</p>' if used else ""


def _figure(title: str, drawn: str, height: int, legend: str) -> str:
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{legend}"
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">{drawn}</svg></figure>'
    )
