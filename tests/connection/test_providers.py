"""Who hosts a database is told from the URL, with the evidence."""

from __future__ import annotations

import pytest
from hypothesis import given

from prismafix.connection.providers import PROVIDERS, direct, pooled, recognise
from prismafix.connection.url import parse, write

from .strategies import Parts, parts

SUPABASE = "postgresql://postgres:p@db.abcdefgh.supabase.co"
SUPAVISOR = "postgres://postgres.abcdefgh:p@aws-0-eu-central-1.pooler.supabase.com"
NEON = "postgresql://u:p@ep-wild-star-1.us-east-2.aws.neon.tech/d"
NEON_POOLED = "postgresql://u:p@ep-wild-star-1-pooler.c-2.us-east-1.aws.neon.tech/d"


@pytest.mark.parametrize(
    ("text", "key", "evidence"),
    [
        (f"{SUPABASE}:5432/postgres", "supabase-direct", "ends in .supabase.co"),
        (f"{SUPABASE}/postgres", "supabase-direct", "ends in .supabase.co"),
        (f"{SUPABASE}:6543/postgres", "supabase-transaction", "the port is 6543"),
        (f"{SUPAVISOR}:6543/postgres", "supabase-transaction", "the port is 6543"),
        (f"{SUPAVISOR}:5432/postgres", "supabase-session", "the port is 5432"),
        (f"{SUPAVISOR}/postgres", "supabase-session", "the port is 5432, the default"),
        ("postgres://u:p@db.${REF}.supabase.co:5432/postgres", "supabase-direct", "ends in .supabase.co"),
        ("postgres://u:p@supabase.co.evil.example/postgres", "postgresql", "nothing tells"),
        (NEON, "neon-direct", "does not end in -pooler"),
        (NEON_POOLED, "neon-pooled", "ends in -pooler"),
        ("mysql://u:p@ep-a.us-east-2.aws.neon.tech/d", "mysql", "nothing tells"),
        ("prisma://accelerate.prisma-data.net/?api_key=k", "accelerate", "behind HTTP"),
        ("prisma+postgres://accelerate.prisma-data.net/?api_key=k", "accelerate", "behind HTTP"),
        ("postgres://u:p@shop.proxy-abc123.eu-west-1.rds.amazonaws.com/d", "rds-proxy", "ends in .proxy-"),
        ("mysql://u:p@shop.proxy-abc123.eu-west-1.rds.amazonaws.com/d", "rds-proxy", "ends in .proxy-"),
        ("postgres://u:p@shop.abc123.eu-west-1.rds.amazonaws.com:5432/d", "rds", "ends in .rds.amazonaws.com"),
        ("postgres://u:p@pool.example.com:6432/d", "pgbouncer", "port 6432"),
        ("postgres://u:p@localhost:6432/d", "pgbouncer", "port 6432"),
        ("mysql://u:p@pool.example.com:6432/d", "mysql", "nothing tells"),
        ("mysql://u:p@aws.connect.psdb.cloud/d?sslaccept=strict", "planetscale", "ends in .psdb.cloud"),
        ("mysql://u:p@x.us-east-1.psdb.cloud/d", "planetscale", "ends in .psdb.cloud"),
        ("postgres://u:p@localhost/d?host=/cloudsql/project:region:instance", "cloud-sql", "a socket under /cloudsql/"),
        ("mysql://u:p@localhost/d?socket=/cloudsql/project:region:instance", "cloud-sql", "a socket under /cloudsql/"),
        ("postgres://u:p@/d?host=/var/run/postgresql", "local", "a socket of the same machine"),
        ("postgres://u:p@shop.postgres.database.azure.com/d", "azure", ".database.azure.com"),
        ("sqlserver://shop.database.windows.net:1433;database=d", "azure", ".database.windows.net"),
        ("postgres://u:p@db.example.com/d", "postgresql", "nothing tells who hosts db.example.com"),
        ("mysql://u:p@db.example.com/d", "mysql", "nothing tells"),
        ("sqlserver://db.example.com:1433;database=d", "sqlserver", "nothing tells"),
        ("mongodb://u:p@a.example.com:27017,b.example.com/d", "mongodb", "nothing tells"),
        ("mongodb+srv://u:p@c.abc.mongodb.net/d", "mongodb", "nothing tells"),
        ("file:./dev.db", "sqlite", "a file in the process"),
        ("libsql://d.turso.io?authToken=t", "libsql", "over HTTP"),
        ("postgres://u:p@localhost:5432/d", "local", "the host is localhost"),
        ("postgres://u:p@127.0.0.1/d", "local", "the host is 127.0.0.1"),
        ("postgres://u:p@[::1]:5432/d", "local", "the host is [::1]"),
        ("mysql://u:p@host.docker.internal:3306/d", "local", "the host is host.docker.internal"),
        ("postgres://u:p@postgres:5432/d", "local", "a service of Docker Compose"),
        ("mongodb://u:p@localhost:27017/d", "local", "the host is localhost"),
        ("sqlserver://localhost:1433;database=d", "local", "the host is localhost"),
        ("postgres://u:p@${DB_HOST}:5432/d", "postgresql", "${DB_HOST} is filled in later"),
    ],
)
def test_recognise(text: str, key: str, evidence: str) -> None:
    found = recognise(parse(text))
    assert found.provider is PROVIDERS[key]
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("text", "through"),
    [
        (f"{SUPABASE}:5432/postgres?a=b", f"{SUPABASE}:6543/postgres?a=b"),
        (f"{SUPABASE}/postgres", f"{SUPABASE}:6543/postgres"),
        (f"{SUPAVISOR}:5432/postgres", f"{SUPAVISOR}:6543/postgres"),
        (f"{NEON}?sslmode=require", "postgresql://u:p@ep-wild-star-1-pooler.us-east-2.aws.neon.tech/d?sslmode=require"),
        ("postgres://u:p@ep-${ID}.aws.neon.tech/d", "postgres://u:p@ep-${ID}-pooler.aws.neon.tech/d"),
        (NEON_POOLED, None),
        ("postgres://u:p@shop.abc123.eu-west-1.rds.amazonaws.com/d", None),
        ("postgres://u:p@db.x.supabase.co,db.y.supabase.co/d", None),
    ],
)
def test_pooled(text: str, through: str | None) -> None:
    url = parse(text)
    moved = pooled(url, recognise(url).provider)
    assert (moved and write(moved)) == through


@pytest.mark.parametrize(
    ("text", "past"),
    [
        (NEON_POOLED, NEON_POOLED.replace("-pooler", "")),
        (f"{SUPAVISOR}:6543/postgres", f"{SUPAVISOR}:5432/postgres"),
        ("postgres://u:p@pool.example.com:6432/d", None),
    ],
)
def test_direct(text: str, past: str | None) -> None:
    url = parse(text)
    found = direct(url, recognise(url).provider)
    assert (found and write(found)) == past


@given(parts(hosts=1))
def test_what_is_moved_is_pooled_then_and_back_again(made: Parts) -> None:
    url = parse(made.text)
    provider = recognise(url).provider
    moved = pooled(url, provider)
    if moved is not None:
        after = recognise(moved).provider
        assert (provider.pooling, after.pooling) in {("direct", "transaction"), ("session", "transaction")}
        past = direct(moved, after)
        assert past is not None and past.hosts[0].name == url.hosts[0].name
