"""Which modules will probably be asked for: their facts are extracted while the main process still thinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.resolve import ModuleTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.project.resolve import Resolver
    from prismafix.project.store import FactsStore

_STEPS = 3
"""As many calls as a fan-out is followed by default."""
_MOST = 3_000
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


def _imported(store: FactsStore, resolver: Resolver, path: str) -> Iterator[str]:
    for specifier in store.specifiers(path):
        target = resolver.resolve(path, specifier)
        if isinstance(target, ModuleTarget) and not store.may_be_typed(path, specifier):
            yield target.path
