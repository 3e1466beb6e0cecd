"""The state of one round: fixes are tried on it one after the other, and each is kept whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.engine.edits import Patch, apply_edits, conflict, join
from prismafix.engine.model import FileChange
from prismafix.engine.positions import lines_of
from prismafix.engine.verify import Spans, new_errors, syntax_errors, touches
from prismafix.rewrites.loose_imports import comes_apart
from prismafix.syntax.dialect import DIALECTS

if TYPE_CHECKING:
    from prismafix.engine.ledger import Applied
    from prismafix.project.model import Project
    from prismafix.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Clash:
    """The patch touches what an earlier one of this round has changed, or what that one relied on: to be tried again in
    the next round."""

    path: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The patch cannot be applied; `reason` is for the user."""

    reason: str


@dataclass(slots=True)
class Round:
    """All patches of a round refer to the bytes of `workspace`; `applied` holds what was kept, by path, `now` the
    contents that it makes (only of files that differ)."""

    workspace: Workspace
    project: Project | None = None
    applied: dict[str, Patch] = field(default_factory=dict)
    now: dict[str, bytes] = field(default_factory=dict)
    prerequisites: set[str] = field(default_factory=set)
    _contents: dict[str, bytes | None] = field(default_factory=dict)
    _errors: dict[str, Spans] = field(default_factory=dict)

    def attempt(self, patch: Patch) -> tuple[FileChange, ...] | Clash | Failure:
        """What the patch would change on top of what was kept so far. Changes nothing itself."""
        parts = {path: patch.only(path) for path in patch.paths}
        for path, part in parts.items():
            if path in self.applied and conflict(self.applied[path], part) is not None:
                return Clash(path)
        changes = []
        for path, part in parts.items():
            before = self.now[path] if path in self.now else self._read(path)
            after = self._make(path, part)
            if isinstance(after, Failure):
                return after
            if path in self.applied and self._comes_apart(path, part, after):
                return Clash(path)
            if after != before:
                changes.append(FileChange(path, before, after))
        return tuple(changes) if changes else Failure("there is nothing left to change")

    def keep(self, patch: Patch, changes: tuple[FileChange, ...]) -> None:
        """Make a patch part of the round. `changes` are what `attempt` has returned for it."""
        for path in patch.paths:
            self.applied[path] = join(self.applied.get(path, Patch()), patch.only(path))
        self.now |= {change.path: change.after for change in changes if change.after is not None}
        self.prerequisites |= patch.prerequisites

    def edits(self) -> Applied:
        """The edits that were kept, by path."""
        return {path: patch.edits for path, patch in self.applied.items()}

    def _make(self, path: str, part: Patch) -> bytes | Failure:
        before = self._read(path)
        new = part.new_file(path)
        if new is not None:
            if before is not None and before != new.content:
                return Failure(f"{path} exists already, with another content")
            if part.edits:
                return Failure(f"{path} would be made and edited at once")
            return Failure(f"{path} would not parse") if syntax_errors(path, new.content) else new.content
        if before is None:
            return Failure(f"{path} cannot be read any more: run again")
        facts = self.project.facts(path) if self.project is not None else None
        if facts is not None and facts.size != len(before):
            return Failure(f"{path} has changed while it was analysed: run again")
        if path not in self._errors:
            self._errors[path] = facts.errors if facts is not None else syntax_errors(path, before)
        if touches(part.edits, self._errors[path]):
            line = lines_of(before).line(self._errors[path][0][0])
            return Failure(f"{path} does not parse where the fix would change it (line {line})")
        edits = join(self.applied.get(path, Patch()), part).edits
        try:
            after = apply_edits(before, edits)
        except ValueError as error:
            return Failure(str(error))
        return (
            Failure(f"{path} would not parse any more") if new_errors(path, after, edits, self._errors[path]) else after
        )

    def _comes_apart(self, path: str, part: Patch, after: bytes) -> bool:
        """Whether the patch and what was kept so far only together leave an import unused, or take one that is used."""
        before = self._read(path)
        if before is None or path not in self.now or not path.endswith(tuple(DIALECTS)):
            return False
        return comes_apart(path, before, (self.now[path], apply_edits(before, part.edits)), after)

    def _read(self, path: str) -> bytes | None:
        if path not in self._contents:  # once: all edits of a round refer to the same bytes
            try:
                self._contents[path] = self.workspace.read(path)
            except OSError:
                self._contents[path] = None
        return self._contents[path]
