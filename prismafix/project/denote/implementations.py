"""Which classes and objects stand behind an interface or an abstract class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote import callers
from prismafix.project.denote.parameters import by_callers
from prismafix.project.denote.types import TypeText, parse_type
from prismafix.project.denote.values import (
    ClassRef,
    FunctionRef,
    Instance,
    NamespaceRef,
    ObjectRef,
    OneOf,
    PrismaClass,
    ShapeRef,
    Value,
    options,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prismafix.facts.model import Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator


def of_shape(evaluator: Evaluator, ref: ShapeRef) -> Value | None:
    """What a value of an interface is: the one class or object of the workspace that implements it, or one of several.

    Classes that say so come first. Where there is none: objects that are declared, returned or handed over as one, and
    last what stands behind the member that the value is. None when there is none, or when too many modules would have
    to be asked. Tests and scripts do not count."""
    if ref.shape.name:
        where = (ref.path, ref.shape.start)
        found = evaluator.once(
            ("declared", *where),
            lambda: _as_one(_everywhere(evaluator, ref.path, ref.shape.name, "implements", _declared)),
        )
        if found is None:
            found = evaluator.once(
                ("made as", *where), lambda: _as_one(_everywhere(evaluator, ref.path, ref.shape.name, "", _made_as))
            )
        if found is not None:
            return found
    if ref.given is not None:
        facts = evaluator.facts(ref.given.path)
        function = facts.functions[ref.given.function] if facts is not None else None
        handed = by_callers(evaluator, ref.given.path, function, ref.given.position) if function is not None else None
        return _as_one(_made(evaluator.along(handed, ref.given.steps)))
    if ref.holder is None:
        return None
    held = of_shape(evaluator, ref.holder[0])
    return _as_one(_made(evaluator.member(held, ref.holder[1]))) if held is not None else None


def _everywhere(
    evaluator: Evaluator,
    path: str,
    name: str,
    word: str,
    collect: Callable[[Evaluator, str, ModuleFacts, set[str]], Iterator[Value]],
) -> Iterator[Value]:
    """What implements a type of a module in the modules that can name it and in which a word stands. A module that only
    tests import holds a stand-in."""
    for module, names in (callers.who_sees(evaluator, path, name) or {}).items():
        if not names or evaluator.is_aside(module) or (word and not evaluator.store.mentions(module, word)):
            continue
        if word and _is_for_tests(evaluator, module):
            continue
        facts = evaluator.facts(module)
        if facts is not None:
            yield from collect(evaluator, module, facts, names)


def _is_for_tests(evaluator: Evaluator, path: str) -> bool:
    importers = [module for module, _ in evaluator.resolver.importers(path)]
    return bool(importers) and all(evaluator.is_aside(module) for module in importers)


def _as_one(found: Iterable[Value]) -> Value | None:
    each = tuple(dict.fromkeys(found))
    return OneOf(each) if len(each) > 1 else each[0] if each else None


def _declared(evaluator: Evaluator, path: str, facts: ModuleFacts, names: set[str]) -> Iterator[Value]:
    """The classes that say that they implement an interface."""
    for declared in facts.classes:
        if any(parse_type(text).name in names for text in declared.implements):
            yield Instance(path, declared.index)


def _made_as(evaluator: Evaluator, path: str, facts: ModuleFacts, names: set[str]) -> Iterator[Value]:
    """The objects that are declared, returned or handed over as an interface."""
    for binding in facts.bindings:
        if binding.type_text and binding.value >= 0 and not binding.path and _means(binding.type_text, names):
            root = facts.roots[binding.value]
            yield from _made(evaluator.value(path, root.expr, root.scope))
    for function in facts.functions:
        if function.return_type and _means(function.return_type, names):
            for root in facts.roots_of(function.index):
                if root.role == "return":
                    yield from _made(evaluator.value(path, root.expr, root.scope))
        for position, parameter in enumerate(function.parameters):
            if parameter.type_text and _means(parameter.type_text, names):
                yield from _handed(evaluator, path, function, position)
    for declared in facts.classes:
        for member in declared.members:
            if member.type_text and member.value >= 0 and _means(member.type_text, names):
                root = facts.roots[member.value]
                yield from _made(evaluator.value(path, root.expr, root.scope))
    for shape in facts.interfaces:
        for name, text in shape.members:
            if _means(text, names):
                held = of_shape(evaluator, ShapeRef(path, shape))
                yield from _made(evaluator.member(held, name)) if held is not None else ()


def _handed(evaluator: Evaluator, path: str, function: Function, position: int) -> Iterator[Value]:
    target: Value | None = FunctionRef(path, function.index)
    if function.kind == "constructor":
        target = evaluator.class_value(path, function.owner)
    elif function.owner >= 0:
        return
    if isinstance(target, FunctionRef | ClassRef | PrismaClass):
        for module, argument, use in callers.handed(evaluator, target, position):
            if not evaluator.is_aside(module):
                yield from _made(evaluator.value(module, argument, use.root.scope))


def _means(text: str, names: set[str]) -> bool:
    return any(node.name in names for node in _parts(parse_type(text)))


def _parts(node: TypeText) -> Iterator[TypeText]:
    yield node
    if node.kind in ("union", "intersection") or node.name in ("Promise", "Partial", "Readonly", "Required"):
        for part in node.parts:
            yield from _parts(part)


def _made(value: Value | None) -> Iterator[Value]:
    """The objects that a value may be; those of an interface are found where they are made."""
    for option in options(value):
        if isinstance(option, ObjectRef | Instance | NamespaceRef):
            yield option


def of_abstract(evaluator: Evaluator, path: str, index: int) -> Value | None:
    """What an object of an abstract class is: an object of the one class that extends or implements it, or of one of
    several."""
    found: list[Value] = []
    for module, use in evaluator.uses(ClassRef(path, index)):
        facts = evaluator.facts(module)
        if facts is None or use.root.role != "extends" or evaluator.is_aside(module):
            continue
        if _is_for_tests(evaluator, module):
            continue
        for declared in facts.classes:
            if declared.extends >= 0 and facts.roots[declared.extends] is use.root:
                found.append(Instance(module, declared.index))
    own = evaluator.facts(path)
    if own is not None and own.classes[index].name:
        found += _everywhere(evaluator, path, own.classes[index].name, "implements", _declared)
    return _as_one(found)


def is_below(evaluator: Evaluator, value: Instance, other: Value | None) -> bool:
    """Whether the class of an object extends that of another one, also through classes in between."""
    facts = evaluator.facts(value.path)
    declared = facts.classes[value.index] if facts is not None else None
    if facts is None or declared is None or declared.extends < 0 or not isinstance(other, Instance):
        return False
    above = evaluator.value(value.path, facts.roots[declared.extends].expr, facts.scopes[declared.scope].parent)
    if not isinstance(above, ClassRef) or (above.path, above.index) == (value.path, value.index):
        return False
    one = Instance(above.path, above.index)
    return one == other or is_below(evaluator, one, other)
