"""Runs a campaign: who has a turn, what is written down of it, what is left."""

from __future__ import annotations

import hashlib
import os
import re
import time
from typing import TYPE_CHECKING

from prismafix.delivery.campaign.local import take_turns
from prismafix.delivery.campaign.model import Event, Outcome, Task
from prismafix.delivery.campaign.state import locked, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from prismafix.delivery.campaign.model import Campaign, Planner, Wanted
    from prismafix.delivery.campaign.state import Known

    Heard = Event | Outcome
    Observe = Callable[[Heard], None]


def run_campaign(
    campaign: Campaign,
    planner: Planner,
    observe: Observe,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    again: bool = False,
) -> list[Known]:
    """Give each repository its turn that needs one, and return what is known of all that are in the file.

    A repository that was done is only asked where its base is; `again` does it once more. Everything that happens is
    written down before `observe` is told. `scheduler` is the address of a Dask scheduler, None: processes here, `jobs`
    at a time. Raises UserError; what was written down stays."""
    cores = len(os.sched_getaffinity(0))
    many = min(jobs or campaign.jobs or cores, len(campaign.repositories))
    with locked(campaign) as lock, opened(campaign, create=True) as state:
        state.join(campaign.repositories)
        known = {repository.name: repository for repository in state.repositories()}
        done = {name: r.base_commit for name, r in known.items() if r.status == "done" and not again}
        tasks = [
            Task(
                wanted,
                planner,
                clone=_place(campaign, "clones", wanted),
                lock=_place(campaign, "locks", wanted),
                known_base=done.get(wanted.name) or None,
                processes=max(1, cores // many),
                timeout=campaign.timeout,
            )
            for wanted in campaign.repositories
        ]
        begun: set[str] = set()
        turns = _turns(tasks, many, lock, scheduler)
        try:
            for message in turns:
                if message.name not in begun:
                    begun.add(message.name)
                    state.begin(message.name, message.at if isinstance(message, Event) else time.time())
                if isinstance(message, Outcome):
                    state.end(message, time.time())
                elif not message.text:
                    state.step(message)
                observe(message)
        finally:
            turns.close()
        return [repository for repository in state.repositories() if repository.position is not None]


def _turns(tasks: Sequence[Task], jobs: int, lock: int, scheduler: str | None) -> Generator[Heard, None, None]:
    if scheduler is None:
        return take_turns(tasks, jobs, lock)
    from prismafix.delivery.campaign.cluster import take_turns_on

    return take_turns_on(scheduler, tasks)


def _place(campaign: Campaign, kind: str, wanted: Wanted) -> Path:
    """A path that people recognise and that no two repositories share."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", wanted.name).strip("-")[:40]
    digest = hashlib.sha256(f"{wanted.name}\n{wanted.source}".encode("utf-8", "surrogateescape")).hexdigest()[:10]
    return campaign.workspace / kind / f"{readable}-{digest}"
