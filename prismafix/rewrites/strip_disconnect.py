"""Take `$disconnect` out of application code (PF201): as a statement, as a link of a promise chain, as an element
of `Promise.all`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks, finish
from prismafix.rewrites.imports import change_imports
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.names import resolve
from prismafix.rewrites.removal import body_expression, is_emptied, is_pure, remove
from prismafix.rewrites.source import (
    FUNCTIONS,
    Files,
    Source,
    callee,
    code,
    inside,
    is_awaited,
    outermost,
    unwrap,
)
from prismafix.rewrites.style import style_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from prismafix.rules.model import Intent, Span, StripDisconnect

_LINKS = frozenset({"then", "catch", "finally"})
_NOTHING = b"() => {}"


class Stuck(Exception):
    """The text cannot be made right; the message is the reason."""


@dataclass(slots=True)
class Strip:
    """What goes from one file: whole statements, and edits inside statements that stay."""

    source: Source
    statements: set[Node] = field(default_factory=set)
    edits: list[Edit] = field(default_factory=list)
    elements: dict[int, tuple[Node, list[Node]]] = field(default_factory=dict)


def strip_disconnect(action: StripDisconnect, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Remove every `$disconnect` that the action names, and what it leaves empty."""
    edits: list[Edit] = []
    for path, spans in by_path(action.disconnects):
        source = Source.open(path, workspace)
        strip = collect(source, spans)
        if isinstance(strip, Refusal):
            return strip
        removal = settle(strip) or remove(source, strip.statements, strip.edits)
        if isinstance(removal, Refusal):
            return removal
        gone = removal.spans()
        try:
            joined = finish(source, [*removal.edits, *change_imports(source, style_of(source), (), gone)])
        except ValueError:
            return Refusal("two of the changes touch the same code")
        if breaks(source, joined):
            return Refusal(f"{path} would not parse afterwards")
        edits += joined
    return Fix(intent.title, tuple(edits), intent.doubts)


def by_path(spans: Iterable[Span]) -> list[tuple[str, list[Span]]]:
    """The spans grouped by file, in order."""
    ordered = sorted(set(spans), key=lambda s: (s.path, s.start))
    return [(path, list(group)) for path, group in groupby(ordered, key=lambda s: s.path)]


def collect(source: Source, spans: Iterable[Span]) -> Strip | Refusal:
    """What the `$disconnect` tokens at `spans` take with them, or the reason why one of them cannot go."""
    strip = Strip(source)
    try:
        for span in spans:
            member = _member_at(source, span)
            if member is None:
                raise Stuck(f"{source.path} has changed: no `$disconnect` at byte {span.start}")
            _one(strip, member)
        for array, gone in list(strip.elements.values()):
            _elements(strip, array, gone)
    except Stuck as stuck:
        return Refusal(str(stuck))
    return strip


def _member_at(source: Source, span: Span) -> Node | None:
    """The `prisma.$disconnect` or `prisma["$disconnect"]` that ends with the token (the brackets may belong to it)."""
    node = source.root.descendant_for_byte_range(max(span.end - 1, 0), span.end)
    while node is not None and node.type not in ("member_expression", "subscript_expression"):
        node = node.parent
    last = source.slice(span.start, node.end_byte) if node is not None else ""
    return node if last.strip("\"'`]").endswith("disconnect") else None


def settle(strip: Strip) -> Refusal | None:
    """A callback that does nothing any more goes with its link of the chain.

    To be called once all statements are known.
    """
    try:
        for statement in list(strip.statements):
            function = next(iter(_functions(statement)), None)
            body = function.child_by_field_name("body") if function is not None else None
            if function is None or body is None or body.type != "statement_block" or statement not in strip.statements:
                continue
            if is_emptied(strip.source, body, strip.statements):
                strip.statements = {other for other in strip.statements if not inside(other, body)}
                _callback(strip, function)
    except Stuck as stuck:
        return Refusal(str(stuck))
    return None


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _one(strip: Strip, member: Node) -> None:
    source = strip.source
    receiver = member.child_by_field_name("object")
    if receiver is None or not _receiver_is_plain(source, unwrap(receiver, through_await=True)):
        raise Stuck(f"what `$disconnect` is called on at line {_line(member)} does more than name a client")
    whole = outermost(member)
    parent = whole.parent
    if parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == whole:
        _expression(strip, parent)
        return
    if parent is not None and parent.type == "member_expression":  # prisma.$disconnect.bind(prisma)
        property_name = parent.child_by_field_name("property")
        call = parent.parent
        if property_name is not None and source.text(property_name) == "bind" and call is not None:
            whole, parent = call, call.parent
    if parent is not None and parent.type == "arguments":
        _callback(strip, whole)
        return
    raise Stuck(f"`$disconnect` is passed on at line {_line(member)}, to something that is not a promise")


def _receiver_is_plain(source: Source, node: Node) -> bool:
    if node.type == "call_expression":
        arguments = node.child_by_field_name("arguments")
        function = callee(node)
        return arguments is not None and not code(arguments) and function is not None and is_pure(source, function)
    return is_pure(source, node)


def _expression(strip: Strip, expression: Node) -> None:
    """`expression` evaluates to the promise of a `$disconnect` (or to nothing, once awaited): find what goes with
    it.
    """
    source = strip.source
    node = outermost(expression)
    parent = node.parent
    while parent is not None and (
        parent.type == "await_expression"
        or (parent.type == "unary_expression" and source.text(parent).startswith("void"))
    ):
        node = outermost(parent)
        parent = node.parent
    if parent is None:
        raise Stuck("no statement")
    if parent.type == "expression_statement":
        strip.statements.add(parent)
    elif parent.type == "return_statement":
        _returned(strip, parent)
    elif parent.type == "member_expression" and parent.parent is not None and parent.parent.type == "call_expression":
        _chained(strip, parent, parent.parent)
    elif parent.type == "binary_expression" and _is_guarded(source, parent, node):
        _expression(strip, parent)
    elif parent.type == "arrow_function":
        _callback(strip, parent)
    elif parent.type == "array":
        strip.elements.setdefault(parent.id, (parent, []))[1].append(node)
    else:
        raise Stuck(f"the result of `$disconnect` is used at line {_line(parent)}")


def _is_guarded(source: Source, binary: Node, right: Node) -> bool:
    left = binary.child_by_field_name("left")
    operator = binary.child_by_field_name("operator")
    return (
        left is not None
        and operator is not None
        and source.text(operator) == "&&"
        and binary.child_by_field_name("right") == right
        and is_pure(source, left)
    )


def _chained(strip: Strip, member: Node, call: Node) -> None:
    """`prisma.$disconnect().catch(…)`: the handler of a failure that cannot happen any more goes too."""
    prop = member.child_by_field_name("property")
    name = strip.source.text(prop) if prop is not None else ""
    arguments = call.child_by_field_name("arguments")
    empty = arguments is not None and all(_does_nothing(argument) for argument in code(arguments))
    if name == "catch" or (name in _LINKS and empty):
        _expression(strip, call)
        return
    raise Stuck(f"what follows `$disconnect` at line {_line(call)} has to run all the same")


def _does_nothing(function: Node) -> bool:
    body = function.child_by_field_name("body")
    return function.type in FUNCTIONS and body is not None and body.type == "statement_block" and not code(body)


def _returned(strip: Strip, statement: Node) -> None:
    """`return prisma.$disconnect()`: the function still ends there, and what it returns stays a promise where it
    has to be one.
    """
    source = strip.source
    function = next((n for n in _functions(statement)), None)
    if function is not None and body_expression(function) is not None:
        _callback(strip, function)
        return
    is_async = function is not None and any(child.type == "async" for child in function.children)
    value = code(statement)[0]
    if not is_async:
        strip.edits.append(Edit(source.path, value.start_byte, value.end_byte, b"Promise.resolve()"))
    elif _is_last(statement, function):
        strip.statements.add(statement)
    else:
        strip.edits.append(Edit(source.path, statement.start_byte + len("return"), value.end_byte, b""))


def _functions(node: Node) -> Iterable[Node]:
    parent = node.parent
    while parent is not None:
        if parent.type in FUNCTIONS:
            yield parent
        parent = parent.parent


def _is_last(statement: Node, function: Node | None) -> bool:
    block = statement.parent
    return (
        function is not None
        and block is not None
        and block == function.child_by_field_name("body")
        and code(block)[-1] == statement
    )


def _callback(strip: Strip, function: Node) -> None:
    """A function that does nothing but disconnect (or `prisma.$disconnect` itself): the link of a chain that it is
    passed to goes.
    """
    source = strip.source
    whole = outermost(function)
    arguments = whole.parent
    call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    member = callee(call) if call is not None and call.type == "call_expression" else None
    prop = member.child_by_field_name("property") if member is not None and member.type == "member_expression" else None
    name = source.text(prop) if prop is not None else ""
    if call is None or member is None or prop is None or arguments is None or name not in _LINKS:
        raise Stuck(
            f"the function at line {_line(function)} does nothing but disconnect: remove it and its callers by hand"
        )
    handlers = code(arguments)
    if name == "catch" or handlers.index(whole) == 1:
        # it swallows the error, and has to go on doing so
        strip.edits.append(Edit(source.path, whole.start_byte, whole.end_byte, _NOTHING))
        return
    if len(handlers) > 1:
        replacement = b"undefined" if not _value_is_used(call) else _NOTHING
        strip.edits.append(Edit(source.path, whole.start_byte, whole.end_byte, replacement))
        return
    if name == "then" and _value_is_used(call):
        # the value of the chain was `undefined`
        strip.edits.append(Edit(source.path, whole.start_byte, whole.end_byte, _NOTHING))
        return
    _drop_link(strip, member, call, arguments)


def _drop_link(strip: Strip, member: Node, call: Node, arguments: Node) -> None:
    source = strip.source
    receiver = member.child_by_field_name("object")
    assert receiver is not None
    if not _is_settled(source, call) and not _is_started(source, unwrap(receiver)):
        # Prisma's promises are lazy: the link is what starts the query. `then()` passes value and error through.
        prop = member.child_by_field_name("property")
        assert prop is not None
        strip.edits.append(Edit(source.path, prop.start_byte, prop.end_byte, b"then"))
        strip.edits.append(Edit(source.path, arguments.start_byte + 1, arguments.end_byte - 1, b""))
        return
    dot = next(child for child in member.children if child.type in (".", "optional_chain"))
    comments = [child for child in member.children if child.type == "comment" and child.end_byte <= dot.start_byte]
    start = dot.start_byte if comments else receiver.end_byte
    strip.edits.append(Edit(source.path, start, call.end_byte, b""))


def _is_dropped(source: Source, function: Node | None) -> bool:
    """Whether nobody may look at what the function returns: it is not async, and a callback of something that is no
    promise."""
    if function is None or any(child.type == "async" for child in function.children):
        return False
    arguments = outermost(function).parent
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return False
    called = callee(arguments.parent)
    if called is None or called.type != "member_expression":
        return True
    prop = called.child_by_field_name("property")
    return prop is None or source.text(prop) not in _LINKS | {"map", "flatMap", "$transaction"}


def _is_settled(source: Source, call: Node) -> bool:
    """Whether the chain is awaited, returned, or chained further (then that link starts the query)."""
    if is_awaited(call):
        return True
    node = outermost(call)
    parent = node.parent
    while parent is not None and parent.type in ("ternary_expression", "parenthesized_expression"):
        if parent.child_by_field_name("condition") == node:
            return False
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in ("await_expression", "yield_expression"):
        return True
    if parent.type == "return_statement":
        return not _is_dropped(source, next(iter(_functions(parent)), None))
    if parent.type == "arrow_function":
        return parent.child_by_field_name("body") == node and not _is_dropped(source, parent)
    if parent.type == "member_expression":
        return True
    if parent.type == "array" and parent.parent is not None and parent.parent.parent is not None:
        function = callee(parent.parent.parent) if parent.parent.type == "arguments" else None
        return function is not None and (function.text or b"").startswith(b"Promise.")
    return False


def _value_is_used(call: Node) -> bool:
    """Whether anything can see what the chain resolves to."""
    node = outermost(call)
    parent = node.parent
    while parent is not None:
        if parent.type == "expression_statement":
            return False
        if parent.type == "await_expression" or (
            parent.type == "unary_expression" and parent.children[0].type == "void"
        ):
            node, parent = parent, parent.parent
            continue
        if parent.type == "member_expression" and parent.parent is not None and parent.parent.type == "call_expression":
            prop = parent.child_by_field_name("property")
            if prop is not None and prop.text in (b"catch", b"finally"):
                node, parent = parent.parent, parent.parent.parent
                continue
        if parent.type == "parenthesized_expression":
            node, parent = parent, parent.parent
            continue
        return True
    return True


def _is_started(source: Source, receiver: Node) -> bool:
    """Whether the promise under the link runs without it: another link, or an async function of this file."""
    if receiver.type != "call_expression":
        return False
    function = callee(receiver)
    if function is None:
        return False
    if function.type == "member_expression":
        prop = function.child_by_field_name("property")
        return prop is not None and source.text(prop) in _LINKS
    if function.type in FUNCTIONS:
        return any(child.type == "async" for child in function.children)
    if function.type != "identifier":
        return False
    declared = resolve(source, function)
    holder = declared.holder if declared is not None else None
    if holder is not None and holder.type == "variable_declarator":
        value = holder.child_by_field_name("value")
        holder = unwrap(value) if value is not None else None
    return holder is not None and holder.type in FUNCTIONS and any(child.type == "async" for child in holder.children)


def _elements(strip: Strip, array: Node, gone: list[Node]) -> None:
    """`Promise.all([a.$disconnect(), b.$disconnect()])`: the elements go; without any left, the whole expression."""
    source = strip.source
    arguments = array.parent
    call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    function = callee(call) if call is not None and call.type == "call_expression" else None
    if call is None or function is None or source.text(function) not in ("Promise.all", "Promise.allSettled"):
        raise Stuck(f"`$disconnect` is an element of an array at line {_line(array)}")
    kept = [element for element in code(array) if element not in gone]
    if not kept:
        _expression(strip, call)
        return
    if _value_is_used(call):
        raise Stuck(f"the results of `{source.text(function)}` at line {_line(call)} are used by position")
    elements = code(array)
    for element in gone:
        following = element.next_sibling
        if element.start_byte > kept[-1].end_byte:
            before = element.prev_sibling
            start = before.start_byte if before is not None and before.type == "," else element.start_byte
            strip.edits.append(Edit(source.path, start, element.end_byte, b""))
        elif following is not None:
            index = elements.index(element)
            end = elements[index + 1].start_byte
            strip.edits.append(Edit(source.path, element.start_byte, end, b""))
