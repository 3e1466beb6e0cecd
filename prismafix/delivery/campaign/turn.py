"""One repository's turn, in the process it is called in: cloned or fetched, analysed, fixed, proposed.

Done again after it was broken off at any moment it ends where it would have: a clone is there or not, and what was
pushed and opened already is found again.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.delivery.campaign import clones
from prismafix.delivery.campaign.model import Count, Outcome, Pull, Step
from prismafix.delivery.campaign.plain import Plain
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from prismafix.delivery.campaign.model import Plan, StepName, Task, Wanted
    from prismafix.delivery.forges.model import Forge
    from prismafix.delivery.pull_requests.model import Proposed
    from prismafix.engine.model import Choose, Result

    Say = Callable[[StepName, str], None]


def take_turn(task: Task, say: Say) -> Outcome:
    """Do all that the campaign wants of a repository. `say` is told when a step begins (without a text), and each line
    that is for people. Never raises but when the process is to end: what went wrong is in the outcome."""
    turn = _Turn(task, say)
    try:
        with _alone(task):
            return turn.run()
    except UserError as error:
        return turn.outcome(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return turn.outcome(f"{place}{error.strerror or error}")
    except Exception as error:
        return turn.outcome(f"{type(error).__name__}: {error}: this is a defect of prismafix")


@dataclass(slots=True)
class _Turn:
    task: Task
    say: Say
    steps: list[Step] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    commit: str | None = None
    notes: list[str] = field(default_factory=list)

    def run(self) -> Outcome:
        wanted = self.task.wanted
        clones.no_questions(os.environ)
        if wanted.url is not None:
            clones.nothing_runs(os.environ)
        if self.is_where_it_was():
            return self.outcome(unchanged=True)
        root = self.cloned() if wanted.url is not None else self.own()
        if not (root / wanted.folder).is_dir():
            raise UserError(f"{wanted.source} has no folder {wanted.folder}: look at `folder`")
        self.begin("analyse")
        plan = self.task.planner(wanted, self.task.processes, root / wanted.folder)
        if wanted.open == "nothing":
            self.results.append(plan.analyse(root / wanted.folder, None))
            return self.outcome()
        return self.outcome(pulls=self.proposed(root, plan))

    def is_where_it_was(self) -> bool:
        """Whether an earlier run was done with the same base; one that cannot be asked counts as where it was."""
        wanted, known = self.task.wanted, self.task.known_base
        if known is None or (wanted.path is not None and wanted.open == "nothing"):
            return False
        self.begin("fetch")
        try:
            return self.base() == known
        except UserError as error:
            self.notes.append(f"could not be looked at again: {error}")
            return True

    def base(self) -> str:
        wanted = self.task.wanted
        if wanted.url is not None:
            return clones.remote_commit(wanted.url, wanted.base)
        assert wanted.path is not None
        if wanted.open == "nothing":
            return clones.local_commit(wanted.path)
        return clones.remote_commit(wanted.remote or "origin", wanted.base, inside=wanted.path)

    def cloned(self) -> Path:
        wanted, folder = self.task.wanted, self.task.clone
        assert wanted.url is not None
        if folder.exists():
            self.begin("fetch")
            clones.fetch(folder)
        else:
            self.begin("clone")
            clones.clone(wanted.url, folder)
        self.commit = self.base()
        clones.check_out(folder, self.commit)
        return folder

    def own(self) -> Path:
        path = self.task.wanted.path
        assert path is not None
        if not path.is_dir():
            raise UserError(f"{path} is no folder here: give the path of a repository, or its url")
        if self.task.wanted.open != "nothing":
            self.begin("fetch")
            self.commit = self.base()
        return path

    def proposed(self, root: Path, plan: Plan) -> tuple[Pull, ...]:
        from prismafix.delivery.pull_requests.model import Ask
        from prismafix.delivery.pull_requests.propose import propose

        def analyse(there: Path, choose: Choose | None = None) -> Result:
            result = plan.analyse(there, choose)
            if choose is None:
                self.results.append(result)
                self.begin("propose")
            return result

        wanted = self.task.wanted
        ask = Ask(
            root=root / wanted.folder,
            analyse=analyse,
            analyse_only=analyse,
            per=wanted.per,
            by=wanted.by,
            branch=wanted.branch,
            remote=wanted.remote,
            base=wanted.base,
            labels=wanted.labels,
            reviewers=wanted.reviewers,
            draft=wanted.draft,
            template=plan.template,
            pages=plan.pages,
            hooks=wanted.url is None,
            compiles=wanted.verify,
        )
        proposals = propose(ask, self.forge(root), self.tell)
        self.notes += [note for proposal in proposals for note in proposal.notes]
        return tuple(_pull(proposal, wanted) for proposal in proposals if proposal.status != "nothing")

    def tell(self, line: str) -> None:
        if not line.startswith(("opened", "edited")):  # the outcome says that, and with only a branch it is not so
            self.say("propose", clones.clean(line))

    def forge(self, root: Path) -> Forge:
        wanted = self.task.wanted
        if wanted.open == "branch":
            return Plain(root, wanted.remote or "origin")
        return forge_of(wanted, self.tell)

    def begin(self, step: StepName) -> None:
        now = time.time()
        self.close(now)
        self.steps.append(Step(step, now, None))
        self.say(step, "")

    def close(self, now: float, failed: bool = False) -> None:
        if self.steps:
            last = self.steps.pop()
            self.steps.append(Step(last.step, last.began, now, failed))

    def outcome(self, error: str = "", *, unchanged: bool = False, pulls: tuple[Pull, ...] = ()) -> Outcome:
        self.close(time.time(), bool(error))
        # With one pull request for each of several rules or packages the first result is the one with all of it.
        result = self.results[0] if self.results else None
        return Outcome(
            self.task.wanted.name,
            error=clones.clean(error),
            unchanged=unchanged,
            uses_prisma=result is None or result.uses_prisma,
            base_commit=None if result is None else self.commit or "",
            files=0 if result is None else result.files,
            fixes=0 if result is None else len(result.fixes),
            counts=() if result is None else _counts(result),
            pulls=pulls,
            steps=tuple(self.steps),
            notes=tuple(dict.fromkeys(clones.clean(note) for note in self.notes)),
        )


def forge_of(wanted: Wanted, say: Callable[[str], None]) -> Forge:
    """The forge of a repository, with the token that is for it here. Raises UserError."""
    from prismafix.delivery.forges.client import connect
    from prismafix.delivery.forges.remote import Told, read_remote, remote_of
    from prismafix.delivery.forges.tokens import find_token

    told = Told(wanted.forge, wanted.forge_api, wanted.forge_repository)
    if wanted.path is not None:
        remote = read_remote(wanted.path, wanted.remote, told)
    else:
        remote = remote_of("origin", wanted.source, told)
    return connect(remote, find_token(remote), say)


def _counts(result: Result) -> tuple[Count, ...]:
    found = Counter((r.finding.code, r.finding.package or "", r.state) for r in result.findings)
    return tuple(Count(code, package, state, number) for (code, package, state), number in sorted(found.items()))


def _pull(proposed: Proposed, wanted: Wanted) -> Pull:
    only_branch = wanted.open == "branch" and proposed.status != "left alone"
    is_open = proposed.url is not None and proposed.status in ("opened", "edited", "unchanged")
    return Pull(
        branch=proposed.branch,
        base=proposed.base,
        status="pushed" if only_branch else proposed.status,
        title=proposed.title,
        url=None if only_branch else proposed.url,
        number=None if only_branch else proposed.number,
        state="open" if is_open and not only_branch else "",
        fixes=proposed.fixes,
        findings=proposed.findings,
        commits=proposed.commits,
    )


@contextmanager
def _alone(task: Task) -> Iterator[None]:
    """No other turn of the same repository runs beside this one: what is left of a killed run is waited for."""
    task.lock.parent.mkdir(parents=True, exist_ok=True)
    with task.lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
