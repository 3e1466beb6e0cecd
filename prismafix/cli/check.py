"""`prismafix check`: findings, nothing is changed."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from prismafix.cli.options import (
    ChunkSize,
    Config,
    Exclude,
    Ignore,
    IncludeScripts,
    Jobs,
    Paths,
    Quiet,
    Select,
    Strict,
)


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
    jobs: Jobs = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the evidence of each finding.")] = False,
    quiet: Quiet = False,
    strict: Strict = False,
    config: Config = None,
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
    from rich.text import Text

    from prismafix.cli.roots import outer_workspace
    from prismafix.cli.settings import exit_code, prepare
    from prismafix.cli.terminal import bar, console, say, write_bytes
    from prismafix.engine.run import run
    from prismafix.report.text import check_report, remaining, without_prisma

    place, options = prepare(
        paths,
        select=select,
        ignore=ignore,
        exclude=exclude,
        include_scripts=include_scripts,
        chunk_size=chunk_size,
        jobs=jobs,
        strict=strict,
        config=config,
    )
    with bar() as progress:
        result = run(place.root, options, progress=progress)
    if output == "json":
        from prismafix.report.json_report import to_json

        write_bytes(to_json(result).encode("utf-8", "replace"))
    else:
        screen = console()
        report = check_report(result, verbose=verbose, quiet=quiet) if result.uses_prisma else without_prisma(result)
        say(screen, report)
        if result.findings and not quiet and place.root != Path.cwd():
            say(screen, [Text(f"Paths are relative to {place.root}.")])
        if not quiet and (outer := outer_workspace(place.root)) is not None:
            alone = (
                f"{place.root.name} was looked at on its own: what it imports from the rest of {outer} is not known."
            )
            say(screen, [Text(f"{alone} Run `prismafix check` there to see how they use each other.")])
    raise typer.Exit(exit_code(result, options, len(remaining(result))))
