"""What has been decided about which fix: answers, what follows from them, and the way back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prismafix.review.needs import needs_of
from prismafix.rules.model import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prismafix.engine.model import Proposal
    from prismafix.rules.model import Applicability

Mark = Literal["accepted", "again", "undecided", "rejected"]
"""What becomes of a fix as things stand. `again`: accepted, but it builds on one that is not, so that it comes out
differently (or not at all) and is shown once more."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What an answer did, in ids: `fixes` were answered; `along` were accepted with them, since they build on these;
    `waiting` are not accepted although an answered one builds on them; `again` look different now; `left` are those
    that a general answer did not mean, since they are less safe or build on one that is not accepted."""

    fixes: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class Review:
    """The proposals by id, in the order in which they apply, the answers to them, and the answers before each step."""

    proposals: Mapping[str, Proposal]
    needs: Mapping[str, tuple[str, ...]]
    answers: dict[str, Literal["accepted", "rejected"]] = field(default_factory=dict)
    history: list[tuple[str, dict[str, Literal["accepted", "rejected"]]]] = field(default_factory=list)

    @classmethod
    def of(cls, proposals: Sequence[Proposal], fresh: Iterable[str]) -> Review:
        """A review in which all is accepted but what is `fresh` (ids)."""
        by_id = {proposal.fix_id: proposal for proposal in proposals}
        return cls(by_id, needs_of(proposals), dict.fromkeys(by_id.keys() - set(fresh), "accepted"))

    def marks(self) -> dict[str, Mark]:
        """What becomes of each fix."""
        marks: dict[str, Mark] = {}
        for name in self.proposals:  # what a fix needs comes before it
            answer = self.answers.get(name)
            if answer == "accepted" and any(marks.get(need) != "accepted" for need in self.needs[name]):
                marks[name] = "again"
            else:
                marks[name] = answer or "undecided"
        return marks

    def counts(self, names: Iterable[str] | None = None) -> Counter[Mark]:
        """How many of these fixes (of all) have which mark."""
        marks = self.marks()
        return Counter(marks[name] for name in (self.proposals if names is None else names))

    def wanted(self) -> frozenset[str]:
        """The fixes to apply; `again` among them, which is shown once more if it does come out differently."""
        return frozenset(name for name, answer in self.answers.items() if answer == "accepted")

    def accept(self, name: str) -> Changed:
        """Accept one fix, and what it builds on where that is undecided and no less safe."""
        before = self.marks()
        limit = self.proposals[name].applicability
        along = [need for need in self._all_needs(name) if before[need] == "undecided" and self._within(need, limit)]
        self._answer(f"accepting {self.proposals[name].title}", (name, *along), "accepted")
        marks = self.marks()
        waiting = tuple(need for need in self._all_needs(name) if marks[need] in {"undecided", "rejected"})
        return Changed((name,), tuple(along), waiting)

    def accept_all(self, names: Iterable[str], limit: Applicability, what: str) -> Changed:
        """Accept those of the fixes that are undecided and no less safe than `limit`, and that build on none which is
        not; `what` they are, for the way back."""
        marks = self.marks()
        fixes: list[str] = []
        along: dict[str, None] = {}
        left = []
        for name in names:
            if marks[name] != "undecided":
                continue
            needs = self._all_needs(name)
            free = all(
                marks[need] in {"accepted", "undecided"} and (marks[need] == "accepted" or self._within(need, limit))
                for need in needs
            )
            if self._within(name, limit) and free:
                fixes.append(name)
                along |= dict.fromkeys(need for need in needs if marks[need] == "undecided")
            else:
                left.append(name)
        more = tuple(name for name in along if name not in fixes)
        if fixes:
            self._answer(f"accepting {what}", (*fixes, *more), "accepted")
        return Changed(tuple(fixes), more, left=tuple(left))

    def reject(self, names: Sequence[str], what: str) -> Changed:
        """Reject fixes. What was accepted and builds on them is to be shown again."""
        before = self.marks()
        self._answer(f"rejecting {what}", names, "rejected")
        marks = self.marks()
        again = (name for name, mark in marks.items() if mark == "again" and before[name] == "accepted")
        return Changed(tuple(names), again=tuple(again))

    def undo(self) -> str | None:
        """Take the last step back, and say which that was; None if there is none."""
        if not self.history:
            return None
        what, self.answers = self.history.pop()
        return what

    def needed_by(self, name: str) -> list[str]:
        """The fixes that build on this one, directly."""
        return [other for other, needs in self.needs.items() if name in needs]

    def _answer(self, what: str, names: Iterable[str], answer: Literal["accepted", "rejected"]) -> None:
        self.history.append((what, dict(self.answers)))
        self.answers |= dict.fromkeys(names, answer)

    def _within(self, name: str, limit: Applicability) -> bool:
        return ORDER[self.proposals[name].applicability] <= ORDER[limit]

    def _all_needs(self, name: str) -> list[str]:
        """What a fix builds on, and what that builds on, in the order in which they apply."""
        found: set[str] = set()
        waiting = list(self.needs[name])
        while waiting:
            need = waiting.pop()
            if need not in found:
                found.add(need)
                waiting += self.needs[need]
        return [other for other in self.proposals if other in found]
