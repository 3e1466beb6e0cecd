"""Turns on the workers of a Dask cluster that is there already.

A worker takes a turn as this machine would, in a process of its own; the state stays with the coordinating process,
which hears of events while a turn runs, and of its outcome at the end.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from prismafix import __version__
from prismafix.delivery.campaign.clones import clean
from prismafix.delivery.campaign.isolation import Running, isolated
from prismafix.delivery.campaign.model import Event, Outcome
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from prismafix.delivery.campaign.model import Task

_CONNECT = 10
"""Seconds to reach the scheduler in."""
_STARTS = 2
"""How often a turn is begun: once more after its worker has died."""
_WITHOUT = 10
"""Seconds in which a worker that died may come back, if it was the last one."""


def take_turns_on(address: str, tasks: Sequence[Task]) -> Generator[Event | Outcome, None, None]:
    """What happens, as it happens, until each task has its outcome. Closing the iterator cancels what waits; the turns
    that run on workers come to their end. Raises UserError for a scheduler that cannot be reached or is lost, and for
    workers with another version of prismafix."""
    if re.fullmatch(r"[a-z]+://[^\s/]+:\d+/?", address) is None:
        raise UserError(f"{address} is no address of a Dask scheduler: tcp://host:8786 would be one")
    try:
        import distributed
    except ModuleNotFoundError:
        raise UserError(
            "--scheduler needs Dask, which is not installed: `pip install '.[batch]'` in the checkout of prismafix"
        ) from None
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what matters of it is said by us, in a line
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(f"no scheduler answers at {address} ({clean(str(error))}): look at the address") from None
    try:
        _compare_versions(client, address)
        yield from _turns(client, address, tasks)
    finally:
        client.close(timeout=5)


def _turns(client: Any, address: str, tasks: Sequence[Task]) -> Generator[Event | Outcome, None, None]:
    """Each future's end and each event come through one queue."""
    heard: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    topic = f"prismafix-{uuid4().hex}"
    client.subscribe_topic(topic, lambda event: heard.put(("event", event[1])))
    left: dict[str, Task] = {task.wanted.name: task for task in tasks}
    futures: dict[str, Any] = {}
    starts: defaultdict[str, list[str]] = defaultdict(list)
    """The workers on which each turn was begun, by their addresses."""

    def submit(task: Task) -> None:
        name = task.wanted.name
        key = f"prismafix-{name}-{uuid4().hex}"
        future = client.submit(_on_worker, task, topic, __version__, key=key, pure=False, retries=0)
        futures[name] = future
        future.add_done_callback(lambda done: heard.put(("done", (name, done))))

    def give_up(name: str) -> Outcome:
        del left[name]
        futures[name].cancel(force=True)
        return Outcome(name, error="the worker that it ran on died, and so did the one of the second try")

    for task in tasks:
        submit(task)
    without = 0
    while left:
        try:
            kind, message = heard.get(timeout=1)
        except Empty:
            workers = _workers(client, address)
            without = 0 if workers else without + 1
            if without > _WITHOUT:
                raise UserError(f"no worker is left at {address}: start some, and run this again to go on") from None
            dead = [n for n in left if len(starts[n]) >= _STARTS and starts[n][-1] not in workers]
            yield from map(give_up, dead)
            continue
        if kind == "event":
            name, step, at, text = message
            if name in left and step:
                yield Event(name, step, at, text)
            elif name in left:
                starts[name].append(text)
                if len(starts[name]) > _STARTS:  # Dask itself would try more often
                    yield give_up(name)
            continue
        name, future = message
        if name not in left or future is not futures[name]:
            continue
        outcome = _outcome(client, address, name, future)
        if outcome is not None:
            del left[name]
            yield outcome
        elif len(starts[name]) < _STARTS:
            submit(left[name])
        else:
            yield give_up(name)


def _workers(client: Any, address: str) -> frozenset[str]:
    """The addresses of all workers. Raises UserError if the scheduler is gone."""
    if client.status not in ("running", "connecting"):
        raise _lost(address)
    try:
        return frozenset(client.nthreads())
    except (OSError, TimeoutError, ValueError):
        raise _lost(address) from None


def _outcome(client: Any, address: str, name: str, future: Any) -> Outcome | None:
    """What a future ended with; None if its worker died. Raises UserError if the scheduler is gone."""
    from distributed.exceptions import WorkerStartTimeoutError
    from distributed.scheduler import KilledWorker

    if future.status == "finished":
        outcome: Outcome = future.result(timeout=_CONNECT)
        return outcome
    if future.status == "error":
        error = future.exception(timeout=_CONNECT)
        if isinstance(error, KilledWorker):
            return None
        if isinstance(error, WorkerStartTimeoutError):
            raise _lost(address)
        return Outcome(name, error=f"its worker could not take it: {type(error).__name__}: {clean(str(error))[:300]}")
    raise _lost(address)  # cancelled or lost, and not by us


def _lost(address: str) -> UserError:
    return UserError(
        f"the scheduler at {address} is gone: what was done until then is written down; run this again to go on"
    )


def _on_worker(task: Task, topic: str, version: str) -> Outcome:
    """Runs on a worker, in one of its threads."""
    from distributed import get_worker

    worker = get_worker()
    if version != __version__:  # it has joined the cluster since the others were asked
        return Outcome(task.wanted.name, error=_other(worker.address, __version__, version))

    def tell(event: Event) -> None:
        worker.log_event(topic, (event.name, event.step, event.at, event.text))

    worker.log_event(topic, (task.wanted.name, "", 0.0, worker.address))  # it begins
    return isolated(task, tell, Running())


def _compare_versions(client: Any, address: str) -> None:
    """Raises UserError unless every worker has the prismafix that this process is."""

    def version() -> str | None:  # inside of a function: so it travels as code, and needs nothing there
        try:
            from prismafix import __version__
        except ImportError:
            return None
        return __version__

    try:
        answers: dict[str, Any] = client.run(version, on_error="return")
    except (OSError, TimeoutError):
        raise _lost(address) from None
    if not answers:
        raise UserError(f"the scheduler at {address} has no workers: start some with `dask worker {address}`")
    for worker, answer in sorted(answers.items()):
        if answer is None or isinstance(answer, Exception):
            raise UserError(
                f"the worker {worker} has no prismafix: install {__version__} there, in the environment that it runs in"
            )
        if answer != __version__:
            raise UserError(_other(worker, answer))


def _other(worker: str, version: str, wanted: str = __version__) -> str:
    return f"the worker {worker} has prismafix {version}, and the campaign runs with {wanted}: install the same there"
