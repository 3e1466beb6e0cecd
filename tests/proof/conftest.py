"""One server and one program per Prisma version for each process of a test run."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from fixtures_harness.typechecking import require_installed

from .running import HERE, VERSIONS, Runner, server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def runners() -> Iterator[dict[str, Runner]]:
    """By version, what runs a scenario."""
    require_installed()
    if not (HERE / "node_modules" / ".package-lock.json").is_file():
        raise RuntimeError(f"{HERE}: nothing is installed here; run `make node`")
    with ExitStack() as stack:
        place = stack.enter_context(server())
        found = {version: Runner(version, place) for version in VERSIONS}
        for runner in found.values():
            stack.callback(runner.close)
        yield found
