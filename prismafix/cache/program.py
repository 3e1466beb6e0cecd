"""Which program this is: what one version has kept says nothing to another one."""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_SUFFIXES = (".py", ".scm")


@cache
def fingerprint() -> bytes:
    """16 bytes that stand for the program: its modules and queries, the installed packages with their versions (the
    grammar among them) and the interpreter.

    It is made of contents, not of times: a CI job that installs the same version anew finds what it has kept.
    """
    found = blake2b(digest_size=16)
    found.update(repr((sys.version, sys.byteorder, sorted(_distributions()))).encode())
    for folder in (_PACKAGE, _PACKAGE.parent / "queries"):
        for path in sorted(_modules(str(folder))):
            with open(path, "rb") as file:  # noqa: PTH123  # 150 small files: every microsecond is there 150 times
                data = file.read()
            found.update(f"{path[len(str(folder)) :]} {len(data)}\n".encode())
            found.update(data)
    return found.digest()


def _modules(folder: str) -> list[str]:
    found: list[str] = []
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return found  # the queries lie in the package or beside it
    for entry in entries:
        if entry.name.endswith(_SUFFIXES):
            found.append(entry.path)
        elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
            found += _modules(entry.path)
    return found


def _distributions() -> list[str]:
    """`tree_sitter_typescript-0.23.2.dist-info` and all others beside it."""
    spec = find_spec("tree_sitter")
    if spec is None or spec.origin is None:
        return []
    return [name for name in os.listdir(Path(spec.origin).parent.parent) if name.endswith(".dist-info")]  # noqa: PTH208
