"""What the rules about driver adapters share: which values of a variable the code can read, and which parameters of a
URL an adapter ignores."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.connection.adapters import PARAMETERS, Role, ignored_settings, own_value
from prismafix.connection.url import NotAConnectionStringError, parse
from prismafix.project.model import once_per_project
from prismafix.project.pools.urls import flattened
from prismafix.rules.model import Doubt, Span
from prismafix.rules.programs import users_of
from prismafix.workspace.model import within
from prismafix.workspace.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.connection.adapters import Adapter
    from prismafix.connection.url import ConnectionUrl
    from prismafix.project.model import Project
    from prismafix.project.pools.adapters import AdapterSite
    from prismafix.project.pools.urls import Origin
    from prismafix.workspace.settings import Setting

_EXAMPLE = re.compile(r"example|sample|template|dist|default", re.IGNORECASE)
_BASES = {"postgresql": "postgresql://h/d", "mysql": "mysql://h/d", "sqlserver": "sqlserver://h"}


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """A place where a URL has parameters that the adapter ignores. `values` are those of the pool, as
    `connection.adapters.pool_settings`; `names` as Prisma spells them; `own` are the roles of which the URL speaks in
    the driver's words besides. It is an expression in the code (`origin`) or a
    `setting`; `title` says which in words. `start` is its first byte, `line` 1-based."""

    title: str
    path: str
    line: int
    start: int
    values: dict[Role, int | str]
    names: tuple[str, ...]
    own: frozenset[Role] = frozenset()
    origin: Origin | None = None
    setting: Setting | None = None

    @property
    def written(self) -> str:
        """The parameters, as a URL has them. None of them is a secret."""
        return listed(f"{n}={v}" for n, v in zip(self.names, self.values.values(), strict=True))


def carriers(project: Project, site: AdapterSite) -> tuple[Carrier, ...]:
    """All places that the URL of an adapter may come from and that have such parameters, code first."""
    adapter = site.adapter if site.holder == "url" else replace(site.adapter, reads=frozenset())
    found: dict[tuple[str, int], Carrier] = {}
    for origin in flattened(site.urls):
        for carrier in _of_origin(project, site, origin, adapter):
            found.setdefault((carrier.path, carrier.start), carrier)
    return tuple(sorted(found.values(), key=lambda c: (c.setting is not None, c.path, c.line)))


def _of_origin(project: Project, site: AdapterSite, origin: Origin, adapter: Adapter) -> Iterator[Carrier]:
    if origin.kind == "variable":
        for setting in settings_for(project, site.path, origin.name):
            url = url_of(setting) if not _is_for_tests(setting) else None
            values = ignored_settings(url, adapter) if url is not None and url.database == adapter.database else {}
            if url is not None and values:
                place = origin.name, setting.path, setting.line, setting.start
                yield Carrier(*place, values, _names(url, values), _own(url, adapter), setting=setting)
        return
    url = _written(origin, adapter)
    facts = project.facts(origin.place.path)
    values = ignored_settings(url, adapter) if url is not None and url.database == adapter.database else {}
    if url is not None and facts is not None and values:
        start = origin.place.expr.start
        place = "the URL", origin.place.path, facts.line_of(start), start
        yield Carrier(*place, values, _names(url, values), _own(url, adapter), origin=origin)


def _own(url: ConnectionUrl, adapter: Adapter) -> frozenset[Role]:
    return frozenset(role for role in adapter.in_url if own_value(url, adapter, role) is not None)


def _is_for_tests(setting: Setting) -> bool:
    """Whether a value is for tests: what is a sample and no example."""
    return setting.sample and _EXAMPLE.search(setting.path.rpartition("/")[2]) is None


def _names(url: ConnectionUrl, values: dict[Role, int | str]) -> tuple[str, ...]:
    return tuple(PARAMETERS[url.database][role] for role in values)


def _written(origin: Origin, adapter: Adapter) -> ConnectionUrl | None:
    """The URL that an expression spells out, or one with the parameters that it appends."""
    if origin.kind not in ("text", "glued") or "\\" in origin.written:
        return None
    text = origin.written
    if origin.kind == "glued":
        text = _BASES[adapter.database] + "?" + text[1:] if adapter.database in _BASES else ""
    try:
        return parse(text)
    except NotAConnectionStringError:
        return None


def url_of(setting: Setting) -> ConnectionUrl | None:
    """The connection string of a setting, None for anything else."""
    if setting.reference:
        return None
    try:
        return parse(setting.value)
    except NotAConnectionStringError:
        return None


def settings_for(project: Project, path: str, name: str) -> tuple[Setting, ...]:
    """The settings of a variable that a module may read: of its package, of those that depend on it, of the folders
    above."""
    package = project.workspace.package_of(path)
    if package is None:
        return ()
    roots = {one.root for one in users_of(project, package.root)}
    return tuple(
        setting
        for setting in settings_of(project.workspace)
        if setting.name == name
        and setting.form != "schema"
        and setting.package is not None
        and (setting.package in roots or within(package.root, setting.package))
    )


def kept_elsewhere(project: Project, site: AdapterSite, needed: str) -> Iterator[Doubt]:
    """Where the variable of a URL only refers to a store of secrets, and what to set there."""
    for name in dict.fromkeys(origin.name for origin in flattened(site.urls) if origin.kind == "variable"):
        found = [s for s in settings_for(project, site.path, name) if s.reference and not s.sample]
        places = dict.fromkeys(f"{s.path}:{s.line}" for s in found)
        if places:
            yield Doubt("unsafe", f"{name} comes from elsewhere in {', '.join(places)}: set {needed} there too")


@once_per_project
def engine_reader(project: Project, path: str, name: str) -> str | None:
    """A module that builds a client without an adapter whose engine takes its URL from the same variable, and with it
    the parameters; None if there is none."""
    package = project.workspace.package_of(path)
    roots = {one.root for one in users_of(project, package.root)} if package is not None else set()
    for module in project.store.constructing():
        own = project.workspace.package_of(module)
        if own is None or not (own.root in roots or (package is not None and within(package.root, own.root))):
            continue
        if project.roles.role(module).kind == "test":
            continue
        for client in project.clients.sites(module):
            schema = project.schema_of(client.klass.entry, module)
            options = client.expr.arguments[0] if client.expr.arguments else None
            own_class = client.klass.declared is not None  # it may hand an adapter on
            bare = not own_class and (
                options is None
                or (
                    options.kind == "object"
                    and all(c.kind == "property" and c.text and c.text != "adapter" for c in options.children)
                )
            )
            before = own.prisma_version is not None and own.prisma_version[0] < _WITHOUT_ENGINE
            if bare and before and schema is not None and schema.url_env == name:
                return module
    return None


_WITHOUT_ENGINE = 7


def is_tracked(project: Project, setting: Setting) -> bool:
    """Whether a setting stands in a file that git does not ignore."""
    return setting.path not in project.workspace.ignored


def span_of(origin: Origin) -> Span:
    """The bytes of the expression of an origin."""
    expr = origin.place.expr
    return Span(origin.place.path, expr.start, expr.end)


def listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
