"""Diffs with the colours of the code, for a screen with its own background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from prismafix.report.colours import marked
from prismafix.report.diff import shown_hunks
from prismafix.report.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prismafix.engine.model import FileChange

_TAB = 4


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles (as rich writes them) for everything that is said in colour. `code` is by the classes of
    `report.colours`."""

    added: str
    removed: str
    added_sign: str
    removed_sign: str
    header: str
    good: str
    doubt: str
    bad: str
    quiet: str
    code: dict[str, str]


DARK = Palette(
    added="on #12331f",
    removed="on #46181c",
    added_sign="bold #7ee787",
    removed_sign="bold #ff9492",
    header="#79c0ff",
    good="#7ee787",
    doubt="#f2cc60",
    bad="#ff9492",
    quiet="#9da7b3",
    code={"c": "italic #9da7b3", "s": "#a5d6ff", "n": "#79c0ff", "k": "#ff9bce", "f": "#d2a8ff"},
)
LIGHT = Palette(
    added="on #d2f5da",
    removed="on #ffdcd9",
    added_sign="bold #0a5c22",
    removed_sign="bold #a40e26",
    header="#0a3d80",
    good="#0a5c22",
    doubt="#7a4b00",
    bad="#a40e26",
    quiet="#4f5761",
    code={"c": "italic #4f5761", "s": "#0a3069", "n": "#0550ae", "k": "#a01048", "f": "#6639ba"},
)


def diff_lines(changes: Sequence[FileChange], palette: Palette, width: int) -> list[Text]:
    """The changes as `report.diff.shown` has them: passwords masked, control characters replaced. Changed lines have
    their background up to the longest line, or to `width` cells."""
    lines = [line for change in changes for line in _file(change, palette)]
    wide = max([width, *(line.cell_len for line in lines)])
    for line in lines:
        if line.plain[:1] in {"+", "-"} and line.style:
            line.append(" " * (wide - cell_len(line.plain)))
    return lines


def _file(change: FileChange, palette: Palette) -> Iterator[Text]:
    what = " (new file)" if change.before is None else " (deleted)" if change.after is None else ""
    yield Text.assemble((plain(change.path), f"bold {palette.header}"), (what, palette.quiet), no_wrap=True)
    for header, *lines in shown_hunks(change):
        yield Text(header, palette.header, no_wrap=True)
        yield from _hunk(
            [line.expandtabs(_TAB) if line[:1] == "\\" else _untabbed(line) for line in lines], change.path, palette
        )
    yield Text()


def _untabbed(line: str) -> str:
    return line[:1] + line[1:].expandtabs(_TAB)


def _hunk(lines: Sequence[str], path: str, palette: Palette) -> Iterator[Text]:
    """The lines of a hunk. Old and new ones are coloured apart: together they are no code."""
    old = iter(marked([line[1:] for line in lines if line[:1] in {" ", "-"}], path))
    new = iter(marked([line[1:] for line in lines if line[:1] in {" ", "+"}], path))
    for line in lines:
        sign = line[:1]
        if sign == " ":
            next(old)
            yield _line("  ", "", "", next(new), palette)
        elif sign == "-":
            yield _line("- ", palette.removed_sign, palette.removed, next(old), palette)
        elif sign == "+":
            yield _line("+ ", palette.added_sign, palette.added, next(new), palette)
        else:  # no newline at the end of the file
            yield Text(line, palette.quiet, no_wrap=True)


def _line(sign: str, sign_style: str, style: str, pieces: list[tuple[str, str]], palette: Palette) -> Text:
    text = Text(sign, style, no_wrap=True, end="")
    if sign_style:
        text.stylize(sign_style, 0, 1)
    for mark, piece in pieces:
        text.append(piece, palette.code.get(mark))
    return text
