"""`prismafix fix`: apply fixes, or show them."""

from typing import Annotated, Literal

import typer

from prismafix.cli.options import (
    BaselineFile,
    CacheDir,
    CallDepth,
    ChunkSize,
    CommitTemplate,
    Config,
    Exclude,
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


def fix(
    paths: Paths = None,
    diff: Annotated[bool, typer.Option("--diff", help="Print the patch for `git apply` and write nothing.")] = False,
    interactive: Annotated[
        bool,
        typer.Option(
            "--interactive",
            "-i",
            help="Review the fixes, unsafe ones too, and choose: on the whole screen if the terminal can.",
        ),
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="With --interactive: ask line by line instead, also through a pipe.")
    ] = False,
    unsafe: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Apply fixes too that are right in most projects, but need a look.")
    ] = False,
    commit: Annotated[
        Literal["rule", "package", "fix", "all"] | None,
        typer.Option(
            "--commit",
            help="Commit as well: one commit per rule, per package, per fix, or one for all.",
            show_default=False,
        ),
    ] = None,
    template: CommitTemplate = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Check the result with the project's own TypeScript, and leave out each fix that brings a new error. "
            "Runs Node.js and that compiler, nothing else of the project.",
        ),
    ] = False,
    verify_timeout: Annotated[
        int, typer.Option("--verify-timeout", min=1, metavar="SECONDS", help="How long that may take.")
    ] = 900,
    baseline: BaselineFile = None,
    no_baseline: NoBaseline = False,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    include_scripts: IncludeScripts = None,
    chunk_size: ChunkSize = None,
    call_depth: CallDepth = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
    strict: Strict = False,
    config: Config = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> None:
    """Write fixes to your files; list what is left with the reason.

    By default only fixes that cannot change your program's results, errors and effects. Nothing is committed unless you
    ask. A second run changes nothing. Exits with 1 if findings are left (with --diff: if something would change).
    Findings of a baseline stay as they are, as in `check`; `--no-baseline` fixes them too.

    \b
    Examples:
      prismafix fix --diff                  look first: the patch, nothing is written
      prismafix fix                         apply the safe fixes
      prismafix fix --interactive           review them, unsafe ones too
      prismafix fix --verify                leave out what TypeScript would not compile
      prismafix fix --select PF303 --commit=fix
      prismafix fix --diff --unsafe-fixes | git apply
    """
    if no_baseline and baseline is not None:
        raise UserError("--no-baseline uses none: leave out --baseline")
    if diff and (interactive or commit is not None):
        raise UserError(f"--diff writes nothing: leave out {'--interactive' if interactive else '--commit'}")
    if plain and not interactive:
        raise UserError("--plain says how --interactive asks: add --interactive, or leave it out")
    if template is not None and commit is None:
        raise UserError("--commit-template is for commits: add --commit=rule, package, fix or all")
    from prismafix.cli import fixing
    from prismafix.cli.settings import prepare
    from prismafix.engine.model import TypeCheck

    check = TypeCheck(verify_timeout) if verify else None

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
        apply=True,
        unsafe=unsafe,
        baseline=baseline,
        no_baseline=no_baseline,
    )
    if diff:
        raise typer.Exit(fixing.show(job, check, quiet=quiet))
    ask: fixing.Ask | None = None if not interactive else "lines" if plain else "screen"
    raise typer.Exit(fixing.fix(job, check, ask=ask, commit=commit, template=template, quiet=quiet))
