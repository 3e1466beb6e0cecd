"""What `prismafix budget` does: gather, work out, show, watch, apply."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from prismafix.budget.gather import Found, of_project, put_together
from prismafix.budget.report import as_data, as_text, live_data, of_live
from prismafix.cli.config import FILE
from prismafix.cli.roots import workspace_root
from prismafix.cli.settings import prepare
from prismafix.cli.terminal import bar, console, say, write_bytes
from prismafix.connection.budget import UNKNOWN
from prismafix.errors import UserError

if TYPE_CHECKING:
    from prismafix.budget.gather import Budget
    from prismafix.budget.live import Live, Session
    from prismafix.budget.watch import Peak
    from prismafix.cli.settings import Job
    from prismafix.connection.budget import Figures
    from prismafix.connection.providers import Recognised
    from prismafix.engine.model import Result

CODES = ("PF601", "PF602")


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line. `url` is `-` for standard input; `interval` and `duration` are in seconds."""

    path: Path | None
    flags: Figures
    url: str | None
    live: bool
    plot: Path | None
    json: bool
    watch: bool
    interval: float
    duration: float | None
    apply: bool


def run(asked: Asked, **place: Any) -> int:
    """Do what was asked; the exit code. Raises UserError."""
    _check(asked)
    job = _job(asked, **place) if asked.path is not None or place["config"] is not None or _is_project() else None
    found = _found(job)
    text = _url(asked, found)
    if text is None:
        return _report(asked, job, found, None, None)
    from prismafix.budget.live import connect

    with closing(connect(text)) as session:
        if asked.watch:
            return _watch(asked, session)
        sample = session.sample()
    return _report(asked, job, found, sample, session.recognised)


def _is_project() -> bool:
    """Whether the current folder is in a project: else all that lies below it would be searched for one."""
    here = Path.cwd()
    return workspace_root(here) is not None or any((here / name).is_file() for name in ("package.json", FILE))


def _job(asked: Asked, **place: Any) -> Job:
    return prepare(
        [asked.path] if asked.path is not None else None,
        select=CODES,
        ignore=None,
        include_scripts=None,
        chunk_size=None,
        call_depth=None,
        jobs=1,
        strict=False,
        apply=True,
        unsafe=True,
        **place,
    )


def _check(asked: Asked) -> None:
    if asked.url is not None and asked.live:
        raise UserError("--database-url and --live both name a database: give one of them")
    if asked.watch and asked.url is None and not asked.live:
        raise UserError("--watch needs a database to look at: --live, or --database-url -")
    if asked.watch and (asked.apply or asked.plot is not None):
        raise UserError("--watch only looks: leave out --apply and --plot")
    if not asked.watch and asked.duration is not None:
        raise UserError("--duration is for --watch")


def _found(job: Job | None) -> Found:
    """What the project says; nothing where there is none that uses Prisma."""
    from prismafix.project.build import build_project
    from prismafix.workspace.discover import discover_workspace

    if job is None:
        return Found()
    options = job.options
    with bar() as progress:
        progress("facts", 0, 1)
        workspace = discover_workspace(
            job.place.root, exclude=options.exclude, max_bytes=options.max_bytes, listed=job.listed
        )
        if not workspace.uses_prisma:
            return Found()
        return of_project(build_project(workspace, max_bytes=options.max_bytes, budget=options.budget))


def _url(asked: Asked, found: Found) -> str | None:
    """The connection string of the database to ask, None for none."""
    if asked.url == "-":
        try:
            text = sys.stdin.buffer.read().decode().strip()
        except UnicodeDecodeError:
            raise UserError("the connection string on standard input is not UTF-8") from None
        if not text:
            raise UserError("standard input is empty: is the variable set? printenv NAME | prismafix budget …")
        return text
    if asked.live:
        text = os.environ.get(found.variable, "").strip()
        if not text:
            raise UserError(f"--live: {found.variable} is not set in the environment: set it, or use --database-url -")
        return text
    return asked.url


def _report(asked: Asked, job: Job | None, found: Found, live: Live | None, recognised: Recognised | None) -> int:
    configured = job.options.budget if job is not None else UNKNOWN
    budget = put_together(asked.flags, configured, found, live, recognised)
    result = _caps(job, budget) if job is not None else None
    changed: list[str] = []
    if job is not None and result is not None and asked.apply:
        changed = _write(result)
        budget = put_together(asked.flags, configured, _found(_again(job)), live, recognised)
    elif result is not None:
        changed = _titles(result)
    budget = replace(budget, notes=(*budget.notes, *(_why_not(result) if asked.apply and result is not None else ())))
    if budget.sum.needed is None and budget.sum.available is None and not changed:
        ways = "; ".join(f"{name.replace('_', '-')}: {how}" for name, how in budget.missing)
        raise UserError(f"nothing can be said, since these are not known: {ways}")
    if asked.plot is not None:
        _draw(asked.plot, budget)
    if asked.json:
        data = as_data(budget, changed, applied=asked.apply)
        write_bytes(f"{json.dumps(data, indent=2, ensure_ascii=False)}\n".encode())
    else:
        _print(budget, changed, applied=asked.apply)
    return 1 if budget.sum.verdict == "over" or (changed and not asked.apply) else 0


def _caps(job: Job, budget: Budget) -> Result | None:
    """What PF601 and PF602 do with these figures; None without a deployment file to change."""
    from prismafix.engine.kept import run_remembering

    figures = budget.figures
    if figures.max_connections is None or not any(_deploys(path) for path in job.listed.files):
        return None
    flags = {"limit": figures.limit if not _of_code(budget) else None, "instances": None, "processes": None}
    options = replace(job.options, budget=replace(figures, file=job.options.budget.file, **flags))
    with bar() as progress:
        return run_remembering(job.listed, options, job.cache, progress)


def _of_code(budget: Budget) -> bool:
    """Whether the rules find the pool's size themselves: then it may differ from file to file."""
    return not budget.sources.get("limit", "").startswith("--") and "[budget]" not in budget.sources.get("limit", "")


def _deploys(path: str) -> bool:
    from prismafix.workspace.functions import SAM_NAMES, SERVERLESS_NAMES

    return path.rpartition("/")[2] in (*SERVERLESS_NAMES, *SAM_NAMES)


def _again(job: Job) -> Job:
    """The same job on the tree as it is now."""
    from prismafix.workspace.tree import list_tree

    return replace(job, listed=list_tree(job.place.root, {}))


def _write(result: Result) -> list[str]:
    from prismafix.delivery.write import write

    written = write(result.root, result.fixes)
    if written.dropped:
        raise UserError(f"not written: {written.dropped[0].reason}")
    return _titles(result)


def _titles(result: Result) -> list[str]:
    """The caps that the fixes write."""
    from prismafix.workspace.concurrency import CAPS, declared, form_of, value_at

    found = []
    for change in result.changes:
        form = form_of(change.path)
        key = CAPS[form]
        before, after = (
            {one.name: getattr(value_at(one.settings, key), "value", None) for one in declared(_text(data), form)}
            for data in (change.before, change.after)
        )
        found += [
            f"{change.path}: {name}: {key} {after[name]}" + (f" instead of {before[name]}" if before[name] else "")
            for name in after
            if after[name] != before.get(name)
        ]
    return found


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8-sig", "replace")


def _why_not(result: Result) -> list[str]:
    left = (reported for reported in result.findings if reported.state not in ("fixed", "suppressed"))
    return [f"{one.finding.path}: {one.finding.message}: {one.reason}" for one in left]


def _draw(file: Path, budget: Budget) -> None:
    from prismafix.budget.plot import svg

    try:
        picture = svg(budget)
    except ValueError as error:
        raise UserError(f"--plot: there is nothing to draw: {error}") from None
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} could not be written: {error.strerror}") from None


def _print(budget: Budget, changed: list[str], *, applied: bool) -> None:
    from prismafix.budget.plot import chart

    screen = console()
    lines = list(as_text(budget))
    drawn = chart(budget)
    if drawn:
        lines += [Text(""), *drawn]
    if changed:
        lines += [Text(""), Text("Written:" if applied else "--apply would write:"), *(Text(f"  {c}") for c in changed)]
    say(screen, lines)


def _watch(asked: Asked, session: Session) -> int:
    from prismafix.budget.watch import watch

    screen = console()
    if asked.json:
        peak = watch(session, asked.interval, asked.duration, lambda _: None)
        data = {
            "version": 1,
            "samples": peak.samples,
            "peak": {**live_data(peak.most), "seconds": round(peak.most_when, 2), "most_own": peak.own},
            "last": live_data(peak.now),
        }
        write_bytes(f"{json.dumps(data, indent=2, ensure_ascii=False)}\n".encode())
        return _full(peak)
    if screen.is_terminal:
        from rich.console import Group
        from rich.live import Live as Screen

        with Screen(console=screen, auto_refresh=False, transient=True) as shown:
            peak = watch(
                session,
                asked.interval,
                asked.duration,
                lambda peak: shown.update(Group(_line(peak), *of_live(peak.now)), refresh=True),
            )
    else:
        peak = watch(session, asked.interval, asked.duration, lambda peak: print(_line(peak).plain, flush=True))
    say(screen, _summary(peak))
    return _full(peak)


def _line(peak: Peak) -> Text:
    now = peak.now
    states = ", ".join(f"{count} {state or 'other'}" for state, count in _states(now))
    text = f"{peak.when:7.1f} s  {now.used} of {_room(now)} connections, {now.own} of this user"
    return Text(f"{text}{f' ({states})' if states else ''}; peak {peak.most.used}, of this user {peak.own}")


def _states(live: Live) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for use in live.uses:
        counts[use.state] = counts.get(use.state, 0) + use.count
    return sorted(counts.items(), key=lambda item: -item[1])


def _summary(peak: Peak) -> list[Text]:
    most = peak.most
    room = _room(most)
    said = f"Peak: {most.used} of {room} connections after {peak.most_when:.1f} s, {peak.own} of this user at most"
    return [
        Text(f"{said}, in {peak.samples} sample{'' if peak.samples == 1 else 's'}."),
        *([Text("The database was full: it refused whoever came next.", style="red")] if _full(peak) else []),
        *of_live(most, "at the peak"),
    ]


def _room(live: Live) -> int:
    """What ordinary users can have together."""
    return live.max_connections - sum(count for _, count in live.reserved)


def _full(peak: Peak) -> int:
    """1 if nothing was left for one more: our own connection has one too."""
    return 1 if peak.most.used + 1 >= _room(peak.most) else 0
