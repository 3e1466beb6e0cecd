"""`prismafix url`: what a connection string should be, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prismafix.errors import UserError

if TYPE_CHECKING:
    from prismafix.connection.adapters import OptionValue
    from prismafix.connection.advice import Advice, Change
    from prismafix.connection.situation import Situation
    from prismafix.connection.url import ConnectionUrl

_ASSUMED = 6  # the last version whose client has an engine by default: the parameters do no harm with an adapter
_FIRST_WITHOUT_ENGINE = 7


def url(
    urls: Annotated[
        list[str],
        typer.Argument(
            metavar="URL", help="The connection string, in quotes; - reads standard input.", show_default=False
        ),
    ],
    target: Annotated[
        Literal["serverless", "edge", "server"] | None,
        typer.Option(
            help="Where the program runs: serverless (Lambda, Vercel, Netlify …: many short-lived instances), edge "
            "(Cloudflare Workers …), server (few long-running ones). Without it: only what is right anywhere.",
            show_default=False,
        ),
    ] = None,
    prisma: Annotated[
        str | None,
        typer.Option(metavar="N", help="Prisma's version, as in package.json (default: 6).", show_default=False),
    ] = None,
    adapter: Annotated[
        bool | None,
        typer.Option(
            "--adapter/--engine",
            help="The client has a driver adapter, or Prisma's engine (default: an adapter from 7 on).",
            show_default=False,
        ),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who hosts the database, if the host does not tell.", show_default=False),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Connections per instance; replaces a limit that is there.", show_default=False
        ),
    ] = None,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """What your connection string should be, and why. Changes no file, and connects to nothing.

    Out of connections in Lambda, Vercel or Netlify? Each instance has a pool of its own there. Run this, and put its
    last line where your DATABASE_URL is set:

    \b
      prismafix url - --target serverless       then paste the string, Enter, Ctrl-D
      printenv DATABASE_URL | prismafix url - --target serverless --prisma 7
      prismafix url 'postgresql://…' --target serverless --limit 5

    The reasons go to standard error with no password in them; the last line of standard output is the string with the
    password as you gave it. With - it stays out of your shell's history and of the list of processes.

    What your string sets already stays, apart from what --limit replaces; what is added comes after it. With a driver
    adapter (Prisma 7) pool sizes in the string do nothing: then the adapter's options are printed as well.

    Exit codes: 0 the string stays as it is, 1 it changes, 2 it is no connection string, or wrong use.
    """
    from prismafix.connection.advice import advise
    from prismafix.connection.situation import Situation

    given = _parsed(_text(urls))
    version = None if prisma is None else _major(prisma)
    situation = Situation(
        client=_client(version, adapter),
        prisma=version or (_FIRST_WITHOUT_ENGINE if adapter else _ASSUMED),
        target=target,
        provider=None if provider is None else _known_provider(provider),
        limit=limit,
    )
    advice = advise(given, situation)
    assumed = _assumptions(given, situation, version_known=version is not None or adapter is not None)
    if output == "json":
        _print_json(advice, situation, assumed)
    else:
        _print_text(advice, assumed)
    raise typer.Exit(1 if advice.changes else 0)


def _text(urls: list[str]) -> str:
    """The one string that was given. What is wrong with it is said without repeating any of it."""
    if len(urls) != 1:
        raise UserError("more than one connection string: put it in quotes, since the shell takes it apart")
    text = urls[0]
    try:
        if text == "-":
            text = sys.stdin.buffer.read().decode()
        text.encode()
    except UnicodeError:
        raise UserError("the connection string is not UTF-8: percent-encode the characters outside ASCII") from None
    return text.strip()


def _parsed(text: str) -> ConnectionUrl:
    from prismafix.connection.url import NotAConnectionStringError, parse

    try:
        return parse(text)
    except NotAConnectionStringError as error:
        raise UserError(f"this is no connection string: {error}") from None


def _major(prisma: str) -> int:
    major = prisma.lstrip("^~v=").partition(".")[0]
    if not (major.isascii() and major.isdigit()):
        raise UserError(f"--prisma {prisma} is no version: give one like 6 or 7.1.0")
    return int(major)


def _client(version: int | None, adapter: bool | None) -> Literal["engine", "adapter"]:
    if version is not None and version >= _FIRST_WITHOUT_ENGINE:
        if adapter is False:
            raise UserError(f"--engine: Prisma {version} has no engine any more, its client always has an adapter")
        return "adapter"
    return "adapter" if adapter else "engine"


def _known_provider(name: str) -> str:
    from prismafix.connection.providers import PROVIDERS

    if name not in PROVIDERS:
        raise UserError(f"--provider: {name} is none of {', '.join(PROVIDERS)}")
    return name


def _assumptions(given: ConnectionUrl, situation: Situation, *, version_known: bool) -> list[str]:
    """What was taken for granted since no option says it, and what would be if it is otherwise."""
    from dataclasses import replace

    from prismafix.connection.advice import advise
    from prismafix.connection.providers import recognise

    found: list[str] = []
    if recognise(given).provider.pooling == "none":
        return found
    if situation.target is None:
        there = advise(given, replace(situation, target="serverless"))
        needed = [f"{c.name} {c.after}" if c.part == "host" else f"{c.name}={c.after}" for c in there.changes]
        needed += [f"{value.option.name}: {value.value} in the adapter" for value in there.options]
        found.append(
            "where the program runs is not known: this is what is right anywhere. A long-running server needs no more; "
            + (f"--target serverless would set {', '.join(needed)}" if needed else "nor does --target serverless")
        )
    if not version_known:
        values = advise(given, replace(situation, client="adapter", prisma=_FIRST_WITHOUT_ENGINE)).options
        text = f"Prisma {_ASSUMED} or older with its engine. With a driver adapter, as always in 7 (--prisma 7), "
        found.append(
            text + (f"the adapter needs {_options(values)}" if values else "pool sizes in the string do nothing")
        )
    return found


def _print_text(advice: Advice, assumed: list[str]) -> None:
    from prismafix.cli.terminal import write_bytes
    from prismafix.connection.url import write

    found = advice.recognised
    lines = [f"{found.provider.title} ({found.evidence})"]
    lines += [f"assumed: {text}" for text in assumed]
    lines += [f"{_change(change)}  {change.reason} [{change.rule}]" for change in advice.changes]
    if not advice.changes:
        lines.append("the string stays as it is")
    if advice.adapter is not None and advice.options:
        lines.append(f"options of the adapter: new {advice.adapter.name}({{ …, {_options(advice.options)} }})")
    lines += [f"by hand: {note.text}" + (f" [{note.rule}]" if note.rule else "") for note in advice.by_hand]
    print("\n".join(lines), file=sys.stderr)
    write_bytes(f"{write(advice.url)}\n".encode())


def _change(change: Change) -> str:
    if change.part == "host":
        return f"{change.name}: {change.before or '(none)'} -> {change.after}"
    if change.before is None:
        return f"added: {change.name}={change.after}"
    return f"changed: {change.name}={change.before} -> {change.after}"


def _options(values: tuple[OptionValue, ...]) -> str:
    """As in the adapter's configuration: `max: 3, connectionTimeoutMillis: 20000`, `pool: { max: 3 }`."""
    from prismafix.connection.adapters import as_object

    return ", ".join(
        f"{name}: {value}"
        if isinstance(value, int)
        else f"{name}: {{ {', '.join(f'{k}: {v}' for k, v in value.items())} }}"
        for name, value in as_object(values).items()
    )


def _print_json(advice: Advice, situation: Situation, assumed: list[str]) -> None:
    """Version 1, which only grows. `url` is the only field with the password."""
    import json

    from prismafix.cli.terminal import write_bytes
    from prismafix.connection.adapters import as_object
    from prismafix.connection.masking import masked
    from prismafix.connection.url import write

    found, adapter = advice.recognised, advice.adapter
    report = {
        "version": 1,
        "url": write(advice.url),
        "masked": masked(advice.url),
        "changed": bool(advice.changes),
        "provider": {"name": found.provider.key, "title": found.provider.title, "evidence": found.evidence},
        "target": situation.target,
        "client": situation.client,
        "prisma": situation.prisma,
        "assumed": assumed,
        "changes": [
            {"rule": c.rule, "part": c.part, "name": c.name, "before": c.before, "after": c.after, "reason": c.reason}
            for c in advice.changes
        ],
        "adapter": adapter and {"name": adapter.name, "package": adapter.package, "options": as_object(advice.options)},
        "by_hand": [{"rule": note.rule, "text": note.text} for note in advice.by_hand],
    }
    write_bytes(f"{json.dumps(report, indent=2, ensure_ascii=False)}\n".encode())
