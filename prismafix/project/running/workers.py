"""What runs in Cloudflare Workers and Pages: the entries of each worker, and how a module comes to be loaded by one.

There a connection belongs to the request that opened it: used by another one, it fails with "Cannot perform I/O on
behalf of a different request", or hangs (Cloudflare's documentation, Workers, "Errors and exceptions"; OpenNext's,
"Database & ORM"). Configuration in JavaScript is never evaluated; its text gives hints.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.index.resolve import ModuleTarget
from prismafix.project.model import once_per_project
from prismafix.workspace.model import Evidence, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prismafix.facts.model import Export, Import, ModuleFacts
    from prismafix.project.model import Project
    from prismafix.workspace.model import DeploymentUnit, Package

_SOURCE = r"\.[cm]?[jt]sx?$"


@dataclass(frozen=True, slots=True)
class _Adapter:
    """A framework that builds a worker. `config` is how the name of the file begins that has to name `dependency`
    ("" where the dependency is enough); `entries` matches the modules that the framework loads by itself, relative to
    the package."""

    dependency: str
    config: str
    entries: re.Pattern[str]


_NEXT = re.compile(
    r"^(?:src/)?(?:(?:app/(?:.*/)?(?:route|page|layout|template|default|error|not-found|loading|sitemap|robots))"
    r"|pages/.*|middleware|proxy|instrumentation)" + _SOURCE
)
_KIT = re.compile(r"^src/(?:routes/(?:.*/)?\+(?:server|page|layout)(?:\.server)?|hooks(?:\.server)?)" + _SOURCE)
_REMIX = re.compile(r"^app/(?:routes/.*|root|entry\.server|entry\.server/.*)" + _SOURCE)
_ASTRO = re.compile(r"^src/(?:pages/.*|middleware(?:/index)?|actions(?:/index)?)" + _SOURCE)
_ADAPTERS = (
    _Adapter("@opennextjs/cloudflare", "", _NEXT),
    _Adapter("@cloudflare/next-on-pages", "", _NEXT),
    _Adapter("@sveltejs/adapter-cloudflare", "svelte.config.", _KIT),
    _Adapter("@sveltejs/adapter-cloudflare-workers", "svelte.config.", _KIT),
    _Adapter("@astrojs/cloudflare", "astro.config.", _ASTRO),
    _Adapter("@remix-run/cloudflare", "", _REMIX),
    _Adapter("@react-router/cloudflare", "", _REMIX),
)
_ROUTER = "virtual:react-router/server-build"
"""What the entry of a worker imports that serves an application of React Router."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How a worker comes to load a module. `worker` is the file that makes it one; `steps` are the imports from the
    entry to the module, in order (none for an entry)."""

    worker: Evidence
    entry: str
    steps: tuple[Evidence, ...]


def loaded_by_worker(project: Project, path: str) -> Loaded | None:
    """How a worker loads a module: the shortest way from an entry. None when none is seen to."""
    entries = worker_entries(project)
    importers = _importers(project) if entries else {}
    if path not in importers:
        return None
    steps: list[Evidence] = []
    module = path
    while module not in entries:
        importer, specifier = importers[module]
        facts = project.facts(importer)
        items = _mentions(facts, specifier) if facts is not None else []
        line = facts.line_of(items[0].start) if facts is not None and items else 1
        steps.insert(0, Evidence(importer, line, f"imports {module}"))
        module = importer
    return Loaded(entries[module], module, tuple(steps))


@once_per_project
def _importers(project: Project) -> Mapping[str, tuple[str, str]]:
    """The modules that a worker loads, each with the (module, specifier) that brings it in first: breadth first from
    the entries, whose own are empty."""
    found = dict.fromkeys(sorted(worker_entries(project)), ("", ""))
    todo = deque(found)
    while todo:
        module = todo.popleft()
        for specifier in project.store.specifiers(module):
            target = project.resolver.resolve(module, specifier)
            if isinstance(target, ModuleTarget) and target.path not in found and _loads(project, module, specifier):
                found[target.path] = (module, specifier)
                todo.append(target.path)
    return found


def _loads(project: Project, importer: str, specifier: str) -> bool:
    """Whether an import is more than one of types."""
    if not project.store.may_be_typed(importer, specifier):
        return True
    facts = project.facts(importer)
    if facts is None:
        return False
    items = _mentions(facts, specifier)
    return not items or any(not item.type_only for item in items)  # none: `require` or `import()`


def _mentions(facts: ModuleFacts, specifier: str) -> list[Import | Export]:
    """The imports and re-exports of a specifier."""
    items: tuple[Import | Export, ...] = (*facts.imports, *facts.exports)
    return [item for item in items if item.specifier == specifier]


@once_per_project
def worker_entries(project: Project) -> Mapping[str, Evidence]:
    """The modules that a worker begins with, each with the file that says so."""
    found: dict[str, Evidence] = {}
    units = [unit for unit in project.workspace.units if unit.kind == "worker"]
    for unit in units:
        for entry in _of_wrangler(project, unit):
            found.setdefault(entry, unit.evidence)
    for package in project.workspace.packages:
        own = next((unit for unit in units if unit.root == package.root), None)
        for entry, evidence in _of_framework(project, package, own, found):
            found.setdefault(entry, evidence)
    return found


def _of_wrangler(project: Project, unit: DeploymentUnit) -> Iterator[str]:
    """The `main` of a worker, or the functions of a Pages project."""
    config = _read(project, unit.evidence.path)
    environments = config.get("env")
    sections = [config, *(environments.values() if isinstance(environments, dict) else ())]
    mains = [section["main"] for section in sections if isinstance(section, dict) and "main" in section]
    for main in mains:
        if isinstance(main, str):
            path = project.resolver.file_at(posixpath.normpath(posixpath.join(unit.root, main)))
            if path is not None:
                yield path
    if not mains:
        functions = posixpath.join(unit.root, "functions")
        for path in project.workspace.source_files:
            if within(path, functions) and not project.roles.is_aside(path):
                yield path


def _read(project: Project, path: str) -> Mapping[str, object]:
    """A `wrangler.toml`, `.json` or `.jsonc`; empty when it cannot be read."""
    try:
        text = project.workspace.read(path).decode("utf-8")
        if path.endswith(".toml"):
            return tomllib.loads(text)
    except (OSError, ValueError):
        return {}
    import pyjson5  # only needed where there is such a file

    try:
        value = pyjson5.decode(text)
    except (pyjson5.Json5Exception, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _of_framework(
    project: Project, package: Package, unit: DeploymentUnit | None, entries: Mapping[str, Evidence]
) -> Iterator[tuple[str, Evidence]]:
    """The modules that a framework loads by itself, where it is built for Cloudflare."""
    evidence = unit.evidence if unit is not None else next(iter(package.target_evidence), None)
    if evidence is None or (unit is None and package.target != "edge"):
        return
    patterns = [
        adapter.entries
        for adapter in _ADAPTERS
        if adapter.dependency in package.dependencies and _names(project, package, adapter)
    ]
    if any(within(e, package.root) and _ROUTER in project.store.specifiers(e) for e in entries):
        patterns.append(_REMIX)
    for path in project.workspace.source_files if patterns else ():
        if project.workspace.package_of(path) is package and not project.roles.is_aside(path):
            inside = path[len(package.root) :].lstrip("/")
            if any(pattern.search(inside) for pattern in patterns):
                yield path, evidence


def _names(project: Project, package: Package, adapter: _Adapter) -> bool:
    """Whether the framework's configuration names the adapter: several may be installed."""
    if not adapter.config:
        return True
    for name in project.workspace.list_dir(package.root):
        if name.startswith(adapter.config):
            try:
                return adapter.dependency in project.workspace.read(posixpath.join(package.root, name)).decode("utf-8")
            except (OSError, ValueError):
                return False
    return False
