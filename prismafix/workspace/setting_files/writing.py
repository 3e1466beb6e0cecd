"""A value in, the text that means it in a form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.workspace.setting_files import config, dockerfile, env, json_tree, schema, toml_tree, yaml_tree

if TYPE_CHECKING:
    from prismafix.workspace.setting_files.model import Form


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`text` replaces the old value and `before`/`after` characters (all of them ASCII) around it. `quotes` are those
    that the value stands in now."""

    text: str
    quotes: str
    before: int = 0
    after: int = 0


_OTHERS: dict[Form, tuple[str, ...]] = {
    "env": ('"', "'", "`"),
    "schema": (),
    "config": (),
    "code": (),
    "yaml": ('"',),
    "toml": ('"',),
    "json": (),
    "dockerfile": ('"',),
}
"""The quotes to take, in this order, where those that are there cannot hold a value."""


def rewritten(form: Form, context: str, name: str, quote: str, value: str) -> Rewritten | None:
    """How `value` is written where another one stood in `quote`; None where the form has no way.

    The value of an item of a list, `NAME=value`, gets other quotes around the whole item.
    """
    if context == "fixed":
        return None
    is_item = context.endswith(" item")
    text = _encode(form, context, name, quote, value)
    if text is not None:
        return Rewritten(text, quote)
    if quote == "'''" or (form == "dockerfile" and quote == "'" and "$" in value):
        return None  # lines of their own would have to go; in a Dockerfile only double quotes are filled in
    head = f"{name}=" if is_item else ""
    for other in _OTHERS[form]:
        text = _encode(form, context, name, other, value) if other != quote and context != "line" else None
        if text is not None:
            return Rewritten(f"{other}{head}{text}{other}", other, len(quote) + len(head), len(quote))
    return None


def _encode(form: Form, context: str, name: str, quote: str, value: str) -> str | None:
    if form == "env":
        return env.encode(value, quote)
    if form == "toml":
        return toml_tree.encode(value, quote)
    if form == "yaml":
        kind, _, is_item = context.partition(" ")
        text = yaml_tree.encode(f"{name}={value}" if is_item else value, quote, kind)
        return text[len(name) + 1 :] if text is not None and is_item else text
    if form == "dockerfile":
        return dockerfile.encode(value, quote, context)
    if form in ("config", "code"):
        return config.encode(value, quote)
    return schema.encode(value) if form == "schema" else json_tree.encode(value)
