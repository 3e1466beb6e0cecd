"""A work tree of our own: made for a run, gone after it, and nothing of the user's is touched."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.delivery.pull_requests.git import Git, GitFailed
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "prismafix-pr-"
_LOCK = ".lock-of-prismafix"  # beside the work tree, which is called as the repository is
_NO_HOOKS = (("core.hooksPath", os.devnull),)
_APART = (("core.fsmonitor", "false"), ("submodule.recurse", "false"))
"""No process that watches a folder which is gone soon, and no submodules, which are not there."""


@dataclass(frozen=True, slots=True)
class WorkTree:
    """`top` is the work tree's folder, `root` the counterpart in it of the folder that was asked for. `git` runs there
    as the user's own would: with the hooks, wherever the configuration looks for them."""

    top: Path
    root: Path
    git: Git

    def go_to(self, commit: str) -> None:
        """Let the work tree be at a commit, and nothing else be in it but what git ignores. Raises UserError."""
        quiet = Git(self.top, _APART + _NO_HOOKS)
        try:
            quiet("checkout", "--quiet", "--force", "--detach", commit)
            quiet("clean", "--quiet", "-fd", "--exclude=node_modules")
        except GitFailed as failed:
            raise UserError(f"the work tree could not be made ({failed.line}): nothing was changed") from None


@contextmanager
def work_tree(git: Git, commit: str, *, hooks: bool = True) -> Iterator[WorkTree]:
    """A work tree at `commit` in a temporary folder, for as long as the block runs.

    What an earlier run left that was killed is taken away first. Checking out runs no hooks and fetches no large files.
    Raises UserError."""
    _sweep(git)
    here = Path(git("rev-parse", "--show-toplevel"))
    below = Path(os.fsdecode(git("rev-parse", "--show-prefix")))
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    except OSError as error:
        raise UserError(f"no temporary folder can be made ({error.strerror}): nothing was changed") from None
    top = folder / (here.name or "root")
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # given back by the system, however this process ends
            settings = _NO_HOOKS if not hooks else _hooks(git, here, top)
            tree = WorkTree(top, top / below, Git(top, _APART + settings))
            try:
                Git(here, _APART + _NO_HOOKS)("worktree", "add", "--quiet", "--detach", str(top), commit)
            except GitFailed as failed:
                raise UserError(f"the work tree could not be made ({failed.line}): nothing was changed") from None
            yield tree
    except OSError as error:
        if error.filename is None or not str(error.filename).startswith(str(folder)):
            raise
        raise UserError(f"{folder}: {error.strerror}: nothing was changed") from None
    finally:
        _remove(git, folder, top)


def _hooks(git: Git, here: Path, top: Path) -> tuple[tuple[str, str], ...]:
    """A path of hooks that is relative to the work tree (husky's `.husky/_`) and not in git would be none there: then
    the hooks are those of the user's checkout."""
    try:
        path = git("config", "--type=path", "core.hooksPath")
    except GitFailed:
        return ()
    if not path or Path(path).is_absolute() or git.holds("ls-files", "--error-unmatch", str(here / path)):
        return ()
    return (("core.hooksPath", str(here / path)),) if (here / path).is_dir() else ()


def _sweep(git: Git) -> None:
    """Take away work trees of runs that were killed: nobody holds their lock any more."""
    with suppress(GitFailed):
        listed = git("worktree", "list", "--porcelain").splitlines()
        for top in (Path(line.removeprefix("worktree ")) for line in listed if line.startswith("worktree ")):
            folder = top.parent
            if folder.name.startswith(_PREFIX) and _is_left(folder):
                _remove(git, folder, top)


def _is_left(folder: Path) -> bool:
    """Whether nobody holds the lock. A folder that is not there may be that of another machine with the same clone: its
    entry is left to git, which takes it away after three months."""
    try:
        with (folder / _LOCK).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(git: Git, folder: Path, top: Path) -> None:
    for _ in range(2):  # once more for the entry alone, where git could not delete a file
        if git.holds("worktree", "remove", "--force", "--force", str(top)):
            break
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
