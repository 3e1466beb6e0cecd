"""What a `Promise.all` over a collection consists of. Shared by the passes that rewrite fan-outs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.rewrites.evaluation import first_evaluated, suspends
from prismafix.rewrites.model import Edit, Refusal
from prismafix.rewrites.names import resolve, uses
from prismafix.rewrites.source import (
    FUNCTIONS,
    Source,
    callee,
    code,
    enclosing,
    inside,
    misplaced_await,
    statement_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from prismafix.rules.model import Span

_FOREIGN_MAPS = ("lodash", "underscore", "ramda", "bluebird", "rxjs", "immutable", "highland")
"""Packages whose wrapped collections have a `map` that is not an array's."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What runs per item. `node` is the function as written; a loop's push has none and is `head` and `body` only.

    `head` is the text before an arrow's body (`async (user) =>`) and `body` that body; both are empty for other
    functions and references.
    `returns` is a return type that the removed code stated and that the callback must state now ("" for none).
    """

    node: Node | None
    head: str = ""
    body: Node | None = None
    returns: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether it is a function written on the spot, not a reference to one."""
        return self.node is None or self.node.type in FUNCTIONS

    @property
    def is_arrow(self) -> bool:
        return self.node is None or self.node.type == "arrow_function"


@dataclass(frozen=True, slots=True)
class FanOut:
    """`Promise.all(xs.map(fn))`. `start`/`end` are the bytes of the call, without an `await`.

    `form`: `map`, `flatMap`, `from` (`Array.from(xs, fn)`), `loop` (an array that a loop fills). `value` is the awaited
    expression, None when it is not awaited on the spot. `removed` are the statements that the list was built
    with. `all_types`/`map_types` are the type arguments.
    """

    source: Source
    call: Node
    start: int
    end: int
    settled: bool
    form: Literal["map", "flatMap", "from", "loop"]
    collection: Node
    callback: Callback
    this_argument: Node | None
    value: Node | None
    removed: tuple[Node, ...] = ()
    all_types: Node | None = None
    map_types: Node | None = None

    @property
    def inline(self) -> bool:
        """Whether the list is built inside the call."""
        return not self.removed


def find_call(source: Source, span: Span) -> Node | None:
    """The call that the span covers. The grammar reads `await f<T>(x)` as `(await f)<T>(x)`: it starts too early."""
    exact = source.node_at(span.start, span.end, {"call_expression"})
    if exact is not None:
        return exact
    for node in walk(source.root, span.start, span.end):
        if node.type == "call_expression" and node.end_byte == span.end and misplaced_await(node):
            function = callee(node)
            if function is not None and function.start_byte == span.start:
                return node
    return None


def read_fan_out(source: Source, span: Span) -> FanOut | Refusal:
    """Take the call apart, or say why that is not possible."""
    call = find_call(source, span)
    function = callee(call) if call is not None else None
    if call is None or function is None:
        return Refusal("the call is not where it was")
    method = source.text(function)
    if method not in ("Promise.all", "Promise.allSettled"):
        return Refusal(f"`{method}` does not wait for all results")
    arguments = call.child_by_field_name("arguments")
    values = code(arguments) if arguments is not None else []
    if len(values) != 1 or call.has_error:
        return Refusal("the call does not have one argument")
    reader = _Reader(source, call, function.start_byte, method == "Promise.allSettled")
    return reader.list_of(values[0])


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source
    call: Node
    start: int
    settled: bool

    def list_of(self, node: Node, removed: tuple[Node, ...] = (), returns: str = "") -> FanOut | Refusal:
        node = strip_parens(node)
        if node.type == "array":
            values = code(node)
            if len(values) == 1 and values[0].type == "spread_element":
                return self.list_of(code(values[0])[0], removed, returns)
            spread = any(value.type == "spread_element" for value in values)
            return Refusal("the list holds other promises too" if spread else "the list is written out")
        if node.type == "identifier" and not removed:
            return self._variable(node)
        if node.type == "call_expression":
            return self._map(node, removed, returns)
        return Refusal("the list is not built with `map` on the spot")

    def _make(
        self,
        form: Literal["map", "flatMap", "from", "loop"],
        collection: Node,
        callback: Callback,
        this_argument: Node | None = None,
        removed: tuple[Node, ...] = (),
        map_types: Node | None = None,
    ) -> FanOut | Refusal:
        if callback.node is not None and callback.node.type.startswith("generator"):
            return Refusal("the callback is a generator")
        parent = self.call.parent
        while parent is not None and parent.type == "parenthesized_expression":
            parent = parent.parent
        value = self.call if misplaced_await(self.call) else parent
        if value is not self.call and (value is None or value.type != "await_expression"):
            value = None
        return FanOut(
            self.source,
            self.call,
            self.start,
            self.call.end_byte,
            self.settled,
            form,
            collection,
            callback,
            this_argument,
            value,
            removed,
            self.call.child_by_field_name("type_arguments"),
            map_types,
        )

    def _map(self, node: Node, removed: tuple[Node, ...], returns: str) -> FanOut | Refusal:
        function, arguments = callee(node), node.child_by_field_name("arguments")
        values = code(arguments) if arguments is not None else []
        if function is None or function.type != "member_expression" or not 1 <= len(values) <= 3:
            return Refusal("the list is not built with `map` on the spot")
        receiver, name = code(function)[0], self.source.text(code(function)[-1])
        types = node.child_by_field_name("type_arguments")
        if _optional(function):
            return Refusal("the collection may be missing (`?.`)")
        if name == "from" and self.source.text(receiver) == "Array" and len(values) > 1:
            if strip_parens(values[0]).type == "object" and not _is_length(self.source, strip_parens(values[0])):
                return Refusal("the collection is an object that is not visibly a list")
            this = values[2] if len(values) == 3 else None
            return self._make("from", values[0], self._callback(values[1], returns), this, removed, types)
        if name not in ("map", "flatMap") or len(values) > 2:
            return Refusal(f"the list is changed by `{name}` after the promises are made")
        if (values[-1].type in FUNCTIONS and len(values) == 2) or self._foreign(receiver):
            return Refusal("`map` is not an array's here")
        if _is_sparse(self.source, receiver):
            return Refusal("`map` skips the holes of an array made by length")
        this = values[1] if len(values) == 2 else None
        form: Literal["map", "flatMap"] = "map" if name == "map" else "flatMap"
        return self._make(form, receiver, self._callback(values[0], returns), this, removed, types)

    def _foreign(self, receiver: Node) -> bool:
        root = strip_parens(receiver)
        while root.type in ("member_expression", "call_expression", "await_expression", "parenthesized_expression"):
            root = code(root)[0]
        declared = resolve(self.source, root) if root.type == "identifier" else None
        if declared is None:
            return self.source.text(root) == "Promise"
        statement = enclosing(declared.node, {"import_statement", "lexical_declaration", "variable_declaration"})
        text = self.source.text(statement) if statement is not None else ""
        specifier = text.rpartition("from")[2] if text.startswith("import") else text.rpartition("require(")[2]
        return specifier.strip(" \n\"'();").startswith(_FOREIGN_MAPS)

    def _callback(self, node: Node, returns: str) -> Callback:
        if node.type == "arrow_function":
            body = node.child_by_field_name("body")
            if body is not None:
                return Callback(node, self.source.slice(node.start_byte, body.start_byte).rstrip(), body, returns)
        return Callback(node, returns=returns)

    def _variable(self, name: Node) -> FanOut | Refusal:
        """A list that a local variable holds and that is used for nothing else."""
        text = self.source.text(name)
        declared, statement = resolve(self.source, name), statement_of(self.call)
        declaration = declared.holder.parent if declared is not None else None
        if (
            declared is None
            or declaration is None
            or statement is None
            or declared.holder.type != "variable_declarator"
        ):
            return Refusal(f"`{text}` is not a local list of promises")
        if (
            declaration.type != "lexical_declaration"
            or len(code(declaration)) != 1
            or declaration.parent != statement.parent
        ):
            return Refusal(f"`{text}` is not a local list of promises")
        value, annotation = declared.holder.child_by_field_name("value"), declared.holder.child_by_field_name("type")
        between = _between(declaration, statement)
        mentions = list(uses(self.source, declared))
        if value is None or declared.node.type != "identifier":
            return Refusal(f"`{text}` is not a local list of promises")
        if not first_evaluated(self.source, self.call, statement):
            return Refusal(f"`{text}` is awaited where other effects would come before its promises")
        returns = _promise_type(self.source, annotation) if annotation is not None else ""
        value = strip_parens(value)
        empty = value.type == "array" and not code(value)
        if returns is None and not (empty and self.source.text(annotation or value).endswith("any[]")):
            return Refusal(f"`{text}` is annotated with a type that the callback cannot be given")
        if not empty:
            if len(mentions) != 1 or between:
                return Refusal(f"`{text}` is used for something else, or other statements stand between")
            return self.list_of(value, (declaration,), returns or "")
        if len(mentions) != 2 or len(between) != 1:
            return Refusal(f"the loop that fills `{text}` does more than that")
        return self._loop(text, declaration, between[0], returns or "")

    def _loop(self, list_name: str, declaration: Node, loop: Node, returns: str) -> FanOut | Refusal:
        removed = (declaration, loop)
        hard = Refusal(f"the loop that fills `{list_name}` does more than that")
        if loop.type == "for_in_statement":
            left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
            kind, operator = loop.child_by_field_name("kind"), loop.child_by_field_name("operator")
            words = {child.type for child in loop.children}
            if left is None or right is None or kind is None or operator is None or "await" in words:
                return hard
            pushed = _pushed(self.source, loop.child_by_field_name("body"), list_name)
            if pushed is None or self.source.text(operator) != "of" or self.source.text(kind) == "var":
                return hard
            return self._make(
                "loop", right, Callback(None, f"({self.source.text(left)}) =>", pushed, returns), removed=removed
            )
        inner = code(loop)[0] if loop.type == "expression_statement" else None
        function = callee(inner) if inner is not None and inner.type == "call_expression" else None
        if inner is None or function is None or function.type != "member_expression" or _optional(function):
            return hard
        arguments = inner.child_by_field_name("arguments")
        values = code(arguments) if arguments is not None else []
        if self.source.text(code(function)[-1]) != "forEach" or len(values) != 1 or values[0].type != "arrow_function":
            return hard
        body = values[0].child_by_field_name("body")
        pushed = _pushed(self.source, body, list_name)
        if (
            body is None
            or pushed is None
            or values[0].children[0].type == "async"
            or values[0].child_by_field_name("return_type")
        ):
            return hard
        head = self.source.slice(values[0].start_byte, body.start_byte).rstrip()
        return self._make("loop", code(function)[0], Callback(None, head, pushed, returns), removed=removed)


def plain_fan_out(source: Source, call: Span) -> FanOut | Refusal:
    """The fan-out, if it is a plain `Promise.all(xs.map(…))`: the form that one query can take the place of."""
    fan = read_fan_out(source, call)
    if isinstance(fan, Refusal):
        return fan
    if fan.settled or fan.form != "map" or not fan.inline or fan.this_argument is not None:
        return Refusal("the fan-out is not a plain `Promise.all(xs.map(…))`")
    if fan.all_types is not None or fan.map_types is not None:
        return Refusal("the fan-out has type arguments")
    return fan


def _pushed(source: Source, body: Node | None, list_name: str) -> Node | None:
    """The one value that a loop's body pushes, when that is all it does."""
    if body is None:
        return None
    if body.type == "statement_block":
        if len(body.named_children) != 1:
            return None
        body = body.named_children[0]
    if body.type == "expression_statement":
        body = code(body)[0]
    function = callee(body) if body.type == "call_expression" else None
    arguments = body.child_by_field_name("arguments")
    values = code(arguments) if arguments is not None else []
    if function is None or source.text(function) != f"{list_name}.push" or len(values) != 1:
        return None
    if values[0].type in ("spread_element", "object") or suspends(values[0]):
        return None
    return values[0]


def _between(first: Node, last: Node) -> list[Node]:
    found, node = [], first.next_named_sibling
    while node is not None and node != last:
        if node.type != "comment":
            found.append(node)
        node = node.next_named_sibling
    return found


def _promise_type(source: Source, annotation: Node) -> str | None:
    """`Promise<X>` of `: Promise<X>[]` or `: Array<Promise<X>>`, else None."""
    node = code(annotation)[0]
    if node.type == "generic_type" and source.text(code(node)[0]) == "Array":
        inner = code(code(node)[1])
        node = inner[0] if len(inner) == 1 else node
    elif node.type == "array_type":
        node = code(node)[0]
    else:
        return None
    return promise_type(source, node)


def promise_type(source: Source, node: Node) -> str | None:
    """The text of a `Promise<X>` type, else None. `Promise<any>` and `Promise<unknown>` say nothing, and become ""."""
    text = source.text(node)
    if node.type != "generic_type" or source.text(code(node)[0]) != "Promise":
        return None
    return "" if text in ("Promise<any>", "Promise<unknown>") else text


def _optional(node: Node) -> bool:
    """Whether a `?.` in the chain of `node` can make the whole chain undefined."""
    while node.type in ("member_expression", "call_expression", "subscript_expression", "non_null_expression"):
        if any(child.type in ("optional_chain", "?.") for child in node.children):
            return True
        node = node.children[0]
    return False


def _is_length(source: Source, node: Node) -> bool:
    """Whether an object literal is `{ length: n }`."""
    pairs = code(node)
    if len(pairs) != 1:
        return False
    key = pairs[0].child_by_field_name("key") if pairs[0].type == "pair" else pairs[0]
    return key is not None and source.text(key) == "length"


def _is_sparse(source: Source, node: Node) -> bool:
    """Whether it is `Array(n)` or `new Array(n)`."""
    node = strip_parens(node)
    return node.type in ("call_expression", "new_expression") and source.text(code(node)[0]) == "Array"


def strip_parens(node: Node) -> Node:
    """The expression inside parentheses, and inside `!`; casts stay."""
    while node.type in ("parenthesized_expression", "non_null_expression") and code(node):
        if node.type == "parenthesized_expression" and code(node)[0].type == "sequence_expression":
            break
        node = code(node)[0]
    return node


def comments_lost(fan: FanOut, edits: Iterable[Edit]) -> list[Node]:
    """Comments that the edits overwrite and that are in no part that goes over into the new text."""
    body = fan.callback.body if fan.callback.node is None else fan.callback.node
    kept = [node for node in (fan.collection, body, fan.this_argument) if node is not None]
    found: dict[int, Node] = {}
    for edit in edits:
        for node in walk(fan.source.root, edit.start, edit.end):
            covered = node.type == "comment" and edit.start <= node.start_byte and node.end_byte <= edit.end
            if covered and not any(inside(node, part) for part in kept):
                found[node.start_byte] = node
    return [found[start] for start in sorted(found)]
