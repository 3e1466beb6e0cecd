"""Makes a `Project` of a workspace."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

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
    from collections.abc import Callable

    from prismafix.project.index.memory import Memory
    from prismafix.workspace.workspace import Workspace

_RECURSION = 20_000
"""Python frames. Values are followed through names, members and modules, each a few calls deep; the evaluator itself
stops far earlier."""


def build_project(
    workspace: Workspace,
    *,
    include_scripts: bool = False,
    chunk_size: int | None = None,
    depth: int = 3,
    folders: tuple[FolderOptions, ...] = (),
    jobs: int = 1,
    max_bytes: int = 1_000_000,
    previous: Project | None = None,
    progress: Callable[[int], None] | None = None,
    memory: Memory | None = None,
    workers: Workers | None = None,
) -> Project:
    """Scan the sources and lay out what answers questions. `folders`: see `ProjectOptions`. `previous` is the project
    of
    an earlier round: facts of modules that did not change since are taken over. `max_bytes`: larger source files are
    skipped. `progress` is told how many files were read. `memory`: what earlier runs have found out.
    `workers` go on with what will probably be asked for, until they are closed; without them `jobs` processes are
    started and ended again."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    options = ProjectOptions(include_scripts, chunk_size, folders, depth)
    with nullcontext(workers) if workers is not None else Workers(str(workspace.root), jobs) as pool:
        earlier = previous.store if previous is not None else None
        store = FactsStore(workspace, pool, max_bytes, earlier, memory, progress)
        resolver = Resolver(workspace, store)
        evaluator = Evaluator(store, resolver)
        roles = Roles(evaluator)
        evaluator.is_aside = roles.is_aside
        seeds = [path for path in store.seeds() if options.scripts_in(path) or not roles.is_aside(path)]
        store.prefetch(pool, dict.fromkeys((*seeds, *store.suppressing())))
        if workers is not None:
            nearby = (p for p in around_clients(store, resolver) if not roles.is_aside(p))
            store.extract_ahead(workers, dict.fromkeys((*nearby, *store.seeds(), *likely(store, resolver, seeds))))
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
    )
