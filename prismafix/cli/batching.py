"""What `prismafix batch` does: how a repository is analysed, and what is shown while it runs and afterwards."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from prismafix.cli.codes import codes
from prismafix.cli.settings import Job, commit_template, prepare
from prismafix.cli.terminal import console, say
from prismafix.delivery.campaign.file import read_campaign
from prismafix.delivery.campaign.model import Event, Outcome, Plan
from prismafix.delivery.campaign.status import fix_words, held_back, totals, word
from prismafix.engine.kept import run_remembering
from prismafix.engine.model import Choose, TypeCheck
from prismafix.errors import UserError
from prismafix.report.words import count, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    from prismafix.delivery.campaign.model import Campaign, Wanted
    from prismafix.delivery.campaign.state import Known
    from prismafix.delivery.messages import By
    from prismafix.engine.model import Proposal, Result

_GROUPS: dict[By, Callable[[Proposal], str]] = {
    "rule": lambda proposal: proposal.code,
    "package": lambda proposal: proposal.package or "",
}


def read(file: Path) -> Campaign:
    """The campaign in a file. Raises UserError."""
    return read_campaign(file, codes)


def plan(wanted: Wanted, processes: int, root: Path) -> Plan:
    """How a campaign's repository, which is in `root`, is worked on. Raises UserError."""
    job = _job(wanted, processes, root, root)
    return Plan(partial(_analyse, wanted, processes, root), commit_template(job, None), job.rule_pages)


def _analyse(wanted: Wanted, processes: int, root: Path, there: Path, choose: Choose | None) -> Result:
    """The result in `there`, which is `root` or another work tree of it."""
    job = _job(wanted, processes, root, there)

    def take(proposal: Proposal) -> bool:
        return choose is not None and choose(proposal) and (wanted.unsafe or proposal.applicability == "safe")

    return run_remembering(
        job.listed,
        job.options,
        job.cache,
        choose=None if choose is None else take,
        group_by=_GROUPS.get(wanted.by),
        type_check=TypeCheck() if wanted.verify else None,
    )


def _job(wanted: Wanted, processes: int, root: Path, there: Path) -> Job:
    depth = len(PurePosixPath(wanted.folder).parts)  # of `there` in the repository
    job = prepare(
        [there],
        select=wanted.select,
        ignore=wanted.ignore,
        exclude=None,
        include_scripts=None,
        chunk_size=None,
        call_depth=None,
        jobs=processes,
        strict=False,
        config=None,
        no_cache=wanted.url is not None,  # a clone does not say where on this machine something is written
        apply=True,
        unsafe=wanted.unsafe,
        no_baseline=False,
        copy_of=root if there != root else None,
        within=None if wanted.url is None else there.parents[depth - 1] if depth else there,
    )
    return replace(job, options=replace(job.options, paths=_packages(wanted, there)))


def _packages(wanted: Wanted, root: Path) -> tuple[str, ...]:
    """The folders that the patterns mean: those with a package.json. Raises UserError for one that means none."""
    found: set[str] = set()
    for pattern in wanted.packages:
        folders = {path.parent for path in root.glob(f"{pattern}/package.json") if "node_modules" not in path.parts}
        if not folders:
            raise UserError(f"no package is in {pattern}: look at `packages` of {wanted.name}")
        found |= {folder.relative_to(root).as_posix() for folder in folders}
    return () if "." in found else tuple(sorted(found))


@dataclass(slots=True)
class View:
    """What is shown while a campaign runs: on a terminal a table of what is under way below a line for each repository
    that is through; elsewhere the lines alone."""

    screen: Console
    total: int
    live: Live | None = None
    under_way: dict[str, tuple[str, float]] = field(default_factory=dict)
    through: int = 0
    failed: int = 0
    said: dict[str, str] = field(default_factory=dict)
    """What was told of each repository on the way, some of which is in its outcome too."""

    def __call__(self, message: Event | Outcome) -> None:
        from rich.text import Text

        lines = []
        if isinstance(message, Event):
            if message.text:
                self.said[message.name] = f"{self.said.get(message.name, '')}{message.text}\n"
                lines = [Text(visible(f"{message.name}: {message.text}"))]
            else:
                self.under_way[message.name] = (message.step, message.at)
                if self.live is None:
                    lines = [Text(visible(f"{message.name}: {message.step}"))]
        else:
            self.under_way.pop(message.name, None)
            self.through += 1
            self.failed += bool(message.error)
            style = "red" if message.error else ""
            told = self.said.get(message.name, "")
            lines = [Text(visible(line), style) for line in _outcome_lines(message, told)]
        say(self.screen, lines)
        if self.live is not None:
            self.live.refresh()

    def table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("repository", "step", "since"):
            table.add_column(column, no_wrap=column != "repository")
        for name, (step, since) in self.under_way.items():
            table.add_row(visible(name), step, f"{max(time.time() - since, 0):.0f} s")
        failed = f", {self.failed} failed" if self.failed else ""
        table.caption = f"{self.through} of {self.total} through{failed}"
        table.caption_justify = "left"
        return table


@contextmanager
def view(total: int) -> Iterator[View]:
    """What is shown of a run with so many repositories, for as long as the block runs."""
    screen = console()
    shown = View(screen, total)
    if not screen.is_terminal:
        yield shown
        return
    from rich.live import Live

    with Live(console=screen, get_renderable=shown.table, transient=True, refresh_per_second=2) as live:
        shown.live = live
        yield shown


def _outcome_lines(outcome: Outcome, told: str) -> Iterator[str]:
    if outcome.error:
        yield f"{outcome.name}: failed: {outcome.error}"
    elif outcome.unchanged:
        yield f"{outcome.name}: nothing new"
    elif not outcome.uses_prisma:
        yield f"{outcome.name}: does not use Prisma"
    else:
        found = sum(found.number for found in outcome.counts if found.state != "suppressed")
        yield f"{outcome.name}: {count(found, 'finding')}, {fix_words(outcome.fixes)}{held_back(outcome.counts)}"
        for pull in outcome.pulls:
            yield f"{outcome.name}: {pull.status} {pull.url or pull.branch}"
    yield from (f"{outcome.name}: {note}" for note in outcome.notes if note not in told)


def print_status(repositories: Sequence[Known]) -> None:
    """A table of all repositories, and a line with the numbers."""
    from rich.table import Table
    from rich.text import Text

    screen = console()
    if screen.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("repository")
        table.add_column("findings", justify="right")
        table.add_column("fixes", justify="right")
        table.add_column("state", overflow="fold")
        for known in repositories:
            style = {"failed": "red", "done": ""}.get(known.status, "yellow")
            state = Text(visible(word(known)), style=style)
            table.add_row(visible(known.name), str(known.findings), str(known.fixes), state)
        screen.print(table, soft_wrap=False)
    else:
        say(screen, (Text(visible(f"{known.name}: {word(known)}")) for known in repositories))
    say(screen, [Text(totals(repositories) + ".")])


def warn(line: str) -> None:
    """A line on standard error."""
    print(f"prismafix: {visible(line)}", file=sys.stderr)
