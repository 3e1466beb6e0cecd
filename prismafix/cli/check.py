"""`prismafix check`: findings, nothing is changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prismafix.cli.options import (
    BaselineFile,
    CacheDir,
    CallDepth,
    ChunkSize,
    Config,
    Exclude,
    Format,
    Ignore,
    IncludeScripts,
    Jobs,
    NoBaseline,
    NoCache,
    Paths,
    Quiet,
    Select,
    Strict,
)
from prismafix.errors import UserError

if TYPE_CHECKING:
    from prismafix.cli.settings import Job
    from prismafix.engine.model import Result


def check(
    paths: Paths = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="text for people, json for programs, sarif for code scanning, github for annotations in a workflow's "
            "log, markdown for a job's summary or a comment, html for a page with the diffs of the fixes.",
        ),
    ] = "text",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the report to this file.", show_default=False),
    ] = None,
    baseline: BaselineFile = None,
    no_baseline: NoBaseline = False,
    write_baseline: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline",
            metavar="FILE",
            help="Write what is found to this file, as a baseline: all of it is known from now on. Exits with 0.",
            show_default=False,
        ),
    ] = None,
    prune_baseline: Annotated[
        bool, typer.Option("--prune-baseline", help="Take out of the baseline what is not there any more.")
    ] = False,
    with_suppressed: Annotated[
        bool,
        typer.Option(
            "--with-suppressed", help="For sarif: list suppressed findings as well. GitHub would show them as open."
        ),
    ] = False,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    include_scripts: IncludeScripts = None,
    chunk_size: ChunkSize = None,
    call_depth: CallDepth = None,
    jobs: Jobs = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the evidence of each finding.")] = False,
    quiet: Quiet = False,
    strict: Strict = False,
    config: Config = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> None:
    """Find the code that exhausts database connections. Changes nothing.

    Each finding says what is wrong, where, and whether `prismafix fix` can mend it. Exits with 1 if there are findings
    (with a baseline: if there are new ones).

    \b
    Examples:
      prismafix check                       the workspace that you are in
      prismafix check apps/web              one package, on its own
      prismafix check --select PF3 -v       only fan-outs, with the call paths
      prismafix check --format json > report.json
      prismafix check --format html -o report.html
      prismafix check --write-baseline prismafix-baseline.json
      prismafix check --baseline prismafix-baseline.json
    """
    from prismafix.cli import outputs
    from prismafix.cli.settings import exit_code, prepare
    from prismafix.cli.terminal import bar
    from prismafix.engine.kept import run_kept
    from prismafix.engine.summary import deciding

    _refuse(form, baseline, no_baseline, write_baseline, prune_baseline, with_suppressed)
    job = prepare(
        paths,
        select=select,
        ignore=ignore,
        exclude=exclude,
        include_scripts=include_scripts,
        chunk_size=chunk_size,
        call_depth=call_depth,
        jobs=jobs,
        strict=strict,
        config=config,
        cache_dir=cache_dir,
        no_cache=no_cache,
        baseline=baseline,
        no_baseline=no_baseline or write_baseline is not None,
        offers=form in ("sarif", "html") and write_baseline is None,
    )
    if prune_baseline and job.baseline is None:
        raise UserError('--prune-baseline needs a baseline: --baseline FILE, or baseline = "FILE" in prismafix.toml')
    with bar() as progress:
        result = run_kept(job.listed, job.options, job.cache, progress)
    job.warn()
    if write_baseline is not None:
        outputs.write_baseline(write_baseline, result)
        raise typer.Exit(exit_code(result, job.options, 0))
    if form == "text":
        _print(result, job, output, verbose=verbose, quiet=quiet)
    else:
        from prismafix.cli.formats import rendered

        outputs.deliver(rendered(result, job, form, with_suppressed=with_suppressed, quiet=quiet), output)
    if prune_baseline and job.baseline is not None:
        outputs.prune(job.baseline, result, job.options)
    raise typer.Exit(exit_code(result, job.options, len(deciding(result))))


def _refuse(
    form: Format, baseline: Path | None, none: bool, write: Path | None, prune: bool, with_suppressed: bool
) -> None:
    """Raises UserError for options that contradict each other."""
    if none and (baseline is not None or prune):
        raise UserError(f"--no-baseline uses none: leave out {'--baseline' if baseline else '--prune-baseline'}")
    if write is not None and (baseline is not None or prune):
        other = "--baseline" if baseline else "--prune-baseline"
        raise UserError(f"--write-baseline writes all that is found: leave out {other}")
    if with_suppressed and form != "sarif":
        raise UserError("--with-suppressed is for --format sarif: the other formats only count them")


def _print(result: "Result", job: "Job", output: Path | None, *, verbose: bool, quiet: bool) -> None:
    import io

    from rich.text import Text

    from prismafix.cli.outputs import compared, write_whole
    from prismafix.cli.roots import outer_workspace
    from prismafix.cli.terminal import console, say
    from prismafix.report.text import check_report, without_prisma

    page = io.StringIO() if output is not None else None
    root, screen = result.root, console(page)
    report = check_report(result, verbose=verbose, quiet=quiet) if result.uses_prisma else without_prisma(result)
    say(screen, report)
    if job.baseline is not None and not quiet:
        say(screen, (Text(line) for line in compared(job.baseline, result, job.options)))
    if result.findings and not quiet and root != Path.cwd():
        say(screen, [Text(f"Paths are relative to {root}.")])
    if not quiet and (outer := outer_workspace(root)) is not None:
        alone = f"{root.name} was looked at on its own: what it imports from the rest of {outer} is not known."
        say(screen, [Text(f"{alone} Run `prismafix check` there to see how they use each other.")])
    if page is not None and output is not None:
        write_whole(output, page.getvalue().encode("utf-8", "replace"))
