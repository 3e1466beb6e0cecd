"""What a rewrite makes: edits over files, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.rules.model import Doubt


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `start` to `end` of `path` become `text`. An insertion has `start == end`."""

    path: str
    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that does not exist yet."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Something that several fixes need and that is made once, only if one of them applies. Equal `key`s are the same
    thing."""

    key: str
    edits: tuple[Edit, ...] = ()
    new_files: tuple[NewFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits over files that apply completely or not at all. `doubts` are why it is not safe (those of the intent
    included)."""

    title: str
    edits: tuple[Edit, ...]
    doubts: tuple[Doubt, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """No rewrite is possible; `reason` is one sentence for the user."""

    reason: str


Reader = Callable[[str], bytes]
"""Reads a file of the workspace (with the overlay) by its relative path. Raises FileNotFoundError."""
