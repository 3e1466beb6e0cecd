"""Answers, what follows from them, the tree, the search, the account: without a screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import FileChange
from prismafix.review.account import account_of
from prismafix.review.code import DARK, LIGHT, Palette, diff_lines
from prismafix.review.matching import matches
from prismafix.review.model import Review
from prismafix.review.tree import leaves, tree_of

from .making import proposal, shop

if TYPE_CHECKING:
    from prismafix.review.tree import Node


def opened() -> Review:
    return Review.of(shop(), {p.fix_id for p in shop()})


def test_at_first_nothing_is_decided_and_nothing_wanted() -> None:
    review = opened()
    assert set(review.marks().values()) == {"undecided"} and review.wanted() == frozenset()


def test_what_was_accepted_before_is() -> None:
    review = Review.of(shop(), {"mails"})
    assert review.marks()["mails"] == "undecided" and review.counts()["accepted"] == 5


def test_accepting_pulls_along_what_it_builds_on() -> None:
    review = opened()
    changed = review.accept("users")
    assert (changed.fixes, changed.along, changed.waiting) == (("users",), ("orders",), ())
    assert review.wanted() == {"users", "orders"}
    assert review.undo() is not None and review.wanted() == frozenset()


def test_a_safe_fix_does_not_pull_an_unsafe_one_along() -> None:
    review = Review.of(
        [proposal("first", applicability="unsafe"), proposal("second", "src/b.ts", requires=["first"])],
        {"first", "second"},
    )
    changed = review.accept("second")
    assert (changed.along, changed.waiting) == ((), ("first",))
    assert review.marks() == {"first": "undecided", "second": "again"}
    review.accept("first")
    assert review.marks() == {"first": "accepted", "second": "accepted"}


def test_rejecting_takes_out_what_builds_on_it_and_undo_brings_it_back() -> None:
    review = opened()
    review.accept("users")
    changed = review.reject(["orders"], "orders")
    assert changed.again == ("users",) and review.marks()["users"] == "again"
    # It stays wanted: the engine asks once more if it comes out differently.
    assert review.wanted() == {"users"}
    review.undo()
    assert review.marks()["users"] == review.marks()["orders"] == "accepted"


def test_all_of_something_are_those_that_are_no_less_safe() -> None:
    review = opened()
    changed = review.accept_all(review.proposals, "safe", "all")
    assert set(changed.fixes) == {"orders", "users", "client", "pages"} and set(changed.left) == {"mails", "mails2"}
    changed = review.accept_all(review.proposals, "unsafe", "all")
    assert set(changed.fixes) == {"mails", "mails2"} and changed.left == ()
    review.undo()
    assert review.marks()["mails"] == "undecided" and review.marks()["orders"] == "accepted"


def test_all_of_something_leaves_what_was_rejected_and_what_builds_on_that() -> None:
    review = opened()
    review.reject(["orders"], "orders")
    changed = review.accept_all(review.proposals, "unsafe", "all")
    assert "orders" not in changed.fixes and changed.left == ("users",)
    assert review.marks()["orders"] == "rejected"


def test_undo_goes_back_to_the_beginning_and_says_so() -> None:
    review = opened()
    review.accept("pages")
    review.reject(["mails"], "mails.ts:3")
    assert review.undo() == "rejecting mails.ts:3"
    assert review.undo() == "accepting Run at most 5 queries at a time in web/app/page.tsx"
    assert review.undo() is None and review.answers == {}


def test_a_fix_of_lines_that_another_wrote_builds_on_it() -> None:
    text = ["one()\n", "two()\n", "three()\n"]
    first = proposal("first", change=("".join(text), "one()\nzwei()\nthree()\n"))
    apart = proposal("apart", line=3, change=("one()\nzwei()\nthree()\n", "one()\nzwei()\ndrei()\n"))
    onto = proposal("onto", line=2, change=("one()\nzwei()\ndrei()\n", "one()\nzwei(2)\ndrei()\n"))
    review = Review.of([first, apart, onto], ["first", "apart", "onto"])
    assert review.needs == {"first": (), "apart": (), "onto": ("first",)}
    assert review.needed_by("first") == ["onto"]


def outline(nodes: tuple[Node, ...], depth: int = 0) -> list[str]:
    return [line for n in nodes for line in ("  " * depth + n.label, *outline(n.children, depth + 1))]


def test_the_tree_is_package_rule_file_fix() -> None:
    assert outline(tree_of([*shop(), proposal("root", package=None)])) == [
        "@shop/api",
        "  PF303 fan-out-unbounded",
        "    routes/mails.ts",
        "      3: run at most 5 queries at a time",
        "      30: run at most 5 queries at a time",
        "    routes/orders.ts:5",
        "    routes/users.ts:9",
        "@shop/web",
        "  PF102 client-per-module",
        "    lib/db.ts:2",
        "  PF303 fan-out-unbounded",
        "    app/page.tsx:7",
        "whole workspace",
        "  PF303 fan-out-unbounded",
        "    src/a.ts:1",
    ]
    assert list(leaves(tree_of(shop()))) == ["mails", "mails2", "orders", "users", "client", "pages"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "orders users mails mails2 client pages"),
        ("SHARED client", "client"),
        ("pf102", "client"),
        ("client-per-module", "client"),
        ("routes", "orders users mails mails2"),
        ("limit.ts", "orders"),
        ("@shop/web", "client pages"),
        ("order at once mails", "mails mails2"),
        ("unsafe", "mails mails2"),
        ("nowhere", ""),
    ],
)
def test_search(query: str, found: str) -> None:
    assert " ".join(p.fix_id for p in shop() if matches(p, query)) == found


def test_a_password_cannot_be_searched_for() -> None:
    secret = proposal("a", message="postgres://u:secret@h/db has no limit")
    assert not matches(secret, "secret") and matches(secret, "no limit")


def test_the_account_says_what_goes_where_and_what_stays() -> None:
    review = opened()
    review.accept("users")
    review.accept("mails")
    review.reject(["client"], "client")
    account = account_of(review)
    assert [(f.path, f.is_new, f.is_deleted, f.fixes, f.codes) for f in account.files] == [
        ("api/src/limit.ts", True, False, 1, ("PF303",)),
        ("api/src/routes/mails.ts", False, False, 1, ("PF303",)),
        ("api/src/routes/orders.ts", False, False, 1, ("PF303",)),
        ("api/src/routes/users.ts", False, False, 1, ("PF303",)),
    ]
    assert (account.accepted, account.unsafe, account.again) == (3, 1, 0)
    assert (account.undecided, account.rejected) == (2, 1)
    review.reject(["orders"], "orders")
    assert account_of(review).again == 1


def test_a_file_that_is_deleted_is_said_to_be_and_one_that_never_was_is_not_named() -> None:
    gone = proposal("gone", "a.ts", change=("x\n", None))
    made = proposal("made", "b.ts", change=(None, "x\n"))
    unmade = proposal("unmade", "b.ts", change=("x\n", None))
    review = Review.of([gone, made, unmade], [])
    assert [(file.path, file.is_deleted) for file in account_of(review).files] == [("a.ts", True)]


def test_the_diff_is_masked_has_no_control_characters_and_keeps_its_signs() -> None:
    before = b'const url = "postgres://u:secret@h/db"\n\tevil("\x1b[2J")\r\n'
    lines = diff_lines([FileChange("a.ts", before, b"fine()")], DARK, 40)
    text = "\n".join(line.plain.rstrip() for line in lines)
    assert "secret" not in text and "postgres://u:" in text and "\x1b" not in text and "\r" not in text
    assert [line.plain[:2] for line in lines[2:5]] == ["- ", "- ", "+ "]
    assert "\\ No newline at end of file" in text


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("palette", "backgrounds"), [(DARK, ("#121212", "#1e1e1e")), (LIGHT, ("#e0e0e0", "#d8d8d8"))])
def test_all_colours_can_be_read_on_their_backgrounds(palette: Palette, backgrounds: tuple[str, str]) -> None:
    behind = [*backgrounds, palette.added.removeprefix("on "), palette.removed.removeprefix("on ")]
    code = [re.findall("#......", style)[0] for style in palette.code.values()]
    for colour in code:
        assert min(contrast(colour, one) for one in behind) >= 4.5, colour
    for style in (palette.header, palette.good, palette.doubt, palette.bad, palette.quiet):
        assert min(contrast(style, one) for one in backgrounds) >= 4.5, style
    assert contrast(palette.added_sign.split()[-1], behind[2]) >= 4.5
    assert contrast(palette.removed_sign.split()[-1], behind[3]) >= 4.5
