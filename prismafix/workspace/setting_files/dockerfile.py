"""Dockerfiles: `ENV` and `ARG` (https://docs.docker.com/reference/dockerfile/).

`$` and `\\$` stay as written: they are filled in when the image is built.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.workspace.setting_files.model import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.model import Target

_INSTRUCTION = re.compile(
    r"^[ \t]*(?P<word>ENV|ARG|FROM|RUN|COPY|ADD)(?=[ \t]|\\[ \t]*\r?$)"
    r"(?P<rest>(?:\\[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*|[^\n])*)",
    re.MULTILINE | re.IGNORECASE,
)
_PAIR = re.compile(
    r"""(?P<name>[A-Za-z_][\w.-]*)(?:=(?P<value>(?:"(?:\\.|[^"\\])*"|'[^']*'|\\[^\n\r]|[^\s"'\\])*))?""", re.DOTALL
)
_GAP = re.compile(r"(?:[ \t]+|\\[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*)*")
_LEGACY = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)[ \t]+(?P<value>[^\n]*\S)[ \t]*\r?$")
_STAGE = re.compile(r"[ \t]+(?:--\S+[ \t]+)*(?P<image>\S+)(?:[ \t]+AS[ \t]+(?P<name>\S+))?", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)")
_WHOLE = re.compile(r""""((?:\\.|[^"\\])*)"|'([^']*)'""", re.DOTALL)
_PIECE = re.compile(r""""((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)|([^"'\\]+|.)""", re.DOTALL)


def read_dockerfile(text: str) -> list[Found]:
    """What `ENV` and `ARG` set; an `ARG` without a value is a reference. `where` is the stage, if it has a name."""
    found: list[Found] = []
    if re.match(r"\s*#\s*escape\s*=\s*`", text):
        return found
    stage, at = "", 0
    while match := _INSTRUCTION.search(text, at):
        word, at = match["word"].upper(), max(match.end(), match.start() + 1)
        if word == "FROM":
            told = _STAGE.match(match["rest"])
            stage = f"stage {told['name']}" if told and told["name"] else ""
        elif word in ("ENV", "ARG"):
            found += _pairs(text, match.start("rest"), match.end("rest"), stage, word)
        elif (word_of := _HEREDOC.search(match["rest"])) is not None:
            end = re.compile(rf"^\t*{word_of[1]}[ \t]*\r?$", re.MULTILINE).search(text, at)
            at = end.end() if end else at
    target: Target = "serverless" if "public.ecr.aws/lambda/" in text else "server"
    return [replace(one, target=target) for one in found]


def _pairs(text: str, start: int, end: int, stage: str, word: str) -> Iterator[Found]:
    at = _gap(text, start, end)
    legacy = _LEGACY.match(text, at, end) if word == "ENV" else None
    if legacy:
        yield _found(text, legacy["name"], *legacy.span("value"), stage, "legacy")
        return
    while match := _PAIR.match(text, at, end):
        if match["value"] is not None:
            yield _found(text, match["name"], *match.span("value"), stage, "")
        elif word == "ARG":
            yield Found(match["name"], match.end(), match.end(), "", reference=True, where=stage, context="fixed")
        at = _gap(text, match.end(), end)


def _gap(text: str, at: int, end: int) -> int:
    match = _GAP.match(text, at, end)
    return match.end() if match else at


def _found(text: str, name: str, start: int, end: int, stage: str, context: str) -> Found:
    raw = text[start:end]
    if _WHOLE.fullmatch(raw):
        return Found(name, start + 1, end - 1, decode(raw), raw[0], where=stage, context=context)
    plain = not re.search(r"[\"'\n]", raw)
    return Found(name, start, end, decode(raw), where=stage, context=context if plain else "fixed")


def decode(raw: str) -> str:
    """What a value means, its quotes included."""
    pieces = []
    for match in _PIECE.finditer(raw):
        if match[1] is not None:
            pieces.append(re.sub(r'\\(["\\])', r"\1", match[1]))
        elif match[3] is not None:
            pieces.append(f"\\{match[3]}" if match[3] == "$" else match[3])
        else:
            pieces.append(match[2] if match[2] is not None else match[4])
    return "".join(pieces)


def encode(value: str, quote: str, context: str) -> str | None:
    """How `value` is written in these quotes ("" for none); None where it cannot be."""
    if re.search(r"[\r\n]", value):
        return None
    if quote == "'":
        return None if "'" in value else value
    escaped = re.sub(r"\\(?!\$)", r"\\\\", value)  # `\$` stays, as in what was read
    if quote == '"':
        return escaped.replace('"', '\\"')
    odd = r"""["'\\]|^\s|\s$""" if context == "legacy" else r"""["'\\\s]"""
    return value if value and not re.search(odd, value.replace("\\$", "$")) else None
