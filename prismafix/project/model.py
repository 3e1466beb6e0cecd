"""How the files of a workspace fit together: the one object that the rules ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from prismafix.connection.budget import UNKNOWN, Figures
from prismafix.workspace.model import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prismafix.facts.model import ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.fan_out.fanouts import FanOuts
    from prismafix.project.index.reading import FileOutcome
    from prismafix.project.index.resolve import Resolver
    from prismafix.project.index.store import FactsStore
    from prismafix.project.pools.clients import Clients
    from prismafix.project.reach.effects import EffectsOf
    from prismafix.project.reach.transactions import Transactions
    from prismafix.project.running.execution import Executions
    from prismafix.project.running.roles import Roles
    from prismafix.workspace.model import Problem, Schema
    from prismafix.workspace.workspace import Workspace


P = ParamSpec("P")
T = TypeVar("T")

FolderOptions = tuple[str, int | None, bool | None]


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """`include_scripts`: fan-outs in scripts and tests count. `chunk_size`: how many at once; None for the default.
    `folders`: (folder, chunk size, include scripts) where configuration says otherwise for what lies below; later
    ones win, and None leaves what holds. `depth`: how many calls are followed to a query. `budget`: what
    configuration says of instances, pools and the database."""

    include_scripts: bool = False
    chunk_size: int | None = None
    folders: tuple[FolderOptions, ...] = ()
    depth: int = 3
    budget: Figures = UNKNOWN

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
    """Everything that is known, and the questions that can be asked.

    `packages` are the roots of the packages that are looked at ("" for modules outside of any), None for all: of a
    large workspace one part is looked at after the other (`prismafix.project.build.parts`). Whatever these lead to is
    known, wherever it is.
    """

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
    packages: frozenset[str] | None = None
    answers: dict[object, Any] = field(default_factory=dict, repr=False)
    """What `once_per_project` has found."""

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module, or None when it could not be analysed."""
        return self.store.facts(path)

    def parts(self) -> Iterator[Project]:
        """The project, in parts that know all of it and look at some of its packages each, one after the other: what
        a part has decoded is gone with it. A project of a usual size is one part.

        Nobody may hold on to a part when the next one is asked for."""
        from prismafix.project.build import parts  # makes projects, and so imports this module

        return parts(self)

    def is_looked_at(self, path: str) -> bool:
        """Whether findings in a module are wanted now."""
        return self.packages is None or self.workspace.package_root(path) in self.packages

    def seeds(self) -> list[str]:
        """The modules where findings can be: those that hold a literal which a finding needs, sorted."""
        if "seeds" not in self.answers:
            self.answers["seeds"] = [path for path in self.store.seeds() if self.is_looked_at(path)]
        seeds: list[str] = self.answers["seeds"]
        return seeds

    def bare_queries(self) -> list[str]:
        """The modules that seem to send a query without waiting for it, sorted."""
        return [p for p in self.store.with_bare_queries(self.evaluator.accessors) if self.is_looked_at(p)]

    def parsed_paths(self) -> Iterable[str]:
        """The modules whose facts were needed so far."""
        return self.store.parsed()

    def outcomes(self) -> Mapping[str, FileOutcome]:
        """What came of the files whose facts were needed so far."""
        return self.store.outcomes()

    def learn(self, outcomes: Mapping[str, FileOutcome]) -> None:
        """Take over the `outcomes` of a copy of this project in another process."""
        self.store.learn(outcomes)

    def suppressing(self) -> list[str]:
        """The modules with a suppression comment, sorted."""
        return self.store.suppressing()

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


def once_per_project(question: Callable[Concatenate[Project, P], T]) -> Callable[Concatenate[Project, P], T]:
    """Answer a question about a project once, and remember the answer as long as the project is there. The arguments
    have to be positional and hashable."""

    @wraps(question)
    def ask(project: Project, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (question, *args)
        if key not in project.answers:
            project.answers[key] = question(project, *args, **kwargs)
        answer: T = project.answers[key]
        return answer

    return ask
