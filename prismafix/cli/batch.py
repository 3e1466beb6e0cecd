"""`prismafix batch`: many repositories, one pull request each."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from prismafix.errors import UserError


class _RunByDefault(TyperGroup):
    """`batch FILE` is `batch run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((arg for arg in args if not arg.startswith("-")), None)
        if first is not None and first not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


batch = typer.Typer(
    cls=_RunByDefault,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="""Fix many repositories, or many packages of one: a pull request each.

    CAMPAIGN.toml names them and what is wanted of them; docs/batch.md has an example. `batch CAMPAIGN.toml` runs it,
    and run again goes on where it was, however it ended.

    \b
    Examples:
      prismafix batch init spring.toml          write a file to fill in
      prismafix batch spring.toml               clone, analyse, fix, push, open
      prismafix batch status spring.toml        how far it is
      prismafix batch report spring.toml -o spring.html
    """,
)

Campaign = Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The campaign's file.", readable=False)]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write it to this file.", show_default=False),
]


_TEXT = """\
# A campaign of prismafix: docs/batch.md says what every key does. Those above the first [[repository]] hold for all.
name = {name}
# jobs = 4                                # repositories at a time; without it: one per core
# timeout = 1800                          # seconds that one repository may take; without it: 3600
# select = ["PF1", "PF2", "PF3"]          # rules; without it: all
# labels = ["database"]
# branch = "prismafix/fixes"
# draft = true
# open = "nothing"                        # or only the "branch"; without it: a "pull-request" for each

# [[repository]]
# url = "https://github.com/acme/shop.git"
# base = "develop"                        # without it: the default branch

# [[repository]]
# path = "../mono"
# packages = ["apps/*"]                   # findings in these folders only
# per = "package"                         # a pull request for each, or for each "rule"; without it: one for "all"
# unsafe-fixes = true
# verify = true                           # with the TypeScript that is installed there
"""


@batch.command()
def init(campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The file to write.")]) -> None:
    """Write a campaign's file, to be filled in. Refuses to overwrite one."""
    try:
        with campaign.open("x", encoding="utf-8", errors="replace") as file:
            file.write(_TEXT.format(name=json.dumps(campaign.stem, ensure_ascii=False)))
    except FileExistsError:
        raise UserError(f"{campaign} exists already: edit it, or delete it first") from None
    except OSError as error:
        raise UserError(f"{campaign} could not be written: {error.strerror}") from None
    print(f"{campaign} written: name your repositories in it, then `prismafix batch {campaign}`.")


@batch.command()
def run(
    campaign: Campaign,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, metavar="N", help="Repositories at a time (default: one per core)."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Work on the Dask cluster of this scheduler, such as tcp://host:8786.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also those that are done and whose base has not moved since.")
    ] = False,
) -> None:
    """Run a campaign, or go on with it.

    Exits with 0 if all repositories are done, 1 if one failed or is left, 2 if the campaign could not be run.
    """
    from prismafix.cli import batching
    from prismafix.delivery.campaign.run import run_campaign
    from prismafix.delivery.campaign.status import is_finished, totals

    if scheduler is not None and jobs is not None:
        raise UserError("--jobs is for this machine: the cluster's workers decide with --scheduler")
    read = batching.read(campaign)
    with batching.view(len(read.repositories)) as shown:
        known = run_campaign(read, batching.plan, shown, jobs=jobs, scheduler=scheduler, again=again)
    print(totals(known) + ".")
    raise typer.Exit(0 if is_finished(known) else 1)


@batch.command()
def status(
    campaign: Campaign,
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text for people, json for programs.")
    ] = "text",
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the forges first which pull requests are merged or closed.")
    ] = False,
) -> None:
    """Say how far a campaign is. Exits with 0 if all repositories are done, else with 1."""
    from prismafix.cli import batching
    from prismafix.delivery.campaign.state import opened
    from prismafix.delivery.campaign.status import is_finished, to_data
    from prismafix.delivery.campaign.status import refresh as ask

    read = batching.read(campaign)
    with opened(read, create=False) as state:
        if refresh:
            ask(read, state, batching.warn)
        known, history = state.repositories(), state.history()
    if form == "json":
        print(json.dumps(to_data(read, known, history), indent=2, ensure_ascii=False))
    else:
        batching.print_status(known)
    raise typer.Exit(0 if is_finished(known) else 1)


@batch.command()
def report(
    campaign: Campaign,
    output: Output = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the forges first which pull requests are merged or closed.")
    ] = False,
) -> None:
    """Write a page about a campaign: what was found, what became of the pull requests, with plots."""
    from prismafix.cli import batching
    from prismafix.cli.outputs import deliver
    from prismafix.delivery.campaign.page import to_html
    from prismafix.delivery.campaign.state import opened
    from prismafix.delivery.campaign.status import refresh as ask

    read = batching.read(campaign)
    with opened(read, create=False) as state:
        if refresh:
            ask(read, state, batching.warn)
        page = to_html(read, state.repositories(), state.history())
    deliver(page.encode("utf-8", "replace"), output)


@batch.command()
def export(
    campaign: Campaign,
    container: Annotated[
        str,
        typer.Option(
            "--container", metavar="IMAGE", help="An image that has prismafix in it; docs/batch.md makes one."
        ),
    ],
    output: Output = None,
) -> None:
    """Write the campaign as a batch spec for Sourcegraph Batch Changes, which then runs it instead of this program."""
    from prismafix.cli import batching
    from prismafix.cli.outputs import deliver
    from prismafix.delivery.campaign.export import to_batch_spec

    text, notes = to_batch_spec(batching.read(campaign), container)
    for note in notes:
        batching.warn(note)
    deliver(text.encode(), output)
