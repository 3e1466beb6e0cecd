"""Loads `queries/*.scm`, compiled once per dialect, and checks their captures on load."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tree_sitter import Node, Query, QueryCursor

from prismafix.syntax.dialect import language

if TYPE_CHECKING:
    from prismafix.syntax.dialect import Dialect

_CAPTURE = re.compile(r"@([\w.-]+)")


def query_folder() -> Path:
    """The folder of the `.scm` files: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "queries", package.parent / "queries"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no queries beside {package}: the installation is incomplete, reinstall prismafix")


def query_text(name: str) -> str:
    """The source of one query."""
    return (query_folder() / f"{name}.scm").read_text(encoding="utf-8")


@cache
def load(name: str, dialect: Dialect, expected: frozenset[str], also: str = "") -> Query:
    """Compile `queries/<name>.scm`, with `also` a second one to be run in the same pass. Raises ValueError if the
    captures are not exactly `expected`: a typo fails on load."""
    text = query_text(name) + (query_text(also) if also else "")
    code = "\n".join(line.split(";", 1)[0] for line in text.splitlines())
    found = frozenset(_CAPTURE.findall(code))
    if found != expected:
        missing, unknown = sorted(expected - found), sorted(found - expected)
        raise ValueError(f"queries/{name}.scm: missing captures {missing}, unknown captures {unknown}")
    return Query(language(dialect), text)


def captures(query: Query, node: Node) -> dict[str, list[Node]]:
    """Capture name to nodes below `node`, in document order, outer ones first."""
    found = QueryCursor(query).captures(node)
    for nodes in found.values():
        nodes.sort(key=lambda node: (node.start_byte, -node.end_byte))
    return found
