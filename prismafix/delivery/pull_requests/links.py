"""What is installed and generated in the user's checkout, as seen from the work tree: the compiler and hooks need it.

A folder `node_modules` of links, never one link: `node_modules/` in a `.gitignore` is about folders.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.workspace.discover import discover_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.delivery.pull_requests.git import Git

_NAME = "node_modules"


def link_installed(here: Path, there: Path, manifests: Sequence[str]) -> list[str]:
    """Make `node_modules` in `there`, a work tree, for each package (`manifests`: paths of package.json files) that
    says the same in `here`, the user's checkout. Returns the folders whose packages say something else. What links to a
    package of the workspace leads to the one in `there`. Links that cannot be made are left out."""
    others = []
    for manifest in manifests:
        folder = manifest.rpartition("/")[0]
        installed = here / folder / _NAME
        if not installed.is_dir() or (there / folder / _NAME).exists():
            continue
        if _read(here / manifest) != _read(there / manifest):
            others.append(folder or ".")
            continue
        _link(installed, there / folder / _NAME, here.resolve(), there)
    return others


def link_generated(here: Path, there: Path, git: Git) -> list[str]:
    """Make the clients that git ignores in `there`, the counterpart of `here` in a work tree, of those that are
    generated in `here` from the same schema. Returns the schemas that are not the same."""
    others = []
    for schema in discover_workspace(there).schemas:
        for output in (generator.output for generator in schema.generators):
            if output is None or not (here / output).is_dir() or (there / output).exists():
                continue
            if any(_read(here / path) != _read(there / path) for path in schema.files):
                others.append(schema.path)
            elif (there / output).resolve().is_relative_to(there) and _is_ignored(git, there / output):
                (there / output).parent.mkdir(parents=True, exist_ok=True)
                _link(here / output, there / output, here, there)
    return others


def _link(installed: Path, target: Path, here: Path, there: Path) -> None:
    try:
        target.mkdir()
        with os.scandir(installed) as entries:
            for entry in entries:
                if entry.name.startswith("@") and entry.is_dir(follow_symlinks=False):
                    _link(Path(entry.path), target / entry.name, here, there)
                elif entry.name != ".cache":
                    (target / entry.name).symlink_to(_meant(Path(entry.path), here, there))
    except OSError:
        return


def _meant(entry: Path, here: Path, there: Path) -> Path:
    """Where an entry leads: a package of the workspace is the one in the work tree."""
    if entry.is_symlink():
        real = entry.resolve()
        if real.is_relative_to(here):
            inside = real.relative_to(here)
            if _NAME not in inside.parts and (there / inside).exists():
                return there / inside
    return entry


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _is_ignored(git: Git, folder: Path) -> bool:
    return git.holds("check-ignore", "--quiet", f"{folder}/")
