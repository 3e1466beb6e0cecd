"""One page about a campaign: numbers, plots, a row for each repository. Complete by itself, and without a script."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from html import escape
from typing import TYPE_CHECKING

from prismafix import __version__
from prismafix.delivery.campaign.plots import bars, steps
from prismafix.delivery.campaign.status import totals, utc, word
from prismafix.report.page import STYLE
from prismafix.report.words import plain
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prismafix.delivery.campaign.model import Campaign, Count, Pull
    from prismafix.delivery.campaign.state import Known, Seen

_STYLE = """
figure { border: 1px solid var(--line); border-radius: 6px; padding: .6rem 1rem; margin: 1rem 0; }
figcaption { font-weight: 600; color: var(--text); }
svg { width: 100%; height: auto; max-width: 60rem; font: 12px system-ui, sans-serif; } svg text { fill: var(--text); }
.legend { margin: .2rem 0; color: var(--dim); } .legend span { margin-right: 1rem; white-space: nowrap; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
td ul { margin: 0; padding-left: 1.1rem; } td:nth-child(n+5) { text-align: left; overflow-wrap: anywhere; }
.failed { color: var(--error); } .running, .waiting { color: var(--unsafe); } .merged { color: var(--safe); }
"""
_KINDS = {"proposed": "--safe", "fix to make": "--link", "held back": "--unsafe", "left": "--none"}
"""What became of a finding: its fix is in a branch; it is on offer; somebody should look first; there is none."""
_STATES = {"open": "--link", "merged": "--safe", "closed": "--error"}
_OVER_TIME = {"opened": "--link", "merged": "--safe", "closed": "--error"}
_MOST = 25
"""Packages in the plot; the table has the others."""


def to_html(campaign: Campaign, repositories: Sequence[Known], history: Sequence[Seen]) -> str:
    """The page. What was seen of pull requests is as it was when the forges were last asked."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    title = f"{escape(plain(campaign.name))}: a campaign of prismafix"
    body = [
        f"<header><h1>{escape(plain(campaign.name))}</h1><p>{escape(totals(repositories))}.</p></header>",
        "<main>",
        *_plots(repositories, history),
        _table(repositories),
        "</main>",
        f"<footer>Made by prismafix {__version__}, {utc(time.time())}.</footer>",
    ]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{title}</title>\n<style>{STYLE}{_STYLE}</style>\n</head>\n<body>",
            *body,
            "</body>\n</html>\n",
        ]
    )


def _plots(repositories: Sequence[Known], history: Sequence[Seen]) -> Iterator[str]:
    by_rule: dict[str, Counter[str]] = defaultdict(Counter)
    by_package: dict[str, Counter[str]] = defaultdict(Counter)
    for known, count in _shown(repositories):
        kind = _kind(known, count)
        by_rule[f"{count.code} {names().get(count.code, '')}".strip()][kind] += count.number
        package = f"{known.name} {count.package}" if count.package else known.name
        by_package[plain(package)][kind] += count.number
    if by_rule:
        kinds = {kind: colour for kind, colour in _KINDS.items() if any(kind in row for row in by_rule.values())}
        yield bars("Findings by rule", sorted(by_rule.items()), kinds)
        ordered = sorted(by_package.items(), key=lambda row: (-row[1].total(), row[0]))
        more = len(ordered) - _MOST
        title = "Findings by package" + (f" (the first {_MOST} of {len(ordered)})" if more > 0 else "")
        yield bars(title, ordered[:_MOST], kinds)
    states = Counter(pull.state for known in repositories for pull in known.pulls if pull.state)
    if states:
        yield bars("Pull requests", [(state, {state: states[state]}) for state in _STATES], _STATES)
    if history:
        lines = _over_time(history)
        until = max(seen.at for seen in history)
        yield steps("Pull requests over time", lines, until, {name: _OVER_TIME[name] for name in lines})


def _kind(known: Known, count: Count) -> str:
    if count.state == "fixed":
        return "proposed" if known.pulls else "fix to make"
    return "held back" if count.state == "held back" else "left"


def _shown(repositories: Iterable[Known]) -> Iterator[tuple[Known, Count]]:
    for known in repositories:
        for count in known.counts:
            if count.state != "suppressed":
                yield known, count


def _over_time(history: Sequence[Seen]) -> dict[str, list[tuple[float, int]]]:
    """How many had been opened, merged and closed at each time. One that is opened again counts as not closed."""
    now: dict[tuple[str, str, int], str] = {}
    lines: dict[str, list[tuple[float, int]]] = {name: [] for name in _OVER_TIME}
    for seen in history:
        now[seen.repository, seen.branch, seen.number] = seen.state
        count = Counter(now.values())
        lines["opened"].append((seen.when, len(now)))
        for name in ("merged", "closed"):
            lines[name].append((seen.when, count[name]))
    return {name: points for name, points in lines.items() if any(number for _, number in points)}


def _table(repositories: Sequence[Known]) -> str:
    head = "".join(
        f"<th>{name}</th>" for name in ("repository", "state", "findings", "fixes", "pull requests", "notes")
    )
    rows = "".join(_row(known) for known in repositories)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(known: Known) -> str:
    state = known.status if known.pulls or known.status == "failed" else word(known)
    notes = [known.error] if known.error else []
    notes += known.notes
    if known.position is None:
        notes.append("not in the campaign's file any more")
    listed = "".join(f"<li>{escape(plain(note))}</li>" for note in notes)
    pulls = "".join(f"<li>{_pull(pull)}</li>" for pull in known.pulls)
    return (
        f'<tr><th title="{escape(plain(known.source))}">{escape(plain(known.name))}</th>'
        f'<td class="{known.status}">{escape(plain(state))}</td><td>{known.findings}</td><td>{known.fixes}</td>'
        f"<td>{f'<ul>{pulls}</ul>' if pulls else ''}</td><td>{f'<ul>{listed}</ul>' if listed else ''}</td></tr>"
    )


def _pull(pull: Pull) -> str:
    what = pull.state or pull.status
    shown = f"#{pull.number} {pull.title}" if pull.number else f"{pull.branch} {pull.title}"
    text = escape(plain(shown.strip()))
    if pull.url is not None and pull.url.startswith(("https://", "http://")):
        text = f'<a href="{escape(pull.url)}">{text}</a>'
    return f'{text} <span class="badge {escape(what)}">{escape(what)}</span>'
