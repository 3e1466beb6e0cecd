"""A value in, the text that means it in a form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.workspace.setting_files import env, schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.workspace.setting_files.model import Form


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`text` replaces the old value and `before`/`after` bytes around it. `quotes` are those that it stands in now."""

    text: str
    quotes: str
    before: int = 0
    after: int = 0


def rewritten(form: Form, context: str, name: str, quote: str, value: str) -> Rewritten | None:
    """How `value` is written where another one stood in `quote`; None where the form has no way."""
    if form == "schema":
        return Rewritten(schema.encode(value), '"')
    if form == "env":
        return _quoted(value, quote, ('"', "'", "`"), env.encode)
    return None


def _quoted(
    value: str, quote: str, others: tuple[str, ...], encode: Callable[[str, str], str | None]
) -> Rewritten | None:
    """In the quotes that are there, else in the first others that can hold it."""
    text = encode(value, quote)
    if text is not None:
        return Rewritten(text, quote)
    for other in others:
        text = encode(value, other)
        if text is not None and other != quote:
            return Rewritten(f"{other}{text}{other}", other, len(quote), len(quote))
    return None
