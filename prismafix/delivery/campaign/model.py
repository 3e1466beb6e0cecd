"""What a campaign asks of its repositories, and what comes of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from prismafix import __version__

if TYPE_CHECKING:
    from prismafix.delivery.forges.model import Kind
    from prismafix.delivery.messages import By
    from prismafix.delivery.pull_requests.model import Per
    from prismafix.engine.model import Choose, Result

Open = Literal["pull-request", "branch", "nothing"]
"""How far it goes: a pull request, only the branch at the remote, or only what was found."""

StepName = Literal["clone", "fetch", "analyse", "propose"]

Status = Literal["waiting", "running", "done", "failed"]


TIMEOUT = 3600
"""What one repository may take if the file says nothing, in seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One repository of a campaign, with what holds for it.

    Either `url` or `path` (resolved) is given. `folder` is the one in the repository that is analysed ("": all of it),
    `packages` are patterns of folders below it that the findings are limited to. `base` None: the default branch.
    `reviewers` None: those in CODEOWNERS. `remote` and the `forge…` are for what git's remote does not show."""

    name: str
    url: str | None
    path: Path | None
    folder: str = ""
    packages: tuple[str, ...] = ()
    base: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    unsafe: bool = False
    verify: bool = False
    per: Per = "all"
    by: By = "rule"
    branch: str = "prismafix/fixes"
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] | None = None
    draft: bool = False
    open: Open = "pull-request"
    remote: str | None = None
    forge: Kind | None = None
    forge_api: str | None = None
    forge_repository: str | None = None

    @property
    def source(self) -> str:
        """The URL or the path, for people."""
        return self.url or str(self.path)

    @property
    def fingerprint(self) -> str:
        """Differs when something would be done differently: by what is asked, or by the program's version."""
        said = repr((replace(self, name=""), __version__))
        return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's file as it was read. `workspace` holds state and clones. `jobs` None: one per core. `timeout` is
    what one repository may take, in seconds."""

    name: str
    file: Path
    workspace: Path
    repositories: tuple[Wanted, ...]
    jobs: int | None = None
    timeout: int = TIMEOUT


@dataclass(frozen=True, slots=True)
class Plan:
    """How one repository is worked on, by its own `prismafix.toml` and what the campaign says. `analyse` takes a folder
    and the fixes that are wanted (None: all). `template` is that of commit messages, `pages` where the rules' pages
    are ("": unknown)."""

    analyse: Callable[[Path, Choose | None], Result]
    template: str | None = None
    pages: str = ""


Planner = Callable[[Wanted, int, Path], Plan]
"""Makes the plan for a repository that is in the folder, with so many worker processes. Must be a function of a module,
so that another process finds it. Raises UserError."""


@dataclass(frozen=True, slots=True)
class Task:
    """One repository's turn. `known_base` is the commit that an earlier run was done with: if the base is still there,
    there is nothing to do. `clone` is where a URL is cloned to, `lock` the file that keeps two turns apart. `processes`
    are those the analysis may start, `timeout` is in seconds."""

    wanted: Wanted
    planner: Planner
    clone: Path
    lock: Path
    known_base: str | None = None
    processes: int = 1
    timeout: int = TIMEOUT


@dataclass(frozen=True, slots=True)
class Event:
    """A step has begun, or (with `text`) something about it is worth a line. `at` in seconds since 1970."""

    name: str
    step: StepName
    at: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a turn. `ended` None: it was broken off. In seconds since 1970."""

    step: StepName
    began: float
    ended: float | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """So many findings of a rule in a package are in a state (see `engine.model.State`)."""

    code: str
    package: str
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Pull:
    """A branch and its pull request. `status` is that of `Proposed`, or `pushed` if only a branch was wanted. `state`
    is the forge's, as it was when it was last asked; "" without a pull request."""

    branch: str
    base: str
    status: str
    title: str = ""
    url: str | None = None
    number: int | None = None
    state: str = ""
    fixes: int = 0
    findings: int = 0
    commits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a turn. `unchanged`: the base is where it was, so nothing was done and what is known of the
    repository still holds. `error` is one line, "" if all went well; `notes` are lines for people. Passwords and tokens
    are in none of it."""

    name: str
    error: str = ""
    unchanged: bool = False
    uses_prisma: bool = True
    base_commit: str | None = None
    files: int = 0
    fixes: int = 0
    counts: tuple[Count, ...] = ()
    pulls: tuple[Pull, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
