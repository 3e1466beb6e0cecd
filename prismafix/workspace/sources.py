"""Which of the listed files are the project's own source files."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.workspace.model import Problem
from prismafix.workspace.tree import Tree, parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
_SCRIPTS = (".js", ".mjs", ".cjs")
_MINIFIED = tuple(f".{kind}{suffix}" for kind in ("min", "bundle") for suffix in _SCRIPTS)
_PNP = frozenset({".pnp.js", ".pnp.cjs", ".pnp.loader.mjs"})

_TOOL_FOLDERS = frozenset(
    {
        ".next",
        ".nuxt",
        ".output",
        ".svelte-kit",
        ".vercel",
        ".netlify",
        ".turbo",
        ".nx",
        ".open-next",
        ".wrangler",
        ".serverless",
    }
    | {
        ".aws-sam",
        "cdk.out",
        ".sst",
        ".yarn",
        ".docusaurus",
        ".astro",
        ".vinxi",
        ".redwood",
        ".react-email",
        ".expo",
        ".angular",
    }
)
"""What build tools and package managers keep for themselves: never written by hand, tracked or not."""

_OUTPUT_FOLDERS = frozenset({"dist", "build", "out", "lib"})
_COVERAGE_REPORTS = frozenset({"lcov.info", "coverage-final.json", "clover.xml", "lcov-report"})
_BUNDLE_BYTES = 50_000  # a script of this size is looked into for lines that nobody writes
_BUNDLE_LINE = 500  # bytes per line on average


@dataclass(frozen=True, slots=True)
class Sources:
    """The source files (sorted) and what had to be left out with a word."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]


def build_folders(tree: Tree) -> frozenset[str]:
    """The folders that a build wrote: those of tools, coverage reports, and output folders that evidently are compiled.

    Evidence for an output folder: it holds no TypeScript of its own, and one of its scripts has a source map or
    declarations beside it or is the twin of a TypeScript file next to the folder (`dist/api/user.js` and
    `src/api/user.ts`).
    """
    found: set[str] = set()
    candidates: set[str] = set()
    for folder in tree.by_folder:
        parts = folder.split("/")
        for depth, name in enumerate(parts):
            here = (
                "/".join(parts[: depth + 1])
                if name in _TOOL_FOLDERS or name in _OUTPUT_FOLDERS or name == "coverage"
                else ""
            )
            if not here or here in found:
                continue
            if name in _TOOL_FOLDERS or (name == "coverage" and _is_coverage(tree, here)):
                found.add(here)
            elif name in _OUTPUT_FOLDERS:
                candidates.add(here)
    typescript = [
        path
        for path in tree.files
        if path.endswith((".ts", ".tsx", ".mts", ".cts")) and not path.endswith(_DECLARATIONS)
    ]
    for folder in sorted(candidates, key=len):
        if not any(f"{folder}/".startswith(f"{one}/") for one in found) and _is_compiled(tree, folder, typescript):
            found.add(folder)
    return frozenset(found)


def _is_coverage(tree: Tree, folder: str) -> bool:
    return bool(_COVERAGE_REPORTS & tree.by_folder.get(folder, set())) or f"{folder}/lcov-report" in tree.by_folder


def _is_compiled(tree: Tree, folder: str, typescript: list[str]) -> bool:
    inside = f"{folder}/"
    named_for_output = folder.rpartition("/")[2] != "lib"  # people write scripts with declarations into a `lib`
    if any(path.startswith(inside) for path in typescript):
        return False
    outside = f"{parent(folder)}/" if parent(folder) else ""
    twins = {path.rpartition(".")[0] for path in typescript if path.startswith(outside)}
    for where, names in tree.by_folder.items():
        if where != folder and not where.startswith(inside):
            continue
        for name in names:
            stem = name.rpartition(".")[0]
            if not name.endswith(_SCRIPTS):
                continue
            if named_for_output and (f"{name}.map" in names or f"{stem}.d.ts" in names):
                return True
            below = f"{where}/{stem}"[len(inside) :]
            if any(f"{outside}{source}{below}" in twins for source in ("src/", "", "app/", "source/")):
                return True
    return False


def select_sources(tree: Tree, skip: Iterable[str], excluded: Callable[[str], bool] | None, max_bytes: int) -> Sources:
    """The source files of the tree: none below `skip` (folders and files that others write), none that `excluded`
    takes out,
    none that is a link, and none over `max_bytes` (those are problems)."""
    skipped = frozenset(skip)
    verdicts: dict[str, bool] = {"": True}

    def usable(folder: str) -> bool:
        """No part of the path is a link (it might lead out of the root), written by a build, or a browser's vendored
        script."""
        known = verdicts.get(folder)
        if known is None:
            above, name = parent(folder), folder.rpartition("/")[2]
            known = usable(above) and folder not in skipped and not (tree.root / folder).is_symlink()
            if name in ("vendor", "vendors") and {"public", "static", "assets"} & set(above.split("/")):
                known = False
            verdicts[folder] = known
        return known

    files: list[str] = []
    problems: list[Problem] = []
    for path in tree.files:
        if not path.endswith(SUFFIXES) or path.endswith(_DECLARATIONS) or path.endswith(_MINIFIED) or path in skipped:
            continue
        folder, _, name = path.rpartition("/")
        if name in _PNP or not usable(folder) or (excluded and excluded(path)):
            continue
        size = file_size(tree, path)
        if size is None or (size >= _BUNDLE_BYTES and name.endswith(_SCRIPTS) and _is_bundle(tree, path)):
            continue
        if size > max_bytes:
            way_out = "raise the limit with `max-file-size` in prismafix.toml, or exclude the file"
            problems.append(Problem(path, f"larger than {max_bytes} bytes ({size}); {way_out}"))
            continue
        files.append(path)
    return Sources(tuple(files), tuple(problems))


def file_size(tree: Tree, path: str) -> int | None:
    """The size in bytes; None for what is not there or is no regular file (a link's target is listed where it is)."""
    content = tree.overlay.get(path)
    if content is not None:
        return len(content)
    try:
        status = os.lstat(f"{tree.root}/{path}")
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _is_bundle(tree: Tree, path: str) -> bool:
    """Whether the lines of a big script are longer than anybody writes, or a bundler signed it."""
    content = tree.overlay.get(path)
    if content is None:
        try:
            with (tree.root / path).open("rb") as file:
                content = file.read(65_536)
        except OSError:
            return False
    head = content[:65_536]
    return (
        len(head) / (head.count(b"\n") + 1) > _BUNDLE_LINE or b"webpackBootstrap" in head or b"__commonJS = (" in head
    )
