"""What expressions, names, exports and types denote, across modules: the questions, and what is remembered of the
answers. How each kind of thing is answered stands in modules of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote import (
    callers,
    calls,
    carried,
    choices,
    classes,
    exports,
    global_values,
    members,
    names,
    parameters,
)
from prismafix.project.denote.annotations import Place, of_type
from prismafix.project.denote.types import parse_type
from prismafix.project.denote.values import (
    ClassRef,
    Client,
    External,
    FunctionRef,
    Global,
    Instance,
    ObjectRef,
    PrismaClass,
    ShapeRef,
    Value,
    Variables,
    merge,
)
from prismafix.project.index.syntax_index import ModuleIndex, Use, build_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.facts.model import Binding, Class, Expr, Function, ModuleFacts
    from prismafix.project.index.resolve import Resolver
    from prismafix.project.index.store import FactsStore

_DEPTH = 160
"""So many questions may wait for each other."""


class Evaluator:
    """Evaluates on demand and remembers. Every question is answered with None where the resolution ends."""

    def __init__(self, store: FactsStore, resolver: Resolver) -> None:
        self.store = store
        self.resolver = resolver
        self._indexes: dict[str, ModuleIndex] = {}
        self._uses: dict[object, tuple[tuple[str, Use], ...]] = {}
        self.is_aside: Callable[[str], bool] = lambda path: False
        """Whether a module is a test or script by its place: what it implements or hands over says nothing."""
        self._carried: dict[str, dict[tuple[str, str], list[Value | None]]] = {}
        self._knowing: list[str] | None = None
        self._globals: global_values.Globals | None = None
        self._answers: dict[object, Value | None] = {}
        self._waiting: dict[object, int] = {}
        self._lowest = _DEPTH  # of the waiting questions that were asked again since; _DEPTH for none
        accessors = {m.accessor for schema in store.workspace.schemas for m in schema.models}
        self.accessors: frozenset[str] = frozenset(accessors)

    def once(self, question: object, answer: Callable[[], Value | None]) -> Value | None:
        """The answer to a question, remembered. None while the same question waits further up: then what is found on
        the way back is kept only if it is an answer, since "unknown" may be for want of that one."""
        if question in self._answers:
            return self._answers[question]
        waiting = self._waiting.get(question)
        here = len(self._waiting)
        if waiting is not None or here >= _DEPTH:
            self._lowest = min(self._lowest, waiting or 0)
            return None
        self._waiting[question] = here
        outer, self._lowest = self._lowest, _DEPTH
        try:
            found = answer()
        finally:
            del self._waiting[question]
            inner, self._lowest = self._lowest, min(outer, self._lowest if self._lowest < here else _DEPTH)
        if found is not None or inner >= here:
            self._answers[question] = found
        return found

    # -- modules

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module."""
        return self.store.facts(path)

    def index(self, path: str) -> ModuleIndex:
        """The expression index of a module; empty when it could not be analysed."""
        found = self._indexes.get(path)
        if found is None:
            facts = self.store.facts(path)
            found = self._indexes[path] = build_index(facts) if facts is not None else ModuleIndex()
        return found

    def export(self, path: str, name: str) -> Value | None:
        """What the module exports under `name` (`default` and `module.exports` included)."""
        found = exports.exported(self, path, name, frozenset())
        return found if found != exports.AMBIGUOUS else None

    def imported(self, path: str, specifier: str, imported: str) -> Value | None:
        """What an import (of a name, `default`, or `*` for the namespace) gives in a module."""
        found = exports.imported(self, path, specifier, imported, frozenset())
        return found if found != exports.AMBIGUOUS else None

    # -- names

    def name(self, path: str, name: str, scope: int) -> Value | None:
        """What an identifier denotes, seen from a scope."""
        return names.named(self, path, name, scope)

    def binding(self, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
        """What a declared name denotes."""
        return names.bound(self, path, facts, binding)

    def filled(self, path: str, function: Function, position: int) -> Value | None:
        """What a parameter receives, by where its function is passed to or called."""
        return parameters.filled(self, path, function, position)

    # -- expressions

    def value(self, path: str, expr: Expr, scope: int) -> Value | None:
        """What an expression denotes. `await` is looked through: a promise of a client counts as the client."""
        question = (path, expr.start, expr.end, expr.kind)
        if question in self._answers:  # asked far more often than answered
            return self._answers[question]
        return self.once(question, lambda: self._value(path, expr, scope))

    def _value(self, path: str, expr: Expr, scope: int) -> Value | None:
        found = self._by_kind(path, expr, scope)
        return self.typed(found, path, expr.type_text, scope) if expr.type_text else found

    def typed(self, found: Value | None, path: str, text: str, scope: int) -> Value | None:
        """A value and its annotation: what is not known, comes out of a package or the runtime, or is an empty object
        is what its type says, if that is known."""
        empty = isinstance(found, ObjectRef) and not found.expr.children
        made = isinstance(found, Global) and found.names[-1] in ("()", "new()")
        if found is not None and not empty and not made and not isinstance(found, External | FunctionRef):
            return found
        told = self.type_value(path, text, scope)
        better = Client if empty or isinstance(found, FunctionRef) else Client | Instance | ShapeRef
        return told if found is None or isinstance(told, better) else found

    def _by_kind(self, path: str, expr: Expr, scope: int) -> Value | None:
        match expr.kind:
            case "name":
                return self.name(path, expr.text, scope)
            case "member":
                return members.of_expression(self, path, expr, scope)
            case "await" | "yield":
                return self.value(path, expr.children[0], scope) if expr.children else None
            case "call":
                return calls.called(self, path, expr, scope)
            case "new":
                return calls.constructed(self, path, expr, scope)
            case "function":
                return FunctionRef(path, expr.function) if expr.function >= 0 else None
            case "class":
                return self.class_value(path, expr.function) if expr.function >= 0 else None
            case "object":
                return ObjectRef(path, expr, scope)
            case "this":
                return classes.this(self, path, expr)
            case "super":
                return classes.base(self, path, expr)
            case "index":
                return members.chosen(self, path, expr, scope)
            case "binary":
                return self._binary(path, expr, scope)
            case "ternary":
                return merge(self.value(path, expr.children[1], scope), self.value(path, expr.children[2], scope))
            case "assign":
                return self.value(path, expr.children[1], scope)
            case "import":
                argument = expr.children[0] if expr.children else None
                found = argument is not None and argument.kind == "string"
                return exports.required(self, path, argument.text) if found and argument is not None else None
        return None

    def _binary(self, path: str, expr: Expr, scope: int) -> Value | None:
        left, right = expr.children
        if expr.text in ("&&", ","):
            return self.value(path, right, scope)
        if expr.text not in ("??", "||"):
            return None
        first, second = self.value(path, left, scope), self.value(path, right, scope)
        if isinstance(first, Global) and second is not None and global_values.is_unset(first):
            first = None  # `globalThis.cache ?? new Cache()`
        if isinstance(second, ShapeRef) and right.kind == "member" and choices.is_like_client(self, second):
            second = Client("")  # `tx ?? this.db`, where an interface lists what is used of a client
        choice = choices.of_parameter(self, path, left, scope) if isinstance(second, Client) else None
        if not isinstance(second, Client) or choice is None or second.kind != "outer":
            return merge(first, second)
        both = merge(first, second) if isinstance(first, Client) else second
        return replace(both, kind="either", choice=choice) if isinstance(both, Client) else both

    def along(self, value: Value | None, steps: tuple[str, ...]) -> Value | None:
        """Follow a destructuring path."""
        for step in steps:
            if step in ("...", "[]", "[key]"):
                return value if step == "..." and isinstance(value, ObjectRef | ShapeRef) else None
            if value is None:
                return None
            value = self.member(value, step)
        return value

    def returned(self, function: Value | None) -> Value | None:
        """What a call of a function gives; for an `async` one what its promise gives. Of one of several functions, what
        all of them give."""
        return calls.returned(self, function)

    # -- members and classes

    def member(self, value: Value | None, name: str) -> Value | None:
        """What `value.<name>` denotes."""
        return members.of_value(self, value, name)

    def class_value(self, path: str, index: int) -> Value | None:
        """A class of the project: a client class when it extends one."""
        return classes.denoted(self, path, index)

    def class_member(self, path: str, index: int, name: str, *, static: bool = False) -> Value | None:
        """A member of a class of the project, inherited ones included."""
        return classes.member(self, path, index, name, static=static)

    @staticmethod
    def owner_of(facts: ModuleFacts, offset: int) -> Class | None:
        """The innermost class around a byte offset, unless a `function` of its own `this` stands between."""
        return classes.owner_of(facts, offset)

    # -- types

    def type_value(self, path: str, text: str, scope: int = 0, variables: Variables = ()) -> Value | None:
        """What a value of a type denotes: a client for `PrismaClient`, an instance for a class, a shape for an
        interface. `variables` is what type parameters stand for."""
        place = Place(path, scope, variables)
        return self.once(("type", place, text), lambda: of_type(self, place, parse_type(text)))

    def globals(self) -> global_values.Globals:
        """Where the workspace puts something on the global object or declares it there."""
        if self._globals is None:
            self._globals = global_values.everything(self)
        return self._globals

    def carried(self, root: str) -> dict[tuple[str, str], list[Value | None]]:
        """What the modules of the package in the folder `root` put on objects that are handed around, by ("name" or
        "token", what it is called there)."""
        if root not in self._carried:
            self._carried[root] = {}
            if self._knowing is None:
                self._knowing = carried.knowing_a_client(self)
            waiting, self._waiting = self._waiting, {}
            self._carried[root] = carried.everything(
                self, [path for path in self._knowing if self.store.workspace.package_root(path) == root]
            )
            self._waiting = waiting
        return self._carried[root]

    # -- the other way round

    def uses(self, target: FunctionRef | ClassRef | PrismaClass) -> tuple[tuple[str, Use], ...]:
        """Where a function or a class is named as a value: (module, use), in its own module and where it is imported,
        through barrels too. Empty for one without a name that nobody can import."""
        found = self._uses.get(target)
        if found is None:
            self._uses[target] = ()  # a question of its own leads here again
            found = self._uses[target] = tuple(callers.uses(self, target))
        return found
