"""A file could not be analysed.

The file is unreadable, not UTF-8, larger than the limit, or has syntax errors where it matters. The rest of the
project is analysed as usual, and nothing is ever rewritten next to an error. Such files are listed under `errors` in
the JSON report and at the end of the text report; with `--strict` they make the exit code 1.

What to do: fix the file, or exclude it in `prismafix.toml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.rules.model import Applicability, Finding

BEST: Applicability = "none"


def check(project: Project) -> Iterable[Finding]:
    """None: the engine reports problems as `errors`, since any stage can meet one."""
    return ()
