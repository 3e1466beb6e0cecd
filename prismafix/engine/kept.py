"""Runs whose result may be known already: the same question about a tree in which nothing has changed.

A result is kept with everything that the run asked of the disk, and the answers. It holds as long as the listing of
the tree is the same and every one of these questions has the same answer: that covers sources and configuration, files
that were looked for and not there, and what git ignores. Program version and options are part of its name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from prismafix.connection.masking import mask
from prismafix.engine.result_data import from_data, to_data
from prismafix.workspace.disk import QUESTIONS, Disk, has_changed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismafix.cache.folder import Cache
    from prismafix.engine.analysis import Progress
    from prismafix.engine.model import Options, Result
    from prismafix.workspace.disk import Stamp
    from prismafix.workspace.tree import Tree

_STAMPS = "stamps"
_MOST_RESULTS = 6
"""Per workspace: `check`, `fix --diff`, with and without an option or two."""

Stamps = dict[str, tuple["Stamp", bytes]]


def run_kept(listed: Tree, options: Options, cache: Cache | None, progress: Progress | None = None) -> Result:
    """What `engine.run.run` says about a tree that was listed just now, without a review: from the cache if that is
    known to be the same. Facts of files that did not change are taken from the cache too. Raises UserError."""
    if cache is None:
        return run_remembering(listed, options, None, progress)
    stamps = _stamps(cache)
    name = _name(listed, options)
    kept = _load(cache, name)
    if kept is not None and kept["listing"] == _listing(listed):
        disk = Disk(str(listed.root), stamps)
        if not has_changed(disk, kept["asked"]):
            _save_stamps(cache, stamps, {**stamps, **disk.lasting_stamps()})
            cache.touch(name)
            result: Result = kept["result"]
            return result
    listed = replace(listed, disk=Disk(str(listed.root), stamps))
    result = run_remembering(listed, options, cache, progress)
    if listed.disk.steady and not _holds_password(result):
        kept = {"listing": _listing(listed), "asked": listed.disk.asked, "result": to_data(result)}
        cache.save(name, kept)
    return result


def run_remembering(
    listed: Tree, options: Options, cache: Cache | None, progress: Progress | None = None, **steps: Any
) -> Result:
    """What `engine.run.run` says about a tree that was listed just now. Only facts come from the cache. `steps` are
    passed on."""
    # What follows is of no use to a run whose result is known.
    from prismafix.engine.run import run
    from prismafix.project.build import build_project
    from prismafix.project.index.memory import Memory
    from prismafix.project.index.reading import Workers
    from prismafix.workspace.discover import discover_workspace

    disk = listed.disk
    if cache is not None and not disk.known:
        disk.known = _stamps(cache)
    if progress is not None:
        progress("workspace", 0, 1)
    workspace = discover_workspace(listed.root, exclude=options.exclude, max_bytes=options.max_bytes, listed=listed)
    memory = Memory.open(cache) if cache is not None else None
    with Workers(str(listed.root), options.jobs) as workers:
        build = partial(build_project, memory=memory, workers=workers, budget=options.budget)
        result = run(workspace, options, progress=progress, build=build, **steps)
    if cache is None or memory is None:
        return result
    if workspace.uses_prisma:
        memory.save(set(workspace.source_files))
    present = {path: known for path, known in disk.known.items() if path in disk.asked["digest"] or listed.has(path)}
    _save_stamps(cache, disk.known, {**present, **disk.lasting_stamps()})
    cache.trim("result-", _MOST_RESULTS)
    return result


def _holds_password(result: Result) -> bool:
    """Whether a result repeats a password, in the lines that it shows or in what would change: then it is not kept."""
    changes = [*result.changes, *(change for fix in (*result.fixes, *result.offers) for change in fix.changes)]
    contents = {data for change in changes for data in (change.before, change.after) if data is not None}
    texts = [line for reported in result.findings for line in reported.source]
    texts += [data.decode("utf-8", "replace") for data in contents if b"://" in data]
    return any(mask(text) != text for text in texts)


def _name(listed: Tree, options: Options) -> str:
    """The file of the cache for a question. The number of processes changes no result."""
    said = repr((str(listed.root), replace(options, jobs=1))).encode("utf-8", "surrogatepass")
    return f"result-{blake2b(said, digest_size=8).hexdigest()}"


def _listing(listed: Tree) -> bytes:
    whole = (str(listed.top), listed.files, sorted(listed.ignored), listed.problems)
    return blake2b(repr(whole).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _load(cache: Cache, name: str) -> dict[str, Any] | None:
    """What was kept, with the result made again; None if that is not possible."""
    kept: Any = cache.load(name)
    try:
        if not all(isinstance(kept["asked"][kind], dict) for kind in QUESTIONS):
            return None
        return {"listing": kept["listing"], "asked": kept["asked"], "result": from_data(kept["result"])}
    except (TypeError, KeyError, ValueError):
        return None


def _stamps(cache: Cache) -> Stamps:
    found = cache.load(_STAMPS)
    return found if isinstance(found, dict) else {}


def _save_stamps(cache: Cache, before: Mapping[str, object], now: Stamps) -> None:
    if now != before:
        cache.save(_STAMPS, now)
