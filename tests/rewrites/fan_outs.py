"""Runs one fan-out rewrite on one file that exists only in the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismafix.rewrites.dispatch import rewrite
from prismafix.rewrites.edits import apply_edits, join_edits
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rules.model import Action, BoundFanOut, Intent, SharedModule, Span
from tests.rewrites.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "src/a.ts"
HELPER = SharedModule("src/lib/map-in-chunks.ts", "mapInChunks")


def call_span(path: str, data: bytes, marker: bytes = b"Promise.") -> Span:
    """The first call that starts with `marker`, up to its closing parenthesis."""
    start = data.index(marker)
    depth = 0
    for at in range(data.index(b"(", start), len(data)):
        depth += {0x28: 1, 0x29: -1}.get(data[at], 0)
        if depth == 0:
            return Span(path, start, at + 1)
    raise ValueError("the call does not end")


def carried_out(action: Action, files: Mapping[str, bytes]) -> Fix | Refusal:
    """What the pass makes of the action, found as the engine finds it."""
    return rewrite(Intent(action, "Test"), Memory(dict(files)))


def after(made: Fix | Refusal, path: str, data: bytes) -> bytes | str:
    """The file with the fix and what it requires, or the reason why there is none."""
    if isinstance(made, Refusal):
        return made.reason
    edits = [*made.edits, *(edit for needed in made.prerequisites for edit in needed.edits)]
    return apply_edits(data, join_edits(edit for edit in edits if edit.path == path))


def bound(data: bytes, path: str = PATH, files: Mapping[str, bytes] | None = None, **options: Any) -> BoundFanOut:
    """The action for the first `Promise.…(` of the file."""
    values: dict[str, Any] = {
        "size": 5,
        "limiter": None,
        "chunk_helper": None,
        "helper": HELPER,
        "create_helper": True,
        "language": "ts",
        "module_system": "esm",
        "prefer_helper": False,
    }
    return BoundFanOut(call_span(path, data), **{**values, **options})
