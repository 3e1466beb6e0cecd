"""Where connection strings live outside of the code: env files, schemas, Compose files, deployment files, workflows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.connection.interpolation import is_interpolation
from prismafix.workspace.model import Problem, Target
from prismafix.workspace.setting_files import names
from prismafix.workspace.setting_files.env import read_env
from prismafix.workspace.setting_files.model import Form, Found
from prismafix.workspace.setting_files.schema import read_schema, variables
from prismafix.workspace.setting_files.writing import rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismafix.workspace.model import Package
    from prismafix.workspace.workspace import Workspace

__all__ = ["Form", "Setting", "edited", "setting_problems", "settings_of", "written"]

_CONFIG_URL = re.compile(
    r"""(?:url|directUrl|shadowDatabaseUrl)\s*:\s*(?:env(?:<[^<>]*>)?\(\s*["'`](\w+)|process\.env\.(\w+)|process\.env\[\s*["'`](\w+))"""
)
_DEFAULT = re.compile(r"\$\{\w+:?-(?P<value>.*)\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that a file gives to a variable, or to `url` and its like in a schema.

    `start`/`end` are the bytes of the value as written, without its quotes (`quote`: `"`, `'`, or "" for none), `line`
    (1-based) where it starts. `text` is what stands there, `value` what it means: escapes of the form are undone,
    interpolations (`${DB_USER}`) and their own escapes (`\\$`, `$$`) stay. `reference`: the value is kept elsewhere,
    and this only names it (`${{ secrets.DATABASE_URL }}`, `${ssm:/db/url}`, `env("DATABASE_URL")`); `variable` is the
    name of what it refers to where that is a variable, else "".
    `where` says in words which part of the file it is ("service web", "function orders"), "" for all of it. `package`
    is the root of the package that it is for, None where that cannot be told; `target` where that value is used.
    `sample`: by its file's name it is for tests or an example (`.env.test`, `.env.example`, a workflow). `default`: it
    is what stands behind `:-` in `${DATABASE_URL:-…}`. `context` is for `written` alone: how the form holds it.
    """

    path: str
    line: int
    start: int
    end: int
    name: str
    text: str = field(repr=False)  # it may hold a password
    value: str = field(repr=False)
    form: Form
    quote: str = ""
    reference: bool = False
    where: str = ""
    package: str | None = None
    target: Target = "unknown"
    variable: str = ""
    sample: bool = False
    default: bool = False
    context: str = ""


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
    if setting.reference or (setting.default and not _is_balanced(value)):
        return None
    change = rewritten(setting.form, setting.context, setting.name, setting.quote, value)
    if change is None or (setting.default and change.quotes != setting.quote):
        return None
    return setting.start - change.before, setting.end + change.after, change.text.encode()


# --- reading
# ---------------------------------------------------------------------------------------------------------------


def _read(workspace: Workspace) -> tuple[tuple[Setting, ...], tuple[Problem, ...]]:
    if not workspace.settings_cache:
        reader = _Reader(workspace, _variables(workspace))
        settings = sorted(reader.all(), key=lambda one: (one.path, one.start))
        workspace.settings_cache.append((tuple(settings), tuple(reader.problems)))
    return workspace.settings_cache[0]


def _variables(workspace: Workspace) -> frozenset[str]:
    """The variables that schemas and `prisma.config.*` take their URLs from."""
    found: set[str] = set()
    for path in (path for schema in workspace.schemas for path in schema.files):
        found.update(variables(_text(workspace, path)))
    for path in workspace.source_files:
        folder, _, name = path.rpartition("/")
        if name.startswith("prisma.config.") or (name.startswith("prisma.") and folder.endswith(".config")):
            found.update(one for match in _CONFIG_URL.findall(_text(workspace, path)) for one in match if one)
    return frozenset(found)


def _text(workspace: Workspace, path: str) -> str:
    try:
        return workspace.read(path).decode("utf-8", "replace")
    except OSError:
        return ""


@dataclass(slots=True)
class _Reader:
    workspace: Workspace
    variables: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def all(self) -> Iterator[Setting]:
        for path in self.workspace.env_files:
            yield from self.file(path, "env", lambda text, _: read_env(text), self.workspace.package_of(path))
        for schema in self.workspace.schemas:
            package = next((one for one in self.workspace.packages if schema.path in one.schemas), None)
            for path in schema.files:
                yield from self.file(path, "schema", lambda text, _: read_schema(text), package)

    def file(
        self, path: str, form: Form, read: Callable[[str, str], list[Found]], package: Package | None
    ) -> Iterator[Setting]:
        """The settings of one file."""
        try:
            content = self.workspace.read(path)
        except OSError as error:
            self.problems.append(
                Problem(path, f"cannot be read ({error.strerror or 'not there'}); check its permissions")
            )
            return
        is_wide = form == "env" and content[:2] in (b"\xff\xfe", b"\xfe\xff")
        if not is_wide and not names.may_hold_settings(content, self.variables):
            return
        bom = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        try:
            text = content[bom:].decode()
        except UnicodeDecodeError:
            self.problems.append(Problem(path, "not UTF-8; what it sets is not known, save it as UTF-8"))
            return
        for found in read(text, path):
            setting = self.setting(path, form, text, bom, found, package)
            if setting is not None:
                yield setting

    def setting(
        self, path: str, form: Form, text: str, bom: int, found: Found, package: Package | None
    ) -> Setting | None:
        """The setting, if what was found is for a database."""
        start, end, value, default = found.start, found.end, found.value, False
        inner = _DEFAULT.fullmatch(value)
        if inner and names.is_connection_string(inner["value"]) and _is_balanced(inner["value"]):
            match = _DEFAULT.fullmatch(text, start, end)
            if match:
                start, end, value, default = match.start("value"), match.end("value"), inner["value"], True
        reference = found.reference or is_interpolation(value)
        known = form == "schema" or found.name in self.variables
        if not (known or names.is_connection_string(value) or (reference and names.is_database_name(found.name))):
            return None
        if found.folder is not None:
            package = self.workspace.package_of(f"{found.folder}/_" if found.folder else "_")
        return Setting(
            path=path,
            line=text.count("\n", 0, start) + 1,
            start=bom + _bytes(text, start),
            end=bom + _bytes(text, end),
            name=found.name,
            text=text[start:end],
            value=value,
            form=form,
            quote=found.quote,
            reference=reference,
            where=found.where,
            package=package.root if package is not None else None,
            target=found.target or (package.target if package is not None else "unknown"),
            variable=names.named_variable(value) if reference else "",
            sample=names.is_sample(path),
            default=default,
            context=found.context,
        )


def _bytes(text: str, offset: int) -> int:
    return offset if text.isascii() else len(text[:offset].encode())


def _is_balanced(text: str) -> bool:
    """Whether every closing brace has its opening one before it."""
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0
