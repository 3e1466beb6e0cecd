"""What parameters receive: by their type, by their default, and by who hands something over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote import arrays, callers, contexts
from prismafix.project.denote.values import (
    Choice,
    ClassRef,
    Client,
    External,
    FunctionRef,
    Global,
    Operation,
    PrismaClass,
    PrismaNamespace,
    ShapeRef,
    Signature,
    Value,
    merge,
    options,
)

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use

_SAYS_NOTHING = frozenset(("", "any", "unknown", "object", "Function"))


def denoted(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
    """What a name that a parameter binds denotes."""
    steps = binding.path
    found: Value | None = None
    if binding.type_text:
        found = evaluator.along(evaluator.type_value(path, binding.type_text, binding.scope), steps)
    if found is None or isinstance(found, Signature):
        function = facts.functions[binding.function]
        handed = evaluator.along(evaluator.filled(path, function, binding.position), steps)
        found = handed if handed is not None else found
    if isinstance(found, ShapeRef) and not found.shape.name and found.given is None and found.holder is None:
        found = replace(found, given=Choice(path, binding.function, binding.position, steps))
    default = _default(evaluator, path, facts, binding)
    if isinstance(default, Client) and (found is None or isinstance(found, Client)):
        both = merge(found, default)
        choice = Choice(path, binding.function, binding.position, steps)
        return replace(both, kind="either", choice=choice) if isinstance(both, Client) else both
    return merge(found, default)


def _default(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
    """What a name stands for where nothing is handed over: `x = prisma`, `{ x = prisma }`, `{ x } = { x: prisma }`."""
    for index, steps in ((binding.default, ()), (binding.value, binding.path)):
        if index >= 0:
            root = facts.roots[index]
            found = evaluator.along(evaluator.value(path, root.expr, root.scope), steps)
            if found is not None:
                return found
    return None


def filled(evaluator: Evaluator, path: str, function: Function, position: int) -> Value | None:
    """What a parameter receives, by where its function is passed to or called."""

    def answer() -> Value | None:
        use = evaluator.index(path).functions.get(function.index)
        if use is not None and use.around and use.around[0].kind == "call":
            return _filled_by(evaluator, path, use.around[0], use.expr, use.root.scope, position)
        if use is not None and use.around and use.around[0].kind == "property":
            found = contexts.of_resolver(evaluator, path, position)
            if found is not None:
                return found
        if use is not None and use.root.role == "return" and use.root.expr is use.expr and use.root.function >= 0:
            found = _filled_as_result(evaluator, path, use, position)
            if found is not None:
                return found
        return _filled_by_callers(evaluator, path, function, position)

    return evaluator.once(("filled", path, function.index, position), answer)


def _filled_by(evaluator: Evaluator, path: str, call: Expr, argument: Expr, scope: int, position: int) -> Value | None:
    """What the callee hands to a callback: the transaction's client for `$transaction`, or what a wrapper of the
    project passes on. A wrapper may call itself with the same callback, to try again."""
    question = ("filled by", path, argument.start, argument.end, position)
    return evaluator.once(question, lambda: _handed_over(evaluator, path, call, argument, scope, position))


def _handed_over(
    evaluator: Evaluator, path: str, call: Expr, argument: Expr, scope: int, position: int
) -> Value | None:
    callee = evaluator.value(path, call.callee, scope)
    if isinstance(callee, Operation) and callee.name == "$transaction" and position == 0:
        return replace(callee.client, kind="transaction")
    if call.callee.kind == "member" and position == 0:
        receiver, method = call.callee.children[0], call.callee.text
        if callee is None and method == "$transaction":
            return Client("", "transaction")  # only Prisma has a method of that name
        if isinstance(callee, Operation) and method == "$extends":
            return callee.client
        if method == "then" and argument is (call.arguments or (None,))[0] and not isinstance(callee, FunctionRef):
            return evaluator.value(path, receiver, scope)
        if method in arrays.ITERATING and not isinstance(callee, FunctionRef | External):
            found = arrays.element(evaluator, path, receiver, scope)
            if found is not None:
                return found
        if method == "defineExtension":
            space = evaluator.value(path, receiver, scope)
            return Client(space.entry) if isinstance(space, PrismaNamespace) else None
    found = contexts.of_callback(evaluator, callee, position)
    if isinstance(callee, FunctionRef):
        found = _passed_on(evaluator, callee, call, argument, position)
    if found is None or isinstance(found, Global):
        told = _by_type(evaluator, callee, call, argument, position)
        return told if told is not None else found
    return found


def _by_type(evaluator: Evaluator, callee: Value | None, call: Expr, argument: Expr, position: int) -> Value | None:
    """What a callback receives, by the type of the parameter that takes it: `(work: (tx: Tx) => Promise<T>)`."""
    slot = call.arguments.index(argument) if argument in call.arguments else -1
    for option in options(callee):
        taken: Value | None = None
        if isinstance(option, Signature) and 0 <= slot < len(option.takes):
            taken = evaluator.type_value(option.path, option.takes[slot], option.scope, option.variables)
        elif isinstance(option, FunctionRef):
            facts = evaluator.facts(option.path)
            function = facts.functions[option.index] if facts is not None else None
            if function is not None and 0 <= slot < len(function.parameters):
                text = function.parameters[slot].type_text
                taken = evaluator.type_value(option.path, text, function.scope) if text else None
        if isinstance(taken, Signature) and position < len(taken.takes) and taken.takes[position]:
            found = evaluator.type_value(taken.path, taken.takes[position], taken.scope, taken.variables)
            if found is not None:
                return found
    return None


def _passed_on(evaluator: Evaluator, callee: FunctionRef, call: Expr, argument: Expr, position: int) -> Value | None:
    """What a function of the project hands to the callback that it receives."""
    facts = evaluator.store.facts(callee.path)
    if facts is None or argument not in call.arguments:
        return None
    wrapper = facts.functions[callee.index]
    slot = call.arguments.index(argument)
    if slot >= len(wrapper.parameters) or not wrapper.parameters[slot].name:
        return None
    callback = wrapper.parameters[slot].name
    for use in evaluator.index(callee.path).names.get(callback, ()):
        if not wrapper.start <= use.expr.start < wrapper.end or not use.around:
            continue
        outer = use.around[0]
        if outer.kind != "call":
            continue
        given = outer.arguments
        if outer.callee is use.expr and given and given[0].kind == "spread":
            found = all_passed_on(evaluator, callee.path, given[0], use.root.scope, position)
        elif outer.callee is use.expr and position < len(given):
            found = evaluator.value(callee.path, given[position], use.root.scope)
        elif use.expr in outer.arguments:
            found = _filled_by(evaluator, callee.path, outer, use.expr, use.root.scope, position)
        else:
            continue
        if found is not None:
            return found
    return None


def all_passed_on(evaluator: Evaluator, path: str, spread: Expr, scope: int, position: int) -> Value | None:
    """What a function hands on that passes all of its arguments: `(...args) => work(...args)`."""
    facts = evaluator.facts(path)
    name = spread.children[0].text if spread.children else ""
    binding = facts.lookup(name, scope) if facts is not None else None
    if facts is None or binding is None or binding.kind != "param":
        return None
    return evaluator.filled(path, facts.functions[binding.function], binding.position + position)


def _filled_as_result(evaluator: Evaluator, path: str, use: Use, position: int) -> Value | None:
    """What a function receives that another one gives: `$transaction(work(id))`, `work(id)(tx)`."""
    found: Value | None = None
    for module, outer in evaluator.uses(FunctionRef(path, use.root.function)):
        if not outer.around or outer.around[0].kind != "call" or outer.around[0].callee is not outer.expr:
            continue
        made, behind = outer.around[0], outer.around[1:]
        if not behind or behind[0].kind != "call":
            continue
        if behind[0].callee is made:
            given = behind[0].arguments
            inner = evaluator.value(module, given[position], outer.root.scope) if position < len(given) else None
        else:
            inner = _filled_by(evaluator, module, behind[0], made, outer.root.scope, position)
        found = merge(found, inner)
    return found


def of_property(evaluator: Evaluator, path: str, function: Function, position: int) -> Value | None:
    """What a constructor receives for a parameter property whose type says nothing, or is one of its type
    parameters."""
    told = function.parameters[position].type_text
    facts = evaluator.facts(path)
    if facts is None:
        return None
    owner = facts.classes[function.owner] if function.owner >= 0 else None
    if told not in _SAYS_NOTHING and (owner is None or told not in (name for name, _ in owner.type_parameters)):
        return None
    found = by_callers(evaluator, path, function, position)
    default = function.parameters[position].default
    if default < 0:
        return found
    return merge(found, evaluator.value(path, facts.roots[default].expr, facts.roots[default].scope))


def by_callers(evaluator: Evaluator, path: str, function: Function, position: int) -> Value | None:
    """What those hand over for a parameter, whatever its type, who call its function or construct its class. Tests and
    scripts do not count. None where anything that is handed over is not known."""

    def answer() -> Value | None:
        found: Value | None = None
        target = _target(evaluator, path, function)
        if target is None or (function.owner >= 0 and function.kind != "constructor"):
            return None
        if not callers.are_all_known(evaluator, target):
            return None
        for module, argument, use in callers.handed(evaluator, target, position):
            if not evaluator.is_aside(module):
                value = evaluator.value(module, argument, use.root.scope)
                if value is None:
                    return None
                found = merge(found, value)
        return found

    return evaluator.once(("by callers", path, function.index, position), answer)


def _filled_by_callers(evaluator: Evaluator, path: str, function: Function, position: int) -> Value | None:
    """What those hand over who call the function by its name, pass it on, or construct its class."""
    told = function.parameters[position].type_text if position < len(function.parameters) else ""
    if function.owner >= 0 and function.kind != "constructor":
        return None
    found: Value | None = None
    if told not in _SAYS_NOTHING:  # not worth the parse of other modules
        return _in_own_module(evaluator, path, function, position)
    target = _target(evaluator, path, function)
    for module, argument, use in callers.handed(evaluator, target, position) if target is not None else ():
        found = merge(found, evaluator.value(module, argument, use.root.scope))
    if found is not None or not isinstance(target, FunctionRef):
        return found
    for module, use in evaluator.uses(target):
        if use.around and use.around[0].kind == "call" and use.around[0].callee is not use.expr:
            found = merge(found, _filled_by(evaluator, module, use.around[0], use.expr, use.root.scope, position))
    return found


def _target(evaluator: Evaluator, path: str, function: Function) -> FunctionRef | ClassRef | PrismaClass | None:
    if function.owner < 0:
        return FunctionRef(path, function.index)
    value = evaluator.class_value(path, function.owner)
    return value if isinstance(value, ClassRef | PrismaClass) else None


def _in_own_module(evaluator: Evaluator, path: str, function: Function, position: int) -> Value | None:
    found: Value | None = None
    for use in evaluator.index(path).names.get(function.name, ()) if function.name else ():
        if use.around and use.around[0].kind == "call" and use.around[0].callee is use.expr:
            arguments = use.around[0].arguments
            if position < len(arguments) and evaluator.value(path, use.expr, use.root.scope) == FunctionRef(
                path, function.index
            ):
                found = merge(found, evaluator.value(path, arguments[position], use.root.scope))
    return found
