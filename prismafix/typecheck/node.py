"""The compiler's process: Node.js, the project's `typescript` package, and `checker.cjs` that talks to it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import IO, TYPE_CHECKING, Any

from prismafix.errors import UserError
from prismafix.typecheck.model import Checked, Diagnostic, Program

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCRIPT = Path(__file__).with_name("checker.cjs")
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "NODE_OPTIONS", "SYSTEMROOT")
"""All that the compiler gets to know of the environment: where programs are (a version manager's `node` looks into the
home folder), and how much memory it may take."""
_OUT_OF_MEMORY = ("heap out of memory", "heap limit", "Zone Allocation failed")

Contents = Mapping[str, str | None]
"""Absolute path to text; None is "does not exist"."""

Told = Callable[[int, int], None]
"""Told how many files are checked, and of how many."""


def find_node() -> str:
    """Node.js on the PATH. Raises UserError if there is none."""
    found = which("node")
    if found is None:
        raise UserError(
            "--verify runs your project's TypeScript with Node.js, and there is no `node` on the PATH: install it, or "
            "run without --verify"
        )
    return found


def find_typescript(folder: Path) -> Path | None:
    """The `typescript` package that a file in `folder` would get, or None if it is not installed. Not looked for above
    the repository."""
    for above in (folder, *folder.parents):
        found = above / "node_modules" / "typescript"
        if (found / "package.json").is_file():
            return found
        if (above / ".git").exists():
            return None
    return None


@dataclass(slots=True)
class Compiler:
    """A process that has TypeScript loaded and holds at most one program, which is quicker to check a second time.
    `deadline` is a time of `time.monotonic`."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]
    deadline: float
    version: str = ""
    _buffer: bytearray = field(default_factory=bytearray)

    @classmethod
    def start(cls, node: str, typescript: Path, cwd: Path, deadline: float) -> Compiler:
        """Raises UserError for a TypeScript that cannot be used from a program."""
        said = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        process = subprocess.Popen(
            [node, str(_SCRIPT)], cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
        compiler = cls(process, said, deadline)
        try:
            answer = compiler._ask({"typescript": str(typescript)}, str(typescript))
            if "unusable" in answer:
                raise UserError(
                    f"--verify: TypeScript {answer['unusable']} in {typescript} has no stable API to be asked by: "
                    "install version 5 or 6 there, or run without --verify"
                )
        except BaseException:
            compiler.close()
            raise
        compiler.version = str(answer["version"])
        return compiler

    def plan(self, files: Sequence[str], importers: Sequence[str]) -> list[Program]:
        """The programs that files and those which import them belong to. All of them exist."""
        answer = self._ask({"do": "plan", "files": list(files), "importers": list(importers)}, "tsconfig.json")
        return [
            Program(one["config"], one["unchecked"], tuple(one["roots"]), one["broken"]) for one in answer["programs"]
        ]

    def check(self, program: Program, files: Contents, before: Contents, told: Told | None = None) -> Checked:
        """The errors while `files` have these contents, in all files for which it can make a difference that these
        are not the contents of `before`. Raises UserError if the compiler fails."""
        answer = self._about(program, {"do": "check", "files": dict(files), "before": dict(before)}, told)
        reach = {path: tuple(below) for path, below in answer["reach"].items()}
        return Checked(_diagnostics(answer), answer["checked"], reach, tuple(answer["unresolved"]))

    def errors_in(
        self, program: Program, files: Contents, only: Sequence[str], *, alone: bool = False, told: Told | None = None
    ) -> tuple[Diagnostic, ...]:
        """The errors in `only` these files while `files` have these contents.

        Some errors (about a type that refers to itself) TypeScript reports only where it meets that type first. With
        `alone` each file is checked as if it were the first, which takes longer. Raises UserError if the compiler
        fails."""
        asked = {"do": "ask", "files": dict(files), "only": list(only), "alone": alone}
        return _diagnostics(self._about(program, asked, told))

    def _about(self, program: Program, request: Mapping[str, object], told: Told | None) -> dict[str, Any]:
        named = {"config": program.config, "unchecked": program.unchecked, "roots": program.roots}
        return self._ask({**request, "program": named}, program.config or "a package without tsconfig.json", told)

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.said):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _ask(self, request: Mapping[str, object], what: str, told: Told | None = None) -> dict[str, Any]:
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it died: reading finds out
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        while True:
            answer: dict[str, Any] = json.loads(self._line(what))
            if "failed" in answer:
                raise UserError(f"--verify: TypeScript {self.version} failed on {what}: {answer['failed']}")
            if "done" not in answer:
                return answer
            if told is not None:
                told(answer["done"], answer["total"])

    def _line(self, what: str) -> bytes:
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while (end := self._buffer.find(b"\n")) < 0:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                self.close()
                raise UserError(
                    f"--verify: TypeScript was not done in time with {what}: allow more seconds with --verify-timeout, "
                    "or run without --verify"
                )
            data = os.read(descriptor, 1 << 20)
            if not data:
                raise UserError(self._death(what))
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _death(self, what: str) -> str:
        """Why the process ended, in one line."""
        code = self.process.wait()
        self.said.seek(0)
        said = self.said.read().decode("utf-8", "replace")
        self.close()
        if any(sign in said for sign in _OUT_OF_MEMORY):
            return (
                f"--verify: TypeScript ran out of memory on {what}: allow it more, "
                "NODE_OPTIONS=--max-old-space-size=8192 prismafix fix --verify …"
            )
        errors = [line.strip() for line in said.splitlines() if "Error" in line]
        return f"--verify: TypeScript ended with {code} on {what}: {errors[0] if errors else said.strip()[-200:]}"


def _diagnostics(answer: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    return tuple(Diagnostic(**diagnostic) for diagnostic in answer["diagnostics"])
