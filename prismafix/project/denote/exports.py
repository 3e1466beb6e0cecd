"""What modules export, and what imports of them give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.project.denote.values import (
    External,
    NamespaceRef,
    OneOf,
    PrismaClass,
    PrismaModule,
    PrismaNamespace,
    Value,
)
from prismafix.project.index.resolve import ExternalTarget, ModuleTarget, PrismaTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.facts.model import ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator

AMBIGUOUS = OneOf(())
"""What two modules export differently under a name, to one that passes both on: no import of it links."""
Seen = frozenset[tuple[str, str]]


def exported(evaluator: Evaluator, path: str, name: str, seen: Seen) -> Value | None:
    """What the module exports under `name` (`default` and `module.exports` included). `seen`: (module, name) of the
    re-exports that lead here."""
    if (path, name) in seen:
        return None
    facts = evaluator.store.facts(path)
    if facts is None:
        return None
    seen |= {(path, name)}
    for export in facts.exports:
        if export.name != name:
            continue
        if export.specifier:
            return imported(evaluator, path, export.specifier, export.imported, seen)
        if export.local:
            return evaluator.name(path, export.local, 0)
        return evaluator.value(path, facts.roots[export.value].expr, facts.roots[export.value].scope)
    whole = next((e for e in facts.exports if e.name == "module.exports"), None)
    if whole is not None:
        value = evaluator.value(path, facts.roots[whole.value].expr, facts.roots[whole.value].scope)
        if name == "default":
            return value
        found = evaluator.member(value, name) if value is not None else None
        if found is not None:
            return found
    added = _added(evaluator, path, name)
    if added is not None:
        return added
    if name == "default" and any(e.value >= 0 and e.name != name for e in facts.exports):  # CommonJS, as one object
        return NamespaceRef(path)
    return passed_on(evaluator, path, facts, name, lambda specifier: imported(evaluator, path, specifier, name, seen))


def _added(evaluator: Evaluator, path: str, name: str) -> Value | None:
    """What `Object.assign(module.exports, { name })` and `Object.defineProperty(exports, "name", { get … })` add."""
    if not evaluator.store.mentions(path, "exports"):
        return None
    index = evaluator.index(path)
    for method in ("assign", "defineProperty"):
        for use in index.members.get(method, ()):
            call = use.around[0] if use.around else use.expr
            if call.kind != "call" or use.expr.chain() != ("Object", method) or len(call.arguments) < 2:
                continue
            if call.arguments[0].chain() not in (("module", "exports"), ("exports",)):
                continue
            given, scope = call.arguments[1:], use.root.scope
            if method == "assign":
                for argument in given:
                    found = evaluator.member(evaluator.value(path, argument, scope), name)
                    if found is not None:
                        return found
            elif given[0].text == name and len(given) > 1 and given[1].kind == "object":
                getter, value = given[1].property_value("get"), given[1].property_value("value")
                if getter is not None:
                    return evaluator.returned(evaluator.value(path, getter, scope))
                return evaluator.value(path, value, scope) if value is not None else None
    return None


def passed_on(
    evaluator: Evaluator, path: str, facts: ModuleFacts, name: str, ask: Callable[[str], Value | None]
) -> Value | None:
    """What a module passes on under a name with `export *`; `ask` says what a specifier gives.

    The modules of the workspace say whether they have it, so they come first; a package may have any name. What two of
    them export differently is exported by none (https://tc39.es/ecma262/#sec-resolveexport)."""
    if name == "default":
        return None
    outside = []
    found: dict[Value, None] = {}
    for export in facts.exports:
        if export.name != "*" or not export.specifier:
            continue
        target = evaluator.resolver.resolve(path, export.specifier)
        if not isinstance(target, ModuleTarget):
            outside.append((isinstance(target, ExternalTarget), export.specifier))
        elif evaluator.store.may_export(target.path, name):
            value = ask(export.specifier)
            if value is not None:
                found[value] = None
    known = [value for value in found if not isinstance(value, External)]  # what a package may have comes last here too
    if known:
        return known[0] if len(known) == 1 else AMBIGUOUS
    beside = (value for _, specifier in sorted(outside) if (value := ask(specifier)) is not None)
    return next(iter(found), None) or next(beside, None)


def imported(evaluator: Evaluator, path: str, specifier: str, name: str, seen: Seen) -> Value | None:
    """What an import (of a name, `default`, or `*` for the namespace) gives in a module."""
    target = evaluator.resolver.resolve(path, specifier)
    if isinstance(target, PrismaTarget):
        module = PrismaModule(target.output, target.entry)
        return module if name in ("*", "default") else evaluator.member(module, name)
    if isinstance(target, ModuleTarget):
        return NamespaceRef(target.path) if name == "*" else exported(evaluator, target.path, name, seen)
    return _outside(target, name)


def _outside(target: ExternalTarget, name: str) -> Value | None:
    if target.missing:
        # A generated client is often not in the tree (git ignores it). Only the class's own name speaks for one.
        if name == "PrismaClient":
            return PrismaClass(f"?{target.specifier.rsplit('/', 1)[-1]}")
        if name == "Prisma":
            return PrismaNamespace(f"?{target.specifier.rsplit('/', 1)[-1]}")
        return None
    return External(target.specifier, () if name in ("*", "default") else (name,))


def required(evaluator: Evaluator, path: str, specifier: str) -> Value | None:
    """What `require(specifier)` or `import(specifier)` gives in a module."""
    target = evaluator.resolver.resolve(path, specifier)
    if isinstance(target, PrismaTarget):
        return PrismaModule(target.output, target.entry)
    if isinstance(target, ModuleTarget):
        return required_from(evaluator, target.path)
    if target.missing and re.search(r"prisma", specifier):
        return PrismaModule(f"?{specifier.rsplit('/', 1)[-1]}") if "generated" in specifier else None
    return External(target.specifier)


def required_from(evaluator: Evaluator, path: str) -> Value:
    """What `require` gives of a module: what it assigns to `module.exports`, else all that it exports."""
    facts = evaluator.store.facts(path)
    if facts is not None and any(e.name == "module.exports" for e in facts.exports):
        return evaluator.export(path, "default") or NamespaceRef(path)
    return NamespaceRef(path)
