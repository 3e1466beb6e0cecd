"""The files of a workspace in, the settings in them that are for a database out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.connection.interpolation import is_interpolation
from prismafix.workspace.model import Package, Problem
from prismafix.workspace.setting_files import names
from prismafix.workspace.setting_files.cdk import is_stack, read_cdk
from prismafix.workspace.setting_files.config import is_config, read_config
from prismafix.workspace.setting_files.dockerfile import read_dockerfile
from prismafix.workspace.setting_files.env import read_env
from prismafix.workspace.setting_files.json_tree import read_json_tree
from prismafix.workspace.setting_files.model import Form, Found, Setting
from prismafix.workspace.setting_files.places import variables_in
from prismafix.workspace.setting_files.schema import read_schema, variables
from prismafix.workspace.setting_files.toml_tree import read_toml_tree
from prismafix.workspace.setting_files.yaml_tree import read_yaml_trees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.setting_files.names import Kind
    from prismafix.workspace.workspace import Workspace

_WORKFLOWS: tuple[Kind, ...] = ("github", "gitlab", "circleci")
_DEFAULT = re.compile(r"\$\{\w+:?-(?P<value>.*)\}", re.DOTALL)


def read_settings(workspace: Workspace) -> tuple[tuple[Setting, ...], tuple[Problem, ...]]:
    """The settings, sorted by path and start, and the files that could not be read. No message holds a value."""
    reader = _Reader(workspace, _variables(workspace))
    settings = sorted(reader.all(), key=lambda one: (one.path, one.start))
    return tuple(settings), tuple(reader.problems)


def is_balanced(text: str) -> bool:
    """Whether every closing brace has its opening one before it."""
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def _variables(workspace: Workspace) -> frozenset[str]:
    """The variables that schemas and `prisma.config.*` take their URLs from."""
    found: set[str] = set()
    for path in (path for schema in workspace.schemas for path in schema.files):
        found.update(variables(_text(workspace, path)))
    for path in _configs(workspace):
        values = (one.value for one in read_config(_text(workspace, path)) if one.reference)
        found.update(names.named_variable(value) for value in values)
    return frozenset(found)


def _configs(workspace: Workspace) -> list[str]:
    return [path for path in workspace.source_files if "prisma." in path and is_config(path)]


def _stacks(workspace: Workspace) -> list[str]:
    roots = {package.root for package in workspace.packages if "aws-cdk-lib" in package.dependencies}
    paths = (path for path in workspace.source_files if is_stack(path)) if roots else ()
    return [path for path in paths if workspace.package_root(path) in roots]


def _text(workspace: Workspace, path: str) -> str:
    try:
        return workspace.read(path).decode("utf-8", "replace")
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class _File:
    """`text` is without the byte order mark, which has `bom` bytes."""

    path: str
    kind: Kind
    text: str = field(repr=False)
    bom: int


@dataclass(slots=True)
class _Reader:
    workspace: Workspace
    variables: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def all(self) -> Iterator[Setting]:
        workspace = self.workspace
        for path in workspace.env_files:
            yield from self.file(path, "env", workspace.package_of(path))
        for schema in workspace.schemas:
            package = next((one for one in workspace.packages if schema.path in one.schemas), None)
            for path in schema.files:
                yield from self.file(path, "schema", package)
        for path in _configs(workspace):
            yield from self.file(path, "config", workspace.package_of(path))
        for path in _stacks(workspace):
            yield from self.file(path, "cdk", workspace.package_of(path))
        for path in workspace.setting_files:
            kind = names.kind_of(path)
            content = workspace.overlay.get(path)
            size = workspace.disk.size(path) if content is None else len(content)
            if kind is not None and size is not None and size <= workspace.max_bytes:  # None: a link, or gone
                yield from self.file(path, kind, self.package(path, kind))

    def package(self, path: str, kind: Kind) -> Package | None:
        """The package that the variables of a file are for, unless a part of the file says more."""
        package = self.workspace.package_of(path)
        if kind in ("compose", *_WORKFLOWS):
            return None
        if kind in ("serverless", "sam", "vercel", "netlify", "wrangler") or package is None:
            return package
        is_for_members = any(
            one.workspace_root == package.root and one is not package for one in self.workspace.packages
        )
        return None if is_for_members else package  # at the root of a workspace: for one of them, or for all

    def file(self, path: str, kind: Kind, package: Package | None) -> Iterator[Setting]:
        """The settings of one file."""
        try:
            content = self.workspace.read(path)
        except OSError as error:
            self.problem(path, f"cannot be read ({error.strerror or 'it has gone'}); check its permissions")
            return
        is_wide = kind == "env" and content[:2] in (b"\xff\xfe", b"\xfe\xff")
        if not is_wide and kind not in ("schema", "config") and not names.may_hold_settings(content, self.variables):
            return
        if kind == "manifest" and b"apiVersion" not in content and b"AWS::" not in content:
            return
        bom = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        try:
            text = content[bom:].decode()
        except UnicodeDecodeError:
            self.problem(path, "not UTF-8; what it sets is not known, save it as UTF-8")
            return
        try:
            variables = _read(kind, path, text)
        except ValueError as error:
            place = f" ({error})" if str(error) else ""
            self.problem(path, f"not valid {_form(kind, path).upper()}{place}; what it sets is not known, fix the file")
            return
        for found in variables:
            setting = self.setting(_File(path, kind, text, bom), found, package)
            if setting is not None:
                yield setting

    def problem(self, path: str, message: str) -> None:
        """Note a file that cannot be used, unless discovery did."""
        if not any(one.path == path for one in self.workspace.problems):
            self.problems.append(Problem(path, message))

    def setting(self, file: _File, found: Found, package: Package | None) -> Setting | None:
        """The setting, if what was found is for a database."""
        text, form = file.text, _form(file.kind, file.path)
        start, end, value, default = found.start, found.end, found.value, False
        inner = _DEFAULT.fullmatch(value)
        if inner and names.is_connection_string(inner["value"]) and is_balanced(inner["value"]):
            match = _DEFAULT.fullmatch(text, start, end)
            if match:
                start, end, value, default = match.start("value"), match.end("value"), inner["value"], True
        reference = found.reference or (value[:1] in "${#" and is_interpolation(value))  # `<host>` is for the reader
        known = form in ("schema", "config") or found.name in self.variables
        is_url = names.is_connection_string(value) and not names.is_file(value)
        told_by_name = (reference or names.is_file(value)) and names.is_database_name(found.name)
        if not (known or is_url or told_by_name):
            return None
        if found.folder is not None:
            package = self.workspace.package_of(f"{found.folder}/_" if found.folder else "_")
        return Setting(
            path=file.path,
            line=text.count("\n", 0, start) + 1,
            start=file.bom + _bytes(text, start),
            end=file.bom + _bytes(text, end),
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
            sample=(file.kind in _WORKFLOWS and not reference) or names.is_sample(file.path),
            default=default,
            context=found.context,
        )


def _bytes(text: str, offset: int) -> int:
    return offset if text.isascii() else len(text[:offset].encode())


def _form(kind: Kind, path: str) -> Form:
    if kind == "env" or kind == "schema" or kind == "config" or kind == "dockerfile":
        return kind
    if kind == "cdk":
        return "code"
    return "toml" if path.endswith(".toml") else "json" if path.endswith((".json", ".jsonc")) else "yaml"


def _read(kind: Kind, path: str, text: str) -> list[Found]:
    """The variables that a file sets. Raises ValueError (with a line at most) where it is malformed."""
    if kind == "env":
        return read_env(text)
    if kind == "schema":
        return read_schema(text)
    if kind == "config":
        return read_config(text)
    if kind == "cdk":
        return read_cdk(path, text)
    if kind == "dockerfile":
        return read_dockerfile(text)
    form = _form(kind, path)
    if form == "yaml":
        return variables_in(kind, path, read_yaml_trees(text))
    return variables_in(kind, path, [read_toml_tree(text) if form == "toml" else read_json_tree(text)])
