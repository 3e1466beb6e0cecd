"""The reports of `check` that are not for the terminal, as bytes; what they leave out goes to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prismafix.cli.outputs import compared
from prismafix.cli.roots import repository_top

if TYPE_CHECKING:
    from prismafix.cli.options import Format
    from prismafix.cli.settings import Job
    from prismafix.engine.model import Result


def rendered(result: Result, job: Job, form: Format, *, with_suppressed: bool, quiet: bool) -> bytes:
    """The report in `form`. Unless `quiet`, standard error has what is known by a baseline, and what was cut off."""
    notes = compared(job.baseline, result, job.options) if job.baseline is not None else []
    text, cut = _made(result, job, form, with_suppressed=with_suppressed, known=notes)
    for line in [] if quiet else [*notes, *cut]:
        print(f"prismafix: {line}", file=sys.stderr)
    return text.encode("utf-8", "replace")


def _made(
    result: Result, job: Job, form: Format, *, with_suppressed: bool, known: list[str]
) -> tuple[str, tuple[str, ...]]:
    if form == "json":
        from prismafix.report.json_report import to_json

        return to_json(result), ()
    prefix, pages = _prefix(result), job.rule_pages
    if form == "sarif":
        from prismafix.report.sarif import to_sarif

        return to_sarif(result, prefix=prefix, pages=pages, with_suppressed=with_suppressed)
    if form == "github":
        from prismafix.report.github import to_commands

        return to_commands(result, prefix=prefix), ()
    if form == "markdown":
        from prismafix.report.markdown import to_markdown

        return to_markdown(result, prefix=prefix, pages=pages, known=known), ()
    from prismafix.report.html import to_html

    return to_html(result, pages=pages, known=known), ()


def _prefix(result: Result) -> str:
    """What goes before every path so that it is one of the repository: "", or a folder with a final `/`."""
    top = repository_top(result.root) or result.root
    return "" if top == result.root else result.root.relative_to(top).as_posix() + "/"
