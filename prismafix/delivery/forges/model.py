"""What is asked of a forge, and what it answers. GitLab's merge request is a pull request here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from prismafix.errors import UserError

Kind = Literal["github", "gitlab"]
State = Literal["open", "merged", "closed"]


@dataclass(frozen=True, slots=True)
class Remote:
    """A git remote that is a repository at a forge.

    `name` as git calls it (`origin`). `host` in lower case with a port that is not the scheme's (`github.com`,
    `git.acme.example:8443`). `path` is the repository's full name without `.git` (`acme/shop`, `group/sub/shop`).
    `api` is the address of the API, without a final `/`. No user name and no password of the URL is in any of them.
    """

    name: str
    kind: Kind
    host: str
    path: str
    api: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A pull request as it should be: `head` and `base` are branches of the same repository, `body` is Markdown.

    `labels` are made where the forge does not know them. `reviewers` are logins, and teams as `org/team`; those that
    the forge does not take are left out and named in `Opened.notes`."""

    title: str
    body: str
    head: str
    base: str
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the forge has it. `number` is what people call it by (GitLab's `iid`); `url` is its page.
    `opened_at`, and for one that is merged or closed `ended_at`, are in seconds since 1970; None: it does not say."""

    number: int
    url: str
    title: str
    body: str
    head: str
    base: str
    state: State
    draft: bool
    opened_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A pull request that was opened or edited, and one line for the user on each thing that did not work besides."""

    request: PullRequest
    notes: tuple[str, ...] = ()


class Forge(Protocol):
    """One repository at a forge. Every method may raise `ForgeRefused` or `ForgeUnreachable`."""

    @property
    def remote(self) -> Remote: ...

    def default_branch(self) -> str: ...

    def find(self, head: str) -> PullRequest | None:
        """The newest pull request from the branch `head` of this repository; an open one before all others."""

    def open(self, draft: Draft) -> Opened: ...

    def edit(self, number: int, draft: Draft) -> Opened:
        """Give an open pull request the title, the body and missing labels of `draft`. What people set stays: the
        state of draft, reviewers, other labels."""

    def read(self, number: int) -> PullRequest: ...


class ForgeRefused(UserError):
    """The forge said no, and would again: no rights, no such repository, a branch it protects. One line without a
    token, which names the forge, what was asked, the cause and the way out."""


class ForgeUnreachable(UserError):
    """No answer, or a broken one, after all tries: another run may finish the job. One line without a token."""
