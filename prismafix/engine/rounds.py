"""Rounds: apply fixes, look again, until nothing more applies.

A round takes the fixes of one analysis in a stable order. Two that touch the same bytes are taken one after the
other: the second is deferred and built anew from the next analysis. Whatever a fix uncovers is found there too, so
that a second run finds nothing to do.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prismafix.engine.aside import in_copies
from prismafix.engine.edits import Patch, patch_of, shared_with
from prismafix.engine.ledger import Ledger, followed, opened
from prismafix.engine.model import AppliedFix, Choose, FileChange, Options, Proposal, StopReview
from prismafix.engine.model import State as Outcome
from prismafix.engine.offers import (
    Built,
    Group,
    Offer,
    Rewrite,
    build_offer,
    groups_of,
    make_offers,
    settle,
    settle_built,
    waits_for,
)
from prismafix.engine.trial import Clash, Failure, Round

if TYPE_CHECKING:
    from prismafix.engine.analysis import Analysis, Progress
    from prismafix.project.index.reading import FileOutcome
    from prismafix.project.model import Project
    from prismafix.workspace.disk import Notes
    from prismafix.workspace.workspace import Workspace

MAX_ROUNDS = 5
_MANY_FIXES = 20
"""From so many on, several processes build them."""
_MOST_FIXES = 100
"""So many a process builds at most where there are several: their trees and facts take some 50 MB."""

_Tried = tuple[Built, tuple[FileChange, ...] | Clash | Failure]
"""What was built for a group, and what came of trying it. The changes are kept only if they are asked for."""

GroupBy = Callable[[Proposal], str]
"""The group of a fix; its proposal comes without changes."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What the rounds call: a new analysis of a changed workspace, the rewrites, and the user's choice. `barred` are
    fixes (ids) that must not be made, with the reason. With `offers` a preview keeps what each fix would change."""

    analyse: Callable[[Workspace, Project], Analysis]
    rewrite: Rewrite
    choose: Choose | None = None
    group_by: GroupBy | None = None
    progress: Progress | None = None
    jobs: int = 1
    barred: Mapping[str, str] = field(default_factory=dict)
    offers: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Between two rounds. `offers` are what may still be applied to the analysed workspace.

    `fixes` name entries of `ledger`. `makers` holds the fix that brought each prerequisite (by key) and each new file
    (by path). `accepted` are fixes that the user said yes to; `never` are entries whose fix is not to be tried again:
    declined, or of no use. `stopped`: the user wants to be asked no more. `offered` are the fixes of a preview, each by
    itself. `waited` has, for a fix that had to wait, the fixes (ids) that it comes after.
    """

    analysis: Analysis
    ledger: Ledger
    offers: tuple[Offer, ...] = ()
    fixes: tuple[AppliedFix, ...] = ()
    makers: Mapping[str, str] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    never: frozenset[int] = frozenset()
    stopped: bool = False
    rounds: int = 0
    offered: tuple[AppliedFix, ...] = ()
    waited: Mapping[str, frozenset[str]] = field(default_factory=dict)


def preview(analysis: Analysis, steps: Steps) -> State:
    """Build every fix and try it by itself, but apply none: the findings get the state and applicability that they
    really have."""
    ledger = opened(analysis)
    groups = groups_of(analysis, ledger)
    tried = _try_each(analysis, groups, ledger, steps)
    offers, ledger = settle_built(groups, [built for built, _ in tried], ledger)
    outcomes = {built.entries: outcome for built, outcome in tried if isinstance(built, Offer)}
    offered = []
    for offer in offers:
        outcome = outcomes[offer.entries]
        ledger = _settle_tried(ledger, offer, "open", outcome)
        if steps.offers and isinstance(outcome, tuple):
            offered.append(_applied(offer, outcome, {}))
    return State(analysis, ledger, tuple(offers), offered=tuple(offered))


def _try_each(analysis: Analysis, groups: Sequence[Group], ledger: Ledger, steps: Steps) -> list[_Tried]:
    """What becomes of each group by itself, in several processes where there are many groups. Files stay together:
    fixes in the same file share its tree."""
    project, disk = analysis.project, analysis.workspace.disk
    before, mark = frozenset(project.outcomes()), disk.mark()
    here = os.getpid()
    trial = Round(analysis.workspace, project)

    def work(share: Sequence[int]) -> tuple[dict[int, _Tried], Mapping[str, FileOutcome], Notes]:
        tried: dict[int, _Tried] = {}
        for done, number in enumerate(share):
            if steps.progress is not None and os.getpid() == here:
                steps.progress("fixes", done * len(groups) // len(share), len(groups))
            built = build_offer(analysis, groups[number], ledger, steps.rewrite)
            outcome = trial.attempt(patch_of(built.fix, ())) if isinstance(built, Offer) else ()
            tried[number] = built, () if isinstance(outcome, tuple) and not steps.offers else outcome
        learnt = {path: outcome for path, outcome in project.outcomes().items() if path not in before}
        return tried, learnt, disk.since(mark)

    jobs = steps.jobs if len(groups) >= _MANY_FIXES else 1
    by_file: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        by_file[group.seen[0].finding.path].append(number)
    files = list(by_file.values())
    count = jobs if len(groups) <= jobs * _MOST_FIXES else -(-len(groups) // _MOST_FIXES)
    shares = [[number for file in files[start::count] for number in file] for start in range(count)]
    found: dict[int, _Tried] = {}
    for tried, outcomes, notes in in_copies(work, shares, jobs):
        found |= tried
        disk.take(notes)
        project.learn(outcomes)
    if steps.progress is not None:
        steps.progress("fixes", len(groups), len(groups))
    return [found[number] for number in range(len(groups))]


def apply_all(analysis: Analysis, options: Options, steps: Steps) -> State:
    """Apply what `options` and the user allow, to the fixpoint. Lets `AbandonReview` of the user's choice pass.

    With `group_by` one group after the other is taken to its fixpoint, in the order of their names; if a later group
    uncovers something for an earlier one, they are gone through again.
    """
    state = _with_offers(State(analysis, opened(analysis)), options, steps)
    for _ in range(MAX_ROUNDS if steps.group_by is not None else 1):
        before = state.rounds
        group = _next_group(state, steps, None)
        while group is not None:
            state = _to_fixpoint(state, options, steps, group)
            group = _next_group(state, steps, group)
        if state.rounds == before:
            break
    return state


def _to_fixpoint(state: State, options: Options, steps: Steps, group: str) -> State:
    for _ in range(MAX_ROUNDS):
        before = state.rounds
        state = _round(state, options, steps, group)
        if state.rounds == before:
            break
    return state


def _next_group(state: State, steps: Steps, previous: str | None) -> str | None:
    groups = {_group(state, steps, offer) for offer in state.offers}
    return min((group for group in groups if previous is None or group > previous), default=None)


def _group(state: State, steps: Steps, offer: Offer) -> str:
    return "" if steps.group_by is None else steps.group_by(offer.proposal(state.ledger, ()))


def _with_offers(state: State, options: Options, steps: Steps) -> State:
    """The state with the offers of its analysis that may be applied. The findings of all others get their state."""
    offers, ledger = make_offers(state.analysis, state.ledger, steps.rewrite, steps.progress)
    trial = Round(state.analysis.workspace, state.analysis.project)
    ready = []
    for offer in offers:
        never = state.never.intersection(offer.entries)
        if offer.fix_id in steps.barred:
            ledger = settle(ledger, offer.entries, "dropped", reason=steps.barred[offer.fix_id])
        elif never:
            old = ledger[min(never)].reported
            kept = offer if old.state == "declined" else None
            ledger = settle(ledger, offer.entries, old.state, offer=kept, reason=old.reason)
        elif offer.applicability == "unsafe" and not options.unsafe and steps.choose is None:
            ledger = _settle_tried(ledger, offer, "held back", trial.attempt(patch_of(offer.fix, state.makers)))
        else:
            ready.append(offer)
            ledger = settle(
                ledger, offer.entries, "deferred", offer=offer, reason=f"not done in {MAX_ROUNDS} rounds: run again"
            )
    for offer in ready:
        first = waits_for(offer, offers, ledger)
        if first is not None and first not in ready:
            ledger = _settle_waiting(ledger, offer, first)
            ready = [other for other in ready if other is not offer]
    return replace(state, offers=tuple(ready), ledger=ledger)


def _settle_waiting(ledger: Ledger, offer: Offer, first: Offer) -> Ledger:
    reason = f"comes after another fix, which was not made: {first.fix.title}"
    return settle(ledger, offer.entries, "held back", offer=offer, reason=reason)


def _round(state: State, options: Options, steps: Steps, group: str) -> State:
    """One round over the offers of a group; `rounds` grows by one if it applied something."""
    trial = Round(state.analysis.workspace, state.analysis.project)
    asked, kept, makers = state, [], dict(state.makers)
    patches: dict[str, Patch] = {}
    for offer in state.offers:
        if _group(state, steps, offer) != group or state.never.intersection(offer.entries):
            continue
        first = waits_for(offer, state.offers, state.ledger)
        if first is not None:
            waited = {**asked.waited, offer.fix_id: asked.waited.get(offer.fix_id, frozenset()) | {first.fix_id}}
            asked = replace(asked, ledger=_settle_waiting(asked.ledger, offer, first), waited=waited)
            continue
        patch = patch_of(offer.fix, makers)
        tried = trial.attempt(patch)
        if isinstance(tried, tuple):
            fix = _applied(offer, tried, makers)
            asked, yes = _ask(asked, steps, offer, fix, shared_with(patch, patches))
            if not yes:
                continue
            trial.keep(patch, tried)
            patches[fix.fix_id] = patch
            kept.append(fix)
            for name in (*patch.prerequisites, *(new.path for new in patch.new_files)):
                makers.setdefault(name, offer.fix_id)
        asked = replace(asked, ledger=_settle_tried(asked.ledger, offer, "fixed", tried))
    if not kept:
        return asked
    workspace = trial.workspace.with_overlay(trial.now)
    analysis = steps.analyse(workspace, state.analysis.project)
    ledger, persistent = followed(asked.ledger, analysis, trial.edits())
    if persistent:
        return _round(_without(state, asked, kept, persistent), options, steps, group)
    done = replace(
        asked,
        analysis=analysis,
        ledger=ledger,
        fixes=(*state.fixes, *kept),
        makers=makers,
        rounds=state.rounds + 1,
    )
    return _with_offers(done, options, steps)


def _without(state: State, asked: State, kept: Sequence[AppliedFix], persistent: frozenset[int]) -> State:
    """The state before a round, to do it again without the fixes that did not take their findings away: each further
    run would apply them again."""
    useless = [fix for fix in kept if persistent.intersection(fix.findings)]
    ledger, never = state.ledger, asked.never
    for number in sorted(asked.never - state.never):
        ledger = (*ledger[:number], asked.ledger[number], *ledger[number + 1 :])
    for fix in useless:
        ledger = settle(ledger, fix.findings, "dropped", reason="the finding would still be there after the fix")
        never |= frozenset(fix.findings)
    return replace(state, ledger=ledger, never=never, accepted=asked.accepted, stopped=asked.stopped)


def _ask(state: State, steps: Steps, offer: Offer, fix: AppliedFix, shared: frozenset[str]) -> tuple[State, bool]:
    """Whether the user wants a fix, and the state that remembers the answer. `shared` are the fixes that brought what
    this one needs too."""
    if steps.choose is None or offer.fix_id in state.accepted:
        return state, True
    if not state.stopped:
        try:
            requires = sorted({*fix.requires, *state.waited.get(fix.fix_id, ()), *shared})
            if steps.choose(replace(offer.proposal(state.ledger, fix.changes), requires=tuple(requires))):
                return replace(state, accepted=state.accepted | {offer.fix_id}), True
        except StopReview:
            state = replace(state, stopped=True)
    ledger = settle(state.ledger, offer.entries, "declined", offer=offer)
    return replace(state, ledger=ledger, never=state.never | frozenset(offer.entries)), False


def _settle_tried(
    ledger: Ledger, offer: Offer, state: Outcome, tried: tuple[FileChange, ...] | Clash | Failure
) -> Ledger:
    if isinstance(tried, Failure):
        return settle(ledger, offer.entries, "dropped", reason=tried.reason)
    if isinstance(tried, Clash):
        reason = f"another fix changes the same code in {tried.path}: run again"
        return settle(ledger, offer.entries, "deferred", offer=offer, reason=reason)
    return settle(ledger, offer.entries, state, offer=offer)


def _applied(offer: Offer, changes: tuple[FileChange, ...], makers: Mapping[str, str]) -> AppliedFix:
    names = [needed.key for needed in offer.fix.prerequisites] + sorted(offer.needs)
    return AppliedFix(
        fix_id=offer.fix_id,
        title=offer.fix.title,
        code=offer.codes[0],
        codes=offer.codes,
        package=offer.package,
        applicability=offer.applicability,
        doubts=offer.doubts,
        findings=offer.entries,
        changes=changes,
        requires=tuple(dict.fromkeys(makers[name] for name in names if name in makers)),
    )
