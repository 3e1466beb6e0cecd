"""Hold the functions of a deployment file to a number of instances (PF601, PF602).

Works on the text of YAML and JSON: one line or one entry more, or another number; nothing else changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.workspace.concurrency import CAPS, declared, form_of, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import CapConcurrency, Intent
    from prismafix.workspace.concurrency import Declared, MappingNode, Node

_ON_A_LINE = (None, "", '"', "'")
"""The styles of scalars; not `|` and `>`."""

_Change = tuple[int, int, str]
"""Characters from, to, and what stands there afterwards."""


def cap_concurrency(action: CapConcurrency, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Write the caps. Raises FileNotFoundError when the file has gone."""
    data = workspace.read(action.path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Refusal("the file is not UTF-8")
    form = form_of(action.path)
    found = declared(text, form)
    changes = []
    for name, number in action.caps:
        same = [one for one in found if one.name == name]
        if len(same) != 1 or sum(one.settings is same[0].settings for one in found) != 1:
            return Refusal(f"the function {name} is not written out in this file")
        change = _change(text, same[0], CAPS[form], number)
        if change is None:
            return Refusal(f"the function {name} is written in a way that cannot be kept: add {CAPS[form]}: {number}")
        changes.append(change)
    after = _applied(text, changes)
    if not _says_the_same(found, declared(after, form), CAPS[form], dict(action.caps)):
        return Refusal("the file would say something else afterwards")
    mark = len(data) - len(text.encode())  # the byte order mark
    edits = (
        Edit(action.path, mark + len(text[:start].encode()), mark + len(text[:end].encode()), new.encode())
        for start, end, new in changes
    )
    return Fix(intent.title, tuple(edits), intent.doubts)


def _change(text: str, function: Declared, key: str, number: int) -> _Change | None:
    settings = function.settings
    there = value_at(settings, key)
    if there is not None:
        plain = there.id == "scalar" and there.style in _ON_A_LINE
        return (there.start_mark.index, there.end_mark.index, str(number)) if plain else None
    if not settings.value:
        return None
    first = settings.value[0][0]
    beside = next(
        (pair for pair in settings.value if pair[0].value in ("handler", "Handler", "image")), settings.value[0]
    )
    if settings.flow_style:
        return _in_braces(text, beside, key, number)
    if not _is_line(beside[1]) or beside[0].start_mark.line != beside[1].end_mark.line:
        at = first.start_mark.index
        return at, at, f"{key}: {number}{_newline(text, at)}{' ' * first.start_mark.column}"
    end = text.find("\n", beside[1].end_mark.index)
    end = len(text) if end < 0 else end - text[:end].endswith("\r")
    return end, end, f"{_newline(text, beside[1].end_mark.index)}{' ' * beside[0].start_mark.column}{key}: {number}"


def _in_braces(text: str, beside: tuple[Node, Node], key: str, number: int) -> _Change:
    name, value = beside
    quote = text[name.start_mark.index]
    written = f"{quote}{key}{quote}" if quote in "\"'" else key
    at = value.end_mark.index
    line = text.rfind("\n", 0, name.start_mark.index) + 1
    alone = not text[line : name.start_mark.index].strip()
    between = f"{_newline(text, at)}{text[line : name.start_mark.index]}" if alone else " "
    return at, at, f",{between}{written}: {number}"


def _is_line(node: Node) -> bool:
    return node.id == "scalar" and node.style in _ON_A_LINE and node.start_mark.line == node.end_mark.line


def _newline(text: str, at: int) -> str:
    """The line ending of the line of a place."""
    end = text.find("\n", at)
    end = text.rfind("\n", 0, at) if end < 0 else end
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def _applied(text: str, changes: Iterable[_Change]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _says_the_same(before: tuple[Declared, ...], after: tuple[Declared, ...], key: str, caps: dict[str, int]) -> bool:
    """Whether the functions are the same apart from their caps, and the caps what they should be."""
    if [one.name for one in before] != [one.name for one in after]:
        return False
    for old, new in zip(before, after, strict=True):
        cap = value_at(new.settings, key)
        if new.name in caps and (cap is None or cap.value != str(caps[new.name])):
            return False
        left_out = key if new.name in caps else ""
        try:
            if _content(old.settings, left_out) != _content(new.settings, left_out):
                return False
        except RecursionError:  # an anchor that refers to itself
            return False
    return True


def _content(node: Node | MappingNode, left_out: str = "") -> object:
    """What a node says, as plain data; of the mapping itself without one key."""
    if node.id == "mapping":
        pairs = ((_content(key), _content(value)) for key, value in node.value if key.value != left_out)
        return node.tag, tuple(pairs)
    if node.id == "sequence":
        return node.tag, tuple(_content(item) for item in node.value)
    return node.tag, node.value
