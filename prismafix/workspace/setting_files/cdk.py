"""The variables that an AWS CDK stack gives its Lambda functions: `new Function(this, "X", { environment: { … } })` and
its kind (https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.Function.html).

The code is not run: of what is spread or computed nothing is known.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.workspace.setting_files.config import is_at, properties_at, tokens_of, value_of
from prismafix.workspace.setting_files.model import Found
from prismafix.workspace.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.setting_files.config import Token

_FUNCTIONS = frozenset(("Function", "NodejsFunction", "DockerImageFunction", "SingletonFunction"))
_STACK = re.compile(r"stack|/cdk/|/infra", re.IGNORECASE)


def is_stack(path: str) -> bool:
    """Whether a module is named like one that holds a stack."""
    return path.endswith((".ts", ".js", ".mts", ".mjs")) and _STACK.search(f"/{path}") is not None


def read_cdk(path: str, text: str) -> list[Found]:
    """The variables of the functions in a stack. An expression that is neither a string nor a template is a reference.
    `where` is the function's name, `folder` that of its `entry` where that is written from `__dirname` on."""
    tokens = tokens_of(text)
    found: list[Found] = []
    for n, token in enumerate(tokens):
        if token.text == "new":
            found += _function(path, text, tokens, n + 1)
    return found


def _function(path: str, text: str, tokens: list[Token], at: int) -> Iterator[Found]:
    while is_at(tokens, at + 1, "."):
        at += 2
    if at >= len(tokens) or tokens[at].text not in _FUNCTIONS or not is_at(tokens, at + 1, "("):
        return
    brace = next((n for n in range(at + 2, min(at + 12, len(tokens))) if tokens[n].text == "{"), None)
    if brace is None or any(token.text in ";)" for token in tokens[at:brace]):
        return
    given = dict(properties_at(tokens, brace))
    environment = given.get("environment", [])
    if not environment or environment[0].text != "{":
        return
    name = next((token.text[1:-1] for token in tokens[at:brace] if token.text[0] in "\"'`"), "")
    for variable, value in properties_at(environment, 0):
        one = value_of(variable, value, text) or _template(variable, value, text)
        if one is None and value:
            one = Found(variable, value[0].start, value[-1].end, "", reference=True, context="fixed")
        if one is not None:
            where = f"function {name}" if name else ""
            yield replace(one, where=where, folder=_folder(path, given.get("entry", [])), target="serverless")


def _template(name: str, value: list[Token], text: str) -> Found | None:
    """A template with computed pieces; they are interpolations like any other."""
    if len(value) != 1 or value[0].text[0] != "`" or "\\" in value[0].text:
        return None
    start, end = value[0].start + 1, value[0].end - 1
    return Found(name, start, end, text[start:end], "`")


def _folder(path: str, entry: list[Token]) -> str | None:
    words = [token.text for token in entry]
    if "__dirname" not in words or "join" not in words:
        return None
    parts = [word[1:-1] for word in words if word[0] in "\"'`"]
    folder = parent(join(parent(path), "/".join(parts)))
    return None if folder.startswith(("..", "/")) else folder
