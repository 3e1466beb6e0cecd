"""Bounded concurrency for lists of promises that `map` alone does not make: each piece of work is handed to a limiter.

What the list holds, its order and its types stay: `[first(), ...xs.map((x) => load(x))]` becomes
`[first(), ...xs.map((x) => limit(() => load(x)))]`, and `tasks.push(load(x))` becomes
`tasks.push(limit(() => load(x)))`. The limiter is a new one (a shared one deadlocks when calls are nested: measured,
FACTS.md): `p-limit` where the package has it, else the helper `limitConcurrency`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks, join_edits
from prismafix.rewrites.evaluation import suspends
from prismafix.rewrites.fanout import Callback, find_call
from prismafix.rewrites.helpers import imported, package
from prismafix.rewrites.imports import is_commonjs
from prismafix.rewrites.layout import Around, Function, Level, Limited, Page, nest
from prismafix.rewrites.limit_helper import NAME, limit_module
from prismafix.rewrites.model import Edit, Fix, NewFile, Prerequisite, Refusal
from prismafix.rewrites.names import free_names, resolve, uses
from prismafix.rewrites.place import Names, claim
from prismafix.rewrites.source import (
    FUNCTIONS,
    WRAPPERS,
    Source,
    ancestors,
    callee,
    code,
    enclosing,
    inside,
    is_awaited,
    statement_of,
    walk,
)
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import style_of
from prismafix.rules.model import Doubt

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import BoundFanOut, Intent

LATE_THROW = Doubt(
    "unsafe", "an error that is thrown before there is a promise becomes a rejection of the one that the limiter gives"
)
_BLOCKS = frozenset({"statement_block", "program", "switch_case", "switch_default"})
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_CHANGING = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression"})


@dataclass(frozen=True, slots=True)
class _Running:
    """Where the work runs: from byte `start` until `call` has waited for it."""

    call: Node
    start: int

    def sees(self, use: Node) -> bool:
        """Whether the work may see what is changed at `use`: not what is done before it starts, once and for all, and
        not what comes after the call that waits for it."""
        around = enclosing(use, FUNCTIONS)
        if around != enclosing(self.call, FUNCTIONS) or self.start <= use.start_byte < self.call.end_byte:
            return True
        if use.start_byte >= self.call.end_byte:
            return not is_awaited(self.call)
        loops = (node for node in ancestors(use) if node.type in _LOOPS and (around is None or inside(node, around)))
        return any(loop.start_byte <= self.start < loop.end_byte for loop in loops) and not is_awaited(self.call)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of work: the bytes that change, from `start` to `end`, and how to print them with a limiter's name."""

    start: int
    end: int
    opens: str
    head: str
    callback: Callback

    def flat(self, page: Page, limit: str) -> str | None:
        """On one line, or None."""
        inner = Function(page, self.callback).flat()
        if inner is None:
            return None
        head = f"{self.head} " if self.head else ""
        return f"{self.opens}{head}{limit}({inner})" + (")" if self.opens else "")

    def printed(self, page: Page, limit: str) -> str:
        source = page.source
        before = source.slice(source.line_start(self.start), self.start)
        behind = source.slice(self.end, source.line_end(self.end)).split("//")[0].rstrip()
        function = Function(page, self.callback)
        around = Around(before, behind)
        if self.head:
            return nest(page, [Level(self.opens)], (), Limited(page, self.head, limit, function), (), around)
        levels = [Level(self.opens), Level(f"{limit}(")] if self.opens else [Level(f"{limit}(")]
        return nest(page, levels, (), function, (), around)


def limit_fan_out(action: BoundFanOut, intent: Intent, workspace: Files) -> Fix | Refusal:
    """At most `action.size` pieces of the work of `action.works` at a time.

    Raises FileNotFoundError when the file has gone.
    """
    source = Source.open(action.call.path, workspace)
    call = find_call(source, action.call)
    works = [source.node_at(span.start, span.end, {"call_expression"}) for span in action.works]
    if call is None or not works or any(node is None for node in works):
        return Refusal("the work is not where it was")
    nodes = [node for node in works if node is not None]
    if any(a is not b and inside(a, b) for a in nodes for b in nodes):
        return Refusal("the work of one element makes another list")
    page = Page.of(source, style_of(source, neighbours_of(source.path, workspace), workspace))
    statement = _place(source, [*nodes, call])
    if statement is None or not source.starts_line(statement.start_byte):
        return Refusal("there is no place for a limiter before the work")
    pieces: list[_Piece] = []
    running = _Running(call, statement.start_byte)
    for node in nodes:
        found = _pieces(source, node, running)
        if isinstance(found, Refusal):
            return found
        pieces += found
    local, prerequisites = _limiter(action, page, workspace, call)
    if prerequisites is None:
        return Refusal(f"the name `{local}` means something else where the limiter is needed")
    name = Names(source, statement).free("limit", "limitQueries")
    edits = _written(page, call, pieces, name)
    declared = f"const {name} = {local}({action.size}){page.style.end}\n{source.indent(statement.start_byte)}"
    edits.append(Edit(source.path, statement.start_byte, statement.start_byte, page.encode(declared)))
    if _comments_lost(source, pieces):
        return Refusal("comments in the call would be lost")
    claimed = claim(source, statement)
    joined = join_edits([*edits, *([claimed] if claimed is not None else [])])
    if breaks(source, joined):
        return Refusal("the rewritten call would not parse")
    late = [LATE_THROW] if any(_throws_late(source, piece, call, action) for piece in pieces) else []
    return Fix(intent.title, joined, (*intent.doubts, *late), prerequisites)


def _written(page: Page, call: Node, pieces: list[_Piece], name: str) -> list[Edit]:
    """The edits of the pieces. A list on one line that becomes too long gets a line for each element."""
    source = page.source
    path, texts = source.path, [piece.printed(page, name) for piece in pieces]
    edits = [Edit(path, p.start, p.end, page.encode(text)) for p, text in zip(pieces, texts, strict=True)]
    arguments = call.child_by_field_name("arguments")
    array = code(arguments)[0] if arguments is not None else call
    if array.type != "array" or array.start_point[0] != array.end_point[0] or not any("\n" in t for t in texts):
        return edits
    if len(code(array)) != array.named_child_count:
        return edits  # a comment stands in it
    flat = [piece.flat(page, name) for piece in pieces]
    if not all(array.start_byte <= piece.start < array.end_byte for piece in pieces) or any(
        text is None for text in flat
    ):
        return edits
    indent = source.indent(array.start_byte)
    deeper = indent + page.style.indent
    lines = []
    for element in code(array):
        text, at = "", element.start_byte
        for piece, new in zip(pieces, flat, strict=True):
            if element.start_byte <= piece.start < element.end_byte:
                text, at = text + source.slice(at, piece.start) + (new or ""), piece.end
        lines.append(f"{deeper}{text}{source.slice(at, element.end_byte)}")
    comma = "," if page.style.trailing_commas else ""
    whole = "[\n" + ",\n".join(lines) + f"{comma}\n{indent}]"
    return [Edit(path, array.start_byte, array.end_byte, page.encode(whole))]


def _throws_late(source: Source, piece: _Piece, call: Node, action: BoundFanOut) -> bool:
    """Whether somebody could tell an error that is thrown at once from a promise that is rejected."""
    if piece.callback.head.startswith("async"):
        return False
    settled = source.slice(action.call.start, call.end_byte).startswith("Promise.allSettled")
    node = piece.callback.body
    guarded = node is not None and any(
        outer.type == "try_statement" and not inside(call, outer) for outer in ancestors(node)
    )
    return settled or guarded or not is_awaited(call)


def _place(source: Source, nodes: list[Node]) -> Node | None:
    """The first statement of the innermost block that holds all of `nodes`, counted from the first that holds one."""
    shared = None
    for block in ancestors(nodes[0]):
        if block.type in _BLOCKS and all(inside(node, block) for node in nodes):
            shared = block
            break
    if shared is None or shared.type not in ("statement_block", "program"):
        return None
    first = min(node.start_byte for node in nodes)
    holder = next((child for child in code(shared) if child.start_byte <= first < child.end_byte), None)
    if holder is None or holder.type in ("function_declaration", "class_declaration", "export_statement"):
        return None
    return holder


def _pieces(source: Source, node: Node, running: _Running) -> list[_Piece] | Refusal:
    """The pieces of work that one `map` or `push` starts."""
    function, arguments = callee(node), node.child_by_field_name("arguments")
    values = code(arguments) if arguments is not None else []
    if function is None or function.type != "member_expression" or arguments is None or not values:
        return Refusal("the work is not started by `map` or `push`")
    method = source.text(code(function)[-1])
    if method == "push":
        if len(values) != 1:
            return Refusal("several promises are pushed at once")
        value = _declared_before(source, node, values[0])
        held = _started(source, value or values[0], running)
        if held is not None:
            return held
        if _is_looked_at(source, code(function)[0]):
            return Refusal("the list is looked at before it is waited for: what is no promise in it would be one")
        if value is not None:
            return [_Piece(value.start_byte, value.end_byte, "", "", Callback(None, "() =>", value))]
        return [_pushed(source, node, values[0])]
    if method not in ("map", "flatMap", "from"):
        return Refusal(f"the list is made by `{method}`")
    callback = values[1] if method == "from" and len(values) > 1 else values[0]
    if callback.children and callback.children[0].type != "async" and _is_looked_at(source, node):
        return Refusal("the list is looked at before it is waited for: what is no promise in it would be one")
    return _mapped(source, node, method, callback, running)


def _is_looked_at(source: Source, node: Node) -> bool:
    """Whether a method of the list at `node` sees its elements: `xs.map(…).filter(Boolean)`, `tasks.filter(…)`."""
    while node.parent is not None and node.parent.type in WRAPPERS:
        node = node.parent
    parent = node.parent
    if parent is not None and parent.type == "variable_declarator":
        name = parent.child_by_field_name("name")
        node = name if name is not None else node
    declared = resolve(source, node) if node.type == "identifier" else None
    mentions = [node] if declared is None else list(uses(source, declared))
    return any(
        use.parent is not None
        and use.parent.type == "member_expression"
        and code(use.parent)[0] == use
        and source.text(code(use.parent)[-1]) not in ("push", "length")
        for use in mentions
    )


def _declared_before(source: Source, node: Node, value: Node) -> Node | None:
    """The expression behind `const saving = save(x); list.push(saving);`, where the variable is for nothing else."""
    declared = resolve(source, value) if value.type == "identifier" else None
    if declared is None or declared.holder.type != "variable_declarator" or declared.node.type != "identifier":
        return None
    declaration, statement = declared.holder.parent, statement_of(node)
    inner = declared.holder.child_by_field_name("value")
    if declaration is None or statement is None or inner is None or declared.holder.child_by_field_name("type"):
        return None
    alone = declaration.next_named_sibling == statement and len(list(uses(source, declared))) == 1
    return inner if alone and source.text(declaration).startswith("const") else None


def _mapped(source: Source, node: Node, method: str, callback: Node, running: _Running) -> list[_Piece] | Refusal:
    body = callback.child_by_field_name("body") if callback.type == "arrow_function" else None
    if body is None:
        return Refusal("the callback is no arrow function: its arguments cannot be told")
    if method == "flatMap" and body.type == "call_expression":
        return _pieces(source, body, running)  # `xs.flatMap((x) => x.ys.map(load))`
    if method == "flatMap":
        return _each(source, body, running)
    held = _captures(source, callback, running)
    if held is not None:
        return held
    is_async = callback.children[0].type == "async"
    head = source.slice(callback.start_byte, body.start_byte).rstrip().removeprefix("async").lstrip()
    if callback.child_by_field_name("return_type") is not None and is_async is False and body.type == "statement_block":
        return Refusal("the callback states its type")
    inner = Callback(callback, f"{'async ' if is_async else ''}() =>", body)
    if callback.end_byte + 1 < node.end_byte and source.slice(callback.end_byte, node.end_byte).strip(" \n\r\t,)"):
        return Refusal("`map` has a second argument")
    start = max(node.start_byte, _first_code(source, callback.start_byte))
    return [_Piece(start, node.end_byte, source.slice(start, callback.start_byte).rstrip(), head, inner)]


def _first_code(source: Source, offset: int) -> int:
    """The first byte that is no blank on the line where the text before the callback ends with a parenthesis."""
    at = len(source.data[:offset].rstrip())
    start = source.line_start(at - 1)
    while source.data[start : start + 1] in (b" ", b"\t"):
        start += 1
    return start


def _each(source: Source, body: Node, running: _Running) -> list[_Piece] | Refusal:
    """The elements of the array that a `flatMap` callback gives."""
    if body.type != "array":
        return Refusal("`flatMap` gives a list that is not written out")
    pieces = []
    for element in code(body):
        held = _started(source, element, running)
        if held is not None:
            return held
        inner = Callback(None, "() =>", element)
        pieces.append(_Piece(element.start_byte, element.end_byte, "", "", inner))
    return pieces


def _pushed(source: Source, node: Node, value: Node) -> _Piece:
    start = max(node.start_byte, _first_code(source, value.start_byte))
    return _Piece(
        start, node.end_byte, source.slice(start, value.start_byte).rstrip(), "", Callback(None, "() =>", value)
    )


def _started(source: Source, value: Node, running: _Running) -> Refusal | None:
    """Why an expression cannot be evaluated later, when its turn comes."""
    if value.type not in ("call_expression", "await_expression"):
        return Refusal("what is pushed has started already")
    if suspends(value):
        return Refusal("an `await` stands in what is pushed")
    return _captures(source, value, running)


def _captures(source: Source, node: Node, running: _Running) -> Refusal | None:
    """Why the work would see other values when it starts later: variables that change, `arguments`."""
    for name in free_names(source, node):
        text = source.text(name)
        declared = resolve(source, name)
        if declared is None:
            if text == "arguments":
                return Refusal("the work reads `arguments`")
            continue
        if declared.holder.type in ("import_specifier", "import_clause", "namespace_import"):
            continue
        if any(_is_changed(source, use) and running.sees(use) for use in uses(source, declared)):
            return Refusal(f"`{text}` may be another one when the work starts")
    return None


def _is_changed(source: Source, use: Node) -> bool:
    """Whether a mention assigns to a variable, or to a property of what it holds."""
    target = use
    while target.parent is not None and target.parent.type in ("member_expression", "subscript_expression"):
        if code(target.parent)[0] != target:
            return False
        target = target.parent
    parent = target.parent
    if parent is None or parent.type not in _CHANGING:
        return False
    left = parent.child_by_field_name("left") or parent.child_by_field_name("argument")
    return left == target


def _limiter(
    action: BoundFanOut, page: Page, workspace: Files, call: Node
) -> tuple[str, tuple[Prerequisite, ...] | None]:
    """(local name of what makes limiters, what that needs); None where the name is taken."""
    source = page.source
    if action.limiter == "p-limit" and not is_commonjs(source, action.module_system):
        return imported(page, workspace, call, "default", package("p-limit"), "pLimit", action.module_system)
    module = action.limit_helper
    if module is None:
        return NAME, None
    local, needed = imported(page, workspace, call, NAME, module, NAME, action.module_system)
    if needed is None or workspace.exists(module.path):
        return local, needed
    content = limit_module(language=action.language, module_system=action.module_system, style=page.style)
    return local, (Prerequisite(module.path, new_files=(NewFile(module.path, content),)), *needed)


def _comments_lost(source: Source, pieces: list[_Piece]) -> bool:
    """Whether a comment stands in a changed part, but not in the body that goes over."""
    for piece in pieces:
        body = piece.callback.body
        for node in walk(source.root, piece.start, piece.end):
            covered = node.type == "comment" and piece.start <= node.start_byte and node.end_byte <= piece.end
            if covered and body is not None and not inside(node, body):
                return True
    return False
