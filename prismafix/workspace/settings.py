"""Where connection strings live outside of the code: env files, schemas, Compose files, deployment files, workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.workspace.setting_files.model import Form, Setting
from prismafix.workspace.setting_files.reading import is_balanced, read_settings
from prismafix.workspace.setting_files.writing import rewritten

if TYPE_CHECKING:
    from prismafix.workspace.model import Problem
    from prismafix.workspace.workspace import Workspace

__all__ = ["Form", "Setting", "edited", "setting_problems", "settings_of", "written"]


def settings_of(workspace: Workspace) -> tuple[Setting, ...]:
    """Every setting that holds a database's URL or refers to one, sorted by path and start.

    Such is a value that looks like a connection string; whatever a variable holds that a schema or a `prisma.config.*`
    takes its URL from; and a reference under a name like `DATABASE_URL`. Read once per workspace, at the first call.
    """
    return _read(workspace)[0]


def setting_problems(workspace: Workspace) -> tuple[Problem, ...]:
    """The files in which settings could not be read; none before `settings_of` was asked. No message holds a value."""
    return workspace.settings_cache[0][1] if workspace.settings_cache else ()


def written(setting: Setting, value: str) -> bytes | None:
    """The bytes to put at `start`:`end` so that the setting means `value`, in the quotes that are there; quotes that
    are needed and missing are among them.

    None for a reference, and where more than these bytes would have to change: ask `edited` then.
    """
    edit = edited(setting, value)
    return edit[2] if edit is not None and edit[:2] == (setting.start, setting.end) else None


def edited(setting: Setting, value: str) -> tuple[int, int, bytes] | None:
    """The edit (start and end in bytes, new content) that makes the setting mean `value`. It may reach beyond the
    value to give it other quotes. None for a reference, and where the form has no way to write `value` there."""
    if value == setting.value:
        return setting.start, setting.end, setting.text.encode()
    if setting.reference or (setting.default and not is_balanced(value)):
        return None
    change = rewritten(setting.form, setting.context, setting.name, setting.quote, value)
    if change is None or (setting.default and change.quotes != setting.quote):
        return None
    return setting.start - change.before, setting.end + change.after, change.text.encode()


def _read(workspace: Workspace) -> tuple[tuple[Setting, ...], tuple[Problem, ...]]:
    if not workspace.settings_cache:
        workspace.settings_cache.append(read_settings(workspace))
    return workspace.settings_cache[0]
