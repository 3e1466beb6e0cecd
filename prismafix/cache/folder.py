"""Where the cache is: one folder per workspace in the user's cache folder, or in the one that was asked for."""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack

from prismafix.cache.blob import read_blob, write_blob
from prismafix.cache.pack import Pack

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 500_000_000
"""So much is kept for all workspaces together. The workspaces that were not looked at for longest go first."""

_NAME = re.compile("[0-9a-f]{16}-")

_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# Made by prismafix; it may be deleted at any time.\n"
"""CACHEDIR.TAG: backups leave such a folder out (https://bford.info/cachedir/)."""


@dataclass(slots=True)
class Cache:
    """The folder of one workspace. `problem` says in one line why nothing could be kept; "" while all is well."""

    top: Path
    folder: Path
    problem: str = ""

    @staticmethod
    def open(root: Path, folder: Path | None) -> Cache:
        """The cache for the workspace in `root`: in `folder`, which need not exist, or in the user's cache folder.

        The user's own folder is used only if nobody else can write it: who can makes findings vanish.
        """
        try:
            top = folder if folder is not None else user_folder()
        except RuntimeError:  # a container under a number that is nobody's, without HOME
            return Cache(
                Path(os.devnull), Path(os.devnull), "there is no home folder (set HOME): nothing is kept between runs"
            )
        name = blake2b(os.fsencode(root), digest_size=8).hexdigest()
        cache = Cache(top, top / f"{name}-{_plain(root.name)}")
        if folder is None and not _is_private(top):
            cache.problem = f"{top} belongs to somebody else or can be written by others: nothing is kept between runs"
        return cache

    def load(self, name: str) -> object | None:
        """What was kept under a name: plain data, or None."""
        if self.problem:
            return None
        body = read_blob(self.folder / name)
        try:
            return None if body is None else msgpack.unpackb(body, use_list=False, strict_map_key=False)
        except (ValueError, msgpack.UnpackException):
            return None

    def save(self, name: str, value: object) -> None:
        """Keep plain data under a name. A failure becomes the `problem`."""
        if self._is_ready():
            try:
                write_blob(self.folder / name, msgpack.packb(value))
            except OSError as error:
                self._fail(error)

    def pack(self, name: str) -> Pack:
        """The pack of a name."""
        return Pack(self.folder / name) if self.problem else Pack.open(self.folder / name)

    def save_pack(self, pack: Pack) -> None:
        """Keep what was added to a pack. A failure becomes the `problem`."""
        if self._is_ready():
            try:
                pack.save()
            except OSError as error:
                self._fail(error)

    def touch(self, name: str) -> None:
        """What was kept under a name was of use: it and its workspace go last."""
        with suppress(OSError):
            os.utime(self.folder / name)

    def trim(self, prefix: str, most: int) -> None:
        """Keep the `most` newest files of this workspace whose name starts with `prefix`, and of all workspaces those
        that were used last."""
        with suppress(OSError):
            files = [entry for entry in os.scandir(self.folder) if entry.name.startswith(prefix)]
            for entry in sorted(files, key=lambda entry: entry.stat().st_mtime)[:-most]:
                os.unlink(entry.path)  # noqa: PTH108
            _trim(self.top, self.folder)

    def _is_ready(self) -> bool:
        if not self.problem and not self.folder.is_dir():
            try:
                self.top.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
                if not (self.top / "CACHEDIR.TAG").exists():
                    (self.top / "CACHEDIR.TAG").write_bytes(_TAG)
            except OSError as error:
                self._fail(error)
        return not self.problem

    def _fail(self, error: OSError) -> None:
        self.problem = f"{self.folder} cannot be written ({error.strerror or error}): nothing is kept between runs"


def user_folder() -> Path:
    """The user's cache folder of this program, `~/.cache/prismafix` on Linux."""
    from platformdirs import user_cache_path

    return user_cache_path("prismafix", appauthor=False)


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in name)[:40]


def _is_private(folder: Path) -> bool:
    try:
        status = os.lstat(folder)
    except OSError:
        return True  # it is made for the user alone
    if not hasattr(os, "getuid"):
        return True
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _trim(top: Path, own: Path) -> None:
    """Delete whole workspaces, the longest unused first, until all fit."""
    sizes = sorted((_last_use(folder), folder, _size(folder)) for folder in _workspaces(top))
    total = sum(size for _, _, size in sizes)
    for _, folder, size in sizes:
        if total <= MOST_BYTES:
            return
        if folder != own:
            shutil.rmtree(folder, ignore_errors=True)
            total -= size


def _workspaces(top: Path) -> Iterator[Path]:
    for entry in os.scandir(top):
        if _NAME.match(entry.name) and entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)


def _size(folder: Path) -> int:
    return sum(entry.stat(follow_symlinks=False).st_size for entry in os.scandir(folder))


def _last_use(folder: Path) -> float:
    return max((entry.stat(follow_symlinks=False).st_mtime for entry in os.scandir(folder)), default=0.0)
