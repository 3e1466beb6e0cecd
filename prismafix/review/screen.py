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
    from collections.abc import Iterable, Iterator, Sequence

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
    proposals: Sequence[Proposal], fresh: frozenset[str], *, name: str = "", notes: tuple[str, ...] = ()
) -> frozenset[str]:
    """Review `proposals` on the whole screen; the ids of those that are wanted. What is not in `fresh` was accepted
    before. `name` of the project, `notes` for the summary.

    Raises AbandonReview if nothing is to be kept, and SystemExit if the process was told to end."""
    from prismafix.review.app import ENDS, ReviewApp

    app = ReviewApp(
        Review.of(proposals, fresh), name=name, notes=notes, said=_once_more(proposals, fresh), light=_is_light()
    )
    with _handlers_kept(ENDS):
        wanted = app.run()
    if app.ended_by is not None:
        raise SystemExit(128 + app.ended_by)
    if wanted is None:
        raise AbandonReview
    return wanted


def _once_more(proposals: Sequence[Proposal], fresh: frozenset[str]) -> str:
    if len(fresh) == len(proposals):
        return ""
    what = f"{count_fixes(len(fresh))} {'looks' if len(fresh) == 1 else 'look'} different without what you left out"
    return f"{what}: decide once more. All others are as you accepted them."


def _is_light() -> bool:
    """Whether the terminal says that its background is light: some tell it as `foreground;background`, in the numbers
    of the sixteen colours."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in {"7", "15"}


@contextmanager
def _handlers_kept(numbers: Iterable[int]) -> Iterator[None]:
    """The event loop replaces the handlers of signals, and does not bring them back."""
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
