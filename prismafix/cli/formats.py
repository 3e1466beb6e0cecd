"""The reports of `check` that are not for the terminal, as bytes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prismafix.cli.outputs import compared

if TYPE_CHECKING:
    from prismafix.cli.settings import Job
    from prismafix.engine.model import Result


def rendered(result: Result, job: Job, *, quiet: bool) -> bytes:
    """The report as JSON. Unless `quiet`, standard error has what is known by a baseline."""
    from prismafix.report.json_report import to_json

    for line in compared(job.baseline, result, job.options) if job.baseline is not None and not quiet else []:
        print(f"prismafix: {line}", file=sys.stderr)
    return to_json(result).encode("utf-8", "replace")
