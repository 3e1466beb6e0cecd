"""Writes fixes as commits of the user's repository, with its hooks and its signing, and touches nothing else in it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from git import GitCommandError, InvalidGitRepositoryError, NoSuchPathError, Repo

from prismafix.delivery.messages import By, message
from prismafix.delivery.write import Dropped, Written, write
from prismafix.engine.model import AppliedFix, FileChange, Result
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DETACHED = "HEAD is detached: note the last commit, or `git switch -c NAME`"
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}


@dataclass(frozen=True, slots=True)
class Committed:
    """What came of committing. `commits` are (abbreviated id, subject); `notes` one line each for the user.

    `failure` is set when git or a hook refused a commit: what it said. That commit's files are as they were before it;
    the commits before it stay; its fixes and those behind it are in `written.dropped`.
    """

    written: Written
    commits: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    failure: str | None = None


def open_repository(root: Path) -> Repo:
    """The repository that holds `root`, ready for commits. Raises UserError if there is none, or if it is not ready."""
    try:
        repo = Repo(root, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError):
        raise UserError(
            f"{root} is in no git repository: run without --commit, or `git init` and commit first"
        ) from None
    if repo.bare or repo.working_tree_dir is None:
        raise UserError(f"{root} is a bare repository without a work tree: run --commit in a clone")
    if not repo.head.is_valid():
        raise UserError(f"{root}: the repository has no commit yet: commit your work first, then run with --commit")
    for name, what in _UNFINISHED.items():
        if (Path(repo.git_dir) / name).exists():
            raise UserError(f"{root} is in the middle of {what}: finish or abort it, then run with --commit")
    return repo


def commit(
    repo: Repo,
    result: Result,
    by: By,
    clean: Callable[[str], str],
    *,
    template: str | None = None,
    pages: str = "",
) -> Committed:
    """Write `result.fixes`, which must be in the order of their groups, and commit each group.

    `clean` takes passwords out of messages; `template` and `pages` are for `message`. Raises UserError with nothing
    changed if a file that would change has uncommitted changes. Everything else of the user stays as it is, staged or
    not.
    """
    top = Path(str(repo.working_tree_dir)).resolve()
    prefix = result.root.resolve().relative_to(top).as_posix()
    session = _Session(repo, top, "" if prefix == "." else prefix + "/")
    session.refuse_uncommitted([change for change in result.changes if change.path not in result.ignored_by_git])

    notes: list[str] = []
    done: list[AppliedFix] = []
    dropped: list[Dropped] = []
    commits: list[tuple[str, str]] = []
    failure = None
    for group in _groups(result.fixes, by):
        if failure is not None:
            dropped += [Dropped(fix.fix_id, "an earlier commit was refused") for fix in group]
            continue
        written = write(result.root, group, lost=[fix for fix in result.fixes if _among(fix, dropped)])
        dropped += written.dropped
        if not written.fixes:
            continue
        paths = [path for path in written.paths if path not in result.ignored_by_git]
        notes += [f"{path} is changed, and in no commit: git ignores it" for path in written.paths if path not in paths]
        if not paths:
            done += written.fixes
            continue
        text = clean(message(by, written.fixes, result.findings, template=template, pages=pages))
        staged = session.staged_entries(paths)
        try:
            commits.append((session.commit(written, paths, text), text.split("\n", 1)[0]))
        except GitCommandError as error:
            failure = session.refused(error, text.split("\n", 1)[0])
            notes += session.restore(written, paths)
            dropped += [Dropped(fix.fix_id, "git refused its commit") for fix in written.fixes]
            continue
        done += written.fixes
        if session.staged_entries(paths) != staged:
            notes.append(f"{commits[-1][0]}: a hook changed what you had staged: look at `git status`")
    changed = sorted({change.path for fix in done for change in fix.changes})
    if commits and repo.head.is_detached:
        notes.insert(0, DETACHED)
    notes = list(dict.fromkeys(notes))
    return Committed(Written(tuple(done), tuple(changed), tuple(dropped)), tuple(commits), tuple(notes), failure)


def _groups(fixes: Sequence[AppliedFix], by: By) -> Iterator[list[AppliedFix]]:
    """Neighbours with the same key. A fix is never split, and belongs to its lowest code."""
    keys: dict[By, Callable[[AppliedFix], str | None]] = {
        "rule": lambda fix: fix.code,
        "package": lambda fix: fix.package,
        "fix": lambda fix: fix.fix_id,
        "all": lambda fix: None,
    }
    return (list(group) for _, group in groupby(fixes, keys[by]))


def _among(fix: AppliedFix, dropped: Sequence[Dropped]) -> bool:
    return any(entry.fix_id == fix.fix_id for entry in dropped)


@dataclass(frozen=True, slots=True)
class _Session:
    """A repository and where the analysed root lies in it: `prefix` + a path of the result is one of the repository."""

    repo: Repo
    top: Path
    prefix: str

    def refuse_uncommitted(self, changes: Sequence[FileChange]) -> None:
        tracked = set(self._names("ls-files", "-z"))
        status = self._names("status", "--porcelain", "-z", "--no-renames", "--untracked-files=no")
        uncommitted = {entry[3:] for entry in status}
        for change in changes:
            name = self.prefix + change.path
            if change.before is not None and name not in tracked:
                raise UserError(
                    f"{change.path} is not tracked by git: `git add` and commit it first, or run without --commit"
                )
            if name in uncommitted:
                raise UserError(f"{change.path} has uncommitted changes: commit or stash them, or run without --commit")

    def commit(self, written: Written, paths: Sequence[str], text: str) -> str:
        """Commit `paths` as they are in the work tree, and only those. Returns the abbreviated id."""
        new = {c.path for fix in written.fixes for c in fix.changes if c.before is None and c.after is not None}
        made = sorted(new.intersection(paths))
        if made:
            self._with_paths("add", paths=made)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.repo.git_dir, prefix="PRISMAFIX_") as file:
            file.write(text)
            file.flush()
            self._with_paths("commit", "--quiet", "--only", "--cleanup=whitespace", f"--file={file.name}", paths=paths)
        return self.repo.git.rev_parse("--short", "HEAD")  # type: ignore[no-any-return]

    def restore(self, written: Written, paths: Sequence[str]) -> list[str]:
        """Undo what was written for a commit that was refused. A file that changed meanwhile is left, and named."""
        undo = [
            FileChange(change.path, change.after, change.before)
            for fix in reversed(written.fixes)
            for change in reversed(fix.changes)
        ]
        self._with_paths("reset", "--quiet", paths=paths)
        notes = []
        for path in written.paths:
            one = tuple(change for change in undo if change.path == path)
            fix = AppliedFix(path, "", "", (), None, "safe", (), (), one)
            notes += [f"left as it is: {entry.reason}" for entry in write(self.top / self.prefix, [fix]).dropped]
        return notes

    def refused(self, error: GitCommandError, subject: str) -> str:
        said = "\n".join(
            str(part).strip().removeprefix("stderr:").strip().strip("'") for part in (error.stdout, error.stderr)
        )
        return f"git refused the commit “{subject}”:\n{said.strip()}"

    def staged_entries(self, without: Sequence[str]) -> list[str]:
        """The index but for `without`: mode, object, stage and name of each entry."""
        names = {self.prefix + path for path in without}
        return [entry for entry in self._names("ls-files", "-s", "-z") if entry.split("\t", 1)[1] not in names]

    def _names(self, *arguments: str) -> list[str]:
        command = ["git", "--no-optional-locks", *arguments]
        printed: bytes = self.repo.git.execute(command, stdout_as_string=False, strip_newline_in_stdout=False)
        return [os.fsdecode(name) for name in printed.split(b"\0") if name]

    def _with_paths(self, *arguments: str, paths: Sequence[str]) -> None:
        """Run git on exactly these paths: no pattern, and no limit to how many."""
        with tempfile.TemporaryFile() as file:
            file.write(b"".join(os.fsencode(self.prefix + path) + b"\0" for path in paths))
            file.seek(0)
            command = ["git", "--literal-pathspecs", *arguments, "--pathspec-from-file=-", "--pathspec-file-nul"]
            self.repo.git.execute(command, istream=file)
