"""The driver adapters: what their options are called, in which unit, and what a URL's parameters become there.

With an adapter (Prisma 7; 6 with `engineType = "client"`) the pool belongs to the driver. Names, units and defaults are
those of @prisma/adapter-pg, -mariadb and -mssql 7.10 and of pg 8, mariadb 3.4, mssql 12 with tarn 3 (docs, and read in
their sources). Measured: `PrismaPg` and `PrismaMariaDb` ignore `connection_limit` in the URL, and open no more than
`max` and `connectionLimit`; mariadb reads `connectionLimit` from a URL given as a string, and opens all of its pool at
the first query (`minimumIdle` is as large unless set), where pg opens what is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prismafix.connection.url import value_of

if TYPE_CHECKING:
    from prismafix.connection.url import ConnectionUrl, Database

Unit = Literal["connections", "milliseconds", "seconds"]
Role = Literal["limit", "pool_timeout", "connect_timeout"]
_SECOND = 1000


@dataclass(frozen=True, slots=True)
class Option:
    """An option of an adapter: `name` as it is written in its configuration (`pool.max`: `max` in the object `pool`),
    what the driver does without it, and whether 0 means "wait for ever" there (else 0 cannot be carried over)."""

    name: str
    unit: Unit
    default: str
    zero_is_forever: bool = False


@dataclass(frozen=True, slots=True)
class Adapter:
    """A driver adapter. `options` says which option does what Prisma's parameter of that role does; pg has one option
    for both timeouts. `reads` are the parameters of Prisma's engine that it takes from a URL all the same; `in_url`
    is how it spells them itself in a URL that it is given as a string, beside which it takes no options."""

    name: str
    package: str
    database: Database
    options: dict[Role, Option]
    reads: frozenset[str] = frozenset()
    in_url: dict[Role, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OptionValue:
    """A value for one option, in its unit; `parameters` are the URL's parameters that it comes from (as Prisma spells
    them)."""

    option: Option
    value: int
    parameters: tuple[str, ...]


# How Prisma's engine spells its parameters (docs). MongoDB has none of them: `maxPoolSize` is its driver's own.
PARAMETERS: dict[Database, dict[Role, str]] = {
    "postgresql": {
        "limit": "connection_limit",
        "pool_timeout": "pool_timeout",
        "connect_timeout": "connect_timeout",
    },
    "mysql": {
        "limit": "connection_limit",
        "pool_timeout": "pool_timeout",
        "connect_timeout": "connect_timeout",
    },
    "sqlserver": {"limit": "connectionLimit", "pool_timeout": "poolTimeout", "connect_timeout": "connectTimeout"},
    "mongodb": {"limit": "maxPoolSize"},
}

_MARIADB: dict[Role, Option] = {
    "limit": Option("connectionLimit", "connections", "10"),
    "pool_timeout": Option("acquireTimeout", "milliseconds", "10 s"),
    "connect_timeout": Option("connectTimeout", "milliseconds", "1 s", zero_is_forever=True),
}
_PG_TIMEOUT = Option("connectionTimeoutMillis", "milliseconds", "0: for ever", zero_is_forever=True)

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        Adapter(
            "PrismaPg",
            "@prisma/adapter-pg",
            "postgresql",
            {"limit": Option("max", "connections", "10"), "pool_timeout": _PG_TIMEOUT, "connect_timeout": _PG_TIMEOUT},
        ),
        Adapter(
            "PrismaMariaDb",
            "@prisma/adapter-mariadb",
            "mysql",
            _MARIADB,
            in_url=_MARIADB,
        ),
        Adapter(
            "PrismaMssql",
            "@prisma/adapter-mssql",
            "sqlserver",
            {
                "limit": Option("pool.max", "connections", "10"),
                "pool_timeout": Option("pool.acquireTimeoutMillis", "milliseconds", "30 s"),
                "connect_timeout": Option("connectionTimeout", "milliseconds", "15 s", zero_is_forever=True),
            },
            # from a string, not from an object; connectTimeout too, but as milliseconds where the engine has seconds
            frozenset({"connectionLimit", "poolTimeout"}),
            {
                "limit": Option("connectionLimit", "connections", "10"),
                "pool_timeout": Option("poolTimeout", "seconds", "30 s"),
                # before connectTimeout where both are there, which the engine reads (read in 6.19 and 7.10)
                "connect_timeout": Option("connectionTimeout", "milliseconds", "15 s", zero_is_forever=True),
            },
        ),
        # Over HTTP or WebSocket, or in the process: no pool of connections of ours.
        Adapter("PrismaNeon", "@prisma/adapter-neon", "postgresql", {}),
        Adapter("PrismaNeonHttp", "@prisma/adapter-neon", "postgresql", {}),
        Adapter("PrismaPlanetScale", "@prisma/adapter-planetscale", "mysql", {}),
        Adapter("PrismaLibSQL", "@prisma/adapter-libsql", "libsql", {}),
        Adapter("PrismaD1", "@prisma/adapter-d1", "sqlite", {}),
        Adapter("PrismaBetterSQLite3", "@prisma/adapter-better-sqlite3", "sqlite", {}),
    )
}

_USUAL: dict[Database, str] = {"postgresql": "PrismaPg", "mysql": "PrismaMariaDb", "sqlserver": "PrismaMssql"}


def usual_adapter(database: Database) -> Adapter | None:
    """The adapter with a TCP pool for `database`; None if there is none."""
    name = _USUAL.get(database)
    return None if name is None else ADAPTERS[name]


def options(adapter: Adapter, values: dict[Role, int]) -> tuple[OptionValue, ...]:
    """`values` (a number of connections, timeouts in seconds) as options of `adapter`, in its units.

    Two timeouts that are one option there become the larger of both; 0, which means for ever, is larger than any. A 0
    that the option would take for "at once" or for its default is left out, as is what the adapter has no option for.
    """
    spelled = PARAMETERS.get(adapter.database, {})
    found: dict[str, OptionValue] = {}
    for role, value in values.items():
        option = adapter.options.get(role)
        if option is None or (value == 0 and not (role != "limit" and option.zero_is_forever)):
            continue
        here = OptionValue(option, value if role == "limit" else value * _SECOND, (spelled[role],))
        other = found.get(option.name)
        found[option.name] = here if other is None else _larger(other, here)
    return tuple(found.values())


def as_object(values: tuple[OptionValue, ...]) -> dict[str, int | dict[str, int]]:
    """`values` as the adapter's configuration has them: `pool.max` is `max` in the object `pool`."""
    found: dict[str, int | dict[str, int]] = {}
    for value in values:
        outer, dot, inner = value.option.name.partition(".")
        place = found.setdefault(outer, {}) if dot else found
        assert isinstance(place, dict)
        place[inner or outer] = value.value
    return found


def pool_settings(url: ConnectionUrl) -> dict[Role, int | str]:
    """What `url` says about the pool: a whole number (connections, seconds), else the value as written."""
    found: dict[Role, int | str] = {}
    for role, name in PARAMETERS.get(url.database, {}).items():
        value = value_of(url, name)
        if value is not None:
            number = value.strip().strip("{}") if url.database == "sqlserver" else value
            found[role] = int(number) if re.fullmatch(r"[0-9]{1,9}", number) else value
    return found


def ignored_settings(url: ConnectionUrl, adapter: Adapter) -> dict[Role, int | str]:
    """What `url` says about the pool to Prisma's engine and not to `adapter` (PF505), as `pool_settings`."""
    spelled = PARAMETERS.get(url.database, {})
    return {
        role: value
        for role, value in pool_settings(url).items()
        if spelled[role] not in adapter.reads and not (adapter.reads and own_value(url, adapter, role) is not None)
    }


def own_value(url: ConnectionUrl, adapter: Adapter, role: Role) -> str | None:
    """What `url` says about a role in the driver's own words; None for nothing."""
    own = adapter.in_url.get(role)
    if own is None:
        return None
    if adapter.reads and role == "connect_timeout":
        return next((v for name in _TIMEOUTS if (v := value_of(url, name)) is not None), None)
    return value_of(url, own.name)


_TIMEOUTS = ("loginTimeout", "connectionTimeout")


def in_url(adapter: Adapter, values: dict[Role, int]) -> tuple[tuple[Role, str, str], ...]:
    """`values` (connections, seconds) as `adapter` reads them from a URL: (role, name, value), in its units. A 0 that
    it would take for "at once" is left out, as is a role that it has no parameter for."""
    found: list[tuple[Role, str, str]] = []
    for role, value in values.items():
        own = adapter.in_url.get(role)
        if own is not None and (value or (role != "limit" and own.zero_is_forever)):
            found.append((role, own.name, str(value * _SECOND if own.unit == "milliseconds" else value)))
    return tuple(found)


def ignored(url: ConnectionUrl, adapter: Adapter) -> tuple[str, ...]:
    """The names of those parameters, as Prisma spells them: what to take out of the URL once the options are set."""
    spelled = PARAMETERS.get(url.database, {})
    return tuple(spelled[role] for role in ignored_settings(url, adapter))


def from_url(url: ConnectionUrl, adapter: Adapter) -> tuple[OptionValue, ...]:
    """The options of `adapter` that mean what those parameters of `url` mean to Prisma's engine (PF505).

    A value that is no whole number (empty, an interpolation) is left out.
    """
    return options(adapter, {role: n for role, n in ignored_settings(url, adapter).items() if isinstance(n, int)})


def _larger(one: OptionValue, other: OptionValue) -> OptionValue:
    chosen = one if one.value == 0 or (other.value != 0 and one.value >= other.value) else other
    return OptionValue(chosen.option, chosen.value, (*one.parameters, *other.parameters))
