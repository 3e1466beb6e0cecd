"""A `Result` as plain data and back, to be kept from one run to the next.

What only the engine needs is left out: findings come back without their intents.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from prismafix.engine.model import AppliedFix, FileChange, Reported, Result
from prismafix.rules.model import Doubt, Finding, Intent
from prismafix.workspace.model import Evidence, Problem

_KINDS: tuple[type, ...] = (Result, Reported, Finding, Doubt, Evidence, Problem, FileChange, AppliedFix)
_PATH, _SET, _TUPLE = -1, -2, -3
_FIELDS = {kind: (number, attrgetter(*(f.name for f in fields(kind)))) for number, kind in enumerate(_KINDS)}


def to_data(value: object) -> Any:
    """Numbers, strings and bytes as they are; everything else as a tuple of what it is and what is in it."""
    known = _FIELDS.get(type(value))
    if known is not None:
        return (known[0], *map(to_data, known[1](value)))
    if isinstance(value, tuple):
        return (_TUPLE, *map(to_data, value))
    if isinstance(value, frozenset):
        return (_SET, *map(to_data, sorted(value)))
    if isinstance(value, Path):
        return (_PATH, str(value))
    if isinstance(value, Intent):
        return None
    if value is None or isinstance(value, bool | int | str | bytes):
        return value
    raise TypeError(f"{type(value).__name__} is no part of a result")


def from_data(data: Any) -> Result:
    """The result that `to_data` has taken apart. Raises ValueError for anything else."""
    try:
        result = _made(data)
    except (TypeError, ValueError, IndexError):
        result = None
    if not isinstance(result, Result):
        raise ValueError("no result")
    return result


def _made(data: Any) -> Any:
    if not isinstance(data, tuple):
        return data
    kind, *parts = data
    if kind == _PATH:
        return Path(parts[0])
    values = [_made(part) for part in parts]
    if kind == _TUPLE:
        return tuple(values)
    return frozenset(values) if kind == _SET else _KINDS[kind](*values)
