"""A URL's parameters as options of a driver adapter, in its units (PF505)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.connection.adapters import (
    ADAPTERS,
    as_object,
    from_url,
    ignored,
    ignored_settings,
    in_url,
    options,
    own_value,
    pool_settings,
    usual_adapter,
)
from prismafix.connection.url import parse

if TYPE_CHECKING:
    from prismafix.connection.adapters import Role
    from prismafix.connection.url import Database


@pytest.mark.parametrize(
    ("text", "adapter", "expected", "lost"),
    [
        (
            "postgres://h/d?connection_limit=2&pool_timeout=5",
            "PrismaPg",
            {"max": 2, "connectionTimeoutMillis": 5000},
            2,
        ),
        ("postgres://h/d?pool_timeout=5&connect_timeout=30", "PrismaPg", {"connectionTimeoutMillis": 30000}, 2),
        ("postgres://h/d?pool_timeout=30&connect_timeout=5", "PrismaPg", {"connectionTimeoutMillis": 30000}, 2),
        ("postgres://h/d?pool_timeout=0&connect_timeout=5", "PrismaPg", {"connectionTimeoutMillis": 0}, 2),
        ("postgres://h/d?connection_limit=2&connection_limit=7", "PrismaPg", {"max": 7}, 1),
        ("postgres://h/d?connection_limit=${N}&pool_timeout=", "PrismaPg", {}, 2),
        ("postgres://h/d?connection_limit=0", "PrismaPg", {}, 1),
        ("postgres://h/d?sslmode=require&pgbouncer=true", "PrismaPg", {}, 0),
        (
            "mysql://h/d?connection_limit=2&pool_timeout=5&connect_timeout=3",
            "PrismaMariaDb",
            {"connectionLimit": 2, "acquireTimeout": 5000, "connectTimeout": 3000},
            3,
        ),
        # there 0 is "at once"
        ("mysql://h/d?pool_timeout=0&connect_timeout=0", "PrismaMariaDb", {"connectTimeout": 0}, 2),
        # PrismaMssql takes the first two from the string itself, and the third in another unit
        (
            "sqlserver://h;connectionLimit=2;poolTimeout={5};connectTimeout=3",
            "PrismaMssql",
            {"connectionTimeout": 3000},
            1,
        ),
        ("postgres://h/d?connection_limit=2", "PrismaNeon", {}, 1),
    ],
)
def test_from_url(text: str, adapter: str, expected: dict[str, int], lost: int) -> None:
    url = parse(text)
    assert as_object(from_url(url, ADAPTERS[adapter])) == expected
    assert len(ignored(url, ADAPTERS[adapter])) == lost


def test_both_timeouts_of_pg_are_named_as_the_source_of_its_one_option() -> None:
    limit, timeout = from_url(
        parse("postgres://h/d?connect_timeout=9&connection_limit=4&pool_timeout=5"), ADAPTERS["PrismaPg"]
    )
    assert (limit.option.name, limit.option.unit, limit.parameters) == ("max", "connections", ("connection_limit",))
    assert timeout.parameters == ("pool_timeout", "connect_timeout")
    assert (timeout.value, timeout.option.unit) == (9000, "milliseconds")


def test_pool_settings_keep_what_is_no_number_as_written() -> None:
    assert pool_settings(parse("postgres://h/d?connection_limit=${N}&pool_timeout=5&connect_timeout")) == {
        "limit": "${N}",
        "pool_timeout": 5,
        "connect_timeout": "",
    }
    assert pool_settings(parse("mongodb://h/d?maxPoolSize=4&connection_limit=2")) == {"limit": 4}
    assert pool_settings(parse("file:./dev.db?connection_limit=1")) == {}


@pytest.mark.parametrize(
    ("database", "name"),
    [("postgresql", "PrismaPg"), ("mysql", "PrismaMariaDb"), ("sqlserver", "PrismaMssql"), ("mongodb", None)],
)
def test_usual_adapter(database: Database, name: str | None) -> None:
    adapter = usual_adapter(database)
    assert (adapter and adapter.name) == name
    assert adapter is None or set(adapter.options) == {"limit", "pool_timeout", "connect_timeout"}


def test_a_dotted_option_is_an_object() -> None:
    values = options(ADAPTERS["PrismaMssql"], {"limit": 3, "pool_timeout": 20, "connect_timeout": 10})
    assert as_object(values) == {"pool": {"max": 3, "acquireTimeoutMillis": 20000}, "connectionTimeout": 10000}


@pytest.mark.parametrize(
    ("adapter", "values", "expected"),
    [
        (
            "PrismaMariaDb",
            {"limit": 3, "pool_timeout": 20, "connect_timeout": 10},
            "connectionLimit=3 acquireTimeout=20000 connectTimeout=10000",
        ),
        ("PrismaMariaDb", {"limit": 0, "pool_timeout": 0, "connect_timeout": 0}, "connectTimeout=0"),
        (
            "PrismaMssql",
            {"limit": 3, "pool_timeout": 20, "connect_timeout": 10},
            "connectionLimit=3 poolTimeout=20 connectionTimeout=10000",
        ),
        ("PrismaPg", {"limit": 3}, ""),
    ],
)
def test_what_a_driver_reads_from_a_url(adapter: str, values: dict[Role, int], expected: str) -> None:
    assert " ".join(f"{name}={value}" for _, name, value in in_url(ADAPTERS[adapter], values)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sqlserver://h;connectTimeout=30", None),
        ("sqlserver://h;connectTimeout=30;connectionTimeout=5000", "5000"),
        ("sqlserver://h;connectionTimeout=5000;loginTimeout=6000", "6000"),
    ],
)
def test_which_time_of_sql_server_counts(text: str, says: str | None) -> None:
    """As the adapter reads them (6.19 and 7.10)."""
    assert own_value(parse(text), ADAPTERS["PrismaMssql"], "connect_timeout") == says
    assert ("connect_timeout" in ignored_settings(parse(text), ADAPTERS["PrismaMssql"])) == (says is None)
