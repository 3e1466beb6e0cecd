"""What a call leads to, call by call, and which client a query there goes through when it is called like this.

`Effects` answers for a function whoever calls it. A function that takes its client as a parameter does the one thing
or the other, by what it is called with: here the arguments of each call on the way are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client, FunctionRef, Global, Instance, ObjectRef
from prismafix.project.index.source_name import source_name
from prismafix.project.reach.model import Step
from prismafix.project.reach.waiting import waits_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Binding, Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.denote.values import Value
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.reach.transactions import Transaction

_LONGEST = 600
"""So many calls are looked at below one call."""
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """One function on the way. `call` is where it was called from, in `path` and in the frame `outer`; None for the
    transaction's callback itself, which is `function`. `handed` are the names of its parameters that (may) hold the
    transaction's client; `private`: its receiver may have been made with it."""

    transaction: Transaction
    function: FunctionRef
    call: Use | None = None
    path: str = ""
    outer: Frame | None = None
    handed: frozenset[str] = frozenset()
    private: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """A call (`use`, in the module `path`) inside the function of `frame`, and the calls that lead there."""

    path: str
    use: Use
    frame: Frame
    steps: tuple[Step, ...]


class Absent:
    """The client of a parameter that the call does not pass."""


ABSENT = Absent()


def of_callback(transaction: Transaction) -> Frame:
    """The frame of a transaction's callback."""
    return Frame(transaction, FunctionRef(transaction.path, transaction.function))


def below(evaluator: Evaluator, path: str, use: Use, frame: Frame, depth: int) -> Iterator[Reach]:
    """The calls that a call in the function of `frame` leads to and waits for, at most `depth` functions deep, nearest
    first."""
    found: list[Reach] = []
    wave: list[tuple[str, Use, Frame, tuple[Step, ...]]] = [(path, use, frame, ())]
    seen: set[tuple[str, int, frozenset[str]]] = set()
    for _ in range(depth):
        following: list[tuple[str, Use, Frame, tuple[Step, ...]]] = []
        for where, call, around, steps in wave:
            entered = _enter(evaluator, where, call, around)
            if entered is None or (entered.function.path, entered.function.index, entered.handed) in seen:
                continue
            seen.add((entered.function.path, entered.function.index, entered.handed))
            facts = evaluator.facts(entered.function.path)
            if facts is None:
                continue
            declared = facts.functions[entered.function.index]
            name = source_name(call.expr.callee)
            path_to = (*steps, Step(name, entered.function.path, facts.line_of(declared.start)))
            for inner in evaluator.index(entered.function.path).calls_within(declared.start, declared.end):
                where_to = entered.function
                if not waits_for(evaluator, where_to.path, inner, where_to.index) or _skips(evaluator, inner, entered):
                    continue
                found.append(Reach(entered.function.path, inner, entered, path_to))
                following.append((entered.function.path, inner, entered, path_to))
                if len(found) > _LONGEST:
                    yield from found
                    return
        yield from found
        found, wave = [], following


def _enter(evaluator: Evaluator, path: str, use: Use, frame: Frame) -> Frame | None:
    """The function that a call runs, with what it is given; None when that is not known."""
    call = use.expr
    known = call.kind == "call" and _is_one_function(evaluator, path, call.callee, use.root.scope)
    callee = evaluator.value(path, call.callee, use.root.scope) if known else None
    facts = evaluator.facts(callee.path) if isinstance(callee, FunctionRef) else None
    if not isinstance(callee, FunctionRef) or facts is None:
        return None
    declared = facts.functions[callee.index]
    if declared.is_generator or (callee.path == frame.function.path and callee.index == frame.function.index):
        return None
    handed: set[str] = set()
    for position, parameter in enumerate(declared.parameters):
        given = call.arguments[position : None if parameter.rest else position + 1]
        if any(_carries(evaluator, path, argument, use.root.scope, frame) for argument in given):
            handed.update(parameter.names or (parameter.name,))
    if any(a.kind == "spread" for a in call.arguments) and frame.handed:
        handed.update(name for p in declared.parameters for name in p.names or (p.name,))
    receiver = call.callee.children[0] if call.callee.kind == "member" else None
    private = receiver is not None and not Clients(evaluator).is_steady(path, receiver, use.root.scope, frame)
    return Frame(frame.transaction, callee, use, path, frame, frozenset(handed), private)


def _is_one_function(evaluator: Evaluator, path: str, callee: Expr, scope: int) -> bool:
    """False for a function that is written in the call itself, whose body is looked at anyway, and for a parameter,
    which is one function here and another there."""
    if callee.kind != "name":
        return callee.kind != "function"
    facts = evaluator.facts(path)
    binding = facts.lookup(callee.text, scope) if facts is not None else None
    return binding is not None and binding.kind != "param"


def _carries(evaluator: Evaluator, path: str, expr: Expr, scope: int, frame: Frame) -> bool:
    """Whether an argument may hold the transaction's client: it names it, or something that was made of it."""
    facts = evaluator.facts(path)
    for part in expr.walk():
        if part.kind == "function":
            continue
        if part.kind == "name":
            if part.text in frame.handed or (frame.call is None and part.text == frame.transaction.parameter):
                return True
            binding = facts.lookup(part.text, scope) if facts is not None else None
            if facts is None or binding is None:
                continue
            value = evaluator.value(path, part, scope)
            if isinstance(value, Client) and value.kind != "outer":
                return True
            if binding.kind == "param" and binding.function == frame.function.index and frame.call is None:
                return True  # another parameter of the callback: an object that holds the client, perhaps
            if value is None and binding.kind in ("const", "let", "var") and binding.value >= 0:
                root = facts.roots[binding.value]
                inside = facts.functions[frame.function.index]
                made = root.expr.kind in ("object", "new", "call") and inside.start <= root.start < inside.end
                if made and root.expr is not expr and _names_it(root.expr, frame):
                    return True
    return False


def _names_it(expr: Expr, frame: Frame) -> bool:
    names = frame.handed if frame.call is not None else {frame.transaction.parameter}
    return any(part.kind == "name" and part.text in names for part in expr.walk())


def _skips(evaluator: Evaluator, use: Use, frame: Frame) -> bool:
    """Whether a call is not made when its function is called like this: behind `if (options.id)` without an `id`."""
    facts = evaluator.facts(frame.function.path)
    scope = use.root.scope
    while facts is not None and scope >= 0 and facts.scopes[scope].kind != "function":
        region = facts.scopes[scope]
        if region.head >= 0 and region.kind in ("if", "else"):
            told = _truth(facts, facts.roots[region.head].expr, region.parent, frame)
            if told is (region.kind == "else"):
                return True
        scope = region.parent
    for outer in use.around:
        if facts is None or outer.kind not in ("ternary", "binary") or use.expr.start < outer.children[1].start:
            continue
        told = _truth(facts, outer.children[0], use.root.scope, frame)
        if outer.kind == "binary":
            if (outer.text == "&&" and told is False) or (outer.text == "||" and told is True):
                return True
        elif told is (use.expr.start >= outer.children[2].start):
            return True
    return False


def _truth(facts: ModuleFacts, expr: Expr, scope: int, frame: Frame) -> bool | None:
    """Whether a condition on what a function is called with holds; None when that cannot be told."""
    if expr.kind == "binary" and expr.text in ("&&", "||"):
        sides = [_truth(facts, child, scope, frame) for child in expr.children]
        decisive = expr.text == "||"
        return decisive if decisive in sides else (None if None in sides else not decisive)
    if expr.kind == "binary" and expr.text == "in" and expr.children[0].kind == "string":
        return _has_key(facts, expr.children[1], expr.children[0].text, scope, frame)
    if expr.kind == "unary" and expr.text == "!":
        inner = _truth(facts, expr.children[0], scope, frame)
        return None if inner is None else not inner
    steps: tuple[str, ...] = ()
    while expr.kind == "member":
        expr, steps = expr.children[0], (expr.text, *steps)
    binding = facts.lookup(expr.text, scope) if expr.kind == "name" else None
    if binding is not None and binding.kind in ("const", "let") and binding.path and binding.value >= 0:
        base = facts.roots[binding.value].expr  # `const { id } = options`
        steps = (*binding.path, *steps)
        binding = facts.lookup(base.text, facts.roots[binding.value].scope) if base.kind == "name" else None
    if frame.call is None or binding is None or binding.kind != "param" or binding.function != frame.function.index:
        return None
    if not steps and binding.name in frame.handed:
        return True
    return _is_passed(facts, binding, (*binding.path, *steps), frame)


def _has_key(facts: ModuleFacts, expr: Expr, key: str, scope: int, frame: Frame) -> bool | None:
    """Whether an object has a key, where the call writes it out: `"id" in options`."""
    binding = facts.lookup(expr.text, scope) if expr.kind == "name" else None
    if binding is None or binding.kind != "param" or binding.function != frame.function.index or binding.path:
        return None
    arguments = frame.call.expr.arguments if frame.call is not None else ()
    given = arguments[binding.position] if binding.position < len(arguments) else None
    if given is None or given.kind != "object" or any(c.kind == "spread" or not c.text for c in given.children):
        return None
    return given.property_value(key) is not None


def _is_passed(facts: ModuleFacts, binding: Binding, steps: tuple[str, ...], frame: Frame) -> bool | None:
    """False for a parameter (or a property of one) that a call does not pass and that has no default, else None."""
    arguments = frame.call.expr.arguments if frame.call is not None else ()
    parameter = facts.functions[frame.function.index].parameters[binding.position]
    if parameter.rest or any(a.kind == "spread" for a in arguments):
        return None
    if binding.position >= len(arguments):
        return None if parameter.default >= 0 else False
    given = arguments[binding.position]
    if not steps or given.kind != "object" or any(c.kind == "spread" or not c.text for c in given.children):
        return None
    has_default = steps == binding.path and _default_of(facts, binding) >= 0
    return None if given.property_value(steps[0]) is not None or has_default else False


def is_decided(evaluator: Evaluator, frame: Frame | None) -> bool:
    """Whether a function on the way asks for the client that it was handed: `if (tx) … else …`."""
    while frame is not None and frame.call is not None:
        facts, index = evaluator.facts(frame.function.path), evaluator.index(frame.function.path)
        declared = facts.functions[frame.function.index] if facts is not None else None
        for name in frame.handed:
            for use in index.names.get(name, ()):
                if declared is None or not declared.start <= use.expr.start < declared.end:
                    continue
                if use.root.role == "condition" or any(
                    (outer.kind == "ternary" and use.expr.end <= outer.children[0].end)
                    or (outer.kind == "binary" and outer.text == "&&")
                    for outer in use.around
                ):
                    return True
        frame = frame.outer
    return False


class Clients:
    """Which client an expression in a frame denotes, when that is certain."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def certain(self, path: str, expr: Expr, scope: int, frame: Frame, depth: int = 0) -> Client | Absent | None:
        """The client, `ABSENT` for a parameter that is not passed, None for anything that is not certain."""
        if depth > _DEPTH:
            return None
        match expr.kind:
            case "await" if expr.children:
                return self.certain(path, expr.children[0], scope, frame, depth + 1)
            case "name":
                return self._name(path, expr, scope, frame, depth)
            case "member":
                return self._along(path, expr.children[0], (expr.text,), scope, frame, depth)
            case "this":
                return None if frame.private else self._known(path, expr, scope)
            case "new":
                return self._known(path, expr, scope)
            case "binary" if expr.text in ("??", "||"):
                left, right = expr.children
                if self._is_global(path, left, scope):
                    return self._known(path, expr, scope)
                first = self.certain(path, left, scope, frame, depth + 1)
                return self.certain(path, right, scope, frame, depth + 1) if isinstance(first, Absent) else first
            case "ternary":
                one, other = (self.certain(path, child, scope, frame, depth + 1) for child in expr.children[1:])
                if isinstance(one, Absent) or isinstance(other, Absent):
                    return other if isinstance(one, Absent) else one
                return one if one == other else None
            case "call":
                return self._call(path, expr, scope, frame, depth)
            case "literal" if expr.text in ("undefined", "null"):
                return ABSENT
        return None

    def ambient(self, path: str, expr: Expr, scope: int) -> bool:
        """Whether the client that an expression denotes may be that of the transaction around whoever asks."""
        value = self.evaluator.value(path, expr, scope)
        return isinstance(value, Client) and value.kind == "outer" and self._outer(value) is None

    def _known(self, path: str, expr: Expr, scope: int) -> Client | None:
        value = self.evaluator.value(path, expr, scope)
        return self._outer(value)

    def _outer(self, value: Value | None) -> Client | None:
        """A value that is an outer client, of a module that keeps no transaction aside for whoever asks."""
        if not isinstance(value, Client) or value.kind != "outer":
            return None
        modules = [where[0] for where in (value.origin, value.declared) if where is not None]
        return None if any(self._is_ambient(module) for module in modules) else value

    def _is_ambient(self, path: str) -> bool:
        """Whether a module works with asynchronous contexts: its client may be that of the transaction around."""
        store = self.evaluator.store
        return store.mentions(path, "AsyncLocalStorage") or store.mentions(path, "getStore")

    def _is_global(self, path: str, expr: Expr, scope: int) -> bool:
        """`globalThis.prisma`, also through a constant."""
        return expr.kind == "member" and isinstance(
            self.evaluator.value(path, expr.children[0], scope), Global | ObjectRef
        )

    def _name(self, path: str, expr: Expr, scope: int, frame: Frame, depth: int) -> Client | Absent | None:
        facts = self.evaluator.facts(path)
        binding = facts.lookup(expr.text, scope) if facts is not None else None
        if facts is None or binding is None:
            return None
        if facts.scopes[binding.scope].function < 0:
            return None if self._is_ambient(path) else self._module_level(path, expr, scope, binding)
        if binding.kind == "param":
            if _is_parameter(binding, path, frame):
                return self._passed(binding, facts, path, frame, binding.path, depth)
            return self._known(path, expr, scope) if self._encloses(path, facts, binding, frame) else None
        if binding.value < 0 or self._is_assigned(path, facts, binding):
            return None
        root = facts.roots[binding.value]
        if not self._encloses(path, facts, binding, frame) and not _is_inside(facts, binding, frame, path):
            return None
        if not binding.path:
            return self.certain(path, root.expr, root.scope, frame, depth + 1)
        return self._along(path, root.expr, binding.path, root.scope, frame, depth + 1)

    def _module_level(self, path: str, expr: Expr, scope: int, binding: Binding) -> Client | None:
        if binding.kind == "import":
            from prismafix.project.index.resolve import ModuleTarget

            facts = self.evaluator.facts(path)
            item = facts.imports[binding.target] if facts is not None else None
            target = self.evaluator.resolver.resolve(path, item.specifier) if item is not None else None
            if isinstance(target, ModuleTarget) and self._is_ambient(target.path):
                return None
        return self._known(path, expr, scope)

    def _along(
        self, path: str, base: Expr, steps: tuple[str, ...], scope: int, frame: Frame, depth: int
    ) -> Client | Absent | None:
        """What `base.<steps>` denotes."""
        if depth > _DEPTH:
            return None
        while base.kind == "member":
            base, steps = base.children[0], (base.text, *steps)
        if base.kind == "await" and base.children:
            return self._along(path, base.children[0], steps, scope, frame, depth + 1)
        if base.kind == "object":
            return self._property(path, base, steps, scope, frame, depth)
        if base.kind == "this":
            return None if frame.private else self._taken(self.evaluator.value(path, base, scope), steps)
        if base.kind != "name":
            return None
        facts = self.evaluator.facts(path)
        binding = facts.lookup(base.text, scope) if facts is not None else None
        if facts is None or binding is None:
            return None
        if binding.kind == "param" and _is_parameter(binding, path, frame):
            return self._passed(binding, facts, path, frame, (*binding.path, *steps), depth)
        if facts.scopes[binding.scope].function >= 0 and _is_inside(facts, binding, frame, path):
            if binding.value < 0 or self._is_assigned(path, facts, binding):
                return None
            root = facts.roots[binding.value]
            return self._along(path, root.expr, (*binding.path, *steps), root.scope, frame, depth + 1)
        if not self.is_steady(path, base, scope, frame):
            return None
        return self._taken(self.evaluator.value(path, base, scope), steps)

    def _taken(self, value: Value | None, steps: tuple[str, ...]) -> Client | None:
        """`this.prisma`, `ctx.db`: not where a getter gives it that may ask for the transaction around."""
        if isinstance(value, Instance) and self._is_computed(value, steps[0]):
            return None
        return self._outer(self.evaluator.along(value, steps))

    def _is_computed(self, value: Instance, name: str) -> bool:
        facts = self.evaluator.facts(value.path)
        member = facts.classes[value.index].member(name) if facts is not None else None
        return member is not None and member.kind == "getter" and self._is_ambient(value.path)

    def _passed(
        self, binding: Binding, facts: ModuleFacts, path: str, frame: Frame, steps: tuple[str, ...], depth: int
    ) -> Client | Absent | None:
        """What a parameter (or what `steps` take out of it) is, by what the call passes."""
        if frame.call is None or frame.outer is None:
            return None
        declared = facts.functions[frame.function.index]
        parameter = declared.parameters[binding.position]
        arguments = frame.call.expr.arguments
        if parameter.rest or any(a.kind == "spread" for a in arguments[: binding.position + 1]):
            return None
        scope = frame.call.root.scope
        found: Client | Absent | None = ABSENT
        if binding.position < len(arguments):
            given = arguments[binding.position]
            if steps:
                found = self._along(frame.path, given, steps, scope, frame.outer, depth + 1)
            else:
                found = self.certain(frame.path, given, scope, frame.outer, depth + 1)
        if not isinstance(found, Absent):
            return found
        default = parameter.default if not steps else _default_of(facts, binding) if steps == binding.path else -1
        if default < 0:
            return ABSENT
        root = facts.roots[default]
        return self.certain(path, root.expr, root.scope, frame, depth + 1)

    def _property(
        self, path: str, base: Expr, steps: tuple[str, ...], scope: int, frame: Frame, depth: int
    ) -> Client | Absent | None:
        value = base.property_value(steps[0])
        if value is None:
            return None if any(child.kind == "spread" or not child.text for child in base.children) else ABSENT
        if len(steps) == 1:
            return self.certain(path, value, scope, frame, depth + 1)
        return self._along(path, value, steps[1:], scope, frame, depth + 1)

    def _call(self, path: str, expr: Expr, scope: int, frame: Frame, depth: int) -> Client | None:
        """What a function of the project gives, where all that it returns is certain."""
        callee = self.evaluator.value(path, expr.callee, scope)
        facts = self.evaluator.facts(callee.path) if isinstance(callee, FunctionRef) else None
        if not isinstance(callee, FunctionRef) or facts is None:
            return None
        index = self.evaluator.index(path)
        use = next((use for use in index.calls_within(expr.start, expr.start + 1) if use.expr is expr), None)
        inner = _enter(self.evaluator, path, use, frame) if use is not None else None
        if inner is None or inner.handed or inner.private or self._is_ambient(callee.path):
            return None
        found: Client | None = None
        for root in facts.roots_of(callee.index):
            if root.role == "return":
                value = self._outer(self.evaluator.value(callee.path, root.expr, root.scope))
                if value is None or (found is not None and value != found):
                    return None
                found = value
        return found

    def is_steady(self, path: str, expr: Expr, scope: int, frame: Frame) -> bool:
        """Whether the object that a chain starts at was there before the transaction: of the module, a `this` that was
        not made in it, or of a function around the callback."""
        while expr.kind in ("member", "await") and expr.children:
            expr = expr.children[0]
        if expr.kind in ("this", "super"):
            return not frame.private
        if expr.kind == "new":
            return not expr.arguments
        if expr.kind == "call":
            return not expr.arguments and self.is_steady(path, expr.callee, scope, frame)
        facts = self.evaluator.facts(path)
        if expr.kind != "name" or facts is None:
            return False
        binding = facts.lookup(expr.text, scope)
        if binding is None or facts.scopes[binding.scope].function < 0:
            return True
        return self._encloses(path, facts, binding, frame) and not self._is_assigned(path, facts, binding)

    @staticmethod
    def _encloses(path: str, facts: ModuleFacts, binding: Binding, frame: Frame) -> bool:
        """Whether a name is declared in a function around the transaction's callback, not in it."""
        transaction = frame.transaction
        around = facts.scopes[binding.scope]
        return path == transaction.path and around.start < transaction.start and transaction.end <= around.end

    def _is_assigned(self, path: str, facts: ModuleFacts, binding: Binding) -> bool:
        if binding.kind == "const":
            return False
        return any(
            use.expr.children[0].kind == "name" and facts.lookup(binding.name, use.root.scope) is binding
            for use in self.evaluator.index(path).assignments.get(binding.name, ())
        )


def _is_parameter(binding: Binding, path: str, frame: Frame) -> bool:
    return path == frame.function.path and binding.function == frame.function.index and frame.call is not None


def _is_inside(facts: ModuleFacts, binding: Binding, frame: Frame, path: str) -> bool:
    """Whether a name is declared in the function of the frame."""
    if path != frame.function.path:
        return False
    declared = facts.functions[frame.function.index]
    return declared.start <= binding.start < declared.end


def _default_of(facts: ModuleFacts, binding: Binding) -> int:
    """The default of a name in a pattern, as in `{ client = prisma }`: the index of its root, -1 for none."""
    behind = binding.start + len(binding.name)
    for index, root in enumerate(facts.roots):
        if root.role == "default" and behind < root.start <= behind + 4:
            return index
    return -1
