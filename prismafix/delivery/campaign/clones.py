"""Clones of a campaign: fetched with git, and nothing of theirs is run."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.connection.masking import mask
from prismafix.delivery.pull_requests.git import Git, GitFailed
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_USER = re.compile(r"(?<=://)[^/@\s]+@")
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "init.templateDir": "",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
}
_TAKEN = "https:ssh:file"


def no_questions(environ: MutableMapping[str, str]) -> None:
    """git and what it starts ask nobody for a password, and a server that falls silent is left after a minute.
    Credentials come from git's own helpers."""
    environ["GIT_TERMINAL_PROMPT"] = "0"
    environ["SSH_ASKPASS_REQUIRE"] = "never"
    environ.setdefault("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
    environ.setdefault("GIT_HTTP_LOW_SPEED_TIME", "60")


def nothing_runs(environ: MutableMapping[str, str]) -> None:
    """Every git of this process, also those that others start: no hook, no submodule, no download of LFS, no transport
    that is a program. For clones; in a user's own repository the user's hooks count."""
    environ["GIT_ALLOW_PROTOCOL"] = _TAKEN
    environ["GIT_LFS_SKIP_SMUDGE"] = "1"
    given = int(environ.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(_SETTINGS.items(), start=given):
        environ[f"GIT_CONFIG_KEY_{number}"], environ[f"GIT_CONFIG_VALUE_{number}"] = key, value
    environ["GIT_CONFIG_COUNT"] = str(given + len(_SETTINGS))


def clone(url: str, folder: Path) -> None:
    """Clone `url` to `folder` with its history but without old files' contents; no work tree. The folder is there
    completely or not at all. Raises UserError."""
    beginning = folder.with_name(folder.name + ".part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if beginning.exists():
            shutil.rmtree(beginning)
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    _git(None, "clone", "--quiet", "--no-checkout", "--no-tags", "--filter=blob:none", "--", url, str(beginning))
    beginning.rename(folder)


def fetch(folder: Path) -> None:
    """Bring a clone up to date with its remote. Nobody else may be at work in it: a git that was killed leaves its
    locks, and no other one goes on until they are gone. Raises UserError."""
    for lock in (folder / ".git").rglob("*.lock"):
        lock.unlink()
    _git(folder, "fetch", "--quiet", "--prune", "--no-tags", "origin")


def check_out(folder: Path, commit: str) -> None:
    """Make the clone's work tree that of `commit`, whatever was there. Raises UserError."""
    _git(folder, "checkout", "--quiet", "--force", "--detach", commit)
    _git(folder, "clean", "--quiet", "-ffdx")


def remote_commit(source: str, base: str | None, *, inside: Path | None = None) -> str:
    """The commit that the branch `base` (None: the default branch) has at `source`, a URL, or a remote's name of the
    repository `inside`. Raises UserError if it cannot be asked, or has no such branch."""
    ref = "HEAD" if base is None else f"refs/heads/{base}"
    for line in _git(inside, "ls-remote", "--quiet", "--", source, ref).splitlines():
        commit, _, name = line.partition("\t")
        if name == ref:
            return commit
    if base is None:
        raise UserError(f"{source} has no commit on its default branch: push one, or set `base`")
    raise UserError(f"{source} has no branch {base}: look at `base`")


def default_branch(folder: Path, remote: str) -> str:
    """The branch that the remote's HEAD is. Raises UserError."""
    found = re.search(
        r"^ref: refs/heads/(\S+)\tHEAD$", _git(folder, "ls-remote", "--symref", "--", remote, "HEAD"), re.M
    )
    if found is None:
        raise UserError(f"{remote} does not say what its default branch is: set `base`")
    return found[1]


def remote_url(folder: Path, remote: str) -> str:
    """The URL of a remote, which may hold a password. Raises UserError if there is none."""
    return _git(folder, "remote", "get-url", "--", remote).strip()


def local_commit(folder: Path) -> str:
    """The commit that is checked out. Raises UserError if there is none."""
    return _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").strip()


def _git(folder: Path | None, *arguments: str) -> str:
    """What git prints. Raises UserError with what it said, without user names and passwords of URLs."""
    try:
        return Git(folder or Path.cwd())(*arguments)
    except GitFailed as failed:
        raise UserError(f"git {arguments[0]} failed: {clean(failed.line)}") from None


def clean(text: str) -> str:
    """`text` in one line, without passwords, and without what stands before the host in a URL."""
    return " ".join(_USER.sub("***@", mask(text)).split())
