"""Which grammar reads a file, by its name."""

from __future__ import annotations

from functools import cache
from typing import Literal

import tree_sitter_typescript
from tree_sitter import Language

Dialect = Literal["typescript", "tsx"]

DIALECTS: dict[str, Dialect] = {
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".jsx": "tsx",
    ".js": "tsx",
    ".mjs": "tsx",
    ".cjs": "tsx",
}
"""File suffix to grammar. JavaScript may hold JSX, which only the `tsx` grammar reads; TypeScript may hold `<T>x`,
which that cannot."""


def dialect_of(path: str) -> Dialect:
    """The dialect of a path by its suffix. Raises KeyError for a file that is no source file."""
    return DIALECTS[path[path.rindex(".") :]]


@cache
def language(dialect: Dialect) -> Language:
    """The compiled grammar of a dialect."""
    if dialect == "typescript":
        return Language(tree_sitter_typescript.language_typescript())
    return Language(tree_sitter_typescript.language_tsx())
