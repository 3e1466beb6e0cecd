"""Which modules will probably be asked for: their facts are extracted while the main process still thinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.index.resolve import ModuleTarget, PrismaTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.project.index.resolve import Resolver
    from prismafix.project.index.store import FactsStore

_STEPS = 3
"""As many calls as a fan-out is followed by default."""
_MOST = 3_000
_MANY = 100
"""Importers of a module with a client: of one with more, only those count that something else leads to."""
_COMPONENTS = (".tsx", ".jsx")


def likely(store: FactsStore, resolver: Resolver, starts: Iterable[str]) -> list[str]:
    """The modules that `starts` lead to by imports, the nearest first; beyond the first step only those that speak of
    Prisma or pass on what others export. Components hardly ever query."""
    level = list(starts)
    seen = set(level)
    found: list[str] = []
    for step in range(_STEPS):
        following = []
        for path in level:
            for target in _imported(store, resolver, path):
                if target not in seen and not target.endswith(_COMPONENTS) and (step == 0 or store.may_query(target)):
                    following.append(target)
                seen.add(target)
        found += following
        level = following
    return found[:_MOST]


def around_clients(store: FactsStore, resolver: Resolver) -> list[str]:
    """The modules that import a generated client, and those that import them: what is done with a client is looked for
    there before anything else."""
    found: dict[str, None] = {}
    for path in store.workspace.source_files:
        if store.is_seed(path) and any(
            "prisma" in specifier.lower() and isinstance(resolver.resolve(path, specifier), PrismaTarget)
            for specifier in store.specifiers(path)
        ):
            importers = resolver.importers(path)
            found[path] = None
            found.update((module, None) for module, _ in (importers if len(importers) <= _MANY else ()))
    return list(found)


def _imported(store: FactsStore, resolver: Resolver, path: str) -> Iterator[str]:
    for specifier in store.specifiers(path):
        target = resolver.resolve(path, specifier)
        if isinstance(target, ModuleTarget) and not store.may_be_typed(path, specifier):
            yield target.path
