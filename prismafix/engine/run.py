"""The whole pipeline: a path and options in, one `Result` out."""

from __future__ import annotations

import gc
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.engine.analysis import KNOWN, Analysis, Build, Progress, analyse
from prismafix.engine.model import (
    AbandonReview,
    AppliedFix,
    Choose,
    Decide,
    FileChange,
    Options,
    Reported,
    Result,
    TypeCheck,
)
from prismafix.engine.review import Reviewing
from prismafix.engine.rounds import GroupBy, State, Steps, apply_all, preview
from prismafix.workspace.settings import setting_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prismafix.engine.ledger import Entry
    from prismafix.engine.offers import Rewrite
    from prismafix.rules.registry import Rule
    from prismafix.workspace.model import Problem
    from prismafix.workspace.workspace import Workspace


def run(
    where: Path | Workspace,
    options: Options,
    *,
    choose: Choose | None = None,
    decide: Decide | None = None,
    group_by: GroupBy | None = None,
    progress: Progress | None = None,
    rules: Sequence[Rule] | None = None,
    rewrite: Rewrite | None = None,
    build: Build | None = None,
    type_check: TypeCheck | None = None,
) -> Result:
    """Analyse a workspace and, with `options.apply`, fix it in memory. Nothing is written.

    `where` is its root folder, or a workspace that was discovered already. `choose` is asked for each fix, unsafe
    ones included, in the order in which they apply; `decide` instead for all of them together. `group_by` applies the
    fixes group by group, for commits: `Result.fixes` come in the order of the groups' names (a group comes once more at
    the end if a later one uncovered something for it). `progress` is told stage, done and total. `rules`, `rewrite` and
    `build` replace the usual ones. With `type_check` the fixes that bring new type errors are dropped, which is the one
    thing that runs a program of the project: its TypeScript.

    Raises UserError for a path that is no folder, and where types cannot be checked.
    """
    with _without_collector():
        return _run(where, options, choose, decide, group_by, progress, rules, rewrite, build, type_check)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Facts and values are millions of small objects that live to the end: the collector would walk over all of them
    again and again, and once more right afterwards and at exit, unless they are frozen."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()


def _run(
    where: Path | Workspace,
    options: Options,
    choose: Choose | None,
    decide: Decide | None,
    group_by: GroupBy | None,
    progress: Progress | None,
    rules: Sequence[Rule] | None,
    rewrite: Rewrite | None,
    build: Build | None,
    type_check: TypeCheck | None,
) -> Result:
    if progress is not None:
        progress("workspace", 0, 1)
    if isinstance(where, Path):
        from prismafix.workspace.discover import discover_workspace

        workspace = discover_workspace(where, exclude=options.exclude, max_bytes=options.max_bytes)
    else:
        workspace = where
    if not workspace.uses_prisma:
        return Result(
            root=workspace.root,
            findings=(),
            fixes=(),
            changes=(),
            problems=_problems(workspace.problems),
            files=len(workspace.source_files),
            packages=len(workspace.packages),
            uses_prisma=False,
        )
    rules = _usual_rules() if rules is None else rules
    rewrite = _usual_rewrite() if rewrite is None else rewrite
    if progress is not None:
        progress("facts", 0, len(workspace.source_files))
    with _usual_build(workspace, options) if build is None else nullcontext(build) as build_now:
        look = partial(analyse, options=options, rules=rules, build=build_now, progress=progress)
        first = look(workspace)
        steps = Steps(look, rewrite, choose, group_by, progress, options.jobs, offers=options.offers)
        apply = partial(_run_rounds, first, options, Reviewing(decide) if decide is not None else None)
        if type_check is None or not options.apply:
            return _result(first, apply(steps))
        from prismafix.engine.type_check import without_type_errors

        state, type_checked = without_type_errors(first, steps, apply, type_check)
        return replace(_result(first, state), type_checked=type_checked)


# Imported when needed: a caller that only wants the data types, or brings its own, does not pay for them.


def _usual_rules() -> Sequence[Rule]:
    from prismafix.rules.registry import discover

    return discover()


@contextmanager
def _usual_build(workspace: Workspace, options: Options) -> Iterator[Build]:
    from prismafix.project.build import build_project
    from prismafix.project.index.reading import Workers

    with Workers(str(workspace.root), options.jobs) as workers:
        yield partial(build_project, workers=workers, budget=options.budget)


def _usual_rewrite() -> Rewrite:
    from prismafix.rewrites.dispatch import rewrite

    return rewrite


def _run_rounds(first: Analysis, options: Options, reviewing: Reviewing | None, steps: Steps) -> State:
    if not options.apply:
        return preview(first, steps)
    apply = partial(apply_all, first, options)
    try:
        return apply(steps) if reviewing is None else reviewing.apply(apply, steps)
    except AbandonReview:
        state = preview(first, steps)
        return replace(state, ledger=tuple(_abandoned(entry) for entry in state.ledger))


def _abandoned(entry: Entry) -> Entry:
    if entry.reported.state != "open":
        return entry
    return replace(entry, reported=replace(entry.reported, state="declined"))


def _result(first: Analysis, state: State) -> Result:
    reported = [entry.reported for entry in state.ledger]
    order = sorted(range(len(reported)), key=lambda number: (_key(reported[number]), number))
    place = {number: index for index, number in enumerate(order)}
    workspace, project = first.workspace, first.project
    return Result(
        root=workspace.root,
        findings=tuple(reported[number] for number in order),
        fixes=tuple(replace(fix, findings=tuple(sorted(place[n] for n in fix.findings))) for fix in state.fixes),
        changes=_net_changes(state.fixes),
        problems=_problems(
            workspace.problems, setting_problems(workspace), project.problems, state.analysis.project.problems
        ),
        files=len(workspace.source_files),
        packages=len(workspace.packages),
        uses_prisma=True,
        rounds=state.rounds,
        ignored_by_git=workspace.ignored,
        offers=tuple(replace(fix, findings=tuple(sorted(place[n] for n in fix.findings))) for fix in state.offered),
        known=frozenset(seen.fingerprint for seen in first.seen if seen.unselected == KNOWN and not seen.suppression),
    )


def _net_changes(fixes: Iterable[AppliedFix]) -> tuple[FileChange, ...]:
    """From the contents before the first fix to those after the last, by path."""
    net: dict[str, FileChange] = {}
    for change in (change for fix in fixes for change in fix.changes):
        net[change.path] = replace(change, before=net.get(change.path, change).before)
    return tuple(net[path] for path in sorted(net) if net[path].before != net[path].after)


def _key(reported: Reported) -> tuple[str, int, int, str]:
    return reported.finding.path, reported.line, reported.column, reported.finding.code


def _problems(*several: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by path."""
    return tuple(sorted({problem for problems in several for problem in problems}, key=lambda p: (p.path, p.message)))
