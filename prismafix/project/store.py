"""Facts of the workspace's modules, on demand, and the index of who imports whom."""

from __future__ import annotations

import gc
import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING

from prismafix.project.scan import Scan, scan_all, scan_file
from prismafix.workspace.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prismafix.facts.model import ModuleFacts
    from prismafix.workspace.workspace import Workspace


class FactsStore:
    """Scans of all source files. Facts of files without a seed literal are extracted when first asked for."""

    def __init__(
        self,
        workspace: Workspace,
        jobs: int,
        max_bytes: int,
        previous: FactsStore | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self._max_bytes = max_bytes
        self._scans: dict[str, Scan] = {}
        todo: Iterable[str] = workspace.source_files
        if previous is not None:
            old, new = previous.workspace.overlay, workspace.overlay
            changed = {
                path for path in {*old, *new} if old.get(path) != new.get(path) or (path in old) != (path in new)
            }
            kept = previous._scans
            todo = []
            for path in workspace.source_files:
                if path in kept and path not in changed:
                    self._scans[path] = kept[path]
                else:
                    todo.append(path)
        gc.disable()
        try:
            for scan in scan_all(workspace.root, list(todo), workspace.overlay, max_bytes, jobs, progress=progress):
                self._scans[scan.path] = scan
        finally:
            gc.enable()
        self._by_tail: dict[str, list[tuple[str, str]]] | None = None

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module, or None when it is no source file or could not be analysed."""
        scan = self._scans.get(path)
        if scan is None:
            return None
        if scan.facts is None and not scan.problem:
            content = self.workspace.overlay.get(path)
            scan = scan_file(self.workspace.root, path, content, self._max_bytes, always=True)
            self._scans[path] = scan
        return scan.facts

    def is_seed(self, path: str) -> bool:
        """Whether a seed literal stands in a module."""
        scan = self._scans.get(path)
        return scan is not None and scan.seed

    def seeds(self) -> list[str]:
        """The paths of modules with a seed literal, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.seed and scan.facts is not None)

    def parsed(self) -> list[str]:
        """The paths whose facts are there, sorted."""
        return sorted(path for path, scan in self._scans.items() if scan.facts is not None)

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

    def problems(self) -> list[Problem]:
        """Files that could not be used."""
        found = []
        for path in sorted(self._scans):
            scan = self._scans[path]
            if scan.problem:
                found.append(Problem(path, scan.problem))
            elif scan.partly:
                text = f"line {scan.partly} could not be parsed: findings near it may be missing"
                found.append(Problem(path, text))
        return found


def tail(specifier: str) -> str:
    """The last segment of a specifier without its extension: `client` for `../db/client.js`, `db` for `@acme/db`."""
    last = specifier.rstrip("/").rsplit("/", 1)[-1]
    stem, dot, extension = last.rpartition(".")
    return stem if dot and extension in ("js", "ts", "mjs", "cjs", "mts", "cts", "jsx", "tsx") and stem else last


def tails_of(path: str) -> set[str]:
    """The tails that a relative or aliased specifier of a module can have."""
    folder, name = posixpath.split(path)
    stem = name.rsplit(".", 1)[0]
    found = {stem, name}
    if stem == "index":
        found.add(posixpath.basename(folder))
        found.update((".", ".."))
    return found
