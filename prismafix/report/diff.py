"""Unified diffs: bytes that `git apply` accepts, and coloured lines for a terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rich.text import Text

from prismafix.connection.masking import mask, mask_settings
from prismafix.report.words import visible
from prismafix.workspace.sources import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prismafix.engine.model import FileChange

CONTEXT = 3
_EXACT = 3000
"""Above so many lines the matcher skips lines that are frequent: its time is quadratic."""
_STYLES = {b"+": "green", b"-": "red", b"@": "cyan", b"d": "bold", b"n": "bold"}


def patch(changes: Sequence[FileChange], prefix: str = "") -> bytes:
    """A patch in git's format, byte for byte: line endings, BOM and encoding are those of the files.

    `prefix` (`""`, or a folder with a final `/`) goes before every path: git wants them from the repository's top.
    Hunks that hold a password, changed or beside what changes, are not in it (`left_out` names them).
    """
    return b"".join(_file(change, prefix, _public(change)) for change in changes if change.before != change.after)


def left_out(changes: Sequence[FileChange]) -> list[str]:
    """`path:line` (1-based, of the changed file) of each hunk that is in no patch, since it holds a password."""
    found = []
    for change in changes:
        found += [f"{change.path}:{hunk.line}" for hunk in _hunks_of(change) if hunk.is_secret]
    return found


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes], list[tuple[int, int, int, int]]]:
    """The lines of both with their line feeds, and which of the first become which of the second: each as (start, end)
    of the old and of the new lines, 0-based, the end exclusive."""
    old, new = _lines(before), _lines(after)
    return (
        old,
        new,
        [(i1, i2, j1, j2) for group in _groups(old, new) for tag, i1, i2, j1, j2 in group if tag != "equal"],
    )


def shown(changes: Sequence[FileChange], prefix: str = "") -> Iterator[Text]:
    """The same as coloured lines for the screen: passwords masked, control characters replaced."""
    for change in changes:
        header, hunks = _file(change, prefix, _hunks_of(change)).partition(b"\n@@ ")[::2]
        for line in header.split(b"\n"):
            yield Text(_screen(line, change.path), "bold", no_wrap=True)
        for line in (b"@@ " + hunks).rstrip(b"\n").split(b"\n") if hunks else ():
            yield Text(_screen(line, change.path), _STYLES.get(line[:1], ""), no_wrap=True)


def shown_hunks(change: FileChange) -> list[list[str]]:
    """The lines of each hunk of a change, the first one its header, as `shown` shows them."""
    return [
        [_screen(line, change.path) for line in hunk.text.removesuffix(b"\n").split(b"\n")]
        for hunk in _hunks_of(change)
    ]


def _screen(line: bytes, path: str) -> str:
    return _masked(visible(line.removesuffix(b"\r").decode("utf-8", "replace")), path)


def _masked(text: str, path: str) -> str:
    """A text of a file without passwords. In code `API_KEY: …` says where a key is, elsewhere it is the key."""
    return mask(text) if path.endswith(SUFFIXES) else mask_settings(text)


@dataclass(frozen=True, slots=True)
class _Hunk:
    """The bytes of one hunk, and the line (1-based, of the new file) of its first change. `is_secret`: it holds a
    password."""

    text: bytes
    line: int
    is_secret: bool


def _hunks_of(change: FileChange) -> list[_Hunk]:
    return list(_hunks(_lines(change.before or b""), _lines(change.after or b""), change.path))


def _public(change: FileChange) -> list[_Hunk]:
    return [hunk for hunk in _hunks_of(change) if not hunk.is_secret]


def _file(change: FileChange, prefix: str, shown: Sequence[_Hunk]) -> bytes:
    """One file of a patch, with some of its hunks; nothing if it has hunks and none of them is to be shown."""
    path = os.fsencode(prefix + change.path)
    old, new = b"a/" + path, b"b/" + path
    head = [b"diff --git " + _quoted(old) + b" " + _quoted(new) + b"\n"]
    if change.before is None:
        head.append(b"new file mode 100644\n")
    if change.after is None:
        head.append(b"deleted file mode 100644\n")
    hunks = b"".join(hunk.text for hunk in shown)
    if not hunks and (change.before or change.after):
        return b""
    if hunks:
        head.append(b"--- " + (b"/dev/null" if change.before is None else _name(old)) + b"\n")
        head.append(b"+++ " + (b"/dev/null" if change.after is None else _name(new)) + b"\n")
    return b"".join(head) + hunks


def _lines(data: bytes) -> list[bytes]:
    """Lines with their line feeds. Only the line feed ends a line for git."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _hunks(old: list[bytes], new: list[bytes], path: str) -> Iterator[_Hunk]:
    for group in _groups(old, new):
        first, last = group[0], group[-1]
        lines = [b"@@ -%s +%s @@\n" % (_range(first[1], last[2]), _range(first[3], last[4]))]
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += (_line(b" ", line) for line in old[i1:i2])
            else:
                lines += (_line(b"-", line) for line in old[i1:i2])
                lines += (_line(b"+", line) for line in new[j1:j2])
        line = next((j1 for tag, _, _, j1, _ in group if tag != "equal"), first[3])
        text = b"".join(lines).decode("utf-8", "replace")
        yield _Hunk(b"".join(lines), line + 1, _masked(text, path) != text)


def _groups(old: list[bytes], new: list[bytes]) -> list[list[tuple[str, int, int, int, int]]]:
    """The hunks as `difflib` opcodes with three lines of context.

    Equal lines at both ends are taken off first: edits are small and files may be large.
    """
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    head, tail = max(0, head - CONTEXT), max(0, tail - CONTEXT)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, left, right, autojunk=max(len(left), len(right)) > _EXACT)
    groups = [
        [(tag, i1 + head, i2 + head, j1 + head, j2 + head) for tag, i1, i2, j1, j2 in group]
        for group in matcher.get_grouped_opcodes(CONTEXT)
    ]
    if groups:  # the matcher may pair the lines that were left at an end otherwise: there what was taken off is context
        tag, i1, i2, j1, j2 = groups[0][0]
        more = min(head, CONTEXT - (i2 - i1 if tag == "equal" else 0)) if i1 == head else 0
        groups[0][:0] = [("equal", i1 - more, i1, j1 - more, j1)]
        tag, i1, i2, j1, j2 = groups[-1][-1]
        more = min(tail, CONTEXT - (i2 - i1 if tag == "equal" else 0)) if i2 == len(old) - tail else 0
        groups[-1].append(("equal", i2, i2 + more, j2, j2 + more))
    return groups


def _range(start: int, stop: int) -> bytes:
    """A range of a hunk's header: 1-based, and one less where it is empty."""
    length = stop - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"


_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}


def _quoted(name: bytes) -> bytes:
    """`name` as git writes it (`core.quotePath`): quoted for quotes, backslashes, control and non-ASCII bytes."""
    if all(32 <= byte < 127 and byte not in _ESCAPES for byte in name):
        return name
    return b'"' + b"".join(_ESCAPES.get(b) or (bytes([b]) if 32 <= b < 127 else b"\\%03o" % b) for b in name) + b'"'


def _name(name: bytes) -> bytes:
    """`name` in a `---`/`+++` line: one with a space is ended by a tab, so that git can tell it from a date."""
    quoted = _quoted(name)
    return quoted + b"\t" if b" " in name and quoted == name else quoted
