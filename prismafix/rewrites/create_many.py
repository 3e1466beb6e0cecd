"""A fan-out of `create` becomes one `createMany`, or `createManyAndReturn` (PF302).

`createManyAndReturn` takes `select` and `omit`, and `include` for relations on the record's own side only (Prisma's
reference, 5.14 and later).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks, join_edits
from prismafix.rewrites.evaluation import suspends
from prismafix.rewrites.fanout import FanOut, comments_lost, plain_fan_out, strip_parens
from prismafix.rewrites.item_query import ItemQuery, item_query, object_properties
from prismafix.rewrites.layout import Page
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.place import is_readonly, parameter_nodes
from prismafix.rewrites.source import Source, code, walk
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import style_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import CreateMany, Intent

_NESTED = frozenset({"create", "createMany", "connect", "connectOrCreate"})


def create_many(action: CreateMany, intent: Intent, workspace: Files) -> Fix | Refusal:
    """One statement instead of one per item. Raises FileNotFoundError when the file has gone."""
    source = Source.open(action.call.path, workspace)
    fan = plain_fan_out(source, action.call)
    if isinstance(fan, Refusal):
        return fan
    query = item_query(fan, action.model, "create", "data")
    if isinstance(query, Refusal):
        return query
    refused = _objection(fan, query, action)
    if refused is not None:
        return refused
    page = Page.of(source, style_of(source, neighbours_of(source.path, workspace), workspace))
    before = source.slice(source.line_start(fan.start), fan.start)
    behind = source.slice(fan.end, source.line_end(fan.end)).rstrip()
    text = _text(page, fan, query, action, before, behind)
    edits = (Edit(source.path, fan.start, fan.end, page.encode(text)),)
    if comments_lost(fan, edits) or _comment_between(fan, query):
        return Refusal("comments in the call would be lost")
    if breaks(source, join_edits(edits)):
        return Refusal("the rewritten call would not parse")
    return Fix(intent.title, edits, intent.doubts)


def _objection(fan: FanOut, query: ItemQuery, action: CreateMany) -> Refusal | None:
    source, data, select = fan.source, query.property("data"), query.property("select")
    unused = fan.value is not None and fan.value.parent is not None and fan.value.parent.type == "expression_statement"
    if data is None or suspends(data.value):
        return Refusal("`data` is not written in place, or is waited for")
    if _writes_nested(source, data.value):
        return Refusal("`data` writes to other records too, which `createMany` cannot")
    if not action.returning and not unused:
        return Refusal("the results are used, and `createMany` returns none")
    if fan.value is None and (
        fan.call.parent is None or fan.call.parent.type not in ("return_statement", "arrow_function")
    ):
        return Refusal("the call is not awaited here: a query that nobody awaits never runs")
    if any(p.key not in ("data", "select", "omit") for p in query.properties):
        return Refusal("`include` reads other records, which `createMany` cannot")
    if select is not None:
        chosen = object_properties(source, select.value) if select.value.type == "object" else None
        if chosen is None or any(source.text(p.value) not in ("true", "false") for p in chosen):
            return Refusal("`select` is not a plain list of fields")
    if not action.returning and len(query.properties) > 1:
        return Refusal("`createMany` takes no `select`")
    return None


def _writes_nested(source: Source, data: Node) -> bool:
    """Whether an object below `data` has a property such as `connect`: a write to another record."""
    for node in walk(data, data.start_byte, data.end_byte):
        if node.type == "pair" and node.start_byte >= data.start_byte and node.end_byte <= data.end_byte:
            key = node.child_by_field_name("key")
            depth = node.parent is not None and node.parent != data
            if key is not None and depth and source.text(key).strip("'\"") in _NESTED:
                return True
    return False


def _text(page: Page, fan: FanOut, query: ItemQuery, action: CreateMany, before: str, behind: str) -> str:
    source, style = page.source, page.style
    indent = source.indent(fan.start)
    method = "createManyAndReturn" if action.returning else "createMany"
    head = f"{page.moved(query.call.start_byte, query.method.start_byte, indent)}{method}("
    others = [source.text(p.node) for p in query.properties if p.key != "data"]
    if not any("\n" in text for text in others):
        flat = f"{head}{{ {', '.join([f'data: {_rows(page, fan, query, indent)}', *others])} }})"
        if "\n" not in flat and page.fits(before + flat + behind):
            return flat
    deeper = indent + style.indent
    rows = _rows(page, fan, query, deeper)
    if "\n" not in rows and not page.fits(f"{deeper}data: {rows},"):
        rows = _rows(page, fan, query, deeper, expand=True)
    kept = [page.moved_node(p.node, deeper) for p in query.properties if p.key != "data"]
    lines = f",\n{deeper}".join([f"data: {rows}", *kept])
    return f"{head}{{\n{deeper}{lines}{page.object_comma}\n{indent}}})"


def _rows(page: Page, fan: FanOut, query: ItemQuery, indent: str, *, expand: bool = False) -> str:
    """The value of `data`: the collection itself when each item is the data, else the collection mapped."""
    source, data, function = page.source, query.property("data"), fan.callback.node
    if data is None or function is None:
        raise ValueError("a create without data")
    collection = strip_parens(fan.collection)
    parameters = parameter_nodes(function)
    pattern = (parameters[0].child_by_field_name("pattern") or parameters[0]) if len(parameters) == 1 else None
    if pattern is not None and source.text(pattern) == source.text(data.value):
        text = page.moved_node(collection, indent)
        return f"[...{text}]" if is_readonly(source, collection) else text
    text = page.moved_node(data.value, indent)
    if data.value.type == "object":
        if expand and code(data.value):
            deeper = indent + page.style.indent
            parts = f",\n{deeper}".join(source.text(child) for child in code(data.value))
            text = f"{{\n{deeper}{parts}{page.object_comma}\n{indent}}}"
        text = f"({text})"
    return f"{page.moved_node(fan.collection, indent)}.map({query.parameters} => {text})"


def _comment_between(fan: FanOut, query: ItemQuery) -> bool:
    """Whether the callback has comments outside of the query's properties."""
    function = fan.callback.node
    if function is None:
        return False
    for node in walk(function, function.start_byte, function.end_byte):
        kept = any(p.node.start_byte <= node.start_byte and node.end_byte <= p.node.end_byte for p in query.properties)
        if node.type == "comment" and not kept:
            return True
    return False
