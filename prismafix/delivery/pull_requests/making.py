"""The commits of one pull request, in the work tree."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from git.exc import CommandError, GitError

from prismafix.connection.masking import mask
from prismafix.delivery.commits import DETACHED, commit, open_repository
from prismafix.delivery.pull_requests.git import without_secrets
from prismafix.delivery.write import settle
from prismafix.errors import UserError

if TYPE_CHECKING:
    from prismafix.delivery.pull_requests.model import Ask
    from prismafix.delivery.pull_requests.tree import WorkTree
    from prismafix.engine.model import Result

_HOOK = "It was committed without what git does not know; --no-hooks leaves the hooks out"
_MOST = 900
_NOBODY = "Please tell me who you are"
_WHO = "git does not know in whose name to commit: set it with `git config user.name` and `git config user.email`"
_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Made:
    """Commits on top of where the work tree was. `result` is what became of the result, `tip` the last commit, `tree`
    its tree, `paths` what changed (relative to the repository)."""

    result: Result
    tip: str
    tree: str
    commits: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    notes: tuple[str, ...]


def make(tree: WorkTree, result: Result, ask: Ask) -> Made:
    """Commit the fixes of `result` in the work tree, with the hooks and the signing of the repository.

    Raises UserError with what a hook said, if one refuses."""
    pointers = sorted({c.path for fix in result.fixes for c in fix.changes if (c.before or b"").startswith(_POINTER)})
    if pointers:
        raise UserError(f"{pointers[0]} is kept in LFS and not here: leave it out with --exclude")
    _refuse_what_git_would_rewrite(tree, result)
    before = tree.git("rev-parse", "HEAD")
    notes: list[str] = []
    commits: tuple[tuple[str, str], ...] = ()
    if result.fixes:
        try:
            repo = open_repository(tree.root)
            try:
                repo.git.update_environment(**tree.git.environment)
                done = commit(repo, result, ask.by, mask, template=ask.template, pages=ask.pages)
            finally:
                repo.close()
        except GitError as error:
            said = str(error.stderr if isinstance(error, CommandError) else error)
            raise UserError(f"git failed in the work tree: {_line(said)} (nothing was pushed)") from None
        if done.failure is not None and _NOBODY in done.failure:
            raise UserError(f"{_WHO} (nothing was pushed)")
        if done.failure is not None:
            hint = "" if "fatal: " in done.failure else f". {_HOOK}"
            raise UserError(f"{_line(done.failure)} (nothing was pushed{hint})")
        reasons = list(dict.fromkeys(entry.reason for entry in done.written.dropped))
        notes = [f"not done: {reason}" for reason in reasons] + [note for note in done.notes if note != DETACHED]
        result, commits = settle(result, done.written), done.commits
    tip, whole = tree.git("rev-parse", "HEAD", "HEAD^{tree}").splitlines()
    paths = tree.git.names("diff", "--name-only", "-z", "--no-renames", before, tip) if tip != before else []
    return Made(result, tip, whole, commits, tuple(paths), tuple(notes))


def _refuse_what_git_would_rewrite(tree: WorkTree, result: Result) -> None:
    """Raises UserError for a file that is not in git as git itself would keep it, such as one with CRLF where
    .gitattributes wants LF: a commit would have all of its lines."""
    paths = [c.path for c in result.changes if c.before is not None and c.path not in result.ignored_by_git]
    for path in paths:
        with suppress(OSError):
            os.utime(tree.root / path)  # git has to look into it, and not to go by what it noted at the checkout
    status = tree.git.names("status", "--porcelain", "-z", "--no-renames", "--untracked-files=no")
    top = tree.root.relative_to(tree.top)
    for path in sorted({(top / path).as_posix() for path in paths} & {entry[3:] for entry in status}):
        raise UserError(
            f"{path} is not in git as .gitattributes wants it, and a commit would change all of it: "
            "`git add --renormalize .` and commit that first, or leave the file out with --exclude"
        )


def _line(said: str) -> str:
    """What git or a hook said in one line, without passwords; of much, the beginning and the end."""
    line = " ".join(without_secrets(mask(said)).split()).removeprefix("stderr: ").strip("'")
    return line if len(line) <= _MOST else f"{line[: _MOST // 3]} … {line[-_MOST * 2 // 3 :]}"
