"""The URLs of the datasource of a `schema.prisma`."""

from __future__ import annotations

import json
import re

from prismafix.workspace.setting_files.model import Found

URLS = ("url", "directUrl", "shadowDatabaseUrl")

_TOKEN = re.compile(
    rf"""
      //[^\n]* | /\*.*?\*/
    | \b(?P<name>{"|".join(URLS)})\s*=\s*
      (?: (?P<call>env\(\s*"(?P<variable>[^"\n]*)"\s*\)) | "(?P<text>(?:\\.|[^"\\\n])*)" )
    | "(?:\\.|[^"\\\n])*"
    | (?P<open>\bdatasource\s+\w+\s*\{{) | (?P<close>\}})
    """,
    re.VERBOSE | re.DOTALL,
)


def read_schema(text: str) -> list[Found]:
    """What the datasource blocks set. A reference's text is the whole call, `env("X")`."""
    found: list[Found] = []
    inside = False
    for match in _TOKEN.finditer(text):
        if match["open"] or match["close"]:
            inside = bool(match["open"])
        elif inside and match["call"]:
            found.append(Found(match["name"], *match.span("call"), match["call"], reference=True))
        elif inside and match["text"] is not None:
            found.append(Found(match["name"], *match.span("text"), decode(match["text"]), '"'))
    return found


def variables(text: str) -> list[str]:
    """The variables that a schema takes its URLs from."""
    return [match["variable"] for match in _TOKEN.finditer(text) if match["variable"]]


def decode(text: str) -> str:
    """What stands between the quotes of a string."""
    try:
        value = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return re.sub(r"\\(.)", r"\1", text)
    return str(value)


def encode(value: str) -> str:
    """`value` as it is written between double quotes."""
    return json.dumps(value, ensure_ascii=False)[1:-1]
