"""From the findings of an analysis to the fixes on offer, and to the state of every finding that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.engine.fingerprint import fix_id
from prismafix.engine.ledger import Entry, Ledger
from prismafix.engine.model import FileChange, Proposal, State
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rules.model import Action, Applicability, BoundFanOut, Doubt, HoistClient, Intent, Span, worst

if TYPE_CHECKING:
    from prismafix.engine.analysis import Analysis, Progress, Seen
    from prismafix.workspace.workspace import Workspace

Rewrite = Callable[[Intent, "Workspace"], Fix | Refusal]
"""Carries out an intent: `prismafix.rewrites.dispatch.rewrite`."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix that was built, with the entries of the ledger (indexes) it belongs to. `applicability` is safe or
    unsafe."""

    fix_id: str
    fix: Fix
    codes: tuple[str, ...]
    package: str | None
    applicability: Applicability
    doubts: tuple[Doubt, ...]
    entries: tuple[int, ...]
    needs: frozenset[str]
    after: tuple[Span, ...] = ()

    def proposal(self, ledger: Ledger, changes: tuple[FileChange, ...]) -> Proposal:
        """The offer as the review sees it."""
        return Proposal(
            self.fix_id,
            self.fix.title,
            self.codes[0],
            self.codes,
            self.package,
            self.applicability,
            self.doubts,
            tuple(ledger[number].reported for number in self.entries),
            changes,
        )


Built = Offer | tuple[State, str]
"""A fix, or the state of its findings and the reason why there is none."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that get one fix, and the entries of the ledger (indexes) of those that are shown."""

    seen: tuple[Seen, ...]
    entries: tuple[int, ...]


def make_offers(
    analysis: Analysis, ledger: Ledger, rewrite: Rewrite, progress: Progress | None = None
) -> tuple[list[Offer], Ledger]:
    """Build the fix of every group of findings, in the order of the groups. Findings without a fix get their final
    state and reason."""
    groups = groups_of(analysis, ledger)
    built = []
    for done, group in enumerate(groups):
        if progress is not None:
            progress("fixes", done, len(groups))
        built.append(build_offer(analysis, group, ledger, rewrite))
    if progress is not None:
        progress("fixes", len(groups), len(groups))
    return settle_built(groups, built, ledger)


def groups_of(analysis: Analysis, ledger: Ledger) -> list[Group]:
    """The groups of findings that get one fix each."""
    numbers = {entry.seen.index: number for number, entry in enumerate(ledger) if entry.seen is not None}
    return [Group(seen, tuple(numbers[one.index] for one in seen if one.is_shown)) for seen in analysis.groups()]


def settle_built(groups: Sequence[Group], built: Sequence[Built], ledger: Ledger) -> tuple[list[Offer], Ledger]:
    """The fixes that can be offered, of what was built for each group; the others have their final state and reason in
    the ledger."""
    offers: list[Offer] = []
    for group, made in zip(groups, built, strict=True):
        if isinstance(made, Offer):
            offers.append(made)
        else:
            ledger = settle(ledger, group.entries, made[0], reason=made[1])
    return _without_orphans(offers, ledger)


def waits_for(offer: Offer, offers: Iterable[Offer], ledger: Ledger) -> Offer | None:
    """The fix that has to be there before this one, if it is still on offer."""
    places = {(span.path, span.start) for span in offer.after}
    return next((other for other in offers if not places.isdisjoint(_places(other, ledger))), None)


def _without_orphans(offers: list[Offer], ledger: Ledger) -> tuple[list[Offer], Ledger]:
    """Without the offers that come after a fix which nobody can make."""
    while True:
        made = {place for offer in offers for place in _places(offer, ledger)}
        orphans = [offer for offer in offers if any((span.path, span.start) not in made for span in offer.after)]
        if not orphans:
            return offers, ledger
        for offer in orphans:
            first = next(span for span in offer.after if (span.path, span.start) not in made)
            reason = f"{_named(first, ledger)} has to be fixed by hand first"
            ledger = settle(ledger, offer.entries, "none", reason=reason)
        offers = [offer for offer in offers if offer not in orphans]


def _named(place: Span, ledger: Ledger) -> str:
    """Path and line of the finding at a place; the path alone when it is not reported."""
    for entry in ledger:
        if entry.seen is not None and entry.seen.place[1:] == (place.path, place.start):
            return f"{place.path}:{entry.reported.line}"
    return place.path


def _places(offer: Offer, ledger: Ledger) -> Iterator[tuple[str, int]]:
    for number in offer.entries:
        seen = ledger[number].seen
        if seen is not None:
            yield seen.finding.path, seen.finding.start


def settle(
    ledger: Ledger, entries: tuple[int, ...], state: State, *, offer: Offer | None = None, reason: str | None = None
) -> Ledger:
    """The ledger with a new state for some entries. With an `offer` they carry its applicability and doubts, else
    they have no fix.

    `reason` None: the doubts are the reason.
    """
    book = list(ledger)
    for number in entries:
        old = book[number].reported
        new = replace(
            old,
            state=state,
            applicability=offer.applicability if offer else "none",
            fix_id=offer.fix_id if offer else None,
            doubts=offer.doubts if offer else old.doubts,
            title=offer.fix.title if offer else old.title,
            reason=_because(offer.doubts if offer else old.doubts) if reason is None else reason,
        )
        book[number] = Entry(new, book[number].seen)
    return tuple(book)


def build_offer(analysis: Analysis, group: Group, ledger: Ledger, rewrite: Rewrite) -> Built:
    """The fix of a group, or the state and the reason that its findings get instead."""
    missing = next((seen for seen in group.seen if not seen.is_shown), None)
    if missing is not None:
        return "held back", _blocked(analysis, missing)
    intent = group.seen[0].finding.intent
    assert intent is not None
    if intent.applicability == "none":
        return "none", _because(intent.doubts)
    try:
        fix = rewrite(intent, analysis.workspace)
    except OSError as error:
        return "dropped", f"{error.filename or error} cannot be read any more: run again"
    if isinstance(fix, Refusal):
        return "refused", fix.reason
    doubts = tuple(dict.fromkeys((*intent.doubts, *fix.doubts)))
    applicability = worst("safe", *(doubt.applicability for doubt in doubts))
    if applicability == "none":
        return "none", _because(doubts)
    return Offer(
        fix_id(ledger[number].reported.fingerprint for number in group.entries),
        fix,
        tuple(sorted({seen.finding.code for seen in group.seen})),
        next((seen.finding.package for seen in group.seen if seen.finding.package is not None), None),
        applicability,
        doubts,
        group.entries,
        frozenset(_modules(intent.action)),
        intent.after,
    )


def _modules(action: Action) -> Iterator[str]:
    if isinstance(action, HoistClient):
        yield action.shared.path
    elif isinstance(action, BoundFanOut):
        yield action.helper.path
        for module in (action.chunk_helper, action.limit_helper):
            if module is not None:
                yield module.path


def _blocked(analysis: Analysis, missing: Seen) -> str:
    finding = missing.finding
    line = analysis.lines(finding.path).line(finding.start)
    return f"its fix also needs {finding.code} at {finding.path}:{line}, which is {missing.unselected or 'suppressed'}"


def _because(doubts: tuple[Doubt, ...]) -> str:
    """The doubts in one line, the gravest first."""
    ordered = sorted(doubts, key=lambda doubt: doubt.applicability != "none")
    return "; ".join(dict.fromkeys(doubt.text for doubt in ordered if doubt.applicability != "safe"))
