"""Turns on this machine, some at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING

from prismafix.delivery.campaign.isolation import Running, isolated
from prismafix.delivery.campaign.model import Event, Outcome

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from prismafix.delivery.campaign.model import Task


def take_turns(tasks: Sequence[Task], jobs: int, lock: int) -> Generator[Event | Outcome, None, None]:
    """What happens, as it happens, until each task has its outcome; `jobs` of them at a time. The processes hold the
    campaign's `lock` (a file descriptor) open. Closing the iterator ends all of them."""
    heard: SimpleQueue[Event | Outcome | BaseException] = SimpleQueue()
    running = Running((lock,))

    def turn(task: Task) -> None:
        try:
            heard.put(isolated(task, heard.put, running))
        except BaseException as error:  # no memory for a process, say: the coordinating process ends with it
            heard.put(error)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            for task in tasks:
                pool.submit(turn, task)
            left = len(tasks)
            while left:
                message = heard.get()
                if isinstance(message, BaseException):
                    raise message
                left -= isinstance(message, Outcome)
                yield message
        finally:
            running.stop()
            pool.shutdown(cancel_futures=True)
