"""Byte offsets to the lines and columns that people and editors use."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Lines:
    """A file and the byte offset at which each of its lines starts. A line ends with `\\n`; a `\\r` before it is part
    of the ending."""

    data: bytes
    starts: tuple[int, ...]

    def line(self, offset: int) -> int:
        """The 1-based line of a byte offset."""
        return bisect_right(self.starts, max(offset, 0))

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and 1-based column in UTF-16 units of a byte offset. A byte order mark takes no column.

        An offset outside of the file is moved to its nearest end.
        """
        offset = min(max(offset, 0), len(self.data))
        line = self.line(offset)
        before = self.data[self.starts[line - 1] : offset]
        if line == 1:
            before = b"" if len(before) < len(_BOM) and _BOM.startswith(before) else before.removeprefix(_BOM)
        return line, 1 + len(before.decode("utf-8", "replace").encode("utf-16-le")) // 2

    def source(self, first: int, last: int) -> tuple[str, ...]:
        """The text of the 1-based lines `first` to `last` (both included), without line endings and byte order mark."""
        found = []
        for line in range(max(first, 1), min(last, len(self.starts)) + 1):
            end = self.starts[line] if line < len(self.starts) else len(self.data)
            data = self.data[self.starts[line - 1] : end].removesuffix(b"\n").removesuffix(b"\r")
            found.append((data.removeprefix(_BOM) if line == 1 else data).decode("utf-8", "replace"))
        return tuple(found)


def lines_of(data: bytes) -> Lines:
    """Index the lines of a file."""
    starts = [0]
    at = data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return Lines(data, tuple(starts))
