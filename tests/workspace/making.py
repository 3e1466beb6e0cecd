"""Real folders and real repositories for the tests."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from prismafix.workspace.discover import discover_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prismafix.workspace.model import Package
    from prismafix.workspace.workspace import Workspace

SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
generator client {
  provider = "prisma-client-js"
}
model User {
  id Int @id
}
"""


def write(root: Path, files: Mapping[str, object]) -> Path:
    """Write the files (text and bytes as they are, the rest as JSON) and return the folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git in a folder."""
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    return subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def repository(root: Path, files: Mapping[str, object]) -> Path:
    """A repository in which the files are committed as far as they are not ignored."""
    write(root, files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


def discover(root: Path, files: Mapping[str, object]) -> Workspace:
    """Write the files into a plain folder and discover it."""
    return discover_workspace(write(root, files))


def only(workspace: Workspace, root: str = "") -> Package:
    """The package in a folder."""
    return next(package for package in workspace.packages if package.root == root)
