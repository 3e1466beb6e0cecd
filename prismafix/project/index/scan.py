"""What the text of a source file shows without being parsed: which literals it holds, what it imports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.reach.bare_queries import bare_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED_LITERALS = (
    b"PrismaClient",
    b"$disconnect",
    b"Promise.all",
    b"Promise.any",
    b"Promise.race",
    b"$transaction",
    b"prismafix-ignore",
)
"""A file without any of these can only matter when another file leads to it."""

PRISMA_LITERALS = (b"PrismaClient", b"$disconnect", b"$transaction")
"""A file with one of these is worth a message when it does not parse."""

_PASSES_ON = (b"export *", b"export type *", b"export*", b"export  *", b"export\t*", b"export\n", b"module.exports")

_ROLE_LITERALS = (b"use client", b"$disconnect", b".exit", b"'exit'", b'"exit"')
"""A seed without any of these, and without an edge `runtime`, says nothing about who runs it."""

_TELLING = (b"$disconnect", b"$transaction", b"prismafix-ignore")
"""A file with one of these may hold a finding, whatever else stands in it."""

_SPECIFIERS = (
    re.compile(rb"""from\s*["']([^"'\n]+)["']"""),
    re.compile(rb"""import\s*\(?\s*["']([^"'\n]+)["']"""),
    re.compile(rb"""require\s*\(\s*["']([^"'\n]+)["']"""),
)
_TYPED = re.compile(rb"""\b(?:import|export)\b[^'";]*?\btype\b[^'";]*?\bfrom\s*["']([^"'\n]+)["']""")
_MOCKS = re.compile(rb"""mock(?:Module)?(?:<[^(]*>)?\(\s*(?:import\(\s*)?["']([^"'\n]+)["']""")
_CLIENT = re.compile(rb"(?<![\w$])PrismaClient(?![\w$])")
_CLIENT_NAMES = (
    re.compile(rb"\bclass\s+([\w$]+)[^{;]*?(?<![\w$])PrismaClient(?![\w$])"),
    re.compile(rb"(?<![\w$])PrismaClient\s+as\s+([\w$]+)"),
)
_SUBCLASS = re.compile(rb"\bclass\s+([\w$]+)(?:<[^{]*?>)?\s+extends\s+(?:[\w$]+\.)*([\w$]+)")
_BUILT_IN = frozenset(
    (
        *("Error", "TypeError", "RangeError", "Date", "Map", "Set", "WeakMap", "WeakSet", "URL", "URLSearchParams"),
        *("Promise", "Array", "RegExp", "Proxy", "Response", "Request", "Headers", "FormData", "AbortController"),
        *("TextEncoder", "TextDecoder", "Blob", "File", "Uint8Array", "ReadableStream"),
    )
)
_NEW = re.compile(rb"\bnew\s+(?:[\w$]+\.)*([\w$]+)")
_NEW_OTHER = re.compile(rb"\bnew\s*\(")
_SETS_ENVIRONMENT = re.compile(rb"process\.env(?:\.[\w$]+|\[[^\]\n]*\])?\s*(?:[|?]{2}|\+)?=(?!=)|process\.env\s*,")
_DECLARES_GLOBALS = re.compile(rb"\bdeclare\s+(?:global|var|let|const)\b")
_SETS_GLOBALS = re.compile(
    rb"\bdeclare\s+global\b|(?<![\w$.])global(?:This)?\b[^;=\n]{0,200}[.\[][\w$\"'\]]+\s*(?:\?\?|\|\|)?=(?![=>])"
)
_RENAMED = rb"(?:\bas|:|\bimport|\bconst|\blet|\bvar)\s+(?:%s)(?![\w$])"
_COMBINATOR = re.compile(rb"Promise\.(?:all|allSettled|any|race)\b\s*(?:<[^()]*?>)?\s*\(\s*(\[)?")
_TOKEN = re.compile(
    rb""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|//[^\n]*|/\*[\s\S]*?\*/|[()\[\]{},]|\.\.\.|\.map\b"""
)
WIDE = 6
"""From so many elements on, a literal tuple of promises is wide (PF304)."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the text of one file shows.

    `passes_on`: it may export what another module exports, without naming it. `seed`: one of `SEED_LITERALS` stands in
    it. `telling`: it may hold a finding; `makes` are the names behind `new` that make it so if they are those of a
    client class. `clients` are names that client classes get here, `derived` (class, base) for the classes of a file
    that speaks of `PrismaClient`. `suppresses`: a suppression comment stands in it. `shows_role`: it may say who runs
    it. `sets_environment`: it may change `process.env`. `bare`: models that it seems to query without waiting, "$"
    for raw SQL. `typed` are specifiers of which types may be imported, and perhaps nothing else. `prisma`: it says the
    word. `sets_globals`: it may put something on the runtime's global object, or declare that it is there. `problem` in
    words, "" for none.
    """

    path: str
    specifiers: tuple[str, ...] = ()
    mocks: tuple[str, ...] = ()
    passes_on: bool = False
    seed: bool = False
    telling: bool = False
    makes: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    derived: tuple[tuple[str, str], ...] = ()
    suppresses: bool = False
    shows_role: bool = False
    sets_environment: bool = False
    problem: str = ""
    bare: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    prisma: bool = False
    sets_globals: bool = False


def scan_bytes(path: str, data: bytes, max_bytes: int) -> Scan:
    """Look at the text of one file."""
    if len(data) > max_bytes:
        return Scan(path, problem=f"{len(data):,} bytes, over the limit of {max_bytes:,}: skipped")
    specifiers: dict[str, None] = {}
    for pattern in _SPECIFIERS:
        for found in pattern.findall(data):
            specifiers[found.decode("utf-8", "replace")] = None
    typed = tuple(dict.fromkeys(_text(m) for m in _TYPED.findall(data))) if b"type" in data else ()
    mocks = tuple(_text(m) for m in _MOCKS.findall(data)) if b"mock" in data else ()
    passes_on = any(literal in data for literal in _PASSES_ON)
    prisma = b"prisma" in data or b"Prisma" in data
    environment = b"dotenv" in data or (b"process.env" in data and _SETS_ENVIRONMENT.search(data) is not None)
    sets_globals = b"global" in data and _SETS_GLOBALS.search(data) is not None
    if not any(literal in data for literal in SEED_LITERALS):
        return Scan(
            path,
            tuple(specifiers),
            mocks,
            passes_on,
            sets_environment=environment,
            bare=bare_queries(data),
            typed=typed,
            prisma=prisma,
            sets_globals=sets_globals,
        )
    problem = ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = not_utf8(error)
    telling = any(literal in data for literal in _TELLING) or _fans_out(data)
    makes: tuple[str, ...] = ()
    clients: dict[str, None] = {}
    derived: tuple[tuple[str, str], ...] = ()
    if b"PrismaClient" in data and _CLIENT.search(data):
        makes = tuple(dict.fromkeys(_text(name) for name in _NEW.findall(data)))
        telling = telling or _makes_renamed(data, makes) or _NEW_OTHER.search(data) is not None
        for pattern in _CLIENT_NAMES:
            clients.update((_text(name), None) for name in pattern.findall(data))
        derived = tuple((_text(name), _text(base)) for name, base in _SUBCLASS.findall(data))
    suppresses = b"prismafix-ignore" in data
    return Scan(
        path,
        tuple(specifiers),
        mocks,
        passes_on,
        True,
        telling,
        makes,
        tuple(clients),
        derived,
        suppresses,
        any(literal in data for literal in _ROLE_LITERALS) or (b"runtime" in data and b"edge" in data),
        environment,
        problem,
        bare_queries(data),
        typed,
        prisma,
        sets_globals,
    )


def declares_globals(data: bytes) -> bool:
    """Whether the text of a declaration file may say what stands on the runtime's global object."""
    return _DECLARES_GLOBALS.search(data) is not None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def not_utf8(error: UnicodeDecodeError) -> str:
    """What to say of a file in another encoding."""
    return f"not UTF-8 (byte {error.start}): save it as UTF-8 or exclude it"


def _makes_renamed(data: bytes, names: Sequence[str]) -> bool:
    """Whether a name behind `new` is declared or imported under another one in this file: its class may be that of a
    client."""
    names = [name for name in names if name not in _BUILT_IN]
    pattern = _RENAMED % b"|".join(re.escape(name.encode()) for name in names)
    return bool(names) and re.search(pattern, data) is not None


def _fans_out(data: bytes) -> bool:
    """Whether a `Promise.all` and its like may run over a collection: not where its argument is a literal of single
    promises."""
    calls = _COMBINATOR.finditer(data)
    return any(call[1] is None or not _is_tuple(data, call.end() - 1) for call in calls)


def _is_tuple(data: bytes, start: int) -> bool:
    """Whether the array literal at `start` is the whole argument, is not wide, and has no spread and no `.map` among
    its elements."""
    depth, commas = 0, 0
    for found in _TOKEN.finditer(data, start):
        token = found[0]
        if token in (b"[", b"(", b"{"):
            depth += 1
        elif token in (b"]", b")", b"}"):
            depth -= 1
            if depth == 0:
                return commas < WIDE - 1 and data[found.end() : found.end() + 200].lstrip()[:1] in (b")", b",")
        elif depth == 1 and token == b",":
            commas += 1
        elif depth == 1 and token[:1] == b".":
            return False
    return False
