"""A server with room for 20 connections: what fails before `prismafix fix` and no longer fails after it.

Nothing here depends on how fast the machine is. Where a test needs that many calls are under way at once, it locks the
table that they read and lets go when every one of them waits, is queued or has failed.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from fixtures_harness.typechecking import require_installed

from ..running import VERSIONS
from .database import LEFT, ROWS, TOO_MANY, Database, slow, small_server
from .instances import PARTS, PROJECTS, Instances, State, fixed, instances, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POOL = 10  # pg's default

NUMBERS = count()


@pytest.fixture(scope="module")
def place() -> Iterator[dict[str, Any]]:
    require_installed()
    with small_server() as found:
        yield found


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """By name, each project before and after."""
    options = {"orders": (), "report": (), "checkout": ("--unsafe-fixes",)}
    return {name: fixed(PROJECTS / name, tmp_path_factory.mktemp(name), *options[name]) for name in options}


@contextmanager
def database(place: dict[str, Any], root: Path, version: str, more: str = "") -> Iterator[Database]:
    made = Database(place, f"shop{next(NUMBERS)}", tables(root, version) + ROWS + more)
    try:
        yield made
    finally:
        made.close()


def all_at_once(running: Instances, shop: Database, file: str, each: int, queries: int, *arguments: object) -> State:
    """Call the handler `each` times in each instance, at the same time: nobody gets an answer before all `queries`
    hold a connection, wait in a pool that is full, or have failed for want of one.
    """
    with shop.locked("Order"):
        running.call(file, each, *arguments)
        running.wait(lambda state: state.asked == queries and settled(state, shop))
    return running.wait()


def settled(state: State, shop: Database) -> bool:
    """Whether none of those who asked for a connection is still on the way to it."""
    blocked = shop.blocked()
    return state.held == blocked and blocked + state.queued + shop.refused() == state.asked


def turned_away(error: str) -> bool:
    """Whether `error` is Prisma's for a server that is full."""
    return error.startswith("P2037: ") and error.endswith(TOO_MANY)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_per_call_fails_and_a_shared_one_does_not(
    version: str, place: dict[str, Any], projects: dict[str, dict[str, Path]]
) -> None:
    outcome = {}
    for part in PARTS:
        root = projects["orders"][part]
        with database(place, root, version) as shop, instances(root, version, shop) as running:
            outcome[part] = all_at_once(running, shop, "src/handlers/orders.ts", 60, 60, 7), shop.cost()

    before, cost = outcome["before"]
    # There is room for 19: whoever comes later finds the server full.
    assert len(before.errors) >= 60 - LEFT
    assert all(turned_away(error) for error in before.errors), before.errors
    assert cost.refused == len(before.errors)

    after, cost = outcome["after"]
    assert after.errors == ()
    assert after.answered == 60
    assert (cost.connections, cost.refused) == (POOL, 0)


def test_instances_keep_their_connection(place: dict[str, Any], projects: dict[str, dict[str, Path]]) -> None:
    """Three instances that get one call after the other never need more than three connections: what a shared client
    spares them is opening one for each call.
    """
    opened = {}
    for part in PARTS:
        root = projects["orders"][part]
        with database(place, root, "7") as shop, instances(root, "7", shop, 3) as running:
            for _ in range(5):
                running.call("src/handlers/orders.ts", 1, 7)
                assert running.wait().errors == ()
            opened[part] = shop.cost().connections
    assert opened == {"before": 15, "after": 3}


@pytest.mark.parametrize(("part", "size", "suffices"), [
    ("before", POOL, False),  # 9 calls, and each opens the 5 connections that it can use
    ("before", 4, False),  # 9 calls with 4 connections each
    ("after", POOL, False),  # 3 instances with 10 connections each
    ("after", 4, True),  # 3 instances with 4 connections each
])  # fmt: skip
def test_instances_need_a_shared_client_and_a_limit(
    part: str, size: int, suffices: bool, place: dict[str, Any], projects: dict[str, dict[str, Path]]
) -> None:
    """prismafix shares the client. How large its pool may be depends on how many instances there are."""
    root = projects["orders"][part]
    with database(place, root, "7") as shop, instances(root, "7", shop, 3, POOL_SIZE=str(size)) as running:
        outcome = all_at_once(running, shop, "src/handlers/largest.ts", 3, 45)
        cost = shop.cost()
    if suffices:
        assert outcome.errors == ()
        assert (outcome.answered, cost.connections, cost.refused) == (9, 12, 0)
    else:
        assert outcome.errors
        assert all(turned_away(error) for error in outcome.errors), outcome.errors


@pytest.mark.parametrize("version", VERSIONS)
def test_a_fan_out_runs_into_the_timeout_of_its_pool(
    version: str, place: dict[str, Any], projects: dict[str, dict[str, Path]]
) -> None:
    """A pool of 5 needs at least 2.3 s until the last of 120 queries of 0.1 s has its turn, and nobody may wait for
    longer than 2 s.
    """
    outcome = {}
    for part in PARTS:
        root = projects["report"][part]
        with database(place, root, version, slow(0.1)) as shop, instances(root, version, shop) as running:
            # Connecting is part of the 2 s, and takes longer where the machine is busy: not what is shown here.
            while shop.connections() < 5:
                running.call("src/report.ts", 1, list(range(5)))
                warm = running.wait()
            shop.cost()
            running.call("src/report.ts", 1, list(range(120)))
            outcome[part] = running.wait().errors[len(warm.errors) :]
            assert shop.cost().connections == 0
    [error] = outcome["before"]
    assert error.endswith("timeout exceeded when trying to connect")
    assert outcome["after"] == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_outer_client_waits_for_its_own_transaction(
    version: str, place: dict[str, Any], projects: dict[str, dict[str, Path]]
) -> None:
    written = {}
    for part in PARTS:
        root = projects["checkout"][part]
        with database(place, root, version) as shop, instances(root, version, shop) as running:
            running.call("src/checkout.ts", 1, 7, 1_000)
            outcome = running.wait()
            if part == "before":
                [error] = outcome.errors
                assert error.startswith("P2028: ")
            else:
                assert outcome.errors == ()
            [written[part]] = shop.rows(
                'select (select count(*) from "Order" where cents = 1000), (select count(*) from "Log")'
            )
    # The note of an order that was rolled back is what the wrong client leaves behind.
    assert written == {"before": (0, 1), "after": (1, 1)}
