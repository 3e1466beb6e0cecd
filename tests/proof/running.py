"""A server, and programs that run scenarios on it: what Python has to do with `server.py` and `runtime/run.mjs`."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fixtures_harness.clients import FOLDERS, TYPECHECK, WORK, clients

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
VERSIONS = ("6.19", "7")
"""The Prisma versions that run where no engine can be had. What 5.22 does without one is types."""


@contextmanager
def server(**settings: object) -> Iterator[dict[str, Any]]:
    """A PostgreSQL of our own, as long as the context lasts: host, port, user, password, and the path of its log.
    `settings`: PostgreSQL's, where they differ from those in `server.py`.

    Raises RuntimeError with the way out where there is none to start.
    """
    with _started(["server.py", *(f"--{name}={value}" for name, value in settings.items())]) as place:
        yield place


@contextmanager
def service(name: str, **settings: object) -> Iterator[dict[str, Any]]:
    """The service `name` of `services.py`, as long as the context lasts: host, port, user and password. `settings` are
    those of the program, with _ where MariaDB has -.

    Raises RuntimeError with the reason where there is none to start.
    """
    with _started(["services.py", name], settings) as place:
        yield place


@contextmanager
def _started(command: list[str], settings: dict[str, object] | None = None) -> Iterator[dict[str, Any]]:
    program = subprocess.Popen(
        [sys.executable, str(HERE / command[0]), *command[1:]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        if settings is not None:
            program.stdin.write(json.dumps(settings) + "\n")
            program.stdin.flush()
        line = program.stdout.readline()
        if not line:
            raise RuntimeError(program.stderr.read())
        yield json.loads(line)


class Runner:
    """Runs scenarios against one Prisma version, each in `run.mjs`, which is kept from one to the next."""

    def __init__(self, version: str, place: dict[str, Any]) -> None:
        """`version` as in case.toml; `place` as `server()` gives it."""
        self.version = version
        self._setup = {
            "places": [str(folder) for folder in (TYPECHECK / FOLDERS[version], TYPECHECK, HERE)],
            "cache": str(WORK / "javascript"),
            "server": place,
        }
        self._program: subprocess.Popen[str] | None = None

    def run(self, scenario: Path, before: Path, after: Path) -> dict[str, Any]:
        """What became of the scenario on both projects: see `run.mjs`. Raises RuntimeError when it could not be run."""
        request: dict[str, Any] = {"scenario": str(scenario), "tables": self._tables(before)}
        for part, root in (("before", before), ("after", after)):
            request[part] = {
                "root": str(root),
                "clients": [
                    {"output": client.output and str(client.output), "generated": str(client.generated)}
                    for client in clients(root, self.version, runnable=True)
                ],
            }
        stdin, stdout = self._pipes()
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            said = self._end()
            raise RuntimeError(f"run.mjs ended while it ran {scenario}:\n{said}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def close(self) -> None:
        """End the program; a later `run` starts it again."""
        if self._program is not None:
            self._end()

    def _tables(self, root: Path) -> str:
        found = {str(client.tables) for client in clients(root, self.version, runnable=True)}
        if len(found) != 1:
            raise RuntimeError(f"{root}: a project that runs has one schema")
        return found.pop()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._program is None:
            self._program = subprocess.Popen(
                ["node", "--no-warnings", str(HERE / "runtime" / "run.mjs")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert self._program.stdin is not None
            self._program.stdin.write(json.dumps(self._setup) + "\n")
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        return self._program.stdin, self._program.stdout

    def _end(self) -> str:
        assert self._program is not None
        _, said = self._program.communicate()
        self._program = None
        return said
