"""`package.json` and the files around it: which packages there are, which workspace lists them, who manages them."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismafix.workspace.model import Problem, within
from prismafix.workspace.schemas import config_files, config_seed
from prismafix.workspace.tree import Tree, join, parent
from prismafix.workspace.versions import LOCKS, PRISMA_PACKAGES, Version, locked_version, lower_bound, relative_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

Manifest = dict[str, Any]
_DEPENDENCY_KINDS = ("peerDependencies", "devDependencies", "optionalDependencies", "dependencies")  # the last one wins
_SCRIPT_FILE = re.compile(r"(?:^|[\s\"'=])((?:\.{0,2}/)?[\w@.][\w./@()\[\]-]*\.[cm]?[jt]sx?)(?=$|[\s\"';&|:])")


@dataclass(frozen=True, slots=True)
class Manifests:
    """`by_folder`: the parsed package.json by their folder. `workspace_of`: folder of a member (and of the workspace
    itself) to
    the folder of the workspace. `catalogs`: by workspace folder, catalog name (`""` is the default one) and
    dependency."""

    by_folder: dict[str, Manifest]
    workspace_of: dict[str, str]
    catalogs: dict[str, dict[str, dict[str, str]]]
    problems: tuple[Problem, ...]


def read_manifests(tree: Tree, skip: Iterable[str]) -> Manifests:
    """Every package.json of the tree that lies in no folder of `skip`, and the workspaces that they and pnpm
    declare."""
    skipped = tuple(skip)
    by_folder: dict[str, Manifest] = {}
    problems: list[Problem] = []
    for path in tree.named("package.json"):
        if any(within(path, folder) for folder in skipped):
            continue
        text = tree.text(path)
        try:
            value = json.loads(text) if text is not None else None
        except (ValueError, RecursionError) as error:
            problems.append(Problem(path, f"not valid JSON ({error}); the package is left out, fix the file"))
            continue
        if isinstance(value, dict):
            by_folder[parent(path)] = value
        elif text is not None:
            problems.append(Problem(path, "not a JSON object; the package is left out, fix the file"))
        elif not tree.disk.is_link(path):
            problems.append(Problem(path, "cannot be read; the package is left out, check its permissions"))
    workspace_of: dict[str, str] = {}
    catalogs: dict[str, dict[str, dict[str, str]]] = {}
    for folder in sorted({*by_folder, *(parent(path) for path in tree.named("pnpm-workspace.yaml"))}):
        patterns, found, bad = _workspace(tree, folder, by_folder.get(folder, {}))
        problems += bad
        if found:
            catalogs[folder] = found
        if patterns is None:
            continue
        workspace_of[folder] = folder
        for member in by_folder:
            if member != folder and within(member, folder) and _is_member(patterns, member[len(folder) :].lstrip("/")):
                workspace_of[member] = folder
    return Manifests(by_folder, workspace_of, catalogs, tuple(problems))


def _workspace(
    tree: Tree, folder: str, manifest: Manifest
) -> tuple[list[str] | None, dict[str, dict[str, str]], list[Problem]]:
    """The member patterns that a folder declares (None: it declares none), its catalogs, and what was malformed."""
    declared = manifest.get("workspaces")
    sources: list[object] = [manifest]
    if isinstance(declared, dict):
        sources.append(declared)
        declared = declared.get("packages")
    patterns = _strings(declared) if isinstance(declared, list) else None
    problems: list[Problem] = []
    path = join(folder, "pnpm-workspace.yaml")
    if tree.has(path):
        value, problem = read_yaml(tree, path)
        problems += [problem] if problem else []
        if isinstance(value, dict):
            sources.append(value)
            patterns = _strings(value.get("packages")) or patterns or []
    catalogs: dict[str, dict[str, str]] = {}
    for source in sources:
        if isinstance(source, dict):
            catalogs.setdefault("", {}).update(string_map(source.get("catalog")))
            named = source.get("catalogs")
            for name, entries in named.items() if isinstance(named, dict) else ():
                catalogs.setdefault("" if name == "default" else str(name), {}).update(string_map(entries))
    return patterns, {name: entries for name, entries in catalogs.items() if entries}, problems


def _is_member(patterns: list[str], folder: str) -> bool:
    taken = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if _glob(pattern.removeprefix("!")).fullmatch(folder):
            taken = not negated
    return taken


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A workspace pattern: `*` within a name, `**` over folders, `{a,b}`."""
    cleaned = posixpath.normpath(pattern).removesuffix("/package.json").strip("/")
    kinds = {
        "**/": "(?:[^/]+/)*",
        "/**": "(?:/[^/]+)*",
        "**": ".*",
        "*": "[^/]*",
        "?": "[^/]",
        "{": "(?:",
        "}": ")",
        ",": "|",
    }
    pieces = re.split(r"(\*\*/|/\*\*|\*\*|[*?{},])", cleaned)
    return re.compile("".join(kinds.get(piece) or re.escape(piece) for piece in pieces))


def dependencies(manifest: Manifest) -> dict[str, str]:
    """All four kinds in one mapping, name to range."""
    merged: dict[str, str] = {}
    for kind in _DEPENDENCY_KINDS:
        merged.update(string_map(manifest.get(kind)))
    return merged


def manager(tree: Tree, folder: str) -> str | None:
    """Who manages the packages of a folder: `packageManager` or a lock file in it or above, up to the repository's
    top."""
    here = folder
    while True:
        manifest = tree.text(join(here, "package.json")) if tree.has(join(here, "package.json")) else None
        named = re.search(r'"packageManager"\s*:\s*"(npm|pnpm|yarn|bun)@', manifest) if manifest else None
        if named:
            return named[1]
        names = tree.by_folder.get(here, set())
        lock = next((name for name in LOCKS if name in names), None)
        if lock:
            return LOCKS[lock]
        if not here:
            break
        here = parent(here)
    outer = (LOCKS[name] for above in outer_folders(tree) for name in LOCKS if tree.disk.is_file(f"{above}/{name}"))
    return next(outer, None)


def outer_folders(tree: Tree) -> list[Path]:
    """The folders above the root up to the repository's top, the innermost first: a bigger workspace may lie around
    this one."""
    return [folder for folder in tree.root.parents if folder.is_relative_to(tree.top)]


def prisma_version(
    tree: Tree, manifests: Manifests, folder: str, read: LockReader
) -> tuple[Version | None, str | None]:
    """The version of Prisma of the package in `folder`, and where it stands: the nearest lock file that has it, else
    the range.

    A package that does not name Prisma itself has the version of the workspace that it is a member of.
    """
    manifest = manifests.by_folder[folder]
    ranges = dependencies(manifest)
    name = next((one for one in PRISMA_PACKAGES if one in ranges), None)
    workspace = manifests.workspace_of.get(folder)
    if name is None:
        if workspace is not None and workspace != folder and workspace in manifests.by_folder:
            return prisma_version(tree, manifests, workspace, read)
        return None, None
    spec = _resolved(manifests, workspace, name, ranges[name])
    for where in [folder, *_above(folder)]:
        for lock in LOCKS:
            if lock in tree.by_folder.get(where, ()):
                importer = relative_folder(Path(folder), Path(where))
                found = locked_version(Path(where) / lock, importer, name, spec, read.inside)
                if found:
                    return found, join(where, lock)
    for above in outer_folders(tree):
        for lock in LOCKS:
            importer = relative_folder(tree.root / folder, above)
            found = locked_version(above / lock, importer, name, spec, read.outside)
            if found:
                return found, relative_folder(above / lock, tree.root)
    bound = lower_bound(spec)
    return bound, f"{join(folder, 'package.json')} ({spec})" if bound else None


@dataclass(frozen=True, slots=True)
class LockReader:
    """Reads each lock file once."""

    tree: Tree
    known: dict[Path, bytes | None]

    def inside(self, path: Path) -> bytes | None:
        """A lock file of the tree, by its path relative to the root; None when it cannot be read."""
        if path not in self.known:
            text = self.tree.text(path.as_posix())
            self.known[path] = text.encode() if text is not None else None
        return self.known[path]

    def outside(self, path: Path) -> bytes | None:
        """A lock file above the root, by its absolute path; None when it is not there."""
        if path not in self.known:
            try:
                self.known[path] = self.tree.disk.content(str(path))
            except OSError:
                self.known[path] = None
        return self.known[path]


def _above(folder: str) -> list[str]:
    found = []
    while folder:
        folder = parent(folder)
        found.append(folder)
    return found


def _resolved(manifests: Manifests, workspace: str | None, name: str, spec: str) -> str:
    """The range behind pnpm's, yarn's and bun's `catalog:`."""
    if not spec.startswith("catalog:"):
        return spec
    wanted = spec.removeprefix("catalog:").strip()
    catalogs = manifests.catalogs.get(workspace if workspace is not None else "", {})
    return catalogs.get("" if wanted == "default" else wanted, {}).get(name, spec)


def entry_points(tree: Tree, folder: str, manifest: Manifest) -> tuple[tuple[str, ...], str | None]:
    """What is started or imported from outside: `main`, `module`, `bin`, files named in scripts and the seed (paths
    relative to the
    root; they need not exist, `dist/x.js` is kept); and the seed command."""
    named = [manifest.get("main"), manifest.get("module")]
    binaries = manifest.get("bin")
    named += list(binaries.values()) if isinstance(binaries, dict) else [binaries]
    found = [join(folder, name) for name in named if isinstance(name, str) and name]
    prisma = manifest.get("prisma")
    seed = prisma.get("seed") if isinstance(prisma, dict) else None
    if not isinstance(seed, str):
        seed = next((one for path in config_files(tree, folder) if (one := config_seed(tree.text(path) or ""))), None)
    for command in [*string_map(manifest.get("scripts")).values(), seed or ""]:
        names = [] if "${" in command else _SCRIPT_FILE.findall(command)
        found += [join(folder, name) for name in names if not name.endswith(".d.ts") and "node_modules/" not in name]
    return tuple(dict.fromkeys(found)), seed


def read_yaml(tree: Tree, path: str) -> tuple[object, Problem | None]:
    """A YAML file as data; tags that only a tool understands (`!Ref`, `!Sub`) become None."""
    text = tree.text(path)
    if text is None:
        return None, None
    import yaml  # slow to import

    try:
        return yaml.load(text, Loader=_yaml_loader()), None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        return None, Problem(path, f"not valid YAML{place}; what it says is not known, fix the file")


@cache
def _yaml_loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """The safe loader, with unknown tags allowed."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    return Loader


def string_map(value: object) -> dict[str, str]:
    """The entries of a JSON object whose values are strings."""
    return (
        {key: text for key, text in value.items() if isinstance(key, str) and isinstance(text, str)}
        if isinstance(value, dict)
        else {}
    )


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
