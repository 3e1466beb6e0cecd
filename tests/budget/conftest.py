"""Small servers of our own, for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymysql
import pytest
from proof.running import server, service

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 20
MARIA_SECRET = "s3cr3t-of-maria"


@pytest.fixture(scope="session")
def small_postgres() -> Iterator[dict[str, Any]]:
    """A PostgreSQL with 20 connections, 3 of them reserved: host, port, user, password, log."""
    with server(max_connections=MOST, superuser_reserved_connections=3) as place:
        yield place


@pytest.fixture(scope="session")
def small_pgbouncer(small_postgres: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A PgBouncer in transaction mode in front of it: host, port, user, password."""
    _needs("pgbouncer")
    with service("pgbouncer", server=small_postgres) as place:
        yield place


@pytest.fixture(scope="session")
def small_mariadb() -> Iterator[int]:
    """The port of a MariaDB with 20 connections and the users shop and worker; worker may see all processes."""
    _needs("mariadbd")
    with service("mariadbd", max_connections=MOST) as place:
        given = {key: place[key] for key in ("host", "port", "user", "password")}
        with pymysql.connect(**given) as admin, admin.cursor() as cursor:
            cursor.execute("create database shop")
            for user in ("shop", "worker"):
                cursor.execute(f"create user {user}@'127.0.0.1' identified by '{MARIA_SECRET}'")
                cursor.execute(f"grant all on shop.* to {user}@'127.0.0.1'")
            cursor.execute("grant process on *.* to worker@'127.0.0.1'")
        yield int(place["port"])


def _needs(name: str) -> None:
    from proof import packages

    try:
        packages.find(name)
    except packages.UnavailableError as error:
        pytest.skip(str(error))
