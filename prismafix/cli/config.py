"""Configuration: `prismafix.toml`, or its keys under `"prismafix"` in `package.json`, at the root and in packages."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from prismafix.cli.codes import closest, codes
from prismafix.cli.roots import workspace_root
from prismafix.connection.budget import UNKNOWN, Figures
from prismafix.engine.model import Override
from prismafix.errors import UserError
from prismafix.workspace.tree import list_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from prismafix.workspace.tree import Tree

FILE = "prismafix.toml"
_KINDS: dict[str, str] = {
    "select": "codes",
    "ignore": "codes",
    "exclude": "patterns",
    "chunk-size": "a whole number of at least 2",
    "include-scripts": "true or false",
    "per-file-ignores": "a table of patterns, each with a list of codes",
}
_ROOT_KINDS: dict[str, str] = {
    **_KINDS,
    "jobs": "a whole number of at least 1",
    "strict": "true or false",
    "call-depth": "a whole number of at least 1",
    "max-file-size": "a whole number of bytes of at least 1",
    "cache-dir": "the path of a folder",
    "no-cache": "true or false",
    "baseline": "the path of a file",
    "rule-pages": "the address of a folder, https://…",
    "commit-template": "the path of a file",
    "budget": "a table of numbers, such as max-connections = 100",
}
_FIGURES = {  # the least that each may be
    "instances": 1,
    "processes": 1,
    "limit": 1,
    "max-connections": 1,
    "reserved": 0,
    "others": 0,
    "headroom": 0,
    "overlap": 0,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one configuration says for the files below `folder` (POSIX, `""` is the root). None: it says nothing."""

    folder: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    chunk_size: int | None = None
    include_scripts: bool | None = None
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    jobs: int | None = None
    strict: bool | None = None
    max_bytes: int | None = None
    depth: int | None = None
    cache_dir: str | None = None
    no_cache: bool | None = None
    baseline: str | None = None
    rule_pages: str | None = None
    commit_template: str | None = None
    budget: Figures = UNKNOWN


@dataclass(frozen=True, slots=True)
class Configuration:
    """The root's settings, and those of folders below it, outermost first."""

    root: Settings
    nested: tuple[Settings, ...] = ()

    def exclude(self) -> tuple[str, ...]:
        """All `exclude` patterns as gitignore patterns relative to the root."""
        return self.root.exclude + tuple(_below(s.folder, pattern) for s in self.nested for pattern in s.exclude)

    def overrides(self, *, select: bool = True, ignore: bool = True, chunk_size: bool = True) -> tuple[Override, ...]:
        """What holds for some files only. False leaves a key out: the command line has said it for all."""
        found: list[Override] = []
        for s in (self.root, *self.nested):
            if s.folder:
                found.append(
                    Override(
                        s.folder,
                        select=s.select if select else (),
                        ignore=s.ignore if ignore else (),
                        chunk_size=s.chunk_size if chunk_size else None,
                        include_scripts=s.include_scripts,
                    )
                )
            found += [Override(s.folder, (pattern,), ignore=ignored) for pattern, ignored in s.per_file_ignores]
        return tuple(o for o in found if o != Override(o.folder, o.patterns))


def load(root: Path, file: Path | None = None, listed: Tree | None = None) -> Configuration:
    """The configuration of `root`, from `file` instead of the root's own if given, with what packages below it add.

    `listed` are the files of the root, if somebody has listed them already. When the root has none of its own, is no
    repository and lies in a workspace that has, that one holds. Raises UserError that names file and key for unknown
    keys, wrong types, malformed files, and for a folder that has both forms.
    """
    if file is not None:
        top = _parse(_toml(file, str(file)), str(file), "", _ROOT_KINDS)
        inside = file.resolve().is_relative_to(root)
        where = file.resolve().relative_to(root).as_posix() if inside and top.budget.file else ""
        top = replace(top, budget=replace(top.budget, file=where))
    else:
        top = _of_folder(root, "", _ROOT_KINDS) or (Settings() if (root / ".git").exists() else _inherited(root))
    listed = list_tree(root, {}) if listed is None else listed
    folders = {path.rpartition("/")[0] for path in listed.named(FILE, "package.json")} - {""}
    nested = (_of_folder(root, folder, _KINDS) for folder in sorted(folders, key=lambda f: (f.count("/"), f)))
    return Configuration(top, tuple(settings for settings in nested if settings is not None))


def _of_folder(root: Path, folder: str, kinds: Mapping[str, str]) -> Settings | None:
    at = root / folder
    prefix = f"{folder}/" if folder else ""
    manifest = _manifest(at / "package.json")
    if (at / FILE).is_file():
        if manifest is not None:
            raise UserError(f'{prefix}{FILE} and "prismafix" in {prefix}package.json: keep one of the two')
        return _parse(_toml(at / FILE, prefix + FILE), prefix + FILE, folder, kinds)
    return None if manifest is None else _parse(manifest, f'{prefix}package.json, "prismafix"', folder, kinds)


def _manifest(path: Path) -> object | None:
    """The value of `"prismafix"` in a package.json; a malformed package.json is the workspace's business."""
    try:
        data = path.read_bytes()
        found = json.loads(data) if b'"prismafix"' in data else None
    except (OSError, ValueError, RecursionError):
        return None
    return found.get("prismafix") if isinstance(found, dict) else None


def _toml(path: Path, name: str) -> object:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{name} is no valid TOML: {error}") from None
    except RecursionError:
        raise UserError(f"{name} is no valid TOML: it is nested too deeply") from None


def _inherited(root: Path) -> Settings:
    """The settings of the workspace that `root` lies in, with its patterns as seen from `root`."""
    outer = workspace_root(root.parent)
    found = _of_folder(outer, "", _ROOT_KINDS) if outer is not None else None
    if outer is None or found is None:
        return Settings()
    prefix = root.relative_to(outer).as_posix().split("/")
    return Settings(
        select=found.select,
        ignore=found.ignore,
        exclude=tuple(p for pattern in found.exclude if (p := _within(prefix, pattern))),
        chunk_size=found.chunk_size,
        include_scripts=found.include_scripts,
        per_file_ignores=tuple(
            (p, ignored) for pattern, ignored in found.per_file_ignores if (p := _within(prefix, pattern))
        ),
        jobs=found.jobs,
        strict=found.strict,
        max_bytes=found.max_bytes,
        cache_dir=os.path.relpath(outer / found.cache_dir, root) if found.cache_dir is not None else None,
        no_cache=found.no_cache,  # no baseline: its paths are those of the workspace
        rule_pages=found.rule_pages,
        commit_template=os.path.relpath(outer / found.commit_template, root) if found.commit_template else None,
        budget=replace(found.budget, file=""),
    )


def _within(prefix: Sequence[str], pattern: str) -> str:
    """A gitignore pattern of an outer folder as seen from the folder `prefix` below it; "" if it is about others."""
    body = pattern.removeprefix("!").removeprefix("/")
    if ("/" not in body.rstrip("/") and not pattern.removeprefix("!").startswith("/")) or body.startswith("**/"):
        return pattern
    parts = body.split("/")
    for depth, name in enumerate(prefix):
        if depth >= len(parts) or not parts[depth]:
            return "*" if not pattern.startswith("!") else ""
        if parts[depth] == "**":
            return pattern[: len(pattern) - len(body)].replace("/", "") + "/".join(parts[depth:])
        if not fnmatchcase(name, parts[depth]):
            return ""
    rest = "/".join(parts[len(prefix) :])
    return ("!" if pattern.startswith("!") else "") + ("/" + rest if rest else "*")


def _below(folder: str, pattern: str) -> str:
    """A gitignore pattern of `folder` as seen from the root."""
    negated = "!" if pattern.startswith("!") else ""
    body = pattern.removeprefix("!")
    anchored = body.startswith("/") or "/" in body.rstrip("/")
    return f"{negated}/{folder}/{body.removeprefix('/')}" if anchored else f"{negated}/{folder}/**/{body}"


def _parse(raw: object, name: str, folder: str, kinds: Mapping[str, str]) -> Settings:
    if not isinstance(raw, dict):
        raise UserError(f'{name}: must be a table of keys, such as ignore = ["PF303"]')
    for key in raw:
        if key not in kinds:
            where = " only works at the root" if key in _ROOT_KINDS else " is no key of prismafix" + closest(key, kinds)
            raise UserError(f"{name}: {key}{where}")
    read = _Reader(name, raw, kinds)
    return Settings(
        folder=folder,
        select=codes(read.strings("select"), f"{name}, select"),
        ignore=codes(read.strings("ignore"), f"{name}, ignore"),
        exclude=read.strings("exclude"),
        chunk_size=read.number("chunk-size", 2),
        include_scripts=read.boolean("include-scripts"),
        per_file_ignores=read.table("per-file-ignores"),
        jobs=read.number("jobs", 1),
        strict=read.boolean("strict"),
        max_bytes=read.number("max-file-size", 1),
        depth=read.number("call-depth", 1),
        cache_dir=read.text("cache-dir"),
        no_cache=read.boolean("no-cache"),
        baseline=read.text("baseline"),
        rule_pages=read.address("rule-pages"),
        commit_template=read.text("commit-template"),
        budget=read.figures("budget"),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes typed values out of a table. Raises UserError for a value of another type."""

    name: str
    raw: Mapping[str, Any]
    kinds: Mapping[str, str]

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, f"a list of {self.kinds[key]}")
        return tuple(value)

    def number(self, key: str, least: int) -> int | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self._wrong(key, self.kinds[key])
        return value

    def text(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is not None and not (isinstance(value, str) and value):
            raise self._wrong(key, self.kinds[key])
        return value

    def address(self, key: str) -> str | None:
        value = self.text(key)
        if value is not None and not value.startswith(("https://", "http://")):
            raise self._wrong(key, self.kinds[key])
        return value

    def boolean(self, key: str) -> bool | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(key, self.kinds[key])
        return value

    def table(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, self.kinds[key])
        rows = []
        for pattern, ignored in value.items():
            if not isinstance(ignored, list) or not all(isinstance(item, str) for item in ignored):
                raise self._wrong(key, self.kinds[key])
            rows.append((pattern, codes(ignored, f'{self.name}, {key}, "{pattern}"')))
        return tuple(rows)

    def figures(self, key: str) -> Figures:
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, self.kinds[key])
        for name, number in value.items():
            if name not in _FIGURES:
                raise UserError(f"{self.name}, {key}: {name} is no key of prismafix{closest(name, _FIGURES)}")
            if not isinstance(number, int) or isinstance(number, bool) or number < _FIGURES[name]:
                wanted = f"a whole number of at least {_FIGURES[name]}"
                raise UserError(f"{self.name}, {key}: {name} must be {wanted}, not {json.dumps(number, default=str)}")
        known = {name.replace("-", "_"): number for name, number in value.items()}
        return Figures(**known, file=self.name.partition(",")[0] if known else "")

    def _wrong(self, key: str, expected: str) -> UserError:
        return UserError(f"{self.name}: {key} must be {expected}, not {json.dumps(self.raw[key], default=str)}")
