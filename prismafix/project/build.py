"""Makes a `Project` of a workspace."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from typing import TYPE_CHECKING

from prismafix.connection.budget import UNKNOWN, Figures
from prismafix.project.denote.evaluate import Evaluator
from prismafix.project.fan_out.fanouts import FanOuts
from prismafix.project.index.ahead import around_clients, likely
from prismafix.project.index.reading import Workers
from prismafix.project.index.resolve import Resolver
from prismafix.project.index.store import FactsStore
from prismafix.project.model import FolderOptions, Project, ProjectOptions
from prismafix.project.pools.clients import Clients
from prismafix.project.reach.effects import EffectsOf
from prismafix.project.reach.transactions import Transactions
from prismafix.project.running.execution import Executions
from prismafix.project.running.roles import Roles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismafix.project.index.memory import Memory
    from prismafix.workspace.workspace import Workspace

_RECURSION = 20_000
"""Python frames. Values are followed through names, members and modules, each a few calls deep; the evaluator itself
stops far earlier."""


_MOST_SEEDS = 300
"""The packages that are looked at together have so many seeds at most, or are a single one. What they lead to takes
some 70 MB."""


def build_project(
    workspace: Workspace,
    *,
    include_scripts: bool = False,
    chunk_size: int | None = None,
    depth: int = 3,
    folders: tuple[FolderOptions, ...] = (),
    max_bytes: int = 1_000_000,
    previous: Project | None = None,
    progress: Callable[[int], None] | None = None,
    memory: Memory | None = None,
    workers: Workers | None = None,
    budget: Figures = UNKNOWN,
) -> Project:
    """Scan the sources and lay out what answers questions. `folders`: see `ProjectOptions`. `previous` is the project
    of an earlier round: facts of modules that did not change since are taken over. `max_bytes`: larger source files
    are skipped. `progress` is told how many files were read. `memory`: what earlier runs have found out. `workers`
    must be open as long as the project is asked; without them all is done in this process. `budget`: see
    `ProjectOptions`."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    options = ProjectOptions(include_scripts, chunk_size, folders, depth, budget)
    earlier = previous.store if previous is not None else None
    workers = workers if workers is not None else Workers(str(workspace.root), 1)
    store = FactsStore(workspace, workers, max_bytes, earlier, memory, progress)
    return _laid_out(workspace, options, store, Resolver(workspace, store))


def parts(project: Project) -> Iterator[Project]:
    """See `Project.parts`."""
    roots = _together(project)
    for packages in roots:
        if len(roots) > 1:
            project.store.forget()
        part = _laid_out(project.workspace, project.options, project.store, project.resolver, packages)
        _prefetch(part)
        yield part
        if len(roots) > 1:
            del part
            gc.collect()  # the answers of a project refer to each other


def _together(project: Project) -> list[frozenset[str] | None]:
    """The packages of each part; [None] for a single one."""
    seeds = Counter(project.workspace.package_root(path) for path in (*project.seeds(), *project.bare_queries()))
    if seeds.total() <= _MOST_SEEDS:
        return [None]
    found: list[set[str]] = [set()]
    size = 0
    for root, count in sorted(seeds.items()):  # neighbours use the same packages
        if size + count > _MOST_SEEDS and found[-1]:
            found.append(set())
            size = 0
        found[-1].add(root)
        size += count
    for package in project.workspace.packages:
        if package.root not in seeds:
            found[-1].add(package.root)
    found[-1].add("")
    return [frozenset(roots) for roots in found]


def _laid_out(
    workspace: Workspace,
    options: ProjectOptions,
    store: FactsStore,
    resolver: Resolver,
    packages: frozenset[str] | None = None,
) -> Project:
    evaluator = Evaluator(store, resolver)
    roles = Roles(evaluator)
    evaluator.is_aside = roles.is_aside
    executions = Executions(evaluator, roles)
    effects = EffectsOf(evaluator, options.depth)
    return Project(
        workspace,
        options,
        store,
        resolver,
        evaluator,
        roles,
        executions,
        Clients(evaluator, roles, executions),
        effects,
        FanOuts(evaluator, effects),
        Transactions(evaluator),
        packages,
    )


def _prefetch(part: Project) -> None:
    """Extract what will be asked for, and begin with what will probably be."""
    store, resolver, roles = part.store, part.resolver, part.roles
    seeds = [path for path in part.seeds() if part.options.scripts_in(path) or not roles.is_aside(path)]
    suppressing = (path for path in store.suppressing() if part.is_looked_at(path))
    store.prefetch(dict.fromkeys((*seeds, *suppressing)))
    if store.works_aside:
        nearby = (p for p in around_clients(store, resolver) if part.is_looked_at(p) and not roles.is_aside(p))
        store.extract_ahead(dict.fromkeys((*nearby, *part.seeds(), *likely(store, resolver, seeds))))
