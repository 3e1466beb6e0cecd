"""Records of a log in JSON: what pino, winston, AWS and Vercel write, one object per line or at the end of a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.known_errors.times import of_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.known_errors.model import Moment

_TIMES = ("time", "timestamp", "@timestamp", "ts", "datetime", "date", "timestampInMs", "ingestionTime", "_time")
_DEEPEST = 6
_DOCKER = {"log", "stream", "time", "attrs"}
_CODES = ("code", "errorCode")


@dataclass(frozen=True, slots=True)
class Record:
    """`text` is all that a JSON object says. Not `complete`: it is one line of what a program wrote, as Docker keeps
    them on disk."""

    text: str
    time: Moment | None
    complete: bool


def record(line: str) -> Record | None:
    """What a JSON object in `line` says; None if there is no object.

    The object may have something before it, as in AWS Lambda's `time<tab>id<tab>ERROR<tab>{…}`.
    """
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith(("}", "},", "}]")):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(line, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value:
        return None
    if value.keys() <= _DOCKER and isinstance(value.get("log"), str):
        return Record(value["log"].rstrip("\n"), _time(value, 0), complete=False)
    text = "\n".join([line[:start].strip(), *_texts(value, 0)]).strip()
    return Record(text, _time(value, 0), complete=True)


def _texts(value: object, depth: int) -> Iterator[str]:
    """Everything that is text, the messages before the stacks, since those repeat them."""
    if isinstance(value, str):
        inner = record(value) if depth < _DEEPEST and value.lstrip().startswith("{") else None
        yield inner.text if inner is not None else value
    elif depth >= _DEEPEST:
        return
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in sorted(value.items(), key=lambda pair: "stack" in pair[0].lower()):
            if key in _CODES and isinstance(item, str | int):
                yield f"code: '{item}'"
            elif key not in _TIMES:
                yield from _texts(item, depth + 1)


def _time(value: dict[str, object], depth: int) -> Moment | None:
    for name in _TIMES:
        if (found := of_value(value.get(name))) is not None:
            return found
    if depth < _DEEPEST:
        for item in value.values():
            if isinstance(item, dict) and (found := _time(item, depth + 1)) is not None:
                return found
    return None
