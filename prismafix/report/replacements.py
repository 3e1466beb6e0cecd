"""What a fix does to a file as replaced lines: what programs apply that are not git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.report.diff import changed_lines, left_out

if TYPE_CHECKING:
    from prismafix.engine.model import FileChange

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Whole lines become `text`. Lines and columns are 1-based, columns in UTF-16 units, the end exclusive; a byte
    order mark takes no column."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


def replacements(change: FileChange) -> tuple[Replacement, ...] | None:
    """The replacements that lead from `before` (empty if there is no such file) to `after`, from the top.

    None where they would tell a password, and where they cannot be said as text: the file goes, what changes is no
    UTF-8, or the byte order mark comes or goes.
    """
    before, after = change.before or b"", change.after
    if after is None or left_out([change]) or before.startswith(_BOM) != after.startswith(_BOM):
        return None
    old, new, spans = changed_lines(before.removeprefix(_BOM), after.removeprefix(_BOM))
    try:
        return tuple(
            Replacement(*_place(old, i1), *_place(old, i2), b"".join(new[j1:j2]).decode()) for i1, i2, j1, j2 in spans
        )
    except UnicodeDecodeError:
        return None


def _place(lines: list[bytes], index: int) -> tuple[int, int]:
    """Line and column of the start of a line; of the end of the file behind a last line that has no line feed."""
    if index and index == len(lines) and not lines[-1].endswith(b"\n"):
        return index, 1 + len(lines[-1].decode().encode("utf-16-le")) // 2
    return index + 1, 1
