"""Facts of the workspace's modules, on demand, and the index of who imports whom."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from prismafix.facts.codec import Damaged
from prismafix.project.index.memory import unpacked
from prismafix.project.index.reading import (
    Extracted,
    FileOutcome,
    Read,
    Workers,
    extract_bytes,
    outcome_of,
    pack_extracted,
    scan_of,
    unreadable,
)
from prismafix.project.index.scan import Scan, declares_globals
from prismafix.workspace.disk import digest_of
from prismafix.workspace.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from prismafix.facts.model import ModuleFacts
    from prismafix.project.index.memory import Memory
    from prismafix.workspace.workspace import Workspace

_IN_NAMES = frozenset(byte for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or byte in b"_$")
_MOST_TEXT = 8_000_000
"""Bytes of sources that are kept at once for `mentions`."""

_ByName = dict[str, list[tuple[str, str]]]


class FactsStore:
    """Scans of all source files. Facts are extracted when first asked for, or many at once by `prefetch`.

    `previous` is the store of an earlier round. `memory` holds what earlier runs have found out.
    """

    def __init__(
        self,
        workspace: Workspace,
        workers: Workers,
        max_bytes: int,
        previous: FactsStore | None = None,
        memory: Memory | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self._workers = workers
        self._memory = memory
        self._scans: dict[str, Scan] = {}
        self._digests: dict[str, bytes] = {}
        self._extracted: dict[str, Extracted] = {}
        self._outcomes: dict[str, FileOutcome] = {}
        self._packed: dict[str, bytes] = {}
        self._wanted: set[str] = set()
        self._ahead: dict[str, Read] = {}
        if previous is not None:
            self._take_over(previous)
        todo = [path for path in workspace.source_files if path not in self._scans and not self._recall(path)]
        done = len(workspace.source_files) - len(todo)
        for reads in workers.scan(self._tasks(todo), max_bytes):
            for read in reads:
                self._add_scan(read)
            done += len(reads)
            if progress is not None:
                progress(done)
        self._texts: dict[str, bytes | None] = {}
        self._text_size = 0
        self._declaring: frozenset[str] | None = None
        self.client_names = _client_names(self._scans.values())
        """What classes of clients are called, wherever they are declared or renamed."""

    def _take_over(self, previous: FactsStore) -> None:
        """The scans and facts of an earlier round, as far as the files are still the same."""
        old, new = previous.workspace.overlay, self.workspace.overlay
        changed = {path for path in {*old, *new} if old.get(path) != new.get(path) or (path in old) != (path in new)}
        kept = [path for path in self.workspace.source_files if path in previous._scans and path not in changed]
        self._scans = {path: previous._scans[path] for path in kept}
        self._digests = {path: previous._digests[path] for path in kept if path in previous._digests}
        self._extracted = {path: previous._extracted[path] for path in kept if path in previous._extracted}
        self._outcomes = {path: previous._outcomes[path] for path in kept if path in previous._outcomes}
        self._packed = {path: previous._packed[path] for path in kept if path in previous._packed}
        self._wanted = {path for path in kept if path in previous._wanted}

    def _recall(self, path: str) -> bool:
        """Whether an earlier run has scanned a file that was not touched since."""
        if self._memory is None or path in self.workspace.overlay:
            return False
        digest = self.workspace.disk.known_digest(path)
        scan = self._memory.scan(path, digest) if digest is not None else None
        if digest is None or scan is None:
            return False
        self.workspace.disk.digest(path)
        self._scans[path] = scan
        self._digests[path] = digest
        return True

    def _tasks(self, paths: Sequence[str]) -> list[tuple[str, bytes | None]]:
        overlay = self.workspace.overlay
        return [(path, overlay.get(path)) for path in paths]

    def _add_scan(self, read: Read) -> None:
        path = read.path
        self._note(read)
        if read.problem:
            self._scans[path] = Scan(path, problem=read.problem)
            return
        scan = self._scans[path] = scan_of(path, read.value)
        if self._memory is not None and read.stamp is not None and not scan.problem:
            self._memory.keep_scan(scan, read.digest)

    def _note(self, read: Read) -> None:
        """Remember which content was read, for the project and for the disk that was asked."""
        if read.problem:
            self.workspace.disk.note_unreadable(read.path)
            return
        self._digests[read.path] = read.digest
        if read.stamp is not None:
            self.workspace.disk.note(read.path, read.stamp, read.digest)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Extract the facts of many modules at once: those that will be asked for."""
        wanted = [path for path in paths if self._is_open(path)]
        self._wanted.update(wanted)
        todo = [path for path in wanted if path not in self._packed and not self._is_remembered(path)]
        for reads in self._workers.extract(self._tasks(todo)):
            for read in reads:
                self._note(read)
                if read.problem:
                    self._extracted[read.path] = Extracted(problem=read.problem)
                    self._outcomes[read.path] = FileOutcome(False, read.problem, 0)
                else:
                    self._keep(read.path, read.value)

    @property
    def works_aside(self) -> bool:
        """Whether `extract_ahead` has anybody to do it."""
        return self._workers.started

    def extract_ahead(self, paths: Iterable[str]) -> None:
        """Extract the facts of modules that will perhaps be asked for, where a processor has nothing else to do. Does
        not wait for them; those that nobody asks for are as if they had never been looked at."""
        todo = [path for path in paths if self._is_open(path) and path not in self._packed]
        todo = [path for path in todo if not self._is_remembered(path)]
        self._workers.extract_ahead(self._tasks(todo), lambda read: self._ahead.update({read.path: read}))

    def _keep(self, path: str, packed: bytes) -> None:
        self._packed[path] = packed
        if self._memory is not None:
            self._memory.keep_facts(self._digests[path], _suffix(path), packed)

    def _is_remembered(self, path: str) -> bool:
        digest = self._digests.get(path)
        return self._memory is not None and digest is not None and self._memory.has_facts(digest, _suffix(path))

    def _known(self, path: str) -> Extracted | None:
        """The facts of a module, if this run or an earlier one has extracted them."""
        read = self._ahead.pop(path, None)
        if read is not None and not read.problem:
            self._note(read)
            self._keep(path, read.value)
        packed = self._packed.pop(path, None)
        if packed is None and self._memory is not None and path in self._digests:
            packed = self._memory.facts(self._digests[path], _suffix(path))
        return unpacked(packed) if packed is not None else None

    def _is_open(self, path: str) -> bool:
        scan = self._scans.get(path)
        return scan is not None and not scan.problem and path not in self._extracted

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module, or None when it is no source file or could not be analysed."""
        found = self._extracted.get(path)
        if found is None:
            if not self._is_open(path):
                return self._declaration(path) if path in self.declaring_globals() else None
            found = self._known(path) or self._extract(path)
            self._extracted[path] = found
            self._outcomes[path] = FileOutcome(found.facts is not None, found.problem, found.partly)
        return found.facts

    def declaring_globals(self) -> frozenset[str]:
        """The declaration files (`.d.ts`) that may say what stands on the global object. No others are read."""
        if self._declaring is None:
            found = []
            for path in self.workspace.declaration_files:
                with suppress(OSError):
                    if declares_globals(self.workspace.read(path)):
                        found.append(path)
            self._declaring = frozenset(found)
        return self._declaring

    def _declaration(self, path: str) -> ModuleFacts | None:
        """The facts of a declaration file: it is no module of the project, so nothing is said of what is wrong in
        it."""
        try:
            found = extract_bytes(path, self.workspace.read(path))
        except OSError as error:
            found = Extracted(problem=unreadable(error))
        self._extracted[path] = found
        return found.facts

    def outcomes(self) -> Mapping[str, FileOutcome]:
        """What came of the modules whose facts were asked for."""
        return self._outcomes

    def learn(self, outcomes: Mapping[str, FileOutcome]) -> None:
        """Take over what a copy of this process has found out."""
        self._outcomes.update(outcomes)

    def forget(self) -> None:
        """Let go of the facts of all modules: those that are asked for again are decoded, or extracted, anew. Nobody
        may hold on to what the old ones said."""
        for path in self._wanted & self._packed.keys():
            self._outcome(path)
        self._extracted = {path: found for path, found in self._extracted.items() if found.facts is None}
        self._packed.clear()
        self._ahead.clear()

    def _outcome(self, path: str) -> FileOutcome | None:
        """What came of a module whose facts were asked for, or were going to be."""
        found = self._outcomes.get(path)
        if found is None and self._is_open(path):
            packed = self._packed.get(path)
            with suppress(Damaged):
                found = outcome_of(packed) if packed is not None else None
            if found is None:
                self.facts(path)
                return self._outcomes.get(path)
            self._outcomes[path] = found
        return found

    def _extract(self, path: str) -> Extracted:
        try:
            data = self.workspace.read(path)
        except OSError as error:
            return Extracted(problem=unreadable(error))
        found = extract_bytes(path, data)
        self._digests[path] = digest_of(data)
        if self._memory is not None:
            self._memory.keep_facts(self._digests[path], _suffix(path), pack_extracted(found))
        return found

    def mentions(self, path: str, word: str) -> bool:
        """Whether a name stands in the text of a module; True when that cannot be told."""
        if not word.replace("$", "_").isidentifier():
            return True
        text, written = self._text(path), word.encode()
        if text is None:
            return True
        size, at = len(written), text.find(written)
        while at >= 0:
            before, behind = text[at - 1 : at] if at else b"", text[at + size : at + size + 1]
            if _IN_NAMES.isdisjoint(before) and _IN_NAMES.isdisjoint(behind):
                return True
            at = text.find(written, at + 1)
        return False

    def _text(self, path: str) -> bytes | None:
        """The bytes of a module, None where they cannot be read. Most modules are asked for many names in a row."""
        if path not in self._texts:
            try:
                data = self.workspace.read(path)
            except OSError:
                data = None
            self._text_size += len(data or b"")
            if self._text_size > _MOST_TEXT:
                self._texts.clear()
                self._text_size = len(data or b"")
            self._texts[path] = data
        return self._texts[path]

    def may_export(self, path: str, name: str) -> bool:
        """Whether a module can export `name`: the name stands in its text, or it passes on whatever another one
        exports."""
        scan = self._scans.get(path)
        return scan is None or scan.passes_on or self.mentions(path, name)

    def is_seed(self, path: str) -> bool:
        """Whether a seed literal stands in a module."""
        scan = self._scans.get(path)
        return scan is not None and scan.seed

    def shows_role(self, path: str) -> bool:
        """Whether a seed may say who runs it."""
        scan = self._scans.get(path)
        return scan is not None and scan.shows_role

    def seeds(self) -> list[str]:
        """The paths of modules that may hold a finding, sorted."""
        return sorted(path for path, scan in self._scans.items() if self._may_matter(scan) and self._usable(path))

    def _may_matter(self, scan: Scan) -> bool:
        return scan.telling or not self.client_names.isdisjoint(scan.makes)

    def constructing(self) -> list[str]:
        """The modules that may build a client, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.makes and self._usable(path))

    def with_bare_queries(self, accessors: frozenset[str]) -> list[str]:
        """The modules that seem to query one of some models (or with raw SQL) without waiting, sorted."""
        wanted = accessors | {"$"}
        return sorted(path for path, scan in self._scans.items() if scan.bare and not wanted.isdisjoint(scan.bare))

    def suppressing(self) -> list[str]:
        """The modules with a suppression comment, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.suppresses)

    def setting_environment(self) -> list[str]:
        """The modules that may change `process.env`, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.sets_environment)

    def setting_globals(self) -> list[str]:
        """The modules that may put something on the global object or declare it there, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.sets_globals and self._usable(path))

    def _usable(self, path: str) -> bool:
        found = self._outcomes.get(path)
        return not self._scans[path].problem and (found is None or found.usable)

    def parsed(self) -> list[str]:
        """The paths whose facts were asked for, sorted."""
        paths = sorted(self._wanted | self._outcomes.keys())
        return [path for path in paths if (found := self._outcome(path)) is not None and found.usable]

    def specifiers(self, path: str) -> tuple[str, ...]:
        """What a module imports, as written."""
        scan = self._scans.get(path)
        return scan.specifiers if scan is not None else ()

    def may_be_typed(self, path: str, specifier: str) -> bool:
        """Whether an import of a module may be one of types only. Cheap: nothing is parsed for it."""
        scan = self._scans.get(path)
        return scan is None or bool(scan.problem) or specifier in scan.typed

    def may_query(self, path: str) -> bool:
        """Whether a module speaks of Prisma, or passes on what others export."""
        scan = self._scans.get(path)
        return scan is not None and (scan.prisma or scan.passes_on)

    def mocks(self) -> Iterable[tuple[str, str]]:
        """(module, specifier) of each `jest.mock("…")` and its relatives."""
        return ((path, specifier) for path, scan in sorted(self._scans.items()) for specifier in scan.mocks)

    def importing(self, tails: Iterable[str]) -> list[tuple[str, str]]:
        """(module, specifier) of each import whose last path segment, without extension, is one of `tails`."""
        by_tail, _ = self._imports
        return [entry for name in tails for entry in by_tail.get(name, ())]

    def importing_relatively(self, path: str) -> list[tuple[str, str]]:
        """(module, specifier) of each relative import that may lead to a module."""
        _, by_base = self._imports
        bases = {path, _without_extension(path)}
        if posixpath.basename(path).startswith("index."):
            bases.add(posixpath.dirname(path) or ".")
        return [entry for base in bases for entry in by_base.get(base, ())]

    @cached_property
    def _imports(self) -> tuple[_ByName, _ByName]:
        """(module, specifier) of all imports: by the last path segment, and of the relative ones by the path that they
        name, with and without extension. In one go, so that both hold the same pairs: there are half a million."""
        by_tail: _ByName = defaultdict(list)
        by_base: _ByName = defaultdict(list)
        for path in sorted(self._scans):
            folder = posixpath.dirname(path)
            for specifier in self._scans[path].specifiers:
                entry = path, specifier
                by_tail[tail(specifier)].append(entry)
                if specifier.startswith("."):
                    written = posixpath.normpath(posixpath.join(folder, specifier.split("?", 1)[0]))
                    for base in {written, _without_extension(written)}:
                        by_base[base].append(entry)
        return dict(by_tail), dict(by_base)

    def importing_like(self, words: tuple[str, ...]) -> list[str]:
        """The modules that import something in whose last path segment one of the words (lower case) stands, sorted."""
        by_tail, _ = self._imports
        return sorted(
            {m for name, entries in by_tail.items() if any(w in name.lower() for w in words) for m, _ in entries}
        )

    def problems(self) -> list[Problem]:
        """Files that could not be used."""
        found = [Problem(path, scan.problem) for path, scan in self._scans.items() if scan.problem]
        self.parsed()
        for path, outcome in self._outcomes.items():
            if outcome.problem:
                found.append(Problem(path, outcome.problem))
            elif outcome.partly:
                line = outcome.partly
                text = (
                    f"line {line} could not be parsed: findings near it may be missing, and nothing there is rewritten"
                )
                found.append(Problem(path, text))
        return sorted(found, key=lambda problem: problem.path)


def _suffix(path: str) -> str:
    return posixpath.splitext(path)[1]


def _client_names(scans: Iterable[Scan]) -> frozenset[str]:
    names = {"PrismaClient"}
    derived: list[tuple[str, str]] = []
    for scan in scans:
        names.update(scan.clients)
        derived += scan.derived
    while more := {name for name, base in derived if base in names} - names:
        names |= more
    return frozenset(names)


def tail(specifier: str) -> str:
    """The last segment of a specifier without its extension: `client` for `../db/client.js`, `db` for `@acme/db`."""
    return _without_extension(specifier.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1])


def _without_extension(path: str) -> str:
    stem, dot, extension = path.rpartition(".")
    return stem if dot and stem and extension in ("js", "ts", "mjs", "cjs", "mts", "cts", "jsx", "tsx") else path


def tails_of(path: str) -> set[str]:
    """The tails that a relative or aliased specifier of a module can have."""
    folder, name = posixpath.split(path)
    stem = name.rsplit(".", 1)[0]
    found = {stem, name}
    if stem == "index":
        found.add(posixpath.basename(folder))
        found.update((".", ".."))
    return found
