"""Work that is shared out to forked copies of this process: they know all that it knows, and send back plain data."""

from __future__ import annotations

import os
import pickle
import sys
from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
R = TypeVar("R")


def in_copies(work: Callable[[Sequence[T]], R], shares: Sequence[Sequence[T]], at_once: int) -> list[R]:
    """`work` for each share, the results in order. Up to `at_once` shares are done together: the first here and each of
    the others in a copy of this process. More than that are all done in copies, so that many together at a time, and
    what they need is gone with them.

    What `work` changes in a copy is lost there. A share whose copy failed is done here, so that an error shows as if
    there were none. Where processes cannot be forked everything is done here.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return [work(share) for share in shares]
    own = 1 if len(shares) <= at_once else 0
    waiting = deque(shares[own:])
    running = deque((share, _fork(work, share)) for share in _taken(waiting, at_once - own))
    found = [work(share) for share in shares[:own]]
    while running:
        share, (process, pipe) = running.popleft()
        with os.fdopen(pipe, "rb") as file:
            sent = file.read()
        failed = os.waitpid(process, 0)[1] != 0
        running.extend((other, _fork(work, other)) for other in _taken(waiting, 1))
        found.append(work(share) if failed else pickle.loads(sent))
    return found


def _taken(waiting: deque[Sequence[T]], most: int) -> list[Sequence[T]]:
    return [waiting.popleft() for _ in range(min(most, len(waiting)))]


def _fork(work: Callable[[Sequence[T]], R], share: Sequence[T]) -> tuple[int, int]:
    """The copy's process and the pipe that its result comes through."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    code = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as file:
            file.write(pickle.dumps(work(share), pickle.HIGHEST_PROTOCOL))
        code = 0
    finally:
        os._exit(code)  # nothing of the original's is flushed or closed a second time
