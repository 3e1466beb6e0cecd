"""What a connection URL should be: provider x Prisma's version x where it runs, and what somebody asked for.

A parameter that is there keeps its value, unless a limit is asked for. What cannot be written into the URL (another
host, a URL for migrations, options of a driver adapter) comes out as something to do by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from prismafix.connection.adapters import (
    PARAMETERS,
    Adapter,
    OptionValue,
    Role,
    ignored,
    ignored_settings,
    options,
    pool_settings,
    usual_adapter,
)
from prismafix.connection.interpolation import is_interpolation
from prismafix.connection.limit import is_pooled, recommended_limit
from prismafix.connection.providers import PROVIDERS, Recognised, direct, pooled, recognise
from prismafix.connection.url import (
    ConnectionUrl,
    hidden_parameters,
    unescaped,
    value_of,
    with_parameter,
)
from prismafix.connection.wording import ADAPTER_ON_EDGE, NO_ENGINE_ON_EDGE, OVER_HTTP, POOLERS, SHARED_POOLER

if TYPE_CHECKING:
    from prismafix.connection.providers import Provider
    from prismafix.connection.situation import Situation

Rule = Literal["PF501", "PF502", "PF503", "PF505", "PF506"]

POOL_TIMEOUT = 20  # seconds, as both
CONNECT_TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the URL. `name` is the parameter (as written), or "host" or "port"; `before` is None if it was not
    there. Neither is ever a secret. `rule` is the finding that this mends; a limit that was asked for is PF501."""

    rule: Rule
    part: Literal["parameter", "host"]
    name: str
    before: str | None
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """Something that no change of this URL does. `rule` is None for a remark."""

    rule: Rule | None
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`url` is the URL with all `changes`. `options` are those of the driver adapter `adapter`: what a client that has
    one needs besides, or instead. `limit` is the pool size that follows, None where there is none to set."""

    url: ConnectionUrl
    recognised: Recognised
    changes: tuple[Change, ...]
    by_hand: tuple[ByHand, ...]
    adapter: Adapter | None
    options: tuple[OptionValue, ...]
    limit: int | None


@dataclass(slots=True)
class _Draft:
    """An advice in the making: the URL so far, and what has been said about it."""

    url: ConnectionUrl
    situation: Situation
    provider: Provider
    changes: list[Change] = field(default_factory=list)
    by_hand: list[ByHand] = field(default_factory=list)

    def put(self, rule: Rule, name: str, value: str, reason: str) -> None:
        before = value_of(self.url, name)
        if before != value:
            self.url = with_parameter(self.url, name, value)
            self.changes.append(Change(rule, "parameter", name, before, value, reason))

    def say(self, rule: Rule | None, text: str) -> None:
        self.by_hand.append(ByHand(rule, text))


def advise(url: ConnectionUrl, situation: Situation) -> Advice:
    """What `url` should be in `situation`, and why. Advice on its result has no more changes."""
    found = recognise(url)
    if situation.provider is not None and situation.provider != found.provider.key:
        found = Recognised(PROVIDERS[situation.provider], "as was said")
    draft = _Draft(url, situation, found.provider)
    if found.provider.pooling == "none" or url.database not in PARAMETERS:
        if situation.limit is not None:
            draft.say(None, f"{found.provider.title}: no pool of connections to limit, the limit is left out")
        return Advice(url, found, (), tuple(draft.by_hand), None, (), None)
    _remarks(draft)
    _through_pooler(draft)
    _pooler_flag(draft)
    size = _limit(draft)
    adapter = situation.adapter or usual_adapter(url.database)
    values: tuple[OptionValue, ...] = ()
    if situation.client == "engine":
        _engine_parameters(draft, size)
    elif adapter is not None:
        values = _adapter_options(draft, adapter, size)
    _for_migrations(draft, url)
    return Advice(
        url=draft.url,
        recognised=found,
        changes=tuple(draft.changes),
        by_hand=tuple(draft.by_hand),
        adapter=adapter if situation.client == "adapter" else None,
        options=values,
        limit=None if size is None else size[0],
    )


_Limit = tuple[int, str]


def _limit(draft: _Draft) -> _Limit | None:
    """The pool size to set, with its reason; None if nothing is to be set."""
    situation = draft.situation
    if situation.limit is not None:
        if situation.limit == 1 and situation.outer_client_in_transaction is not False:
            draft.say(
                "PF501",
                "a limit of 1 makes every query through the outer client inside a transaction wait for itself (PF401): "
                "`prismafix check --select PF401` finds those",
            )
        return situation.limit, "as asked for"
    if situation.target not in ("serverless", "edge") or draft.provider.pooling == "local":
        return None
    return recommended_limit(situation, draft.provider)


def _through_pooler(draft: _Draft) -> None:
    """PF502: a program with many short-lived instances goes through the provider's pooler, where one is known."""
    situation, provider = draft.situation, draft.provider
    on_edge = situation.target == "edge" and situation.client == "adapter"
    if not (situation.target == "serverless" or on_edge) or is_pooled(provider, situation.external_pooler):
        return
    moved = pooled(draft.url, provider)
    if moved is None:
        if provider.key in POOLERS:
            draft.say("PF502", f"{provider.title}: {POOLERS[provider.key]}")
        return
    draft.provider = PROVIDERS[_POOLED_AS[provider.key]]
    before, after = draft.url.hosts[0], moved.hosts[0]
    if before == after:
        return
    draft.url = moved
    reason = f"{provider.title}: many instances need the pooler in transaction mode"
    if before.name != after.name:
        draft.changes.append(Change("PF502", "host", "host", before.name, after.name, reason))
    if before.port != after.port:
        draft.changes.append(Change("PF502", "host", "port", before.port, after.port or "", reason))
    if provider.key == "supabase-direct":
        draft.say("PF502", SHARED_POOLER)


def _pooler_flag(draft: _Draft) -> None:
    """PF503: behind a pooler in transaction mode the engine must not keep prepared statements (docs). `PrismaPg` names
    none (measured with PgBouncer, 6.19 and 7.10), so with an adapter there is nothing to set."""
    url, situation = draft.url, draft.situation
    if situation.client != "engine" or draft.provider.pooling != "transaction" or url.database != "postgresql":
        return
    if situation.target == "edge":
        return
    present = value_of(url, "pgbouncer")
    if present is None:
        if not _is_hidden(draft, "pgbouncer", "true"):
            draft.put(
                "PF503",
                "pgbouncer",
                "true",
                "behind a pooler in transaction mode prepared statements of one connection meet another one: "
                "'prepared statement \"s0\" already exists'",
            )
    elif present != "true" and not is_interpolation(present):
        draft.say("PF503", "pgbouncer is there and not true: the pooler in transaction mode needs pgbouncer=true")


def _engine_parameters(draft: _Draft, size: _Limit | None) -> None:
    """`connection_limit` and the timeouts, for Prisma's Rust engine (4 to 6), or `maxPoolSize` for MongoDB."""
    situation, spelled = draft.situation, PARAMETERS[draft.url.database]
    if situation.target == "edge":
        draft.say(None, NO_ENGINE_ON_EDGE)
        if situation.limit is None:
            return
    present = pool_settings(draft.url)
    if size is not None:
        if "limit" not in present:
            if not _is_hidden(draft, spelled["limit"], str(size[0])):
                draft.put("PF501", spelled["limit"], str(size[0]), size[1])
        elif situation.limit is not None:
            draft.put("PF501", spelled["limit"], str(size[0]), size[1])
        else:
            _kept(draft, spelled["limit"], present["limit"], size[0])
    if situation.target == "serverless" and draft.provider.pooling not in ("local", *_LIMIT_ONLY):
        for role, seconds, reason in _TIMEOUTS:
            wanted = role in spelled and role not in present and spelled[role] != "connectTimeout"
            if wanted and not _is_hidden(draft, spelled[role], str(seconds)):
                draft.put("PF501", spelled[role], str(seconds), reason)


def _kept(draft: _Draft, name: str, present: int | str, recommended: int) -> None:
    if isinstance(present, int) and present > recommended:
        draft.say(
            None,
            f"{name}={present} stays as it is; {recommended} is what this target usually gets (--limit {recommended})",
        )
    if present == 1 and draft.situation.outer_client_in_transaction:
        draft.say(
            "PF501", f"{name}=1 with a query through the outer client inside a transaction (PF401) waits for itself"
        )


def _adapter_options(draft: _Draft, adapter: Adapter, size: _Limit | None) -> tuple[OptionValue, ...]:
    """The options for a driver adapter: the values that the URL has and the adapter ignores, then what the target
    needs. The URL keeps its parameters: taking them out belongs to the change of the code (PF505)."""
    url, situation = draft.url, draft.situation
    lost = ignored(url, adapter)
    if lost and adapter.options:
        unread = [name for name in lost if not (adapter.reads and name == "connectTimeout")]
        if unread:
            draft.say(
                "PF505", f"{adapter.name} ignores {', '.join(unread)} in the URL: set the adapter's options instead"
            )
    elif lost:
        draft.say("PF505", f"{adapter.name} ignores {', '.join(lost)} in the URL, and has no pool to limit")
    if adapter.reads and "connectTimeout" in lost:
        draft.say(
            "PF505",
            f"{adapter.name}, given the URL as a string, takes connectTimeout for milliseconds where the engine took "
            "seconds: set the adapter's option instead",
        )
    if adapter.options and situation.adapter is None and (other := OVER_HTTP.get(draft.provider.key)):
        draft.say(
            None, f"the options are those of {adapter.name}; {other} has no pool of TCP connections and needs none"
        )
    if situation.target == "edge" and adapter.options:
        draft.say(None, ADAPTER_ON_EDGE)
    from_here = {role: n for role, n in ignored_settings(url, adapter).items() if isinstance(n, int)}
    values: dict[Role, int] = {}
    taken = {adapter.options[role].name for role in pool_settings(url) if role in adapter.options}
    for role, value in _needed(draft, size).items():
        if role in adapter.options and (adapter.options[role].name not in taken):
            values[role] = value
    values |= from_here
    if situation.limit is not None:
        values["limit"] = situation.limit
    elif size is not None and isinstance(present := pool_settings(url).get("limit"), int) and present > size[0]:
        draft.say(None, f"{present} connections, as the URL says; {size[0]} is what this target usually gets")
    order: tuple[Role, ...] = ("limit", "pool_timeout", "connect_timeout")
    return options(adapter, {role: values[role] for role in order if role in values})


def _needed(draft: _Draft, size: _Limit | None) -> dict[Role, int]:
    if size is None:
        return {}
    if draft.situation.target not in ("serverless", "edge") or draft.provider.pooling in ("local", *_LIMIT_ONLY):
        return {"limit": size[0]}
    return {"limit": size[0], "pool_timeout": POOL_TIMEOUT, "connect_timeout": CONNECT_TIMEOUT}


def _for_migrations(draft: _Draft, given: ConnectionUrl) -> None:
    """PF506: migrations take locks that belong to a session, which a pooler in transaction mode does not keep."""
    if draft.provider.pooling != "transaction":
        return
    past = given if given.hosts != draft.url.hosts else direct(draft.url, draft.provider)
    if past is None:
        host = "the database's own host and port"
    else:
        host = ":".join(part for part in (past.hosts[0].name, past.hosts[0].port) if part)
    where = (
        "url of the datasource in prisma.config.ts (7 has no directUrl)"
        if draft.situation.prisma >= _WITHOUT_DIRECT_URL
        else "directUrl in the schema's datasource block"
    )
    draft.say("PF506", f"migrations cannot go through the pooler: give them a URL to {host}, as {where}")


def _is_hidden(draft: _Draft, name: str, value: str) -> bool:
    """May this parameter be in an interpolation? Then it is for the reader to see to."""
    if not hidden_parameters(draft.url):
        return False
    draft.say(
        "PF501" if name != "pgbouncer" else "PF503",
        f"{name}={value} is needed: set it in the variable that holds the parameters",
    )
    return True


def _remarks(draft: _Draft) -> None:
    """What is odd about the URL, and left as it is."""
    url = draft.url
    characters = unescaped(url)
    if characters:
        draft.say(
            None,
            f"user or password has an unescaped {' '.join(characters)} in it: Prisma reads it as the end of the host "
            f"(P1013); write {', '.join(f'%{ord(character):02X} for {character}' for character in characters)}",
        )
    known = (*PARAMETERS[url.database].values(), "pgbouncer")
    for name in known:
        values = [p.value for p in url.parameters if value_of(replace(url, parameters=(p,)), name) is not None]
        if len(values) > 1:
            draft.say(None, f"{name} is there {len(values)} times: the last one counts; all are kept")
        if values and name != "pgbouncer" and not _is_number(values[-1] or ""):
            draft.say(None, f"{name} has no whole number as its value, and is kept")
    if url.database == "mongodb":
        others = [p.name for p in url.parameters if p.name in PARAMETERS["postgresql"].values()]
        if others:
            draft.say(None, f"{', '.join(others)}: MongoDB has no such parameter; its driver's is maxPoolSize")
        if draft.situation.client == "adapter":
            draft.say(None, "MongoDB has no driver adapter: Prisma 7 does not work with it (docs)")
    if len(url.hosts) > 1:
        draft.say(None, f"{len(url.hosts)} hosts: told by the first one")


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(r"\s*\{?[0-9]+\}?\s*", value)) or is_interpolation(value)


_WITHOUT_DIRECT_URL = 7
_LIMIT_ONLY = ("proxy", "built-in")  # RDS Proxy, PlanetScale
_POOLED_AS = {
    "supabase-direct": "supabase-transaction",
    "supabase-session": "supabase-transaction",
    "neon-direct": "neon-pooled",
}
# SQL Server's connectTimeout is not among what is written: seconds for the engine are milliseconds for the adapter that
# the project may move to.
_TIMEOUTS: tuple[tuple[Role, int, str], ...] = (
    ("pool_timeout", POOL_TIMEOUT, "seconds to wait for a connection of this small pool, instead of 10 (then P2024)"),
    ("connect_timeout", CONNECT_TIMEOUT, "seconds to connect, instead of 5: a database that was asleep takes longer"),
)
