"""Which finding is suppressed by which comment, and which comments suppress nothing (PF002)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rules.model import Finding, Intent, RemoveSuppression, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prismafix.facts.model import Suppression

UNUSED = "PF002"
_ALL = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """One code of one suppression comment; `code` is "" for a comment without codes."""

    path: str
    suppression: Suppression
    code: str


@dataclass(frozen=True, slots=True)
class Comments:
    """The suppression comments of one file, and which 1-based line a byte of it is on."""

    found: tuple[Suppression, ...]
    line_of: Callable[[int], int]


def covers(path: str, comments: Comments, code: str, start: int) -> list[Cover]:
    """The codes of comments that suppress a finding with `code` at byte `start` of a file; the first of them is to be
    named.

    A comment counts for its own line; one that has its line for itself counts for the line below (several such
    comments may follow each other); `prismafix-ignore-file` counts for the whole file. That a comment is unused
    (PF002) is suppressed only by name.
    """
    line = comments.line_of(start)
    lines = {line}
    for suppression in sorted(comments.found, key=lambda s: s.start, reverse=True):
        last = comments.line_of(max(suppression.end - 1, suppression.start))
        if suppression.alone and not suppression.whole_file and last + 1 in lines:
            lines.update(range(suppression.line, last + 1))
    return [
        Cover(path, suppression, prefix)
        for suppression in comments.found
        if suppression.whole_file or suppression.line in lines
        for prefix in suppression.codes or (_ALL,)
        if code.startswith(prefix) and (code != UNUSED or prefix)
    ]


def unused(
    path: str, comments: Comments, used: Iterable[Cover], known: Sequence[str], package: str | None
) -> list[Finding]:
    """A PF002 finding for each comment of a file of which something suppresses nothing.

    `used` are the codes of comments that suppress a finding of any rule, whether that rule is selected or not;
    `known` are the codes of all rules. Codes that name PF002 itself are never called unused: that would be a finding
    about its own suppression.
    """
    used = set(used)
    found = []
    for suppression in comments.found:
        idle = tuple(
            code
            for code in suppression.codes or (_ALL,)
            if Cover(path, suppression, code) not in used and not (code and UNUSED.startswith(code))
        )
        if not idle:
            continue
        keep = tuple(code for code in suppression.codes if code not in idle)
        where = "in this file" if suppression.whole_file else "here"
        if idle == (_ALL,):
            message = f"this comment suppresses nothing {where}"
        else:
            message = f"there is no {' and no '.join(idle)} {where} to suppress"
            unknown = [code for code in idle if not any(rule.startswith(code) for rule in known)]
            if unknown:
                message += f" ({', '.join(unknown)}: no such rule)"
        what = f"Remove {', '.join(idle)} from a suppression" if keep else "Remove an unused suppression"
        intent = Intent(RemoveSuppression(Span(path, suppression.start, suppression.end), keep), f"{what} in {path}")
        start, end = suppression.start, suppression.end
        found.append(Finding(UNUSED, path, start, end, message, intent=intent, label="unused", package=package))
    return found
