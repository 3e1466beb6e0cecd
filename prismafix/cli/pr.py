"""`prismafix pr`: fixes as pull requests."""

from functools import partial
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
    Select,
)
from prismafix.errors import UserError


def pr(
    paths: Paths = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print title, branch, commits, text and patch; push nothing, open nothing."),
    ] = False,
    per: Annotated[
        Literal["all", "rule", "package"],
        typer.Option("--per", help="One pull request for all, or one per rule or package, each on its own."),
    ] = "all",
    commit: Annotated[
        Literal["rule", "package", "fix", "all"],
        typer.Option("--commit", help="One commit per rule, per package, per fix, or one for all."),
    ] = "rule",
    unsafe: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Fixes too that are right in most projects, but need a look.")
    ] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Open it as a draft.")] = False,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="NAME", help="Give it this label; repeatable.")
    ] = None,
    reviewer: Annotated[
        list[str] | None,
        typer.Option(
            "--reviewer",
            metavar="LOGIN",
            help="Ask this person, or a team as org/team; repeatable (default: the owners in CODEOWNERS).",
        ),
    ] = None,
    no_reviewers: Annotated[bool, typer.Option("--no-reviewers", help="Ask nobody.")] = False,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="BRANCH", help="Start from this branch of the remote (default: its default)."),
    ] = None,
    branch: Annotated[
        str, typer.Option("--branch", metavar="NAME", help="Push to this branch; --per adds the rule or package.")
    ] = "prismafix/fixes",
    remote: Annotated[
        str | None, typer.Option("--remote", metavar="NAME", help="Push there (default: where git pushes).")
    ] = None,
    forge: Annotated[
        Literal["github", "gitlab"] | None,
        typer.Option("--forge", help="What the remote is, where its address does not tell.", show_default=False),
    ] = None,
    forge_api: Annotated[
        str | None,
        typer.Option("--forge-api", metavar="URL", help="The API: https://git.acme.example/api/v3 or …/api/v4."),
    ] = None,
    forge_repository: Annotated[
        str | None,
        typer.Option("--forge-repository", metavar="OWNER/NAME", help="What the forge calls the repository."),
    ] = None,
    template: CommitTemplate = None,
    no_hooks: Annotated[
        bool, typer.Option("--no-hooks", help="Run none of the repository's hooks at commit and push.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Leave out each fix that brings a new type error. Runs Node.js and the TypeScript of your checkout.",
        ),
    ] = False,
    verify_timeout: Annotated[
        int, typer.Option("--verify-timeout", min=1, metavar="SECONDS", help="How long that may take.")
    ] = 900,
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text for people, json for programs.")
    ] = "text",
    baseline: BaselineFile = None,
    no_baseline: NoBaseline = False,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    include_scripts: IncludeScripts = None,
    chunk_size: ChunkSize = None,
    call_depth: CallDepth = None,
    jobs: Jobs = None,
    config: Config = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> None:
    """Open a pull request with the fixes, at GitHub or GitLab; run again, it is brought up to date.

    Works on the remote's default branch in a work tree of its own: your checkout is not touched. The token comes from
    the environment (GITHUB_TOKEN, GITLAB_TOKEN …) or from `gh` or `glab`; git pushes with your own credentials. What
    somebody else pushed to the branch stays, and a pull request that was closed is not opened again.

    Exits with 0 when done, also if there was nothing to do, and with 2 if something failed. With --dry-run 1 says that
    something would be opened or edited.

    \b
    Examples:
      prismafix pr --dry-run                look first
      prismafix pr                          one pull request with all safe fixes
      prismafix pr --unsafe-fixes --per rule --draft
      prismafix pr apps/web --label database --reviewer ann
    """
    if no_baseline and baseline is not None:
        raise UserError("--no-baseline uses none: leave out --baseline")
    if no_reviewers and reviewer:
        raise UserError("--no-reviewers asks nobody: leave out --reviewer")
    if not all(name.strip() for name in label or ()):
        raise UserError("--label needs the name of a label")
    from prismafix.cli import proposing
    from prismafix.cli.settings import prepare

    prepared = partial(
        prepare,
        select=select,
        ignore=ignore,
        exclude=exclude,
        include_scripts=include_scripts,
        chunk_size=chunk_size,
        call_depth=call_depth,
        jobs=jobs,
        strict=False,
        config=config,
        cache_dir=cache_dir,
        no_cache=no_cache,
        apply=True,
        unsafe=unsafe,
        baseline=baseline,
        no_baseline=no_baseline,
    )
    wanted = proposing.Wanted(
        per=per,
        commit=commit,
        draft=draft,
        labels=tuple(label or ()),
        reviewers=() if no_reviewers else tuple(reviewer) if reviewer else None,
        base=base,
        branch=branch,
        remote=remote,
        forge=forge,
        forge_api=forge_api,
        forge_repository=forge_repository,
        template=template,
        hooks=not no_hooks,
        verify=verify_timeout if verify else None,
        dry_run=dry_run,
    )
    raise typer.Exit(proposing.propose(paths, prepared, wanted, json=form == "json"))
