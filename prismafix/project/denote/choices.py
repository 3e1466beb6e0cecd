"""Which client a call chooses, where the called function takes one: `tx ?? prisma`, `db = prisma`, `{ tx }`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Choice, ClassRef, Client, FunctionRef

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.denote.values import ShapeRef, Value

_LINKS = 3
"""So many names, or functions that hand a client on, are followed."""


def of_parameter(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Choice | None:
    """The parameter, and the way into it, that an expression reads: `tx`, `options.tx`, a constant made of these."""
    steps: tuple[str, ...] = ()
    while expr.kind == "member":
        steps = (expr.text, *steps)
        expr = expr.children[0]
    facts = evaluator.facts(path)
    binding = facts.lookup(expr.text, scope) if facts is not None and expr.kind == "name" else None
    if facts is None or binding is None or any(step in ("...", "[]", "[key]") for step in binding.path):
        return None
    if binding.kind == "param":
        return Choice(path, binding.function, binding.position, (*binding.path, *steps))
    if binding.kind == "const" and binding.value >= 0:
        root = facts.roots[binding.value]
        if root.expr.kind in ("name", "member"):
            outer = of_parameter(evaluator, path, root.expr, root.scope)
            return replace(outer, steps=(*outer.steps, *binding.path, *steps)) if outer is not None else None
    return None


def source_of(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Choice | None:
    """The parameter that a client comes from: as above, or that of the constructor that puts it into a field."""
    found = of_parameter(evaluator, path, expr, scope)
    if found is not None or expr.kind != "member" or expr.children[0].kind != "this":
        return found
    facts = evaluator.facts(path)
    owner = evaluator.owner_of(facts, expr.start) if facts is not None else None
    if facts is None or owner is None:
        return None
    made = next((facts.functions[m.function] for m in owner.members if m.name == "constructor"), None)
    field = owner.member(expr.text)
    if made is None or field is None or field.function >= 0 or field.value >= 0:
        return None
    if field.kind == "parameter-property":
        places = [place for place, parameter in enumerate(made.parameters) if parameter.start == field.start]
        return Choice(path, made.index, places[0]) if places else None
    given = [
        use
        for use in evaluator.index(path).assignments.get(expr.text, ())
        if owner.start <= use.expr.start < owner.end and use.expr.children[0].children[:1]
    ]
    if len(given) != 1 or given[0].expr.children[0].children[0].kind != "this":
        return None
    source = of_parameter(evaluator, path, given[0].expr.children[1], given[0].root.scope)
    return source if source is not None and source.function == made.index else None


def settled(evaluator: Evaluator, path: str, call: Expr, scope: int, function: FunctionRef, client: Client) -> Client:
    """The client that a function queries through when it is called so: the one that it falls back to where the call
    hands over none, else the one handed over. As it was, where that cannot be told."""
    choice = client.choice
    if client.kind == "outer" or choice is None:
        return client
    made = call
    if (choice.path, choice.function) != (function.path, function.index):
        maker = _maker(evaluator, path, call, scope, choice)
        if maker is None:
            return client
        made, path, scope = maker
    given = made.arguments
    if any(argument.kind == "spread" for argument in given[: choice.position + 1]):
        return client
    value: Expr | None = given[choice.position] if choice.position < len(given) else None
    steps = choice.steps
    while value is not None and steps and value.kind == "object":
        if any(child.kind == "spread" or not child.text for child in value.children):
            return client
        value, steps = value.property_value(steps[0]), steps[1:]
    if value is None or (value.kind == "literal" and value.text in ("undefined", "null")):
        return replace(client, kind="outer", choice=None) if client.kind == "either" else client
    handed = evaluator.along(evaluator.value(path, value, scope), steps)
    further = source_of(evaluator, path, value, scope)
    passed_on = replace(further, steps=(*further.steps, *steps)) if further is not None else None
    if not isinstance(handed, Client):
        return replace(client, choice=passed_on)
    return replace(client, kind=handed.kind, choice=handed.choice or passed_on)


def _maker(evaluator: Evaluator, path: str, call: Expr, scope: int, choice: Choice) -> tuple[Expr, str, int] | None:
    """The call that made what a call is of, if it is one of the function (or of the class whose constructor it is)
    whose parameter was chosen: `users(tx).find(id)`, `const users = new Users(tx); users.find(id)`."""
    made: Expr | None = call.callee.children[0] if call.callee.kind == "member" else call.callee
    for _ in range(_LINKS):
        while made is not None and made.kind == "await" and made.children:
            made = made.children[0]
        if made is None or made.kind in ("call", "new"):
            break
        facts = evaluator.facts(path)
        binding = facts.lookup(made.text, scope) if facts is not None and made.kind == "name" else None
        if facts is None or binding is None or binding.kind != "const" or binding.value < 0:
            return None
        root = facts.roots[binding.value]
        made, scope = root.expr, root.scope
    if made is None or made.kind not in ("call", "new"):
        return None
    callee = evaluator.value(path, made.callee, scope)
    if made.kind == "call":
        return (made, path, scope) if callee == FunctionRef(choice.path, choice.function) else None
    facts = evaluator.facts(choice.path)
    owner = facts.functions[choice.function].owner if facts is not None else -1
    return (made, path, scope) if callee == ClassRef(choice.path, owner) and owner >= 0 else None


def of_callers(evaluator: Evaluator, client: Client, depth: int = 0) -> Client:
    """The client of a parameter, by who calls its function or constructs its class: the outer one, if anybody hands
    that over; as it was, where nobody is seen to. Tests and scripts do not count."""
    choice = client.choice
    facts = evaluator.facts(choice.path) if choice is not None else None
    if client.kind == "outer" or choice is None or facts is None or depth > _LINKS:
        return client
    function = facts.functions[choice.function]
    target: Value | None = FunctionRef(choice.path, choice.function)
    if function.kind == "constructor":
        target = evaluator.class_value(choice.path, function.owner)
    elif function.owner >= 0:
        return client
    form = "new" if isinstance(target, ClassRef) else "call"
    for module, use in evaluator.uses(target) if isinstance(target, FunctionRef | ClassRef) else ():
        made = use.around[0] if use.around else None
        if made is not None and choice.position >= len(made.arguments) and _is_tested(evaluator, choice):
            continue  # `if (tx) … else …`
        if evaluator.is_aside(module) or made is None or made.kind != form or made.callee is not use.expr:
            continue
        function_called = FunctionRef(choice.path, choice.function)
        handed = settled(evaluator, module, made, use.root.scope, function_called, client)
        handed = of_callers(evaluator, handed, depth + 1)
        if handed.kind == "outer":
            return handed
    return client


def _is_tested(evaluator: Evaluator, choice: Choice) -> bool:
    """Whether a function asks whether it was handed a client."""
    facts = evaluator.facts(choice.path)
    function = facts.functions[choice.function] if facts is not None else None
    return function is not None and any(
        use.root.role == "condition" and function.start <= use.expr.start < function.end
        for name in function.parameters[choice.position].names or (function.parameters[choice.position].name,)
        for use in evaluator.index(choice.path).names.get(name, ())
    )


def is_like_client(evaluator: Evaluator, ref: ShapeRef) -> bool:
    """Whether an interface lists members of a client: what only Prisma has, or several models of the schema."""
    names = {name for name, _ in ref.shape.members}
    return any(name.startswith("$") for name in names) or len(names & evaluator.accessors) > 1
