"""A git remote that is no forge: branches, no pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.delivery.campaign.clones import default_branch
from prismafix.delivery.forges.model import Draft, ForgeRefused, Opened, PullRequest, Remote

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plain:
    """A `Forge` for campaigns that push branches only: a pull request that it opens is nothing but its branch."""

    root: Path
    name: str

    @property
    def remote(self) -> Remote:
        return Remote(self.name, "github", "", "", "")

    def default_branch(self) -> str:
        return default_branch(self.root, self.name)

    def find(self, head: str) -> PullRequest | None:
        return None

    def open(self, draft: Draft) -> Opened:
        return Opened(PullRequest(0, "", draft.title, draft.body, draft.head, draft.base, "open", draft.draft))

    def edit(self, number: int, draft: Draft) -> Opened:
        return self.open(draft)

    def read(self, number: int) -> PullRequest:
        raise ForgeRefused(f"{self.name} is no forge: it has no pull request {number}")
