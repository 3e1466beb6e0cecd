"""Give migrations a URL past the pooler (PF506): `directUrl` in the schema or another variable in `prisma.config.*`,
and that variable in the env files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.connection.providers import direct, recognise
from prismafix.connection.url import NotAConnectionStringError, parse, without_parameters, write
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.url_text import setting_at
from prismafix.rules.model import OF_THE_POOL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.rules.model import AddDirectUrl, Intent, Span
    from prismafix.workspace.settings import Setting
    from prismafix.workspace.workspace import Workspace

_KEY = b"directUrl"
_ASSIGNMENT = re.compile(rb"(?P<indent>[ \t]*)(?P<key>\w+)(?P<space>[ \t]*)=(?P<after>[ \t]*)")


def add_direct_url(action: AddDirectUrl, intent: Intent, workspace: Workspace) -> Fix | Refusal:
    """Add the line to the datasource, aligned as the lines around it are, and one line to each env file.

    Raises FileNotFoundError when a file has gone.
    """
    data = workspace.read(action.url.path)
    setting = setting_at(action.url, workspace)
    if setting is not None and setting.form == "config":
        edits = [_in_config(action, setting)]
    else:
        edits = list(_in_schema(action, data))
    if not edits:
        return Refusal("the datasource is not written line by line: add `directUrl` by hand")
    for value in action.values:
        made = _in_env(action.variable, value, workspace)
        if isinstance(made, Refusal):
            return made
        edits.append(made)
    return Fix(intent.title, tuple(edits), intent.doubts)


def _in_config(action: AddDirectUrl, setting: Setting) -> Edit:
    """Another variable's name in `env("X")` or `process.env.X`."""
    name = setting.variable.encode()
    at = setting.start + setting.text.encode().rindex(name)
    return Edit(setting.path, at, at + len(name), action.variable.encode())


def _in_schema(action: AddDirectUrl, data: bytes) -> Iterator[Edit]:
    """The new line behind that of `url`, and the lines of its group moved to the column that `prisma format` gives
    them, if they stood in one."""
    path = action.url.path
    lines = data.splitlines(keepends=True)
    starts = [sum(len(line) for line in lines[:n]) for n in range(len(lines))]
    at = next((n for n, start in enumerate(starts) if start <= action.url.start < start + len(lines[n])), None)
    own = _ASSIGNMENT.match(lines[at]) if at is not None else None
    if at is None or own is None or own["key"] != b"url" or not lines[at].endswith(b"\n"):
        return
    first = last = at
    while first and _ASSIGNMENT.match(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and _ASSIGNMENT.match(lines[last + 1]):
        last += 1
    group = [(n, match) for n in range(first, last + 1) if (match := _ASSIGNMENT.match(lines[n]))]
    columns = {len(match["key"]) + len(match["space"]) for _, match in group}
    width = len(own["key"]) + len(own["space"])
    if len(columns) == 1:
        width = max(width, len(_KEY) + len(own["space"][:1]))
        for n, match in group:
            missing = width - len(match["key"]) - len(match["space"])
            if missing:
                end = starts[n] + match.end("space")
                yield Edit(path, end, end, b" " * missing)
    space = b" " * max(width - len(_KEY), len(own["space"][:1]))
    ending = b"\r\n" if lines[at].endswith(b"\r\n") else b"\n"
    text = own["indent"] + _KEY + space + b"=" + own["after"] + b'env("%s")' % action.variable.encode() + ending
    end = starts[at] + len(lines[at])
    yield Edit(path, end, end, text)


def _in_env(variable: str, value: Span, workspace: Workspace) -> Edit | Refusal:
    """The line behind that of the URL: written as that one is, with the host that a pooled one stands for."""
    setting = setting_at(value, workspace)
    data = workspace.read(value.path)
    if setting is None:
        return Refusal("the value is not where it was")
    begin = data.rfind(b"\n", 0, setting.start) + 1
    head, name = data[begin : setting.start], setting.name.encode()
    text = _past(setting)
    if text is None or head.count(name) != 1 or b"\n" in data[setting.start : setting.end]:
        return Refusal(f"the direct URL cannot be told from {setting.path}: set {variable} there by hand")
    newline = data.find(b"\n", setting.end)
    end = len(data) if newline < 0 else newline + 1
    ending = b"\r\n" if data[:end].endswith(b"\r\n") else b"\n"
    line = head.replace(name, variable.encode()) + text.encode() + setting.quote.encode()
    return Edit(setting.path, end, end, line + ending if newline >= 0 else ending + line)


def _past(setting: Setting) -> str | None:
    """The text of a URL past the pooler; that of a value which is none, or not pooled, as it is."""
    try:
        url = parse(setting.value)
    except NotAConnectionStringError:
        return setting.text
    provider = recognise(url).provider
    past = direct(url, provider) if provider.pooling == "transaction" else url
    if past is None or setting.text != setting.value:
        return None
    return write(without_parameters(past, OF_THE_POOL))
