"""The URLs of `datasource` in `prisma.config.*`, which Prisma's CLI reads and no client does (docs, and the types of
@prisma/config 6.19 and 7.10: in 6 it overrules the schema, since 7 the schema has none).

The code is not run. Only a value that is written out, `env("X")`, `process.env.X`, or a choice of those with `??` or
`||` is read; of anything else nothing is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prismafix.workspace.setting_files.model import Found
from prismafix.workspace.setting_files.schema import URLS

_TOKEN = re.compile(
    r"""
      (?P<gap> \s+ | //[^\n]* | /\*.*?\*/ )
    | (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*` )
    | (?P<word> [\w$]+ )
    | (?P<sign> \?\?|\|\||\?\.|=>|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_READS = re.compile(
    r"""env(?:<\w+>)?\((?P<q>["'`])(?P<a>\w+)(?P=q)\)|process\.env(?:\.(?P<b>\w+)|\[(?P<r>["'`])(?P<c>\w+)(?P=r)\])!?"""
)


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are characters of the source text."""

    text: str
    start: int
    end: int


def is_config(path: str) -> bool:
    """Whether a file is Prisma's configuration, by its name: `prisma.config.ts`, `.config/prisma.ts`."""
    folder, _, name = path.rpartition("/")
    return name.startswith("prisma.config.") or (name.startswith("prisma.") and folder.rpartition("/")[2] == ".config")


def read_config(text: str) -> list[Found]:
    """What `datasource` sets. A reference's text is the whole expression, its value `env("X")` as in a schema. Where
    the file has several such objects nothing is known."""
    tokens = tokens_of(text)
    at = [n for n, token in enumerate(tokens) if _key(tokens, n) == "datasource" and is_at(tokens, n + 2, "{")]
    if len(at) != 1:
        return []
    found: list[Found] = []
    for name, value in properties_at(tokens, at[0] + 2):
        if name in URLS:
            found += _values(name, value, text)
    return found


def tokens_of(text: str) -> list[Token]:
    """The words, strings and signs of a source text, without comments."""
    return [Token(match[0], *match.span()) for match in _TOKEN.finditer(text) if match["gap"] is None]


def is_at(tokens: list[Token], at: int, text: str) -> bool:
    """Whether a token is there, and this one."""
    return at < len(tokens) and tokens[at].text == text


def _key(tokens: list[Token], at: int) -> str:
    """The name of the property that begins at a token; "" where none does."""
    starts = at == 0 or tokens[at - 1].text in ("{", ",")
    return tokens[at].text.strip("\"'") if starts and is_at(tokens, at + 1, ":") else ""


def properties_at(tokens: list[Token], at: int) -> list[tuple[str, list[Token]]]:
    """The properties of the object whose brace is at a token, each with the tokens of its value; of what is spread or
    computed, nothing."""
    found: list[tuple[str, list[Token]]] = []
    depth = 0
    for n in range(at, len(tokens)):
        text = tokens[n].text
        depth += (text in "{[(") - (text in "}])")
        if depth == 0:
            break
        if depth == 1 and text in "{,":
            found.append(("", []))
            if n + 1 < len(tokens) and (name := _key(tokens, n + 1)):
                found[-1] = (name, [])
        else:
            found[-1][1].append(tokens[n])
    return [(name, value[2:]) for name, value in found if name]


def _values(name: str, tokens: list[Token], text: str) -> list[Found]:
    """Every value that an expression may have; none of them where one is not known."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text in ("??", "||"):
            parts.append([])
        else:
            parts[-1].append(token)
    found = [value_of(name, part, text) for part in parts]
    return [one for one in found if one is not None] if None not in found else []


def value_of(name: str, tokens: list[Token], text: str) -> Found | None:
    """A string, or a reference to a variable of the environment; None for any other expression."""
    if not tokens:
        return None
    start, end = tokens[0].start, tokens[-1].end
    quote = text[start]
    if len(tokens) == 1 and quote in "\"'`":
        inner = text[start + 1 : end - 1]
        is_plain = "\\" not in inner and not (quote == "`" and "${" in inner)
        return Found(name, start + 1, end - 1, inner, quote, target="unknown") if is_plain else None
    reads = _READS.fullmatch("".join(token.text for token in tokens))
    variable = (reads["a"] or reads["b"] or reads["c"]) if reads else ""
    if not variable:
        return None
    return Found(name, start, end, f'env("{variable}")', reference=True, target="unknown")


def encode(value: str, quote: str) -> str | None:
    """How `value` is written in these quotes; None where it would need an escape. What is computed in a template
    (`${user}`) stays."""
    odd = re.search(r"[\\\r\n\u2028\u2029]", value) or quote in value
    return None if odd else value
