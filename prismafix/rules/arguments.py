"""What a client is built with: is it constant, and are two clients built the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.clients import ClientSite
    from prismafix.project.model import Project
from prismafix.project.values import External

_UNPOOLED_ADAPTERS = frozenset(
    (
        "@prisma/adapter-planetscale",
        "@prisma/adapter-d1",
        "@prisma/adapter-libsql",
        "@prisma/adapter-better-sqlite3",
        "@prisma/adapter-bun-sqlite",
    )
)
_TARGET_KEYS = ("datasources", "datasourceUrl", "adapter", "accelerateUrl")


@dataclass(frozen=True, slots=True)
class Reads:
    """What the arguments and the chain of a construction depend on. `locals_` are names of the enclosing functions that are no plain
    constants of it; `env` whether the process's environment is read; `companions` the declarations of pools and adapters beside it."""

    locals_: tuple[str, ...]
    env: bool
    companions: tuple[Expr, ...]


def reads(project: Project, site: ClientSite) -> Reads:
    """Look at the arguments of the construction and at the `$extends` chain."""
    facts = project.facts(site.path)
    if facts is None:
        return Reads(("?",), False, ())
    names: list[str] = []
    companions: list[Expr] = []
    env = False
    todo = [e for e in site.whole.children if e is not site.expr] + list(site.expr.arguments)
    if site.extended:
        todo = [site.whole]
    seen: set[int] = set()
    while todo:
        expr = todo.pop()
        for part in expr.walk():
            if part.kind == "function":
                env = env or _function_reads_env(project, site.path, facts, part.function)
                continue
            if part.kind == "this":
                names.append("this")
            if part.kind == "member" and part.chain() is not None and part.chain()[:2] == ("process", "env"):  # type: ignore[index]
                env = True
            if part.kind != "name" or part.start in seen:
                continue
            seen.add(part.start)
            binding = facts.lookup(part.text, site.use.root.scope)
            if binding is None or facts.scopes[binding.scope].function < 0:
                continue
            if binding.kind == "const" and binding.value >= 0 and not binding.path:
                root = facts.roots[binding.value]
                if root.expr.kind == "new":
                    companions.append(root.expr)
                todo.append(root.expr)
            else:
                names.append(part.text)
    return Reads(tuple(dict.fromkeys(names)), env, tuple(companions))


def _function_reads_env(project: Project, path: str, facts: ModuleFacts, function: int) -> bool:
    declared = facts.functions[function]
    return any(
        declared.start <= u.expr.start < declared.end for u in project.evaluator.index(path).members.get("env", ())
    )


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
    x, y = _constant(project, a, x), _constant(project, b, y)
    if x.kind != y.kind or x.text != y.text or x.kind == "function" or len(x.children) != len(y.children):
        return False
    if x.kind == "object":
        keys = {c.text: c for c in y.children}
        return all(c.text in keys and _same(project, a, c, b, keys[c.text], depth + 1) for c in x.children)
    return all(_same(project, a, c, b, d, depth + 1) for c, d in zip(x.children, y.children, strict=True))


def _constant(project: Project, site: ClientSite, expr: Expr) -> Expr:
    facts = project.facts(site.path)
    if expr.kind == "name" and facts is not None:
        binding = facts.lookup(expr.text, site.use.root.scope)
        if binding is not None and binding.kind == "const" and binding.value >= 0 and not binding.path:
            return facts.roots[binding.value].expr
    return expr


def target_keys(site: ClientSite) -> frozenset[str]:
    """The options that decide which database or connection a client uses."""
    found = set()
    for argument in site.expr.arguments:
        for child in argument.children:
            if child.kind == "property" and child.text in _TARGET_KEYS:
                found.add(child.text)
            elif child.kind == "spread":
                found.add("...")
    if site.expr.arguments and site.expr.arguments[0].kind != "object":
        found.add("...")
    return frozenset(found)


def other_database(project: Project, a: ClientSite, b: ClientSite) -> bool:
    """Whether two clients are deliberately different: another generated client, or another target of the connection."""
    if a.klass.entry != b.klass.entry or a.klass.subpath != b.klass.subpath:
        return True
    if not target_keys(a) and not target_keys(b):
        return False
    return not same_arguments(project, a, b)


def is_pooled(project: Project, site: ClientSite) -> bool:
    """Whether the client holds connections of its own: not over HTTP, not in process, not for the edge (FACTS.md, the table of adapters)."""
    if site.klass.subpath.split("/")[0] in ("edge", "wasm", "deno"):
        return False
    for argument in site.expr.arguments:
        for child in argument.children:
            if child.kind == "property" and child.text == "accelerateUrl":
                return False
            if child.kind == "property" and child.text == "adapter":
                adapter = _constant(project, site, child.children[0])
                made = adapter.callee if adapter.kind == "new" else adapter
                value = project.evaluator.value(site.path, made, site.use.root.scope)
                if isinstance(value, External) and value.specifier in _UNPOOLED_ADAPTERS:
                    return False
    return True
