"""Edits over the bytes of one file: applying them, joining what touches, and deleting whole statements tidily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.model import Edit
from prismafix.syntax.parsing import error_count, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.rewrites.source import Source


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes after the edits of one file. Raises ValueError for edits that overlap."""
    out = bytearray(data)
    limit = len(data)
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        if edit.end > limit:
            raise ValueError(f"edits overlap at byte {edit.start} of {edit.path}")
        out[edit.start : edit.end] = edit.text
        limit = edit.start
    return bytes(out)


def join_edits(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits of one file, sorted, in which deletions swallow what lies inside them and touching edits become one.

    Raises ValueError when two replacements claim the same bytes.
    """
    out: list[Edit] = []
    for edit in sorted(set(edits), key=lambda e: (e.start, e.start != e.end, -e.end)):
        last = out[-1] if out else None
        if last is None or edit.start > last.end:
            out.append(edit)
        elif edit.start == last.end:
            out[-1] = Edit(edit.path, last.start, edit.end, last.text + edit.text)
        elif not edit.text and not last.text:
            out[-1] = Edit(edit.path, last.start, max(last.end, edit.end), b"")
        elif not edit.text and edit.end <= last.end:
            continue
        elif not last.text and edit.end <= last.end:
            continue  # inside of something that goes
        else:
            raise ValueError(f"edits overlap at byte {edit.start} of {edit.path}")
    return tuple(edit for edit in out if edit.start != edit.end or edit.text)


def finish(source: Source, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The joined edits of one file, with the blank lines that only their union leaves over.

    Raises ValueError for an overlap.
    """
    joined = join_edits(edits)
    wider = []
    for index, edit in enumerate(joined):
        if not edit.text and _whole_lines(source, [edit.start, edit.end]):
            start, end = _tidy(source, edit.start, edit.end)
            start = max(start, joined[index - 1].end if index else 0)
            end = min(end, joined[index + 1].start if index + 1 < len(joined) else len(source.data))
            edit = Edit(edit.path, start, end, b"")
        wider.append(edit)
    return join_edits(wider)


def breaks(source: Source, edits: Iterable[Edit]) -> bool:
    """Whether the edited file has more parse errors than the file has now."""
    return error_count(parse(apply_edits(source.data, edits), source.dialect)) > error_count(source.tree)


def delete_statements(source: Source, spans: Iterable[tuple[int, int]]) -> list[Edit]:
    """Delete statements (or comments) with their lines, and the blank lines that would be left over.

    A span that shares its line with other code goes with the white space behind it. Spans that follow each other are
    one deletion.
    """
    regions: list[list[int]] = []
    for start, end in sorted(spans):
        region = list(_with_lines(source, start, end))
        if (regions and source.is_blank(regions[-1][1], region[0]) and _whole_lines(source, regions[-1])) or (
            regions and region[0] < regions[-1][1]
        ):
            regions[-1][1] = max(regions[-1][1], region[1])
        else:
            regions.append(region)
    edits = []
    for start, end in regions:
        if _whole_lines(source, [start, end]):
            start, end = _tidy(source, start, end)
        edits.append(Edit(source.path, start, end, b""))
    return edits


def _with_lines(source: Source, start: int, end: int) -> tuple[int, int]:
    if source.starts_line(start) and source.ends_line(end):
        return source.line_start(start), source.line_end(end)
    if source.starts_line(start) or source.data[start - 1 : start] in (b" ", b"{", b"("):
        while end < len(source.data) and source.data[end] in b" \t":
            end += 1
    if source.ends_line(end) and not source.starts_line(start):
        while start > 0 and source.data[start - 1] in b" \t":
            start -= 1
        while end > start and source.data[end - 1] in b" \t":
            end -= 1
    return start, end


def _whole_lines(source: Source, region: list[int]) -> bool:
    start, end = region
    return source.line_start(start) == start and (end == len(source.data) or source.data[end - 1 : end] == b"\n")


def _tidy(source: Source, start: int, end: int) -> tuple[int, int]:
    """Widen a deletion of whole lines so that no doubled, leading or trailing blank line stays behind."""
    data = source.data
    before = start
    while before > 0 and source.is_blank(source.line_start(before - 1), before - 1):
        before = source.line_start(before - 1)
    after = end
    while after < len(data) and source.is_blank(after, source.line_end(after)):
        after = source.line_end(after)
    head = data[:before].rstrip()
    opens = not head.removeprefix(b"\xef\xbb\xbf") or head.endswith((b"{", b"(", b"["))
    closes = after >= len(data) or data[after : source.line_end(after)].lstrip().startswith((b"}", b")", b"]"))
    if opens:
        return (
            start,
            after,
        )  # blank lines before the block's first statement were the author's; those behind it were ours
    if closes:
        return before, end
    if before < start and after > end:
        return start, after
    return start, end
