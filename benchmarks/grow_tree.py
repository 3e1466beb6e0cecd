#!/usr/bin/env python3
"""Build a big work tree of copies of a smaller one, to see how time and memory grow with the number of files.

usage: grow_tree.py [--files 45000] SOURCE FOLDER

Copies the tracked files of the repository SOURCE into FOLDER/copies/0, 1, 2 … until there are so many source files,
and makes FOLDER a repository. Each copy is a workspace of its own: its packages get other names, in their package.json
and wherever they are imported, so that no copy leads into another one. FOLDER must not exist.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SOURCES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_TEXT = (*SOURCES, ".json", ".yaml", ".yml")


def tracked(source: Path) -> list[str]:
    """The tracked regular files of a repository, relative, sorted."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=source, check=True, capture_output=True).stdout
    names = sorted(name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name)
    return [name for name in names if (source / name).is_file() and not (source / name).is_symlink()]


def package_names(source: Path, files: Iterable[str]) -> list[str]:
    """What the packages of the tree are called."""
    names = set()
    for file in files:
        if file.rpartition("/")[2] == "package.json":
            try:
                name = json.loads((source / file).read_bytes()).get("name")
            except (ValueError, AttributeError):
                continue
            if isinstance(name, str) and name:
                names.add(name)
    return sorted(names)


def renamer(names: Sequence[str]) -> re.Pattern[bytes] | None:
    """Finds a package's name as a whole string or as the beginning of a path in one."""
    longest_first = sorted(names, key=len, reverse=True)
    whole = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<=[\"'`])({whole})(?=[\"'`/])".encode()) if names else None


def copy(source: Path, files: Iterable[str], target: Path, names: re.Pattern[bytes] | None, number: int) -> None:
    """Write one copy; `-c<number>` is put behind every package's name."""
    suffix = b"\\1-c%d" % number
    for file in files:
        data = (source / file).read_bytes()
        if names is not None and file.endswith(_TEXT):
            data = names.sub(suffix, data)
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=45_000, help="how many source files there are to be at least")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a repository")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the big tree is put")
    args = parser.parse_args(argv)
    if not (args.source / ".git").exists():
        parser.error(f"{args.source} is no repository")
    if args.folder.exists():
        parser.error(f"{args.folder} exists already")
    files = tracked(args.source)
    sources = sum(1 for file in files if file.endswith(SOURCES))
    if not sources:
        parser.error(f"{args.source} has no source files")
    names = renamer(package_names(args.source, files))
    copies = -(-args.files // sources)
    for number in range(copies):
        copy(args.source, files, args.folder / "copies" / str(number), names, number)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", "-c", "core.autocrlf=false", *command], cwd=args.folder, check=True)
    print(f"{copies} copies, {copies * sources} source files in {args.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
