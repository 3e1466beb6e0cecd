"""`prismafix init`: write a commented configuration file."""

from pathlib import Path
from typing import Annotated

import typer

from prismafix.errors import UserError

_TEXT = """\
# Configuration of prismafix. Every key is commented out, with its default or an example.{found}
# The same keys may stand under "prismafix" in package.json instead. A prismafix.toml in a package holds for that
# package's files, on top of what stands here. The command line wins over all of them.

# Rules to apply: codes, beginnings of codes or names (`prismafix rules` lists them). Empty: all.
# select = []

# Rules to leave out.
# ignore = ["PF303"]

# Files to leave out, one gitignore pattern each. What git ignores is left out anyway.
# exclude = ["legacy/", "**/*.generated.ts"]

# Queries at a time in a bounded fan-out. Without it: 5, or the size of the connection pool where that is smaller.
# chunk-size = 5

# Look at fan-outs in scripts and tests too: they run alone, so by default they are not reported.
# include-scripts = false

# The following nine only work in the root's file.
# Worker processes. Without it: one per core, at most 4.
# jobs = 2

# Exit with 1 if a file could not be analysed.
# strict = false

# Calls that are followed from a fan-out or a transaction to the query it reaches.
# call-depth = 3

# Source files with more bytes are skipped, and reported.
# max-file-size = 1000000

# Where what later runs can use is kept (relative to this folder). Without it: the user's cache folder.
# cache-dir = "../.cache/prismafix"

# Keep nothing between runs.
# no-cache = true

# Findings that are known already: only others are reported. `prismafix check --write-baseline FILE` writes it.
# baseline = "prismafix-baseline.json"

# Where the pages about the rules are (PF101.md and so on), for links in SARIF, Markdown and HTML reports.
# rule-pages = "https://example.com/prismafix/docs/rules"

# What commit messages are made of, by `fix --commit` and `pr`: a text with {{subject}}, {{why}}, {{findings}} …
# commit-template = ".github/prismafix-commit.txt"

# Rules to leave out in some files: gitignore pattern to codes.
# [per-file-ignores]
{ignores}

# What only you know of the connections, for PF601, PF602 and `prismafix budget`: whole numbers, and only in the root's
# file. A serverless.yml or SAM template says the number of instances itself.
# [budget]
# max-connections = 100    # of the database: SHOW max_connections
# reserved = 3             # of these for its administrators
# others = 10              # of these for other programs
# instances = 8            # of yours at once
# processes = 1            # with a pool of their own, in each instance
# limit = 5                # the pool's size
# headroom = 2             # to keep free for migrations
# overlap = 100            # percent of the instances that are there twice during a deploy
"""


def init(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Where to write it (default: the workspace root).", show_default=False),
    ] = None,
) -> None:
    """Write a prismafix.toml in which every key is explained. Refuses to overwrite one.

    prismafix works without it. You need it to switch rules off or to leave files out.
    """
    from prismafix.cli.config import FILE
    from prismafix.cli.roots import place

    root = place([folder] if folder else [], Path.cwd()).root
    if folder is not None and folder.is_file():
        raise UserError(f"{folder} is a file: give a folder")
    target = root / FILE
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(_content(root))
    except FileExistsError:
        raise UserError(f"{target} exists already: edit it, or delete it first") from None
    except OSError as error:
        raise UserError(f"{target} could not be written: {error.strerror}") from None
    print(f"{target} written: every key is in it, explained and commented out.")


def _content(root: Path) -> str:
    """The file, with what the project suggests: its packages, and where its scripts and tests are."""
    from prismafix.workspace.tree import list_tree

    tree = list_tree(root, {})
    folders = sorted({path.rpartition("/")[0] for path in tree.named("package.json")} - {""})
    prisma = sorted(set(tree.named("schema.prisma")))
    found = (
        f"\n# Found here: {len(folders) + 1} packages, schemas: {', '.join(prisma) or 'none'}"
        if folders or prisma
        else ""
    )
    candidates = [
        name for name in ("scripts", "e2e", "tests", "test") if any(f"/{name}/" in f"/{p}" for p in tree.files)
    ]
    ignores = "\n".join(f'# "**/{name}/**" = ["PF3"]' for name in candidates) or '# "tests/**" = ["PF3"]'
    return _TEXT.format(found=found, ignores=ignores)
