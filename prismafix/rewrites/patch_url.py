"""Change parts of a connection string where it lives (PF501, PF502, PF503, PF506): the rest of it keeps every byte."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.connection.adapters import PARAMETERS
from prismafix.connection.url import (
    NotAConnectionStringError,
    Parameter,
    parse,
    value_of,
    with_host,
    with_parameter,
    without_parameters,
    write,
)
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.url_text import setting_at
from prismafix.workspace.settings import edited

if TYPE_CHECKING:
    from prismafix.connection.url import ConnectionUrl
    from prismafix.rules.model import Intent, PatchUrl
    from prismafix.workspace.settings import Setting
    from prismafix.workspace.workspace import Workspace


def patch_url(action: PatchUrl, intent: Intent, workspace: Workspace) -> Fix | Refusal:
    """Write the changes into the setting.

    An edit goes to the end of the value: what depends on another change is decided after it.

    Raises FileNotFoundError when the file has gone.
    """
    path = action.value.path
    setting = setting_at(action.value, workspace)
    if setting is None:
        return Refusal("the value is not where it was")
    try:
        url = parse(setting.value)
    except NotAConnectionStringError:
        return Refusal("the value is no connection string any more")
    changed = url
    for part, name, value in action.changes:
        changed = _with_part(changed, part, name, value)
    made = edited(setting, write(changed))
    if made is None:
        return Refusal("the value is written in a way that cannot be kept: change it by hand")
    first, last, text = made
    old = workspace.read(path)[first:last]
    if text == old:
        return Refusal("there is nothing to change")
    edit = _shortened(Edit(path, first, last, text), old)
    start = min(edit.start, _behind_hosts(setting, url))  # so that two changes of one URL never go in at once
    return Fix(intent.title, (Edit(path, start, last, text[start - first :]),), intent.doubts)


def _behind_hosts(setting: Setting, url: ConnectionUrl) -> int:
    """The byte before which the hosts end; the start of a value that is not written as it is meant."""
    if setting.text != setting.value:
        return setting.start
    return setting.start + len(write(replace(url, path="", mark="", parameters=(), fragment="")).encode()) - 1


def _with_part(url: ConnectionUrl, part: str, name: str, value: str | None) -> ConnectionUrl:
    if value is None:
        return without_parameters(url, (name,))
    if part == "host":
        host = url.hosts[0]
        return with_host(url, replace(host, name=value) if name == "host" else replace(host, port=value))
    if name == "pgbouncer" and value_of(url, name) is None:
        return _with_flag(url, name, value)
    return with_parameter(url, name, value)


def _with_flag(url: ConnectionUrl, name: str, value: str) -> ConnectionUrl:
    """The flag of the pooler goes before the parameters of the pool, whichever of them came first."""
    of_pool = set(PARAMETERS[url.database].values())
    at = next((n for n, parameter in enumerate(url.parameters) if parameter.name in of_pool), None)
    if at is None:
        return with_parameter(url, name, value)
    return replace(url, parameters=(*url.parameters[:at], Parameter(name, value), *url.parameters[at:]))


def _shortened(edit: Edit, old: bytes) -> Edit:
    """The edit without what it leaves as it is at its start."""
    new, head = edit.text, 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    return Edit(edit.path, edit.start + head, edit.end, new[head:])
