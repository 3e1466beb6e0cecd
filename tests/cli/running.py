"""Runs the real command as a process of its own."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.secrecy import look_at

PROGRAM = [sys.executable, "-m", "prismafix"]


def environment(**more: str) -> dict[str, str]:
    hidden = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "PRISMAFIX_TRACEBACK"}
    return (
        {k: v for k, v in os.environ.items() if k not in hidden} | {"PYTHONPATH": source_root(), "TERM": "xterm"} | more
    )


def source_root() -> str:
    import prismafix

    return str(Path(prismafix.__file__).parent.parent)


def prismafix(*arguments: str, cwd: Path, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=environment(**more),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


Keys = str | Callable[[], str]


def on_terminal(argv: list[str], cwd: Path, answers: Sequence[tuple[str, Keys]], **more: str) -> tuple[str, int]:
    """Screen and exit code of `argv` on a pseudo-terminal. Each answer is (text to wait for, keys to type, or what
    gives them when they are asked for)."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(argv[0], argv, environment(**more))
    screen, waiting, deadline = b"", list(answers), time.monotonic() + 60
    at = 0
    while time.monotonic() < deadline:
        ready, _, _ = select.select([descriptor], [], [], 1)
        if ready:
            try:
                data = os.read(descriptor, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not data:
                break
            screen += data
        if waiting and (found := screen.find(waiting[0][0].encode(), at)) >= 0:
            at = found + len(waiting[0][0].encode())
            keys = waiting.pop(0)[1]
            os.write(descriptor, (keys if isinstance(keys, str) else keys()).encode())
    os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    assert not waiting, f"never asked: {waiting}\n{screen.decode(errors='replace')}"
    look_at("the terminal", screen)
    return screen.decode(errors="replace").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)
