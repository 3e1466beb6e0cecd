"""Classes of the project: what they denote, their members, and what `this` is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote import carried, implementations, parameters
from prismafix.project.denote.values import (
    Choice,
    ClassRef,
    Client,
    FunctionRef,
    Instance,
    NamespaceRef,
    ObjectRef,
    PrismaClass,
    ShapeRef,
    Value,
    merge,
)

if TYPE_CHECKING:
    from prismafix.facts.model import Class, Expr, Member, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator


def denoted(evaluator: Evaluator, path: str, index: int) -> Value | None:
    """A class of the project: a client class when it extends one."""
    facts = evaluator.store.facts(path)
    if facts is None:
        return None
    declared = facts.classes[index]
    if declared.extends >= 0:
        root = facts.roots[declared.extends]
        base = evaluator.value(path, root.expr, facts.scopes[declared.scope].parent)
        if isinstance(base, PrismaClass):
            return replace(base, declared=(path, index))
    return ClassRef(path, index)


def this(evaluator: Evaluator, path: str, expr: Expr) -> Value | None:
    """What `this` denotes where it stands."""
    facts = evaluator.store.facts(path)
    if facts is None:
        return None
    owner = owner_of(facts, expr.start)
    if owner is None:
        around = _object_around(evaluator, path, facts, expr.start)
        return around if around is not None else _exports(path, facts, expr.start)
    value = evaluator.class_value(path, owner.index)
    if isinstance(value, PrismaClass):
        return Client(value.entry, "outer", None, declared=value.declared)
    return ClassRef(path, owner.index) if _is_static(facts, owner, expr.start) else Instance(path, owner.index)


def _object_around(evaluator: Evaluator, path: str, facts: ModuleFacts, offset: int) -> Value | None:
    """The object literal whose method a byte offset lies in."""
    scope = facts.scope_at(offset)
    while scope >= 0:
        region = facts.scopes[scope]
        if region.kind == "function" and facts.functions[region.function].kind != "arrow":
            use = evaluator.index(path).functions.get(region.function)
            held = use is not None and len(use.around) > 1 and use.around[0].kind == "property"
            return ObjectRef(path, use.around[1], use.root.scope) if use is not None and held else None
        scope = region.parent
    return None


def _exports(path: str, facts: ModuleFacts, offset: int) -> Value | None:
    """At the top of a CommonJS module, and in arrow functions there, `this` is what it exports, unless it exports
    another object (https://nodejs.org/api/modules.html#the-module-wrapper)."""
    if facts.imports or not facts.exports or any(e.value < 0 or e.name == "module.exports" for e in facts.exports):
        return None
    function = facts.scopes[facts.scope_at(offset)].function
    while function >= 0 and facts.functions[function].kind == "arrow":
        function = facts.functions[function].parent
    return NamespaceRef(path) if function < 0 else None


def base(evaluator: Evaluator, path: str, expr: Expr) -> Value | None:
    """What `super` denotes where it stands: `this`, as the class above sees it."""
    facts = evaluator.facts(path)
    owner = owner_of(facts, expr.start) if facts is not None else None
    if facts is None or owner is None or owner.extends < 0:
        return None
    above = evaluator.value(path, facts.roots[owner.extends].expr, facts.scopes[owner.scope].parent)
    if isinstance(above, PrismaClass):
        return Client(above.entry, declared=above.declared)
    if not isinstance(above, ClassRef) or _is_static(facts, owner, expr.start):
        return above
    return Instance(above.path, above.index)


def _is_static(facts: ModuleFacts, owner: Class, offset: int) -> bool:
    """Whether a byte offset in a class lies in a static member, where `this` is the class itself."""
    for item in owner.members:
        if not item.is_static:
            continue
        function = facts.functions[item.function] if item.function >= 0 else None
        root = facts.roots[item.value] if item.value >= 0 else None
        if function is not None and function.start <= offset < function.end:
            return True
        if root is not None and root.expr.start <= offset < root.expr.end:
            return True
    return False


def owner_of(facts: ModuleFacts, offset: int) -> Class | None:
    """The innermost class around a byte offset, unless a `function` of its own `this` stands between."""
    scope = facts.scope_at(offset)
    while scope >= 0:
        region = facts.scopes[scope]
        if region.kind == "function":
            function = facts.functions[region.function]
            if function.owner >= 0:
                return facts.classes[function.owner]
            if function.kind in ("declaration", "expression"):
                return None
        if region.kind == "class":
            return next((c for c in facts.classes if c.scope == scope), None)
        scope = region.parent
    return None


def member(evaluator: Evaluator, path: str, index: int, name: str, *, static: bool = False) -> Value | None:
    """A member of a class of the project, inherited ones included."""
    facts = evaluator.store.facts(path)
    if facts is None:
        return None

    def answer() -> Value | None:
        declared = facts.classes[index]
        own = _own_member(evaluator, path, facts, declared, name, static)
        if own is not None or declared.extends < 0:
            return own
        base = evaluator.value(path, facts.roots[declared.extends].expr, facts.scopes[declared.scope].parent)
        return (
            evaluator.class_member(base.path, base.index, name, static=static) if isinstance(base, ClassRef) else None
        )

    return evaluator.once(("class member", path, index, name, static), answer)


def _own_member(
    evaluator: Evaluator, path: str, facts: ModuleFacts, declared: Class, name: str, static: bool
) -> Value | None:
    found: Value | None = None
    for item in declared.members:
        if item.name != name or item.is_static != static:
            continue
        if item.kind == "abstract":
            below = implementations.of_abstract(evaluator, path, declared.index)
            found = evaluator.member(below, name) if below is not None else None
            return found if found is not None else evaluator.type_value(path, item.type_text, declared.scope)
        if item.kind == "getter":
            return evaluator.returned(FunctionRef(path, item.function))
        if item.function >= 0:
            return FunctionRef(path, item.function)
        if item.value >= 0:
            root = facts.roots[item.value]
            found = evaluator.value(path, root.expr, root.scope)
        if item.type_text:
            found = evaluator.typed(found, path, item.type_text, declared.scope)
        if item.kind == "parameter-property":
            found = _constructed_with(evaluator, path, facts, declared, item, found)
    if found is None:
        found = _assigned(evaluator, path, declared, name, static)
        return found if found is not None or static else _of_subclass(evaluator, path, declared, name)
    if isinstance(found, Client) and found.kind == "either":  # `model: Pick<PrismaService, "user">` says too little
        given = _assigned(evaluator, path, declared, name, static)
        return given if isinstance(given, Client) else found
    return found


def _constructed_with(
    evaluator: Evaluator, path: str, facts: ModuleFacts, declared: Class, item: Member, told: Value | None
) -> Value | None:
    """What a constructor's parameter property is: what its type says, a container gives for its token, or, where the
    type says nothing, whoever constructs the class."""
    for index in [m.function for m in declared.members if m.name == "constructor"]:
        function = facts.functions[index]
        for position, parameter in enumerate(function.parameters):
            if parameter.start != item.start:
                continue
            if isinstance(told, ShapeRef) and not told.shape.name and told.given is None:
                return replace(told, given=Choice(path, index, position))
            if told is None:
                found = carried.injected(evaluator, path, facts, item.start, [index])
                return found if found is not None else parameters.of_property(evaluator, path, function, position)
    return told


def _of_subclass(evaluator: Evaluator, path: str, declared: Class, name: str) -> Value | None:
    """What a field is that a class declares and leaves to the classes that extend it."""
    field = declared.member(name)
    if field is None or field.kind != "field" or field.value >= 0:
        return None
    below = implementations.of_abstract(evaluator, path, declared.index)
    return evaluator.member(below, name) if below is not None else None


def _assigned(evaluator: Evaluator, path: str, declared: Class, name: str, static: bool) -> Value | None:
    """What a class assigns to a member of its own."""
    found: Value | None = None
    for use in evaluator.index(path).assignments.get(name, ()):
        target = use.expr.children[0]
        inside = declared.start <= use.expr.start < declared.end
        if inside and target.kind == "member" and _is_own(evaluator, path, target, declared, use.root.scope, static):
            found = merge(found, evaluator.value(path, use.expr.children[1], use.root.scope))
    return found


def _is_own(evaluator: Evaluator, path: str, target: Expr, declared: Class, scope: int, static: bool) -> bool:
    """Whether an assignment in a class is to a member of its own: `this.db = …`, `Db.one = …` for a static one."""
    receiver = target.children[0]
    if receiver.kind == "this" or not static:
        return receiver.kind == "this"
    value = evaluator.value(path, receiver, scope)
    return value == ClassRef(path, declared.index) or (
        isinstance(value, PrismaClass) and value.declared == (path, declared.index)
    )
