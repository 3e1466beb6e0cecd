"""`prismafix explain`: what a rule or an error means, and what a log holds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from prismafix.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.engine.model import Reported

_LONGEST_SHOWN = 60
_WIDEST = 100


def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CODE | TEXT | -",
            help="A rule's or an error's code or name, or the text of an error; - reads a log from standard input.",
            show_default=False,
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="The errors that it knows; `rules` lists the rules.")] = False,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """What a rule looks for, what an error means and what to do about it, and which errors are in a log.

    Something is down and the log is full of errors? Run this in your project's folder:

    \b
      kubectl logs deploy/api --since=1h | prismafix explain -
      aws logs tail /aws/lambda/api --since 1h | prismafix explain -
      vercel logs my-app.vercel.app --json | prismafix explain -

    It says which errors of databases that run out of connections are in it, since when, where they come from, and which
    findings of `prismafix check` would cause them, the nearest first. Of the log it repeats only that.

    \b
    Examples:
      prismafix explain PF303
      prismafix explain P2024
      prismafix explain "sorry, too many clients already"
      prismafix explain - < production.log
    """
    given = [word for word in words or () if word.strip()]
    if listed:
        _list(output)
    elif not given:
        raise UserError("explain what? Give a code (PF303, P2024), the text of an error, or - for a log: see --help")
    elif given == ["-"]:
        _log(output)
    else:
        _word(" ".join(given), output)


def _word(text: str, output: str) -> None:
    from prismafix.known_errors.catalogue import by_word, recognise
    from prismafix.known_errors.shown import explanation, explanation_data

    error = by_word(text)
    if error is None:
        if _is_rule(text):
            _rule(text, output)
            return
        found = recognise(text, anywhere=True)
        if found is None:
            raise UserError(_unknown(text))
        error = found.error
    _show(explanation(error, _width()) if output == "text" else explanation_data(error))


def _is_rule(text: str) -> bool:
    from prismafix.rules.registry import names

    return text.upper().startswith("PF") or text.lower() in names().values()


def _rule(code: str, output: str) -> None:
    from prismafix.cli.codes import known_rule

    rule = known_rule(code)
    best = {
        "safe": "Fixes are safe at best: `prismafix fix` applies the safe ones and holds the others back.",
        "unsafe": "Fixes are unsafe at best: look at each with `prismafix fix --interactive`, or apply all with "
        "--unsafe-fixes.",
        "none": "There is no automatic fix.",
    }
    if output == "json":
        _show({"kind": "rule", "code": rule.code, "name": rule.name, "text": rule.text, "best": rule.best})
    else:
        _show(f"{rule.code} {rule.name}\n\n{_wrapped(rule.text)}\n\n{_wrapped(best[rule.best])}")


def _unknown(text: str) -> str:
    from prismafix.cli.codes import closest
    from prismafix.connection.masking import mask
    from prismafix.known_errors.catalogue import nearest
    from prismafix.rules.registry import names

    shown = mask(text)
    shown = shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
    near = [error.key for error in nearest(text)] or [*([] if " " in text else _names_near(text))]
    hint = f" (the nearest: {', '.join(near)})" if near else closest(text, names().values())
    return f"{shown} is no rule and no error that is known here{hint}: `prismafix rules` and `explain --list` show all"


def _names_near(text: str) -> list[str]:
    from difflib import get_close_matches

    from prismafix.rules.registry import names

    return get_close_matches(text.lower(), names().values(), n=2, cutoff=0.6)


def _list(output: str) -> None:
    from prismafix.known_errors.catalogue import catalogue
    from prismafix.known_errors.shown import explanation_data

    if output == "json":
        _show({"kind": "list", "errors": [explanation_data(error) for error in catalogue()]})
        return
    width = max(len(error.key) for error in catalogue())
    _show("\n".join(f"{error.key:{width}}  {error.title}" for error in catalogue()))


def _log(output: str) -> None:
    from prismafix.known_errors.log import bounded, read
    from prismafix.known_errors.shown import log_data, log_text

    if sys.stdin.isatty():
        print("Paste the log, then Enter and Ctrl-D.", file=sys.stderr)
    log = read(bounded(sys.stdin.buffer))
    found = _project() if log.groups else None
    findings, files, root = found if found is not None else (None, (), None)
    if output == "json":
        _show(log_data(log, findings, files, str(root) if root is not None else None))
    else:
        _show(log_text(log, findings, files, _width()))


def _project() -> tuple[tuple[Reported, ...], tuple[str, ...], Path] | None:
    """Findings, files and root of the project around the current folder, if there is one with Prisma."""
    from pathlib import Path

    from prismafix.cli.roots import place, workspace_root
    from prismafix.cli.settings import prepare
    from prismafix.cli.terminal import bar
    from prismafix.engine.kept import run_kept
    from prismafix.engine.summary import remaining

    here = Path.cwd()
    if workspace_root(here.resolve()) is None and not (place((), here).root / "package.json").exists():
        return None
    unset: dict[str, Any] = dict.fromkeys(
        ("select", "ignore", "exclude", "include_scripts", "chunk_size", "call_depth", "jobs", "config")
    )
    try:
        job = prepare(None, strict=False, **unset)
        with bar() as progress:
            result = run_kept(job.listed, job.options, job.cache, progress)
    except UserError as error:
        print(
            f"prismafix: {' '.join(str(error).split())}; so the log is explained without the project", file=sys.stderr
        )
        return None
    job.warn()
    return (remaining(result), job.listed.files, result.root) if result.uses_prisma else None


def _show(what: str | dict[str, Any]) -> None:
    if isinstance(what, str):
        print(what)
        return
    import json

    from prismafix.cli.terminal import write_bytes

    write_bytes(f"{json.dumps({'version': 1, **what}, indent=2, ensure_ascii=False)}\n".encode("utf-8", "replace"))


def _width() -> int:
    from shutil import get_terminal_size

    return min(_WIDEST, get_terminal_size().columns)


def _wrapped(text: str) -> str:
    """Paragraphs in lines that fit the terminal and are not too long to read; lists and code stay as they are."""
    from textwrap import fill

    kept = ("-", "*", "|", "    ", "```", "1.")
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        p if p.startswith(kept) else fill(p, _width(), break_long_words=False, break_on_hyphens=False)
        for p in paragraphs
    )
