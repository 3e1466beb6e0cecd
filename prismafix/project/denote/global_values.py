"""What stands on the runtime's global object, where another module of the package put it or declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client, Value, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.project.denote.evaluate import Evaluator

_OBJECTS = ("globalThis", "global")


def of_name(evaluator: Evaluator, path: str, name: str) -> Value | None:
    """The client that a name of the global object denotes in a module: `global.prisma = new PrismaClient()` elsewhere
    in its package, or `declare global { var prisma: PrismaClient }`. None for anything else."""
    package = evaluator.store.workspace.package_of(path)
    found: Value | None = None
    for module, value in evaluator.globals().get(name, ()):
        if evaluator.store.workspace.package_of(module) == package:
            found = merge(found, value)
    return found


def written(evaluator: Evaluator) -> Iterator[tuple[str, str, Value]]:
    """(name, module, client) of each client that the workspace puts on the global object or declares there."""
    for path in evaluator.store.seeds():
        index = evaluator.index(path)
        for use in (use for name in _OBJECTS for use in index.names.get(name, ())):
            held, behind = (use.around[0], use.around[1]) if len(use.around) > 1 else (None, None)
            if held is None or behind is None or held.kind != "member" or behind.kind != "assign":
                continue
            value = evaluator.value(path, behind.children[1], use.root.scope) if behind.children[0] is held else None
            if isinstance(value, Client):
                yield held.text, path, value
        yield from _declared(evaluator, path)


def _declared(evaluator: Evaluator, path: str) -> Iterator[tuple[str, str, Value]]:
    """`declare global { var prisma: PrismaClient }`; declaration files are not read."""
    facts = evaluator.facts(path)
    for binding in facts.bindings if facts is not None else ():
        if facts is not None and binding.kind == "var" and binding.type_text and binding.value < 0:
            told = (
                evaluator.type_value(path, binding.type_text) if facts.scopes[binding.scope].kind == "block" else None
            )
            if isinstance(told, Client):
                yield binding.name, path, told
