"""Who hosts the database that a connection URL names, and what stands between: told from scheme, host and port alone.

The table is that of Prisma's and the providers' public documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from prismafix.connection.interpolation import FILLER, shape
from prismafix.connection.url import Host, value_of, with_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.connection.url import ConnectionUrl, Database

Pooling = Literal["direct", "session", "transaction", "proxy", "built-in", "local", "none"]
"""What a connection reaches. `direct`: the database itself. `session`, `transaction`: a pooler in that mode. `proxy`: a
pooler that takes prepared statements as they are. `built-in`: a database made for many connections. `local`: somebody's
own machine. `none`: no connections of ours at all (over HTTP, or in the process)."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of host. `key` is what `--provider` takes, `title` what people call it."""

    key: str
    title: str
    pooling: Pooling


@dataclass(frozen=True, slots=True)
class Recognised:
    """A provider and how it was told, as text that holds no secret."""

    provider: Provider
    evidence: str


PROVIDERS: dict[str, Provider] = {
    provider.key: provider
    for provider in (
        Provider("supabase-direct", "Supabase, direct", "direct"),
        Provider("supabase-transaction", "Supabase's pooler in transaction mode", "transaction"),
        Provider("supabase-session", "Supabase's pooler in session mode", "session"),
        Provider("neon-direct", "Neon, direct", "direct"),
        Provider("neon-pooled", "Neon's pooler", "transaction"),
        Provider("accelerate", "Prisma Accelerate or Prisma Postgres over HTTP", "none"),
        Provider("rds-proxy", "Amazon RDS Proxy", "proxy"),
        Provider("rds", "Amazon RDS or Aurora, direct", "direct"),
        Provider("pgbouncer", "PgBouncer", "transaction"),
        Provider("planetscale", "PlanetScale", "built-in"),
        Provider("cloud-sql", "Google Cloud SQL, direct", "direct"),
        Provider("azure", "Azure Database, direct", "direct"),
        Provider("postgresql", "PostgreSQL", "direct"),
        Provider("mysql", "MySQL or MariaDB", "direct"),
        Provider("sqlserver", "SQL Server", "direct"),
        Provider("mongodb", "MongoDB", "direct"),
        Provider("sqlite", "SQLite", "none"),
        Provider("libsql", "libSQL or Turso", "none"),
        Provider("local", "a database for development", "local"),
    )
}

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"})
_POOLER = "-pooler"


def recognise(url: ConnectionUrl) -> Recognised:
    """Who hosts the database of `url`: the first host counts. Where nothing tells, the plain kind of database."""
    for test in (_by_scheme, _by_socket, _by_port, _by_host, _by_place):
        found = test(url)
        if found is not None:
            key, evidence = found
            return Recognised(PROVIDERS[key], evidence)
    name = url.hosts[0].name if url.hosts else ""
    unknown = f"the host {name} is filled in later" if FILLER in shape(name) else f"nothing tells who hosts {name}"
    return Recognised(PROVIDERS[url.database], f"{url.scheme}://, and {unknown if name else 'no host is named'}")


def pooled(url: ConnectionUrl, provider: Provider) -> ConnectionUrl | None:
    """`url` through the provider's pooler in transaction mode: another port (Supabase) or host (Neon), or as it is if
    it goes there already. None where no pooler is known, or where the URL has several hosts."""
    moved = _MOVES.get(provider.key)
    if moved is None or len(url.hosts) != 1:
        return None
    return with_host(url, moved(url.hosts[0]))


def direct(url: ConnectionUrl, provider: Provider) -> ConnectionUrl | None:
    """`url` past the pooler, for migrations (PF506). None where what is known does not tell.

    Supabase's shared pooler answers in session mode on port 5432, which migrations work through (docs).
    """
    if len(url.hosts) != 1:
        return None
    host = url.hosts[0]
    if provider.key == "neon-pooled":
        first, dot, others = _labels(host.name)
        return with_host(url, replace(host, name=first.removesuffix(_POOLER) + dot + others))
    if provider.key == "supabase-transaction":
        return with_host(url, replace(host, port="5432"))
    return None


def _labels(name: str) -> tuple[str, str, str]:
    """First label, dot and the other labels of a host name; a dot within an interpolation is none."""
    dot = shape(name).find(".")
    return (name, "", "") if dot < 0 else (name[:dot], ".", name[dot + 1 :])


def _with_pooler(host: Host) -> Host:
    first, dot, others = _labels(host.name)
    return replace(host, name=first.removesuffix(_POOLER) + _POOLER + dot + others)


_MOVES: dict[str, Callable[[Host], Host]] = {
    "supabase-direct": lambda host: replace(host, port="6543"),
    "supabase-session": lambda host: replace(host, port="6543"),
    "neon-direct": _with_pooler,
}

_Found = tuple[str, str] | None


def _by_scheme(url: ConnectionUrl) -> _Found:
    without_host: dict[Database, str] = {
        "accelerate": "connections are pooled behind HTTP",
        "sqlite": "a file in the process",
        "libsql": "over HTTP or WebSocket",
    }
    why = without_host.get(url.database)
    return None if why is None else (url.database, f"{url.scheme}{url.opening} is {why}")


def _by_socket(url: ConnectionUrl) -> _Found:
    for name in ("host", "socket", "unix_socket"):
        path = (value_of(url, name) or "").replace("%2F", "/").replace("%2f", "/")
        if "/cloudsql/" in path:
            return "cloud-sql", f"the parameter {name} names a socket under /cloudsql/"
        if path.startswith("/"):
            return "local", f"the parameter {name} names a socket of the same machine"
    return None


def _by_port(url: ConnectionUrl) -> _Found:
    ports = {host.port for host in url.hosts}
    if url.database == "postgresql" and ports == {"6432"} and not _is_known_host(url):
        return "pgbouncer", "port 6432 is PgBouncer's by convention"
    return None


def _is_known_host(url: ConnectionUrl) -> bool:
    found = _by_host(url)
    return found is not None and found[0] not in ("azure", "rds")


def _by_host(url: ConnectionUrl) -> _Found:
    if not url.hosts:
        return None
    host = url.hosts[0]
    name = shape(host.name).lower().rstrip(".")
    found = _hosted(name, host.port)
    if found is None or not _speaks(url.database, found):
        return None
    told = f"the host ends in {_ENDINGS[found]}"
    if found in ("supabase-transaction", "supabase-session"):
        return found, f"{told}, the port is {host.port or '5432, the default'}"
    if found in ("neon-direct", "neon-pooled"):
        return found, f"{told}, its first part {'ends' if found == 'neon-pooled' else 'does not end'} in {_POOLER}"
    return found, told


_ENDINGS = {
    "supabase-direct": ".supabase.co",
    "supabase-transaction": ".supabase.com or .supabase.co",
    "supabase-session": ".pooler.supabase.com",
    "neon-direct": ".neon.tech",
    "neon-pooled": ".neon.tech",
    "rds-proxy": ".proxy-….rds.amazonaws.com",
    "rds": ".rds.amazonaws.com",
    "planetscale": ".psdb.cloud",
    "azure": ".database.azure.com or .database.windows.net",
}
_RDS_PROXY = re.compile(r".+\.proxy-[^.]+\.[^.]+\.rds\.amazonaws\.com(\.cn)?")


def _hosted(name: str, port: str | None) -> str | None:
    if name.endswith(".pooler.supabase.com"):
        return {"6543": "supabase-transaction", "5432": "supabase-session", None: "supabase-session"}.get(port)
    if name.startswith("db.") and name.endswith(".supabase.co"):  # on 6543 the project's own pooler answers
        return {"6543": "supabase-transaction", "5432": "supabase-direct", None: "supabase-direct"}.get(port)
    if name.endswith(".neon.tech"):
        first = name.partition(".")[0]
        if first.endswith(_POOLER):
            return "neon-pooled"
        return "neon-direct" if first.startswith("ep-") else None
    if _RDS_PROXY.fullmatch(name):
        return "rds-proxy"
    if name.endswith((".rds.amazonaws.com", ".rds.amazonaws.com.cn")):
        return "rds"
    if name.endswith(".psdb.cloud"):
        return "planetscale"
    if name.endswith((".database.azure.com", ".database.windows.net")):
        return "azure"
    return None


def _speaks(database: Database, key: str) -> bool:
    """Does the provider have this kind of database? A look-alike in another scheme is not recognised."""
    if key.startswith(("supabase", "neon")):
        return database == "postgresql"
    return database in ("postgresql", "mysql") or (database == "sqlserver" and key in ("rds", "azure"))


def _by_place(url: ConnectionUrl) -> _Found:
    """This machine, a container beside it."""
    if not url.hosts or url.scheme.lower() == "mongodb+srv":
        return None
    name = url.hosts[0].name
    if name.lower() in _LOCAL or re.fullmatch(r"127(\.\d+){3}", name):
        return "local", f"the host is {name}"
    if "." not in name and ":" not in name and "\\" not in name and "%" not in name and FILLER not in shape(name):
        return "local", f"the host {name} has no dot: a service of Docker Compose or of a cluster"
    return None
