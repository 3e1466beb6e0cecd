"""A MariaDB, seen through an administrator's connection, for whom there is always room."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

import pymysql

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = "app"
"""The user of the programs under test."""
PASSWORD = "not-a-secret"
ROOM = 40
"""The server's `max_connections` and `max_user_connections`, unless a test makes them smaller."""
SMALLEST = 10
"""What it takes for `max_connections`."""


class Database:
    """The database `shop`, for the schema of `projects/`."""

    def __init__(self, place: dict[str, Any]) -> None:
        """`place` as `service()` gives it."""
        self._place = place
        self._admin = self.connect(place["user"], place["password"])
        self._locker = self.connect(place["user"], place["password"])
        self.url = f"mysql://{APP}:{PASSWORD}@{place['host']}:{place['port']}/shop"
        for statement in (
            "create database shop",
            "use shop",
            "create table `Order` (id int auto_increment primary key, customer int not null, cents int not null)",
            "insert into `Order` (customer, cents) select seq % 40, seq * 7 % 100 from seq_1_to_200",
            f"create user {APP}@{place['host']} identified by '{PASSWORD}'",
            f"grant all on shop.* to {APP}@{place['host']}",
        ):
            self.rows(statement)

    def connect(self, user: str = APP, password: str = PASSWORD) -> pymysql.Connection:
        """A connection as somebody."""
        return pymysql.connect(
            host=self._place["host"], port=self._place["port"], user=user, password=password, autocommit=True
        )

    def close(self) -> None:
        """End the administrator's connections."""
        self._locker.close()
        self._admin.close()

    def rows(self, query: str) -> tuple[tuple[Any, ...], ...]:
        """What an administrator gets for `query`."""
        return _rows(self._admin, query)

    def connections(self, where: str = "true") -> int:
        """How many connections the programs under test have at this moment."""
        found = self.rows(f"select count(*) from information_schema.processlist where user = '{APP}' and {where}")
        return int(found[0][0])

    def blocked(self) -> int:
        """How many of them wait for a table."""
        return self.connections("state like 'Waiting for table %'")

    def most_at_once(self) -> int:
        """The most connections since the last call, without ours."""
        [(_, most)] = self.rows("show global status like 'Max_used_connections'")
        self.rows("flush status")
        return int(most) - 2

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Whoever reads `table` meanwhile waits, and holds its connection."""
        _rows(self._locker, f"lock tables shop.`{table}` write")
        try:
            yield
        finally:
            _rows(self._locker, "unlock tables")

    @contextmanager
    def full(self, count: int) -> Iterator[None]:
        """As many connections of the programs' user, and not one more, until the end of the context."""
        with ExitStack() as stack:
            for _ in range(count):
                stack.enter_context(closing(self.connect()))
            yield

    @contextmanager
    def setting(self, name: str, value: int) -> Iterator[None]:
        """A setting of the server, until the end of the context."""
        [(before,)] = self.rows(f"select @@global.{name}")
        self.rows(f"set global {name} = {value}")
        try:
            yield
        finally:
            self.rows(f"set global {name} = {before}")


def _rows(connection: pymysql.Connection, query: str) -> tuple[tuple[Any, ...], ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
