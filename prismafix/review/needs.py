"""Which fix builds on which: what the engine knows, and which lines that one wrote another changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.report.diff import changed_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.engine.model import FileChange, Proposal


def needs_of(proposals: Sequence[Proposal]) -> dict[str, tuple[str, ...]]:
    """For each proposal (id) those before it without which it would not look like this, in their order."""
    writers: dict[str, list[str | None]] = {}
    needs: dict[str, tuple[str, ...]] = {}
    for proposal in proposals:
        found = {name for name in proposal.requires if name in needs}
        for change in proposal.changes:
            found |= _rewritten(writers, change, proposal.fix_id)
        needs[proposal.fix_id] = tuple(name for name in needs if name in found)
    return needs


def _rewritten(writers: dict[str, list[str | None]], change: FileChange, name: str) -> set[str]:
    """Who wrote the lines that a change takes away. `writers` has the fix that wrote it for each line of a file (None:
    nobody did, it was there), and is brought up to date."""
    old, new, blocks = changed_lines(change.before or b"", change.after or b"")
    wrote = writers.get(change.path)
    if wrote is None or len(wrote) != len(old):
        wrote = [None] * len(old)
    found = set()
    now: list[str | None] = []
    at = 0
    for start, end, new_start, new_end in blocks:
        found |= {writer for writer in wrote[start:end] if writer is not None}
        now += wrote[at:start] + [name] * (new_end - new_start)
        at = end
    writers[change.path] = now + wrote[at:]
    assert len(writers[change.path]) == len(new)
    return found - {name}
