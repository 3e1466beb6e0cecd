"""Edits as data: what a fix does to the tree, whether two fixes get into each other's way, and applying them.

All offsets are bytes of what was parsed. Edits of several fixes refer to the same bytes as long as none of them was
applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from prismafix.rewrites.model import Edit, Fix, NewFile

_IMPORT = re.compile(rb"\s*(?:import\b|(?:const|let|var)\b[^\n;]*=\s*require\s*\()")


@dataclass(frozen=True, slots=True)
class Patch:
    """Edits and new files that belong together, and the keys of the prerequisites among them."""

    edits: tuple[Edit, ...] = ()
    new_files: tuple[NewFile, ...] = ()
    prerequisites: frozenset[str] = frozenset()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that is edited or made, once, in order."""
        return tuple(dict.fromkeys((*(f.path for f in self.new_files), *(e.path for e in self.edits))))

    def only(self, path: str) -> Patch:
        """The part that concerns one file."""
        return Patch(self.edits_of(path), tuple(new for new in self.new_files if new.path == path))

    def edits_of(self, path: str) -> tuple[Edit, ...]:
        """The edits of one file, as they were given."""
        return tuple(edit for edit in self.edits if edit.path == path)

    def new_file(self, path: str) -> NewFile | None:
        """The new file at `path`, or None."""
        return next((new for new in self.new_files if new.path == path), None)


def patch_of(fix: Fix, done: Collection[str]) -> Patch:
    """All that a fix needs: its prerequisites first, without those whose keys are `done`, then its own edits."""
    patch = Patch()
    for needed in fix.prerequisites:
        if needed.key not in done and needed.key not in patch.prerequisites:
            patch = join(patch, Patch(needed.edits, needed.new_files, frozenset({needed.key})))
    return join(patch, Patch(fix.edits))


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """`data` after the edits of one file. Insertions at one offset keep the order in which they are given.

    Raises ValueError for edits that overlap or lie outside of the file.
    """
    out: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if not at <= edit.start <= edit.end <= len(data):
            raise ValueError(f"{edit.path}: the edit of bytes {edit.start} to {edit.end} overlaps or lies outside")
        out += (data[at : edit.start], edit.text)
        at = edit.end
    out.append(data[at:])
    return b"".join(out)


def moved(edits: Iterable[Edit], offset: int) -> tuple[int, int] | None:
    """Where the byte at `offset` of a file is after the edits of that file: before and behind what is inserted right
    there.

    None when an edit replaces the bytes around it. The first byte of a replaced range moves to the start of the
    replacement.
    """
    shift = inserted = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start == edit.end == offset:
            inserted += len(edit.text)
        elif edit.end <= offset:
            shift += len(edit.text) - (edit.end - edit.start)
        elif edit.start < offset:
            return None
        else:
            break
    return offset + shift, offset + shift + inserted


def image(edits: Iterable[Edit], start: int, end: int) -> tuple[int, int]:
    """What has become of a range of a file, with all that stands in the place of edits which overlap it."""
    edits = tuple(edits)
    for edit in edits:
        if edit.start < end and start < edit.end:
            start, end = min(start, edit.start), max(end, edit.end)
    first, last = moved(edits, start), moved(edits, end)
    assert first is not None
    assert last is not None
    return first[0], last[0]


def conflict(first: Patch, second: Patch) -> str | None:
    """The path at which two patches cannot both be applied to the same bytes, or None.

    They conflict where edits overlap, where both insert at one offset (unless it is the same import) and where both
    make a file with different content, or one makes a file that the other edits.
    """
    for new in second.new_files:
        other = first.new_file(new.path)
        if (other is not None and other.content != new.content) or first.edits_of(new.path):
            return new.path
    for path in dict.fromkeys(edit.path for edit in second.edits):
        if first.new_file(path) is not None:
            return path
        theirs = first.edits_of(path)
        if any(_collide(a, b) for b in second.edits_of(path) for a in theirs):
            return path
    return None


def join(first: Patch, second: Patch) -> Patch:
    """Both patches as one: what both make and what both import stands in it once. They must not conflict."""
    return Patch(
        first.edits + tuple(b for b in second.edits if not any(_same_import(a, b) for a in first.edits)),
        first.new_files + tuple(new for new in second.new_files if new not in first.new_files),
        first.prerequisites | second.prerequisites,
    )


def shared_with(patch: Patch, others: Mapping[str, Patch]) -> frozenset[str]:
    """The names of the patches that bring an import or a file which this one brings too."""
    return frozenset(
        name
        for name, other in others.items()
        if any(new in other.new_files for new in patch.new_files)
        or any(_same_import(a, b) for a in patch.edits for b in other.edits)
    )


def _collide(a: Edit, b: Edit) -> bool:
    if a.start == a.end and b.start == b.end:
        return a.start == b.start and not _same_import(a, b)
    return a.start < b.end and b.start < a.end


def _same_import(a: Edit, b: Edit) -> bool:
    return a == b and a.start == a.end and _IMPORT.match(a.text) is not None
