"""Which errors are new: the same error in a line that has moved, or that a fix has moved elsewhere, is not."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from prismafix.typecheck.model import Diagnostic


def moved_lines(before: str, after: str) -> dict[int, int]:
    """Where each unchanged line (1-based) of `before` is in `after`. Changed lines are not in it."""
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return {
        block.a + offset + 1: block.b + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }


def new_errors(
    before: Sequence[Diagnostic], after: Sequence[Diagnostic], moved: Mapping[str, Mapping[int, int]]
) -> list[Diagnostic]:
    """The errors of `after` that were not there before. `moved` has `moved_lines` of every file that has changed.

    An error is the same in its own line, wherever that is now, even if the message names types in other words. One
    whose line was changed may have moved with the code: then it is the same with the same code and message anywhere.
    """

    def line_now(old: Diagnostic) -> int | None:
        return moved[old.path].get(old.line) if old.path in moved else old.line

    def in_its_line(old: Diagnostic, new: Diagnostic) -> bool:
        return (old.path, line_now(old), old.code) == (new.path, new.line, new.code)

    def carried_along(old: Diagnostic, new: Diagnostic) -> bool:
        return line_now(old) is None and (old.code, old.summary) == (new.code, new.summary)

    same: tuple[Callable[[Diagnostic, Diagnostic], bool], ...] = (
        lambda old, new: in_its_line(old, new) and old.summary == new.summary,
        in_its_line,
        lambda old, new: old.path == new.path and carried_along(old, new),
        carried_along,
    )
    unclaimed, found = list(before), [new for new in after if not new.known]
    for is_same in same:
        for old in tuple(unclaimed):
            match = next((new for new in found if is_same(old, new)), None)
            if match is not None:
                unclaimed.remove(old)
                found.remove(match)
    return found
