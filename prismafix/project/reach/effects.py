"""What a call of a function does: the queries it reaches, by which path, and whatever else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote.choices import of_callers, settled
from prismafix.project.denote.handed import Asked, Handed, asked_by, by_default, handed_to
from prismafix.project.denote.implementations import is_below
from prismafix.project.denote.parameters import by_callers
from prismafix.project.denote.values import (
    ClassRef,
    External,
    FunctionRef,
    Global,
    Instance,
    OneOf,
    Operation,
    PrismaClass,
    options,
)
from prismafix.project.fan_out.sizes import SMALL, constant_size
from prismafix.project.index.source_name import source_name
from prismafix.project.reach.changes import changes
from prismafix.project.reach.forms import CONSTANT, forwards, makes_functions, only_makes, outside_calls
from prismafix.project.reach.limiters import is_limiter, is_own_limiter, is_shared_limiter, limits
from prismafix.project.reach.model import Effects, Note, Reached, Step
from prismafix.project.reach.purity import (
    CALLING_GLOBALS,
    CHANGING_METHODS,
    PURE_GLOBALS,
    PURE_METHODS,
    RUNNING_METHODS,
    is_fresh,
    is_pure,
)
from prismafix.project.reach.queries import query_of
from prismafix.project.reach.stages import waited_before
from prismafix.project.reach.waiting import drops

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, Function
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use


class EffectsOf:
    """Walks the call graph on demand, at most `depth` calls deep."""

    def __init__(self, evaluator: Evaluator, depth: int) -> None:
        self.evaluator = evaluator
        self.depth = depth
        self._known: dict[tuple[str, int, int, bool, Instance | None], Effects] = {}
        self._busy: set[tuple[str, int]] = set()
        self._deeper = False
        self._this: Instance | None = None  # what `this` is in the function that is looked at; None: of its own class

    def of_function(self, function: FunctionRef) -> Effects:
        """The effects of calling a function, whoever calls it."""
        return self._with_callers(self._of_function(function, self.depth))

    def of_span(self, path: str, start: int, end: int, apart: tuple[tuple[int, int], ...] = ()) -> Effects:
        """The effects of the calls written between two byte offsets of a module, but not of those in the spans
        `apart`."""
        return self._with_callers(self._of_span(path, start, end, self.depth, None, apart))

    def _of_function(self, function: FunctionRef, left: int) -> Effects:
        """The effects of calling a function, with at most `left` further calls deep."""
        key = (function.path, function.index, left, self._deeper, self._this)
        if key in self._known:
            return self._known[key]
        facts = self.evaluator.facts(function.path)
        if facts is None:
            return Effects()
        self._busy.add((function.path, function.index))
        try:
            declared = facts.functions[function.index]
            found = self._of_span(function.path, declared.start, declared.end, left, declared)
        finally:
            self._busy.discard((function.path, function.index))
        if not any((again.path, again.index) in self._busy for again in found.repeated):
            self._known[key] = found  # else it was cut short by a caller that is still being asked
        return found

    def _of_span(
        self,
        path: str,
        start: int,
        end: int,
        left: int,
        within: Function | None,
        apart: tuple[tuple[int, int], ...] = (),
    ) -> Effects:
        total = changes(self.evaluator, path, start, end, apart)
        for use in self.evaluator.index(path).calls_within(start, end):
            if not any(first <= use.expr.start < last for first, last in apart):
                found = self._of_call(path, use, left, within, (start, end))
                total += self._later(path, use, found) if found.throws else found
        return total

    def _later(self, path: str, use: Use, found: Effects) -> Effects:
        """What a call does, whose errors come after what is waited for before the call."""
        facts = self.evaluator.facts(path)
        before = -1
        if facts is not None and any(thrown.stage is None for thrown in found.throws):
            before = waited_before(facts, use.root.function, use.root.scope, use.root.start)
        if before < 0:
            return found
        return replace(found, throws=tuple(replace(t, stage=t.stage or (path, before)) for t in found.throws))

    def _with_callers(self, found: Effects) -> Effects:
        """Calls of parameters, and clients in parameters, whose function was not entered by a call that is known: what
        its callers hand over: functions as far as all of them agree, and the outer client if one of them does."""
        total = replace(found, unknown=tuple(note for note in found.unknown if note.asked is None))
        if total.queries and all(reached.query.client.kind != "outer" for reached in total.queries):
            total = replace(total, queries=tuple(self._through_callers(q) for q in total.queries))
        for note in found.unknown:
            if note.asked is None:
                continue
            facts = self.evaluator.facts(note.asked.path)
            filled = None
            if facts is not None:
                function = facts.functions[note.asked.function]
                filled = self.evaluator.filled(note.asked.path, function, note.asked.position)
                # in an object whose type is written out, or given once to what makes the function that calls it
                if filled is None and (note.asked.steps or makes_functions(facts, note.asked.function)):
                    filled = by_callers(self.evaluator, note.asked.path, function, note.asked.position)
                filled = self.evaluator.along(filled, note.asked.steps)
                if filled is None and note.asked.default >= 0:
                    default = by_default(self.evaluator, note.asked)
                    filled = default.function if default is not None else None
            each = [option for option in options(filled) if isinstance(option, FunctionRef)]
            if each and len(each) == len(options(filled)):
                results = [self._into(option, note.asked.name, note.left) for option in each]
                inner = self._agreed(each, results, note.asked.name, note.path, note.line)
                total += replace(inner, unknown=tuple(n for n in inner.unknown if n.asked is None))
            else:
                total += Effects(unknown=(note,))
        return total

    def _through_callers(self, reached: Reached) -> Reached:
        client = of_callers(self.evaluator, reached.query.client)
        return replace(reached, query=replace(reached.query, client=client))

    def _of_call(self, path: str, use: Use, left: int, within: Function | None, span: tuple[int, int]) -> Effects:
        evaluator, call, scope = self.evaluator, use.expr, use.root.scope
        facts = evaluator.facts(path)
        if facts is None:
            return Effects()
        line = facts.line_of(call.start)
        if call.kind in ("call", "tagged"):
            query = query_of(evaluator, path, call, scope)
            if query is not None:
                text = source_name(call.callee)
                return Effects(
                    (
                        Reached(
                            query,
                            path,
                            call.start,
                            line,
                            text,
                            (),
                            in_array_transaction(evaluator, path, use),
                            limits(evaluator, path, use, span),
                            self._rescues(path, use),
                            drops(evaluator, path, use),
                        ),
                    )
                )
        name = source_name(call.callee)
        asked = asked_by(evaluator, path, call.callee, scope)
        if asked is not None:
            note = Note(f"calls {name}, which could not be resolved", path, line, asked, left)
            return self._by_reference(path, use, left, None) + Effects(unknown=(note,))
        callee = self._overridden(path, call, scope) or evaluator.value(path, call.callee, scope)
        inner = self._by_reference(path, use, left, callee)
        if inner.queries and is_shared_limiter(evaluator, path, call, scope, callee, span):  # `limit(load, id)`
            inner = replace(inner, queries=tuple(replace(q, limited=True) for q in inner.queries))
        match callee:
            case FunctionRef() if is_own_limiter(evaluator, callee):
                return inner
            case FunctionRef():
                found = inner + self._called(path, use, left, callee, name)
                if found.queries and limits(evaluator, path, use, span):
                    found = replace(found, queries=tuple(replace(q, limited=True) for q in found.queries))
                if found.queries and self._rescues(path, use):
                    found = replace(found, queries=tuple(replace(q, rescue=True) for q in found.queries))
                if found.queries and drops(evaluator, path, use) and self._is_async(callee):
                    found = replace(found, queries=tuple(replace(q, dropped=True) for q in found.queries))
                return found
            case OneOf() if all(isinstance(option, FunctionRef) for option in callee.options):
                return inner + self._one_of(path, use, left, callee, name)
            case Operation():
                return inner
            case Instance() if call.callee.kind == "super":
                return inner + self._constructed(ClassRef(callee.path, callee.index), name, left)
            case ClassRef() if call.kind == "new":
                return inner + self._constructed(callee, name, left)
            case PrismaClass():
                return inner + Effects(effects=(Note(f"builds a client ({name})", path, line),))
            case Global(names=("Promise", "all" | "allSettled")) if self._starts_several(path, call, scope, left):
                return inner + Effects(together=(Note("starts several at once", path, line),))
            case Global() if call.callee.kind == "member" and call.callee.text in CHANGING_METHODS:
                return inner + self._method(path, use, within, name, line)
            case Global():
                return inner + self._global(callee, name, path, line)
            case External():
                if is_limiter(callee) or is_pure(callee):
                    return inner
                return inner + Effects(unknown=(Note(f"calls {name} of the package {callee.specifier}", path, line),))
        if call.callee.kind == "member":
            return inner + self._method(path, use, within, name, line)
        return inner + Effects(unknown=(Note(f"calls {name}, which could not be resolved", path, line),))

    def _starts_several(self, path: str, call: Expr, scope: int, left: int) -> bool:
        """Whether a `Promise.all` waits for more queries, or calls of a parameter, than are written out."""
        if not call.arguments:
            return False
        promises = call.arguments[0]
        size = constant_size(self.evaluator, path, promises, scope)
        if size is not None and size <= SMALL:
            return False
        if promises.kind == "name":
            return True
        inner = self._of_span(path, promises.start, promises.end, left, None)
        asked = any(note.asked is not None for note in inner.unknown)
        return asked or any(not (query.limited or query.batched) for query in inner.queries)

    def _method(self, path: str, use: Use, within: Function | None, name: str, line: int) -> Effects:
        call = use.expr
        method, receiver = call.callee.text, call.callee.children[0]
        if method in CHANGING_METHODS:
            if is_fresh(receiver):
                return Effects()
            if receiver.kind == "name" and within is not None:
                facts = self.evaluator.facts(path)
                binding = facts.lookup(receiver.text, use.root.scope) if facts is not None else None
                if binding is not None and within.start <= binding.start < within.end:
                    return Effects()
            return Effects(effects=(Note(f"changes {source_name(receiver)} ({method})", path, line),))
        if method in PURE_METHODS:
            return Effects()
        if receiver.kind == "call" and query_of(self.evaluator, path, receiver, use.root.scope) is not None:
            return Effects()  # a fluent call: `findUnique(…).posts()` belongs to the query
        return Effects(unknown=(Note(f"calls {name}, which could not be resolved", path, line),))

    def _into(self, function: FunctionRef, name: str, left: int) -> Effects:
        if (function.path, function.index) in self._busy:
            return Effects(repeated=(function,), entered=frozenset((function,)))
        if left <= 0:
            return Effects(deeper=True)
        facts = self.evaluator.facts(function.path)
        if facts is None:
            return Effects()
        declared = facts.functions[function.index]
        step = Step(name, function.path, facts.line_of(declared.start))
        found = self._of_function(function, left if forwards(facts, function.index) else left - 1)
        return replace(
            found,
            queries=tuple(replace(q, steps=(step, *q.steps)) for q in found.queries),
            entered=found.entered | {function},
        )

    def _called(self, path: str, use: Use, left: int, function: FunctionRef, name: str) -> Effects:
        """The effects of one call of a function, with what that call hands over."""
        outer, self._this = self._this, self._receiver(path, use, function)
        inner = self._into(function, name, left)
        self._this = outer
        found = self._handed(path, use, left, function, inner)
        queries = []
        for reached in found.queries:
            client = settled(self.evaluator, path, use.expr, use.root.scope, function, reached.query.client)
            queries.append(replace(reached, query=replace(reached.query, client=client)))
        return replace(found, queries=tuple(queries))

    def _receiver(self, path: str, use: Use, function: FunctionRef) -> Instance | None:
        """What `this` is in a method that is called: the object, where its class inherits the method."""
        callee = use.expr.callee
        receiver = callee.children[0] if callee.kind == "member" else callee
        if receiver.kind in ("this", "super"):
            return self._this
        facts = self.evaluator.facts(function.path)
        owner = facts.functions[function.index].owner if facts is not None and callee.kind == "member" else -1
        value = self.evaluator.value(path, receiver, use.root.scope) if owner >= 0 else None
        inherits = isinstance(value, Instance) and (value.path, value.index) != (function.path, owner)
        return value if isinstance(value, Instance) and inherits else None

    def _overridden(self, path: str, call: Expr, scope: int) -> FunctionRef | None:
        """The method that `this.name(…)` is for the object that the function was called on."""
        if self._this is None or call.callee.kind != "member" or call.callee.children[0].kind != "this":
            return None
        if not is_below(self.evaluator, self._this, self.evaluator.value(path, call.callee.children[0], scope)):
            return None
        found = self.evaluator.member(self._this, call.callee.text)
        return found if isinstance(found, FunctionRef) else None

    def _one_of(self, path: str, use: Use, left: int, value: OneOf, name: str) -> Effects:
        """One of several functions, such as the method of an interface with several implementations: a query counts if
        each of them reaches one."""
        each = [option for option in value.options if isinstance(option, FunctionRef)]  # all of them
        facts = self.evaluator.facts(path)
        line = facts.line_of(use.expr.start) if facts is not None else 1
        return self._agreed(each, [self._called(path, use, left, option, name) for option in each], name, path, line)

    def _agreed(self, each: list[FunctionRef], found: list[Effects], name: str, path: str, line: int) -> Effects:
        """What a call does that is one of several functions, of each of which it is known what it does."""
        total = Effects()
        for one in found:
            total += one
        if len(each) == 1:
            return total
        reached = [one.queries for one in found if one.queries]
        real = [(option, one) for option, one in zip(each, found, strict=True) if not self._does_nothing(option)]
        if reached and all(self._agrees(option, one, name) for option, one in real):
            return replace(total, queries=min(reached, key=lambda queries: min(len(q.steps) for q in queries)))
        unknown = Note(f"calls {name}, which has several implementations", path, line)
        return replace(total, queries=(), unknown=(*total.unknown, unknown))

    def _does_nothing(self, option: FunctionRef) -> bool:
        """Whether an implementation is a stand-in: all that it does is to give the same value each time, or to say that
        it cannot."""
        facts = self.evaluator.facts(option.path)
        declared = facts.functions[option.index] if facts is not None else None
        if declared is None:
            return False
        calls = self.evaluator.index(option.path).calls_within(declared.body_start, declared.body_end)
        given = (
            [root.expr for root in facts.roots_of(option.index) if root.role == "return"] if facts is not None else []
        )
        constant = all(part.kind in CONSTANT or only_makes(part) for value in given for part in outside_calls(value))
        return constant and all(only_makes(use.expr) for use in calls)

    def _agrees(self, option: FunctionRef, found: Effects, name: str) -> bool:
        """Whether one of several implementations reaches a query, as the others do, however deep: it may hand on to
        them, as does what is asked already, further up."""
        if found.queries or (option.path, option.index) in self._busy:
            return True
        if self._deeper:
            return False
        self._deeper = True
        try:
            return bool(self._into(option, name, 2 * self.depth).queries)
        finally:
            self._deeper = False

    def _handed(self, path: str, use: Use, left: int, function: FunctionRef, found: Effects) -> Effects:
        """What a function does, without its calls of parameters that this call of it fills with what is known: that
        counts where it is written, or is taken in here."""
        total = replace(found, unknown=())
        for note in found.unknown:
            if note.asked is None or (note.asked.path, note.asked.function) != (function.path, function.index):
                total += Effects(unknown=(note,))
                continue
            match handed_to(self.evaluator, path, use, note.asked):
                case Handed(asked=Asked() as further):
                    total += Effects(unknown=(replace(note, asked=further, left=min(left, note.left)),))
                case Handed(function=FunctionRef() as inner):
                    total += self._into(inner, note.asked.name, left)
                case None:
                    total += Effects(unknown=(replace(note, asked=None),))
        return total

    def _constructed(self, value: ClassRef, name: str, left: int) -> Effects:
        made = self.evaluator.class_member(value.path, value.index, "constructor")
        return self._into(made, name, left) if isinstance(made, FunctionRef) else Effects()

    def _by_reference(self, path: str, use: Use, left: int, callee: object) -> Effects:
        """Functions of the project that a call receives by name are taken to be called: `ids.forEach(load)`,
        `wrap(load)`. For a parameter, whoever calls the function has to say what it is."""
        total = Effects()
        given = use.expr.arguments if use.expr.kind != "tagged" else ()
        for argument in given[1:] if _only_reads_its_first(callee) else given:
            bound = argument.kind == "call" and argument.callee.text == "bind"
            if not bound and argument.kind not in ("name", "member"):
                continue
            value = self.evaluator.value(path, argument, use.root.scope)
            asked = asked_by(self.evaluator, path, argument, use.root.scope)
            if asked is None and isinstance(value, FunctionRef):
                total += self._into(value, source_name(argument), left)
            elif asked is not None and not isinstance(callee, FunctionRef):
                runs = use.expr.callee.kind == "member" and use.expr.callee.text in RUNNING_METHODS
                if runs or isinstance(value, FunctionRef):
                    facts = self.evaluator.facts(path)
                    line = facts.line_of(argument.start) if facts is not None else 1
                    text = f"calls {source_name(argument)}, which could not be resolved"
                    total += Effects(unknown=(Note(text, path, line, asked, left),))
        return total

    def _is_async(self, function: FunctionRef) -> bool:
        facts = self.evaluator.facts(function.path)
        return facts is not None and facts.functions[function.index].is_async

    @staticmethod
    def _global(value: Global, name: str, path: str, line: int) -> Effects:
        if value.names[0] in PURE_GLOBALS or (value.names[0] == "process" and "env" in value.names):
            return Effects()
        return Effects(effects=(Note(f"calls {name}", path, line),))

    def _rescues(self, path: str, use: Use) -> bool:
        """Whether a call stands in a `catch` block, or in a function that is handed to `.catch(…)`."""
        facts, index = self.evaluator.facts(path), self.evaluator.index(path)
        scope = use.root.scope
        while facts is not None and scope >= 0 and facts.scopes[scope].kind != "function":
            if facts.scopes[scope].kind == "catch":
                return True
            scope = facts.scopes[scope].parent
        outer = index.functions.get(use.root.function)
        if outer is None or not outer.around or outer.around[0].kind != "call":
            return False
        callee = outer.around[0].callee
        return callee.kind == "member" and callee.text == "catch" and outer.expr in outer.around[0].arguments


def _only_reads_its_first(callee: object) -> bool:
    """Whether a global takes its first argument for a value, whatever it is: `JSON.parse(text)`."""
    return isinstance(callee, Global) and callee.names[0] in PURE_GLOBALS and callee.names[0] not in CALLING_GLOBALS


def in_array_transaction(evaluator: Evaluator, path: str, use: Use) -> bool:
    """Whether a call is handed to `$transaction` as (part of) an array: it runs on one connection."""
    for outer in use.around:
        if outer.kind == "call" and outer.callee.kind == "member" and outer.callee.text == "$transaction":
            return not any(a.kind == "function" for a in outer.arguments)
    facts = evaluator.facts(path)
    function = use.root.function
    index = evaluator.index(path)
    while facts is not None and function >= 0:
        stands = index.functions.get(function)
        if stands is None:
            return False
        for outer in stands.around:
            if outer.kind == "call" and outer.callee.kind == "member" and outer.callee.text == "$transaction":
                return not any(a.kind == "function" for a in outer.arguments)
        function = facts.functions[function].parent
    return False
