"""A fan-out of `findUnique` becomes one `findMany`, its results put back into the order of the input (PF301).

`findMany` promises no order and drops missing and repeated keys; the fan-out kept all three (FACTS.md, "Fan-out"), so a
Map restores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks, join_edits
from prismafix.rewrites.evaluation import first_evaluated, suspends
from prismafix.rewrites.fanout import FanOut, comments_lost, plain_fan_out, strip_parens
from prismafix.rewrites.item_query import ItemQuery, Property, item_query, object_properties
from prismafix.rewrites.layout import Around, Level, Page, Text, nest
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.place import (
    Names,
    block_statement,
    claim,
    is_readonly,
    is_unchanged,
    needs_copy,
    parameter_nodes,
)
from prismafix.rewrites.source import FUNCTIONS, Source, ancestors, enclosing
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import style_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import BatchReads, Intent

_RESERVED = frozenset(
    [
        "case",
        "class",
        "const",
        "default",
        "delete",
        "enum",
        "export",
        "function",
        "import",
        "new",
        "package",
        "return",
        "switch",
        "this",
        "var",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What is looked up: `expression` is the list of keys, `before` the statement that makes it ("" when it was there),
    `item` the name of one key."""

    expression: str
    before: str
    item: str
    readonly: bool = False


def batch_reads(action: BatchReads, intent: Intent, workspace: Files) -> Fix | Refusal:
    """One `findMany` instead of one `findUnique` per item. Raises FileNotFoundError when the file has gone."""
    source = Source.open(action.call.path, workspace)
    fan = plain_fan_out(source, action.call)
    if isinstance(fan, Refusal):
        return fan
    query = item_query(fan, action.model, "findUnique", "where")
    if isinstance(query, Refusal):
        return query
    where = _key(source, query, action.key)
    if isinstance(where, Refusal):
        return where
    statement = _statement(fan)
    if isinstance(statement, Refusal):
        return statement
    page = Page.of(source, style_of(source, neighbours_of(source.path, workspace), workspace))
    return _fix(page, fan, query, where, statement, action, intent)


def _fix(
    page: Page, fan: FanOut, query: ItemQuery, where: Property, statement: Node, action: BatchReads, intent: Intent
) -> Fix | Refusal:
    source, style, model = page.source, page.style, action.model
    names = Names(source, statement)
    keys = _keys(page, fan, query, where, action, names)
    rows, by_key = names.free(f"{model}Rows"), names.free(f"{plural(model)}By{_capital(action.key)}")
    row = "row" if model in _RESERVED or not names.is_free(model) else model
    indent = source.indent(statement.start_byte)
    const = " as const" if source.is_typescript else ""
    entry = f"{_arrow(page, row)} [{row}.{action.key}, {row}]"
    lines = [keys.before] if keys.before else []
    start = f"const {rows} = await "
    lines.append(f"{start}{_find_many(page, query, where, action, keys, indent, start)}{style.end}")
    start = f"const {by_key} = "
    around = Around(indent + start, style.end)
    lines.append(
        start + nest(page, [Level("new Map("), Level(f"{rows}.map(")], (), Text(entry + const), (), around) + style.end
    )
    value = fan.value if fan.value is not None else fan.call
    begin, end = (fan.start if fan.value is None else value.start_byte), value.end_byte
    while value.parent is not None and value.parent.type == "parenthesized_expression":
        value = value.parent
        begin, end = value.start_byte, value.end_byte
    before = source.slice(source.line_start(begin), begin)
    behind = source.slice(end, source.line_end(end)).rstrip()
    restored = _restored(page, keys, by_key, before, behind)
    inserted = "".join(f"{line}\n{indent}" for line in lines)
    edits = [
        Edit(source.path, statement.start_byte, statement.start_byte, page.encode(inserted)),
        Edit(source.path, begin, end, page.encode(restored)),
    ]
    if comments_lost(fan, edits) or _has_comment(query.call.parent) or _has_comment(fan.callback.node):
        return Refusal("comments in the call would be lost")
    brace = claim(source, statement)
    joined = join_edits([*edits, *([brace] if brace is not None else [])])
    if breaks(source, joined):
        return Refusal("the rewritten call would not parse")
    return Fix(intent.title, joined, intent.doubts)


def _restored(page: Page, keys: _Keys, by_key: str, before: str, behind: str) -> str:
    """The rows in the order of the keys, as an expression."""
    lookup = f"{_arrow(page, keys.item)} {by_key}.get({keys.item}) ?? null"
    flat = f"{keys.expression}.map({lookup})"
    if behind.startswith(".") and not page.fits(before + flat + behind):
        deeper = before[: len(before) - len(before.lstrip())] + page.style.indent
        return f"{keys.expression}\n{deeper}.map({lookup})\n{deeper}"
    return nest(page, [Level(f"{keys.expression}.map(")], (), Text(lookup), (), Around(before, behind))


def _key(source: Source, query: ItemQuery, key: str) -> Property | Refusal:
    """The property `where`'s only one, when it is the key and the result holds the key."""
    where = query.property("where")
    inner = object_properties(source, where.value) if where is not None and where.value.type == "object" else None
    if inner is None or len(inner) != 1 or inner[0].key != key:
        return Refusal(f"the query does not ask for one `{key}` alone")
    if suspends(inner[0].value):
        return Refusal("the key is awaited for")
    select, omit = query.property("select"), query.property("omit")
    if select is not None:
        chosen = object_properties(source, select.value) if select.value.type == "object" else None
        if chosen is None or not any(p.key == key and source.text(p.value) == "true" for p in chosen):
            return Refusal(f"`select` does not visibly hold `{key}`, by which the rows are put back in order")
    if omit is not None:
        left_out = object_properties(source, omit.value) if omit.value.type == "object" else None
        if left_out is None or any(p.key == key and source.text(p.value) != "false" for p in left_out):
            return Refusal(f"`omit` leaves out `{key}`, by which the rows are put back in order")
    return inner[0]


def _statement(fan: FanOut) -> Node | Refusal:
    """The statement that the two new ones go before."""
    source, statement = fan.source, block_statement(fan.call)
    if statement is None or not source.starts_line(statement.start_byte):
        return Refusal("there is no place for statements before this one")
    value = fan.value
    if value is None:
        function = enclosing(fan.call, FUNCTIONS)
        is_async = function is not None and any(child.type == "async" for child in function.children)
        in_try = any(
            a.type == "try_statement"
            for a in ancestors(fan.call)
            if function is None or a.start_byte > function.start_byte
        )
        if statement.type != "return_statement" or fan.call.parent != statement or not is_async or in_try:
            return Refusal("the call is not awaited here")
        return statement
    if value.parent == statement and statement.type == "expression_statement":
        return Refusal("the results are not used: the reads can go")
    if not first_evaluated(source, value, statement):
        return Refusal("other effects of the statement would come after the query")
    return statement


def _keys(page: Page, fan: FanOut, query: ItemQuery, where: Property, action: BatchReads, names: Names) -> _Keys:
    source, function = page.source, fan.callback.node
    collection = strip_parens(fan.collection)
    parameters = parameter_nodes(function) if function is not None else []
    item = source.text(where.value)
    indent = source.indent(fan.start)
    text = page.moved_node(collection, source.indent(statement_start(fan)))
    plain = len(parameters) == 1 and where.value.type in ("identifier", "shorthand_property_identifier")
    if plain and item == source.text(parameters[0].child_by_field_name("pattern") or parameters[0]):
        if is_unchanged(source, collection):
            return _Keys(text, "", item, is_readonly(source, collection))
        name = names.free(f"{action.model}{_capital(plural(action.key))}", f"{action.model}Keys")
        bare = text if collection.type in ("identifier", "member_expression") else f"({text})"
        copies = needs_copy(collection) or is_readonly(source, collection)
        value = f"[...{bare}]" if copies else text
        return _Keys(name, f"const {name} = {value}{page.style.end}", item)
    name = names.free(f"{action.model}{_capital(plural(action.key))}", f"{action.model}Keys")
    start = f"const {name} = "
    receiver = page.moved_node(fan.collection, indent)
    mapped = Text(f"{query.parameters} => {item}")
    made = nest(page, [Level(f"{receiver}.map(")], (), mapped, (), Around(indent + start, page.style.end))
    return _Keys(name, f"{start}{made}{page.style.end}", action.key)


def statement_start(fan: FanOut) -> int:
    statement = block_statement(fan.call)
    return statement.start_byte if statement is not None else fan.start


def _find_many(
    page: Page, query: ItemQuery, where: Property, action: BatchReads, keys: _Keys, indent: str, start: str
) -> str:
    """`client.model.findMany({ where: { key: { in: keys } }, … })`, the other arguments as they were written."""
    source, call = page.source, query.call
    asked = f"[...{keys.expression}]" if keys.readonly else keys.expression
    condition = f"where: {{ {action.key}: {{ in: {asked} }} }}"
    property_node = next(p.node for p in query.properties if p.key == "where")
    head = f"{page.moved(call.start_byte, query.method.start_byte, indent)}findMany("
    if query.argument.start_point[0] != query.argument.end_point[0]:
        first = page.moved(query.argument.start_byte, property_node.start_byte, indent)
        last = page.moved(property_node.end_byte, query.argument.end_byte, indent, query.argument.start_byte)
        return f"{head}{first}{condition}{last})"
    texts = [condition if p.key == "where" else source.text(p.node) for p in query.properties]
    flat = f"{head}{{ {', '.join(texts)} }})"
    if page.fits(f"{indent}{start}{flat}{page.style.end}"):
        return flat
    deeper = f"\n{indent}{page.style.indent}"
    return f"{head}{{{deeper}{f',{deeper}'.join(texts)}{page.object_comma}\n{indent}}})"


def _has_comment(node: Node | None) -> bool:
    return node is not None and (node.type == "comment" or any(_has_comment(child) for child in node.children))


def _arrow(page: Page, name: str) -> str:
    return f"({name}) =>" if page.style.arrow_parens else f"{name} =>"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def plural(name: str) -> str:
    """The English plural of a name: `orders`, `categories`, `addresses`."""
    lower = name.lower()
    if lower.endswith("y") and lower[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return name[:-1] + "ies"
    if lower.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    return name + "s"
