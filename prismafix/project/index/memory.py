"""What is known of source files from an earlier run: their scans by path, their facts by content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prismafix.facts.codec import Damaged
from prismafix.project.index.reading import Extracted, extracted_of, scan_of, scan_values

if TYPE_CHECKING:
    from prismafix.cache.folder import Cache
    from prismafix.cache.pack import Pack
    from prismafix.project.index.scan import Scan

_SCANS, _FACTS = "scans", "facts"


@dataclass(slots=True)
class Memory:
    """`scans` are plain data, each with the digest of the content that it is of; `fresh` says that some are not kept
    yet."""

    cache: Cache
    pack: Pack
    scans: dict[str, tuple[bytes, tuple[Any, ...]]] = field(default_factory=dict)
    fresh: bool = False

    @staticmethod
    def open(cache: Cache) -> Memory:
        """What was kept in a cache."""
        scans = cache.load(_SCANS)
        return Memory(cache, cache.pack(_FACTS), scans if isinstance(scans, dict) else {})

    def scan(self, path: str, digest: bytes) -> Scan | None:
        """The scan of a file with this content, if it is known."""
        known = self.scans.get(path)
        return scan_of(path, known[1]) if known is not None and known[0] == digest else None

    def keep_scan(self, scan: Scan, digest: bytes) -> None:
        """Remember a scan."""
        self.scans[scan.path] = digest, scan_values(scan)
        self.fresh = True

    def has_facts(self, digest: bytes, suffix: str) -> bool:
        """Whether the facts of a content are known."""
        return digest + suffix.encode() in self.pack

    def facts(self, digest: bytes, suffix: str) -> bytes | None:
        """The packed facts of a content, as a file with this suffix, if they are known."""
        return self.pack.get(digest + suffix.encode())

    def keep_facts(self, digest: bytes, suffix: str, data: bytes) -> None:
        """Remember packed facts."""
        self.pack.put(digest + suffix.encode(), data)

    def save(self, present: set[str]) -> None:
        """Keep all for the next run; of scans only those of files that are still `present`."""
        if self.fresh or len(present) < len(self.scans):
            self.cache.save(_SCANS, {path: scan for path, scan in self.scans.items() if path in present})
        self.cache.save_pack(self.pack)


def unpacked(data: bytes) -> Extracted | None:
    """Packed facts as they were, None when they are damaged."""
    try:
        return extracted_of(data)
    except Damaged:
        return None
