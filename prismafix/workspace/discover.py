"""A path in, a `Workspace` out. Reads the tree, runs nothing of it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.errors import UserError
from prismafix.workspace.deployment import Deployment, Traits, deployment_of, is_config
from prismafix.workspace.frameworks import frameworks_of, reloading
from prismafix.workspace.manifests import (
    LockReader,
    Manifests,
    dependencies,
    entry_points,
    manager,
    prisma_version,
    read_manifests,
    string_map,
)
from prismafix.workspace.model import DeploymentUnit, Package, Problem, Schema, within
from prismafix.workspace.schemas import CONFIG_NAMES, find_schemas
from prismafix.workspace.setting_files.names import kind_of
from prismafix.workspace.sources import SUFFIXES, build_folders, file_size, select_sources
from prismafix.workspace.tree import Tree, is_env_file, list_tree, matcher, parent
from prismafix.workspace.tsconfig import NAMES, read_tsconfigs
from prismafix.workspace.versions import LOCKS
from prismafix.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from prismafix.workspace.disk import Disk


def discover_workspace(
    path: Path,
    *,
    overlay: Mapping[str, bytes | None] | None = None,
    exclude: Sequence[str] = (),
    max_bytes: int = 1_000_000,
    listed: Tree | None = None,
    disk: Disk | None = None,
) -> Workspace:
    """What is in the folder `path`, with `overlay` (relative path to content, None for deleted) in front of the disk.

    `listed`: the files of the folder, if somebody has listed them just now; then they are read through its disk, else
    through `disk` (a new one if None).
    `exclude` are gitignore patterns of files not to look at. Source files over `max_bytes` become problems. Raises
    UserError for a path that does not exist, is a file, or cannot be read.
    """
    root = _checked(path)
    tree = list_tree(root, dict(overlay or {}), disk) if listed is None else listed
    built = build_folders(tree)
    manifests = read_manifests(tree, built)
    schemas = find_schemas(tree, manifests.by_folder, built)
    if any(within(folder, owned) for folder in manifests.by_folder for owned in schemas.owned):
        manifests = read_manifests(tree, {*built, *schemas.owned})  # a generated client brings a package.json
    excluded = matcher(exclude)
    sources = select_sources(tree, {*built, *schemas.owned}, excluded, max_bytes)
    packages, loose, problems = _packages(tree, manifests, schemas.schemas, sources.files)
    folders: dict[str, list[str]] = {}
    for package in packages:
        if package.name:
            folders.setdefault(package.name, []).append(package.root)
    tsconfigs = read_tsconfigs(tree, lambda name: folders[name][0] if len(folders.get(name, ())) == 1 else None)
    found = (*tree.problems, *manifests.problems, *schemas.problems, *tsconfigs.problems, *sources.problems, *problems)
    problem_set = {one for one in found if not (excluded and excluded(one.path))}
    env_files = tuple(
        path
        for path in tree.files
        if is_env_file(path.rpartition("/")[2])
        and not (excluded and excluded(path))
        and file_size(tree, path) is not None
    )
    return Workspace(
        root=root,
        source_files=sources.files,
        packages=packages,
        schemas=schemas.schemas,
        problems=tuple(sorted(problem_set, key=lambda one: (one.path, one.message))),
        env_files=env_files,
        ignored=tree.ignored,
        generated=schemas.owned,
        units=(*loose, *(unit for package in packages for unit in package.units)),
        disk=tree.disk,
        uses_prisma=bool(schemas.schemas) or any(_uses_prisma(package) for package in packages),
        overlay=tree.overlay,
        exclude=tuple(exclude),
        max_bytes=max_bytes,
        declaration_files=sources.declarations,
        setting_files=tuple(path for path in tree.files if kind_of(path) and not (excluded and excluded(path))),
        _tsconfigs=tsconfigs.by_folder,
    )


def overlaid(workspace: Workspace, changes: Mapping[str, bytes | None]) -> Workspace:
    """`Workspace.with_overlay`: files that discovery reads lead to a new discovery; others only come and go among the
    sources."""
    overlay = {**workspace.overlay, **changes}
    if any(_is_read_by_discovery(path) for path in changes):
        return discover_workspace(
            workspace.root,
            overlay=overlay,
            exclude=workspace.exclude,
            max_bytes=workspace.max_bytes,
            disk=workspace.disk,
        )
    deleted = {path for path, content in changes.items() if content is None}
    known = set(workspace.source_files)
    added = [
        path
        for path, content in changes.items()
        if content is not None and path not in known and path.endswith(SUFFIXES)
    ]
    files = workspace.source_files
    if deleted & known or added:
        tree = Tree(workspace.root, workspace.root, tuple(sorted(added)), overlay, (), frozenset(), workspace.disk)
        new = select_sources(tree, workspace.generated, matcher(workspace.exclude), workspace.max_bytes)
        files = tuple(sorted((known - deleted) | set(new.files)))
    setting_files = workspace.setting_files
    if any(kind_of(path) for path in changes):
        excluded = matcher(workspace.exclude)
        new_ones = {path for path in set(changes) - deleted if kind_of(path) and not (excluded and excluded(path))}
        setting_files = tuple(sorted((set(setting_files) - deleted) | new_ones))
    return replace(
        workspace,
        source_files=files,
        setting_files=setting_files,
        overlay=overlay,
        _packages_by_folder={},
        _units_by_root={},
    )


_READ_NAMES = frozenset({"package.json", "pnpm-workspace.yaml", ".gitignore", *NAMES, *LOCKS, *CONFIG_NAMES})


def _is_read_by_discovery(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name in _READ_NAMES or is_config(name) or is_env_file(name) or name.endswith(".prisma") or "tsconfig" in name


def _checked(path: Path) -> Path:
    try:
        root = path.resolve(strict=True)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such folder; give the folder of the project") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round in a circle, up to Python 3.12
        cause = error.strerror if isinstance(error, OSError) else "the links go round in a circle"
        raise UserError(f"{path}: cannot be opened ({cause}); give a folder that you can read") from None
    if not root.is_dir():
        raise UserError(f"{path}: is a file; give the folder of the project")
    try:
        with os.scandir(root):
            return root
    except OSError as error:
        raise UserError(f"{path}: the folder cannot be read ({error.strerror}); check its permissions") from None


def _packages(
    tree: Tree, manifests: Manifests, schemas: Sequence[Schema], sources: Sequence[str]
) -> tuple[tuple[Package, ...], tuple[DeploymentUnit, ...], list[Problem]]:
    """The packages, by folder; units that lie in no package; what was malformed in their configuration."""
    owner = _owner(manifests)
    own_schemas: dict[str | None, list[str]] = {}
    for schema in schemas:
        own_schemas.setdefault(owner(parent(schema.path)), []).append(schema.path)
    files: dict[str | None, list[str]] = {}
    configs = [path for name in tree.by_name if is_config(name) for path in tree.by_name[name]]
    for path in dict.fromkeys((*sources, *configs)):
        files.setdefault(owner(parent(path)), []).append(path)
    locks = LockReader(tree, {})
    packages: list[Package] = []
    problems: list[Problem] = []
    for folder in sorted(manifests.by_folder):
        package, deployment = _package(
            tree, manifests, folder, files.get(folder, []), own_schemas.get(folder, []), locks
        )
        packages.append(package)
        problems += deployment.problems
    unowned = deployment_of(tree, "", files.get(None, []), Traits({}, {}, frozenset(), (), True))
    units = unowned.units if "" not in manifests.by_folder else ()
    return tuple(packages), units, [*problems, *unowned.problems]


def _package(
    tree: Tree, manifests: Manifests, folder: str, files: list[str], schemas: list[str], locks: LockReader
) -> tuple[Package, Deployment]:
    manifest = manifests.by_folder[folder]
    ranges = dependencies(manifest)
    scripts = string_map(manifest.get("scripts"))
    names = {path.rpartition("/")[2] for path in files}
    frameworks = frameworks_of(ranges, any(name.startswith("entry-server.") for name in names))
    apps = reloading(frameworks, scripts, {name for name in names if is_config(name)})
    members = [member for member, root in manifests.workspace_of.items() if root == folder and member != folder]
    deployment = deployment_of(tree, folder, files, Traits(ranges, scripts, frameworks, apps, bool(members)))
    entries, seed = entry_points(tree, folder, manifest)
    version, source = prisma_version(tree, manifests, folder, locks)
    name, config = manifest.get("name"), manifest.get("prismafix")
    package = Package(
        name=name if isinstance(name, str) else None,
        root=folder,
        manager=manager(tree, folder),
        private=manifest.get("private") is True,
        dependencies=ranges,
        scripts=scripts,
        entry_points=entries,
        exports=manifest.get("exports"),
        imports=manifest.get("imports"),
        module_system="esm" if manifest.get("type") == "module" else "commonjs",
        prisma_version=version,
        prisma_version_source=source,
        frameworks=frameworks,
        hot_reload=bool(apps),
        target=deployment.target,
        target_evidence=deployment.evidence,
        units=deployment.units,
        schemas=tuple(schemas),
        prisma_seed=seed,
        config=config if isinstance(config, dict) else {},
        workspace_root=manifests.workspace_of.get(folder),
    )
    return package, deployment


def _owner(manifests: Manifests) -> Callable[[str], str | None]:
    """The folder of the innermost package that a folder belongs to."""
    known: dict[str, str | None] = {}

    def owner(folder: str) -> str | None:
        if folder not in known:
            known[folder] = folder if folder in manifests.by_folder else owner(parent(folder)) if folder else None
        return known[folder]

    return owner


def _uses_prisma(package: Package) -> bool:
    return any(name == "prisma" or name.startswith("@prisma/") for name in package.dependencies)
