"""From an import specifier to what it means."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.index.store import FactsStore, tail, tails_of
from prismafix.workspace.model import Package, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.workspace import Workspace

EXTENSIONS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".js", ".jsx"),
    ".mjs": (".mts", ".mjs"),
    ".cjs": (".cts", ".cjs"),
    ".jsx": (".tsx", ".jsx"),
}
_CONDITIONS = ("source", "development", "bun", "types", "import", "module", "node", "default", "require")
_NO_CLIENT = ("extension", "runtime", "scripts", "generator-build", "sql")
"""Entry points of `@prisma/client` without a generated client; the class of `extension` throws when built (5.10.2)."""
_BUILT = ("dist", "build", "lib", "out", "esm", "cjs")


@dataclass(frozen=True, slots=True)
class ModuleTarget:
    """A module of the workspace."""

    path: str


@dataclass(frozen=True, slots=True)
class PrismaTarget:
    """A generated Prisma client. `output` is the generator's folder, or "" for `@prisma/client`. `entry` is what
    follows: "edge", …"""

    output: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class ExternalTarget:
    """A package that is not part of the workspace, or a path that leads to no source file (`missing`)."""

    specifier: str
    missing: bool = False


Target = ModuleTarget | PrismaTarget | ExternalTarget


class Resolver:
    """Resolves specifiers of a workspace. Results are kept."""

    def __init__(self, workspace: Workspace, store: FactsStore) -> None:
        self.workspace = workspace
        self.store = store
        self._sources = frozenset(workspace.source_files)
        self._outputs = sorted(
            {g.output for schema in workspace.schemas for g in schema.generators if g.output is not None},
            key=len,
            reverse=True,
        )
        self._resolved: dict[tuple[str, str], Target] = {}
        self._importers: dict[str, tuple[tuple[str, str], ...]] = {}

    def resolve(self, importer: str, specifier: str) -> Target:
        """What `specifier` means in the module `importer`."""
        key = (importer.rpartition("/")[0], specifier)
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = self._resolve(importer, specifier)
        return found

    def importers(self, path: str) -> tuple[tuple[str, str], ...]:
        """(module, specifier) of each import that leads to the module `path`."""
        found = self._importers.get(path)
        if found is None:
            tails = tails_of(path)
            package = self.workspace.package_of(path)
            if package is not None and package.name:
                tails.add(package.name.rsplit("/", 1)[-1])
                tails.update(_subpaths(package))
            tails.update(self._exact_aliases(path))
            hits = [hit for hit in self.store.importing(sorted(tails)) if not hit[1].startswith(".")]
            hits += self.store.importing_relatively(path)
            found = tuple(sorted({(m, s) for m, s in hits if m != path and self.resolve(m, s) == ModuleTarget(path)}))
            self._importers[path] = found
        return found

    def _exact_aliases(self, path: str) -> set[str]:
        """The last segments of the aliases without a `*` (tsconfig `paths`, package `imports`) of a module."""
        config, package = self.workspace.tsconfig_for(path), self.workspace.package_of(path)
        patterns = [pattern for pattern, _ in config.paths] if config is not None else []
        if package is not None and isinstance(package.imports, dict):
            patterns += [str(key) for key in package.imports]
        return {tail(pattern) for pattern in patterns if "*" not in pattern}

    def _resolve(self, importer: str, specifier: str) -> Target:
        specifier = specifier.split("?", 1)[0]
        if specifier.startswith(".") and not specifier.startswith(".prisma/"):
            return self._at(posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier)), specifier)
        name, rest = split_package(specifier)
        if name == "@prisma/client" and rest.split("/")[0] in _NO_CLIENT:
            return ExternalTarget(specifier)
        if name == "@prisma/client" or specifier.startswith(".prisma/client"):
            entry = rest if name == "@prisma/client" else specifier.removeprefix(".prisma/client").strip("/")
            return PrismaTarget("", entry)
        for output in self._outputs:  # `output = "../node_modules/.prisma/client-two"` or a package of its own
            tail = output.split("node_modules/", 1)[-1] if "node_modules/" in output else None
            if tail is not None and (specifier == tail or specifier.startswith(tail + "/")):
                return PrismaTarget(output, specifier[len(tail) :].strip("/"))
        aliased = False
        for candidate in self._aliased(importer, specifier):
            target = self._at(candidate, specifier)
            if not isinstance(target, ExternalTarget):
                return target
            aliased = True
        if specifier.startswith("#"):
            return self._subpath_import(importer, specifier)
        package = self.sibling(importer, name)
        if package is not None:
            return self._into_package(package, rest, specifier)
        return ExternalTarget(specifier, missing=aliased and not self._is_dependency(importer, name))

    def sibling(self, importer: str, name: str) -> Package | None:
        """The package called `name` of the declared workspace that the importer's package is in (or is itself)."""
        package = self.workspace.package_by_name(name) if name else None
        ours = self.workspace.package_of(importer)
        if package is None or ours is None:
            return None
        same = package.workspace_root is not None and package.workspace_root == ours.workspace_root
        return package if same or package.root == ours.root else None

    def _is_dependency(self, importer: str, name: str) -> bool:
        package = self.workspace.package_of(importer)
        return package is not None and name in package.dependencies

    def _at(self, path: str, specifier: str) -> Target:
        """The module at a path without or with an extension."""
        for output in self._outputs:
            if within(path, output):
                return PrismaTarget(output, path[len(output) :].strip("/"))
        found = self.file_at(path)
        return ModuleTarget(found) if found is not None else ExternalTarget(specifier, missing=True)

    def file_at(self, path: str) -> str | None:
        """The source file that a path means: itself, `.js` for `.ts`, with an extension, or an index file of the
        folder."""
        if path in self._sources:
            return path
        stem, extension = posixpath.splitext(path)
        for written in _WRITTEN_FOR.get(extension, ()):
            if stem + written in self._sources:
                return stem + written
        for suffix in EXTENSIONS:
            if path + suffix in self._sources:
                return path + suffix
        for suffix in EXTENSIONS:
            index = posixpath.join(path, "index" + suffix).removeprefix("./")
            if index in self._sources:
                return index
        return None

    def _aliased(self, importer: str, specifier: str) -> Iterator[str]:
        config = self.workspace.tsconfig_for(importer)
        if config is None:
            return
        matches = []
        for pattern, targets in config.paths:
            prefix, star, suffix = pattern.partition("*")
            if star:
                if (
                    specifier.startswith(prefix)
                    and specifier.endswith(suffix)
                    and len(specifier) >= len(prefix) + len(suffix)
                ):
                    middle = specifier[len(prefix) : len(specifier) - len(suffix) if suffix else None]
                    matches.append((len(prefix), [target.replace("*", middle, 1) for target in targets]))
            elif specifier == pattern:
                matches.append((10_000, list(targets)))
        for _, candidates in sorted(matches, key=lambda match: -match[0]):
            for candidate in candidates:
                yield posixpath.normpath(candidate)
        if config.base_url is not None:
            yield posixpath.normpath(posixpath.join(config.base_url, specifier))

    def _subpath_import(self, importer: str, specifier: str) -> Target:
        package = self.workspace.package_of(importer)
        if package is not None and isinstance(package.imports, dict):
            for candidate in _match_exports(package.imports, specifier):
                if not candidate.startswith("."):
                    return self.resolve(importer, candidate)
                target = self._before_build(package, candidate, specifier)
                if target is not None:
                    return target
        return ExternalTarget(specifier, missing=True)

    def _before_build(self, package: Package, candidate: str, specifier: str) -> Target | None:
        """The module at a path in a package, or where its source is when it is built."""
        path = posixpath.normpath(posixpath.join(package.root, candidate))
        for variant in _before_build(path, package.root):
            target = self._at(variant, specifier)
            if not isinstance(target, ExternalTarget):
                return target
        return None

    def _into_package(self, package: Package, rest: str, specifier: str) -> Target:
        for candidate in _package_files(package, rest):
            target = self._before_build(package, candidate, specifier)
            if target is not None:
                return target
        return ExternalTarget(specifier, missing=True)


def split_package(specifier: str) -> tuple[str, str]:
    """(`@scope/name`, `rest/of/it`) of a bare specifier."""
    parts = specifier.split("/")
    size = 2 if specifier.startswith("@") and len(parts) > 1 else 1
    return "/".join(parts[:size]), "/".join(parts[size:])


def _package_files(package: Package, rest: str) -> Iterator[str]:
    if isinstance(package.exports, str | dict):
        exports = package.exports
        if isinstance(exports, str) or not any(str(key).startswith(".") for key in exports):
            exports = {".": exports}
        yield from _match_exports(exports, "./" + rest if rest else ".")
    if rest:
        yield rest
        yield posixpath.join("src", rest)
        return
    yield from package.entry_points
    yield "src/index"
    yield "index"


def _match_exports(exports: object, key: str) -> Iterator[str]:
    """The candidate files of an `exports` or `imports` object for one key, best condition first."""
    if not isinstance(exports, dict):
        return
    if key in exports:
        yield from _leaves(exports[key])
        return
    for pattern, value in sorted(exports.items(), key=lambda item: -len(str(item[0]))):
        prefix, star, suffix = str(pattern).partition("*")
        if star and key.startswith(prefix) and key.endswith(suffix) and len(key) >= len(prefix) + len(suffix):
            middle = key[len(prefix) : len(key) - len(suffix) if suffix else None]
            for leaf in _leaves(value):
                yield leaf.replace("*", middle)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        for condition in sorted(value, key=lambda c: _CONDITIONS.index(c) if c in _CONDITIONS else 99):
            yield from _leaves(value[condition])


def _before_build(path: str, root: str) -> Iterator[str]:
    """The path itself, then where its source probably is: `dist/x.js` and `dist/x.d.ts` come from `src/x.ts`."""
    yield path
    inside = path[len(root) :].strip("/") if root else path
    for extension in (".d.ts", ".d.mts", ".d.cts", ".js", ".mjs", ".cjs"):
        if inside.endswith(extension):
            inside = inside[: -len(extension)]
            break
    yield posixpath.join(root, inside)
    parts = inside.split("/")
    if parts[0] in _BUILT:
        rest = parts[1:]
        yield posixpath.join(root, "src", *rest)
        while rest and rest[0] in (*_BUILT, "src"):
            rest = rest[1:]
            yield posixpath.join(root, "src", *rest)
        yield posixpath.join(root, *rest)


def _subpaths(package: Package) -> set[str]:
    """The last segments under which a package's `exports` can be imported."""
    if not isinstance(package.exports, dict):
        return set()
    return {str(key).rstrip("/").rsplit("/", 1)[-1] for key in package.exports if str(key).startswith("./")} - {"*"}
