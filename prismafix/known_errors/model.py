"""What is known about an error, and what a log holds of it. Plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KnownError:
    """One error. `key` is Prisma's code, or a name where it has none; `also` are other codes that mean it.

    `patterns` find it in a text that a program logged; their named groups are numbers worth showing. `causes` are
    codes of rules, the likeliest first. `exists` says on which versions and engines; `known_from` whether that was
    measured or read. `engine_only`: nothing but the Rust engine of Prisma 2 to 6 does this. `general`: other errors are
    named inside its message and say more. `slow_query`: it helps to log queries. `sections` are (heading, Markdown).
    """

    key: str
    name: str
    title: str
    also: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    causes: tuple[str, ...]
    exists: str
    known_from: str
    engine_only: bool
    general: bool
    slow_query: bool
    sections: tuple[tuple[str, str], ...]

    @property
    def code(self) -> str | None:
        """Prisma's code, if it has one."""
        return self.key if re.fullmatch(r"P\d{4}", self.key) else None


@dataclass(frozen=True, slots=True)
class Recognised:
    """An error in a text. `code` is Prisma's in that text; `numbers` are what the message tells (`limit`: `5`)."""

    error: KnownError
    code: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the program that logged: a path as its machine has it, line and column 1-based (0: not known)."""

    path: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A time in a log. `seconds` since 1970 are for comparing (without a zone: as if in UTC), `text` is for people."""

    seconds: float
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One error in a log. `operation` is Prisma's (`prisma.user.findMany()`), `frames` the call site first.
    `has_stack`: the log has a stack, be it only of packages."""

    recognised: Recognised
    operation: str | None
    frames: tuple[Frame, ...]
    time: Moment | None
    has_stack: bool


@dataclass(slots=True)
class Group:
    """All entries of one error. What could grow with the log is cut off at a limit: then `more_sites` is set."""

    error: KnownError
    count: int = 0
    first: Moment | None = None
    last: Moment | None = None
    codes: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    sites: dict[tuple[str | None, tuple[Frame, ...]], int] = field(default_factory=dict)
    more_sites: bool = False


@dataclass(slots=True)
class Log:
    """What a log holds: `groups` by the error's key, and how many `lines` there were."""

    lines: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
