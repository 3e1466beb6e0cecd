"""Where the full screen can be, and showing it."""

from __future__ import annotations

import codecs
import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prismafix.engine.model import AbandonReview
from prismafix.review.model import Review
from prismafix.review.words import count_fixes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from prismafix.engine.model import Proposal

_COLUMNS, _LINES = 40, 10


def can_show() -> bool:
    """Whether this is a terminal for people that can move its cursor, shows more than ASCII, and has 40 columns and 10
    lines."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)  # Textual draws on standard error
    if not all(stream is not None and stream.isatty() for stream in streams):
        return False
    encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
    if os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"} or os.environ.get("CI"):
        return False
    if codecs.lookup(encoding).name != "utf-8":
        return False
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno())  # type: ignore[union-attr]
    except OSError:
        return False
    return size.columns >= _COLUMNS and size.lines >= _LINES


def show(
    proposals: Sequence[Proposal],
    fresh: frozenset[str],
    *,
    again: bool = False,
    name: str = "",
    notes: tuple[str, ...] = (),
) -> frozenset[str]:
    """Review `proposals` on the whole screen; the ids of those that are wanted. What is not in `fresh` was accepted
    before; `again` says that they were asked about already, in another form. `name` of the project, `notes` for the
    summary.

    Raises AbandonReview if nothing is to be kept, and SystemExit if the process was told to end."""
    from prismafix.review.app import ReviewApp

    app = ReviewApp(
        Review.of(proposals, fresh),
        name=name,
        notes=notes,
        said=_once_more(proposals, fresh) if again else "",
        light=_is_light(),
    )
    with _ended_by_signals(app.end_by):
        wanted = app.run()
    if app.ended_by is not None:
        raise SystemExit(128 + app.ended_by)
    if wanted is None:
        raise AbandonReview
    return wanted


def _once_more(proposals: Sequence[Proposal], fresh: frozenset[str]) -> str:
    what = f"{count_fixes(len(fresh))} {'looks' if len(fresh) == 1 else 'look'} different without what you left out"
    others = " All others are as you accepted them." if len(fresh) < len(proposals) else ""
    return f"{what}: decide once more.{others}"


def _is_light() -> bool:
    """Whether the terminal says that its background is light: some tell it as `foreground;background`, in the numbers
    of the sixteen colours."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in {"7", "15"}


@contextmanager
def _ended_by_signals(end: Callable[[int], None]) -> Iterator[None]:
    """Call `end` for the signals that end a program."""

    def handler(number: int, frame: FrameType | None) -> None:
        if not os.isatty(2):  # closed: Textual would wait for ever for somebody to take what it draws
            os._exit(128 + number)
        end(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
