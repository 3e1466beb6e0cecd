"""`prismafix check`: findings, nothing is changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prismafix.cli.options import (
    CacheDir,
    CallDepth,
    ChunkSize,
    Config,
    Exclude,
    Ignore,
    IncludeScripts,
    Jobs,
    NoCache,
    Paths,
    Quiet,
    Select,
    Strict,
)

if TYPE_CHECKING:
    from prismafix.engine.model import Result


def check(
    paths: Paths = None,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text for people, json for programs.")
    ] = "text",
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

    Each finding says what is wrong, where, and whether `prismafix fix` can mend it. Exits with 1 if there are findings.

    \b
    Examples:
      prismafix check                       the workspace that you are in
      prismafix check apps/web              one package, on its own
      prismafix check --select PF3 -v       only fan-outs, with the call paths
      prismafix check --format json > report.json
    """
    from prismafix.cli.settings import exit_code, prepare
    from prismafix.cli.terminal import bar, write_bytes
    from prismafix.engine.kept import run_kept
    from prismafix.engine.summary import deciding

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
    )
    with bar() as progress:
        result = run_kept(job.listed, job.options, job.cache, progress)
    job.warn()
    if output == "json":
        from prismafix.report.json_report import to_json

        write_bytes(to_json(result).encode("utf-8", "replace"))
    else:
        _print(result, verbose=verbose, quiet=quiet)
    raise typer.Exit(exit_code(result, job.options, len(deciding(result))))


def _print(result: "Result", *, verbose: bool, quiet: bool) -> None:
    from rich.text import Text

    from prismafix.cli.roots import outer_workspace
    from prismafix.cli.terminal import console, say
    from prismafix.report.text import check_report, without_prisma

    root, screen = result.root, console()
    report = check_report(result, verbose=verbose, quiet=quiet) if result.uses_prisma else without_prisma(result)
    say(screen, report)
    if result.findings and not quiet and root != Path.cwd():
        say(screen, [Text(f"Paths are relative to {root}.")])
    if not quiet and (outer := outer_workspace(root)) is not None:
        alone = f"{root.name} was looked at on its own: what it imports from the rest of {outer} is not known."
        say(screen, [Text(f"{alone} Run `prismafix check` there to see how they use each other.")])
