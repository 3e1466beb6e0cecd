"""What an analysis asks of the disk, and what it was told: enough to know later that nothing has changed.

Every look at the analysed tree goes through a `Disk`, but for the listing (`prismafix.workspace.tree.list_tree`), which
is made anew in every run.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Stamp = tuple[int, int, int, int]
"""Size in bytes, time of modification and of change in nanoseconds, inode: a file whose content changed has another
one, unless it changed in the moment in which it was read (see `RACY`)."""

Notes = tuple[dict[str, dict[str, object]], dict[str, tuple[Stamp, bytes]], bool]

QUESTIONS = ("digest", "size", "is_link", "exists", "is_file", "target", "names")
"""The methods of `Disk` whose answers are remembered."""

RACY = 2_000_000_000
"""Nanoseconds. A file that changed so shortly before the run began may change once more without another stamp: on some
file systems time goes in steps of two seconds. Its stamp is not trusted; git's index follows the same rule."""

_GONE = b""

T = TypeVar("T")


def digest_of(data: bytes) -> bytes:
    """16 bytes that stand for a content."""
    return blake2b(data, digest_size=16).digest()


def read_stamped(full: str) -> tuple[bytes, Stamp]:
    """The content of a file and the stamp that it had before it was read. Raises OSError."""
    with open(full, "rb") as file:  # noqa: PTH123  # a `Path` for each takes longer than to read it
        stamp = _stamp(os.fstat(file.fileno()))
        return file.read(), stamp


@dataclass(slots=True)
class Disk:
    """The files below `root`. Paths are POSIX, relative to the root (also with `..`) or absolute.

    `asked` holds every question (by its name in `QUESTIONS`, then by path) and its answer. `stamps` are the stamps of
    files and the digests of their contents, `known` those of an earlier run, to be spared reading a file for its digest
    alone. `steady` turns False when the same question got two answers: the tree changed while it was looked at.
    """

    root: str
    known: Mapping[str, tuple[Stamp, bytes]] = field(default_factory=dict)
    asked: dict[str, dict[str, object]] = field(default_factory=lambda: {kind: {} for kind in QUESTIONS})
    stamps: dict[str, tuple[Stamp, bytes]] = field(default_factory=dict)
    steady: bool = True
    _began: int = field(default_factory=time.time_ns)
    _statuses: dict[str, os.stat_result | None] = field(default_factory=dict)
    _missing: dict[str, OSError] = field(default_factory=dict)

    def content(self, path: str) -> bytes:
        """The content of a file. Raises FileNotFoundError or another OSError."""
        if path in self._missing:
            raise self._missing[path]
        try:
            data, stamp = read_stamped(self._full(path))
        except OSError as error:
            self._missing[path] = error.with_traceback(None)
            self._note("digest", path, _GONE)
            raise
        self.note(path, stamp, digest_of(data))
        return data

    def note(self, path: str, stamp: Stamp, digest: bytes) -> None:
        """Somebody else (a worker process) has read a file."""
        self.stamps[path] = stamp, digest
        self._note("digest", path, digest)

    def note_unreadable(self, path: str) -> None:
        """Somebody else could not read a file."""
        self._note("digest", path, _GONE)

    def digest(self, path: str) -> bytes:
        """The digest of a file's content, `b""` when it cannot be read. A file whose stamp is known is not read."""
        digest = self.known_digest(path)
        if digest is None:
            try:
                self.content(path)
            except OSError:
                return _GONE
            return self.stamps[path][1]
        self._note("digest", path, digest)
        return digest

    def known_digest(self, path: str) -> bytes | None:
        """The digest of a file that was not touched since an earlier run; None when that is not certain."""
        known = self.known.get(path)
        if known is None:
            return None
        status = self._status(path)
        if status is not None and stat.S_ISLNK(status.st_mode):
            try:
                status = os.stat(self._full(path))  # noqa: PTH116
            except OSError:
                return None
        if status is None or _stamp(status) != known[0]:
            return None
        self.stamps[path] = known
        return known[1]

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there; links are followed."""
        return self._note("exists", path, os.path.exists(self._full(path)))  # noqa: PTH110

    def is_file(self, path: str) -> bool:
        """Whether a file is there; links are followed."""
        return self._note("is_file", path, os.path.isfile(self._full(path)))  # noqa: PTH113

    def is_link(self, path: str) -> bool:
        """Whether the path itself is a symbolic link."""
        status = self._status(path)
        return self._note("is_link", path, status is not None and stat.S_ISLNK(status.st_mode))

    def size(self, path: str) -> int | None:
        """The size in bytes; None for what is not there or is no regular file (a link, a folder)."""
        status = self._status(path)
        regular = status is not None and stat.S_ISREG(status.st_mode)
        return self._note("size", path, status.st_size if status is not None and regular else None)

    def target(self, path: str) -> str | None:
        """The absolute path without any link; None when it leads nowhere or round in a circle."""
        try:
            return self._note("target", path, os.path.realpath(self._full(path), strict=True))
        except OSError:
            return self._note("target", path, None)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the files and folders in a folder, sorted; none for a folder that is not there."""
        try:
            found = tuple(sorted(os.listdir(self._full(folder))))  # noqa: PTH208
        except OSError:
            found = ()
        return self._note("names", folder, found)

    def lasting_stamps(self) -> dict[str, tuple[Stamp, bytes]]:
        """The stamps that can be trusted in a later run."""
        before = self._began - RACY
        return {path: known for path, known in self.stamps.items() if max(known[0][1], known[0][2]) < before}

    def mark(self) -> tuple[int, ...]:
        """A point in time, for `since`."""
        return (*(len(self.asked[kind]) for kind in QUESTIONS), len(self.stamps))

    def since(self, mark: tuple[int, ...]) -> Notes:
        """What was asked after a point in time: plain data, for `take` in another process."""
        asked = {kind: dict(islice(self.asked[kind].items(), mark[n], None)) for n, kind in enumerate(QUESTIONS)}
        return asked, dict(islice(self.stamps.items(), mark[-1], None)), self.steady

    def take(self, notes: Notes) -> None:
        """Add what a copy of this process has asked."""
        asked, stamps, steady = notes
        for kind, answers in asked.items():
            for path, answer in answers.items():
                self._note(kind, path, answer)
        self.stamps.update(stamps)
        self.steady = self.steady and steady

    def _full(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.root}/{path}" if path else self.root

    def _status(self, path: str) -> os.stat_result | None:
        if path not in self._statuses:
            try:
                self._statuses[path] = os.lstat(self._full(path))
            except OSError:
                self._statuses[path] = None
        return self._statuses[path]

    def _note(self, kind: str, path: str, answer: T) -> T:
        if self.asked[kind].setdefault(path, answer) != answer:
            self.steady = False
        return answer


def has_changed(disk: Disk, asked: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether `disk` answers one of the questions in another way than it was answered then."""
    for kind in QUESTIONS:
        ask = getattr(disk, kind)
        if any(ask(path) != answer for path, answer in asked[kind].items()):
            return True
    return False


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
