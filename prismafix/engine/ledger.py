"""The book of findings: each has one entry and is in exactly one state, over all rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.engine.edits import image, moved
from prismafix.engine.fingerprint import fingerprint
from prismafix.engine.model import Reported
from prismafix.engine.suppressions import UNUSED
from prismafix.rewrites.model import Edit

if TYPE_CHECKING:
    from prismafix.engine.analysis import Analysis, Seen

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

    A finding that is not there any more was taken care of by a fix of another finding: it is fixed. One that was not
    there before gets an entry.
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
    persistent = frozenset(
        number for number in just_fixed if _persists(ledger[number].seen, unclaimed.values(), applied)
    )
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
    by_file: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for seen in unclaimed.values():
        by_file[seen.finding.code, seen.finding.path].append(seen)
    found: dict[int, Seen] = {}
    for same in _SAME:
        for number in numbers:
            before = ledger[number].seen
            if before is None or number in found:
                continue
            edits = applied.get(before.finding.path, ())
            candidates = by_file[before.finding.code, before.finding.path]
            match = next((now for now in candidates if now.index in unclaimed and same(before, now, edits)), None)
            if match is not None:
                found[number] = unclaimed.pop(match.index)
    return found


def _at_its_place(before: Seen, now: Seen, edits: Sequence[Edit]) -> bool:
    if before.finding.end == 0:  # about the file as a whole
        return now.finding.end == 0
    return now.finding.start in (moved(edits, before.finding.start) or ())


def _near_its_place(before: Seen, now: Seen, edits: Sequence[Edit]) -> bool:
    low, high = image(edits, before.finding.start, before.finding.end)
    return now.identity == before.identity and low <= now.finding.start < high


_SAME: tuple[Callable[[Seen, Seen, Sequence[Edit]], bool], ...] = (
    _at_its_place,
    _near_its_place,
    lambda before, now, edits: now.fingerprint == before.fingerprint,
    lambda before, now, edits: now.identity == before.identity,
)
"""How a finding is known again, the surest way first."""


def _persists(before: Seen | None, unclaimed: Iterable[Seen], applied: Applied) -> bool:
    """Whether a finding that was fixed is there again where its own fix has been, with a fix on offer once more.

    Not so for unused suppressions: a comment that lost one code may well lose the next when its finding goes too.
    """
    if before is None or before.finding.code == UNUSED:
        return False
    edits = applied.get(before.finding.path, ())
    low, _ = image(edits, before.finding.start, before.finding.end)
    return any(
        (now.finding.code, now.finding.path) == (before.finding.code, before.finding.path)
        and now.finding.intent is not None
        and (now.finding.start == low or _near_its_place(before, now, edits))
        for now in unclaimed
    )


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
