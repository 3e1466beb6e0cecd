"""Starts a turn in a process of its own and hears what becomes of it. The same here and on a worker of a cluster."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from prismafix.delivery.campaign.clones import clean
from prismafix.delivery.campaign.model import Event, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.delivery.campaign.model import Task

_GRACE = 10.0
"""Seconds in which a turn that is stopped takes its work tree away."""


@dataclass(slots=True)
class Running:
    """The processes of the turns that are under way. `inherited` are file descriptors that they hold open."""

    inherited: tuple[int, ...] = ()
    children: set[subprocess.Popen[bytes]] = field(default_factory=set)
    guard: threading.Lock = field(default_factory=threading.Lock)
    stopped: bool = False

    def stop(self) -> None:
        """End all turns, and let none begin. They take away what is half-done first, for a while."""
        with self.guard:
            self.stopped = True
            children = list(self.children)
        for child in children:
            _signal(child, signal.SIGTERM)
        late = threading.Timer(_GRACE, _kill_all, [children])
        late.daemon = True
        late.start()


def isolated(task: Task, tell: Callable[[Event], None], running: Running) -> Outcome:
    """Take a turn in a new process. A process that crashes or takes too long is an outcome with an error."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with tempfile.TemporaryFile() as errors:
        with running.guard:
            if running.stopped:
                return Outcome(task.wanted.name, error="was stopped")
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "prismafix.delivery.campaign.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the coordinating process, and no terminal to ask a password at
                pass_fds=running.inherited,
            )
            running.children.add(child)
        late = threading.Timer(task.timeout, _kill, [child])
        late.daemon = True
        late.start()
        try:
            outcome = _heard(child, task, tell)
        finally:
            overdue = not late.is_alive()
            late.cancel()
            _kill(child)
            code = child.wait()
            with running.guard:
                running.children.discard(child)
        if outcome is not None:
            return outcome
        if overdue:
            return Outcome(task.wanted.name, error=f"took longer than {task.timeout} s: raise `timeout`")
        return Outcome(task.wanted.name, error=f"its process {_how(code)}{_last_words(errors)}")


def _heard(child: subprocess.Popen[bytes], task: Task, tell: Callable[[Event], None]) -> Outcome | None:
    assert child.stdin is not None and child.stdout is not None
    with suppress(BrokenPipeError):
        pickle.dump(task, child.stdin)
        child.stdin.flush()
    while True:
        try:
            message = pickle.load(child.stdout)
        except (EOFError, pickle.UnpicklingError, OSError):
            return None
        if isinstance(message, Outcome):
            return message
        tell(message)


def _kill_all(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    _signal(child, signal.SIGKILL, group=True)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals, *, group: bool = False) -> None:
    if child.returncode is None:  # not waited for yet, so the number is still its own
        with suppress(ProcessLookupError, PermissionError):
            (os.killpg if group else os.kill)(child.pid, number)


def _how(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with {code}"


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = [line for line in errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return f": {clean(lines[-1])[:300]}" if lines else ""
