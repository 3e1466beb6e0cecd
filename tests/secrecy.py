"""No password of a test reaches what prismafix prints: looked for in all output of every prismafix that a test starts.

`watch` makes `subprocess` look at the output that it hands to a test (`run`, `check_output`, `communicate`), and at the
files that an option names for a report. Whoever reads a process or a terminal in another way calls `look_at`.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PASSWORDS = (
    "hunter2",
    "s3cret",
    "s3cr3t-of-maria",
    "not-a-real-password",
    "not-a-secret",
    "ss w/rd#1",
    "ss%20w%2frd%231",
    "pr0xypassw0rd",
    "0nlyforthetestsofforges",
)
"""Parts of all passwords in fixtures and tests, in lower case. Each is like nothing that a report may say."""
_FILES = ("--output", "--write-baseline", "--plot", "--report")


class PasswordShownError(AssertionError):
    """A password is in an output."""


def look_at(where: str, text: str | bytes | None) -> None:
    """Raises PasswordShownError where a password is in a text."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text or ""
    lowered = shown.lower()
    for password in PASSWORDS:
        at = lowered.find(password)
        if at >= 0:
            line = shown[shown.rfind("\n", 0, at) + 1 : shown.find("\n", at) if "\n" in shown[at:] else len(shown)]
            raise PasswordShownError(f"{where} shows a password: {line.strip()}")


@contextmanager
def watch() -> Iterator[None]:
    """Look at the output of every prismafix that is started meanwhile."""
    communicate = subprocess.Popen.communicate

    def watched(self: subprocess.Popen[Any], *given: Any, **named: Any) -> tuple[Any, Any]:
        out, err = communicate(self, *given, **named)
        arguments = _arguments(self.args)
        if arguments is not None:
            look_at_run(arguments, out, err)
        return out, err

    subprocess.Popen.communicate = watched  # type: ignore[method-assign]
    try:
        yield
    finally:
        subprocess.Popen.communicate = communicate  # type: ignore[method-assign]


def look_at_run(arguments: Sequence[str], out: str | bytes | None, err: str | bytes | None) -> None:
    """The output of `prismafix` with these arguments, and the files that they name by an absolute path."""
    name = f"prismafix {' '.join(arguments[:1])}"
    look_at(f"{name} (standard error)", err)
    look_at(name, _without_url(out) if arguments[:1] == ["url"] else out)
    for option, value in pairwise(arguments):
        if option in _FILES and Path(value).is_file():
            look_at(f"{name} {option}", Path(value).read_bytes())


def _arguments(given: Any) -> list[str] | None:
    """What prismafix is given by a command; None for another program."""
    words = [os.fsdecode(word) for word in given] if isinstance(given, list | tuple) else []
    at = next((n for n, word in enumerate(words[:4]) if Path(word).name == "prismafix"), None)
    return None if at is None else words[at + 1 :]


def _without_url(out: str | bytes | None) -> str:
    """What `prismafix url` prints but for the string itself: the last line, or the field `url`."""
    text = out.decode("utf-8", "replace") if isinstance(out, bytes) else out or ""
    try:
        told = json.loads(text)
    except ValueError:
        return "\n".join(text.rstrip("\n").split("\n")[:-1])
    return json.dumps({key: value for key, value in told.items() if key != "url"})
