"""Bounded concurrency for a fan-out (PF303): a limiter of the package, slices in place, or the helper `mapInChunks`;
for lists that hold other promises too, `limit_fan_out`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.rewrites.chunk_helper import SETTLED, helper_module, settled_module
from prismafix.rewrites.edits import breaks, delete_statements, join_edits
from prismafix.rewrites.fanout import Callback, FanOut, comments_lost, promise_type, read_fan_out, strip_parens
from prismafix.rewrites.helpers import imported, package
from prismafix.rewrites.imports import is_commonjs
from prismafix.rewrites.layout import Around, Function, Level, Limited, Page, Printed, joined_chain, nest
from prismafix.rewrites.limit_fan_out import LATE_THROW, limit_fan_out
from prismafix.rewrites.model import Edit, Fix, NewFile, Prerequisite, Refusal
from prismafix.rewrites.names import resolve, uses
from prismafix.rewrites.place import (
    Names,
    block_statement,
    captured,
    changes_or_hands_on,
    claim,
    collection_name,
    is_left_alone,
    is_own,
    is_steady,
    needs_copy,
    parameter_nodes,
    pattern_names,
)
from prismafix.rewrites.source import FUNCTIONS, Source, code, enclosing, walk
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import style_of
from prismafix.rules.model import BoundFanOut, Doubt, Intent, SharedModule

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files

_SYNC_THROW = Doubt(
    "unsafe",
    "the call is not awaited here: an error that the callback throws before it returns a promise becomes a rejection",
)


@dataclass(frozen=True, slots=True)
class _Job:
    """One fan-out on its way to a fix."""

    page: Page
    fan: FanOut
    action: BoundFanOut
    files: Files

    @property
    def source(self) -> Source:
        return self.fan.source

    @property
    def method(self) -> str:
        return "allSettled" if self.fan.settled else "all"


@dataclass(frozen=True, slots=True)
class _Made:
    """Edits of the file itself, and what they need."""

    edits: tuple[Edit, ...]
    prerequisites: tuple[Prerequisite, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def bound_fan_out(action: BoundFanOut, intent: Intent, workspace: Files) -> Fix | Refusal:
    """At most `action.size` calls of the callback at a time; order, results, index and `thisArg` as they were.

    Raises FileNotFoundError when the file has gone.
    """
    made = _over_a_list(action, intent, workspace)
    if isinstance(made, Refusal) and action.works:
        limited = limit_fan_out(action, intent, workspace)
        return made if isinstance(limited, Refusal) else limited
    return made


def _over_a_list(action: BoundFanOut, intent: Intent, workspace: Files) -> Fix | Refusal:
    """The whole list at once: `map` over a collection, and nothing else in it."""
    source = Source.open(action.call.path, workspace)
    fan = read_fan_out(source, action.call)
    if isinstance(fan, Refusal):
        return fan
    page = Page.of(source, style_of(source, neighbours_of(source.path, workspace), workspace))
    job = _Job(page, fan, action, workspace)
    made = _choose(job)
    if isinstance(made, Refusal):
        return made
    moved = _with_comments(job, made)
    if isinstance(moved, Refusal):
        return moved
    edits = join_edits(moved)
    if breaks(source, edits):
        return Refusal("the rewritten call would not parse")
    return Fix(intent.title, edits, (*intent.doubts, *made.doubts), made.prerequisites)


def _choose(job: _Job) -> _Made | Refusal:
    action = job.action
    ways = []
    if action.limiter == "p-map":
        ways.append(_p_map)
    if action.limiter == "p-limit":
        ways.append(_p_limit)
    if action.chunk_helper is not None:
        ways.append(_own_chunks)
    if not action.prefer_helper:
        ways.append(_slices)
    for way in ways:
        made = way(job)
        if made is not None:
            return made
    return _helper(job)


def _with_comments(job: _Job, made: _Made) -> list[Edit] | Refusal:
    """The edits, with comments that would be lost moved to the lines above the statement."""
    lost, source = comments_lost(job.fan, made.edits), job.source
    if not lost:
        return list(made.edits)
    statement = block_statement(job.fan.call)
    if statement is None or not source.starts_line(statement.start_byte):
        return Refusal("comments in the call would be lost")
    indent, at = source.indent(statement.start_byte), statement.start_byte
    text = "".join(f"{job.page.moved_node(comment, indent)}\n{indent}" for comment in lost)
    return [Edit(source.path, at, at, job.page.encode(text)), *made.edits]


def _helper(job: _Job) -> _Made | Refusal:
    """`mapInChunks(xs, 5, fn)` in place of the call."""
    fan, action, _source = job.fan, job.action, job.source
    if fan.form == "flatMap":
        return Refusal("`flatMap` gives a list of another length: bound it by hand")
    if fan.all_types is not None:
        return Refusal("`Promise.all` has a type argument that the helper cannot be given")
    if _uses_whole_list(job.source, fan):
        return Refusal("the callback is after the list itself, and the helper works on a copy")
    callback = _typed(job)
    if isinstance(callback, Refusal):
        return callback
    callback_text = _bound(job, callback)
    if isinstance(callback_text, Refusal):
        return callback_text
    module = action.helper
    if fan.settled:
        if module.package_name is not None:
            return Refusal("the package's helper does not keep the shape of `Promise.allSettled`")
        module = settled_module(action.helper)
    local, imports = _import(job, module.export, module, "mapSettledInChunks" if fan.settled else "mapInChunks")
    if imports is None:
        return Refusal(f"the name `{local}` means something else where the helper is needed")
    create = _create(job, module)
    if isinstance(create, Refusal):
        return create
    levels = [Level(f"{local}(")]
    edits = _replace_call(job, levels, (_collection(job), str(action.size)), callback_text, ())
    doubts = (_SYNC_THROW,) if _may_throw_now(job) else ()
    return _Made(tuple(edits), (*create, *imports), doubts)


def _p_map(job: _Job) -> _Made | None:
    """`pMap(xs, fn, { concurrency: 5 })`. Its mapper gets (element, index) only, with elements that are promises waited
    for; it takes an element from the list when its turn comes; and it is an ES module only."""
    fan = job.fan
    if fan.settled or fan.form == "flatMap" or fan.all_types is not None or fan.this_argument is not None:
        return None
    if (
        not fan.callback.is_literal
        or _parameter_count(fan.callback) > 2
        or is_commonjs(job.source, job.action.module_system)
        or _waits_for_elements(job.source, fan.callback)
        or (
            fan.callback.node is not None
            and not fan.callback.is_arrow
            and _reads_arguments(job.source, fan.callback.node)
        )
    ):
        return None
    callback = _typed(job)
    if isinstance(callback, Refusal):
        return None
    local, imports = _import(job, "default", package("p-map"), "pMap")
    if imports is None:
        return None
    options = f"{{ concurrency: {job.action.size} }}"
    edits = _replace_call(job, [Level(f"{local}(")], (_kept(job),), Function(job.page, callback), (options,))
    return _Made(tuple(edits), imports, (_SYNC_THROW,) if _may_throw_now(job) else ())


def _p_limit(job: _Job) -> _Made | None:
    """A new limiter before the statement: a shared one deadlocks when calls are nested (measured, FACTS.md)."""
    fan, source, page = job.fan, job.source, job.page
    node, body = fan.callback.node, fan.callback.body
    statement = _simple_statement(fan)
    if (
        statement is None
        or node is None
        or body is None
        or not fan.inline
        or is_commonjs(source, job.action.module_system)
    ):
        return None
    collection = page.moved_node(fan.collection, "")
    generic = node.child_by_field_name("type_parameters") is not None
    if fan.form != "map" or fan.this_argument is not None or generic or "\n" in collection:
        return None
    local, imports = _import(job, "default", package("p-limit"), "pLimit")
    if imports is None:
        return None
    name, indent = Names(source, statement).free("limit", "limitQueries"), source.indent(statement.start_byte)
    is_async = fan.callback.head.startswith("async")
    head = fan.callback.head.removeprefix("async").lstrip()
    inner = Function(page, Callback(node, f"{'async ' if is_async else ''}() =>", body))
    levels = [
        Level(f"Promise.{job.method}{_text(fan, fan.all_types)}("),
        Level(f"{collection}.map{_text(fan, fan.map_types)}("),
    ]
    edits = _replace_call(job, levels, (), Limited(page, head, name, inner), ())
    declaration = page.encode(f"const {name} = {local}({job.action.size}){page.style.end}\n{indent}")
    edits.append(Edit(source.path, statement.start_byte, statement.start_byte, declaration))
    doubts = (LATE_THROW,) if fan.settled and not is_async else ()
    return _Made((*edits, *_claims(job, statement)), imports, doubts)


def _slices(job: _Job) -> _Made | None:
    """The loop of slices: only where the call is the whole of a simple statement and the callback sees no index."""
    if not _allows_slices(job):
        return None
    fan, page, source = job.fan, job.page, job.source
    statement = block_statement(fan.call)
    if statement is None:
        return None
    names = Names(source, statement)
    indent, style = source.indent(statement.start_byte), page.style
    setup, collection = _sliced_collection(job, names)
    size, chunk, index = (
        names.free("chunkSize", "batchSize"),
        names.free("chunk", "batch"),
        names.free("i", "start", "offset"),
    )
    lines = [*setup, f"const {size} = {job.action.size}{style.end}"]
    head = f"for (let {index} = 0; {index} < {collection}.length; {index} += {size}) {{"
    first = f"{style.indent}const {chunk} = {collection}.slice({index}, {index} + {size}){style.end}"
    return _loop(job, statement, names, lines, [head, first], chunk, indent)


def _own_chunks(job: _Job) -> _Made | None:
    """`for (const chunkItems of chunk(xs, 5))`, with the project's own function."""
    module = job.action.chunk_helper
    if module is None or not _allows_slices(job):
        return None
    fan, source = job.fan, job.source
    statement = block_statement(fan.call)
    if statement is None:
        return None
    local, imports = _import(job, module.export, module, module.export if module.export != "default" else "chunk")
    if imports is None:
        return None
    names = Names(source, statement)
    setup, collection = _sliced_collection(job, names, evaluated_once=True)
    item = names.free("chunkItems", "chunkOfItems")
    head = f"for (const {item} of {local}({collection}, {job.action.size})) {{"
    made = _loop(job, statement, names, setup, [head], item, source.indent(statement.start_byte))
    return replace(made, prerequisites=imports)


def _loop(
    job: _Job, statement: Node, names: Names, before: list[str], opening: list[str], chunk: str, indent: str
) -> _Made:
    """The statement as a loop over chunks: `opening` starts the loop, `chunk` is the name of the slice in it."""
    fan, page, source, style = job.fan, job.page, job.source, job.page.style
    results = _results(job, statement, names)
    lines = list(before)
    if results:
        lines.append(f"const {results} = []{style.end}")
    lines += opening
    inner = indent + style.indent
    call = f"Promise.{job.method}{_text(fan, fan.all_types)}("
    mapped = Level(f"{chunk}.{'flatMap' if fan.form == 'flatMap' else 'map'}{_text(fan, fan.map_types)}(")
    levels = (
        [Level(f"{results}.push("), Level(f"...(await {call}", "))"), mapped]
        if results
        else [Level(f"await {call}"), mapped]
    )
    text = nest(page, levels, (), Function(page, fan.callback), (), Around(inner, style.end))
    lines.append(f"{style.indent}{text}{style.end}")
    lines.append("}")
    if statement.type == "return_statement":
        lines.append(f"return {results}{style.end}")
    whole = "\n".join(lines[:1] + [indent + line for line in lines[1:]])
    edit = Edit(source.path, statement.start_byte, statement.end_byte, page.encode(whole))
    return _Made((edit, *_claims(job, statement)))


def _simple_statement(fan: FanOut) -> Node | None:
    """The statement that is nothing but `await call`, `const x = await call` or `return await call`; else None."""
    statement = block_statement(fan.call)
    value = fan.value
    if (
        statement is None
        or value is None
        or fan.source.indent(statement.start_byte) != _column_text(fan.source, statement)
    ):
        return None
    if statement.type in ("expression_statement", "return_statement"):
        return statement if code(statement) == [value] else None
    if statement.type == "lexical_declaration" and len(code(statement)) == 1:
        declarator = code(statement)[0]
        return statement if declarator.child_by_field_name("value") == value else None
    return None


def _column_text(source: Source, statement: Node) -> str:
    return source.slice(source.line_start(statement.start_byte), statement.start_byte)


def _allows_slices(job: _Job) -> bool:
    fan = job.fan
    statement = _simple_statement(fan)
    callback = fan.callback
    if statement is None or not fan.inline or fan.form not in ("map", "flatMap") or fan.this_argument is not None:
        return False
    if not callback.is_literal or _parameter_count(callback) > 1 or callback.node is None:
        return False
    if callback.node.type == "function_expression" and _reads_arguments(job.source, callback.node):
        return False
    if statement.type == "lexical_declaration":
        declarator = code(statement)[0]
        name = declarator.child_by_field_name("name")
        if name is None or name.type != "identifier" or declarator.child_by_field_name("type") is not None:
            return False
        if not job.source.text(statement).startswith("const"):
            return False
        declared = resolve(job.source, name)
        # TypeScript lets `const x = []` evolve, but not where a closure reads it (error 7034) or a module exports it
        at_module_level = statement.parent is not None and statement.parent.type == "program"
        if declared is None or (job.source.is_typescript and (at_module_level or captured(job.source, declared))):
            return False
    return statement.type == "expression_statement" or not job.source.is_typescript or job.action.strict


def _results(job: _Job, statement: Node, names: Names) -> str:
    """The list of all results: the author's name, `results` for a `return`, "" when nobody looks at them."""
    if statement.type == "lexical_declaration":
        name = code(statement)[0].child_by_field_name("name")
        return job.source.text(name) if name is not None else ""
    return names.free("results", "allResults") if statement.type == "return_statement" else ""


def _parameter_count(callback: Callback) -> int:
    """How many arguments the function can see; 3 for a rest parameter."""
    if callback.node is None:
        return 1 if "," not in callback.head or callback.head.startswith(("({", "([")) else 3
    parameters = parameter_nodes(callback.node)
    if any(node.type == "rest_pattern" or any(c.type == "rest_pattern" for c in node.children) for node in parameters):
        return 3
    return len(parameters)


def _reads_arguments(source: Source, function: Node) -> bool:
    return any(node.type == "identifier" and source.text(node) == "arguments" for node in walk(function))


def _may_throw_now(job: _Job) -> bool:
    """Whether an error thrown by the callback itself reached the caller at once and would now be a rejection."""
    fan = job.fan
    node = fan.callback.node
    if fan.value is not None or (node is not None and node.children and node.children[0].type == "async"):
        return False
    function = enclosing(fan.call, FUNCTIONS)
    is_async = function is not None and any(child.type == "async" for child in function.children)
    returned = fan.call.parent is not None and fan.call.parent.type in ("return_statement", "arrow_function")
    return not (is_async and returned)


def _text(fan: FanOut, node: Node | None) -> str:
    return fan.source.text(node) if node is not None else ""


def _claims(job: _Job, statement: Node) -> list[Edit]:
    edit = claim(job.source, statement)
    return [edit] if edit is not None else []


def _sliced_collection(job: _Job, names: Names, *, evaluated_once: bool = False) -> tuple[list[str], str]:
    """(statements before the loop, the collection): a name that holds its elements while they are worked on."""
    fan, page = job.fan, job.page
    node = strip_parens(fan.collection)
    indent = page.source.indent(fan.call.start_byte)
    text = joined_chain(page.moved_node(node, indent))
    if is_steady(page.source, node):
        return [], page.source.text(node)
    copies = node.type == "identifier" or needs_copy(node)
    whole = f"[...{text if node.type in ('identifier', 'member_expression') else f'({text})'}]" if copies else text
    if evaluated_once:
        return [], whole
    name = names.free(collection_name(page.source, node), "items", "all", "allItems")
    return [f"const {name} = {whole}{page.style.end}"], name


def _collection(job: _Job) -> str:
    """The collection as an argument."""
    fan, page = job.fan, job.page
    bare = fan.collection
    while bare.type == "parenthesized_expression" and code(bare) and code(bare)[0].type != "sequence_expression":
        bare = code(bare)[0]
    text = joined_chain(page.moved_node(bare, ""))
    return f"Array.from({text})" if fan.form == "from" else text


def _kept(job: _Job) -> str:
    """The collection as an argument for who takes its elements one after the other: a copy where others hold it."""
    text, node = _collection(job), strip_parens(job.fan.collection)
    if job.fan.form == "from" or is_own(job.source, node):
        return text
    if is_steady(job.source, node) and (job.fan.value is not None or is_left_alone(job.source, node)):
        return text
    return f"[...{text if node.type in ('identifier', 'member_expression', 'call_expression') else f'({text})'}]"


def _waits_for_elements(source: Source, callback: Callback) -> bool:
    """Whether the callback visibly takes an element for a promise: `await x`, `x.then(…)`, `Promise.race([x, …])`; or
    leaves it alone, so that nothing tells what it is."""
    if callback.node is None:
        return False
    parameters = parameter_nodes(callback.node)
    first = parameters[0] if parameters else None
    elements = set(pattern_names(source, first)) if first is not None else set()
    names = elements.union(*(pattern_names(source, parameter) for parameter in parameters[1:]))
    used = False
    for node in walk(callback.node):
        if node.type != "identifier" or source.text(node) not in names or node.parent is None:
            continue
        parent = node.parent
        declared = first is not None and first.start_byte <= node.start_byte < first.end_byte
        used = used or (not declared and source.text(node) in elements)
        if parent.type == "await_expression" or source.text(parent).endswith((".then", ".catch", ".finally")):
            return True
        if parent.type in ("arguments", "array") and source.text(parent.parent or parent).startswith("Promise."):
            return True
    return not used


def _typed(job: _Job) -> Callback | Refusal:
    """The callback, with the return type that a removed type argument or annotation stated."""
    fan, source = job.fan, job.source
    returns = fan.callback.returns
    if fan.map_types is not None:
        types = code(fan.map_types)
        stated = promise_type(source, types[0]) if len(types) == 1 and fan.form == "map" else None
        if stated is None:
            return Refusal("`map` has a type argument that the helper cannot be given")
        returns = returns or stated
    if not returns or not source.is_typescript:
        return fan.callback
    node, head = fan.callback.node, fan.callback.head
    if not fan.callback.is_arrow or (node is not None and node.child_by_field_name("return_type") is not None):
        return fan.callback if fan.callback.is_arrow else Refusal("the list's type cannot be given to the callback")
    start = head.removesuffix("=>").rstrip()
    if not start.endswith(")"):
        word, _, name = start.rpartition(" ")
        start = f"{word} ({name})".lstrip()
    return replace(fan.callback, head=f"{start}: {returns} =>")


def _bound(job: _Job, callback: Callback) -> Function | Refusal:
    """The callback as the helper's argument, with `thisArg` bound to it."""
    fan, page, source = job.fan, job.page, job.source
    this = fan.this_argument
    if this is not None and not (callback.is_arrow and this.type == "this"):
        if this.type not in ("this", "identifier") or callback.node is None:
            return Refusal("the value of `this` for the callback has effects of its own")
        if callback.is_arrow:
            return Refusal(f"an arrow function has no use for `{source.text(this)}` as its `this`")
        if source.is_typescript and _takes_types(callback):
            return Refusal("the callback's parameters get their types from `map`, and would not behind `bind`")
        return Function(page, callback, behind=f".bind({source.text(this)})")
    if fan.form == "from" and not callback.is_literal:
        return Refusal("`Array.from` calls a named function with two arguments, the helper with three")
    return Function(page, callback)


def _takes_types(callback: Callback) -> bool:
    """Whether a function written on the spot has parameters without a type of their own."""
    if not callback.is_literal or callback.node is None:
        return False
    return any(node.child_by_field_name("type") is None for node in parameter_nodes(callback.node))


def _uses_whole_list(source: Source, fan: FanOut) -> bool:
    """Whether the callback does more with its third argument than to read elements, or others may change the list
    meanwhile: the helper hands over a copy."""
    callback = fan.callback
    if callback.node is None or not callback.is_literal:
        return False
    names = [node.child_by_field_name("pattern") or node for node in parameter_nodes(callback.node)]
    names = [name for name in names if name.type != "this"]
    declared = resolve(source, names[2]) if len(names) > 2 and names[2].type == "identifier" else None
    if declared is None:
        return False
    collection = strip_parens(fan.collection)
    if not (is_own(source, collection) or is_steady(source, collection)):
        return True
    return any(changes_or_hands_on(source, use) for use in uses(source, declared))


def _replace_call(
    job: _Job, levels: list[Level], leading: tuple[str, ...], function: Printed, trailing: tuple[str, ...]
) -> list[Edit]:
    fan, page, source = job.fan, job.page, job.source
    before = source.slice(source.line_start(fan.start), fan.start)
    behind = source.slice(fan.end, source.line_end(fan.end)).split("//")[0].rstrip()
    text = nest(page, levels, leading, function, trailing, Around(before, behind))
    gone = [(node.start_byte, _with_gap(source, node, fan.start)) for node in fan.removed]
    return [Edit(source.path, fan.start, fan.end, page.encode(text)), *delete_statements(source, gone)]


def _with_gap(source: Source, gone: Node, start: int) -> int:
    """Where a statement that goes ends: with the blank lines between it and the fan-out at `start`, if a comment stands
    on the line above it. What the comment says is now of the fan-out."""
    above, behind, line = gone.prev_sibling, source.line_end(gone.end_byte), source.line_start(start)
    comments = above is not None and above.type == "comment" and above.end_point[0] + 1 == gone.start_point[0]
    if comments and behind < line and source.is_blank(gone.end_byte, line):
        return line - 1
    return gone.end_byte


def _import(job: _Job, exported: str, module: SharedModule, usual: str) -> tuple[str, tuple[Prerequisite, ...] | None]:
    return imported(job.page, job.files, job.fan.call, exported, module, usual, job.action.module_system)


def _create(job: _Job, module: SharedModule) -> tuple[Prerequisite, ...] | Refusal:
    """The helper's module, where it has to be made."""
    action = job.action
    exists = job.files.exists(module.path)
    if job.fan.settled and exists and SETTLED not in job.files.read(module.path).decode("utf-8", "replace"):
        return Refusal(f"{module.path} is in the way of the helper's module")
    if exists or (not action.create_helper and not job.fan.settled):
        return ()
    content = helper_module(
        module.export,
        settled=job.fan.settled,
        language=action.language,
        module_system=action.module_system,
        style=replace(job.page.style, argument_commas=bool(job.page.argument_comma)),
        strict=action.strict,
    )
    return (Prerequisite(module.path, new_files=(NewFile(module.path, content),)),)
