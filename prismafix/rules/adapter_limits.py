"""PF501 for driver adapters: on a serverless target, a pool whose size nobody set.

With an adapter the URL's `connection_limit` means nothing (FACTS.md, measured): the limit is an option of the driver,
and without it each instance opens up to 10 connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.connection.adapters import in_url, options, own_value, pool_settings
from prismafix.connection.advice import CONNECT_TIMEOUT, POOL_TIMEOUT
from prismafix.connection.limit import is_pooled, recommended_limit
from prismafix.connection.providers import PROVIDERS, recognise
from prismafix.connection.situation import Situation
from prismafix.connection.url import NotAConnectionStringError, hidden_parameters, parse, write
from prismafix.project.pools.adapters import adapter_sites, limit_of, option
from prismafix.project.pools.urls import flattened
from prismafix.rules.adapter_settings import (
    carriers,
    engine_reader,
    is_tracked,
    kept_elsewhere,
    listed,
    settings_for,
    span_of,
    url_of,
)
from prismafix.rules.adapter_strings import is_string, shown
from prismafix.rules.model import (
    Doubt,
    DriverUrl,
    Finding,
    Intent,
    PatchAdapter,
    PoolOptions,
    SetDriverParameters,
    Span,
)
from prismafix.rules.programs import opens_transactions, target_of
from prismafix.rules.support import package_name, symbol
from prismafix.workspace.model import Evidence
from prismafix.workspace.settings import edited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.connection.adapters import Role
    from prismafix.connection.url import ConnectionUrl
    from prismafix.project.model import Project
    from prismafix.project.pools.adapters import AdapterSite
    from prismafix.project.pools.urls import Origin
    from prismafix.workspace.settings import Setting


def adapter_findings(project: Project) -> Iterator[Finding]:
    """One finding for each pool, at the construction of the first adapter that uses it."""
    seen: set[tuple[str, int]] = set()
    for site in adapter_sites(project):
        held = (site.holds.path, site.holds.expr.start)
        if held in seen or not project.is_looked_at(site.path) or project.roles.role(site.path).kind != "application":
            continue
        finding = _finding(project, site)
        if finding is not None:
            seen.add(held)
            yield finding


def _finding(project: Project, site: AdapterSite) -> Finding | None:
    target, why = target_of(project, site.path)
    if target != "serverless" or limit_of(site) is not None:
        return None
    if is_string(site):
        return _in_string(project, site, why)
    elsewhere = {role for carrier in carriers(project, site) for role in carrier.values}
    if "limit" in elsewhere:
        return None  # PF505: the limit is there, in the wrong place
    facts = project.facts(site.path)
    if facts is None:
        return None
    limit, _, _, seen = _limit(project, site)
    adapter = site.adapter
    wanted: dict[Role, int] = {"limit": limit, "pool_timeout": POOL_TIMEOUT, "connect_timeout": CONNECT_TIMEOUT}
    taken = {adapter.options[role].name for role in elsewhere}  # PF505 moves those here
    values = [v for v in options(adapter, wanted) if v.option.name not in taken and option(site, v.option.name) is None]
    default = adapter.options["limit"].default
    pool = PoolOptions(
        Span(site.holds.path, site.holds.expr.start, site.holds.expr.end),
        site.holder,
        tuple((value.option.name, value.value) for value in values),
    )
    action = PatchAdapter((pool,))
    name = adapter.options["limit"].name
    doubts = [*_doubts(project, site, name)]
    waits = next((v for v in values if v.option.unit == "milliseconds"), None)
    if waits is not None and adapter.database == "postgresql":
        seconds = waits.value // 1000
        text = f"a query that finds no free connection fails after {seconds} s instead of waiting for ever"
        doubts.append(Doubt("unsafe", text))
    return Finding(
        code="PF501",
        path=site.path,
        start=site.use.expr.start,
        end=site.use.expr.end,
        message=f"{adapter.name} sets no `{name}`: each serverless instance opens up to {default} connections",
        evidence=(*why, *seen),
        intent=Intent(action, f"Limit the pool of {adapter.name} in {site.holds.path}", tuple(doubts)),
        label=f"no `{name}`",
        package=package_name(project, site.path),
        symbol=symbol(facts, site.use.root.function),
    )


def _in_string(project: Project, site: AdapterSite, why: tuple[Evidence, ...]) -> Finding | None:
    """The same for a URL as a string: every one that is known, and that the adapter may get, has to say it itself."""
    found = [place for origin in flattened(site.urls) for place in _without_limit(project, site, origin)]
    facts = project.facts(site.path)
    if not found or facts is None or any(origin.kind in ("glued", "unknown") for origin in flattened(site.urls)):
        return None
    limit, _, _, seen = _limit(project, site)
    adapter = site.adapter
    wanted: dict[Role, int] = {"limit": limit, "pool_timeout": POOL_TIMEOUT}
    if not adapter.reads:
        wanted["connect_timeout"] = CONNECT_TIMEOUT
    urls, kept = [], []
    for place, url, line, why_not in found:
        there = pool_settings(url)
        own = tuple(("", name, value) for role, name, value in in_url(adapter, wanted) if role not in there)
        if why_not:
            kept.append(f"{place.path}:{line}, since {why_not}")
        else:
            urls.append(DriverUrl(place, own))
    name = adapter.in_url["limit"].name
    text = shown(urls[0] if urls else DriverUrl(found[0][0], tuple(("", n, v) for _, n, v in in_url(adapter, wanted))))
    doubts = [*_doubts(project, site, name)]
    if kept:
        doubts.append(Doubt("unsafe", f"{text} is for you to write in {'; '.join(kept)}"))
    doubts += kept_elsewhere(project, site, text)
    title = (
        f"Limit the pool of {adapter.name} in {listed(dict.fromkeys(url.place.path for url in urls))}" if urls else ""
    )
    return Finding(
        code="PF501",
        path=site.path,
        start=site.use.expr.start,
        end=site.use.expr.end,
        message=f"{adapter.name} gets a URL without `{name}`: each serverless instance opens up to "
        f"{adapter.options['limit'].default} connections",
        evidence=(*why, *seen),
        intent=Intent(SetDriverParameters(tuple(urls)), title, tuple(doubts)) if urls else None,
        reason="" if urls else f"{text} is for you to write in {'; '.join(kept)}",
        label=f"no `{name}`",
        package=package_name(project, site.path),
        symbol=symbol(facts, site.use.root.function),
    )


def _without_limit(
    project: Project, site: AdapterSite, origin: Origin
) -> Iterator[tuple[Span, ConnectionUrl, int, str]]:
    """The URLs that an origin stands for and that set no limit: place, line, and why they cannot be changed ("" where
    they can)."""
    for url, seen, setting in _urls(project, site, origin):
        limits = (pool_settings(url).get("limit"), own_value(url, site.adapter, "limit"))
        local = recognise(url).provider.pooling == "local"
        if local or any(one is not None for one in limits) or hidden_parameters(url):
            continue
        if setting is None:
            yield span_of(origin), url, seen.line, ""
            continue
        reader, why_not = engine_reader(project, site.path, setting.name), ""
        if not is_tracked(project, setting):
            why_not = "git ignores that file"
        elif reader is not None:
            why_not = f"the client in {reader} has no adapter and reads it too"
        elif setting.form != "env" and setting.package is None:
            why_not = "nothing tells which program reads it there"
        elif edited(setting, write(url)) is None:
            why_not = "the value is written in a way that cannot be kept"
        yield Span(setting.path, setting.start, setting.end), url, setting.line, why_not


def _doubts(project: Project, site: AdapterSite, name: str) -> Iterator[Doubt]:
    limit, reason, pooled, _ = _limit(project, site)
    default = site.adapter.options["limit"].default
    text = f"`{name}` is {reason}" if pooled else f"`{name}` is {limit} for each instance, it was {default}"
    yield Doubt("unsafe", f"{text}; check what the database allows (`prismafix budget`)")
    other = _other_home(project, site.path)
    if other:
        yield Doubt("unsafe", f"{other} says that the program runs as a server too: there {limit} may be few")


_HOMES = ("Dockerfile", "Procfile", "fly.toml", "render.yaml")


def _other_home(project: Project, path: str) -> str:
    """A file beside the package that starts the program as a server; "" where there is none."""
    package = project.workspace.package_of(path)
    folder = f"{package.root}/" if package is not None and package.root else ""
    return next((folder + name for name in _HOMES if project.workspace.exists(folder + name)), "")


def _limit(project: Project, site: AdapterSite) -> tuple[int, str, bool, tuple[Evidence, ...]]:
    """The pool size, why, whether a pooler stands in front of the database, and the URL that tells: only where all
    that are known go through one."""
    package = project.workspace.package_of(site.path)
    root = package.root if package is not None else ""
    found = [one for origin in flattened(site.urls) for one in _urls(project, site, origin)]
    known = [(url, seen) for url, seen, _ in found if recognise(url).provider.pooling != "local"]
    providers = [recognise(url).provider for url, _ in known]
    pooled = bool(providers) and all(is_pooled(provider, None) for provider in providers)
    provider = providers[0] if pooled else PROVIDERS[site.adapter.database]
    situation = Situation("adapter", 7, "serverless", interactive_transactions=opens_transactions(project, root))
    limit, reason = recommended_limit(situation, provider)
    return limit, reason, pooled, tuple(seen for _, seen in known[:1])


def _urls(
    project: Project, site: AdapterSite, origin: Origin
) -> Iterator[tuple[ConnectionUrl, Evidence, Setting | None]]:
    """The URLs that an origin of the adapter's may be, as far as they are known, and the setting that holds each."""
    if origin.kind == "variable":
        for setting in settings_for(project, site.path, origin.name):
            url = url_of(setting)
            if url is not None and not setting.sample and url.database == site.adapter.database:
                told = recognise(url)
                text = f"{origin.name}: {told.provider.title}, {told.evidence}"
                yield url, Evidence(setting.path, setting.line, text), setting
    elif origin.kind == "text" and "\\" not in origin.written:
        facts = project.facts(origin.place.path)
        try:
            url = parse(origin.written)
        except NotAConnectionStringError:
            return
        if facts is not None and url.database == site.adapter.database:
            told = recognise(url)
            line = facts.line_of(origin.place.expr.start)
            yield url, Evidence(origin.place.path, line, f"{told.provider.title}, {told.evidence}"), None
