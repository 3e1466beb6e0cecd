"""What `prismafix pr` does: find the forge, let the pull requests be made, say what came of them."""

from __future__ import annotations

import json as json_module
import signal
import sys
from dataclasses import dataclass
from shutil import which
from typing import TYPE_CHECKING, Any

from prismafix.cli.settings import commit_template
from prismafix.cli.terminal import bar, console, say, write_bytes
from prismafix.engine.kept import run_remembering
from prismafix.engine.model import TypeCheck
from prismafix.errors import UserError
from prismafix.typecheck.node import find_node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from prismafix.cli.settings import Job
    from prismafix.delivery.forges.model import Forge, Kind
    from prismafix.delivery.messages import By
    from prismafix.delivery.pull_requests.model import Ask, Per, Proposed
    from prismafix.engine.model import Choose, Proposal, Result

    Prepare = Callable[..., Job]
    """`settings.prepare` with all that the command line says but the paths."""

_GROUPS: dict[By, Callable[[Proposal], str]] = {
    "rule": lambda proposal: proposal.code,
    "package": lambda proposal: proposal.package or "",
}
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of `prismafix pr` that are not about the analysis. `verify`: seconds, None: not asked for."""

    per: Per
    commit: By
    draft: bool
    labels: tuple[str, ...]
    reviewers: tuple[str, ...] | None
    base: str | None
    branch: str
    remote: str | None
    forge: Kind | None
    forge_api: str | None
    forge_repository: str | None
    template: Path | None
    hooks: bool
    verify: int | None
    dry_run: bool


def propose(paths: Sequence[Path] | None, prepare: Prepare, wanted: Wanted, *, json: bool) -> int:
    """Make the pull requests and say what came of them; the exit code. Raises UserError."""
    if which("git") is None:  # GitPython refuses to be imported without it
        raise UserError("a pull request needs git, and there is none on the PATH: install it")
    if wanted.verify is not None:
        find_node()  # refuse before the work, not after it
    from prismafix.delivery.pull_requests.git import open_git
    from prismafix.delivery.pull_requests.propose import propose as make

    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # the work tree goes, as with Ctrl-C
    job = prepare(paths)
    open_git(job.place.root)
    ask = _ask(job, prepare, wanted)
    done = make(ask, _forge(job.place.root, wanted), _tell)
    if json:
        write_bytes(json_module.dumps(_data(done), indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    else:
        for proposed in done:
            _show(proposed, dry_run=wanted.dry_run)
    return 1 if any(proposed.status.startswith("would") for proposed in done) else 0


def _forge(root: Path, wanted: Wanted) -> Forge | None:
    """The forge. None in a dry run for which the remote or the token is missing: then what is there is not known."""
    from prismafix.delivery.forges.client import connect
    from prismafix.delivery.forges.remote import Told, read_remote
    from prismafix.delivery.forges.tokens import find_token

    try:
        remote = read_remote(root, wanted.remote, Told(wanted.forge, wanted.forge_api, wanted.forge_repository))
        return connect(remote, find_token(remote), _tell)
    except UserError as error:
        if not wanted.dry_run:
            raise
        _tell(f"without the forge ({error}): what is open there already is not known")
        return None


def _ask(job: Job, prepare: Prepare, wanted: Wanted) -> Ask:
    from prismafix.delivery.pull_requests.model import Ask

    root = job.place.root
    limits = job.place.limits

    def analyse(there: Path, take: Choose | None = None) -> Result:
        if gone := [limit for limit in limits if not (there / limit).exists()]:
            raise UserError(f"{gone[0]} is not in the branch that is looked at: push it there first, or give --base")
        looked = prepare([there / limit for limit in limits] or [there], copy_of=root)
        looked.warn()
        safe_only = not looked.options.unsafe
        with bar() as progress:
            return run_remembering(
                looked.listed,
                looked.options,
                looked.cache,
                progress,
                choose=None
                if take is None
                else lambda proposal: take(proposal) and not (safe_only and proposal.applicability != "safe"),
                group_by=_GROUPS.get(wanted.commit),
                type_check=TypeCheck(wanted.verify) if wanted.verify is not None else None,
            )

    return Ask(
        root=root,
        analyse=analyse,
        analyse_only=analyse,
        per=wanted.per,
        by=wanted.commit,
        branch=wanted.branch,
        remote=wanted.remote,
        base=wanted.base,
        labels=wanted.labels,
        reviewers=wanted.reviewers,
        draft=wanted.draft,
        template=commit_template(job, wanted.template),
        dry_run=wanted.dry_run,
        pages=job.rule_pages,
        hooks=wanted.hooks,
        compiles=wanted.verify is not None,
    )


def _tell(line: str) -> None:
    from prismafix.report.words import visible

    print(f"prismafix: {visible(' '.join(line.split()))}", file=sys.stderr)


def _show(proposed: Proposed, *, dry_run: bool) -> None:
    from rich.text import Text

    from prismafix.report.words import count, visible

    where = proposed.url or f"{proposed.branch} → {proposed.base}"
    what = f": {proposed.title}" if proposed.title else ""
    lines = [Text.assemble((proposed.status, "bold"), f" {visible(where + what)}")]
    if proposed.status == "nothing" and proposed.url is None:
        lines = [Text(f"No fix for {proposed.base}: nothing to open.")]
    elif proposed.commits:
        numbers = f"{count(proposed.findings, 'finding')} fixed in {count(len(proposed.commits), 'commit')}"
        lines.append(Text(f"  {numbers} on {proposed.branch}, for {proposed.base}"))
    if dry_run:
        lines += [Text(f"  commit {name} {visible(text)}") for name, text in proposed.commits]
    if not dry_run or not proposed.body:
        lines += [Text(f"  {visible(note)}") for note in proposed.notes]
        say(console(), lines)
        return
    lines += [Text(f"  note: {visible(note)}") for note in proposed.notes]
    say(console(), [*lines, Text()])
    write_bytes(visible(proposed.body).encode("utf-8", "replace") + b"\n")
    write_bytes(proposed.patch.encode("utf-8", "surrogateescape"))


def _data(done: Sequence[Proposed]) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "pull_requests": [
            {
                "branch": p.branch,
                "base": p.base,
                "status": p.status,
                "title": p.title,
                "url": p.url,
                "number": p.number,
                "commits": [{"id": name, "subject": text} for name, text in p.commits],
                "fixes": p.fixes,
                "findings": p.findings,
                "notes": list(p.notes),
                "body": p.body,
            }
            for p in done
        ],
    }
