"""Names for findings and fixes that survive shifted lines and changed white space."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.rules.model import Finding


def identity(finding: Finding, data: bytes) -> str:
    """What makes a finding itself, wherever it stands in its file: code, path, enclosing symbol and its text with all
    white space as single spaces. Several findings of a file may have the same."""
    text = " ".join(data[finding.start : finding.end].decode("utf-8", "replace").split())
    return "\0".join((finding.code, finding.path, finding.symbol, text))


def fingerprint(identity: str, ordinal: int) -> str:
    """16 hexadecimal digits. `ordinal` counts the findings of one identity from the top of the file, from 0."""
    return hashlib.sha256(f"{identity}\0{ordinal}".encode()).hexdigest()[:16]


def fix_id(fingerprints: Iterable[str]) -> str:
    """12 hexadecimal digits for the fix of the findings with these fingerprints."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()[:12]
