"""Results to report on, of toys and of the fixture cases."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.engine.model import Options, Result
from prismafix.engine.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.engine.model import FileChange

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
OFFERS = Options(offers=True, jobs=1)


def of_folder(folder: Path, at: Path, options: Options = OFFERS) -> Result:
    """The result for a copy of `folder` in `at`, away from any repository."""
    shutil.copytree(folder, at)
    return run(at, options)


def with_changes(result: Result, changes: Sequence[FileChange]) -> Result:
    """The result, with a first fix that makes these changes."""
    return replace(result, offers=(replace(result.offers[0], changes=tuple(changes)), *result.offers[1:]))
