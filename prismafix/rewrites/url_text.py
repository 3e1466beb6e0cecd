"""Parameters changed in a connection string that code spells out or puts together, or that a setting holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.connection.url import NotAConnectionStringError, parse, without_parameters, write
from prismafix.rewrites.edits import delete_statements
from prismafix.rewrites.model import Edit
from prismafix.rewrites.source import callee, code, enclosing, outermost, unwrap
from prismafix.workspace.settings import edited, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node

    from prismafix.connection.url import ConnectionUrl
    from prismafix.rewrites.source import Source
    from prismafix.rules.model import Span
    from prismafix.workspace.settings import Setting
    from prismafix.workspace.workspace import Workspace

    Change = Callable[[ConnectionUrl], ConnectionUrl]

_FUNCTIONS = ("function_declaration", "function_expression", "arrow_function", "method_definition")


def setting_at(place: Span, workspace: Workspace) -> Setting | None:
    """The setting whose value has these bytes."""
    settings = settings_of(workspace)
    return next((s for s in settings if (s.path, s.start, s.end) == (place.path, place.start, place.end)), None)


def changed_in_setting(setting: Setting, change: Change, workspace: Workspace) -> Edit | None:
    """The edit of a value outside of the code: only what changes, nothing before it. None where there is no way."""
    try:
        made = edited(setting, write(change(parse(setting.value))))
    except NotAConnectionStringError:
        return None
    if made is None:
        return None
    start, end, text = made
    old = workspace.read(setting.path)[start:end]
    head = next((n for n, (a, b) in enumerate(zip(old, text, strict=False)) if a != b), min(len(old), len(text)))
    return Edit(setting.path, start + head, end, text[head:])


def without_in_code(source: Source, node: Node, names: Sequence[str]) -> list[Edit] | None:
    """The edits that take the parameters `names` out of a URL, as `changed_in_code`."""
    return changed_in_code(source, node, lambda url: without_parameters(url, names))


def changed_in_code(source: Source, node: Node, change: Change) -> list[Edit] | None:
    """The edits that change the parameters of a URL (a string, a template), or those that are appended to one (`+`, a
    template, `concat`, `+=`). None where that cannot be done."""
    if node.type in ("string", "template_string"):
        return _in_literal(source, node, change)
    if node.type == "binary_expression":
        return _in_sum(source, node, change)
    if node.type == "call_expression":
        return _in_concat(source, node, change)
    if node.type == "augmented_assignment_expression":
        return _in_assignment(source, node, change)
    return None


def _in_literal(source: Source, node: Node, change: Change) -> list[Edit] | None:
    start, end = node.start_byte + 1, node.end_byte - 1
    text = source.slice(start, end)
    base = _substitution_at_start(node)
    if "\\" in text:
        return None
    if base is None:
        try:
            made = write(change(parse(text)))
        except NotAConnectionStringError:
            return None
        return [_shortest(source, start, end, made)]
    left = _without(source.slice(base.end_byte, end), change)
    if left is None:
        return None
    if not left:
        return [Edit(source.path, node.start_byte, node.end_byte, _alone(source, node, code(base)[0]).encode())]
    return [_shortest(source, base.end_byte, end, left)]


def _substitution_at_start(node: Node) -> Node | None:
    first = node.named_children[0] if node.named_children else None
    at_start = first is not None and first.type == "template_substitution" and first.start_byte == node.start_byte + 1
    return first if at_start else None


def _in_sum(source: Source, node: Node, change: Change) -> list[Edit] | None:
    """`base + "?…"`, with any number of literals."""
    literals: list[Node] = []
    base: Node | None = node
    while base is not None and base.type == "binary_expression":
        operator, right = base.child_by_field_name("operator"), base.child_by_field_name("right")
        if operator is None or right is None or source.text(operator) != "+" or right.type != "string":
            return None
        literals.insert(0, right)
        base = base.child_by_field_name("left")
    if base is None or unwrap(base).type in ("string", "template_string"):
        return None
    return _behind(source, node, base, literals, change)


def _in_concat(source: Source, node: Node, change: Change) -> list[Edit] | None:
    """`base.concat("?…")`."""
    method, arguments = callee(node), node.child_by_field_name("arguments")
    base = method.child_by_field_name("object") if method is not None else None
    literals = code(arguments) if arguments is not None else []
    if base is None or not literals or any(literal.type != "string" for literal in literals):
        return None
    return _behind(source, node, base, literals, change)


def _in_assignment(source: Source, node: Node, change: Change) -> list[Edit] | None:
    """`url += "?…"`."""
    value, statement = node.child_by_field_name("right"), node.parent
    if value is None or value.type != "string" or statement is None or statement.type != "expression_statement":
        return None
    left = _without(source.slice(value.start_byte + 1, value.end_byte - 1), change)
    if left is None:
        return None
    if left:
        return [_shortest(source, value.start_byte + 1, value.end_byte - 1, left)]
    if statement.parent is None or statement.parent.type not in ("program", "statement_block"):
        return None
    return delete_statements(source, [(statement.start_byte, statement.end_byte)])


def _behind(source: Source, node: Node, base: Node, literals: Sequence[Node], change: Change) -> list[Edit] | None:
    text = "".join(source.slice(literal.start_byte + 1, literal.end_byte - 1) for literal in literals)
    left = _without(text, change)
    if left is None:
        return None
    if not left:
        return [Edit(source.path, node.start_byte, node.end_byte, _alone(source, node, base).encode())]
    first, last = literals[0], literals[-1]
    quote = source.slice(first.start_byte, first.start_byte + 1)
    return [Edit(source.path, first.start_byte, last.end_byte, f"{quote}{left}{quote}".encode())]


def _without(appended: str, change: Change) -> str | None:
    """What is left of `?a=1&b=2` behind a URL, "" for nothing."""
    if not appended.startswith(("?", "&")) or "\\" in appended:
        return None
    try:
        url = change(parse(f"postgresql://h/d?{appended[1:]}"))
    except NotAConnectionStringError:
        return None
    query = write(url).partition("?")[2]
    return appended[0] + query if query else ""


def _alone(source: Source, node: Node, base: Node) -> str:
    """The URL without anything behind it, as a string where the place wants one."""
    text, whole = source.text(unwrap(base) if base.type == "parenthesized_expression" else base), outermost(node)
    if needs_text(whole) and base.type not in ("non_null_expression", "string", "template_string"):
        return f'{text} ?? ""' if '"' in text or "'" not in text else f"{text} ?? ''"
    return text


def needs_text(whole: Node) -> bool:
    """Whether the place of an expression is declared as a string: a variable with a type, what a function with a type
    gives back."""
    parent = whole.parent
    if parent is None:
        return False
    if parent.type == "variable_declarator":
        return parent.child_by_field_name("type") is not None
    if parent.type in ("return_statement", "arrow_function"):
        function = parent if parent.type == "arrow_function" else enclosing(parent, _FUNCTIONS)
        return function is not None and function.child_by_field_name("return_type") is not None
    return False


def _shortest(source: Source, start: int, end: int, made: str) -> Edit:
    """The edit of a text without what is the same at its start: that may hold a password."""
    old, new = source.data[start:end], made.encode()
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    return Edit(source.path, start + head, end, new[head:])
