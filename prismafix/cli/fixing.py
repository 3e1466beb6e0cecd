"""What `prismafix fix` does: show the patch, or review, write and commit."""

from __future__ import annotations

import sys
from shutil import which
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from prismafix.cli.outputs import count_known
from prismafix.cli.review import Review
from prismafix.cli.roots import repository_top
from prismafix.cli.settings import commit_template, exit_code
from prismafix.cli.terminal import bar, console, say, write_bytes
from prismafix.connection.masking import mask
from prismafix.delivery.write import Written, settle, write
from prismafix.engine.kept import run_kept, run_remembering
from prismafix.engine.summary import deciding
from prismafix.errors import UserError
from prismafix.report.diff import left_out, patch, shown
from prismafix.report.text import counts, fix_report, without_prisma
from prismafix.typecheck.node import find_node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from prismafix.cli.settings import Job
    from prismafix.cli.terminal import Bar
    from prismafix.delivery.messages import By
    from prismafix.engine.model import Choose, Decide, Proposal, Result, TypeCheck

_GROUPS: dict[By | None, Callable[[Proposal], str]] = {
    "rule": lambda proposal: proposal.code,
    "package": lambda proposal: proposal.package or "",
}
"""The order of fixes in which each commit's are together. Without one every fix comes as the engine finds it."""
_COMMITS: dict[By, str] = {
    "rule": "one commit per rule",
    "package": "one commit per package",
    "fix": "one commit per fix",
    "all": "one commit",
}
Ask = Literal["screen", "lines"]
"""How to ask about each fix. Where the whole screen is not possible it is line by line."""


def show(job: Job, check: TypeCheck | None, *, quiet: bool) -> int:
    """Print the patch to standard output, and to standard error what it leaves out; the exit code. Raises
    UserError."""
    with bar() as progress:
        if check is None:
            result = run_kept(job.listed, job.options, job.cache, progress)
        else:  # what is installed counts too, and nobody looks there to know whether a kept result still holds
            find_node()
            result = run_remembering(job.listed, job.options, job.cache, progress, type_check=check)
    job.warn()
    root = result.root
    top = repository_top(root) or root
    prefix = "" if top == root else root.relative_to(top).as_posix() + "/"
    if sys.stdout.isatty():
        say(console(), shown(result.changes, prefix))
    else:
        write_bytes(patch(result.changes, prefix))
        for place in left_out(result.changes):
            say(
                console(sys.stderr),
                [Text(f"Not in this patch: {place}, which holds a password. `prismafix fix` writes it.")],
            )
    if not quiet:
        say(console(sys.stderr), counts(result, None) if result.uses_prisma else without_prisma(result))
        say(console(sys.stderr), _known(result))
    return 1 if result.changes or (job.options.strict and result.problems) else 0


def fix(
    job: Job, check: TypeCheck | None, *, ask: Ask | None, commit: By | None, template: Path | None, quiet: bool
) -> int:
    """Run, ask if told how, check types if asked, write, commit if asked, and say what happened; the exit code.
    Raises UserError."""
    text = None
    if commit is not None:
        text = commit_template(job, template)
        if which("git") is None:  # GitPython refuses to be imported without it
            raise UserError("--commit needs git, and there is none on the PATH: install it, or run without --commit")
        from prismafix.delivery.commits import open_repository

        open_repository(job.place.root)  # refuse before the work, not after it
    if check is not None:
        find_node()  # for the same reason
    with bar() as progress:
        choose, decide = _asking(job, progress, ask, check is not None, commit)
        result = run_remembering(
            job.listed,
            job.options,
            job.cache,
            progress,
            choose=choose,
            decide=decide,
            group_by=_GROUPS.get(commit),
            type_check=check,
        )
    job.warn()
    screen = console()
    if not result.uses_prisma:
        say(screen, without_prisma(result))
        return exit_code(result, job.options, 0)
    try:
        written, notes = (
            (write(result.root, result.fixes), []) if commit is None else _commit(result, commit, text, job)
        )
    except SystemExit:  # a signal
        what = "see `git status` and `git log`" if commit is not None else "`git diff` shows which"
        line = f"Interrupted while writing. Each fix is in your files completely or not at all: {what}."
        say(console(sys.stderr), [Text(line)])
        raise
    result = settle(result, written)
    say(screen, fix_report(result, written.paths, quiet=quiet))
    say(screen, [] if quiet else _known(result))
    say(screen, (Text(note) for note in notes))
    return exit_code(result, job.options, len(deciding(result)))


def _asking(
    job: Job, progress: Bar, ask: Ask | None, checked: bool, commit: By | None
) -> tuple[Choose | None, Decide | None]:
    """Who is asked: nobody, line by line, or on the whole screen where that is possible."""
    if ask is None:
        return None, None
    from prismafix.review.screen import can_show, show

    if ask == "lines" or not can_show():
        return Review(console(), progress.stop), None
    notes = ["Then they are type-checked: what brings a new error is left out."] if checked else []
    notes += [f"They are committed: {_COMMITS[commit]}."] if commit is not None else []

    again = False

    def decide(proposals: Sequence[Proposal], fresh: frozenset[str]) -> frozenset[str]:
        nonlocal again
        progress.stop()
        wanted = show(proposals, fresh, again=again, name=job.place.root.name, notes=tuple(notes))
        progress.go_on()
        again = True
        return wanted

    return None, decide


def _known(result: Result) -> list[Text]:
    """That what is in the baseline was left alone."""
    if not result.known:
        return []
    return [Text(f"{count_known(len(result.known))} in the baseline and left alone: `--no-baseline` fixes them too.")]


def _commit(result: Result, by: By, template: str | None, job: Job) -> tuple[Written, list[str]]:
    from prismafix.delivery.commits import commit, open_repository

    done = commit(open_repository(result.root), result, by, mask, template=template, pages=job.rule_pages)
    notes = [f"commit {name} {subject}" for name, subject in done.commits]
    if done.failure is not None:
        before = f"{len(done.commits)} commit{'' if len(done.commits) == 1 else 's'} before it"
        notes.append(
            f"{mask(done.failure)}\nIts files are as they were; {before} stay. Mend the cause and run this again."
        )
    return done.written, [*notes, *done.notes]
