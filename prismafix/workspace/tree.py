"""The files below a root: how they are listed, and how they are read with an overlay in front of the disk."""

from __future__ import annotations

import os
import posixpath
import subprocess
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from prismafix.workspace.disk import Disk
from prismafix.workspace.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pathspec import GitIgnoreSpec

_NEVER_ENTERED = frozenset({"node_modules", ".git"})


def parent(path: str) -> str:
    """The folder of a relative path; `""` for a path at the root."""
    return path.rpartition("/")[0]


def join(folder: str, path: str) -> str:
    """`path` as seen from `folder`, both relative to the root, without `.` and without `..` where that is possible."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def read_bytes(disk: Disk, overlay: Mapping[str, bytes | None], path: str) -> bytes:
    """The content of a file, from the overlay if it is there. Raises FileNotFoundError or another OSError."""
    if path in overlay:
        content = overlay[path]
        if content is None:
            raise FileNotFoundError(path)
        return content
    return disk.content(path)


def path_exists(disk: Disk, overlay: Mapping[str, bytes | None], path: str) -> bool:
    """Whether a file or folder is there, the overlay in front. A folder whose every file is deleted by the overlay
    still is."""
    if path in overlay:
        return overlay[path] is not None
    return disk.exists(path) or any(
        name.startswith(path + "/") for name, content in overlay.items() if content is not None
    )


@dataclass(frozen=True)
class Tree:
    """The listed files: sorted, relative, POSIX. `top` is the repository's folder (the root itself where there is
    none).

    `ignored` are env files that git ignores; they are part of `files` too. Nothing below `node_modules` is listed.
    """

    root: Path
    top: Path
    files: tuple[str, ...]
    overlay: Mapping[str, bytes | None]
    problems: tuple[Problem, ...]
    ignored: frozenset[str]
    disk: Disk
    by_folder: dict[str, set[str]] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.files:
            folder, _, name = path.rpartition("/")
            self.by_folder.setdefault(folder, set()).add(name)
            self.by_name.setdefault(name, []).append(path)

    def has(self, path: str) -> bool:
        """Whether the file is listed."""
        folder, _, name = path.rpartition("/")
        return name in self.by_folder.get(folder, ())

    def named(self, *names: str) -> list[str]:
        """The paths of all listed files with one of these names, sorted."""
        return sorted(path for name in names for path in self.by_name.get(name, ()))

    def text(self, path: str) -> str | None:
        """The file as text without a byte order mark, wrong bytes replaced; None when it cannot be read.

        `path` may begin with `..` as long as it stays within `top`: a workspace may lie inside a bigger one.
        """
        if path.startswith("../") and not self._is_within_top(path):
            return None
        try:
            return read_bytes(self.disk, self.overlay, path).decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            return None

    def _is_within_top(self, path: str) -> bool:
        target = self.disk.target(path)
        return target is not None and PurePath(target).is_relative_to(self.top)


def list_tree(root: Path, overlay: Mapping[str, bytes | None], disk: Disk | None = None) -> Tree:
    """List the files below `root` (resolved, a folder): through git inside a repository, else by walking with
    gitignore semantics. They will be read through `disk` (a new one if None)."""
    top = _repository_top(root)
    listed = _git_files(root) if top else None
    ignored: set[str] = set()
    problems: list[Problem] = []
    if not listed:  # no repository, no git, or a folder that the enclosing repository ignores as a whole
        listed = _walk(root, top or root, ignored, problems)
    names = _decodable(listed, problems)
    names.update(_env_files(root, {parent(name) for name in names} | {""}, names, ignored))
    names.update(path for path, content in overlay.items() if content is not None)
    names.difference_update(path for path, content in overlay.items() if content is None)
    return Tree(
        root,
        top or root,
        tuple(sorted(names)),
        overlay,
        tuple(problems),
        frozenset(ignored & names),
        Disk(str(root)) if disk is None else disk,
    )


def is_env_file(name: str) -> bool:
    """Whether a file name is that of an env file: `.env`, `.env.local`, `prod.env`, wrangler's `.dev.vars`."""
    if name.endswith((".ts", ".js", ".mjs", ".cjs", ".json", ".md")):
        return False
    return name == ".env" or name.startswith((".env.", ".dev.vars")) or name.endswith(".env")


def _repository_top(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _git_files(root: Path) -> list[bytes] | None:
    """What git tracks or would add, or None where git cannot say. Runs no hook and no file system monitor of the
    repository."""
    hidden = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")  # set inside a git hook
    env = {key: value for key, value in os.environ.items() if key not in hidden} | {
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    command = ["git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "ls-files", "-co", "-z"]
    command += ["--exclude-standard", "--exclude=node_modules/"]
    try:
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, check=False)
    except OSError:
        return None
    if done.returncode != 0:
        return None
    # a name with a slash at its end is a repository inside this one: it is not part of it
    return [name for name in done.stdout.split(b"\0") if name and not name.endswith(b"/")]


def _decodable(names: Iterable[bytes], problems: list[Problem]) -> set[str]:
    found: set[str] = set()
    for raw in names:
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            shown = raw.decode("utf-8", "backslashreplace")
            problems.append(Problem(shown, "the file's name is not UTF-8; rename it"))
            continue
        if "/node_modules/" not in "/" + name:
            found.add(name)
    return found


def _env_files(root: Path, folders: Iterable[str], listed: set[str], ignored: set[str]) -> set[str]:
    """Env files beside the listed files, also those that git ignores (they are added to `ignored`)."""
    found: set[str] = set()
    for folder in folders:
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                names = [entry.name for entry in entries if ".env" in entry.name or entry.name.startswith(".dev.vars")]
        except OSError:
            continue
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if is_env_file(name) and (root / path).is_file() and (root / path).resolve().is_relative_to(root):
                found.add(path)
                if path not in listed:
                    ignored.add(path)
    return found


# --- without git
# ---------------------------------------------------------------------------------------------------------------

_Rules = list[tuple[str, str, "GitIgnoreSpec"]]
"""Each `.gitignore` seen so far, outermost first, and how a path below the root becomes one below its folder: (remove,
add, rules)."""


def _walk(root: Path, top: Path, ignored: set[str], problems: list[Problem]) -> list[bytes]:
    files: list[bytes] = []
    rules: _Rules = []
    for folder in reversed(root.parents):
        if folder.is_relative_to(top):
            _add_rules(rules, folder, "", root.relative_to(folder).as_posix() + "/")
    if any(spec.check_file(add).include for _, add, spec in rules):
        rules = []  # the repository ignores the root as a whole: whoever asks for it wants what is in it
    _walk_folder(root, "", rules, files, problems)
    return files


def _walk_folder(root: Path, folder: str, rules: _Rules, files: list[bytes], problems: list[Problem]) -> None:
    """Add the files below `folder` that no `.gitignore` hides. Symbolic links are not followed."""
    try:
        with os.scandir(root / folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(folder, f"the folder cannot be read: {error.strerror}; check its permissions"))
        return
    if any(entry.name == ".gitignore" for entry in entries):
        rules = list(rules)
        _add_rules(rules, root / folder, folder + "/" if folder else "", "")
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _NEVER_ENTERED and not _is_ignored(rules, path + "/"):
                _walk_folder(root, path, rules, files, problems)
        elif not _is_ignored(rules, path):
            files.append(os.fsencode(path))


def _add_rules(rules: _Rules, folder: Path, remove: str, add: str) -> None:
    from pathspec import GitIgnoreSpec  # slow to import, and not needed where there is git

    try:
        lines = (folder / ".gitignore").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    rules.append((remove, add, GitIgnoreSpec.from_lines(lines)))


def _is_ignored(rules: _Rules, path: str) -> bool:
    """The innermost `.gitignore` that has a word about the path decides."""
    for remove, add, spec in reversed(rules):
        decision = spec.check_file(add + path.removeprefix(remove)).include
        if decision is not None:
            return decision
    return False


def matcher(patterns: Iterable[str]) -> Callable[[str], bool] | None:
    """A function that says whether a path matches one of the gitignore patterns; None when there is no pattern."""
    lines = [pattern for pattern in patterns if pattern.strip()]
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines).match_file
