"""Which findings of a project would cause the errors of a log: those at a call site first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.engine.model import Reported
    from prismafix.known_errors.frames import Sources
    from prismafix.known_errors.model import Frame, Group

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".astro")
Near = Literal["at the call site", "in a file of the stack", "elsewhere"]
_AT = 2
"""Lines between a frame and a finding that is still about it."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A finding that would cause an error, and how near it is to where the error came from."""

    reported: Reported
    near: Near


@dataclass(frozen=True, slots=True)
class Site:
    """Where errors of one kind came from: Prisma's operation, the frame as the log has it, and the project's file and
    line for it (line 0: what was logged is a line of compiled code)."""

    operation: str | None
    frame: Frame | None
    path: str | None
    line: int
    count: int


def sites(group: Group, sources: Sources | None) -> list[Site]:
    """The places where the errors came from, the most frequent first."""
    counts: dict[tuple[str | None, str, int], Site] = {}
    for (operation, frames), count in group.sites.items():
        frame = frames[0] if frames else None
        key = (operation, frame.path if frame else "", frame.line if frame else 0)
        before = counts[key].count if key in counts else 0
        found = sources.find(frame) if sources is not None and frame is not None else None
        line = frame.line if frame is not None and found is not None and found[1] else 0
        counts[key] = Site(operation, frame, found[0] if found is not None else None, line, before + count)
    return sorted(counts.values(), key=lambda site: -site.count)


def suspects(group: Group, findings: Sequence[Reported], sources: Sources) -> list[Suspect]:
    """The findings whose rule causes the error of `group`, the nearest first: those at a frame of a stack, those in a
    file of one, then the others in the order of the error's causes."""
    causes = group.error.causes
    stacks = [_located(frames, sources) for _, frames in group.sites]
    near = [
        (min((_distance(reported, stack) for stack in stacks), default=(2, 0, 0)), reported)
        for reported in findings
        if reported.finding.code in causes
    ]
    near.sort(key=lambda n: (n[0], causes.index(n[1].finding.code), n[1].finding.path, n[1].line, n[1].column))
    words: tuple[Near, Near, Near] = ("at the call site", "in a file of the stack", "elsewhere")
    return [Suspect(reported, words[distance[0]]) for distance, reported in near]


def _located(frames: tuple[Frame, ...], sources: Sources) -> list[tuple[str, int]]:
    """Path and line (0: not known) of the frames that are of this project."""
    found = ((sources.find(frame), frame.line) for frame in frames)
    return [(place[0], line if place[1] else 0) for place, line in found if place is not None]


def _distance(reported: Reported, stack: list[tuple[str, int]]) -> tuple[int, int, int]:
    """0 for a frame in the finding or in its evidence, 1 for one in the same file, 2 for none; then which frame, then
    how many lines away."""
    best = (2, 0, 0)
    places = [(reported.finding.path, reported.line, reported.end_line)]
    places += [(e.path, e.line, e.line) for e in reported.finding.evidence if e.line and e.step]
    for index, (path, line) in enumerate(stack):
        for where, start, end in places:
            if where != path:
                continue
            away = max(start - line, line - end, 0) if line else 0
            best = min(best, (0 if line and away <= _AT else 1, index, away))
    return best
