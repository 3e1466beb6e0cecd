"""The errors that are known, and how to find one by a code, a name or any text that holds it."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from prismafix.known_errors.model import KnownError, Recognised

TEXTS = Path(__file__).with_name("texts")
_SNIPPET = "query-logging"
_CODE_IN_LOG = re.compile(
    r"(?:\b(?:error)?code\\?[\"']?\s*[:=]\s*\\?[\"'`]?|\berror (?:code )?|[(\[])(P\d{4})\b", re.IGNORECASE
)
_CODE = re.compile(r"\bP\d{4}\b", re.IGNORECASE)
# In lower case, one of these is in every message that a pattern finds: most lines of a log need no more than this look.
HINTS = (
    "timed out fetching", "too many ", "code: `", "no more connections", "connection slots", "er_con_count", "errno",
    "1040", "1203", "max_user_connections", "er_too_many", "trying to connect", "connection timeout", "pool timeout",
    "transaction ", "authentication failed", "can't reach", "econnrefused", "timed out", "sockettimeout",
    "denied access", "pg_hba.conf", "not permitted", "database string", "connection string", "err_invalid_url",
    "closed the connection", "terminating connection", "connection terminated", "usage exceeded", "usageexceeded",
    "prepared statement", "maxclients", "max client", "check out process", "instances of prisma", "10th instance",
    "calling end", "called end", "pool is ", "closed the connection", "connection unexpectedly",
)  # fmt: skip
_ASCII = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})  # what word processors make of quotes


@cache
def catalogue() -> tuple[KnownError, ...]:
    """All known errors: those with a code of Prisma first, by code; then the others by name."""
    found = [_read(path) for path in TEXTS.glob("*.md") if path.stem != _SNIPPET]
    return tuple(sorted(found, key=lambda error: (error.code is None, error.key)))


_TELLING = 12
"""So many characters of a message are more than a word that many of them have."""


@cache
def query_logging() -> str:
    """How to log the queries that take long, as Markdown."""
    return (TEXTS / f"{_SNIPPET}.md").read_text(encoding="utf-8").strip()


def by_word(word: str) -> KnownError | None:
    """The error with this code, number or name; or the one whose message these words stand in, if it is just one."""
    wanted = word.strip().lower()
    named = next((e for e in catalogue() if wanted in {n.lower() for n in (e.key, e.name, *e.also)}), None)
    if named is not None or len(wanted) < _TELLING:
        return named
    within = [error for error in catalogue() if wanted in error.title.lower()]
    return within[0] if len(within) == 1 else None


def recognise(text: str, *, anywhere: bool = False) -> Recognised | None:
    """The error that `text`, one or more lines of a log, speaks of; None if it is none of those known.

    A message counts for more than a code, and the one that says most for more than the one it is wrapped in. Codes
    count where a log has them (`code: 'P2024'`), with `anywhere` wherever they stand.
    """
    if not text.isascii():
        text = text.translate(_ASCII)
    codes = [code.upper() for code in (_CODE if anywhere else _CODE_IN_LOG).findall(text)]
    shown = next((code for code in codes if code in _by_code()), codes[0] if codes else None)
    lower = text.lower()
    found = catalogue() if any(hint in lower for hint in HINTS) else ()
    matches = [(match.start(), error, match) for error in found if (match := _first(error, text)) is not None]
    if matches:
        _, error, match = min(matches, key=lambda each: (each[1].general, each[0]))
        numbers = tuple((name, value) for name, value in match.groupdict().items() if value is not None)
        return Recognised(error, shown, numbers)
    known = next((_by_code()[code] for code in codes if code in _by_code()), None)
    return Recognised(known, known.code) if known is not None else None


def nearest(text: str, count: int = 3) -> tuple[KnownError, ...]:
    """The errors whose code, name or words are closest to `text`, the closest first; may be none."""
    names = {name.lower(): error for error in catalogue() for name in (error.key, error.name, *error.also)}
    near = [names[name] for name in get_close_matches(text.lower(), names, n=count, cutoff=0.6)]
    words = _words(text)
    shared = {error.key: len(words & _words(f"{error.name} {error.title}")) for error in catalogue()}
    near += sorted((e for e in catalogue() if shared[e.key]), key=lambda error: -shared[error.key])
    return tuple(dict.fromkeys(near))[:count]


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in {"error", "prisma", "database"}}


@cache
def _by_code() -> dict[str, KnownError]:
    return {error.key: error for error in catalogue() if error.code is not None}


def _first(error: KnownError, text: str) -> re.Match[str] | None:
    found = [match for pattern in error.patterns if (match := pattern.search(text)) is not None]
    return min(found, key=lambda match: match.start(), default=None)


def _read(path: Path) -> KnownError:
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    data: dict[str, Any] = tomllib.loads(head)
    parts = re.split(r"^## (.+)\n", body, flags=re.MULTILINE)[1:]
    return KnownError(
        key=path.stem,
        name=data["name"],
        title=data["title"],
        also=tuple(data.get("also", ())),
        patterns=tuple(re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in data.get("patterns", ())),
        causes=tuple(data["causes"]),
        exists=data["exists"],
        known_from=data["known_from"],
        engine_only=data.get("engine_only", False),
        general=data.get("general", False),
        slow_query=data.get("slow_query", False),
        sections=tuple((heading, text.strip()) for heading, text in zip(parts[::2], parts[1::2], strict=True)),
    )
