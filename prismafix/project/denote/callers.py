"""The other way round: where a function or class is named, and who calls or constructs it with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import ClassRef, FunctionRef, PrismaClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use

_MANY = 12
"""With more importing modules than this, who calls a function is not asked: too much to read for one question, and what
so many call is a tool that gets something else from each."""
_MODULES = 200
"""With more modules than this that can name an interface, what implements it is not asked."""
_WHOLE = frozenset(("default", "module.exports"))


def uses(evaluator: Evaluator, target: FunctionRef | ClassRef | PrismaClass) -> Iterator[tuple[str, Use]]:
    """See `Evaluator.uses`."""
    place = _declared(target)
    facts = evaluator.facts(place[0]) if place is not None else None
    if place is None or facts is None:
        return
    path, index = place
    if isinstance(target, FunctionRef):
        function = facts.functions[index]
        name, span, kind = function.name, (function.start, function.end), "function"
    else:
        declared = facts.classes[index]
        name, span, kind = declared.name, (declared.start, declared.end), "class"
    if name:
        for use in _named(evaluator, path, {name}):
            if not span[0] <= use.expr.start < span[1] and evaluator.value(path, use.expr, use.root.scope) == target:
                yield path, use
    exported = exported_names(facts, name, kind, index)
    if not exported:
        return
    for module, names in _importing(evaluator, path, exported, {path}):
        for use in _named(evaluator, module, names or set()):
            if evaluator.value(module, use.expr, use.root.scope) == target:
                yield module, use


def _declared(target: FunctionRef | ClassRef | PrismaClass) -> tuple[str, int] | None:
    return target.declared if isinstance(target, PrismaClass) else (target.path, target.index)


def _named(evaluator: Evaluator, path: str, names: set[str]) -> list[Use]:
    """Where names stand in a module, as identifiers and as members. Imports and exports are no uses."""
    index = evaluator.index(path)
    return [use for name in sorted(names) for held in (index.names, index.members) for use in held.get(name, ())]


def exported_names(facts: ModuleFacts, name: str, kind: str, index: int) -> frozenset[str]:
    """The names under which a module exports its function or class (`kind`) number `index`; `default` and
    `module.exports` among them."""
    found = set()
    for export in facts.exports:
        if export.specifier:
            continue
        if name and export.local == name:
            found.add(export.name)
        value = facts.exported_value(export)
        if value is None:
            continue
        if _is(value, name, kind, index):
            found.add(export.name)
        elif value.kind == "object":
            found.update(
                child.text
                for child in value.children
                if child.kind == "property" and _is(child.children[0], name, kind, index)
            )
    return frozenset(found)


def _is(expr: Expr, name: str, kind: str, index: int) -> bool:
    return (expr.kind == kind and expr.function == index) or (expr.kind == "name" and bool(name) and expr.text == name)


def _importing(
    evaluator: Evaluator, path: str, exported: frozenset[str], seen: set[str]
) -> Iterator[tuple[str, set[str] | None]]:
    """The modules that can name an export, with the names under which it may stand in them; None for too many."""
    whole = bool(exported & _WHOLE)
    naming = [
        (module, specifier)
        for module, specifier in evaluator.resolver.importers(path)
        if module not in seen and (whole or any(evaluator.store.may_export(module, name) for name in exported))
    ]
    if len(naming) + len(seen) > _MANY:
        yield path, None
        return
    for module, specifier in naming:
        facts = evaluator.facts(module)
        if facts is None:
            continue
        seen.add(module)
        names = set(exported - _WHOLE) | {"default"}
        names.update(
            item.local
            for item in facts.imports
            if item.specifier == specifier
            and item.local
            and (item.imported in exported or (whole and item.imported in ("default", "*")))
        )
        names.update(_required(facts, specifier))
        yield module, names
        passed: set[str] = set()
        for export in facts.exports:
            if export.specifier == specifier and (export.name == "*" or export.imported in exported):
                passed.update(exported - _WHOLE if export.name == "*" else (export.name,))
            elif export.local in names:
                passed.add(export.name)
        if passed:
            yield from _importing(evaluator, module, frozenset(passed), seen)


def _required(facts: ModuleFacts, specifier: str) -> Iterator[str]:
    """The variables that `require("…")` and `await import("…")` of a specifier fill."""
    for binding in facts.bindings:
        if binding.value < 0 or binding.kind == "param":
            continue
        if any(
            part.kind in ("call", "import") and any(c.kind == "string" and c.text == specifier for c in part.children)
            for part in _through(facts.roots[binding.value].expr)
        ):
            yield binding.name


def _through(expr: Expr) -> Iterator[Expr]:
    """An expression and what its members and awaits stand on."""
    yield expr
    while expr.kind in ("member", "await", "call", "new") and expr.children:
        expr = expr.children[0]
        yield expr


def handed(
    evaluator: Evaluator, target: FunctionRef | ClassRef | PrismaClass, position: int
) -> Iterator[tuple[str, Expr, Use]]:
    """(module, argument, use) of each call of a function, or construction of a class, that hands over something at a
    position."""
    form = "call" if isinstance(target, FunctionRef) else "new"
    for module, use in evaluator.uses(target):
        outer = use.around[0] if use.around else None
        if outer is None and use.root.role == "extends":
            yield from _of_super(evaluator, module, use, position)
        if outer is None or outer.kind != form or outer.callee is not use.expr:
            continue
        given = outer.arguments
        if position < len(given) and not any(a.kind == "spread" for a in given[: position + 1]):
            yield module, given[position], use


def _of_super(evaluator: Evaluator, path: str, use: Use, position: int) -> Iterator[tuple[str, Expr, Use]]:
    """What a class hands to the constructor of the one that it extends; without a constructor of its own, what those
    do who construct it."""
    facts = evaluator.facts(path)
    for declared in facts.classes if facts is not None else ():
        if facts is None or declared.extends < 0 or facts.roots[declared.extends] is not use.root:
            continue
        own = declared.member("constructor")
        if own is None:
            value = evaluator.class_value(path, declared.index)
            if isinstance(value, ClassRef):
                yield from handed(evaluator, value, position)
            continue
        made = facts.functions[own.function]
        for call in evaluator.index(path).calls_within(made.start, made.end):
            given = call.expr.arguments if call.expr.callee.kind == "super" else ()
            if position < len(given) and not any(a.kind == "spread" for a in given[: position + 1]):
                yield path, given[position], call


def are_all_known(evaluator: Evaluator, target: FunctionRef | ClassRef | PrismaClass) -> bool:
    """Whether `uses` finds every place that names a function or class: not where too many modules import it."""
    place = _declared(target)
    facts = evaluator.facts(place[0]) if place is not None else None
    if place is None or facts is None:
        return False
    path, index = place
    declared = facts.functions[index] if isinstance(target, FunctionRef) else facts.classes[index]
    kind = "function" if isinstance(target, FunctionRef) else "class"
    exported = exported_names(facts, declared.name, kind, index)
    return all(names is not None for _, names in _importing(evaluator, path, exported, {path}))


def who_sees(evaluator: Evaluator, path: str, name: str) -> dict[str, set[str]] | None:
    """The modules in which an exported type of a module can be named, itself included, and what it is called there;
    None for too many."""
    found = {path: {name}}
    todo, passed = [(path, name)], {(path, name)}
    while todo:
        module, known = todo.pop()
        for importer, specifier in evaluator.resolver.importers(module):
            if not evaluator.store.may_export(importer, known):
                continue
            facts = evaluator.facts(importer)
            if facts is None:
                continue
            names = found.setdefault(importer, set())
            if len(found) > _MODULES:
                return None
            names.update(
                f"{item.local}.{known}" if item.imported == "*" else item.local
                for item in facts.imports
                if item.specifier == specifier and item.imported in (known, "*")
            )
            for export in facts.exports:
                again = export.specifier == specifier and export.imported in (known, "*")
                if again or (export.local and export.local in names):
                    to = (importer, known if export.name == "*" else export.name)
                    if to not in passed:
                        passed.add(to)
                        todo.append(to)
    return found
