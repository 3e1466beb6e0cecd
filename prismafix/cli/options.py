"""The options that `check` and `fix` share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["text", "json", "sarif", "github", "markdown", "html"]
"""What `check` reports as."""

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATHS",
        help="A folder to analyse (default: the workspace that the current folder is in), or files and folders of a "
        "workspace to limit the findings to.",
        show_default=False,
        readable=False,  # the parser's own check would say it less well
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="CODES",
        help="Only these rules: codes, beginnings of codes (PF3) or names; commas or repeated.",
    ),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="CODES", help="All but these rules.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="PATTERN", help="Files to leave out, like a line of .gitignore; repeatable."),
]
IncludeScripts = Annotated[
    bool | None,
    typer.Option(
        "--include-scripts/--no-include-scripts", help="Look at fan-outs in scripts and tests too.", show_default=False
    ),
]
ChunkSize = Annotated[
    int | None,
    typer.Option(
        "--chunk-size", min=2, metavar="N", help="Queries at a time in a bounded fan-out (default: 5, or the pool)."
    ),
]
CallDepth = Annotated[
    int | None,
    typer.Option(
        "--call-depth", min=1, metavar="N", help="Calls followed from a fan-out or transaction to a query (default: 3)."
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, metavar="N", help="Worker processes (default: one per core, at most 4)."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 if a file could not be analysed.")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Read this file instead of the root's prismafix.toml.")
]
CacheDir = Annotated[
    Path | None,
    typer.Option("--cache-dir", metavar="FOLDER", help="Keep what later runs can use here, not in the user's cache."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Keep nothing, and use nothing that was kept.")]
BaselineFile = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Leave findings alone that are in this file: they are known (default: what prismafix.toml names).",
        show_default=False,
    ),
]
NoBaseline = Annotated[bool, typer.Option("--no-baseline", help="Use no baseline, also if prismafix.toml names one.")]
CommitTemplate = Annotated[
    Path | None,
    typer.Option(
        "--commit-template",
        metavar="FILE",
        help="Make commit messages of this text: {subject}, {why}, {counts}, {findings}, {doubts}, {codes}, {links}, "
        "{package}, {count}, {version} (default: what prismafix.toml names).",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the essential: one line each, no summary.")]
