"""Code frames: the line that a finding is about, with carets and a label under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from prismafix.connection.masking import mask
from prismafix.report.words import visible

if TYPE_CHECKING:
    from prismafix.engine.model import Reported

WIDTH = 160
"""Longest shown part of a line, in characters: minified code has lines of a megabyte."""
_TAB = "    "


def frame(reported: Reported) -> list[Text]:
    """Two lines for a finding with source, none for one without (a whole file, or one that cannot be shown).

    The carets cover the head of the expression up to its first parenthesis (`Promise.all`, `new PrismaClient`), else
    all of its first line. Widths are terminal cells, so that carets stand right below wide characters.
    """
    if not reported.source or not reported.source[0].strip():
        return []
    line = reported.source[0].rstrip("\r\n")
    start = _index(line, reported.column)
    end = _index(line, reported.end_column) if reported.end_line == reported.line else len(line)
    end = start + len(_head(line[start:end]))
    first, last = _window(start, end, len(line))
    before, caret, after = _parts(line, first, start, min(end, last), last)
    code = Text.assemble((f"{reported.line:>5} |", "blue"), " " + before + caret + after)
    pointer = " " * (1 + cell_len(before)) + "^" * max(1, cell_len(caret))
    label = mask(visible(reported.finding.label))
    marks = Text.assemble(("      |", "blue"), (pointer, "bold red"), (" " + label if label else "", "red"))
    code.no_wrap = marks.no_wrap = True
    return [code, marks]


def _index(line: str, column: int) -> int:
    """The index into `line` of a 1-based column in UTF-16 units."""
    units = 1
    for index, character in enumerate(line):
        if units >= column:
            return index
        units += 2 if ord(character) > 0xFFFF else 1
    return len(line)


def _head(text: str) -> str:
    head = text.split("(", 1)[0].rstrip()
    return head or text.rstrip()


def _window(start: int, end: int, length: int) -> tuple[int, int]:
    """Which part of a line of `length` characters is shown: `WIDTH` characters around `start`."""
    if length <= WIDTH:
        return 0, length
    first = max(0, min(start - WIDTH // 4, length - WIDTH))
    return first, min(length, max(first + WIDTH, min(end, first + 2 * WIDTH)))


def _parts(line: str, first: int, start: int, end: int, last: int) -> tuple[str, str, str]:
    """The shown text before, above and after the carets, with passwords masked.

    A URL may begin in one part and end in the next: the whole line is masked, and the widths of its masked beginnings
    tell the parts.
    """
    whole = mask(line)
    if whole == line:
        cut = (line[first:start], line[start:end], line[end:last])
    else:
        shift, after = len(mask(line[:start])), len(mask(line[:end]))
        cut = (whole[:shift][-WIDTH:], whole[shift:after], whole[after:][:WIDTH])
    before, caret, rest = (visible(part).replace("\t", _TAB) for part in cut)
    return ("…" if first else "") + before, caret, rest + ("…" if last < len(line) else "")
