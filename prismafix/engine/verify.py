"""The re-parse check: a fix may leave no syntax error that was not there before, and touches nothing next to one that
was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.engine.edits import moved
from prismafix.syntax.dialect import DIALECTS, dialect_of
from prismafix.syntax.parsing import error_spans, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.rewrites.model import Edit

Spans = tuple[tuple[int, int], ...]


def syntax_errors(path: str, data: bytes) -> Spans:
    """The byte spans that do not parse; none for a file that is no source file."""
    if not path.endswith(tuple(DIALECTS)):
        return ()
    return tuple(error_spans(parse(data, dialect_of(path))))


def touches(edits: Sequence[Edit], errors: Spans) -> bool:
    """Whether an edit overlaps or adjoins a span that does not parse: what the tree says there is not to be relied
    on."""
    return any(edit.start <= end and start <= edit.end for edit in edits for start, end in errors)


def new_errors(path: str, after: bytes, edits: Sequence[Edit], before: Spans) -> Spans:
    """The spans of `after` that do not parse and did not fail to parse before.

    `edits` are all that led to `after`, `before` the errors of the bytes they refer to. An error that grew is a new
    one: a broken edit can hide inside of a larger error without adding to their number.
    """
    known = []
    for start, end in before:
        head, tail = moved(edits, start), moved(edits, end)
        if head is not None and tail is not None:
            known.append((head[0], tail[1]))
    return tuple(
        (start, end)
        for start, end in syntax_errors(path, after)
        if not any(low <= start and end <= high for low, high in known)
    )
