"""Projects before and after `prismafix fix`, and processes that run their handlers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fixtures_harness.clients import FOLDERS, TYPECHECK, WORK, clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .database import Database

HERE = Path(__file__).resolve().parent
PROJECTS = HERE / "projects"
PLACES = (HERE.parent, HERE.parent / "mariadb")
PATIENCE = 120
"""Seconds after which what does not come is taken to never come."""
PARTS = ("before", "after")


@dataclass(frozen=True, slots=True)
class State:
    """What has become of the calls of some instances; see `instance.mjs`."""

    calls: int
    answered: int
    errors: tuple[str, ...]
    asked: int
    queued: int
    held: int

    @property
    def done(self) -> bool:
        """Whether every call was answered or has failed."""
        return self.calls == self.answered + len(self.errors)


def fixed(project: Path, place: Path, *options: str) -> dict[str, Path]:
    """Copies of `project` below `place`: "before" as it is, "after" as `prismafix fix` made it from that."""
    for part in PARTS:
        ignored = shutil.ignore_patterns("node_modules", "generated", ".next", ".work-*", "next-env.d.ts", ".npmrc")
        shutil.copytree(project, place / part, ignore=ignored)
    command = [sys.executable, "-m", "prismafix", "fix", *options, "."]
    run = subprocess.run(command, cwd=place / "after", capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} in {project}: {run.returncode}\n{run.stdout}{run.stderr}")
    return {part: place / part for part in PARTS}


def tables(root: Path, version: str) -> str:
    """The SQL that makes the tables of the project's schema."""
    [client] = clients(root, version, runnable=True)
    assert client.tables is not None
    return client.tables.read_text()


class Instances:
    """`count` processes that run handlers of one project."""

    def __init__(self, processes: list[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def call(self, file: str, count: int, *arguments: Any) -> State:
        """Start `count` calls of the handler of `file` in each instance, and wait for none of them."""
        return self._ask({"call": file, "count": count, "arguments": arguments})

    def state(self) -> State:
        """What has become of all calls, over all instances."""
        return self._ask({})

    def wait(self, until: Callable[[State], bool] = lambda state: state.done) -> State:
        """Ask again and again until the answer is as wanted; all calls done unless told otherwise.

        Raises RuntimeError after PATIENCE.
        """
        deadline = time.monotonic() + PATIENCE
        while not until(state := self.state()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"still not there: {state}")
            time.sleep(0.02)
        return state

    def _ask(self, request: dict[str, Any]) -> State:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        answers = []
        for process in self._processes:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                assert process.stderr is not None
                raise RuntimeError(f"an instance has ended:\n{process.stderr.read()}")
            answers.append(json.loads(line))
        numbers = {
            key: sum(answer[key] for answer in answers) for key in ("calls", "answered", "asked", "queued", "held")
        }
        return State(errors=tuple(error for answer in answers for error in answer["errors"]), **numbers)


@contextmanager
def instances(root: Path, version: str, database: Database, count: int = 1, **env: str) -> Iterator[Instances]:
    """Instances of the project at `root` on Prisma `version`, until the end of the context."""
    setup = {
        "places": [str(folder) for folder in (TYPECHECK / FOLDERS[version], TYPECHECK, *PLACES)],
        "cache": str(WORK / "javascript"),
        "root": str(root),
        "clients": [
            {"output": client.output and str(client.output), "generated": str(client.generated)}
            for client in clients(root, version, runnable=True)
        ],
    }
    with ExitStack() as stack:
        processes = []
        for _ in range(count):
            process = subprocess.Popen(
                ["node", "--no-warnings", str(HERE / "instance.mjs")],
                env={**os.environ, "NODE_ENV": "production", "DATABASE_URL": database.url, **env},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdin is not None
            process.stdin.write(json.dumps(setup) + "\n")
            process.stdin.flush()
            processes.append(process)
        yield Instances(processes)
