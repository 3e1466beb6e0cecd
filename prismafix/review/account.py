"""The summary before anything is written: what goes where, and what stays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.review.model import Review


@dataclass(frozen=True, slots=True)
class File:
    """A file that is written: whether it is made or deleted, how many fixes change it, and the rules of those."""

    path: str
    is_new: bool
    is_deleted: bool
    fixes: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What is written, and how many fixes are. `unsafe` of them are unsafe. The others are not written: `again` are
    shown once more, the rest stays on offer for another run."""

    files: tuple[File, ...]
    accepted: int
    unsafe: int
    again: int
    undecided: int
    rejected: int


def account_of(review: Review) -> Account:
    """What there would be to write now."""
    marks = review.marks()
    chosen = [review.proposals[name] for name, mark in marks.items() if mark == "accepted"]
    codes: dict[str, dict[str, None]] = {}
    fixes: Counter[str] = Counter()
    exists: dict[str, tuple[bool, bool]] = {}
    for proposal in chosen:
        for change in proposal.changes:
            fixes[change.path] += 1
            codes.setdefault(change.path, {})[proposal.code] = None
            before = exists[change.path][0] if change.path in exists else change.before is not None
            exists[change.path] = before, change.after is not None
    files = tuple(
        File(path, not exists[path][0], not exists[path][1], fixes[path], tuple(sorted(codes[path])))
        for path in sorted(fixes)
        if any(exists[path])
    )
    by = Counter(marks.values())
    unsafe = sum(1 for proposal in chosen if proposal.applicability == "unsafe")
    return Account(files, by["accepted"], unsafe, by["again"], by["undecided"], by["rejected"])
