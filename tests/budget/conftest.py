"""Small servers of our own, for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proof.running import server

from .mariadb import MISSING, mariadb, programs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def small_postgres() -> Iterator[dict[str, Any]]:
    """A PostgreSQL with 20 connections, 3 of them reserved: host, port, user, password, log."""
    with server(max_connections=20, superuser_reserved_connections=3) as place:
        yield place


@pytest.fixture(scope="session")
def small_mariadb() -> Iterator[int]:
    """The port of a MariaDB with 20 connections."""
    if programs() is None:
        pytest.skip(MISSING)
    with mariadb() as port:
        yield port
