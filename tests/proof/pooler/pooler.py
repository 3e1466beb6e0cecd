"""A PgBouncer in transaction mode in front of the small server of `exhaustion/`."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from ..running import service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..exhaustion.database import Database


class Pooler:
    """A PgBouncer, seen through its console."""

    def __init__(self, place: dict[str, Any]) -> None:
        """`place` as `service()` gives it."""
        self._base = f"postgresql://{place['user']}:{place['password']}@{place['host']}:{place['port']}"
        self._console = psycopg.connect(f"{self._base}/pgbouncer", autocommit=True)

    def close(self) -> None:
        """End the connection to the console."""
        self._console.close()

    def url(self, database: Database) -> str:
        """The way to `database` through the pooler."""
        return f"{self._base}/{database.name}"

    def waiting(self) -> int:
        """How many clients wait for a connection of the server at this moment."""
        with self._console.cursor() as cursor:
            rows = cursor.execute("show pools").fetchall()
            column = [each.name for each in cursor.description or ()].index("cl_waiting")
        return sum(int(row[column]) for row in rows)

    def version(self) -> tuple[int, ...]:
        """Such as (1, 18, 0)."""
        with self._console.cursor() as cursor:
            [(said,)] = cursor.execute("show version").fetchall()
        return tuple(int(part) for part in str(said).split()[-1].split(".") if part.isdigit())


@contextmanager
def pooler(place: dict[str, Any], **settings: object) -> Iterator[Pooler]:
    """A PgBouncer in front of the server at `place`, until the end of the context."""
    with service("pgbouncer", server=place, **settings) as found, closing(Pooler(found)) as made:
        yield made
