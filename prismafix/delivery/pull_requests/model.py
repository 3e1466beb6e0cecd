"""What a pull request is asked for with, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prismafix.delivery.messages import By
    from prismafix.engine.model import Result

Per = Literal["all", "rule", "package"]

Status = Literal["opened", "edited", "unchanged", "nothing", "left alone", "would open", "would edit"]
"""`unchanged`: the branch and the pull request hold this already. `nothing`: no fix, so nothing was opened. `left
alone`: somebody else pushed to the branch, or closed the pull request. `would …`: a dry run."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of one repository.

    `root` is a folder of a clone, as the user has it; its counterpart in the work tree is what `analyse` is given, and
    what it returns must be in the order of groups that `by` needs. `base` None: the forge's default branch. `branch` is
    the name for `per="all"`; others get the rule or the package behind it. `reviewers` None: out of CODEOWNERS.
    `template` is that of the commit messages. With `dry_run` nothing is pushed and nothing is opened."""

    root: Path
    analyse: Callable[[Path], Result]
    per: Per = "all"
    by: By = "rule"
    branch: str = "prismafix/fixes"
    remote: str | None = None
    base: str | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] | None = None
    draft: bool = False
    template: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of one pull request. `body` as it would be or is; `commits` are (abbreviated id, subject); `fixes` and
    `findings` count what it holds; `notes` are one line each for the user. Passwords and tokens are in none of it."""

    branch: str
    base: str
    status: Status
    title: str = ""
    body: str = ""
    url: str | None = None
    number: int | None = None
    commits: tuple[tuple[str, str], ...] = ()
    fixes: int = 0
    findings: int = 0
    notes: tuple[str, ...] = ()
