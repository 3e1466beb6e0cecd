"""`prismafix budget`: instances x processes x pool size against what the database allows."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from prismafix.cli.options import CacheDir, Config, Exclude, NoCache


def _figure(name: str, help_text: str, least: int = 1) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, min=least, metavar="N", help=help_text, show_default=False)
    return option


def budget(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="PATH", help="The project (default: the workspace you are in).", show_default=False, readable=False
        ),
    ] = None,
    instances: Annotated[int | None, _figure("--instances", "Instances of your program at once, at most.")] = None,
    processes: Annotated[int | None, _figure("--processes", "Processes with a pool of their own in each.")] = None,
    limit: Annotated[int | None, _figure("--limit", "The size of the pool in each process.")] = None,
    max_connections: Annotated[int | None, _figure("--max-connections", "What the database lets in.")] = None,
    reserved: Annotated[int | None, _figure("--reserved", "Of these, for its administrators.", 0)] = None,
    others: Annotated[int | None, _figure("--others", "Of these, what other programs use.", 0)] = None,
    headroom: Annotated[
        int | None, _figure("--headroom", "Connections to keep free for migrations (default: 2).", 0)
    ] = None,
    overlap: Annotated[
        int | None,
        _figure("--overlap", "Percent of instances that are there twice during a deploy (default: 100).", 0),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Ask this PostgreSQL or MySQL, read-only. - reads the URL from standard input, which keeps it out of "
            "the shell's history and the list of processes.",
            show_default=False,
        ),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the database in the environment variable that the schema names.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw connections over instances.", show_default=False)
    ] = None,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="text or json.")] = "text",
    watch: Annotated[
        bool, typer.Option("--watch", help="Sample the database during a load test, and show the peak.")
    ] = False,
    interval: Annotated[float, typer.Option(min=0.05, metavar="S", help="Seconds between two samples.")] = 1.0,
    duration: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="S", help="Seconds to watch (default: until Ctrl-C).", show_default=False),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the caps into serverless.yml and SAM templates (PF601, PF602).")
    ] = False,
    exclude: Exclude = None,
    config: Config = None,
    cache_dir: CacheDir = None,
    no_cache: NoCache = False,
) -> None:
    """Do all your instances together fit into the database? Writes nothing without --apply.

    Takes each number from the first that knows it: these options, [budget] in prismafix.toml, serverless.yml or a SAM
    template, the pool's size in code or URL, the live database. Says where each comes from, what is missing, which pool
    size and how many instances fit, and draws it.

    \b
    Examples:
      prismafix budget --max-connections 100 --instances 20 --limit 5
      prismafix budget --live                          the database of DATABASE_URL
      printenv PROD_URL | prismafix budget --database-url -
      prismafix budget --live --watch --duration 60    during a load test
      prismafix budget --live --apply                  cap the functions at what fits

    Exit codes: 0 within budget, or not all numbers are known; 1 over budget, or --apply would change something; 2 wrong
    use, or nothing can be said.
    """
    from prismafix.cli.budgeting import Asked, run
    from prismafix.connection.budget import Figures

    figures = Figures(instances, processes, limit, max_connections, reserved, others, headroom, overlap)
    asked = Asked(
        path=path,
        flags=figures,
        url=database_url,
        live=live,
        plot=plot,
        json=output == "json",
        watch=watch,
        interval=interval,
        duration=duration,
        apply=apply,
    )
    raise typer.Exit(run(asked, exclude=exclude, config=config, cache_dir=cache_dir, no_cache=no_cache))
