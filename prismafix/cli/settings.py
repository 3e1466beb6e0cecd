"""From a command line to what the engine is asked: the place, the configuration, the options."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from prismafix.cache.folder import Cache
from prismafix.cli.codes import codes
from prismafix.cli.config import load
from prismafix.cli.roots import Place, place
from prismafix.engine.model import Options, Result
from prismafix.workspace.tree import Tree, list_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.cli.config import Settings

MOST_JOBS = 4
"""More processes cost more to start than they save below tens of thousands of files."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a command line asks for. `listed` are the files of the place; no `cache`: nothing is kept between runs."""

    place: Place
    options: Options
    listed: Tree
    cache: Cache | None

    def warn(self) -> None:
        """Say on standard error if the cache could not be used."""
        if self.cache is not None and self.cache.problem:
            print(f"prismafix: {self.cache.problem}; `--no-cache` does without", file=sys.stderr)


def prepare(
    paths: Sequence[Path] | None,
    *,
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
    exclude: Sequence[str] | None,
    include_scripts: bool | None,
    chunk_size: int | None,
    call_depth: int | None,
    jobs: int | None,
    strict: bool,
    config: Path | None,
    cache_dir: Path | None = None,
    no_cache: bool = False,
    apply: bool = False,
    unsafe: bool = False,
) -> Job:
    """Where to look and what to ask for: the command line wins over the configuration. Raises UserError."""
    where = place(paths or (), Path.cwd())
    wanted = codes(select or (), "--select")
    unwanted = codes(ignore or (), "--ignore")
    listed = list_tree(where.root, {})
    found = load(where.root, config, listed)
    options = Options(
        select=wanted or found.root.select,
        ignore=unwanted or found.root.ignore,
        paths=where.limits,
        apply=apply,
        unsafe=unsafe,
        include_scripts=_first(include_scripts, found.root.include_scripts, False),
        chunk_size=_first(chunk_size, found.root.chunk_size, None),
        depth=_first(call_depth, found.root.depth, Options().depth),
        jobs=_first(jobs, found.root.jobs, min(MOST_JOBS, len(os.sched_getaffinity(0)))),
        max_bytes=_first(None, found.root.max_bytes, Options().max_bytes),
        strict=strict or bool(found.root.strict),
        exclude=found.exclude() + tuple(exclude or ()),
        overrides=found.overrides(select=not wanted, ignore=not unwanted, chunk_size=chunk_size is None),
        budget=found.root.budget,
    )
    return Job(where, options, listed, _cache(where.root, found.root, cache_dir, no_cache))


def _cache(root: Path, settings: Settings, folder: Path | None, none: bool) -> Cache | None:
    if none or (settings.no_cache and folder is None):
        return None
    if folder is None and settings.cache_dir is not None:
        folder = root / settings.cache_dir
    return Cache.open(root, folder.absolute() if folder is not None else None)


def exit_code(result: Result, options: Options, left: int) -> int:
    """1 if findings are left, or if `--strict` and a file was not analysed; else 0."""
    return 1 if left or (options.strict and result.problems) else 0


T = TypeVar("T")


def _first(given: T | None, configured: T | None, default: T) -> T:
    return given if given is not None else configured if configured is not None else default
