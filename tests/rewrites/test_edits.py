"""Edits of one file as one: what goes swallows what lies inside of it, and what touches is one edit."""

from __future__ import annotations

import pytest

from prismafix.rewrites.edits import apply_edits, join_edits
from prismafix.rewrites.model import Edit

DATA = b"0123456789"


def joined(*edits: tuple[int, int, bytes]) -> bytes:
    """The text after the edits; each is (start, end, text)."""
    return apply_edits(DATA, join_edits(Edit("a.ts", *edit) for edit in edits))


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(2, 5, b""), (4, 8, b"")], b"0189"),
        ([(0, 1, b"x"), (2, 5, b""), (4, 8, b"")], b"x189"),
        ([(2, 8, b""), (4, 5, b"")], b"0189"),
        ([(2, 8, b""), (2, 5, b"")], b"0189"),
        ([(2, 8, b""), (4, 5, b"x")], b"0189"),
        ([(2, 8, b""), (4, 8, b"x")], b"0189"),
        ([(2, 8, b"x"), (4, 8, b"")], b"01x89"),
        ([(2, 8, b"x"), (4, 5, b"")], b"01x89"),
        ([(2, 5, b"x"), (5, 8, b"y")], b"01xy89"),
        ([(2, 2, b"x"), (2, 5, b"")], b"01x56789"),
        ([(2, 5, b""), (5, 5, b"x")], b"01x56789"),
        ([(2, 5, b"x"), (2, 5, b"x")], b"01x56789"),
        ([(2, 2, b"")], DATA),
        ([], DATA),
    ],
)
def test_what_becomes_of_edits_that_meet(edits: list[tuple[int, int, bytes]], expected: bytes) -> None:
    assert joined(*edits) == expected
    assert joined(*reversed(edits)) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [(2, 5, b"x"), (4, 8, b"y")],
        [(2, 8, b"x"), (4, 5, b"y")],
        [(2, 5, b"x"), (4, 8, b"")],
        [(2, 5, b""), (4, 8, b"y")],
        [(2, 5, b"x"), (2, 5, b"y")],
    ],
)
def test_two_that_claim_the_same_bytes_are_an_error(edits: list[tuple[int, int, bytes]]) -> None:
    with pytest.raises(ValueError, match="edits overlap at byte"):
        joined(*edits)
