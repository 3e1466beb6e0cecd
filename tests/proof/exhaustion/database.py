"""A small server, seen through one connection that is open before anybody can use up the rest."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from ..running import server

if TYPE_CHECKING:
    from collections.abc import Iterator

HARNESS = "prismafix proof harness"
LIMIT = 20
"""The server's `max_connections`."""
LEFT = LIMIT - 1
"""How many of them are left for the programs under test: one is the observer's."""
TOO_MANY = "sorry, too many clients already"
ROWS = 'insert into "Order" (customer, cents) select n % 40, n * 7 % 100 from generate_series(1, 200) as n;'
"""For the schema of `projects/`."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a database's server logged: statements, connections it let in, the most of these at once, and how many it
    turned away because it had no room.
    """

    statements: int
    connections: int
    peak: int
    refused: int


def slow(seconds: float) -> str:
    """SQL that makes each query of orders take so long, as if there were more of them."""
    return (
        'alter table "Order" rename to "OrderRow";'
        f'create view "Order" as select "OrderRow".* from (select pg_sleep({seconds})) as slow, "OrderRow";'
    )


class Database:
    """A database of its own, and the observer's connection to it."""

    def __init__(self, place: dict[str, Any], name: str, content: str) -> None:
        """`place` as `server()` gives it; `content`: SQL that makes the tables and their rows."""
        self.url = f"postgresql://{place['user']}:{place['password']}@{place['host']}:{place['port']}/{name}"
        self.name = name
        self._log = Path(place["log"])
        with psycopg.connect(self.url.removesuffix(name) + "postgres", autocommit=True) as admin:
            admin.execute(f'create database "{name}"'.encode())
        self._observer = psycopg.connect(self.url, autocommit=True, application_name=HARNESS)
        self._observer.execute(content.encode())
        self._offset = self._log.stat().st_size

    def close(self) -> None:
        """End everybody's connections and remove the database."""
        self._observer.close()
        with psycopg.connect(self.url.removesuffix(self.name) + "postgres", autocommit=True) as admin:
            admin.execute(f'drop database if exists "{self.name}" with (force)'.encode())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the observer gets for `query`."""
        return self._observer.execute(query.encode()).fetchall()

    def connections(self) -> int:
        """How many connections others have at this moment."""
        [(count,)] = self.rows(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return int(count)

    def blocked(self) -> int:
        """How many connections wait for a lock at this moment."""
        # Unlike pg_stat_activity this view is no snapshot of the transaction that asks.
        return int(self.rows("select count(*) from pg_locks where not granted")[0][0])

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Whoever reads `table` meanwhile waits, and holds its connection: the moment in which a server runs out."""
        with self._observer.transaction():
            self._observer.execute(f'lock table "{table}" in access exclusive mode'.encode())
            yield

    def cost(self) -> Cost:
        """What was logged about this database since it was made, or since the last call."""
        marker = f"end {time.monotonic_ns()}"
        self.rows(f"select '{marker}'")
        statements = connections = refused = peak = 0
        opened: set[int] = set()
        for entry in self._entries(marker):
            message = entry.get("message", "")
            if entry.get("dbname") != self.name or entry.get("application_name") == HARNESS:
                continue
            if message.startswith("connection authorized: ") and HARNESS not in message:
                connections += 1
                opened.add(entry["pid"])
                peak = max(peak, len(opened))
            elif message.startswith("disconnection: "):
                opened.discard(entry["pid"])
            elif message.startswith(("statement: ", "execute ")):
                statements += 1
            elif TOO_MANY in message:
                refused += 1
        return Cost(statements, connections, peak, refused)

    def refused(self) -> int:
        """How many connections the server has turned away since this database was made, for all databases: it does
        so before it asks which one is wanted.
        """
        with self._log.open("rb") as log:
            log.seek(self._offset)
            return log.read().count(TOO_MANY.encode())

    def _entries(self, marker: str) -> Iterator[dict[str, Any]]:
        """The log's entries, up to the one that holds `marker`: it was sent after everything else was answered."""
        rest = b""
        with self._log.open("rb") as log:
            log.seek(self._offset)
            while True:
                data = log.read()
                if not data:
                    time.sleep(0.01)
                    continue
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    entry = json.loads(line)
                    yield entry
                    if marker in entry.get("message", ""):
                        self._offset = log.tell() - len(rest)
                        return


@contextmanager
def small_server() -> Iterator[dict[str, Any]]:
    """A server with room for LIMIT connections, ordinary ones all of them."""
    with server(max_connections=LIMIT, superuser_reserved_connections=0) as place:
        yield place
