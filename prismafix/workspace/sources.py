"""Which of the listed files are the project's own source files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from prismafix.workspace.model import Problem
from prismafix.workspace.tree import Tree, parent, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_TYPESCRIPT = (".ts", ".tsx", ".mts", ".cts")
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
    """The source files and the declaration files (sorted), and what had to be left out with a word."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    declarations: tuple[str, ...] = ()


def build_folders(tree: Tree) -> frozenset[str]:
    """The folders that a build wrote: those of tools, coverage reports, and output folders that evidently are compiled.

    Evidence for an output folder: it holds no TypeScript of its own, and one of its scripts has a source map or
    declarations beside it or is the twin of a TypeScript file next to the folder (`dist/api/user.js` and
    `src/api/user.ts`).
    """
    tools: set[str] = set()
    outputs: dict[str, list[str]] = {}  # output folder to the folders in it
    handwritten: set[str] = set()
    for folder, names in tree.by_folder.items():
        around = ""
        has_typescript = any(name.endswith(_TYPESCRIPT) and not name.endswith(_DECLARATIONS) for name in names)
        for name in folder.split("/"):
            around = f"{around}/{name}" if around else name
            if name in _TOOL_FOLDERS or (name == "coverage" and _is_coverage(tree, around)):
                tools.add(around)
                break
            if name in _OUTPUT_FOLDERS:
                outputs.setdefault(around, []).append(folder)
                if has_typescript:
                    handwritten.add(around)
    unsure = ((folder, inner) for folder, inner in outputs.items() if folder not in handwritten)
    compiled = {folder for folder, inner in unsure if _is_compiled(tree, folder, inner)}
    return frozenset(tools | compiled)


def _is_coverage(tree: Tree, folder: str) -> bool:
    return bool(_COVERAGE_REPORTS & tree.by_folder.get(folder, set())) or f"{folder}/lcov-report" in tree.by_folder


def _is_compiled(tree: Tree, folder: str, inner: list[str]) -> bool:
    declarations_tell = folder.rpartition("/")[2] != "lib"  # people write scripts with declarations into a `lib`
    outside = f"{parent(folder)}/" if parent(folder) else ""
    for where in inner:
        names = tree.by_folder[where]
        for name in names:
            stem = name.rpartition(".")[0]
            if not name.endswith(_SCRIPTS):
                continue
            if declarations_tell and (f"{name}.map" in names or f"{stem}.d.ts" in names):
                return True
            twin = f"{where}/{stem}"[len(folder) + 1 :]
            starts = (f"{outside}{source}{twin}" for source in ("src/", "", "app/", "source/"))
            if any(tree.has(start + suffix) for start in starts for suffix in _TYPESCRIPT):
                return True
    return False


def select_sources(tree: Tree, skip: Iterable[str], excluded: Callable[[str], bool] | None, max_bytes: int) -> Sources:
    """The source files of the tree: none below `skip` (folders and files that others write), none that `excluded` takes
    out, none that is a link, and none over `max_bytes` (those are problems)."""
    skipped = frozenset(skip)
    verdicts: dict[str, bool] = {"": True}

    def usable(folder: str) -> bool:
        """No part of the path is a link (it might lead out of the root), written by a build, or a browser's vendored
        script."""
        known = verdicts.get(folder)
        if known is None:
            above, name = parent(folder), folder.rpartition("/")[2]
            known = usable(above) and folder not in skipped and not tree.disk.is_link(folder)
            if name in ("vendor", "vendors") and {"public", "static", "assets"} & set(above.split("/")):
                known = False
            verdicts[folder] = known
        return known

    files: list[str] = []
    declarations: list[str] = []
    problems: list[Problem] = []
    for path in tree.files:
        if not path.endswith(SUFFIXES) or path.endswith(_MINIFIED) or path in skipped:
            continue
        folder, _, name = path.rpartition("/")
        if name in _PNP or not usable(folder) or (excluded and excluded(path)):
            continue
        if path.endswith(_DECLARATIONS):
            if (file_size(tree, path) or max_bytes + 1) <= max_bytes:
                declarations.append(path)
            continue
        size = file_size(tree, path)
        if size is None and (message := _link_problem(tree, path)):
            problems.append(Problem(path, message))
        if size is None or (size >= _BUNDLE_BYTES and name.endswith(_SCRIPTS) and _is_bundle(tree, path)):
            continue
        if size > max_bytes:
            way_out = "raise the limit with `max-file-size` in prismafix.toml, or exclude the file"
            problems.append(Problem(path, f"larger than {max_bytes} bytes ({size}); {way_out}"))
            continue
        files.append(path)
    return Sources(tuple(files), tuple(problems), tuple(declarations))


def _link_problem(tree: Tree, path: str) -> str:
    """What is wrong with a link among the sources: "" for what is none, and for one whose target is listed itself."""
    if not tree.disk.is_link(path):
        return ""
    target = tree.disk.target(path)
    if target is None:
        return "a link that leads nowhere; mend or delete it"
    if not PurePath(target).is_relative_to(tree.root):
        return "a link out of the project, which is not followed; exclude it, or analyse a folder that holds both"
    return ""


def file_size(tree: Tree, path: str) -> int | None:
    """The size in bytes; None for what is not there or is no regular file (a link's target is listed where it is)."""
    content = tree.overlay.get(path)
    return tree.disk.size(path) if content is None else len(content)


def _is_bundle(tree: Tree, path: str) -> bool:
    """Whether the lines of a big script are longer than anybody writes, or a bundler signed it."""
    try:
        content = read_bytes(tree.disk, tree.overlay, path)
    except OSError:
        return False
    head = content[:65_536]
    return (
        len(head) / (head.count(b"\n") + 1) > _BUNDLE_LINE or b"webpackBootstrap" in head or b"__commonJS = (" in head
    )
