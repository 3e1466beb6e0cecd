"""Which version of Prisma a package has: from the lock file, else from the range in package.json.

Lock files may have megabytes, so they are searched with regular expressions and never parsed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOCKS: dict[str, str] = {
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
"""Lock file to package manager, in the order of preference where a folder has several."""

PRISMA_PACKAGES = ("@prisma/client", "prisma")
Version = tuple[int, int, int]

_NUMBERS = re.compile(r"(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?")
_BOUND = re.compile(r"(?:^|\s|\|)\s*(\^|~|>=|=|v|>)?\s*v?(\d+(?:\.(?:\d+|[xX*]))*)")


def parse_version(text: str) -> Version | None:
    """`6.14.0(prisma@6.14.0)`, `6.20.0-dev.1` or `v5` as three numbers, or None."""
    match = _NUMBERS.match(text.strip().lstrip("v="))
    return _numbers(match[1], match[2], match[3]) if match else None


def lower_bound(spec: str) -> Version | None:
    """The lowest version that an npm range allows: `^6.1.0` → (6, 1, 0), `5.x || 6` → (5, 0, 0); None for `latest`,
    `*`, `<7`, tags and paths."""
    spec = spec.strip()
    if spec.startswith("npm:"):
        spec = spec.rpartition("@")[2]
    if spec.startswith("workspace:"):
        spec = spec.removeprefix("workspace:")
    if ":" in spec or "/" in spec or not re.search(r"\d", spec) or re.match(r"[A-Za-uw-z]", spec):
        return None
    bounds = []
    for part in spec.split("||"):
        match = _BOUND.search(" " + part)
        version = parse_version(match[2]) if match else None
        if version is None or part.strip().startswith("<"):
            return None
        bounds.append(version)
    return min(bounds)


def locked_version(
    lock: Path, importer: str, name: str, spec: str | None, read: Callable[[Path], bytes | None]
) -> Version | None:
    """The version that a lock file has of `name` for the package in the folder `importer` (relative to the lock's
    folder,
    "" for itself) whose own range is `spec`. None where the lock has none, or several and no way to tell."""
    search = _SEARCH.get(lock.name)
    data = read(lock) if search else None
    if search is None or data is None or b"prisma" not in data:
        return None
    found = search(data, name, importer, spec)
    return parse_version(found.decode("ascii", "replace")) if found else None


def relative_folder(folder: Path, base: Path) -> str:
    """`folder` relative to `base`, POSIX, `""` for the same."""
    relative = Path(os.path.relpath(folder, base)).as_posix()
    return "" if relative == "." else relative


def _numbers(*parts: str | None) -> Version:
    major, minor, patch = (int(part) if part and part.isdigit() else 0 for part in parts)
    return major, minor, patch


def _npm(data: bytes, name: str, importer: str, spec: str | None) -> bytes | None:
    folders = [importer]
    while folders[-1]:
        folders.append(folders[-1].rpartition("/")[0])
    for folder in folders:  # v2 and v3: where npm put it, from the package upwards
        key = re.escape(f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}")
        found = re.search(rb'"' + key.encode() + rb'":\s*\{[^{}]*?"version":\s*"([^"]+)"', data)
        if found:
            return found[1]
    found = re.search(rb'"' + re.escape(name).encode() + rb'":\s*\{\s*"version":\s*"([^"]+)"', data)  # v1
    return found[1] if found else None


def _pnpm(data: bytes, name: str, importer: str, spec: str | None) -> bytes | None:
    section = _pnpm_importer(data, importer)
    quoted = rb"""['"]?""" + re.escape(name).encode() + rb"""['"]?"""
    own = rb"\n +" + quoted + rb":(?: +|\s+specifier: [^\n]*\n +version: )['\"]?([0-9][^\s'\"]*)"
    found = re.search(own, section)
    if found:
        return found[1]
    listed = rb"\n  ['\"]?/?" + re.escape(name).encode() + rb"[@/](\d[^\s'\":(]*)"
    return _only(re.findall(listed, data), spec)


def _pnpm_importer(data: bytes, importer: str) -> bytes:
    start = re.search(rb"(?m)^importers:", data)
    if start is None:  # a single package (v5, v6): its dependencies stand at the top
        end = data.find(b"\npackages:")
        return data[:end] if not importer and end > 0 else b""
    key = re.escape(importer or ".").encode()
    found = re.compile(rb"\n  ['\"]?" + key + rb"['\"]?:\s*\n").search(data, start.start())
    if not found:
        return b""
    end_of = re.compile(rb"\n {0,2}[^\s#]").search(data, found.end())
    return data[found.end() - 1 : end_of.start() if end_of else len(data)]


def _yarn(data: bytes, name: str, importer: str, spec: str | None) -> bytes | None:
    escaped = re.escape(name).encode()
    entries = re.findall(rb'(?m)^("?' + escaped + rb'@[^\n]*):\n +version:? "?([^"\n]+)', data)
    if spec:
        wanted = re.compile(escaped + rb"@(?:npm:)?" + re.escape(spec).encode() + rb'(?=[",:\s]|$)')
        for header, version in entries:
            if wanted.search(header):
                return bytes(version)
    return _only([version for _, version in entries], spec)


def _bun(data: bytes, name: str, importer: str, spec: str | None) -> bytes | None:
    found = re.search(
        rb'\n\s*"' + re.escape(name).encode() + rb'":\s*\[\s*"' + re.escape(name).encode() + rb'@([^"]+)"', data
    )
    return found[1] if found else None


def _only(versions: list[bytes], spec: str | None) -> bytes | None:
    """The one version of the list; of several, the only one with the major number that the range asks for."""
    distinct = sorted(set(versions))
    if len(distinct) > 1 and spec:
        bound = lower_bound(spec)
        distinct = [
            one for one in distinct if bound and (parse_version(one.decode("ascii", "replace")) or (0,))[0] == bound[0]
        ]
    return distinct[0] if len(distinct) == 1 else None


_SEARCH: Mapping[str, Callable[[bytes, str, str, str | None], bytes | None]] = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
    "bun.lock": _bun,
}
