"""Which models a file's text seems to query without waiting: so that only such files are parsed for PF403."""

from __future__ import annotations

import re

_QUERY = re.compile(
    rb"\.\s*(?:create(?:Many(?:AndReturn)?)?|update(?:Many(?:AndReturn)?)?|upsert|delete(?:Many)?|findMany|count"
    rb"|find(?:Unique|First)(?:OrThrow)?|aggregate|groupBy|\$(?:query|execute|runCommand)Raw(?:Unsafe|Typed)?)\s*[(<`]"
)
_NAME = re.compile(rb"[\w$]+")
_SPACE = b" \t\r\n"
_STARTS = b";{}=&|)?:"
"""What may stand before a query that is a statement of its own, or is stored; `await`, `return`, `(`, `,` and `=>` may
not."""
_WORDS = frozenset((b"void", b"else", b"do"))


def bare_queries(data: bytes) -> tuple[str, ...]:
    """The names before `.create(` and its like (`$` for raw SQL) where neither `await` nor `return` nor a call stands
    in front of the chain. It may name too many, never too few."""
    found: dict[str, None] = {}
    for match in _QUERY.finditer(data):
        start, names, broken = _chain(data, match.start())
        if not names or (b"$" not in match[0] and len(names) < 2 and data[start - 1 : start] != b")"):
            continue
        if _stands_alone(data, start, broken):
            found["$" if b"$" in match[0] else names[0].decode("utf-8", "replace")] = None
    return tuple(found)


def _chain(data: bytes, end: int) -> tuple[int, list[bytes], bool]:
    """Where the chain of names that ends before a dot starts, its names from the last to the first, and whether the
    chain starts a line."""
    names: list[bytes] = []
    at = end
    while True:
        before = len(data[max(0, at - 200) : at].rstrip(_SPACE)) + max(0, at - 200)
        while data[before - 1 : before] in (b"?", b"!"):
            before -= 1
        start = before
        while start > 0 and (data[start - 1] in b"_$" or data[start - 1 : start].isalnum()):
            start -= 1
        if start == before:
            return before, names, False
        names.append(data[start:before])
        previous = len(data[max(0, start - 200) : start].rstrip(_SPACE)) + max(0, start - 200)
        if data[previous - 1 : previous] != b".":
            return start, names, b"\n" in data[previous:start] or previous == 0
        at = previous - 1


def _stands_alone(data: bytes, start: int, first_on_line: bool) -> bool:
    before = data[max(0, start - 200) : start].rstrip(_SPACE)
    if not before:
        return True
    last = before[-1:]
    if last.isalnum() or last in (b"_", b"$"):
        word = re.search(rb"[\w$]+$", before)
        return word is None or word[0] in _WORDS or (first_on_line and word[0] not in (b"await", b"return", b"yield"))
    if last == b">":
        return not before.endswith(b"=>") or _dropped(data, before)
    if last == b"(":  # of a statement: `(tx ?? prisma).…` ends in a bracket, `(prisma.…)` does not
        inner = before[:-1].rstrip(_SPACE)
        return not inner or inner[-1:] in b";{}"
    return last in _STARTS or before.endswith(b"*/") or (first_on_line and last in b"\"'`]/*")


def _dropped(data: bytes, before: bytes) -> bool:
    """`list.forEach((item) => …`, `setTimeout(() => …`: what the arrow gives is dropped."""
    return (
        re.search(rb"(?:\.forEach|\bset(?:Timeout|Interval|Immediate))\s*\((?:[^;{}()]|\([^;{}()]*\))*$", before)
        is not None
    )
