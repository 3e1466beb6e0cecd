"""Facts of the workspace's modules, on demand, and the index of who imports whom."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from prismafix.project.scan import Extracted, Scan, extract_all, extract_file, scan_all
from prismafix.workspace.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prismafix.facts.model import ModuleFacts
    from prismafix.workspace.workspace import Workspace

_WORD = re.compile(rb"[\w$\x80-\xff]+")


class FactsStore:
    """Scans of all source files. Facts are extracted when first asked for, or many at once by `prefetch`."""

    def __init__(
        self,
        workspace: Workspace,
        jobs: int,
        max_bytes: int,
        previous: FactsStore | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self._jobs = jobs
        self._scans: dict[str, Scan] = {}
        self._extracted: dict[str, Extracted] = {}
        todo: Sequence[str] = workspace.source_files
        if previous is not None:
            old, new = previous.workspace.overlay, workspace.overlay
            changed = {
                path for path in {*old, *new} if old.get(path) != new.get(path) or (path in old) != (path in new)
            }
            kept = [path for path in todo if path in previous._scans and path not in changed]
            self._scans = {path: previous._scans[path] for path in kept}
            self._extracted = {path: previous._extracted[path] for path in kept if path in previous._extracted}
            todo = [path for path in todo if path not in self._scans]
        for scan in scan_all(workspace.root, todo, workspace.overlay, max_bytes, jobs, progress):
            self._scans[scan.path] = scan
        self._by_tail: dict[str, list[tuple[str, str]]] | None = None
        self._by_base: dict[str, list[tuple[str, str]]] | None = None
        self._words: dict[str, frozenset[bytes]] = {}
        self.client_names = _client_names(self._scans.values())
        """What classes of clients are called, wherever they are declared or renamed."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Extract the facts of many modules at once: those that will be asked for."""
        todo = [path for path in paths if self._is_open(path)]
        for found in extract_all(self.workspace.root, todo, self.workspace.overlay, self._jobs):
            self._extracted[found.path] = found

    def _is_open(self, path: str) -> bool:
        scan = self._scans.get(path)
        return scan is not None and not scan.problem and path not in self._extracted

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module, or None when it is no source file or could not be analysed."""
        found = self._extracted.get(path)
        if found is None:
            if not self._is_open(path):
                return None
            found = extract_file(self.workspace.root, (path, self.workspace.overlay.get(path)))
            self._extracted[path] = found
        return found.facts

    def mentions(self, path: str, word: str) -> bool:
        """Whether a name stands in the text of a module; True when that cannot be told."""
        if not word.replace("$", "_").isidentifier():
            return True
        words = self._words.get(path)
        if words is None:
            try:
                words = frozenset(_WORD.findall(self.workspace.read(path)))
            except OSError:
                return True
            self._words[path] = words
        return word.encode() in words

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

    def suppressing(self) -> list[str]:
        """The modules with a suppression comment, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.suppresses)

    def setting_environment(self) -> list[str]:
        """The modules that may change `process.env`, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.sets_environment)

    def _usable(self, path: str) -> bool:
        found = self._extracted.get(path)
        return not self._scans[path].problem and (found is None or found.facts is not None)

    def parsed(self) -> list[str]:
        """The paths whose facts are there, sorted."""
        return sorted(path for path, found in self._extracted.items() if found.facts is not None)

    def specifiers(self, path: str) -> tuple[str, ...]:
        """What a module imports, as written."""
        scan = self._scans.get(path)
        return scan.specifiers if scan is not None else ()

    def mocks(self) -> Iterable[tuple[str, str]]:
        """(module, specifier) of each `jest.mock("…")` and its relatives."""
        return ((path, specifier) for path, scan in sorted(self._scans.items()) for specifier in scan.mocks)

    def importing(self, tails: Iterable[str]) -> list[tuple[str, str]]:
        """(module, specifier) of each import whose last path segment, without extension, is one of `tails`."""
        if self._by_tail is None:
            index: dict[str, list[tuple[str, str]]] = defaultdict(list)
            for path in sorted(self._scans):
                for specifier in self._scans[path].specifiers:
                    index[tail(specifier)].append((path, specifier))
            self._by_tail = dict(index)
        return [entry for name in tails for entry in self._by_tail.get(name, ())]

    def importing_relatively(self, path: str) -> list[tuple[str, str]]:
        """(module, specifier) of each relative import that may lead to a module."""
        if self._by_base is None:
            index: dict[str, list[tuple[str, str]]] = defaultdict(list)
            for module, scan in sorted(self._scans.items()):
                folder = posixpath.dirname(module)
                for specifier in scan.specifiers:
                    if specifier.startswith("."):
                        written = posixpath.normpath(posixpath.join(folder, specifier.split("?", 1)[0]))
                        for base in {written, _without_extension(written)}:
                            index[base].append((module, specifier))
            self._by_base = dict(index)
        bases = {path, _without_extension(path)}
        if posixpath.basename(path).startswith("index."):
            bases.add(posixpath.dirname(path) or ".")
        return [entry for base in bases for entry in self._by_base.get(base, ())]

    def importing_like(self, words: tuple[str, ...]) -> list[str]:
        """The modules that import something in whose last path segment one of the words (lower case) stands, sorted."""
        self.importing(())
        index = self._by_tail or {}
        return sorted(
            {m for name, entries in index.items() if any(w in name.lower() for w in words) for m, _ in entries}
        )

    def problems(self) -> list[Problem]:
        """Files that could not be used."""
        found = [Problem(path, scan.problem) for path, scan in self._scans.items() if scan.problem]
        for path, extracted in self._extracted.items():
            if extracted.problem:
                found.append(Problem(path, extracted.problem))
            elif extracted.partly:
                line = extracted.partly
                text = (
                    f"line {line} could not be parsed: findings near it may be missing, and nothing there is rewritten"
                )
                found.append(Problem(path, text))
        return sorted(found, key=lambda problem: problem.path)


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
