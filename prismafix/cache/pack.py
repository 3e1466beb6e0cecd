"""Many small contents in one file, each read only when it is asked for."""

from __future__ import annotations

import mmap
import os
import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING
from zlib import crc32

import msgpack

from prismafix.cache.blob import replace_file
from prismafix.cache.program import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC = b"prismafix pack 1\n"
_FOOT = 12
"""Bytes at the end of the file: where the index starts (8) and its checksum (4)."""

_Entry = tuple[int, int, int]
"""Where a content starts, its length and its checksum."""


_MOST_ADDED = 16_000_000
"""Bytes that are added in memory; what comes after that waits in a temporary file."""


@dataclass(slots=True)
class Pack:
    """The contents by their keys: those of the file, and those that were added since. Of the latter the first are in
    memory, the others in a temporary file that has no name."""

    path: Path
    _entries: dict[bytes, _Entry] = field(default_factory=dict)
    _data: mmap.mmap | None = None
    _added: dict[bytes, bytes | tuple[int, int]] = field(default_factory=dict)
    _size: int = 0
    _aside: IO[bytes] | None = None
    _process: int = field(default_factory=os.getpid)
    _used: set[bytes] = field(default_factory=set)

    @staticmethod
    def open(path: Path) -> Pack:
        """The pack in a file; an empty one when it is not there, damaged, or another program's."""
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return Pack(path, _index(data), data)
        except (OSError, ValueError, msgpack.UnpackException):  # ValueError: empty, or no index at its end
            return Pack(path)

    def __contains__(self, key: bytes) -> bool:
        return key in self._added or key in self._entries

    def get(self, key: bytes) -> bytes | None:
        """The content behind a key; None when there is none, or it is damaged."""
        added = self._added.get(key)
        if isinstance(added, tuple):
            assert self._aside is not None
            content = os.pread(self._aside.fileno(), added[1], added[0])  # copies of this process share its position
            return content if len(content) == added[1] else None
        if added is not None:
            return added
        entry = self._entries.get(key)
        if entry is None or self._data is None:
            return None
        start, length, checksum = entry
        content = self._data[start : start + length]
        if len(content) != length or crc32(content) != checksum:
            del self._entries[key]
            return None
        self._used.add(key)
        return content

    def put(self, key: bytes, content: bytes) -> None:
        """Add a content, to be kept by `save`."""
        self._added[key] = content if self._size + len(content) <= _MOST_ADDED else self._set_aside(content)
        self._size += len(content)

    def _set_aside(self, content: bytes) -> bytes | tuple[int, int]:
        """Where the content is now; the content itself if there is no room for it, or if this is a copy of the
        process, whose end of the file is that of the original too."""
        if os.getpid() != self._process:
            return content
        try:
            if self._aside is None:
                self._aside = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the pack is there
            start = self._aside.seek(0, os.SEEK_END)
            self._aside.write(content)
            self._aside.flush()
        except OSError:
            return content
        return start, len(content)

    def save(self) -> None:
        """Write the file anew if something was added: with that, and with what was asked for. Raises OSError."""
        if self._added:
            replace_file(self.path, self._parts())

    def _parts(self) -> Iterator[bytes]:
        head = _MAGIC + fingerprint()
        yield head
        at, index = len(head), {}
        for key in sorted(self._used | self._added.keys()):
            content = self.get(key)
            if content is not None:
                index[key] = (at, len(content), crc32(content))
                at += len(content)
                yield content
        packed: bytes = msgpack.packb(index)
        yield packed
        yield at.to_bytes(8, "little") + crc32(packed).to_bytes(4, "little")


def _index(data: mmap.mmap) -> dict[bytes, _Entry]:
    head = _MAGIC + fingerprint()
    start = int.from_bytes(data[-_FOOT:-4], "little")
    packed = data[start:-_FOOT]
    if data[: len(head)] != head or crc32(packed) != int.from_bytes(data[-4:], "little"):
        raise ValueError("not a pack of this program")
    found = msgpack.unpackb(packed, use_list=False, strict_map_key=False)
    if not isinstance(found, dict):
        raise ValueError("no index")
    return found
