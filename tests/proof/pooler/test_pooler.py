"""A small server behind a real PgBouncer in transaction mode: what that cures, and what it breaks.

The server has room for 20 connections. As in `exhaustion/`, nothing here depends on how fast the machine is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from fixtures_harness.typechecking import require_installed

from ..exhaustion import instances as running
from ..exhaustion.database import LEFT, ROWS, TOO_MANY, Database, small_server
from ..exhaustion.instances import instances, tables
from ..packages import UnavailableError, find
from ..running import VERSIONS
from .pooler import pooler

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDERS = running.PROJECTS / "orders"
NAMED = Path(__file__).resolve().parent / "projects" / "named"
SIZE = 5  # the pooler's connections to the server
CLIENTS = 60
LOCK = 72707369  # what `prisma migrate` locks while it works (docs)
FOLLOWS = (1, 21)  # the first PgBouncer that follows prepared statements

NUMBERS = count()


@pytest.fixture(scope="module")
def place() -> Iterator[dict[str, Any]]:
    try:
        find("pgbouncer")
    except UnavailableError as error:
        pytest.skip(str(error))
    require_installed()
    with small_server() as found:
        yield found


@contextmanager
def database(place: dict[str, Any], root: Path = ORDERS, version: str = "7") -> Iterator[Database]:
    made = Database(place, f"pooled{next(NUMBERS)}", tables(root, version) + ROWS)
    try:
        yield made
    finally:
        made.close()


def prismafix(*arguments: str) -> str:
    command = [sys.executable, "-m", "prismafix", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def advised() -> str:
    """The `max` that prismafix says for a function behind PgBouncer."""
    arguments = ("--prisma", "7", "--target", "serverless", "--provider", "pgbouncer", "--format", "json")
    said = prismafix("url", *arguments, "postgresql://app@db.example.com/shop")
    return str(json.loads(said)["adapter"]["options"]["max"])


@pytest.fixture(scope="module")
def version_here(place: dict[str, Any]) -> tuple[int, ...]:
    """Of the PgBouncer."""
    with pooler(place) as bouncer:
        return bouncer.version()


@pytest.mark.parametrize("version", VERSIONS)
def test_sixty_clients_share_the_connections_of_the_pooler(version: str, advised: str, place: dict[str, Any]) -> None:
    """Each call has a client of its own, as each instance of a function would."""
    with (
        database(place, version=version) as shop,
        pooler(place, default_pool_size=SIZE) as bouncer,
        instances(ORDERS, version, shop, DATABASE_URL=bouncer.url(shop), POOL_SIZE=advised) as program,
    ):
        with shop.locked("Order"):
            program.call("src/handlers/orders.ts", CLIENTS, 7)
            program.wait(lambda state: shop.blocked() == SIZE and bouncer.waiting() == CLIENTS - SIZE)
            assert shop.connections() == SIZE
        outcome = program.wait()
        cost = shop.cost()
    assert (outcome.answered, outcome.errors) == (CLIENTS, ())
    assert (cost.connections, cost.peak, cost.refused) == (SIZE, SIZE, 0)


def test_without_the_pooler_the_same_clients_fill_the_server(advised: str, place: dict[str, Any]) -> None:
    with (
        database(place) as shop,
        instances(ORDERS, "7", shop, POOL_SIZE=advised) as program,
    ):
        with shop.locked("Order"):
            program.call("src/handlers/orders.ts", CLIENTS, 7)
            program.wait(lambda state: shop.blocked() + shop.refused() == CLIENTS)
            assert shop.connections() == LEFT
        outcome = program.wait()
    assert (outcome.answered, len(outcome.errors)) == (LEFT, CLIENTS - LEFT)
    assert all(error.startswith("P2037: ") and error.endswith(TOO_MANY) for error in outcome.errors), outcome.errors


@pytest.mark.parametrize("suffices", [True, False])
def test_a_pooler_has_room_for_small_pools(suffices: bool, advised: str, place: dict[str, Any]) -> None:
    """Five queries at once in each of 60 clients: with a connection each the pooler has room for them, with the
    driver's default they want 300 of its 100.
    """
    size = advised if suffices else "10"
    with (
        database(place) as shop,
        pooler(place, default_pool_size=SIZE, max_client_conn=100) as bouncer,
        instances(ORDERS, "7", shop, DATABASE_URL=bouncer.url(shop), POOL_SIZE=size) as program,
    ):
        with shop.locked("Order"):
            program.call("src/handlers/largest.ts", CLIENTS)
            program.wait(lambda state: shop.blocked() == SIZE and state.asked == CLIENTS * 5)
        outcome = program.wait()
        assert shop.cost().peak == SIZE
    if suffices:
        assert (outcome.answered, outcome.errors) == (CLIENTS, ())
    else:
        assert outcome.errors
        assert all("no more connections allowed" in error for error in outcome.errors), outcome.errors
        assert prismafix("explain", outcome.errors[0]).startswith("too-many-clients")


def two_programs(place: dict[str, Any], version: str, named: bool, **settings: int) -> list[str]:
    """The errors of a program that asks through a connection on which another one has asked the same."""
    env = {"NAMED": "1"} if named else {}
    with (
        database(place, NAMED, version) as shop,
        pooler(place, default_pool_size=1, **settings) as bouncer,
        instances(NAMED, version, shop, DATABASE_URL=bouncer.url(shop), **env) as one,
        instances(NAMED, version, shop, DATABASE_URL=bouncer.url(shop), **env) as other,
    ):
        one.call("src/orders.ts", 1, 7)
        assert one.wait().errors == ()
        other.call("src/orders.ts", 1, 7)
        return list(other.wait().errors)


def another_connection(place: dict[str, Any], version: str, named: bool, **settings: int) -> list[str]:
    """The errors of a program that gets another connection than the one on which it asked before."""
    env = {"NAMED": "1"} if named else {}
    with (
        database(place, NAMED, version) as shop,
        pooler(place, default_pool_size=2, **settings) as bouncer,
        instances(NAMED, version, shop, DATABASE_URL=bouncer.url(shop), **env) as program,
    ):
        program.call("src/orders.ts", 1, 7)
        assert program.wait().errors == ()
        assert shop.connections() == 1
        with psycopg.connect(bouncer.url(shop), prepare_threshold=None) as busy, busy.transaction():
            busy.execute("select 1")
            assert shop.connections() == 1
            program.call("src/orders.ts", 1, 7)
            return list(program.wait().errors)


SITUATIONS = pytest.mark.parametrize(("situation", "text"), [
    (two_programs, 'prepared statement "s0" already exists'),
    (another_connection, 'prepared statement "s0" does not exist'),
])  # fmt: skip


@SITUATIONS
def test_named_statements_break_where_the_pooler_does_not_follow_them(
    situation: Any, text: str, version_here: tuple[int, ...], place: dict[str, Any]
) -> None:
    """`statementNameGenerator` is an option of `PrismaPg` from 7 on."""
    [error] = situation(place, "7", named=True, **following(0, version_here))
    assert text in error
    assert prismafix("explain", error).startswith("prepared-statement")


@pytest.mark.parametrize("version", VERSIONS)
@SITUATIONS
def test_unnamed_statements_do_not_break(
    situation: Any, text: str, version: str, version_here: tuple[int, ...], place: dict[str, Any]
) -> None:
    """`PrismaPg` names none unless it is told to: with it there is no `pgbouncer=true` to set."""
    assert situation(place, version, named=False, **following(0, version_here)) == []


@SITUATIONS
def test_a_pooler_that_follows_statements_keeps_them_apart(
    situation: Any, text: str, version_here: tuple[int, ...], place: dict[str, Any]
) -> None:
    if version_here < FOLLOWS:
        pytest.skip(f"PgBouncer {'.'.join(map(str, version_here))} does not follow statements, 1.21 is the first")
    assert situation(place, "7", named=True, **following(200, version_here)) == []


def following(statements: int, version: tuple[int, ...]) -> dict[str, int]:
    """How many prepared statements the pooler follows; older ones follow none and refuse the setting."""
    return {"max_prepared_statements": statements} if version >= FOLLOWS else {}


@pytest.mark.parametrize(("pooled", "still_locked"), [(False, False), (True, True)])
def test_the_lock_of_a_migration_outlives_it_behind_a_pooler(
    pooled: bool, still_locked: bool, place: dict[str, Any]
) -> None:
    """PF506: `prisma migrate` takes an advisory lock, which its connection holds until it ends (docs; the engine itself
    cannot be run here). The pooler keeps the connection: the next migration waits in vain.
    """
    with database(place) as shop, pooler(place) as bouncer:
        with psycopg.connect(bouncer.url(shop) if pooled else shop.url, autocommit=True) as migration:
            migration.execute(f"select pg_advisory_lock({LOCK})")
        held = f"select count(*) from pg_locks where locktype = 'advisory' and objid = {LOCK}"
        if pooled:
            assert shop.rows(held) == [(1,)]
        else:
            program_ended(shop)
        [(taken,)] = shop.rows(f"select pg_try_advisory_lock({LOCK})")
    assert taken is not still_locked


def program_ended(shop: Database) -> None:
    """Wait until the server has noticed that nobody is there."""
    deadline = time.monotonic() + running.PATIENCE
    while shop.connections():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_migrations_hold_the_same_lock_behind_a_pooler(place: dict[str, Any]) -> None:
    """PF506: and where they share a connection, the lock keeps neither of them out."""
    taken = {}
    with database(place) as shop, pooler(place, default_pool_size=1) as bouncer:
        for url in (shop.url, bouncer.url(shop)):
            with psycopg.connect(url, autocommit=True) as one, psycopg.connect(url, autocommit=True) as other:
                query = f"select pg_try_advisory_lock({LOCK})"
                taken[url] = [migration.execute(query).fetchall()[0][0] for migration in (one, other)]
            if url == shop.url:
                program_ended(shop)
        assert taken == {shop.url: [True, False], bouncer.url(shop): [True, True]}


def test_a_setting_of_a_session_is_lost_and_reaches_others_behind_a_pooler(place: dict[str, Any]) -> None:
    def timeout(connection: psycopg.Connection) -> str:
        return str(connection.execute("show statement_timeout").fetchall()[0][0])

    with database(place) as shop, pooler(place, default_pool_size=2) as bouncer:
        url = bouncer.url(shop)
        with psycopg.connect(url, autocommit=True) as one, psycopg.connect(url, autocommit=True) as other:
            one.execute("set statement_timeout = '7s'")
            with other.transaction():
                # There was one connection to get, so this is it.
                assert timeout(other) == "7s"
                assert timeout(one) == "0"
