"""YAML: several documents, anchors and merge keys, block and flow style, tags. PyYAML reads it."""

from __future__ import annotations

import re
from typing import Any

from prismafix.workspace.setting_files.tree import Node

_PROPERTIES = re.compile(r"(?:[!&]\S*(?:\s+(?:#[^\n]*\n\s*)?)*)*")
_HEADER = re.compile(r"[|>][^\n]*\n")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_yaml_trees(text: str) -> list[Node]:
    """The documents of a file; none where it is no YAML (a template of something else). A node that is referred to by
    an alias is the same in both places."""
    import yaml  # slow to import

    try:
        documents = [node for node in yaml.compose_all(text, _loader()) if node is not None]
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    known: dict[int, Node] = {}
    return [_node(text, document, known, in_flow=False) for document in documents]


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _node(text: str, node: Any, known: dict[int, Node], *, in_flow: bool) -> Node:
    import yaml

    if id(node) in known:
        return known[id(node)]
    if isinstance(node, yaml.ScalarNode):
        known[id(node)] = _scalar(text, node, in_flow)
        return known[id(node)]
    start, end = node.start_mark.index, node.end_mark.index  # in block style up to whatever comes next
    found = known[id(node)] = Node(start, start + len(text[start:end].rstrip()), tag=_own_tag(node))
    in_flow = in_flow or bool(node.flow_style)
    if isinstance(node, yaml.SequenceNode):
        found.items += [_node(text, item, known, in_flow=in_flow) for item in node.value]
        return found
    merged: list[tuple[str, Node]] = []
    for key, value in node.value:
        inner = _node(text, value, known, in_flow=in_flow)
        if key.tag == "tag:yaml.org,2002:merge":
            merged = [entry for one in reversed(inner.items or [inner]) for entry in one.entries] + merged
        elif isinstance(key, yaml.ScalarNode):
            found.entries.append((key.value, inner))
    own = {name for name, _ in found.entries}
    found.entries[:0] = [entry for entry in merged if entry[0] not in own]
    return found


def _own_tag(node: Any) -> str:
    return str(node.tag) if node.tag.startswith("!") and node.tag != "!" else ""


def _scalar(text: str, node: Any, in_flow: bool) -> Node:
    start, end = node.start_mark.index, node.end_mark.index
    match = _PROPERTIES.match(text, start, end)
    start = match.end() if match else start
    tag, value = _own_tag(node), node.value
    if node.style in ("|", ">"):
        return _block_scalar(text, start, end, value, tag)
    if node.style in ("'", '"'):
        return Node(start + 1, end - 1, value, node.style, "flow" if in_flow else "block", tag)
    is_null = node.tag == "tag:yaml.org,2002:null"
    return Node(start, max(start, end), value, "", "flow" if in_flow else "block", tag, is_null)


def _block_scalar(text: str, start: int, end: int, value: str, tag: str) -> Node:
    """A block scalar. Its place is its line if it has only one, and its value then goes without the line's end."""
    header = _HEADER.match(text, start)
    first = header.end() if header else end
    lines = [match for match in re.finditer(r"[^\r\n]+", text[first:end]) if match[0].strip()]
    if len(lines) == 1 and lines[0][0].strip(" ") == value.strip("\n"):
        line = lines[0]
        at = first + line.start() + len(line[0]) - len(line[0].lstrip(" "))
        return Node(at, at + len(line[0].strip(" ")), value.strip("\n"), "", "line", tag)
    return Node(start, end, value, "", "fixed", tag)


def encode(value: str, quote: str, context: str) -> str | None:
    """How `value` is written in these quotes ("" for none); None where it cannot be."""
    if quote == '"':
        return _UNPRINTABLE.sub(_escape, re.sub(r'[\\"]', r"\\\g<0>", value))
    if _UNPRINTABLE.search(value):
        return None
    if quote == "'":
        return value.replace("'", "''")
    if context == "line":
        return value if value and value == value.strip() else None
    return value if _is_plain(value, in_flow=context == "flow") else None


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _ESCAPES.get(match[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _is_plain(value: str, *, in_flow: bool) -> bool:
    """Whether a value needs no quotes to be read as it is."""
    import yaml

    try:
        root: Any = yaml.compose(f"[k: {value}]" if in_flow else f"k: {value}\n", _loader())
        pair = root.value[0] if in_flow else root
        found = pair.value[0][1] if len(root.value) == len(pair.value) == 1 else None
    except (yaml.YAMLError, ValueError, AttributeError, IndexError):
        return False
    return (
        isinstance(found, yaml.ScalarNode)
        and found.value == value
        and not found.style
        and found.tag == "tag:yaml.org,2002:str"
    )
