"""Whole screens as somebody has looked at them: their text is in screens/. `python -m tests.review.test_screens` writes
them anew; read the difference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .making import review

HERE = Path(__file__).with_name("screens")
SCREENS: dict[str, tuple[tuple[int, int], list[str]]] = {
    "start": ((110, 32), []),
    "decided": ((110, 32), ["a", "r", "a", "n", "a"]),
    "unsafe-80x24": ((80, 24), ["n"]),
    "waiting": ((110, 32), ["n", "n", "n", "a", *["up"] * 4, "r", *["up"] * 3]),
    "summary": ((80, 24), ["P", "n", "r", "w"]),
    "quit": ((80, 24), ["a", "q"]),
    "keys": ((80, 24), ["question_mark"]),
    "search": ((80, 24), ["slash", *"mails"]),
    "narrow": ((50, 24), ["a"]),
    "tiny": ((40, 10), ["a"]),
    "tiny-fix": ((40, 10), ["tab"]),
    "tiny-summary": ((40, 10), ["A", "w"]),
}


_SCROLLBAR = re.compile("[\u2581-\u258f]")
"""Where its ends are depends on how long the explanation of the rule is."""


def taken(name: str) -> str:
    size, keys = SCREENS[name]
    screen = review([keys], size, notes=("They are committed: one commit per rule.",)).screens[-1]
    return re.sub(" *$", "", _SCROLLBAR.sub(" ", screen), flags=re.MULTILINE)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str) -> None:
    assert taken(name) == (HERE / f"{name}.txt").read_text(encoding="utf-8")


def test_no_screen_is_left_over() -> None:
    assert {path.stem for path in HERE.iterdir()} == set(SCREENS)


if __name__ == "__main__":
    for each in SCREENS:
        (HERE / f"{each}.txt").write_text(taken(each), encoding="utf-8")
