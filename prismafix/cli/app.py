"""The commands, put together."""

from typing import Annotated

import typer

from prismafix import __version__
from prismafix.cli.batch import batch
from prismafix.cli.budget import budget
from prismafix.cli.check import check
from prismafix.cli.explain import explain
from prismafix.cli.fix import fix
from prismafix.cli.init import init
from prismafix.cli.pr import pr
from prismafix.cli.rules import rules
from prismafix.cli.url import url

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"prismafix {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Finds the code that exhausts a database's connections in projects that use Prisma, and rewrites it.

    Is the database out of connections right now ("too many clients", P2024, P2037)? Run these in your project's folder:

    \b
      prismafix check         what is wrong, and where; changes nothing
      prismafix fix --diff    the patch, to read; changes nothing
      prismafix fix           applies what cannot change behaviour
      prismafix pr            the same as a pull request, from a work tree of its own
      prismafix batch         many repositories, a pull request each
      prismafix url           what the connection string should be, and why
      prismafix budget        do all instances together fit into the database?
      prismafix explain -     which of these errors are in a log, and which code they come from

    Exit codes: 0 nothing left to do, 1 findings remain, 2 wrong use.
    """


for command in (check, fix, pr, url, budget, explain, rules, init):
    app.command(command.__name__)(command)
app.add_typer(batch, name="batch")
