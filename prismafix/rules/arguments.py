"""What a client is built with: is it constant, and are two clients built the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.pools.driver_pools import pool_driver

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite

_UNPOOLED_ADAPTERS = frozenset(
    (
        "@prisma/adapter-planetscale",
        "@prisma/adapter-d1",
        "@prisma/adapter-libsql",
        "@prisma/adapter-better-sqlite3",
        "@prisma/adapter-bun-sqlite",
    )
)
_PLACE_KEYS = ("connectionString", "host", "database", "uri", "url", "server")


@dataclass(frozen=True, slots=True)
class Reads:
    """What the arguments and the chain of a construction depend on. `locals_` are names of the enclosing functions
    that are no plain constants of it; `variables` those of the process's environment, "" for one that is not known;
    `companions` the declarations of pools and adapters beside it."""

    locals_: tuple[str, ...]
    variables: frozenset[str]
    companions: tuple[Expr, ...]


def reads(project: Project, site: ClientSite) -> Reads:
    """Look at the arguments of the construction and at the `$extends` chain."""
    facts = project.facts(site.path)
    if facts is None:
        return Reads(("?",), frozenset(("",)), ())
    names: list[str] = []
    companions: list[Expr] = []
    variables: set[str] = set()
    within: set[int] = set()
    todo = [site.whole] if site.extended else list(site.expr.arguments)
    callee = {id(part) for part in site.expr.callee.walk()}
    seen: set[int] = set()
    while todo:
        for part in todo.pop().walk():
            if part.kind == "function":
                variables |= _read_in_function(project, site.path, facts, part.function)
                names += _captured(project, site, facts, part.function)
            elif part.kind in ("this", "await"):
                names.append("this" if part.kind == "this" else "what is awaited")
            elif part.kind == "member" and (part.chain() or ())[:2] == ("process", "env"):
                named = (part.chain() or ())[2:3]
                if named:
                    variables |= {*named}
                    within.add(part.start)  # its `process.env` comes next
                elif part.start not in within:
                    variables.add("")
            elif part.kind == "call":
                called = project.evaluator.value(site.path, part.callee, site.use.root.scope)
                theirs = project.facts(called.path) if isinstance(called, FunctionRef) else None
                if isinstance(called, FunctionRef) and theirs is not None:
                    variables |= _read_in_function(project, called.path, theirs, called.index)
            if part.kind != "name" or part.start in seen or id(part) in callee:
                continue
            seen.add(part.start)
            binding = facts.lookup(part.text, site.use.root.scope)
            if binding is None or facts.scopes[binding.scope].function < 0:
                continue
            constant = binding.kind == "const" and binding.value >= 0 and not binding.path
            root = facts.roots[binding.value] if constant else None
            if root is None or any(inner.kind == "await" for inner in root.expr.walk()):
                names.append(part.text)
                continue
            if root.expr.kind == "new":
                companions.append(root.expr)
            todo.append(root.expr)
    return Reads(tuple(dict.fromkeys(names)), frozenset(variables), tuple(companions))


def _captured(project: Project, site: ClientSite, facts: ModuleFacts, function: int) -> list[str]:
    """The parameters and locals of enclosing functions that a function among the arguments reads."""
    declared = facts.functions[function]
    found = []
    for name, uses in project.evaluator.index(site.path).names.items():
        for use in uses:
            if not declared.start <= use.expr.start < declared.end:
                continue
            binding = facts.lookup(name, use.root.scope)
            if binding is None or facts.scopes[binding.scope].function < 0 or binding.kind == "import":
                continue
            if not declared.start <= binding.start < declared.end:
                found.append(name)
                break
    return found


def _read_in_function(project: Project, path: str, facts: ModuleFacts, function: int) -> set[str]:
    """What a function of the module reads of the environment; "" for what its text does not name."""
    declared = facts.functions[function]
    return {
        use.around[0].text if use.around and use.around[0].kind == "member" else ""
        for use in project.evaluator.index(path).members.get("env", ())
        if declared.start <= use.expr.start < declared.end
    }


def calls_among(project: Project, site: ClientSite) -> list[Expr]:
    """The calls in the arguments of a construction, constants looked through."""
    found: list[Expr] = []
    todo, seen = list(site.expr.arguments), set()
    while todo:
        for part in todo.pop().walk():
            if part.kind == "call":
                found.append(part)
            meant = constant(project, site, part)
            if meant is not part and meant.start not in seen:
                seen.add(meant.start)
                todo.append(meant)
    return found


def environment_of(project: Project, site: ClientSite, found: Reads) -> frozenset[str]:
    """The variables that a construction reads, "" for one that is not known: without a connection string of its own
    the client reads that of its schema's `env("…")`, when it is built (measured, v6.19)."""
    given = {"datasourceUrl", "datasources", "accelerateUrl", "adapter"}
    for argument in site.expr.arguments:
        options = constant(project, site, argument)
        if options.kind != "object" or any(c.kind == "spread" or c.text in given for c in options.children):
            return found.variables
    schema = project.schema_of(site.klass.entry, site.path)
    implied = {schema.url_env} if schema is not None and schema.url_env else set()
    return found.variables | implied


def same_arguments(project: Project, a: ClientSite, b: ClientSite) -> bool:
    """Whether two constructions get the same arguments and the same `$extends` chain, constants looked through."""
    if a.extended != b.extended or len(a.expr.arguments) != len(b.expr.arguments):
        return False
    if a.extended:
        return False  # two chains are never shown to be the same: each is its own object
    return all(_same(project, a, x, b, y, 0) for x, y in zip(a.expr.arguments, b.expr.arguments, strict=True))


def _same(project: Project, a: ClientSite, x: Expr, b: ClientSite, y: Expr, depth: int) -> bool:
    if depth > 12:
        return False
    x, y = constant(project, a, x), constant(project, b, y)
    if x.kind != y.kind or x.text != y.text or x.kind == "function" or len(x.children) != len(y.children):
        return False
    if x.kind == "name" and not _same_name(project, a, x, b, y):
        return False
    if x.kind == "object":
        keys = {c.text: c for c in y.children}
        return all(c.text in keys and _same(project, a, c, b, keys[c.text], depth + 1) for c in x.children)
    return all(_same(project, a, c, b, d, depth + 1) for c, d in zip(x.children, y.children, strict=True))


def _same_name(project: Project, a: ClientSite, x: Expr, b: ClientSite, y: Expr) -> bool:
    """Whether a name means the same in two modules: a global, or an import of the same thing."""
    first, second = project.facts(a.path), project.facts(b.path)
    if first is None or second is None:
        return False
    one, other = first.lookup(x.text, a.use.root.scope), second.lookup(y.text, b.use.root.scope)
    if one is None or other is None:
        return one is other
    if one.kind != "import" or other.kind != "import":
        return one is other
    left, right = first.imports[one.target], second.imports[other.target]
    resolve = project.resolver.resolve
    return left.imported == right.imported and resolve(a.path, left.specifier) == resolve(b.path, right.specifier)


def constant(project: Project, site: ClientSite, expr: Expr) -> Expr:
    """An expression of a client's module, or what the constant that it names is made of."""
    facts = project.facts(site.path)
    if expr.kind == "name" and facts is not None:
        binding = facts.lookup(expr.text, site.use.root.scope)
        if binding is not None and binding.kind == "const" and binding.value >= 0 and not binding.path:
            return facts.roots[binding.value].expr
    return expr


def target(project: Project, site: ClientSite) -> str:
    """Which database the client talks to, as a key: the same for the same generated client and the same origin of the
    connection string. Pool sizes,
    time limits and logging do not matter. Without options it is the variable of the schema's `env("…")`."""
    edge = site.klass.subpath.split("/")[0] in ("edge", "wasm", "deno")
    found: list[str] = []
    for argument in site.expr.arguments:
        argument = constant(project, site, argument)
        if argument.kind != "object":
            found.append(_written(project, site, argument, 0))
            continue
        for child in argument.children:
            if child.kind == "spread":
                found.append("..." + _written(project, site, child.children[0], 0))
            elif child.text in ("datasourceUrl", "accelerateUrl"):
                found.append(_written(project, site, child.children[0], 0))
            elif child.text == "datasources":
                found.append(_urls(project, site, child.children[0]))
            elif child.text == "adapter":
                found.append(_driver(project, site, child.children[0], 0))
    if not found:
        schema = project.schema_of(site.klass.entry, site.path)
        found = [f"env {schema.url_env}" if schema is not None and schema.url_env else "default"]
    return " ".join([site.klass.entry, "edge" if edge else "", *found])


def _urls(project: Project, site: ClientSite, expr: Expr) -> str:
    """The connection strings in `datasources: { db: { url } }`."""
    expr = constant(project, site, expr)
    if expr.kind == "object":
        for child in expr.children:
            if child.kind == "property" and child.text == "url":
                return _written(project, site, child.children[0], 0)
            if child.kind == "property":
                return _urls(project, site, child.children[0])
    return _written(project, site, expr, 0)


def _driver(project: Project, site: ClientSite, expr: Expr, depth: int) -> str:
    """Where an adapter or a driver's pool connects to: `new PrismaPg({ connectionString })`, `new PrismaPg(pool)`,
    `new Pool({ host })`."""
    expr = constant(project, site, expr)
    if expr.kind in ("new", "call") and expr.arguments and depth < 4:
        return _driver(project, site, expr.arguments[0], depth + 1)
    if expr.kind == "object":
        parts = [c for c in expr.children if c.kind == "property" and c.text in _PLACE_KEYS]
        if parts:
            return " ".join(_written(project, site, c.children[0], 0) for c in parts)
        return "default"
    return _written(project, site, expr, 0)


def _written(project: Project, site: ClientSite, expr: Expr, depth: int) -> str:
    """An expression as a key: `process.env.X`, `env.X` and `config.X` are the variable X; constants are looked
    through."""
    expr = constant(project, site, expr)
    chain = expr.chain()
    if chain is not None and len(chain) > 1 and chain[-1].isupper():
        return f"env {chain[-1]}"
    if depth > 8 or expr.kind == "function":
        return f"{site.path}:{expr.start}"
    if expr.kind == "name":
        facts = project.facts(site.path)
        binding = facts.lookup(expr.text, site.use.root.scope) if facts is not None else None
        return expr.text if binding is None or binding.kind == "import" else f"{site.path}:{binding.start}"
    inner = ",".join(_written(project, site, child, depth + 1) for child in expr.children)
    return f"{expr.kind}({expr.text}{':' if inner else ''}{inner})"


def is_pooled(project: Project, site: ClientSite) -> bool:
    """Whether the client holds connections of its own: not over HTTP, not in process, not for the edge (FACTS.md, the
    table of adapters)."""
    if site.klass.subpath.split("/")[0] in ("edge", "wasm", "deno"):
        return False
    for argument in site.expr.arguments:
        for child in argument.children:
            if child.kind == "property" and child.text == "accelerateUrl":
                return False
            if child.kind == "property" and child.text == "adapter":
                adapter = constant(project, site, child.children[0])
                made = adapter.callee if adapter.kind == "new" else adapter
                value = project.evaluator.value(site.path, made, site.use.root.scope)
                if isinstance(value, External) and value.specifier in _UNPOOLED_ADAPTERS:
                    return False
    return True


def pool_size(project: Project, origin: tuple[str, int] | None) -> int | None:
    """The size of the pool of the client that is built at `origin` (module, byte offset), where it is written as a
    number: `max`,
    `connectionLimit` or `pool.max` of the driver's options (FACTS.md, the table of adapters). None when it is not
    known."""
    if origin is None:
        return None
    site = next((s for s in project.clients.sites(origin[0]) if s.expr.start == origin[1]), None)
    if site is None or not site.expr.arguments:
        return None
    options = constant(project, site, site.expr.arguments[0])
    expr = options.property_value("adapter") if options.kind == "object" else None
    for _ in range(4):
        if expr is None:
            return None
        expr = constant(project, site, expr)
        if expr.kind == "new" and expr.arguments:
            expr = expr.arguments[0]
        elif expr.kind == "object":
            inner = expr.property_value("pool")
            for holder in (expr, inner):
                for key in ("max", "connectionLimit"):
                    value = holder.property_value(key) if holder is not None and holder.kind == "object" else None
                    if value is not None and value.kind == "number" and value.text.isdigit():
                        return int(value.text)
            return None
    return None


def has_outside_pool(project: Project, origin: tuple[str, int] | None) -> bool:
    """Whether the client that is built at `origin` (module, byte offset) has an adapter over a pool that was handed to
    it, as in `new PrismaPg(pool)`: `$disconnect` leaves that open (measured, v7), unless further options say
    otherwise."""
    sites = project.clients.sites(origin[0]) if origin is not None else ()
    site = next((s for s in sites if origin is not None and s.expr.start == origin[1]), None)
    if site is None or not site.expr.arguments:
        return False
    options = constant(project, site, site.expr.arguments[0])
    given = options.property_value("adapter") if options.kind == "object" else None
    adapter = constant(project, site, given) if given is not None else None
    if adapter is None or adapter.kind != "new" or len(adapter.arguments) != 1:
        return False
    return pool_driver(project.evaluator, site.path, adapter.arguments[0], site.use.root.scope) is not None
