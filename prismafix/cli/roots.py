"""Which folder is analysed, and what of it the findings are limited to."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Place:
    """`root` (resolved) is analysed; `limits` are paths below it (POSIX) that findings must lie in (empty: all)."""

    root: Path
    limits: tuple[str, ...] = ()


def place(paths: Sequence[Path], here: Path) -> Place:
    """What the PATHS of a command line mean in the folder `here`. Raises UserError for a path that does not exist.

    One folder is the root. Several paths, or a file, limit the findings in the workspace that they are in.
    """
    for path in paths:
        if not os.path.lexists(here / path):
            raise UserError(f"{path} does not exist: give a folder or a file of your project")
        if not (here / path).exists():
            raise UserError(f"{path} is a link that leads nowhere: give a folder or a file of your project")
        if not (here / path).is_dir() and not (here / path).is_file():
            raise UserError(f"{path} is neither a file nor a folder: give a folder or a file of your project")
        if (here / path).is_dir() and not os.access(here / path, os.R_OK | os.X_OK):
            raise UserError(f"{path} is a folder that you may not read: check its permissions")
    full = [(here / path).resolve() for path in paths]
    if not full:
        here = here.resolve()
        return Place(workspace_root(here) or here)
    if len(full) == 1 and full[0].is_dir():
        return Place(full[0])
    common = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in full]))
    root = workspace_root(common)
    if root is None:
        if len(full) > 1 and not (common / "package.json").exists():
            raise UserError(f"{paths[0]} and {paths[-1]} are in no common workspace: run once per project")
        root = common
    limits = tuple(sorted({path.relative_to(root).as_posix() for path in full} - {"."}))
    return Place(root, limits if root not in full else ())


def workspace_root(folder: Path) -> Path | None:
    """The nearest folder upwards (itself included) that holds a workspace or a repository."""
    return next((f for f in (folder, *folder.parents) if _is_workspace_root(f)), None)


def outer_workspace(root: Path) -> Path | None:
    """The workspace that `root` is a part of, None if it is one itself or there is none: seen from `root` alone, what
    its code imports from the rest of that workspace is unknown."""
    if _has_members(root) or (root / ".git").exists():
        return None
    for folder in root.parents:
        if _has_members(folder):
            return folder
        if (folder / ".git").exists():
            return None
    return None


def repository_top(folder: Path) -> Path | None:
    """The nearest folder upwards (itself included) with a `.git`: what `git apply` takes paths relative to."""
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), None)


def _is_workspace_root(folder: Path) -> bool:
    return (folder / ".git").exists() or _has_members(folder)


def _has_members(folder: Path) -> bool:
    if (folder / "pnpm-workspace.yaml").exists():
        return True
    try:
        manifest = json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError):  # the engine reports what is malformed
        return False
    return isinstance(manifest, dict) and "workspaces" in manifest
