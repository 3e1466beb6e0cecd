"""What a call of a function does: the queries it reaches, by which path, and whatever else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.project.limiters import is_limiter, is_own_limiter, limits
from prismafix.project.queries import Query, query_of
from prismafix.project.resolve import split_package
from prismafix.project.values import ClassRef, External, FunctionRef, Global, Operation, PrismaClass

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, Function
    from prismafix.project.evaluate import Evaluator
    from prismafix.project.syntax_index import Use

_PURE_GLOBALS = frozenset(
    [
        "Math",
        "JSON",
        "Object",
        "Number",
        "String",
        "Boolean",
        "Array",
        "Date",
        "Map",
        "Set",
        "WeakMap",
        "Symbol",
        "BigInt",
        "RegExp",
        "Promise",
        "Error",
        "TypeError",
        "RangeError",
        "Intl",
        "URL",
        "URLSearchParams",
        "Uint8Array",
        "Buffer",
        "console",
        "parseInt",
        "parseFloat",
        "isNaN",
        "Reflect",
        "structuredClone",
        "TextEncoder",
        "TextDecoder",
    ]
)
_PURE_METHODS = frozenset(
    [
        "map",
        "filter",
        "find",
        "findIndex",
        "findLast",
        "some",
        "every",
        "reduce",
        "reduceRight",
        "flat",
        "flatMap",
        "includes",
        "indexOf",
        "join",
        "slice",
        "concat",
        "keys",
        "values",
        "entries",
        "at",
        "has",
        "get",
        "toString",
        "toUpperCase",
        "toLowerCase",
        "trim",
        "split",
        "replace",
        "replaceAll",
        "startsWith",
        "endsWith",
        "match",
        "padStart",
        "padEnd",
        "toFixed",
        "toISOString",
        "getTime",
        "toJSON",
        "charAt",
        "substring",
        "localeCompare",
        "forEach",
        "test",
        "then",
        "catch",
        "finally",
        "toNumber",
        "valueOf",
        "getFullYear",
        "getMonth",
        "getDate",
        "toLocaleString",
        "toLocaleDateString",
        "toLocaleLowerCase",
        "normalize",
        "repeat",
        "trimEnd",
        "trimStart",
        "equals",
        "minus",
        "plus",
        "add",
        "sub",
        "mul",
        "div",
    ]
)
_CHANGING_METHODS = frozenset(("push", "unshift", "splice", "set", "delete", "pop", "shift", "sort", "reverse", "fill"))
_CONTROL = frozenset(("$connect", "$disconnect", "$on", "$use", "$extends"))
_PURE_PACKAGES = frozenset(
    [
        "date-fns",
        "date-fns-tz",
        "dayjs",
        "moment",
        "luxon",
        "lodash",
        "lodash-es",
        "ramda",
        "remeda",
        "radash",
        "es-toolkit",
        "fp-ts",
        "effect",
        "neverthrow",
        "ts-pattern",
        "big.js",
        "bignumber.js",
        "decimal.js",
        "currency.js",
        "ms",
        "bytes",
        "pretty-bytes",
        "pluralize",
        "slugify",
        "@sindresorhus/slugify",
        "change-case",
        "camelcase-keys",
        "zod",
        "yup",
        "joi",
        "valibot",
        "superjson",
        "devalue",
        "flat",
        "deepmerge",
        "fast-deep-equal",
        "clsx",
        "classnames",
        "uuid",
        "nanoid",
        "cuid",
        "@paralleldrive/cuid2",
        "ulid",
        "short-uuid",
        "class-validator",
        "class-transformer",
        "http-errors",
        "http-status-codes",
        "qs",
        "query-string",
        "path",
        "url",
        "util",
        "querystring",
        "crypto",
        "buffer",
        "os",
        "assert",
        "@prisma/client",
        "react",
    ]
)
"""Packages whose functions compute and change nothing outside: calling them later makes no difference."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way: the called function's name, and where it is declared (1-based line)."""

    name: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Reached:
    """A query and the calls that lead to it. `text` is how it is written: `prisma.order.findMany`. `batched`: an
    element of `$transaction([…])`. `rescue`: only when something failed, in a `catch`. `start` is its byte offset."""

    query: Query
    path: str
    start: int
    line: int
    text: str
    steps: tuple[Step, ...] = ()
    batched: bool = False
    limited: bool = False
    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something else that a call does or may do: "calls sendMail, which is not known"."""

    text: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Effects:
    """`queries` reached, `unknown` calls, other `effects`, and `repeated`: functions that call themselves again.
    `deeper`: the limit of depth
    was met."""

    queries: tuple[Reached, ...] = ()
    unknown: tuple[Note, ...] = ()
    effects: tuple[Note, ...] = ()
    repeated: tuple[FunctionRef, ...] = ()
    deeper: bool = False

    def __add__(self, other: Effects) -> Effects:
        return Effects(
            self.queries + other.queries,
            self.unknown + other.unknown,
            self.effects + other.effects,
            self.repeated + other.repeated,
            self.deeper or other.deeper,
        )


class EffectsOf:
    """Walks the call graph on demand, at most `depth` calls deep."""

    def __init__(self, evaluator: Evaluator, depth: int) -> None:
        self.evaluator = evaluator
        self.depth = depth
        self._known: dict[tuple[str, int, int], Effects] = {}
        self._busy: set[tuple[str, int]] = set()

    def of_function(self, function: FunctionRef, left: int | None = None) -> Effects:
        """The effects of calling a function, with at most `left` further calls deep."""
        left = self.depth if left is None else left
        key = (function.path, function.index, left)
        if key in self._known:
            return self._known[key]
        facts = self.evaluator.facts(function.path)
        if facts is None:
            return Effects()
        if (function.path, function.index) in self._busy:
            return Effects(repeated=(function,))
        self._busy.add((function.path, function.index))
        try:
            declared = facts.functions[function.index]
            found = self.of_span(function.path, declared.start, declared.end, left, within=declared)
        finally:
            self._busy.discard((function.path, function.index))
        if not any((again.path, again.index) in self._busy for again in found.repeated):
            self._known[key] = found  # else it was cut short by a caller that is still being asked
        return found

    def of_span(self, path: str, start: int, end: int, left: int, within: Function | None = None) -> Effects:
        """The effects of the calls written between two byte offsets of a module."""
        total = Effects()
        for use in self.evaluator.index(path).calls_within(start, end):
            total += self._of_call(path, use, left, within, (start, end))
        return total

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
                        ),
                    )
                )
        inner = self._by_reference(path, use, left)
        callee = evaluator.value(path, call.callee, scope)
        name = source_name(call.callee)
        match callee:
            case FunctionRef() if is_own_limiter(evaluator, callee):
                return inner
            case FunctionRef():
                found = inner + self._into(callee, name, left)
                if found.queries and limits(evaluator, path, use, span):
                    found = replace(found, queries=tuple(replace(q, limited=True) for q in found.queries))
                if found.queries and self._rescues(path, use):
                    found = replace(found, queries=tuple(replace(q, rescue=True) for q in found.queries))
                return found
            case Operation():
                return inner
            case ClassRef() if call.kind == "new":
                return inner + self._constructed(callee, name, left)
            case PrismaClass():
                return inner + Effects(effects=(Note(f"builds a client ({name})", path, line),))
            case Global():
                return inner + self._global(callee, name, path, line)
            case External():
                if is_limiter(callee) or _package(callee) in _PURE_PACKAGES:
                    return inner
                return inner + Effects(unknown=(Note(f"calls {name} of the package {callee.specifier}", path, line),))
        if call.callee.kind == "member":
            return inner + self._method(path, use, within, name, line)
        return inner + Effects(unknown=(Note(f"calls {name}, which could not be resolved", path, line),))

    def _method(self, path: str, use: Use, within: Function | None, name: str, line: int) -> Effects:
        call = use.expr
        method, receiver = call.callee.text, call.callee.children[0]
        if method in _CHANGING_METHODS:
            if receiver.kind == "name" and within is not None:
                facts = self.evaluator.facts(path)
                binding = facts.lookup(receiver.text, use.root.scope) if facts is not None else None
                if binding is not None and within.start <= binding.start < within.end:
                    return Effects()
            return Effects(effects=(Note(f"changes {source_name(receiver)} ({method})", path, line),))
        if method in _PURE_METHODS:
            return Effects()
        if receiver.kind == "call" and query_of(self.evaluator, path, receiver, use.root.scope) is not None:
            return Effects()  # a fluent call: `findUnique(…).posts()` belongs to the query
        return Effects(unknown=(Note(f"calls {name}, which could not be resolved", path, line),))

    def _into(self, function: FunctionRef, name: str, left: int) -> Effects:
        if left <= 0:
            return Effects(deeper=True)
        facts = self.evaluator.facts(function.path)
        if facts is None:
            return Effects()
        declared = facts.functions[function.index]
        step = Step(name, function.path, facts.line_of(declared.start))
        found = self.of_function(function, left - 1)
        return replace(found, queries=tuple(replace(q, steps=(step, *q.steps)) for q in found.queries))

    def _constructed(self, value: ClassRef, name: str, left: int) -> Effects:
        made = self.evaluator.class_member(value.path, value.index, "constructor")
        return self._into(made, name, left) if isinstance(made, FunctionRef) else Effects()

    def _by_reference(self, path: str, use: Use, left: int) -> Effects:
        """Functions of the project that a call receives by name are taken to be called: `ids.forEach(load)`,
        `wrap(load)`."""
        total = Effects()
        for argument in use.expr.arguments if use.expr.kind != "tagged" else ():
            if argument.kind in ("name", "member"):
                value = self.evaluator.value(path, argument, use.root.scope)
                if isinstance(value, FunctionRef):
                    total += self._into(value, source_name(argument), left)
        return total

    @staticmethod
    def _global(value: Global, name: str, path: str, line: int) -> Effects:
        if value.names[0] in _PURE_GLOBALS or (value.names[0] == "process" and "env" in value.names):
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


def _package(value: External) -> str:
    return split_package(value.specifier.removeprefix("node:"))[0]


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


def source_name(expr: Expr) -> str:
    """How a callee is written, shortened: `prisma.order.findMany`, `this.mailer.send`, `load`."""
    chain = expr.chain()
    if chain is not None:
        return ".".join(chain)
    if expr.kind == "member":
        return f"{source_name(expr.children[0])}.{expr.text}"
    if expr.kind in ("call", "await", "new") and expr.children:
        return f"{source_name(expr.children[0])}(…)" if expr.kind == "call" else source_name(expr.children[0])
    return "a function" if expr.kind == "function" else "…"
