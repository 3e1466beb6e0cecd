"""Edits: applying them in bytes, and when two patches get into each other's way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismafix.engine.edits import Patch, apply_edits, conflict, image, join, moved, patch_of
from prismafix.rewrites.model import Edit, Fix, NewFile, Prerequisite

IMPORT = b"import { prisma } from '@/lib/prisma'\n"


def edit(start: int, end: int, text: str | bytes) -> Edit:
    return Edit("a.ts", start, end, text.encode() if isinstance(text, str) else text)


def patch(*edits: Edit) -> Patch:
    return Patch(edits)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a = old()\r\nb = old()\r\n", "a = new()\r\nb = new()\r\n", id="CRLF stays"),
        pytest.param("\ufeffa = old()\n", "\ufeffa = new()\n", id="the byte order mark stays"),
        pytest.param("\ta = old() \n\tb", "\ta = new() \n\tb", id="tabs, trailing space and no final newline stay"),
        pytest.param("s = 'žluťoučký 🐎'; a = old()\n", "s = 'žluťoučký 🐎'; a = new()\n", id="offsets are bytes"),
    ],
)
def test_only_the_bytes_of_the_edit_change(before: str, after: str) -> None:
    data = before.encode()
    edits, at = [], data.find(b"old")
    while at >= 0:
        edits.append(edit(at, at + 3, "new"))
        at = data.find(b"old", at + 1)
    assert apply_edits(data, edits) == after.encode()


def test_insertions_at_one_offset_keep_their_order_and_stand_before_what_is_replaced_there() -> None:
    edits = [edit(2, 4, "XX"), edit(2, 2, "1"), edit(2, 2, "2"), edit(4, 4, "3")]
    assert apply_edits(b"abcdef", edits) == b"ab12XX3ef"


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([edit(0, 3, ""), edit(2, 4, "")], id="overlap"),
        pytest.param([edit(0, 3, ""), edit(1, 1, "x")], id="insertion into what is replaced"),
        pytest.param([edit(1, 2, "a"), edit(1, 2, "b")], id="the same bytes twice"),
        pytest.param([edit(5, 7, "")], id="behind the end"),
        pytest.param([edit(3, 2, "")], id="backwards"),
    ],
)
def test_edits_that_contradict_each_other_are_an_error(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match=r"a\.ts: the edit of bytes"):
        apply_edits(b"abcdef", edits)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        pytest.param(edit(0, 3, "x"), edit(3, 5, "y"), False, id="side by side"),
        pytest.param(edit(0, 3, "x"), edit(2, 5, "y"), True, id="overlap"),
        pytest.param(edit(0, 9, ""), edit(3, 5, "y"), True, id="one inside the other"),
        pytest.param(
            edit(0, 3, "x"), edit(0, 3, "x"), True, id="the same replacement: one of them is not needed any more"
        ),
        pytest.param(edit(0, 3, "x"), edit(1, 1, "y"), True, id="insertion into a replacement"),
        pytest.param(edit(0, 3, "x"), edit(0, 0, "y"), False, id="insertion before a replacement"),
        pytest.param(edit(0, 3, "x"), edit(3, 3, "y"), False, id="insertion behind a replacement"),
        pytest.param(edit(3, 3, "x"), edit(3, 3, "y"), True, id="two insertions: which comes first?"),
        pytest.param(edit(3, 3, "await "), edit(3, 3, "await "), True, id="the same text twice is not one text"),
        pytest.param(edit(0, 0, IMPORT), edit(0, 0, IMPORT), False, id="the same import is one import"),
        pytest.param(edit(0, 0, IMPORT), edit(0, 0, b"import x from 'x'\n"), True, id="different imports"),
        pytest.param(
            edit(0, 0, "const { db } = require('./db');\n"),
            edit(0, 0, "const { db } = require('./db');\n"),
            False,
            id="the same require",
        ),
    ],
)
def test_conflicts(first: Edit, second: Edit, clash: bool) -> None:
    assert (conflict(patch(first), patch(second)) is not None) is clash
    assert (conflict(patch(second), patch(first)) is not None) is clash


def test_new_files_conflict_unless_they_are_the_same() -> None:
    one, same, other = (Patch((), (NewFile("lib/prisma.ts", text),)) for text in (b"1", b"1", b"2"))
    assert conflict(one, same) is None
    assert join(one, same).new_files == (NewFile("lib/prisma.ts", b"1"),)
    assert conflict(one, other) == "lib/prisma.ts"
    assert conflict(one, Patch((Edit("lib/prisma.ts", 0, 0, b"x"),))) == "lib/prisma.ts"


def test_the_same_import_of_two_patches_is_written_once() -> None:
    both = join(patch(edit(0, 0, IMPORT), edit(0, 1, "A")), patch(edit(0, 0, IMPORT), edit(2, 3, "C")))
    assert apply_edits(b"abc", both.edits) == IMPORT + b"AbC"


def test_a_prerequisite_is_taken_once_and_not_when_it_is_done() -> None:
    needed = Prerequisite("shared", (edit(0, 0, "x"),), (NewFile("lib/prisma.ts", b"1"),))
    fix = Fix("t", (edit(3, 4, "y"),), prerequisites=(needed, needed))
    assert patch_of(fix, ()) == Patch(
        (edit(0, 0, "x"), edit(3, 4, "y")), (NewFile("lib/prisma.ts", b"1"),), frozenset({"shared"})
    )
    assert patch_of(fix, {"shared"}) == Patch((edit(3, 4, "y"),))


@st.composite
def edits_over(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """Some bytes, and edits of them that do not overlap."""
    data = draw(st.binary(max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8, unique=True)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    texts = draw(st.lists(st.binary(max_size=4), min_size=len(pairs), max_size=len(pairs)))
    return data, [Edit("a.ts", start, end, text) for (start, end), text in zip(pairs, texts, strict=True)]


@given(edits_over(), st.randoms())
def test_the_order_in_which_patches_are_joined_does_not_matter(case: tuple[bytes, list[Edit]], random: object) -> None:
    data, edits = case
    expected = data
    for one in sorted(edits, key=lambda e: e.start, reverse=True):
        expected = expected[: one.start] + one.text + expected[one.end :]
    shuffled = list(edits)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    joined = Patch()
    for one in shuffled:
        assert conflict(joined, patch(one)) is None
        joined = join(joined, patch(one))
    assert apply_edits(data, joined.edits) == expected


@given(edits_over())
def test_a_byte_that_no_edit_touches_is_found_again(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    after = apply_edits(data, edits)
    for offset in range(len(data)):
        if any(one.start <= offset < one.end for one in edits):
            continue
        place = moved(edits, offset)
        assert place is not None
        assert after[place[1]] == data[offset]


def test_what_stood_inside_of_a_replacement_is_nowhere() -> None:
    assert moved([edit(2, 6, "x")], 4) is None
    assert moved([edit(2, 6, "x")], 2) == (2, 2)
    assert moved([edit(2, 2, "abc")], 2) == (2, 5)


def test_the_image_of_a_range_is_what_stands_in_its_place() -> None:
    assert image([edit(2, 6, "xyz")], 4, 8) == (2, 7)
    assert image([edit(2, 6, "")], 3, 5) == (2, 2)
    assert image([edit(0, 3, "x")], 3, 6) == (1, 4)
    assert image([edit(6, 6, "yy")], 3, 6) == (3, 6)
    assert image([edit(0, 0, "abc"), edit(9, 9, "d")], 2, 4) == (5, 7)
    assert image([], 2, 4) == (2, 4)
