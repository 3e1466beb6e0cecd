"""From a command line to what the engine is asked: the place, the configuration, the options."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from prismafix.cache.folder import Cache
from prismafix.cli.codes import codes
from prismafix.cli.config import FILE, load
from prismafix.cli.outputs import Baseline
from prismafix.cli.roots import Place, place
from prismafix.engine.model import Options, Result
from prismafix.errors import UserError
from prismafix.workspace.tree import Tree, list_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.cli.config import Settings

MOST_JOBS = 4
"""More processes cost more to start than they save below tens of thousands of files."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a command line asks for. `listed` are the files of the place; no `cache`: nothing is kept between runs.
    `rule_pages` is where the pages about the rules are, "" if that is unknown; `commit_template` the file that the
    configuration names."""

    place: Place
    options: Options
    listed: Tree
    cache: Cache | None
    baseline: Baseline | None = None
    rule_pages: str = ""
    commit_template: Path | None = None

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
    baseline: Path | None = None,
    no_baseline: bool = True,
    offers: bool = False,
    copy_of: Path | None = None,
    within: Path | None = None,
) -> Job:
    """Where to look and what to ask for: the command line wins over the configuration. `no_baseline`: the one of the
    configuration is not used. `offers`: what each fix would change is kept. `copy_of`: what is looked at is a passing
    copy of this folder, whose cache is used. `within`: the configuration is a stranger's, and neither it nor a file
    that it names may be outside of this folder. Raises UserError."""
    where = place(paths or (), Path.cwd())
    wanted = codes(select or (), "--select")
    unwanted = codes(ignore or (), "--ignore")
    listed = list_tree(where.root, {})
    if within is not None:
        for folder in (where.root, within):
            _refuse_outside(folder / FILE, within, f"its {FILE}")
    found = load(where.root, config, listed)
    if within is not None:
        for key, named in (("baseline", found.root.baseline), ("commit-template", found.root.commit_template)):
            if named is not None:
                _refuse_outside(where.root / named, within, key)
    known = _baseline(where.root, found.root, baseline, no_baseline)
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
        baseline=known.fingerprints if known is not None else (),
        offers=offers,
    )
    cache = _cache(where.root, found.root, cache_dir, no_cache, copy_of)
    template = where.root / found.root.commit_template if found.root.commit_template is not None else None
    return Job(where, options, listed, cache, known, found.root.rule_pages or "", template)


def commit_template(job: Job, file: Path | None) -> str | None:
    """The text that commit messages are made of: of `file`, else of the one in the configuration. Raises UserError."""
    file = file or job.commit_template
    if file is None:
        return None
    from prismafix.delivery.messages import check_template

    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}: it is to be the template of commits") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is no UTF-8 text: it is to be the template of commits") from None
    return check_template(text, str(file))


def _refuse_outside(file: Path, folder: Path, what: str) -> None:
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
        raise UserError(f"{what} leads out of the repository, and nothing there is read")


def _baseline(root: Path, settings: Settings, file: Path | None, none: bool) -> Baseline | None:
    if file is None and not none and settings.baseline is not None:
        file = root / settings.baseline
    if file is None:
        return None
    from prismafix.report.baseline import read

    return Baseline(file, tuple(read(file)))


def _cache(root: Path, settings: Settings, folder: Path | None, none: bool, copy_of: Path | None) -> Cache | None:
    if none or (settings.no_cache and folder is None):
        return None
    if folder is None and settings.cache_dir is not None:
        folder = (copy_of or root) / settings.cache_dir
    name = root if copy_of is None else copy_of / ".git" / "copy"  # apart: stamps of other files
    return Cache.open(name, folder.absolute() if folder is not None else None)


def exit_code(result: Result, options: Options, left: int) -> int:
    """1 if findings are left, or if `--strict` and a file was not analysed; else 0."""
    return 1 if left or (options.strict and result.problems) else 0


T = TypeVar("T")


def _first(given: T | None, configured: T | None, default: T) -> T:
    return given if given is not None else configured if configured is not None else default
