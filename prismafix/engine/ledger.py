"""The book of findings: each has one entry and is in exactly one state, over all rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.engine.edits import moved
from prismafix.engine.fingerprint import fingerprint
from prismafix.engine.model import Reported
from prismafix.rewrites.model import Edit

if TYPE_CHECKING:
    from prismafix.engine.analysis import Analysis, Seen
    from prismafix.rules.model import Finding

Applied = Mapping[str, Sequence[Edit]]
"""By path, the edits that lead from one analysed state of the workspace to the next."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as it was first seen, and where it is in the latest analysis (None: no longer there)."""

    reported: Reported
    seen: Seen | None


Ledger = tuple[Entry, ...]


def opened(analysis: Analysis) -> Ledger:
    """The book of a first analysis: an entry for each finding that is reported or suppressed."""
    return tuple(_entry(analysis, seen, seen.fingerprint) for seen in analysis.seen if not seen.unselected)


def followed(ledger: Ledger, analysis: Analysis, applied: Applied) -> tuple[Ledger, frozenset[int]]:
    """The book after `applied` led to a new analysis; and the entries (indexes) whose own fix did not take them away:
    it would apply again.

    A finding is found again by its place, else by its fingerprint, else by its text. One that is not there any more
    was taken care of by a fix of another finding: it is fixed. One that was not there before gets an entry.
    """
    unclaimed = {seen.index: seen for seen in analysis.seen if not seen.unselected}
    alive = [number for number, entry in enumerate(ledger) if entry.reported.state != "fixed"]
    again = _match(ledger, alive, unclaimed, applied)
    entries = list(ledger)
    for number in alive:
        entry = entries[number]
        found = again.get(number)
        entries[number] = Entry(entry.reported, found)
        if found is None and entry.reported.state != "suppressed":
            reason = "taken care of by the fix of another finding"
            entries[number] = Entry(replace(entry.reported, state="fixed", reason=reason), None)
    just_fixed = [n for n, entry in enumerate(ledger) if entry.reported.state == "fixed" and entry.seen is not None]
    fixable = {seen.index: seen for seen in unclaimed.values() if seen.finding.intent is not None}
    persistent = frozenset(_match(ledger, just_fixed, fixable, applied))
    for number in just_fixed:
        entries[number] = Entry(entries[number].reported, None)
    taken = {entry.reported.fingerprint for entry in entries}
    for seen in unclaimed.values():
        mark, ordinal = seen.fingerprint, 0
        while mark in taken:
            mark, ordinal = fingerprint(seen.identity, ordinal), ordinal + 1
        taken.add(mark)
        entries.append(_entry(analysis, seen, mark))
    return tuple(entries), persistent


def _match(ledger: Ledger, numbers: Sequence[int], unclaimed: dict[int, Seen], applied: Applied) -> dict[int, Seen]:
    """Entry to the finding of the new analysis that it is. What is found leaves `unclaimed`."""
    found: dict[int, Seen] = {}

    def claim(old: Callable[[Seen], Iterable[object]], new: Callable[[Seen], object]) -> None:
        index: dict[object, list[Seen]] = defaultdict(list)
        for seen in unclaimed.values():
            index[new(seen)].append(seen)
        for number in numbers:
            before = ledger[number].seen
            if before is None or number in found:
                continue
            for key in old(before):
                if index.get(key):
                    found[number] = index[key].pop(0)
                    del unclaimed[found[number].index]
                    break

    claim(lambda seen: _places(seen.finding, applied), lambda seen: seen.place)
    claim(lambda seen: (seen.fingerprint,), lambda seen: seen.fingerprint)
    claim(lambda seen: (seen.identity,), lambda seen: seen.identity)
    return found


def _places(finding: Finding, applied: Applied) -> list[tuple[str, str, int]]:
    if finding.end == 0:  # about the file as a whole
        return [(finding.code, finding.path, 0)]
    starts = moved(applied.get(finding.path, ()), finding.start) or ()
    return [(finding.code, finding.path, start) for start in starts]


def _entry(analysis: Analysis, seen: Seen, mark: str) -> Entry:
    finding = seen.finding
    lines = analysis.lines(finding.path)
    (line, column), (end_line, end_column) = lines.position(finding.start), lines.position(finding.end)
    doubts = finding.intent.doubts if finding.intent is not None else ()
    reason = finding.reason
    if seen.suppression is not None:
        reason = f"suppressed in line {seen.suppression.line}" + (
            f": {seen.suppression.reason}" if seen.suppression.reason else ""
        )
    reported = Reported(
        finding=finding,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        applicability="none",
        reason=reason,
        fix_id=None,
        fingerprint=mark,
        state="suppressed" if seen.suppression is not None else "none",
        source=lines.source(line, end_line),
        doubts=doubts,
        title=finding.intent.title if finding.intent is not None else "",
    )
    return Entry(reported, seen)
