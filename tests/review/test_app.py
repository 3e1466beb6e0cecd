"""The keys of the full screen: what they do, and what the screen says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from prismafix.review.app import Fixes, ReviewApp
from prismafix.review.model import Review

from .making import proposal, review, screen_text, shop

if TYPE_CHECKING:
    from prismafix.engine.model import Proposal
    from prismafix.rules.model import Applicability

ALL = frozenset(p.fix_id for p in shop())


def test_accept_goes_on_to_the_next_undecided_and_write_asks_first() -> None:
    shown = review([["a"], ["r"], ["n", "n", "a"], ["w"], ["w"]])
    start, accepted, rejected, third, summary, _ = shown.screens
    assert "0 accepted, 0 rejected, 6 undecided" in start and "3: run at most 5" in start
    assert "✓ ! 3: run at most" in accepted and "the order of mails" in accepted
    assert "1 accepted, 1 rejected, 4 undecided" in rejected and "✗ ! 30: run" in rejected
    assert "orders.ts" in rejected.splitlines()[1]
    assert "2 accepted" in third
    assert "2 fixes, 1 of them unsafe, in 2 files:" in summary and "1 fix rejected" in summary
    assert "api/src/routes/mails.ts  1 fix, PF303" in summary and "web/lib/db.ts  1 fix, PF102" in summary
    assert shown.wanted == {"mails", "client"}


def test_enter_writes_on_the_summary_and_escape_goes_back() -> None:
    assert review([["a", "w"], ["escape"]]).wanted is None
    shown = review([["a", "w", "escape", "a", "w", "enter"]])
    assert shown.wanted == {"mails", "mails2"}


def test_with_nothing_accepted_there_is_nothing_to_write() -> None:
    shown = review([["w"], ["w"], ["enter"], ["q"]])
    assert "Nothing is accepted, so nothing is written." in shown.screens[1]
    assert "Nothing is accepted" in shown.screens[2] and "Nothing is accepted" not in shown.screens[3]
    assert shown.wanted is None


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [(["d"], None), (["w", "w"], {"mails"}), (["w", "b", "q", "d"], None), (["b", "a", "w", "w"], {"mails", "mails2"})],
)
def test_quitting_asks_what_to_do_with_what_was_accepted(answer: list[str], wanted: set[str] | None) -> None:
    shown = review([["a", "q"], answer])
    assert "Quit?" in shown.screens[1] and "You accepted 1 fix. Nothing is written yet." in shown.screens[1]
    assert shown.wanted == wanted


@pytest.mark.parametrize("key", ["b", "w"])
def test_keys_that_were_typed_ahead_answer_once(key: str) -> None:
    app = ReviewApp(Review.of(shop(), ALL), name="shop")

    async def go() -> None:
        async with app.run_test() as pilot:
            await pilot.press("a", "q")
            for _ in range(3):
                app.screen.post_message(Key(key, key))
            await pilot.pause()
            assert "Quit?" not in screen_text(app)
            await pilot.press(*(["b"] if key == "w" else []), "w", "w")

    asyncio.run(go())
    assert app.return_value == {"mails"}


def test_a_second_control_c_takes_the_question_away_and_loses_nothing() -> None:
    shown = review([["a", "ctrl+c"], ["ctrl+c"], ["w", "w"]])
    assert "Quit?" not in shown.screens[2] and shown.wanted == {"mails"}


def test_all_of_a_rule_and_of_a_package_are_what_is_no_less_safe() -> None:
    shown = review([["n", "n", "A"], ["w"]])
    assert "3 fixes accepted. 2 fixes left to decide: less safe" in shown.screens[1]
    assert "3 fixes, in 4 files:" in shown.screens[2]
    shown = review([["P"], ["w", "w"]])  # from an unsafe one
    assert "4 fixes accepted." in shown.screens[1] and shown.wanted == {"orders", "users", "mails", "mails2"}


def test_a_group_is_accepted_as_far_as_it_is_safe_and_rejected_as_a_whole() -> None:
    shown = review([["home"], ["a"], ["u"], ["home", "r"]])
    assert "@shop/api" in shown.screens[1].splitlines()[1] and "unsafe Run at most" in shown.screens[1]
    assert "2 fixes accepted. 2 fixes left to decide" in shown.screens[2]
    assert "Taken back: accepting the safe ones of @shop/api." in shown.screens[3]
    assert "0 accepted, 4 rejected, 2 undecided" in shown.screens[4]


def test_what_hangs_together_is_said() -> None:
    shown = review([["n", "n", "n"], ["a"], ["p", "p"], ["slash", *"orders.ts", "enter", "r"], ["w"]])
    assert "Builds on:" in shown.screens[1] and "· Run at most 5 queries at a time in api/src/routes/orders" in (
        " ".join(shown.screens[1].split())
    )
    assert "Accepted along with it, since it builds on that" in shown.screens[2]
    assert "1 fix that you accepted builds on it: you are asked once more if it looks different" in shown.screens[4]
    assert "1 fix that you accepted builds on what you left out" in " ".join(shown.screens[5].split())
    shown = review([["slash", *"orders.ts", "enter"]])
    assert "1 other fix builds on this one" in shown.screens[1]


def test_undo() -> None:
    shown = review([["u"], ["a", "u"]])
    assert "There is nothing to take back." in shown.screens[1]
    assert "Taken back: accepting Run at most" in shown.screens[2] and "0 accepted" in shown.screens[2]


def test_search_shows_what_matches_and_escape_all_again() -> None:
    shown = review([["slash", *"web pf303"], ["enter", "P"], ["escape"], ["slash", *"nowhere"]])
    assert "“web pf303”: 1 shown" in shown.screens[1] and "orders.ts" not in shown.screens[1]
    assert "1 accepted" in shown.screens[2] and "All is decided" not in shown.screens[0]
    assert "orders.ts" in shown.screens[3] and "shown" not in shown.screens[3]
    assert "Nothing matches." in shown.screens[4]


def test_next_goes_round_and_says_when_all_is_decided() -> None:
    shown = review([["p"], ["n"], ["P", "n"], ["A"], ["A", "n"]])
    assert "web/app/page.tsx" in shown.screens[1].splitlines()[1]
    assert "api/src/routes/mails.ts" in shown.screens[2].splitlines()[1]
    assert "All is decided: w shows the summary." in shown.screens[5]


def test_keys_and_themes() -> None:
    shown = review([["question_mark"], ["escape"], ["t"]])
    assert "accept all of this rule" in shown.screens[1] and "accept all of this rule" not in shown.screens[2]
    assert not shown.app.current_theme.dark


def test_passwords_are_masked_everywhere() -> None:
    shown = review([["slash", *"db.ts", "enter"], ["tab"]])
    assert "postgres://u:***@h/db" in shown.screens[1] and all("secret" not in screen for screen in shown.screens)


def test_the_second_question_says_so_and_shows_the_rest_as_accepted() -> None:
    shown = review([["w"], ["b", "a", "w", "w"]], fresh=["users"], said="1 fix looks different")
    assert "1 fix looks different" in shown.screens[0] and "users.ts" in shown.screens[0].splitlines()[1]
    assert "5 accepted, 0 rejected, 1 undecided" in shown.screens[0]
    assert shown.wanted == ALL


def test_one_pane_at_a_time_where_there_is_no_room() -> None:
    shown = review([["tab"], ["tab"], ["enter"], ["escape", "a", "w"], ["w"]], size=(40, 10))
    assert "mails.ts" in shown.screens[0] and "What you must" not in shown.screens[0]
    assert "unsafe fix" in shown.screens[1] and "▼" not in shown.screens[1]
    assert shown.screens[2] == shown.screens[0] and shown.screens[3] == shown.screens[1]
    assert "Write (w)" in shown.screens[4]
    assert shown.wanted == {"mails"}


def test_the_mouse_selects_folds_and_answers() -> None:
    app = ReviewApp(Review.of(shop(), ALL), name="shop")

    async def go() -> None:
        async with app.run_test(size=(110, 32)) as pilot:
            rows = screen_text(app).splitlines()
            row = next(number for number, line in enumerate(rows) if "db.ts:2" in line)
            await pilot.click(Fixes, offset=(12, row - 1))
            await pilot.pause()
            assert "Use the shared client" in screen_text(app).splitlines()[1]
            await pilot.press("a", "w")
            await pilot.pause()
            await pilot.click("#write")

    asyncio.run(go())
    assert app.return_value == {"client"}


def test_a_screen_that_becomes_small_and_large_again() -> None:
    app = ReviewApp(Review.of(shop(), ALL), name="shop")

    async def go() -> tuple[str, str]:
        async with app.run_test(size=(110, 32)) as pilot:
            await pilot.pause()
            before = screen_text(app)
            for size in ((20, 5), (60, 12), (110, 32)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
            await pilot.pause()
            return before, screen_text(app)

    before, after = asyncio.run(go())
    assert before == after


def test_hundreds_of_fixes() -> None:
    def one(number: int) -> Proposal:
        safety: Applicability = "unsafe" if number % 2 else "safe"
        path, package = f"src/{number % 40}/a{number}.ts", f"@shop/p{number % 7}"
        return proposal(f"f{number}", path, line=number, package=package, applicability=safety)

    many = [one(number) for number in range(400)]
    shown = review([["A"], ["n", "A"], ["w", "w"]], proposals=many)
    assert "200 fixes accepted. 200 fixes left to decide" in shown.screens[1]
    assert shown.wanted == {p.fix_id for p in many}
