"""A driver adapter ignores the pool parameters in its URL.

`connection_limit`, `pool_timeout` and `connect_timeout` are parameters of Prisma's Rust engine. With a driver adapter
(always in Prisma 7, in 6 with `engineType = "client"`) the pool belongs to the driver, which does not know them: with
`?connection_limit=1` the server saw 11 connections (measured, `@prisma/adapter-pg`). Nothing says so.

The fix moves the values into the adapter's options, in its units: `max` and `connectionTimeoutMillis` of pg (one for
both timeouts: it gets the larger), `connectionLimit`, `acquireTimeout` and `connectTimeout` of mariadb, `pool` and
`connectionTimeout` of mssql. The limit is read from an environment variable, with the old value for want of one.
Options that are there keep their values. The parameters go out of a URL that is written in the code, in an env file
that git tracks, or in a Compose or deployment file where the program that reads it is known; where else they stand is
said.

`PrismaMariaDb` and `PrismaMssql` that are given the URL as a string take no options beside it, but read parameters of
the driver's own there: `connection_limit=6` becomes `connectionLimit=6` in its place, `pool_timeout=20` becomes
`acquireTimeout=20000`. In SQL Server's only the time to connect is affected: `connectTimeout` is in seconds for the
engine and the command line, and in milliseconds for the adapter, which takes `connectionTimeout` first.

It is unsafe: limits that were without effect so far begin to hold.

Left alone: a URL that is taken apart by the project, options that come from elsewhere, adapters without a TCP pool
(Neon, PlanetScale, libSQL, D1), the drivers' own pools that Prisma is not given, and the engine, which reads all of
them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.connection.adapters import Option, OptionValue, Role, options
from prismafix.connection.providers import recognise
from prismafix.connection.url import write
from prismafix.project.pools.adapters import adapter_sites, limit_of, option
from prismafix.project.pools.urls import flattened
from prismafix.rules.adapter_settings import (
    Carrier,
    carriers,
    engine_reader,
    is_tracked,
    kept_elsewhere,
    listed,
    span_of,
    url_of,
)
from prismafix.rules.adapter_strings import by_hand, is_string, respelled, shown
from prismafix.rules.model import (
    Applicability,
    Doubt,
    DriverUrl,
    Finding,
    Intent,
    PatchAdapter,
    PoolOptions,
    SetDriverParameters,
    Span,
)
from prismafix.rules.support import package_name, symbol
from prismafix.workspace.model import Evidence
from prismafix.workspace.settings import edited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.connection.adapters import Adapter
    from prismafix.project.model import Project
    from prismafix.project.pools.adapters import AdapterSite

BEST: Applicability = "unsafe"

_ENDS = re.compile(r"_(?:URL|URI|DSN|CONNECTION_STRING)$")
_ORDER: tuple[Role, ...] = ("limit", "pool_timeout", "connect_timeout")
_MILLISECONDS = 600
"""A `connectTimeout` over this is none in seconds: the project has moved on to the driver's unit."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """An adapter whose URL has such parameters. `needed` are the roles that its options do not speak of, `wanted` what
    they get; None where nothing can be written, for `reason`, and for a URL as a string, which is changed itself."""

    site: AdapterSite
    found: tuple[Carrier, ...]
    needed: frozenset[Role]
    wanted: tuple[OptionValue, ...] | None
    reason: str

    @property
    def as_string(self) -> bool:
        return is_string(self.site)


def check(project: Project) -> Iterable[Finding]:
    """One finding for each adapter whose URL has such parameters, as far as it is known. Adapters that a value outside
    of the code is for share a fix: it loses its parameters when all of them have options."""
    plans = _plans(project)
    removable = {id(p): [c for c in p.found if not _why_stays(project, plans, p, c)] for p in plans}
    told = [p for p in plans if project.is_looked_at(p.site.path) and _matters(p, removable[id(p)])]
    for group in _groups(told, removable):
        make = _intent_for_strings if group[0].as_string else _intent
        intent = make(project, plans, group, removable)
        for plan in group:
            yield _finding(project, plan, intent if plan.wanted is not None or plan.as_string else None)


def _matters(plan: _Plan, removable: list[Carrier]) -> bool:
    """Whether the adapter does something else than its URL says, or can be rid of what its own options overrule."""
    overruled = any(role not in plan.needed for carrier in removable for role in carrier.values)
    return overruled or any(
        value != _by_default(plan.site.adapter.options[role])
        for carrier in plan.found
        for role, value in carrier.values.items()
        if role in plan.needed
    )


def _by_default(option: Option) -> int:
    """What the driver does without an option: connections, or seconds."""
    return int(option.default.partition(":")[0].removesuffix(" s"))


def _plans(project: Project) -> list[_Plan]:
    plans: dict[tuple[str, int], _Plan] = {}
    for site in adapter_sites(project):
        held = (site.holds.path, site.holds.expr.start)
        role = project.roles.role(site.path).kind
        counts = role in ("application", "edge") or project.options.scripts_in(site.path)
        found = carriers(project, site) if counts and held not in plans else ()
        if site.adapter.reads and site.holder == "url":
            found = tuple(c for c in found if not _is_in_milliseconds(c))
        if found:
            needed = frozenset(role for carrier in found for role in carrier.values if not _is_set(site, carrier, role))
            plans[held] = _Plan(site, found, needed, *_options(site, found, needed))
    return list(plans.values())


def _groups(plans: list[_Plan], removable: dict[int, list[Carrier]]) -> list[list[_Plan]]:
    """The adapters that lose parameters in the same places outside of the code, together."""
    groups: list[tuple[list[_Plan], set[tuple[str, int]]]] = []
    for plan in plans:
        places = {(c.path, c.start) for c in removable[id(plan)] if c.setting is not None}
        joined = [group for group in groups if (plan.wanted is not None or plan.as_string) and group[1] & places]
        groups = [group for group in groups if group not in joined]
        groups.append(([*(p for members, _ in joined for p in members), plan], places.union(*(s for _, s in joined))))
    return [members for members, _ in groups]


def _finding(project: Project, plan: _Plan, intent: Intent | None) -> Finding:
    site, found = plan.site, plan.found
    path, start, end = _place(project, site, found)
    facts = project.facts(site.path)
    message, evidence = _message(site, found, plan.needed), [*_seen(found)]
    if facts is not None and path not in (site.path, site.holds.path):
        message = message.replace(site.adapter.name, f"{site.adapter.name} in {site.path}", 1)
        evidence.append(Evidence(site.path, facts.line_of(site.use.expr.start), "the adapter"))
    return Finding(
        code="PF505",
        path=path,
        start=start,
        end=end,
        message=message,
        evidence=tuple(evidence),
        intent=intent,
        reason=plan.reason if intent is None else "",
        label=f"{site.adapter.name} does not read them",
        package=package_name(project, site.path),
        symbol=symbol(facts, site.use.root.function) if facts is not None else "",
    )


def _seen(found: tuple[Carrier, ...]) -> Iterable[Evidence]:
    return (Evidence(c.path, c.line, f"{c.title}: {c.written}") for c in found)


def _is_in_milliseconds(carrier: Carrier) -> bool:
    value = carrier.values.get("connect_timeout")
    return isinstance(value, int) and value > _MILLISECONDS


def _is_set(site: AdapterSite, carrier: Carrier, role: Role) -> bool:
    """Whether the options, or the driver's own parameters, say already what a parameter of this role would."""
    if is_string(site):
        return role in carrier.own
    given = limit_of(site) if role == "limit" else option(site, site.adapter.options[role].name)
    return given is not None and given != "unknown"


def _is_hidden(site: AdapterSite, role: Role) -> bool:
    """Whether an option may be given, in something that is spread into the options."""
    return option(site, site.adapter.options[role].name) == "unknown"


def _message(site: AdapterSite, found: tuple[Carrier, ...], needed: frozenset[Role]) -> str:
    adapter, names = site.adapter, list(dict.fromkeys(name for carrier in found for name in carrier.names))
    what = listed(names)
    of = found[0].title
    if site.holder == "url" and adapter.reads:
        return f"{adapter.name} takes {what} of {of} for milliseconds, where Prisma's engine took seconds"
    if not needed and is_string(site):
        return f"{adapter.name} ignores {what} of {of}: its driver's own parameters hold"
    if not needed:
        return f"{adapter.name} ignores {what} of {of}: its own options hold"
    missing = [adapter.options[role] for role in _ORDER if role in needed and not _is_hidden(site, role)]
    instead = dict.fromkeys(f"`{one.name}` is {one.default.replace(':', ',')}" for one in missing)
    return f"{adapter.name} ignores {what} of {of}" + (f": {listed(instead)}" if instead else "")


def _place(project: Project, site: AdapterSite, found: tuple[Carrier, ...]) -> tuple[str, int, int]:
    """Where the finding is: in the code, unless only files say it that git ignores."""
    code = next((c.origin for c in found if c.origin is not None), None)
    if code is not None and code.kind == "glued":
        return code.place.path, code.place.expr.start, code.place.expr.end
    settings = [c.setting for c in found if c.setting is not None]
    if code is None and settings and not any(is_tracked(project, setting) for setting in settings):
        first = settings[0]
        at = first.text.find("?") if first.text == first.value else -1
        start = first.start + len(first.text[:at].encode()) if at > 0 else max(first.start, first.end - 1)
        return first.path, start, first.end
    return site.path, site.use.expr.start, site.use.expr.end


def _values(found: tuple[Carrier, ...], needed: frozenset[Role]) -> dict[Role, int] | None:
    """The value for each role; None where the places do not agree or a value is computed. What is appended in the code
    comes last in the URL, and so counts; what is for development, or an example, counts where there is nothing else."""
    values: dict[Role, int] = {}
    for role in (role for role in _ORDER if role in needed):
        each: dict[int, set[int | str]] = defaultdict(set)
        for carrier in found:
            if role in carrier.values:
                each[_rank(carrier)].add(carrier.values[role])
        best = each[min(each)]
        one = next(iter(best))
        if len(best) > 1 or not isinstance(one, int):
            return None
        values[role] = one
    return values


def _rank(carrier: Carrier) -> int:
    if carrier.origin is not None and carrier.origin.kind == "glued":
        return 0
    url = url_of(carrier.setting) if carrier.setting is not None else None
    if carrier.setting is not None and carrier.setting.sample:
        return 3
    return 2 if url is not None and recognise(url).provider.pooling == "local" else 1


def _why_stays(project: Project, plans: list[_Plan], plan: _Plan, carrier: Carrier) -> str:
    """Why parameters cannot be taken out of a URL; "" where they can."""
    site, setting = plan.site, carrier.setting
    if setting is None:
        origin = carrier.origin
        if origin is None or (origin.kind == "text" and not _is_used_once(project, site, carrier)):
            return "other code uses the same URL"
        return ""
    if not is_tracked(project, setting):
        return "git ignores that file"
    if setting.form != "env" and setting.package is None:
        return "nothing tells which program reads it there"
    reader = engine_reader(project, site.path, setting.name)
    if reader is not None:
        return f"the client in {reader} has no adapter and reads them"
    for other in plans:
        same = any(c.setting is not None and (c.path, c.start) == (carrier.path, carrier.start) for c in other.found)
        if same and other.as_string != plan.as_string:
            return f"the adapter in {other.site.path} reads it in another way"
        if plan.as_string:
            continue
        open_ = other.needed and (other.wanted is None or not project.is_looked_at(other.site.path))
        if other is not plan and same and open_:
            return f"the adapter in {other.site.path} has no options for them"
    url = url_of(setting)
    if url is None or edited(setting, write(url)) is None:
        return "the value is written in a way that cannot be kept"
    return ""


def _is_used_once(project: Project, site: AdapterSite, carrier: Carrier) -> bool:
    """Whether a URL that is written in the code is for this adapter alone: written in its options, or the value of a
    name that is used once."""
    origin = carrier.origin
    if origin is None:
        return False
    path, start = origin.place.path, origin.place.expr.start
    if path == site.holds.path and site.holds.expr.start <= start < site.holds.expr.end:
        return True
    facts = project.facts(path)
    root = next((n for n, r in enumerate(facts.roots) if r.start <= start < r.end), -1) if facts is not None else -1
    binding = next((b for b in facts.bindings if b.value == root >= 0), None) if facts is not None else None
    if facts is None or binding is None or any(export.local == binding.name for export in facts.exports):
        return False
    return len(project.evaluator.index(path).names.get(binding.name, ())) == 1


def _options(
    site: AdapterSite, found: tuple[Carrier, ...], needed: frozenset[Role]
) -> tuple[tuple[OptionValue, ...] | None, str]:
    """The options to write, or why none are."""
    adapter = site.adapter
    if is_string(site):
        return None, by_hand(adapter, found)
    values = _values(found, needed)
    if values is None:
        if any(isinstance(value, str) for carrier in found for value in carrier.values.values()):
            return None, "a value is no plain number: give the adapter's options the same value by hand"
        return None, "the places do not say the same: set the adapter's options by hand, from a variable of their own"
    wanted = options(adapter, values)
    if any(option(site, value.option.name) == "unknown" for value in wanted):
        return None, "options come from elsewhere: set them there"
    return wanted, ""


def _intent(
    project: Project, plans: list[_Plan], group: list[_Plan], removable: dict[int, list[Carrier]]
) -> Intent | None:
    """The fix of adapters that belong together."""
    ready = [plan for plan in group if plan.wanted is not None]
    going = {(c.path, c.start): c for plan in ready for c in removable[id(plan)]}
    pools = tuple(_pool(plan.site, plan.wanted) for plan in ready if plan.wanted)
    if not pools and not going:
        return None
    action = PatchAdapter(
        pools,
        tuple(span_of(c.origin) for c in going.values() if c.origin is not None),
        tuple(Span(c.path, c.setting.start, c.setting.end) for c in going.values() if c.setting is not None),
        tuple(dict.fromkeys(name for carrier in going.values() for name in carrier.names)),
    )
    doubts = [doubt for plan in ready for doubt in _effects(plan.wanted or (), _variable(plan.site))]
    for plan, carrier in [(one, carrier) for one in ready for carrier in one.found]:
        why = _why_stays(project, plans, plan, carrier)
        if why:
            stay = "stay" if len(carrier.names) > 1 else "stays"
            text = f"{listed(carrier.names)} {stay} in {carrier.path}:{carrier.line}, since {why}"
            doubts.append(Doubt("unsafe", text))
    shared = [c for c in going.values() if c.setting is not None and not c.setting.sample]
    if shared:
        text = f"other programs that read {shared[-1].title} from the same file lose these parameters too"
        doubts.append(Doubt("unsafe", text))
    if not doubts:
        doubts.append(Doubt("unsafe", "the URL changes: look for what else takes it apart"))
    names = listed(dict.fromkeys(plan.site.adapter.name for plan in ready))
    where = listed(dict.fromkeys(plan.site.holds.path for plan in ready))
    return Intent(action, f"Move the pool settings of {names} out of the URL in {where}", tuple(dict.fromkeys(doubts)))


def _pool(site: AdapterSite, wanted: tuple[OptionValue, ...]) -> PoolOptions:
    return PoolOptions(
        Span(site.holds.path, site.holds.expr.start, site.holds.expr.end),
        site.holder,
        tuple((value.option.name, value.value) for value in wanted),
        _variable(site) if wanted[0].option.unit == "connections" else "",
        _reader(site),
    )


def _effects(wanted: tuple[OptionValue, ...], variable: str) -> Iterable[Doubt]:
    for value in wanted:
        if value.option.unit == "connections":
            text = f"the pool has {value.value} connections from now on, it had {value.option.default}"
            yield Doubt("unsafe", f"{text}; {variable} sets another number" if variable else text)
        else:
            now = value.option.default.partition(":")[2].strip() or value.option.default
            seconds = f"{value.value // 1000} s" if value.value else "for ever"
            if seconds != now:
                yield Doubt("unsafe", f"`{value.option.name}` is {seconds} from now on, it was {now}")


def _intent_for_strings(
    project: Project, plans: list[_Plan], group: list[_Plan], removable: dict[int, list[Carrier]]
) -> Intent | None:
    """The fix of URLs that a driver reads itself."""
    adapter = group[0].site.adapter
    urls: dict[tuple[str, int], DriverUrl] = {}
    doubts: list[Doubt] = []
    for plan, carrier in [(one, carrier) for one in group for carrier in one.found]:
        url = respelled(adapter, carrier)
        why = _why_stays(project, plans, plan, carrier) or ("" if url is not None else "a value is no plain number")
        if why or url is None:
            text = f"{shown(url)} is for you to write" if url is not None and shown(url) else "the parameters stay"
            doubts.append(Doubt("unsafe", f"in {carrier.path}:{carrier.line} {text}, since {why}"))
        else:
            urls[carrier.path, carrier.start] = url
            values = {r: v for r, v in carrier.values.items() if isinstance(v, int) and r not in carrier.own}
            doubts += _effects(options(adapter, values), "") if not adapter.reads else _corrected(adapter, values)
    if not urls:
        return None
    settings = [c for one in group for c in one.found if c.setting is not None and not c.setting.sample]
    shared = next((c for c in settings if (c.path, c.start) in urls), None)
    if shared is not None and not adapter.reads:
        doubts.append(Doubt("unsafe", f"other programs that read {shared.title} from the same file get these instead"))
    text = shown(next(iter(urls.values())))
    doubts += [doubt for plan in group for doubt in kept_elsewhere(project, plan.site, text)] if text else []
    where = listed(dict.fromkeys(url.place.path for url in urls.values()))
    title = f"Write the driver's own parameters into the URL in {where}"
    if not doubts:
        doubts.append(Doubt("unsafe", "the URL changes: look for what else takes it apart"))
    return Intent(SetDriverParameters(tuple(urls.values())), title, tuple(dict.fromkeys(doubts)))


def _corrected(adapter: Adapter, values: dict[Role, int]) -> Iterable[Doubt]:
    """What becomes of seconds that were taken for milliseconds."""
    now, name = values.get("connect_timeout"), adapter.in_url["connect_timeout"].name
    if now is not None:
        yield Doubt("unsafe", f"`{name}` is {now} s from now on, where `connectTimeout` was {now} ms")


def _variable(site: AdapterSite) -> str:
    """What the variable of the limit is called, after that of the URL."""
    name = next((origin.name for origin in flattened(site.urls) if origin.kind == "variable"), "DATABASE_URL")
    return f"{_ENDS.sub('', name)}_CONNECTION_LIMIT"


def _reader(site: AdapterSite) -> Span | None:
    """The expression in the module of the options that reads the variable of the URL: another one is read alike."""
    own = [o for o in flattened(site.urls) if o.kind == "variable" and o.place.path == site.holds.path]
    return span_of(own[0]) if own else None
