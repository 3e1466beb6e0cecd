"""Code with marks for its syntax, also as HTML."""

from __future__ import annotations

from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEXERS = {
    **dict.fromkeys((".ts", ".tsx", ".mts", ".cts"), "typescript"),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    ".json": "json",
    ".toml": "toml",
}
# The lexer calls whatever stands behind a colon a type, also in an object: those stay without a colour.
_CLASSES = (
    (Keyword.Type, ""),
    *((Comment, "c"), (String, "s"), (Number, "n"), (Keyword, "k"), (Operator.Word, "k")),
    *((Name.Function, "f"), (Name.Class, "f")),
)


def coloured(lines: Sequence[str], path: str) -> list[str]:
    """Each of the lines as HTML: comments, strings, numbers, keywords and names of functions in a `<span>` with the
    class `c`, `s`, `n`, `k` or `f`. What no lexer knows by the file's suffix is only escaped."""
    return [
        "".join(f'<span class="{mark}">{escape(text)}</span>' if mark else escape(text) for mark, text in line)
        for line in marked(lines, path)
    ]


def marked(lines: Sequence[str], path: str) -> list[list[tuple[str, str]]]:
    """Each of the lines as pieces of text with their class: `c`, `s`, `n`, `k`, `f`, or none."""
    name = _LEXERS.get(PurePosixPath(path).suffix)
    if name is None:
        return [[("", line)] if line else [] for line in lines]
    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    made: list[list[tuple[str, str]]] = [[]]
    for kind, text in lexer.get_tokens("\n".join(lines)):
        mark = next((mark for parent, mark in _CLASSES if kind in parent), "")
        for number, part in enumerate(text.split("\n")):
            if number:
                made.append([])
            if part:
                made[-1].append((mark, part))
    return made
