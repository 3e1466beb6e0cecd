"""What a run asks for and what comes out. Every output reads the one `Result`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prismafix.connection.budget import UNKNOWN, Figures

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.rules.model import Applicability, Doubt, Finding
    from prismafix.workspace.model import Problem

State = Literal["open", "fixed", "held back", "deferred", "dropped", "refused", "suppressed", "declined", "none"]
"""Exactly one per finding. `open`: a fix is on offer and was not asked for (`check`). `declined`: said no in the
review."""


@dataclass(frozen=True, slots=True)
class Override:
    """What configuration says about some files only: those below `folder` that match one of `patterns` (gitignore
    syntax, relative to `folder`; empty: all of them). A code is reported if `select` (empty: all) admits it and
    `ignore` does not; `None` leaves what holds without this override. Of several that match, later ones win; `ignore`s
    add up. `chunk_size` and `include_scripts` hold for whole folders only: they go without `patterns`."""

    folder: str
    patterns: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    chunk_size: int | None = None
    include_scripts: bool | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. `select`/`ignore` are code prefixes (`PF3`, `PF303`); empty `select` is all.

    `paths` limit the reported findings (relative, POSIX); the whole workspace is still analysed. `chunk_size` None:
    the default of RULES.md. `depth`: how many calls are followed from a fan-out or a transaction. `jobs` worker
    processes (1: none). `max_bytes`: larger source files are skipped and reported. `exclude` are gitignore patterns
    relative to the root. `overrides` come from nested configuration, outermost first. `budget`: what is said of
    instances, pools and the database (PF601, PF602). `baseline` are the fingerprints of findings that are known
    already: they are not reported. With `offers` a run that applies nothing keeps what each fix would change.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    apply: bool = False
    unsafe: bool = False
    include_scripts: bool = False
    chunk_size: int | None = None
    depth: int = 3
    jobs: int = 2
    max_bytes: int = 1_000_000
    strict: bool = False
    exclude: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    budget: Figures = UNKNOWN
    baseline: tuple[str, ...] = ()
    offers: bool = False


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after; None is "does not exist"."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class AppliedFix:
    """A fix that went into the result. `changes` lead from the state before this fix to the state after it, in order
    of application.

    `code` is the lowest of `codes`. `findings` are indexes into `Result.findings`. `requires` are the ids of earlier
    fixes that this one cannot do without although it may not touch their files: the one that made the shared module
    it imports."""

    fix_id: str
    title: str
    code: str
    codes: tuple[str, ...]
    package: str | None
    applicability: Applicability
    doubts: tuple[Doubt, ...]
    findings: tuple[int, ...]
    changes: tuple[FileChange, ...]
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding with everything an output needs. Lines and columns are 1-based, columns in UTF-16 units, the end
    exclusive.

    `applicability` is that of the fix that was really built. `reason` says why it is not better. `source` holds the
    lines from `line` to `end_line` as text, for the code frame."""

    finding: Finding
    line: int
    column: int
    end_line: int
    end_column: int
    applicability: Applicability
    reason: str
    fix_id: str | None
    fingerprint: str
    state: State
    source: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class TypeCheck:
    """How fixes are checked with the project's own TypeScript. `timeout`: seconds for all of it."""

    timeout: float = 900.0


@dataclass(frozen=True, slots=True)
class TypeChecked:
    """What TypeScript was asked about the fixes that stayed: the `versions` that were used, in how many programs and
    files (0: no fix stayed), how many errors are there that were there before; the schemas whose client is not
    generated, and the packages of the workspace that are not built: what comes from there has the type `any`."""

    versions: tuple[str, ...]
    programs: int
    files: int
    known_errors: int
    not_generated: tuple[str, ...] = ()
    not_built: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One run. `changes` are the net changes of all applied fixes, by path. `files` counts the source files of the
    workspace.

    Findings in files that git ignores have `ignored_by_git` paths and change no exit code. `type_checked` is None if
    that was not asked for, or if there was nothing to check. `offers` (if they were asked for) are the fixes of the
    findings that are `open`, each by itself: their changes lead from the tree as it is to the tree with that fix alone.
    `known` are the fingerprints out of the baseline that are still there.
    """

    root: Path
    findings: tuple[Reported, ...]
    fixes: tuple[AppliedFix, ...]
    changes: tuple[FileChange, ...]
    problems: tuple[Problem, ...]
    files: int
    packages: int
    uses_prisma: bool
    rounds: int = 0
    ignored_by_git: frozenset[str] = field(default_factory=frozenset)
    type_checked: TypeChecked | None = None
    offers: tuple[AppliedFix, ...] = ()
    known: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fix that the review may accept or not: what it would change, and why.

    `requires` are the ids of earlier fixes without which this one would not look like this: the one that it comes
    after, the one that makes the shared module or brings the import that both need."""

    fix_id: str
    title: str
    code: str
    codes: tuple[str, ...]
    package: str | None
    applicability: Applicability
    doubts: tuple[Doubt, ...]
    findings: tuple[Reported, ...]
    changes: tuple[FileChange, ...]
    requires: tuple[str, ...] = ()


Choose = Callable[[Proposal], bool]
"""Asked once per fix, in order; True applies it. May raise StopReview to stop asking (the rest is declined)."""

Decide = Callable[[Sequence[Proposal], frozenset[str]], frozenset[str]]
"""Asked once for all fixes, in the order in which they apply: which of them (ids) are wanted. The second argument are
those to decide on; the others were accepted before, in the same form. It is asked again where fixes come out otherwise
without those that are not wanted. May raise AbandonReview."""


class StopReview(Exception):
    """Raised by a `Choose`: ask no more. What was accepted so far stays in the result."""


class AbandonReview(Exception):
    """Raised by a `Choose`: stop and keep nothing."""
