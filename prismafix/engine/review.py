"""The review of all fixes at once: everything is applied in memory and shown, then what was accepted is applied.

Fixes build on each other: without one, another may come out differently, or one may come up that was not there. Nothing
is applied in a form that was not accepted: what comes out otherwise is shown again, until nothing does.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismafix.engine.model import Decide, FileChange, Proposal
    from prismafix.engine.rounds import State, Steps

_Lines = tuple[bytes, ...]
_Blocks = tuple[str, bool, bool, tuple[tuple[_Lines, _Lines], ...]]
Form = tuple[str, tuple[tuple[str, str, int], ...], tuple[_Blocks, ...]]
"""What a user sees of a fix: what it is about, and for each file which lines become which."""


def form_of(proposal: Proposal) -> Form:
    """Equal for two proposals that do the same in the same place. Lines around the changed ones may differ: they are
    other fixes' affair."""
    places = tuple((r.finding.code, r.finding.path, r.line) for r in proposal.findings)
    return proposal.fix_id, places, tuple(_blocks(change) for change in proposal.changes)


def _blocks(change: FileChange) -> _Blocks:
    old, new = (_lines(data) for data in (change.before, change.after))
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    changed = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    pairs = tuple((old[i1:i2], new[j1:j2]) for tag, i1, i2, j1, j2 in changed if tag != "equal")
    return change.path, change.before is None, change.after is None, pairs


def _lines(data: bytes | None) -> _Lines:
    return tuple((data or b"").split(b"\n"))


@dataclass(slots=True)
class Reviewing:
    """Asks `decide`, and remembers the answers for when the fixes have to be applied once more."""

    decide: Decide
    accepted: set[Form] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def apply(self, apply: Callable[[Steps], State], steps: Steps) -> State:
        """What `apply` makes of the fixes that were accepted. Lets `AbandonReview` pass."""
        while True:
            proposed: dict[str, Proposal] = {}

            def choose(proposal: Proposal, proposed: dict[str, Proposal] = proposed) -> bool:
                proposed[proposal.fix_id] = proposal
                return proposal.fix_id not in self.refused

            state = apply(replace(steps, choose=choose))
            # A round that was done again may have changed what was proposed: what counts is what is there now.
            shown = [replace(proposed[fix.fix_id], changes=fix.changes) for fix in state.fixes]
            forms = {proposal.fix_id: form_of(proposal) for proposal in shown}
            fresh = frozenset(name for name, form in forms.items() if form not in self.accepted)
            if not fresh:
                return state
            with _with_collector():
                wanted = self.decide(shown, fresh)
            self.accepted |= {form for name, form in forms.items() if name in wanted}
            self.refused |= forms.keys() - wanted


@contextmanager
def _with_collector() -> Iterator[None]:
    """People take their time, and a screen makes garbage: a run that goes without the collector has it meanwhile."""
    was_enabled = gc.isenabled()
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        if not was_enabled:
            gc.disable()
