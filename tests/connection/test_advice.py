"""What a URL should be, for every provider, target and version; and what must hold for any URL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prismafix.connection.adapters import PARAMETERS, as_object
from prismafix.connection.advice import Advice, advise
from prismafix.connection.providers import PROVIDERS
from prismafix.connection.situation import Client, Situation, Target
from prismafix.connection.url import parse, value_of, write

from .strategies import Parts, parts, sqlserver

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Reading

FIVE, SIX = Situation("engine", 5), Situation("engine", 6)
SIX_ADAPTER, SEVEN = Situation("adapter", 6), Situation("adapter", 7)
ENGINES, ADAPTERS = (FIVE, SIX), (SIX_ADAPTER, SEVEN)

POOLED = "pgbouncer=true&connection_limit=1&pool_timeout=20&connect_timeout=10"
DIRECT = "connection_limit=3&pool_timeout=20&connect_timeout=10"
PG = {"max": 3, "connectionTimeoutMillis": 20000}
PG_POOLED = {"max": 1, "connectionTimeoutMillis": 20000}
MARIADB = {"connectionLimit": 3, "acquireTimeout": 20000, "connectTimeout": 10000}

SUPABASE = "postgresql://postgres:p@db.abcdefgh.supabase.co:{}/postgres"
SUPAVISOR = "postgres://postgres.abcdefgh:p@aws-0-eu-central-1.pooler.supabase.com:{}/postgres"
NEON = "postgresql://u:p@ep-wild-star-1{}.us-east-2.aws.neon.tech/d?sslmode=require"
ACCELERATE = "prisma://accelerate.prisma-data.net/?api_key=k"
RDS_PROXY = "postgres://u:p@shop.proxy-abc123.eu-west-1.rds.amazonaws.com/d"
PGBOUNCER = "postgres://u:p@pool.example.com:6432/d"
PLANETSCALE = "mysql://u:p@aws.connect.psdb.cloud/d?sslaccept=strict"
MYSQL = "mysql://u:p@db.example.com:3306/d"
SQLSERVER = "sqlserver://db.example.com:1433;database=d;user=sa;password={a;b}"
MONGODB = "mongodb+srv://u:p@c.abc.mongodb.net/d?retryWrites=true"
LOCAL = "postgres://u:p@localhost:5432/d?schema=public"
PLAIN = "postgres://u:p@db.example.com/d?schema=public"


def advised(text: str, situation: Situation) -> Advice:
    return advise(parse(text), situation)


ROWS = [
    # URL; serverless with the engine; server or unknown target with the engine; URL and options with an adapter
    (
        SUPABASE.format(5432),
        f"{SUPABASE.format(6543)}?{POOLED}",
        SUPABASE.format(5432),
        SUPABASE.format(6543),
        PG_POOLED,
    ),
    (
        SUPAVISOR.format(6543),
        f"{SUPAVISOR.format(6543)}?{POOLED}",
        f"{SUPAVISOR.format(6543)}?pgbouncer=true",
        SUPAVISOR.format(6543),
        PG_POOLED,
    ),
    (
        SUPAVISOR.format(5432),
        f"{SUPAVISOR.format(6543)}?{POOLED}",
        SUPAVISOR.format(5432),
        SUPAVISOR.format(6543),
        PG_POOLED,
    ),
    (
        NEON.format(""),
        f"{NEON.format('-pooler')}&{POOLED}",
        NEON.format(""),
        NEON.format("-pooler"),
        PG_POOLED,
    ),
    (
        NEON.format("-pooler"),
        f"{NEON.format('-pooler')}&{POOLED}",
        f"{NEON.format('-pooler')}&pgbouncer=true",
        NEON.format("-pooler"),
        PG_POOLED,
    ),
    (ACCELERATE, ACCELERATE, ACCELERATE, ACCELERATE, {}),
    (RDS_PROXY, f"{RDS_PROXY}?connection_limit=1", RDS_PROXY, RDS_PROXY, {"max": 1}),
    (PGBOUNCER, f"{PGBOUNCER}?{POOLED}", f"{PGBOUNCER}?pgbouncer=true", PGBOUNCER, PG_POOLED),
    (PLANETSCALE, f"{PLANETSCALE}&connection_limit=3", PLANETSCALE, PLANETSCALE, {"connectionLimit": 3}),
    (MYSQL, f"{MYSQL}?{DIRECT}", MYSQL, MYSQL, MARIADB),
    (
        SQLSERVER,
        f"{SQLSERVER};connectionLimit=3;poolTimeout=20",
        SQLSERVER,
        SQLSERVER,
        {"pool": {"max": 3, "acquireTimeoutMillis": 20000}, "connectionTimeout": 10000},
    ),
    (MONGODB, f"{MONGODB}&maxPoolSize=3", MONGODB, MONGODB, {}),
    ("file:./dev.db", "file:./dev.db", "file:./dev.db", "file:./dev.db", {}),
    (LOCAL, LOCAL, LOCAL, LOCAL, {}),
    ("postgres://u:p@postgres:5432/d", *["postgres://u:p@postgres:5432/d"] * 3, {}),
    (PLAIN, f"{PLAIN}&{DIRECT}", PLAIN, PLAIN, PG),
    ("postgres://u:p@${HOST}/d", f"postgres://u:p@${{HOST}}/d?{DIRECT}", *["postgres://u:p@${HOST}/d"] * 2, PG),
]


@pytest.mark.parametrize(("text", "serverless", "server", "with_adapter", "options"), ROWS)
def test_every_provider_target_and_version(
    text: str, serverless: str, server: str, with_adapter: str, options: dict[str, object]
) -> None:
    for known in ENGINES:
        assert write(advised(text, replace(known, target="serverless")).url) == serverless
        assert write(advised(text, replace(known, target="server")).url) == server
        assert write(advised(text, known).url) == server
        edge = advised(text, replace(known, target="edge"))
        assert write(edge.url) == text and not edge.changes
        assert not edge.options
    for known in ADAPTERS:
        for target in ("serverless", "edge"):
            advice = advised(text, replace(known, target=target))
            assert write(advice.url) == with_adapter
            assert as_object(advice.options) == options
        for unhurried in (replace(known, target="server"), known):
            advice = advised(text, unhurried)
            assert (write(advice.url), advice.options) == (text, ())


@pytest.mark.parametrize("target", [None, *get_args(Target)])
@pytest.mark.parametrize("row", ROWS)
def test_a_limit_that_is_asked_for_is_set_where_there_is_a_pool(row: tuple[str, ...], target: Target | None) -> None:
    url = parse(row[0])
    engine = advise(url, replace(SIX, target=target, limit=7))
    adapter = advise(url, replace(SEVEN, target=target, limit=7))
    spelled = PARAMETERS.get(url.database, {}).get("limit")
    if spelled is None:
        assert write(engine.url) == row[0]
        assert any("no pool" in note.text for note in engine.by_hand)
        return
    assert value_of(engine.url, spelled) == "7"
    assert value_of(adapter.url, spelled) is None
    limits = [o.value for o in adapter.options if o.option.unit == "connections"]
    assert limits == ([] if url.database == "mongodb" else [7])


@pytest.mark.parametrize(
    ("known", "limit", "words"),
    [
        ({}, 1, "a query through the outer client inside one (PF401) would wait for itself"),
        ({"outer_client_in_transaction": False}, 1, "(PF401) would wait for itself"),
        ({"interactive_transactions": False}, 1, "has no interactive transactions"),
        ({"interactive_transactions": True, "outer_client_in_transaction": False}, 3, "P2028"),
        ({"interactive_transactions": True}, 3, "P2028"),
        ({"outer_client_in_transaction": True}, 3, "PF401"),
    ],
)
def test_a_limit_of_one_is_only_for_poolers_and_programs_without_transactions(
    known: dict[str, bool], limit: int, words: str
) -> None:
    situation = replace(SIX, target="serverless", **known)  # type: ignore[arg-type]
    behind = advised(SUPAVISOR.format(6543), situation)
    (change,) = [c for c in behind.changes if c.name == "connection_limit"]
    assert (change.after, behind.limit) == (str(limit), limit)
    assert words in change.reason
    assert advised(PLAIN, situation).limit == 3
    assert advised(PLAIN, replace(situation, external_pooler=True)).limit == limit


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("?connection_limit=10", f"?connection_limit=10&{POOLED.replace('&connection_limit=1', '')}"),
        (
            "?connect_timeout=1&sslmode=require&pool_timeout=0",
            "?connect_timeout=1&sslmode=require&pool_timeout=0&pgbouncer=true&connection_limit=1",
        ),
        ("?connection_limit=${N}&", f"?connection_limit=${{N}}&{POOLED.replace('&connection_limit=1', '')}"),
        ("?connection_limit=", f"?connection_limit=&{POOLED.replace('&connection_limit=1', '')}"),
        ("?pgbouncer=false", f"?pgbouncer=false&{POOLED.removeprefix('pgbouncer=true&')}"),
        ("?a=1&a=2&&b", f"?a=1&a=2&&b&{POOLED}"),
        ("?a=1#b", f"?a=1&{POOLED}#b"),
        ("?", f"?{POOLED}"),
        ("?${PARAMS}", "?${PARAMS}"),
    ],
)
def test_what_is_there_stays_and_what_is_new_comes_after_it(text: str, after: str) -> None:
    base = SUPAVISOR.format(6543)
    assert write(advised(base + text, replace(SIX, target="serverless")).url) == base + after


@pytest.mark.parametrize(
    ("text", "situation", "rule", "words"),
    [
        (f"{PLAIN}&connection_limit=50", SIX, None, "connection_limit=50 stays as it is"),
        (f"{PLAIN}&connection_limit=1", replace(SIX, outer_client_in_transaction=True), "PF501", "waits for itself"),
        (PLAIN, replace(SIX, limit=1), "PF501", "wait for itself"),
        (f"{PLAIN}&connection_limit=2&connection_limit=3", SIX, None, "2 times"),
        (f"{PLAIN}&connection_limit=", SIX, None, "no whole number"),
        (f"{PLAIN}&pgbouncer=false", replace(SIX, provider="pgbouncer"), "PF503", "needs pgbouncer=true"),
        ("postgres://u:a/b#c@db.example.com/d", SIX, None, "write %23 for #, %2F for /"),
        ("postgres://u:p@a.example.com,b.example.com/d", SIX, None, "2 hosts"),
        (
            "postgres://u:p@db.example.com/d?${PARAMS}",
            SIX,
            "PF501",
            "pool_timeout=20 is needed: set it in the variable",
        ),
        (f"{MONGODB}&connection_limit=3", SIX, None, "MongoDB has no such parameter"),
        (MONGODB, SEVEN, None, "no driver adapter"),
        (SUPABASE.format(5432), SIX, "PF502", "the dashboard shows both"),
        (PLAIN, SIX, "PF502", "no pooler is known"),
        ("postgres://u:p@shop.abc123.eu-west-1.rds.amazonaws.com/d", SEVEN, "PF502", "RDS Proxy"),
        (NEON.format("-pooler"), SIX, "PF506", "to ep-wild-star-1.us-east-2.aws.neon.tech, as directUrl"),
        (
            NEON.format(""),
            SEVEN,
            "PF506",
            "to ep-wild-star-1.us-east-2.aws.neon.tech, as url of the datasource in prisma.config.ts",
        ),
        (SUPABASE.format(5432), SIX, "PF506", "to db.abcdefgh.supabase.co:5432"),
        (SUPAVISOR.format(6543), SIX, "PF506", "pooler.supabase.com:5432"),
        (PGBOUNCER, SIX, "PF506", "the database's own host"),
        (
            f"{PLAIN}&connection_limit=2&pool_timeout=5",
            SEVEN,
            "PF505",
            "PrismaPg ignores connection_limit, pool_timeout",
        ),
        (f"{SQLSERVER};connectTimeout=30", SEVEN, "PF505", "for milliseconds"),
        (PLAIN, replace(SIX, target="edge"), None, "does not run on the edge"),
        (PLAIN, replace(SEVEN, target="edge"), None, "Hyperdrive"),
        (PLANETSCALE, SEVEN, None, "PrismaPlanetScale has no pool"),
    ],
)
def test_by_hand(text: str, situation: Situation, rule: str | None, words: str) -> None:
    notes = advised(text, replace(situation, target=situation.target or "serverless")).by_hand
    assert [note.rule for note in notes if words in note.text] == [rule], notes


def test_the_options_of_an_adapter_keep_the_values_of_the_url() -> None:
    text = f"{PLAIN}&connection_limit=8&pool_timeout=5"
    serverless = replace(SEVEN, target="serverless")
    assert as_object(advised(text, serverless).options) == {"max": 8, "connectionTimeoutMillis": 5000}
    assert as_object(advised(text, replace(serverless, limit=2)).options) == {"max": 2, "connectionTimeoutMillis": 5000}
    assert as_object(advised(text, SEVEN).options) == {"max": 8, "connectionTimeoutMillis": 5000}
    kept = f"{SQLSERVER};connectionLimit=8"  # PrismaMssql reads this one from the string
    assert as_object(advised(kept, serverless).options) == {
        "pool": {"acquireTimeoutMillis": 20000},
        "connectionTimeout": 10000,
    }


def test_a_provider_that_is_named_overrules_the_url() -> None:
    situation = replace(SIX, target="serverless", provider="pgbouncer")
    assert write(advised("postgres://u:p@proxy.corp.example/d", situation).url).endswith(f"?{POOLED}")
    asked = replace(SIX, target="serverless", provider="postgresql")
    assert write(advised(LOCAL, asked).url) == f"{LOCAL}&{DIRECT}"


SITUATIONS = st.builds(
    Situation,
    client=st.sampled_from(get_args(Client)),
    prisma=st.sampled_from([4, 5, 6, 7]),
    target=st.sampled_from([None, *get_args(Target)]),
    provider=st.none() | st.sampled_from(sorted(PROVIDERS)),
    limit=st.none() | st.integers(1, 50),
    external_pooler=st.none() | st.booleans(),
    interactive_transactions=st.none() | st.booleans(),
    outer_client_in_transaction=st.none() | st.booleans(),
)
TEXTS = parts(unescaped="@/#").map(lambda made: made.text) | sqlserver() | st.sampled_from([row[0] for row in ROWS])


@given(TEXTS, SITUATIONS)
def test_a_second_time_changes_nothing(text: str, situation: Situation) -> None:
    once = advised(text, situation)
    again = advise(once.url, situation)
    assert (again.changes, again.url) == ((), once.url)
    assert parse(write(once.url)) == once.url


@given(TEXTS, SITUATIONS)
def test_what_is_said_to_change_is_all_that_changes(text: str, situation: Situation) -> None:
    before, advice = parse(text), advised(text, situation)
    after = advice.url
    changed = {change.name: change for change in advice.changes if change.part == "parameter"}
    moved = any(change.part == "host" for change in advice.changes)
    assert moved == (before.hosts != after.hosts)
    untouched = {"hosts": after.hosts, "parameters": after.parameters, "mark": after.mark}
    assert replace(before, **untouched) == after
    for name, change in changed.items():
        assert (value_of(before, name), value_of(after, name)) == (change.before, change.after)
        assert change.before is None or situation.limit is not None
    kept = [p for p in after.parameters if p.name.lower() not in {name.lower() for name in changed}]
    same = [p for p in before.parameters if p.name.lower() not in {name.lower() for name in changed}]
    assert [p for p in kept if p.name] == [p for p in same if p.name]
    if not advice.changes:
        assert write(after) == text
    if situation.client == "adapter":
        assert not changed


@given(made=parts(variables=False, hosts=1), situation=SITUATIONS)
def test_real_parsers_read_what_was_meant(
    real_parsers: Callable[[str], Reading], made: Parts, situation: Situation
) -> None:
    advice = advised(made.text, situation)
    before, after = real_parsers(made.text), real_parsers(write(advice.url))
    assume(before["url"] is not None and before["pg"] is not None)
    for name in ("username", "password", "pathname", "hash"):
        assert after["url"][name] == before["url"][name]
    for change in advice.changes:
        if change.part == "parameter":
            assert after["pg"]["others"][change.name] == change.after
        else:
            assert after["url"]["hostname" if change.name == "host" else "port"] == change.after
    changed = {change.name for change in advice.changes}
    others = [pair for pair in before["url"]["parameters"] if pair[0] not in changed]
    assert [pair for pair in after["url"]["parameters"] if pair[0] not in changed] == others
    assert after["pg"]["database"] == before["pg"]["database"]


@given(parts(unescaped="@/?#&=").filter(lambda made: bool(made.password)), SITUATIONS)
def test_no_word_of_it_holds_the_password(made: Parts, situation: Situation) -> None:
    secret = "hunter2"
    text = replace(made, password=f"{made.password}{secret}").text
    try:
        url = parse(text)
    except ValueError as error:
        assert secret not in str(error)
        return
    advice = advise(url, situation)
    said = [advice.recognised.evidence, *(note.text for note in advice.by_hand)]
    said += [f"{c.name} {c.before} {c.after} {c.reason}" for c in advice.changes]
    assert secret not in " ".join(said)
