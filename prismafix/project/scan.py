"""Reads source files: which literals they hold, what they import, and the facts of those that matter. Runs in worker
processes."""

from __future__ import annotations

import gc
import multiprocessing
import posixpath
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.facts.extract import extract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from prismafix.facts.model import ModuleFacts

SEED_LITERALS = (
    b"PrismaClient",
    b"$disconnect",
    b"Promise.all",
    b"Promise.any",
    b"Promise.race",
    b"$transaction",
    b"$use",
    b"$extends",
    b"prismafix-ignore",
)
"""A file without any of these can only matter when another file leads to it."""

PRISMA_LITERALS = (b"PrismaClient", b"$disconnect", b"$transaction")
"""A file with one of these is worth a message when it does not parse."""

_SPECIFIERS = (
    re.compile(rb"""from\s*["']([^"'\n]+)["']"""),
    re.compile(rb"""import\s*\(?\s*["']([^"'\n]+)["']"""),
    re.compile(rb"""require\s*\(\s*["']([^"'\n]+)["']"""),
)
_MOCKS = re.compile(rb"""mock(?:Module)?(?:<[^(]*>)?\(\s*(?:import\(\s*)?["']([^"'\n]+)["']""")
_SMALL = 150
"""Up to so many files, starting worker processes costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one file showed. `facts` only where it was asked for or a seed literal stands in it; `problem` in words,
    "" for none.
    `partly` is the 1-based line of the first place that did not parse, in a file that speaks of Prisma; 0 for none."""

    path: str
    specifiers: tuple[str, ...] = ()
    mocks: tuple[str, ...] = ()
    seed: bool = False
    facts: ModuleFacts | None = None
    problem: str = ""
    partly: int = 0


def scan_bytes(path: str, data: bytes, max_bytes: int, *, always: bool) -> Scan:
    """Scan the content of one file; `always` extracts facts whatever stands in it."""
    if len(data) > max_bytes:
        return Scan(path, problem=f"{len(data):,} bytes, over the limit of {max_bytes:,}: skipped")
    seed = any(literal in data for literal in SEED_LITERALS)
    specifiers: dict[str, None] = {}
    for pattern in _SPECIFIERS:
        for found in pattern.findall(data):
            specifiers[found.decode("utf-8", "replace")] = None
    mocks = tuple(m.decode("utf-8", "replace") for m in _MOCKS.findall(data)) if b"mock" in data else ()
    facts, problem = None, ""
    if seed or always:
        try:
            facts = extract(data, posixpath.splitext(path)[1])
        except UnicodeDecodeError as error:
            problem = f"not UTF-8 (byte {error.start}): save it as UTF-8 or exclude it"
        except RecursionError:
            problem = "its expressions are nested too deeply to analyse: exclude it"
    partly = 0
    if facts is not None and facts.errors and any(literal in data for literal in PRISMA_LITERALS):
        partly = facts.line_of(facts.errors[0][0])
    return Scan(path, tuple(specifiers), mocks, seed, facts, problem, partly)


def scan_file(root: Path, path: str, content: bytes | None, max_bytes: int, *, always: bool) -> Scan:
    """Scan a file of the workspace; `content` replaces what is on disk."""
    if content is None:
        try:
            content = (root / path).read_bytes()
        except OSError as error:
            return Scan(path, problem=f"cannot be read ({error.strerror or error}): check its permissions")
    return scan_bytes(path, content, max_bytes, always=always)


def scan_all(
    root: Path,
    paths: Sequence[str],
    overlay: Mapping[str, bytes | None],
    max_bytes: int,
    jobs: int,
    *,
    always: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Iterable[Scan]:
    """Scan many files, in `jobs` processes when there are enough of them. The order is not kept."""
    tasks = [(path, overlay.get(path)) for path in paths]
    if jobs <= 1 or len(tasks) < _SMALL:
        yield from _scan_chunk(root, tasks, max_bytes, always)
        return
    pieces = max(jobs * 4, len(tasks) // 400)
    chunks = [tasks[start::pieces] for start in range(pieces)]
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" else None
    done = 0
    with ProcessPoolExecutor(jobs, multiprocessing.get_context(method)) as pool:
        for scans in pool.map(_scan_chunk, *zip(*((root, c, max_bytes, always) for c in chunks), strict=True)):
            yield from scans
            done += len(scans)
            if progress is not None:
                progress(done)


def _scan_chunk(root: Path, tasks: list[tuple[str, bytes | None]], max_bytes: int, always: bool) -> list[Scan]:
    # The facts are many small objects without cycles: the collector would only walk over them again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return [scan_file(root, path, content, max_bytes, always=always) for path, content in tasks]
    finally:
        if was_enabled:
            gc.enable()
