"""What a live PostgreSQL or MySQL says of its connections: read-only, with short timeouts, nothing is kept.

Drivers are loaded when they are needed (the extra `budget`). No message holds the password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import unquote

from prismafix.connection.interpolation import interpolations
from prismafix.connection.masking import MASK, mask
from prismafix.connection.providers import recognise
from prismafix.connection.url import NotAConnectionStringError, parse, value_of
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.connection.providers import Recognised
    from prismafix.connection.url import ConnectionUrl

TIMEOUT = 5
"""Seconds to connect, and for each statement."""
NAME = "prismafix budget"
"""What our own connection calls itself; it is not counted."""
HIDDEN = "(not visible)"


@dataclass(frozen=True, slots=True)
class Use:
    """So many connections of one user, application and state. `own`: the user is the one of the connection string."""

    user: str
    application: str
    state: str
    count: int
    own: bool


@dataclass(frozen=True, slots=True)
class Live:
    """What a database said. `reserved` are (setting, connections), `ceilings` (what limits this user or database,
    connections) beside `max_connections`, `uses` without our own connection, the most first."""

    database: Literal["postgresql", "mysql"]
    server: str
    max_connections: int
    reserved: tuple[tuple[str, int], ...]
    ceilings: tuple[tuple[str, int], ...]
    uses: tuple[Use, ...]

    @property
    def used(self) -> int:
        """All connections but ours."""
        return sum(use.count for use in self.uses)

    @property
    def own(self) -> int:
        """Those of the connection string's user."""
        return sum(use.count for use in self.uses if use.own)

    @property
    def others(self) -> int:
        """Those of everybody else."""
        return self.used - self.own


class Session(Protocol):
    """An open connection to look through."""

    recognised: Recognised

    def sample(self) -> Live:
        """What is there now. Raises UserError when the database does not answer any more."""

    def close(self) -> None:
        """End the connection."""


def connect(text: str) -> Session:
    """Connect with the connection string `text`. Raises UserError: no such string, no driver, no answer."""
    try:
        url = parse(text.strip())
    except NotAConnectionStringError as error:
        raise UserError(f"this is no connection string: {error}") from None
    if any(interpolations(part) for part in (url.user, url.password, url.path, *(h.name for h in url.hosts)) if part):
        raise UserError("the connection string has variables in it: give it with their values")
    if url.database == "postgresql":
        return _Postgres(url)
    if url.database == "mysql":
        return _MySql(url)
    raise UserError(f"a live database has to be PostgreSQL or MySQL, not {url.scheme}: give --max-connections instead")


def _driver(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise UserError(
            f"the driver {name} is not installed: `pip install '.[budget]'` in the checkout of prismafix, "
            "or give --max-connections instead"
        ) from None


def _failed(url: ConnectionUrl, error: Exception, doing: str) -> UserError:
    """One line for what a driver said, without the password in whatever form."""
    said = " ".join(str(error).split())
    for secret in {url.password or "", unquote(url.password or "")} - {""}:
        said = said.replace(secret, MASK)
    said = mask(said)
    if re.search(r"too many clients|connection slots are reserved|Too many connections|1203", said):
        return UserError(
            f"the database refuses, it is full at this moment ({said}): end idle connections, or connect as an "
            "administrator, for whom some are reserved"
        )
    return UserError(f"{doing}: {said}: check host, port, user and network, or give --max-connections instead")


def _places(url: ConnectionUrl, port: str) -> tuple[list[str], list[str]]:
    names = [unquote(host.name).strip("[]") for host in url.hosts]
    return names, [host.port or port for host in url.hosts]


class _Postgres:
    def __init__(self, url: ConnectionUrl) -> None:
        self.recognised = recognise(url)
        self._url = url
        psycopg = _driver("psycopg")
        self._error = psycopg.Error
        hosts, ports = _places(url, "5432")
        # Prisma's own parameters mean nothing to libpq, and it refuses what it does not know.
        more = {name: value for name in ("sslmode", "channel_binding", "host") if (value := value_of(url, name))}
        given = {"host": ",".join(hosts), "port": ",".join(ports), **{k: unquote(v) for k, v in more.items()}}
        try:
            self._connection = psycopg.connect(
                **given,
                user=unquote(url.user) if url.user is not None else None,
                password=unquote(url.password) if url.password is not None else None,
                dbname=unquote(url.path.lstrip("/")) or None,
                connect_timeout=TIMEOUT,
                application_name=NAME,
                autocommit=True,
                prepare_threshold=None,  # a pooler in transaction mode has none to offer
            )
        except (psycopg.Error, OSError, ValueError) as error:
            raise _failed(url, error, "the database does not answer") from None

    def sample(self) -> Live:
        begin = ("begin read only", f"set local statement_timeout = {TIMEOUT * 1000}")
        return _sampled(self._url, self._connection, self._error, begin, self._read)

    def close(self) -> None:
        self._connection.close()

    @staticmethod
    def _read(cursor: Any) -> Live:
        settings = dict(cursor.execute(_PG_SETTINGS).fetchall())
        user, is_super, role_limit, database_limit, server = cursor.execute(_PG_LIMITS).fetchone()
        rows = cursor.execute(_PG_USES).fetchall()
        uses = [Use(name, application, state, count, name == user) for name, application, state, count in rows]
        ceilings = [(f"the limit of the role {user}", role_limit), ("the limit of its database", database_limit)]
        return Live(
            "postgresql",
            f"PostgreSQL {str(server).partition(' ')[0]}",
            int(settings["max_connections"]),
            tuple((name, int(settings[name])) for name in _PG_RESERVED if int(settings.get(name, 0))),
            tuple((name, limit) for name, limit in ceilings if limit >= 0 and not is_super),
            tuple(sorted(uses, key=lambda use: (-use.count, use.user, use.application, use.state))),
        )


# reserved_connections is there from 16 on; Amazon RDS has a setting of its own.
_PG_RESERVED = (
    "superuser_reserved_connections",
    "reserved_connections",
    "rds.rds_superuser_reserved_connections",
)
_PG_SETTINGS = f"""
select name, setting from pg_settings
 where name in ('max_connections', {", ".join(f"'{name}'" for name in _PG_RESERVED)})"""
_PG_LIMITS = """
select current_user::text, r.rolsuper, r.rolconnlimit, d.datconnlimit, current_setting('server_version')
  from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()"""
# Of other users somebody without pg_read_all_stats sees no more than that they are there, not even what kind they are.
_PG_USES = f"""
select coalesce(usename::text, '(nobody)'),
       case when backend_type is null then '' else coalesce(application_name, '') end,
       case when backend_type is null then '{HIDDEN}' else coalesce(state, '') end, count(*)
  from pg_stat_activity
 where pid <> pg_backend_pid()
   and (backend_type = 'client backend' or (backend_type is null and datid is not null and usesysid is not null))
 group by 1, 2, 3"""


def _sampled(
    url: ConnectionUrl, connection: Any, failure: type[Exception], begin: tuple[str, ...], read: Callable[[Any], Live]
) -> Live:
    """What `read` makes of a transaction that can change nothing, and is rolled back."""
    try:
        with connection.cursor() as cursor:
            try:
                for statement in begin:
                    cursor.execute(statement)
                return read(cursor)
            finally:
                cursor.execute("rollback")
    except (failure, OSError) as error:
        raise _failed(url, error, "the database does not answer any more") from None


class _MySql:
    def __init__(self, url: ConnectionUrl) -> None:
        self.recognised = recognise(url)
        self._url = url
        pymysql = _driver("pymysql")
        self._error = pymysql.err.Error
        hosts, ports = _places(url, "3306")
        socket = value_of(url, "socket")
        try:
            self._connection = pymysql.connect(
                host=hosts[0] if hosts else "localhost",
                port=int(ports[0]) if ports else 3306,
                unix_socket=unquote(socket) if socket else None,
                user=unquote(url.user or ""),
                password=unquote(url.password or ""),
                database=unquote(url.path.lstrip("/")) or None,
                connect_timeout=TIMEOUT,
                read_timeout=TIMEOUT + 1,
                write_timeout=TIMEOUT + 1,
                autocommit=True,
                program_name=NAME,
                ssl=_tls(url),
            )
        except (pymysql.err.Error, OSError, ValueError, RuntimeError) as error:
            raise _failed(url, error, "the database does not answer") from None
        # The one is MySQL's, in milliseconds, the other MariaDB's, in seconds.
        for setting in (f"max_execution_time = {TIMEOUT * 1000}", f"max_statement_time = {TIMEOUT}"):
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute(f"set session {setting}")
            except pymysql.err.Error:
                continue

    def sample(self) -> Live:
        return _sampled(self._url, self._connection, self._error, ("start transaction read only",), self._read)

    def close(self) -> None:
        self._connection.close()

    @staticmethod
    def _read(cursor: Any) -> Live:
        cursor.execute("select @@max_connections, @@session.max_user_connections, user(), version()")
        [(most, of_user, account, version)] = cursor.fetchall()
        user = str(account).rpartition("@")[0]
        cursor.execute(_MYSQL_USES)
        uses = [Use(str(row[0]), "", str(row[1]), int(row[2]), own=row[0] == user) for row in cursor.fetchall()]
        cursor.execute("show global status like 'Threads_connected'")
        [(_, connected)] = cursor.fetchall()
        unseen = int(connected) - 1 - sum(use.count for use in uses)  # without the privilege PROCESS, those of others
        if unseen > 0:
            uses.append(Use("(others)", "", HIDDEN, unseen, own=False))
        kind = "MariaDB" if "maria" in str(version).lower() else "MySQL"
        return Live(
            "mysql",
            f"{kind} {str(version).partition('-')[0]}",
            int(most),
            (),  # the one for an administrator comes on top
            ((f"max_user_connections of {user}", int(of_user)),) if int(of_user) else (),
            tuple(sorted(uses, key=lambda use: (-use.count, use.user, use.state))),
        )


_MYSQL_USES = """
select user, lower(command), count(*) from information_schema.processlist
 where id <> connection_id() and command <> 'Daemon' and user not in ('system user', 'event_scheduler') group by 1, 2"""


def _tls(url: ConnectionUrl) -> Any:
    """Prisma's `sslaccept` and `sslmode` for MySQL; None where none is asked for (docs)."""
    asked = (value_of(url, "sslaccept") or value_of(url, "sslmode") or "").lower()
    if asked in ("", "disable", "disabled"):
        return None
    import ssl

    context = ssl.create_default_context()
    if asked not in ("strict", "verify_identity", "verify_ca"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
