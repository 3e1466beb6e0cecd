"""Parameters are glued onto a connection string.

`process.env.DATABASE_URL + "?connection_limit=1"` is right for a URL that has no parameters yet, and with `&` for one
that has. The other one breaks: `…?sslmode=require?connection_limit=1` is a value of `sslmode` that no server knows, and
`…/shop&connection_limit=1` names a database that is not there. Which of both the variable holds is decided elsewhere,
in every environment anew; Neon's URLs all have `?sslmode=require`.

The fix sets the parameters with `URL` and `searchParams`, in a small function that gives `undefined` back where the
variable is not set, as it may be while the project is built. It is offered for PostgreSQL and MySQL with one host. A
parameter that the variable has already gets the value in the code, as the last one counted before.

It is unsafe: `URL` writes a value anew (characters that should have been escaped are escaped then), and throws for one
that is none.

Where a driver adapter ignores all of the parameters, PF505 moves them into its options.

Left alone: code that looks whether there is a `?` already, a URL that is put together from its parts, strings that are
no database's URL for Prisma."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote_plus

from prismafix.connection.adapters import PARAMETERS, Adapter
from prismafix.project.pools.adapters import adapter_sites
from prismafix.project.pools.urls import Origin, Piece, Place, flattened, origins, pieces_of
from prismafix.rules.adapter_settings import listed, settings_for, url_of
from prismafix.rules.model import Applicability, Doubt, Finding, GluedParameters, Intent, SetUrlParameters, Span
from prismafix.rules.support import package_name, span, symbol
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.workspace.settings import Setting

BEST: Applicability = "unsafe"

_KNOWN = frozenset(
    (
        *(name for spelled in PARAMETERS.values() for name in spelled.values()),
        *("pgbouncer", "sslmode", "schema", "statement_cache_size", "socket_timeout", "sslcert", "sslidentity"),
        *("sslpassword", "sslaccept", "sslrootcert", "application_name", "channel_binding", "options", "host"),
        *(
            "max_idle_connection_lifetime",
            "max_connection_lifetime",
            "single_use_connections",
            "socket",
            "uselibpqcompat",
        ),
    )
)
_PROVIDERS = {"postgresql": "postgresql", "cockroachdb": "postgresql", "mysql": "mysql"}
_LOOKS = frozenset(("includes", "indexOf", "search", "match", "test", "startsWith", "endsWith", "has", "split"))
_NAME = re.compile(r"[\w.]+")
_CONFIG = re.compile(r"(?:^|/)prisma\.config\.[cm]?[jt]s$")


@dataclass(frozen=True, slots=True, eq=False)
class _Sink:
    """Where Prisma takes a connection string: an expression, or a variable that the code sets. `database` is what kind
    it is, None where that is not known; `direct` the expression itself where `undefined` may stand for it."""

    place: Place
    what: Literal["client", "adapter", "config", "environment"]
    database: str | None
    adapter: Adapter | None = None
    direct: bool = True


def check(project: Project) -> Iterable[Finding]:
    """One finding for each place where parameters are appended; one fix for those of a file."""
    found: dict[tuple[str, int], tuple[_Sink, Origin]] = {}
    for sink in _sinks(project):
        for origin in flattened(_given(project, sink)):
            if origin.kind == "glued" and _concerns(project, sink, origin):
                found.setdefault((origin.place.path, origin.place.expr.start), (sink, origin))
    by_file: dict[str, list[tuple[_Sink, Origin]]] = defaultdict(list)
    for (path, _), one in sorted(found.items(), key=lambda item: item[0]):
        by_file[path].append(one)
    for path, several in by_file.items():
        yield from _findings(project, path, several)


def _sinks(project: Project) -> Iterator[_Sink]:
    yield from _of_adapters(project)
    yield from _of_clients(project)
    yield from _of_config(project)
    yield from _of_environment(project)


def _counts(project: Project, path: str) -> bool:
    if not project.is_looked_at(path):
        return False
    return project.roles.role(path).kind in ("application", "edge") or project.options.scripts_in(path)


def _of_adapters(project: Project) -> Iterator[_Sink]:
    for site in adapter_sites(project):
        if _counts(project, site.path):
            place = Place(site.path, site.use.expr, site.use.root.scope)
            given = site.holds.expr.property_value("connectionString") if site.holder == "options" else site.holds.expr
            yield _Sink(
                Place(site.holds.path, given, site.holds.scope) if given is not None else place,
                "adapter",
                site.adapter.database,
                site.adapter,
            )


def _of_clients(project: Project) -> Iterator[_Sink]:
    for path in project.store.constructing():
        if not _counts(project, path):
            continue
        for site in project.clients.sites(path):
            schema = project.schema_of(site.klass.entry, path)
            database = _PROVIDERS.get(schema.provider or "", schema.provider) if schema is not None else None
            for argument in site.expr.arguments:
                for given, direct in _urls_in(argument):
                    yield _Sink(Place(path, given, site.use.root.scope), "client", database, direct=direct)


def _urls_in(options: Expr) -> Iterator[tuple[Expr, bool]]:
    """The URLs in a client's options, and whether each may be `undefined`: Prisma 5 and 6 refuse that in `datasources`
    (read in their source), and look at the schema where `datasourceUrl` is."""
    url = options.property_value("datasourceUrl")
    if url is not None:
        yield url, True
    sources = options.property_value("datasources")
    for source in sources.children if sources is not None and sources.kind == "object" else ():
        inner = source.children[0].property_value("url") if source.kind == "property" else None
        if inner is not None:
            yield inner, False


def _of_config(project: Project) -> Iterator[_Sink]:
    """`datasource.url` of `prisma.config.ts`, for the CLI."""
    for path in project.workspace.source_files:
        facts = project.facts(path) if _CONFIG.search(path) and project.is_looked_at(path) else None
        for root in facts.roots if facts is not None else ():
            for part in root.expr.walk():
                holder = part.property_value("datasource") if part.kind == "object" else None
                for key in ("url", "directUrl", "shadowDatabaseUrl") if holder is not None else ():
                    url = holder.property_value(key) if holder is not None else None
                    if url is not None:
                        yield _Sink(Place(path, url, root.scope), "config", _of_package(project, path), direct=False)


def _of_package(project: Project, path: str) -> str | None:
    """The kind of database of a package with one schema."""
    package = project.workspace.package_of(path)
    schemas = project.workspace.schemas_of(package) if package is not None else ()
    providers = {schema.provider for schema in schemas}
    return _PROVIDERS.get(schemas[0].provider or "", schemas[0].provider) if len(providers) == 1 else None


def _of_environment(project: Project) -> Iterator[_Sink]:
    """`process.env.DATABASE_URL = …`, of a variable that a schema's datasource reads."""
    variables = {schema.url_env: schema.provider for schema in project.workspace.schemas if schema.url_env}
    for path in project.store.setting_environment() if variables else ():
        if not _counts(project, path) or not any(project.store.mentions(path, name) for name in variables):
            continue
        for use in project.evaluator.index(path).changes:
            target = use.expr.children[0] if use.expr.kind == "assign" else None
            chain = target.chain() if target is not None else None
            if chain is not None and len(chain) == 3 and chain[:2] == ("process", "env") and chain[2] in variables:
                provider = variables[chain[2]]
                database = _PROVIDERS.get(provider or "", provider)
                yield _Sink(Place(path, use.expr, use.root.scope), "environment", database)


def _given(project: Project, sink: _Sink) -> tuple[Origin, ...]:
    if sink.what != "environment":
        return origins(project.evaluator, sink.place)
    target, value = sink.place.expr.children
    if sink.place.expr.text == "=":
        return origins(project.evaluator, Place(sink.place.path, value, sink.place.scope))
    if sink.place.expr.text != "+=":
        return ()
    pieces = (Piece(expr=target), *pieces_of(value))
    bases = origins(project.evaluator, Place(sink.place.path, target, sink.place.scope))
    glued = len(pieces) > 1 and pieces[1].text.startswith(("?", "&"))
    return (Origin("glued", sink.place, pieces=pieces, bases=bases),) if glued else ()


def _concerns(project: Project, sink: _Sink, origin: Origin) -> bool:
    """Whether parameters of a database's URL are appended to a variable without a look at what is there."""
    if not any(base.kind == "variable" for base in flattened(origin.bases)):
        return False
    parameters = _parameters(origin)
    if not any(name in _KNOWN for name, _ in parameters) or sink.database == "sqlserver":
        return False
    if sink.adapter is not None:
        ignored = PARAMETERS.get(sink.adapter.database, {}).values()
        if sink.adapter.options and all(name in ignored for name, _ in parameters):
            return False  # PF505
    return not _is_looked_at(project, origin)


def _parameters(origin: Origin) -> list[tuple[str, tuple[str | Expr, ...]]]:
    """(name, parts of the value) of what is appended; () for a name without a value. A name that is computed is ""."""
    found: list[tuple[str, list[str | Expr]]] = []
    at_name = True
    for piece in origin.pieces[1:]:
        if piece.expr is not None:
            if at_name:
                found.append(("", [piece.expr]))
            else:
                found[-1][1].append(piece.expr)
            continue
        for mark, text in re.findall(r"([?&]?)([^?&]*)", piece.text):
            if not mark and not text:
                continue
            if mark:
                name, equals, value = text.partition("=")
                found.append((name if _NAME.fullmatch(name) else "", [value] if value else []))
                at_name = not equals
            elif at_name:
                found.append(("", [text]))
            else:
                found[-1][1].append(text)
    return [(name, tuple(parts)) for name, parts in found]


def _is_looked_at(project: Project, origin: Origin) -> bool:
    """Whether the code around asks something of a text that speaks of parameters: `url.includes("?")`."""
    path, start = origin.place.path, origin.place.expr.start
    facts = project.facts(path)
    if facts is None:
        return True
    function = facts.scopes[facts.scope_at(start)].function
    if function < 0:
        return any(_asks(use) for use in project.evaluator.index(path).calls if use.root.function < 0)
    around = facts.functions[function]
    return any(_asks(use) for use in project.evaluator.index(path).calls_within(around.start, around.end))


def _asks(use: Use) -> bool:
    callee = use.expr.callee
    if use.expr.kind != "call" or callee.kind != "member" or callee.text not in _LOOKS:
        return False
    asked = [*use.expr.arguments, callee.children[0]]
    return any(
        (part.kind == "string" and (part.text in _KNOWN or any(mark in part.text for mark in "?&=")))
        or (part.kind == "literal" and part.text == "regex")
        for part in asked
    )


def _findings(project: Project, path: str, several: list[tuple[_Sink, Origin]]) -> Iterator[Finding]:
    facts = project.facts(path)
    if facts is None:
        return
    made = [(sink, origin, *_fixable(project, sink, origin)) for sink, origin in several]
    glued = [action for _, _, action, _ in made if action is not None]
    intent = None
    if glued:
        title = f"Set the parameters of the connection string with URL in {path}"
        intent = Intent(SetUrlParameters(tuple(glued)), title, _DOUBTS)
    for sink, origin, action, reason in made:
        known = _known(project, sink, origin)
        first = origin.pieces[1].text[:1]
        broken = [(s, has) for s, has in known if has == (first == "?") and not s.sample]
        yield Finding(
            code="PF504",
            path=path,
            start=origin.place.expr.start,
            end=origin.place.expr.end,
            message=_message(origin, broken),
            evidence=tuple(Evidence(s.path, s.line, _seen(s, has)) for s, has in (broken or known)[:3]),
            intent=intent if action is not None else None,
            reason=reason,
            severity="error" if broken else "warning",
            label=f"glued on with `{first}`",
            package=package_name(project, path),
            symbol=symbol(facts, _function(facts, origin)),
        )


def _function(facts: ModuleFacts, origin: Origin) -> int:
    return facts.scopes[facts.scope_at(origin.place.expr.start)].function


def _variables(origin: Origin) -> list[str]:
    return list(dict.fromkeys(base.name for base in flattened(origin.bases) if base.kind == "variable"))


def _message(origin: Origin, broken: list[tuple[Setting, bool]]) -> str:
    names = [name for name, _ in _parameters(origin) if name]
    what = listed(names)
    onto, first = " or ".join(_variables(origin)), origin.pieces[1].text[:1]
    has = "has parameters already" if first == "?" else "has no parameters"
    verb = "are" if len(names) > 1 else "is"
    if broken:
        return f"{what} {verb} glued with `{first}` onto {onto}, which {has} in {broken[0][0].path}"
    return f"{what} {verb} glued with `{first}` onto {onto}: that breaks a URL that {has}"


def _seen(setting: Setting, has: bool) -> str:
    return f"{setting.name} has {'parameters' if has else 'no parameters'} here"


def _known(project: Project, sink: _Sink, origin: Origin) -> list[tuple[Setting, bool]]:
    """The values of the variable that are known, and whether each has parameters."""
    found = []
    for name in _variables(origin):
        for setting in settings_for(project, origin.place.path, name):
            url = url_of(setting)
            if url is not None:
                found.append((setting, bool(url.parameters)))
    return found


def _fixable(project: Project, sink: _Sink, origin: Origin) -> tuple[GluedParameters | None, str]:
    """What to write, or why nothing is written."""
    parameters = _parameters(origin)
    if any(not name or not parts for name, parts in parameters) or "\\" in origin.written or "#" in origin.written:
        return None, "what is appended is no plain list of parameters: set each with `URL` and `searchParams`"
    if sink.adapter is not None and any(
        name in PARAMETERS.get(sink.adapter.database, {}).values() for name, _ in parameters
    ):
        return None, f"{sink.adapter.name} ignores some of them: PF505 comes first"
    if sink.database not in ("postgresql", "mysql"):
        kind = sink.database or "a database that is not known"
        return None, f"it is the URL of {kind}: `URL` reads only those of PostgreSQL and MySQL as they are meant"
    for name in _variables(origin):
        for setting in settings_for(project, origin.place.path, name):
            url = url_of(setting)
            if url is not None and (len(url.hosts) != 1 or url.database not in ("postgresql", "mysql")):
                where = f"{setting.path}:{setting.line}"
                return None, f"{name} is no URL with one host in {where}: `URL` does not read it"
    base = origin.pieces[0].expr
    if base is None:
        return None, "it is not known what they are appended to"
    path = origin.place.path
    values = tuple((name, tuple(_part(path, part) for part in parts)) for name, parts in parameters)
    as_text = not _takes_undefined(project, sink, origin)
    return GluedParameters(span(path, origin.place.expr), span(path, base), values, as_text), ""


def _part(path: str, part: str | Expr) -> str | Span:
    if isinstance(part, str):
        return unquote_plus(part)
    if part.kind == "call" and part.callee.kind == "name" and part.callee.text == "encodeURIComponent":
        part = part.arguments[0] if len(part.arguments) == 1 else part  # `searchParams` does that
    return part.text if part.kind == "string" and "\\" not in part.text else span(path, part)


def _takes_undefined(project: Project, sink: _Sink, origin: Origin) -> bool:
    """Whether the place of the expression takes `undefined` for a variable that is not set: it is what Prisma is given,
    or the value of a name without a type that is used there alone."""
    if not sink.direct or sink.place.expr is origin.place.expr:
        return sink.direct
    path, given = sink.place.path, sink.place.expr
    facts = project.facts(path)
    binding = facts.lookup(given.text, sink.place.scope) if facts is not None and given.kind == "name" else None
    if facts is None or binding is None or binding.kind != "const" or binding.value < 0 or binding.type_text:
        return False
    once = len(project.evaluator.index(path).names.get(binding.name, ())) == 1
    exported = any(export.local == binding.name for export in facts.exports)
    return once and not exported and facts.roots[binding.value].expr is origin.place.expr


_DOUBTS = (
    Doubt(
        "unsafe",
        "where the variable has one of these parameters itself, the value in the code counts, as the last one did "
        "with `&`",
    ),
    Doubt("unsafe", "a value that `new URL` does not read (several hosts, a dummy) throws here"),
)
