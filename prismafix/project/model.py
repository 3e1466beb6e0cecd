"""How the files of a workspace fit together: the one object that the rules ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.workspace.model import within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.facts.model import ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.fan_out.fanouts import FanOuts
    from prismafix.project.index.resolve import Resolver
    from prismafix.project.index.store import FactsStore
    from prismafix.project.pools.clients import Clients
    from prismafix.project.reach.effects import EffectsOf
    from prismafix.project.reach.transactions import Transactions
    from prismafix.project.running.execution import Executions
    from prismafix.project.running.roles import Roles
    from prismafix.workspace.model import Problem, Schema
    from prismafix.workspace.workspace import Workspace


FolderOptions = tuple[str, int | None, bool | None]


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """`include_scripts`: fan-outs in scripts and tests count. `chunk_size`: how many at once; None for the default.
    `folders`: (folder, chunk size, include scripts) where configuration says otherwise for what lies below; later
    ones win, and None leaves what holds. `depth`: how many calls are followed to a query."""

    include_scripts: bool = False
    chunk_size: int | None = None
    folders: tuple[FolderOptions, ...] = ()
    depth: int = 3

    def chunk_size_in(self, path: str) -> int | None:
        """The chunk size for a module."""
        sizes = [size for folder, size, _ in self.folders if size is not None and within(path, folder)]
        return sizes[-1] if sizes else self.chunk_size

    def scripts_in(self, path: str) -> bool:
        """Whether fan-outs of scripts and tests count in a module's folder."""
        answers = [scripts for folder, _, scripts in self.folders if scripts is not None and within(path, folder)]
        return answers[-1] if answers else self.include_scripts


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """Everything that is known, and the questions that can be asked."""

    workspace: Workspace
    options: ProjectOptions
    store: FactsStore
    resolver: Resolver
    evaluator: Evaluator
    roles: Roles
    executions: Executions
    clients: Clients
    effects: EffectsOf
    fan_outs: FanOuts
    transactions: Transactions

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module, or None when it could not be analysed."""
        return self.store.facts(path)

    def seeds(self) -> list[str]:
        """The modules where findings can be: those that hold a literal which a finding needs, sorted."""
        return self.store.seeds()

    def parsed_paths(self) -> Iterable[str]:
        """The modules whose facts were needed so far."""
        return self.store.parsed()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files that could not be analysed."""
        return tuple(self.store.problems())

    def schema_of(self, entry: str, path: str) -> Schema | None:
        """The schema behind a generated client (`PrismaClass.entry`), for a module; None when it cannot be told."""
        schemas = self.workspace.schemas
        if entry and not entry.startswith("?"):
            return next((s for s in schemas for g in s.generators if g.output == entry), None)
        fitting = [s for s in schemas if any(g.output is None for g in s.generators)] if not entry else list(schemas)
        package = self.workspace.package_of(path)
        own = [s for s in fitting if package is not None and s.path in package.schemas]
        candidates = own or fitting
        return candidates[0] if len(candidates) == 1 else None
