"""Samples a live database while something else puts load on it: what is there now, and the most there was."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismafix.budget.live import Live, Session


@dataclass(frozen=True, slots=True)
class Peak:
    """The samples that were taken so far. `when` are seconds since the first; `most` is the one with the most
    connections of all users, `own` the most of the connection string's user."""

    samples: int
    now: Live
    when: float
    most: Live
    most_when: float
    own: int


def watch(session: Session, interval: float, duration: float | None, show: Callable[[Peak], None]) -> Peak:
    """Sample every `interval` seconds for `duration` seconds (None: until Ctrl-C), and `show` each. The first sample is
    taken in any case. Raises UserError when the database does not answer any more."""
    first = session.sample()
    peak = Peak(1, first, 0.0, first, 0.0, first.own)
    began = time.monotonic()
    with _interruptible():
        try:
            show(peak)
            while True:
                spent = time.monotonic() - began
                if duration is not None and spent + interval > duration + 1e-6:
                    break
                time.sleep(max(0.0, interval - spent % interval))
                peak = _next(peak, session.sample(), time.monotonic() - began)
                show(peak)
        except KeyboardInterrupt:
            pass
    return peak


def _next(peak: Peak, now: Live, when: float) -> Peak:
    more = now.used > peak.most.used
    return Peak(
        peak.samples + 1,
        now,
        when,
        now if more else peak.most,
        when if more else peak.most_when,
        max(peak.own, now.own),
    )


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends the sampling, not the program; SIGTERM too, which is what `timeout` and CI send."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt
