"""One file of the cache: a header that tells whose it is, a checksum, the content. Written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING
from zlib import crc32

from prismafix.cache.program import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MAGIC = b"prismafix cache 1\n"
_CHECKSUM = 4


def read_blob(path: Path) -> bytes | None:
    """The content of a file that this program has written; None when it is not there, damaged, or another one's."""
    head = _MAGIC + fingerprint()
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[len(head) + _CHECKSUM :]
    if not data.startswith(head) or data[len(head) : len(head) + _CHECKSUM] != _sum(body):
        return None
    return body


def write_blob(path: Path, body: bytes) -> None:
    """Replace a file. Whoever reads it meanwhile sees the old content or the new one. Raises OSError."""
    replace_file(path, (_MAGIC, fingerprint(), _sum(body), body))


def replace_file(path: Path, parts: Iterable[bytes]) -> None:
    """Put a file with these parts into the place of `path`, at once. Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _sum(body: bytes) -> bytes:
    return crc32(body).to_bytes(_CHECKSUM, "little")
