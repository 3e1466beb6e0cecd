"""Real folders and real repositories for the tests."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from prismafix.workspace.discover import discover_workspace
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


def write(root: Path, files: dict[str, str | bytes | dict[str, object]]) -> Path:
    """Write the files (a dict is written as JSON) and return the folder."""
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


def repository(root: Path, files: dict[str, str | bytes | dict[str, object]]) -> Path:
    """A repository in which the files are committed as far as they are not ignored."""
    write(root, files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


def discover(root: Path, files: dict[str, str | bytes | dict[str, object]]) -> Workspace:
    """Write the files into a plain folder and discover it."""
    return discover_workspace(write(root, files))


def only(workspace: Workspace, root: str = "") -> Package:
    """The package in a folder."""
    return next(package for package in workspace.packages if package.root == root)
