"""What a project is while it is drawn, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from .hoisting_text import Kind, Module, Style


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a scenario calls: JavaScript in which `m` is the module at `path` and `$` a number. `pure` when
    nothing that it does can meet what others do at the same time."""

    path: str
    call: str
    pure: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """A project as files, with the Prisma version it is for, and what its scenario does. `keeps` are the modules
    that no safe fix may change, with the reason. `features` name what was drawn."""

    files: dict[str, bytes]
    version: str
    environment: dict[str, str]
    opening: tuple[str, ...]
    steps: tuple[str, ...]
    keeps: dict[str, str]
    features: tuple[str, ...]
    suffix: str


@dataclass(frozen=True, slots=True)
class Options:
    """What a client is built with. `url` says how its connection string is read, `fields` are other options as text,
    `adapter` how a driver adapter is written ("" for none)."""

    name: str
    fields: tuple[str, ...] = ()
    adapter: str = ""
    driver: str = ""
    needs: str = ""


@dataclass(slots=True)
class Build:
    """A project while it is drawn."""

    draw: Any
    kind: Kind
    style: Style
    version: str
    framework: str
    root: str
    alias: str
    entry: str
    house: Options
    keeps: dict[str, str] = field(default_factory=dict)
    modules: list[Module] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    opening: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    package: str = ""
    depends: bool = True
    shared: Shared | None = None
    names: list[str] = field(default_factory=list)

    def pick(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) < percent)

    def note(self, *features: str) -> None:
        self.features += [feature for feature in features if feature not in self.features]

    def module(self, stem: str) -> Module:
        made = Module(f"{self.root}{stem}", self.kind, self.style, self.alias)
        self.modules.append(made)
        return made

    def unused(self, *words: str) -> str:
        """A name for an exported function that the project does not have yet."""
        word = self.pick(*words)
        name = next(n for n in (word, *(f"{word}{i}" for i in range(2, 99))) if n not in self.names)
        self.names.append(name)
        return name


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared module of the project: how it is imported, and what its client is like."""

    stem: str
    export: str
    call: bool
    options: Options
    extension: str
    home: str


@dataclass(frozen=True, slots=True)
class Made:
    """A construction: lines that come first, the expression, and lines that give its companions back."""

    setup: tuple[str, ...]
    new: str
    releases: tuple[str, ...] = ()


def declares(m: Module, name: str) -> bool:
    return any(f" {name} " in f" {line} " for line in [*m.imports, *m.body])
