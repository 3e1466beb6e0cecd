"""Write a driver's own parameters into URLs that it reads itself (PF501, PF505): in code, and where settings are."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from prismafix.connection.url import respelled, value_of, with_parameter, without_parameters
from prismafix.rewrites.edits import breaks, join_edits
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rewrites.source import Source
from prismafix.rewrites.url_text import changed_in_code, changed_in_setting, setting_at

if TYPE_CHECKING:
    from prismafix.connection.url import ConnectionUrl
    from prismafix.rewrites.model import Edit
    from prismafix.rules.model import DriverUrl, Intent, SetDriverParameters
    from prismafix.workspace.workspace import Workspace


def set_driver_parameters(action: SetDriverParameters, intent: Intent, workspace: Workspace) -> Fix | Refusal:
    """Change the URLs; other parameters stay, and stay where they are.

    Raises FileNotFoundError when a file has gone.
    """
    edits: dict[str, list[Edit]] = defaultdict(list)
    code = set()
    for url in action.urls:
        path, change = url.place.path, partial(_changed, url)
        setting = setting_at(url.place, workspace)
        if setting is not None:
            edit = changed_in_setting(setting, change, workspace)
            if edit is None:
                return Refusal(f"the value in {path} is written in a way that cannot be kept: change it by hand")
            edits[path].append(edit)
            continue
        source = Source.open(path, workspace)
        node = source.node_at(url.place.start, url.place.end)
        made = changed_in_code(source, node, change) if node is not None else None
        if made is None:
            return Refusal("the URL is put together in a way that cannot be taken apart: change its parameters by hand")
        code.add(path)
        edits[path] += made
    joined = {path: join_edits(found) for path, found in edits.items()}
    for path in code:
        if breaks(Source.open(path, workspace), joined[path]):
            return Refusal(f"{path} would not parse afterwards")
    return Fix(intent.title, tuple(edit for found in joined.values() for edit in found), intent.doubts)


def _changed(action: DriverUrl, url: ConnectionUrl) -> ConnectionUrl:
    for old, name, value in action.parameters:
        if not name:
            url = without_parameters(url, (old,))
        elif old:
            url = respelled(url, old, name, value)
        elif value_of(url, name) is None:
            url = with_parameter(url, name, value)
    return url
