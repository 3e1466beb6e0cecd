"""What a pull request is asked for with, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prismafix.delivery.messages import By
    from prismafix.engine.model import Choose, Result

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
    `template` is that of the commit messages, `pages` the address of the folder of the rules' pages ("": no links).
    `analyse_only` is `analyse` with the fixes that it may take, and needed for `per` other than "all". Without `hooks`
    commit and push run none of the repository's. `compiles`: `analyse` runs the project's compiler, which needs what is
    installed and generated in the clone. With `dry_run` nothing is pushed and nothing is opened."""

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
    analyse_only: Callable[[Path, Choose], Result] | None = None
    pages: str = ""
    hooks: bool = True
    compiles: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of one pull request. `body` as it would be or is; `commits` are (abbreviated id, subject); `fixes` and
    `findings` count what it holds; `notes` are one line each for the user. `patch` is what it changes, in a
    dry run only (bytes that are not UTF-8 as surrogates). Passwords and tokens are in none of it."""

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
    patch: str = ""
