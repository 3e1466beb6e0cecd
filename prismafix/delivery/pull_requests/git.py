"""git as a process, in one folder: what it is asked, in which environment, and what it said when it failed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.connection.masking import mask
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_INSIDE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR")
_USER_OF_URL = re.compile(r"(?P<scheme>\bhttps?://)[^/@\s'\"]+@")
_NOT_TRUSTED = re.compile(r"git config --global --add safe\.directory .+")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MOST = 3
_NO_CREDENTIALS = (
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "Permission denied (pub",
)
_CREDENTIALS = "git uses its own credentials: `gh auth setup-git` or a credential helper gives it those of the forge"
_BY_ANOTHER = "fatal: Could not read from remote repository"
"""What git says when ssh, or another program that it started, has said why already."""
_LINE = re.compile(r"^(?:fatal|error|remote|hint|warning): ?")


class GitFailed(Exception):
    """git ended with an error. `said` is what it wrote to standard error, without passwords and tokens."""

    def __init__(self, said: str, printed: str = "") -> None:
        super().__init__(said)
        self.said = said
        self.printed = printed

    @property
    def line(self) -> str:
        """What it said in one line: the errors, or else all of it."""
        lines = [line.strip(" \t\0") for line in self.said.splitlines()]  # git ends some with a NUL
        lines = [line for line in lines if line]
        wanted = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
        if wanted[:1] and wanted[0].startswith(_BY_ANOTHER):
            wanted = [*lines[: lines.index(wanted[0])][-_MOST + 1 :], wanted[0]]
        parts = list(dict.fromkeys(_LINE.sub("", line) for line in wanted))
        more = [f"and {len(parts) - _MOST} lines more"] if len(parts) > _MOST else []
        hint = [_CREDENTIALS] if any(sign in self.said for sign in _NO_CREDENTIALS) else []
        return "; ".join([*parts[:_MOST], *more, *hint]) or "git failed and said nothing"


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in `folder`. `settings` are configuration for these runs only; they are passed in the environment, so
    that hooks which run git have them too."""

    folder: Path
    settings: tuple[tuple[str, str], ...] = ()

    def __call__(self, *arguments: str) -> str:
        """What git prints, without the line break at its end. Raises GitFailed."""
        return os.fsdecode(self.raw(*arguments)).rstrip("\n")

    def raw(self, *arguments: str) -> bytes:
        """What git prints. Raises GitFailed."""
        done = self._run(arguments)
        if done.returncode != 0:
            raise GitFailed(without_secrets(_text(done.stderr)), without_secrets(_text(done.stdout)))
        return done.stdout

    def holds(self, *arguments: str) -> bool:
        """Whether git ends with 0."""
        return self._run(arguments).returncode == 0

    def names(self, *arguments: str) -> list[str]:
        """What git prints with `-z`."""
        return [os.fsdecode(name) for name in self.raw(*arguments).split(b"\0") if name]

    @property
    def environment(self) -> dict[str, str]:
        """What is set besides for every run: messages that can be understood, no large files, no question that nobody
        can answer."""
        more = {"LANGUAGE": "en", "GIT_LFS_SKIP_SMUDGE": "1"}
        if not sys.stdin.isatty():
            more["GIT_TERMINAL_PROMPT"] = "0"
        return more | _configured(self.settings, os.environ)

    def _run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise UserError("git is needed, and there is none on the PATH: install it") from None


def open_git(folder: Path) -> Git:
    """git in a folder of a repository with a work tree and a commit or more. Raises UserError."""
    if set_here := [name for name in _INSIDE if name in os.environ]:
        raise UserError(f"{set_here[0]} is set, as inside a git hook: run this outside of it")
    git = Git(folder)
    try:
        if git("rev-parse", "--is-bare-repository") == "true":
            raise UserError(f"{folder} is a bare repository without a work tree: run this in a clone")
        git("rev-parse", "--show-toplevel")
    except GitFailed as failed:
        if "not a git repository" in failed.said:
            raise UserError(f"{folder} is in no git repository: run this in a clone of your project") from None
        if trusted := _NOT_TRUSTED.search(failed.said):
            raise UserError(f"{folder} belongs to somebody else, and git does not trust it: `{trusted[0]}`") from None
        raise UserError(f"{folder}: {failed.line}") from None
    return git


def without_secrets(text: str) -> str:
    """What git and hooks say without colours, and without the password and the user of a URL: a token may stand for
    the user."""
    return mask(_USER_OF_URL.sub(r"\g<scheme>***@", _COLOUR.sub("", text)))


def _configured(settings: tuple[tuple[str, str], ...], environment: Mapping[str, str]) -> dict[str, str]:
    """git's way to have configuration in the environment, behind what is there already."""
    try:
        first = int(environment.get("GIT_CONFIG_COUNT", "0") or 0)
    except ValueError:
        return {}
    found = {"GIT_CONFIG_COUNT": str(first + len(settings))} if settings else {}
    for number, (key, value) in enumerate(settings, first):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
