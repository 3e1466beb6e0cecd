"""Calls of a function's own parameters, `fn(item)`, and what the calls of that function hand over for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.values import FunctionRef, Signature, options
from prismafix.project.reach.purity import PURE_METHODS

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameter at `position` of a function; `steps` into it where it is an object: `onItem` of `options`. `name`
    is how it is called; `default` an index into the module's `roots`, -1 for none."""

    path: str
    function: int
    position: int
    steps: tuple[str, ...]
    name: str
    default: int = -1


@dataclass(frozen=True, slots=True)
class Handed:
    """What a call hands over for a parameter, and that is known: nothing, or a function written on the spot (both
    empty: there is nothing more to count), a parameter of the caller in turn, or a `function` that has to be counted
    yet: a property holds it, or it is the default."""

    asked: Asked | None = None
    function: FunctionRef | None = None


def asked_by(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Asked | None:
    """The parameter that an expression is, if it is one whose type does not say what it does: `fn`, `options.fn`."""
    chain = expr.chain()
    facts = evaluator.facts(path)
    if facts is None or not chain or len(chain) > 2 or chain[0] == "this":
        return None
    binding = facts.lookup(chain[0], scope)
    if binding is None or binding.kind != "param" or "..." in binding.path or "[]" in binding.path:
        return None
    typed = len(chain) == 1 and binding.type_text and not binding.path
    if typed and not isinstance(evaluator.type_value(path, binding.type_text), Signature | None):
        return None
    if len(chain) == 2:
        if binding.path or expr.text in PURE_METHODS:
            return None
        known = options(evaluator.value(path, expr, scope))  # by all who call the function: this call may say it better
        if not all(isinstance(one, Signature | FunctionRef | None) for one in known):
            return None
        function = facts.functions[binding.function]
        parameter = function.parameters[binding.position] if binding.position < len(function.parameters) else None
        if parameter is None or not _is_options(parameter.type_text):
            return None
    default = -1 if len(chain) == 2 else binding.default if binding.path else binding.value
    return Asked(path, binding.function, binding.position, (*binding.path, *chain[1:]), ".".join(chain), default)


def _is_options(type_text: str) -> bool:
    """Whether a parameter's type is written out as an object: what callers pass for it is an object literal."""
    return type_text.lstrip().startswith("{")


def handed_to(evaluator: Evaluator, path: str, use: Use, asked: Asked) -> Handed | None:
    """What a call of a function hands over for one of its parameters; None when that is not known."""
    arguments = use.expr.arguments if use.expr.kind in ("call", "new") else ()
    if any(argument.kind == "spread" for argument in arguments[: asked.position + 1]):
        return None
    if asked.position >= len(arguments):
        return by_default(evaluator, asked)
    value = arguments[asked.position]
    for step in asked.steps:
        if value.kind != "object":
            return None
        if any(child.kind == "spread" for child in value.children) and value.property_value(step) is None:
            return None
        inner = value.property_value(step)
        if inner is None:
            return by_default(evaluator, asked)
        value = inner
    if value.kind in ("function", "literal"):
        return Handed()
    if value.kind not in ("name", "member"):
        return None
    further = asked_by(evaluator, path, value, use.root.scope)
    if further is not None:
        return Handed(asked=further)
    known = evaluator.value(path, value, use.root.scope)
    if not isinstance(known, FunctionRef):
        return None
    return Handed(function=known) if asked.steps else Handed()  # an argument by name counts where it is handed over


def by_default(evaluator: Evaluator, asked: Asked) -> Handed | None:
    """What a parameter is when nothing is handed over for it."""
    facts = evaluator.facts(asked.path)
    if facts is None or asked.default < 0:
        return Handed()
    root = facts.roots[asked.default]
    if root.expr.kind in ("literal", "function"):
        return Handed()  # a function counts where it is written
    found = evaluator.value(asked.path, root.expr, root.scope)
    return Handed(function=found) if isinstance(found, FunctionRef) else None
