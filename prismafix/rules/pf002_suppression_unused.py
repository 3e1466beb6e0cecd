"""A suppression comment suppresses nothing.

`// prismafix-ignore PF303 -- reason` stands on the line of a finding or on the line above it. When the finding is
gone, the comment misleads: the next finding there would be hidden.

The fix removes the code from the comment, or the whole comment when no code is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.rules.model import Applicability, Finding

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """None: the engine makes these findings, since only it knows which suppressions were used."""
    return ()
