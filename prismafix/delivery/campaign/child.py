"""`python -m prismafix.delivery.campaign.child`: one turn, in a process that may crash without taking others along.

Standard input holds the task, and is open for as long as somebody wants the outcome: when it ends, however the starter
ended, everything here ends too. Standard output holds what happens, each a pickle; what else prints goes to standard
error.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from prismafix.delivery.campaign.model import Event
from prismafix.delivery.campaign.turn import take_turn

if TYPE_CHECKING:
    from types import FrameType

    from prismafix.delivery.campaign.model import Outcome, StepName, Task


def main() -> None:
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinating process decides
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    task: Task = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_starter, daemon=True).start()

    def tell(message: Event | Outcome) -> None:
        pickle.dump(message, out)
        out.flush()

    def say(step: StepName, text: str) -> None:
        tell(Event(task.wanted.name, step, time.time(), text))

    tell(take_turn(task, say))


def _end(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)


def _end_with_starter() -> None:
    """Nobody is there any more: end at once, with every git that was started."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
