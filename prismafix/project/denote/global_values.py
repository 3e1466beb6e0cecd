"""What stands on the runtime's global object, where another module of the package put it or declares it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.project.denote.values import (
    ClassRef,
    Client,
    FunctionRef,
    Global,
    Handed,
    Instance,
    NamespaceRef,
    ObjectRef,
    OneOf,
    ShapeRef,
    Signature,
    Value,
    merge,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts, TypeShape
    from prismafix.project.denote.evaluate import Evaluator

_OBJECTS = ("globalThis", "global")
_KNOWN = (Client, FunctionRef, Instance, ClassRef, ObjectRef, ShapeRef, Signature, Handed, NamespaceRef, OneOf)
"""Of anything else there, such as a package's `fetch`, the name alone says as much."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a module assigns (`expr`) or declares (`type_text`) a name of the global object, seen from a scope."""

    path: str
    scope: int
    expr: Expr | None = None
    type_text: str = ""


@dataclass(slots=True)
class Globals:
    """What the packages of the workspace put on the global object or declare there: by name, `values` their sites,
    `types` the modules and shapes."""

    values: dict[str, list[Site]] = field(default_factory=lambda: defaultdict(list))
    types: dict[str, list[tuple[str, TypeShape]]] = field(default_factory=lambda: defaultdict(list))

    def type_for(self, evaluator: Evaluator, path: str, name: str) -> tuple[str, TypeShape] | None:
        """The module and shape of a type that the package of a module declares for all its modules."""
        found = [each for each in self.types.get(name, ()) if _says_something(evaluator, each[0], path)]
        return found[0] if len(found) == 1 else None


def of_name(evaluator: Evaluator, path: str, name: str) -> Value | None:
    """What a name of the global object denotes in a module: `global.prisma = new PrismaClient()` elsewhere in its
    package, else `declare global { var prisma: PrismaClient }`."""
    sites = evaluator.globals().values.get(name)
    if not sites:
        return None
    near = tuple(site for site in sites if _says_something(evaluator, site.path, path))
    return evaluator.once(("global", name, near), lambda: _put(evaluator, near)) if near else None


def is_unset(value: Global) -> bool:
    """Whether a value is a member of the global object that nothing is known of."""
    return len(value.names) == 2 and value.names[0] in _OBJECTS


def _says_something(evaluator: Evaluator, told: str, path: str) -> bool:
    """Whether what a module says of the global object holds in another one: they are of one package, and what tests
    and scripts put there is for themselves."""
    package_of = evaluator.store.workspace.package_of
    same = package_of(told) == package_of(path)
    return same and (not evaluator.is_aside(told) or evaluator.is_aside(path))


def _put(evaluator: Evaluator, sites: tuple[Site, ...]) -> Value | None:
    assigned: Value | None = None
    declared: Value | None = None
    for site in sites:
        if site.expr is None:
            told = evaluator.type_value(site.path, site.type_text, site.scope)
            declared = merge(declared, told) if _is_known(told) else declared
        else:
            value = evaluator.value(site.path, site.expr, site.scope)
            assigned = merge(assigned, value) if _is_known(value) else assigned
    if isinstance(declared, Client) and not isinstance(assigned, Client):
        return declared
    return assigned if assigned is not None else declared


def _is_known(value: Value | None) -> bool:
    empty = isinstance(value, ObjectRef) and not value.expr.children
    return isinstance(value, _KNOWN) and not empty


def everything(evaluator: Evaluator) -> Globals:
    """What is said of the global object anywhere. Nothing is evaluated for it."""
    found = Globals()
    store = evaluator.store
    for path in (*store.setting_globals(), *sorted(store.declaring_globals())):
        facts = evaluator.facts(path)
        if facts is None:
            continue
        for name, site in (*_assigned(evaluator, path), *_declared(path, facts)):
            found.values[name].append(site)
        for shape in facts.interfaces:
            if _is_global(path, facts, facts.scope_at(shape.start)):
                found.types[shape.name].append((path, shape))
    return found


def _assigned(evaluator: Evaluator, path: str) -> Iterator[tuple[str, Site]]:
    index = evaluator.index(path)
    for use in (use for name in _OBJECTS for use in index.names.get(name, ())):
        held, behind = (use.around[0], use.around[1]) if len(use.around) > 1 else (None, None)
        if held is None or behind is None or held.kind != "member" or behind.kind != "assign":
            continue
        if behind.children[0] is held:
            yield held.text, Site(path, use.root.scope, _kept(behind.children[1], held))


def _kept(expr: Expr, held: Expr) -> Expr:
    """What is put somewhere: `new Cache()` of `global.cache = global.cache ?? new Cache()`."""
    again = expr.kind == "binary" and expr.text in ("??", "||") and expr.children[0].chain() == held.chain()
    return expr.children[1] if again else expr


def _declared(path: str, facts: ModuleFacts) -> Iterator[tuple[str, Site]]:
    """`declare global { var prisma: PrismaClient }`."""
    for binding in facts.bindings:
        named = binding.kind in ("var", "let", "const") and binding.type_text and binding.value < 0
        if named and not binding.path and _is_global(path, facts, binding.scope):
            yield binding.name, Site(path, binding.scope, type_text=binding.type_text)


def _is_global(path: str, facts: ModuleFacts, scope: int) -> bool:
    """Whether what a scope declares stands on the global object: in `declare global`, or at the top of a declaration
    file that is no module (https://www.typescriptlang.org/docs/handbook/modules/theory.html#scripts-and-modules)."""
    if facts.scopes[scope].kind == "global":
        return True
    return scope == 0 and path.endswith(".d.ts") and not facts.imports and not facts.exports
