"""Six instances of a function that may have 10 connections each, and a server with room for 19: the pool's limit that
`prismafix fix` writes at the adapter is what makes them fit.

How many connections one program opens with and without the limit is in the fixture cases of PF501 and PF505.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from fixtures_harness.typechecking import require_installed

from .database import LEFT, ROWS, TOO_MANY, Database, small_server
from .instances import PARTS, PROJECTS, fixed, instances, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 6
QUERIES = 5  # at once, in each of them
SIZE = 3
PARAMETERS = f"?connection_limit={SIZE}&pool_timeout=20"


@pytest.fixture(scope="module")
def place() -> Iterator[dict[str, Any]]:
    require_installed()
    with small_server() as found:
        yield found


@pytest.mark.parametrize(("rule", "parameters"), [("PF501", ""), ("PF505", PARAMETERS)])
def test_instances_fit_with_the_limit_that_prismafix_wrote(
    rule: str, parameters: str, place: dict[str, Any], tmp_path: Path
) -> None:
    """PF501: nobody has set a limit. PF505: it is in the URL, which the adapter does not read it from."""
    project = tmp_path / "project"
    shutil.copytree(PROJECTS / "functions", project)
    if parameters:
        (project / ".env.production").write_text(f'DATABASE_URL="postgresql://shop@db.example.com/shop{parameters}"\n')
    parts = fixed(project, tmp_path, "--unsafe-fixes")
    for part in PARTS:
        content = tables(parts[part], "7") + ROWS
        with (
            closing(Database(place, f"{rule.lower()}-{part}", content)) as shop,
            instances(parts[part], "7", shop, COUNT, DATABASE_URL=shop.url + parameters) as program,
        ):
            wanted = COUNT * (QUERIES if part == "before" else SIZE)
            with shop.locked("Order"):
                program.call("src/largest.ts", 1)
                program.wait(
                    lambda state, shop=shop, wanted=wanted: (
                        state.asked == COUNT * QUERIES and shop.blocked() + shop.refused() == wanted
                    )
                )
                assert shop.blocked() == min(wanted, LEFT)
            outcome, cost = program.wait(), shop.cost()
        if part == "before":
            assert outcome.errors
            assert all(error.startswith("P2037: ") and error.endswith(TOO_MANY) for error in outcome.errors)
            assert cost.refused == wanted - LEFT
        else:
            assert (outcome.answered, outcome.errors) == (COUNT, ())
            assert (cost.connections, cost.refused) == (wanted, 0)
