"""What is in the tree, for everybody downstream. Made by `prismafix.workspace.discover`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.workspace.tree import parent, path_exists, read_bytes
from prismafix.workspace.tsconfig import TsProject, select

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prismafix.workspace.disk import Disk
    from prismafix.workspace.model import DeploymentUnit, Package, Problem, Schema, TsConfig
    from prismafix.workspace.settings import Setting


@dataclass(frozen=True, slots=True)
class Workspace:
    """All paths are POSIX and relative to `root`, which is the resolved PATH that was given.

    `source_files` are sorted and within `max_bytes`, and so are `declaration_files` (`.d.ts`), which are not among
    them. `env_files` include those that git ignores; those are `ignored` too. `generated` are the folders (and single
    files) that generators of the schemas write: what is in them is no source file, there or not. `units` are the
    deployment units of all packages and of none. `overlay` stands in front of the `disk`; None means deleted. `exclude`
    (gitignore patterns) keeps files out of `source_files`, `env_files`, `setting_files` and `problems`; packages and
    schemas stay known. `setting_files` are files that may set a database's URL by their names (Compose, deployment,
    workflows), for `prismafix.workspace.settings`, which alone fills `settings_cache`.
    """

    root: Path
    source_files: tuple[str, ...]
    packages: tuple[Package, ...]
    schemas: tuple[Schema, ...]
    problems: tuple[Problem, ...]
    env_files: tuple[str, ...]
    ignored: frozenset[str]
    generated: tuple[str, ...]
    units: tuple[DeploymentUnit, ...]
    uses_prisma: bool
    disk: Disk
    overlay: Mapping[str, bytes | None] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    max_bytes: int = 1_000_000
    declaration_files: tuple[str, ...] = ()
    setting_files: tuple[str, ...] = ()
    _tsconfigs: Mapping[str, tuple[TsProject, ...]] = field(default_factory=dict, repr=False)
    _packages_by_folder: dict[str, Package] = field(default_factory=dict, repr=False, compare=False)
    _units_by_root: dict[str, DeploymentUnit] = field(default_factory=dict, repr=False, compare=False)

    settings_cache: list[tuple[tuple[Setting, ...], tuple[Problem, ...]]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _of_folder: dict[str, Package | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    _configs_of_folder: dict[str, tuple[TsProject, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        self._packages_by_folder.update((package.root, package) for package in self.packages)
        self._units_by_root.update((unit.root, unit) for unit in self.units)

    def read(self, path: str) -> bytes:
        """The content of a file, the overlay first. Raises FileNotFoundError or another OSError."""
        return read_bytes(self.disk, self.overlay, path)

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there, the overlay included."""
        return path_exists(self.disk, self.overlay, path)

    def list_dir(self, folder: str) -> tuple[str, ...]:
        """The names of the files and folders in a folder, sorted, the overlay included; empty for a folder that is not
        there."""
        names = set(self.disk.names(folder))
        prefix = f"{folder}/" if folder else ""
        for path, content in self.overlay.items():
            name, _, rest = path[len(prefix) :].partition("/") if path.startswith(prefix) else ("", "", "")
            if name and content is not None:
                names.add(name)
            elif name and not rest:
                names.discard(name)
        return tuple(sorted(names))

    def package_of(self, path: str) -> Package | None:
        """The innermost package that a file belongs to."""
        folder = parent(path)
        if folder not in self._of_folder:
            package = self._packages_by_folder.get(folder)
            self._of_folder[folder] = self.package_of(folder) if package is None and folder else package
        return self._of_folder[folder]

    def package_root(self, path: str) -> str:
        """The folder of the package of a file, "" where it is in none."""
        package = self.package_of(path)
        return package.root if package is not None else ""

    def package_by_name(self, name: str) -> Package | None:
        """The package called `name`. Where several are, the one that a declared workspace lists; None if that does not
        tell either."""
        found = [package for package in self.packages if package.name == name]
        if len(found) > 1:
            found = [package for package in found if package.workspace_root is not None]
        return found[0] if len(found) == 1 else None

    def schemas_of(self, package: Package) -> tuple[Schema, ...]:
        """The schemas in the package's folder, those of nested packages left out."""
        return tuple(schema for schema in self.schemas if schema.path in package.schemas)

    def tsconfig_for(self, path: str) -> TsConfig | None:
        """The `tsconfig.json` or `jsconfig.json` that is for a file: the nearest going up, or the one that it refers
        to."""
        projects = self._projects_near(parent(path))
        return select(projects, path) if projects else None

    def _projects_near(self, folder: str) -> tuple[TsProject, ...]:
        found = self._configs_of_folder.get(folder)
        if found is None:
            found = self._tsconfigs.get(folder) or (self._projects_near(parent(folder)) if folder else ())
            self._configs_of_folder[folder] = found
        return found

    def unit_of(self, path: str) -> DeploymentUnit | None:
        """The innermost deployment unit that a file belongs to."""
        while True:
            unit = self._units_by_root.get(path)
            if unit is not None or not path:
                return unit
            path = parent(path)

    def with_overlay(self, changes: Mapping[str, bytes | None]) -> Workspace:
        """This workspace with some files changed, added or (None) deleted in memory. Cheap, unless a file changes that
        discovery reads."""
        from prismafix.workspace.discover import overlaid  # it builds workspaces: the only way round

        return overlaid(self, changes)
