"""Reads source files, in worker processes where there are many: scans them, and extracts the facts of those that
matter."""

from __future__ import annotations

import gc
import posixpath
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from operator import attrgetter
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgpack

from prismafix.facts import codec
from prismafix.facts.extract import extract
from prismafix.project.index.scan import PRISMA_LITERALS, Scan, not_utf8, scan_bytes
from prismafix.workspace.disk import digest_of, read_stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor
    from types import TracebackType

    from prismafix.facts.model import ModuleFacts
    from prismafix.workspace.disk import Stamp

_AHEAD = 4
"""Files at a time that are extracted ahead: the end of the run has to wait for them."""
_FEW_FILES, _FEW_FACTS = 1000, 40
"""Up to so many files (to scan, to extract facts of), starting worker processes costs more than it saves."""

Task = tuple[str, "bytes | None"]
"""A path relative to the root, and what replaces its content on the disk (None: nothing)."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The facts of a file, or the `problem` that stood in the way.

    `partly` is the 1-based line of the first place that did not parse, in a file that speaks of Prisma; 0 for none.
    """

    facts: ModuleFacts | None = None
    problem: str = ""
    partly: int = 0


class FileOutcome(NamedTuple):
    """What `Extracted` says, without the facts: whether there are any."""

    usable: bool
    problem: str
    partly: int


class Read(NamedTuple):  # thousands come out of the workers, and a tuple is pickled much faster than a dataclass
    """What a worker made of a file: `value` is plain data, for `scan_of` or `extracted_of`; None when the file could
    not be read, for the `problem`. `stamp` and `digest` tell the content (no stamp: it came from memory)."""

    path: str
    value: Any = None
    digest: bytes = b""
    stamp: Stamp | None = None
    problem: str = ""


scan_values: Callable[[Scan], tuple[Any, ...]] = attrgetter(*(f.name for f in fields(Scan) if f.name != "path"))
"""A scan without its path, as plain data."""


def scan_of(path: str, values: Sequence[Any]) -> Scan:
    """The scan that `scan_values` has taken apart. A specifier that many files import is one string."""
    return Scan(path, tuple(map(intern, values[0])), *values[1:])


def pack_extracted(found: Extracted) -> bytes:
    """Facts, or why there are none, as bytes."""
    facts = codec.pack(found.facts) if found.facts is not None else None
    packed: bytes = msgpack.packb((found.problem, found.partly, facts))
    return packed


def extracted_of(data: bytes) -> Extracted:
    """What `pack_extracted` made bytes of. Raises `codec.Damaged`."""
    problem, partly, facts = _parts(data)
    return Extracted(codec.unpack(facts) if facts is not None else None, problem, partly)


def outcome_of(data: bytes) -> FileOutcome:
    """What came of the file that `pack_extracted` made bytes of; its facts stay packed. Raises `codec.Damaged`."""
    problem, partly, facts = _parts(data)
    return FileOutcome(facts is not None, problem, partly)


def _parts(data: bytes) -> tuple[str, int, bytes | None]:
    try:
        problem, partly, facts = msgpack.unpackb(data)
    except Exception as error:
        raise codec.Damaged(str(error)) from None
    return problem, partly, facts


def scan_task(root: str, max_bytes: int, task: Task) -> Read:
    """Scan a file."""
    return _with_content(root, task, lambda data: scan_values(scan_bytes(task[0], data, max_bytes)))


def extract_task(root: str, task: Task) -> Read:
    """Extract the facts of a file, as bytes."""
    return _with_content(root, task, lambda data: pack_extracted(extract_bytes(task[0], data)))


def _with_content(root: str, task: Task, work: Callable[[bytes], Any]) -> Read:
    path, content = task
    stamp = None
    if content is None:
        try:
            content, stamp = read_stamped(f"{root}/{path}")
        except OSError as error:
            return Read(path, problem=unreadable(error))
    return Read(path, work(content), digest_of(content), stamp)


def extract_bytes(path: str, data: bytes) -> Extracted:
    """The facts of a file with this content."""
    try:
        facts = extract(data, posixpath.splitext(path)[1])
    except UnicodeDecodeError as error:
        return Extracted(problem=not_utf8(error))
    except RecursionError:
        return Extracted(problem="its expressions are nested too deeply to analyse: exclude it")
    partly = 0
    if facts.errors and any(literal in data for literal in PRISMA_LITERALS):
        partly = facts.line_of(facts.errors[0][0])
    return Extracted(facts, partly=partly)


def unreadable(error: OSError) -> str:
    """What to say of a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "it vanished before it was read: run again"
    return f"cannot be read ({error.strerror or error}): check its permissions"


T = TypeVar("T")


class Workers:
    """Up to `jobs` processes, started when there is enough to do for them."""

    def __init__(self, root: str, jobs: int) -> None:
        self._root = root
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    @property
    def started(self) -> bool:
        """Whether there are processes."""
        return self._pool is not None

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def scan(self, tasks: Sequence[Task], max_bytes: int) -> Iterator[list[Read]]:
        """Scan many files. Their order is not kept."""
        return self._spread(partial(scan_task, self._root, max_bytes), tasks, _FEW_FILES)

    def extract(self, tasks: Sequence[Task]) -> Iterator[list[Read]]:
        """The facts of many files. Their order is not kept."""
        return self._spread(partial(extract_task, self._root), tasks, _FEW_FACTS)

    def extract_ahead(self, tasks: Sequence[Task], keep: Callable[[Read], None]) -> None:
        """Begin with the facts of many files and return at once. `keep` gets them one by one, in another thread. One
        processor is left to the caller. Does nothing where no processes were needed so far."""
        pool = self._pool
        if pool is None:
            return
        work = partial(_piece, partial(extract_task, self._root))
        pieces = deque(tasks[start : start + _AHEAD] for start in range(0, len(tasks), _AHEAD))

        def go_on(done: Future[list[Read]] | None = None) -> None:
            if done is not None:
                if done.cancelled() or done.exception() is not None:
                    return
                for read in done.result():
                    keep(read)
            with suppress(IndexError, RuntimeError):  # nothing is left to do, or the pool is being closed
                pool.submit(work, pieces.popleft()).add_done_callback(go_on)

        for _ in range(self._jobs - 1):
            go_on()

    def _spread(self, work: Callable[[Task], T], tasks: Sequence[Task], few: int) -> Iterator[list[T]]:
        if self._jobs <= 1 or len(tasks) <= few:
            yield [work(task) for task in tasks]
            return
        if self._pool is None:
            self._pool = _pool(self._jobs)
        pieces = max(self._jobs * 4, len(tasks) // 400)
        yield from self._pool.map(partial(_piece, work), (tasks[start::pieces] for start in range(pieces)))


def _pool(jobs: int) -> ProcessPoolExecutor:
    import multiprocessing  # a small project does without
    from concurrent.futures import ProcessPoolExecutor

    for suffix in (".ts", ".tsx"):  # compiles the queries, once for all processes
        extract(b"", suffix)
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" else None
    return ProcessPoolExecutor(jobs, multiprocessing.get_context(method))


def _piece(work: Callable[[Task], T], tasks: list[Task]) -> list[T]:
    gc.disable()  # in a worker: the facts are many small objects without cycles, to walk over again and again
    return [work(task) for task in tasks]
