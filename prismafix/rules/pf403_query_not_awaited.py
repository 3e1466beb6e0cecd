"""A query is never sent: nobody waits for it.

The promise of a Prisma query is lazy. The statement goes to the database when the promise is awaited, or when `then`,
`catch` or `finally` is called on it, and not before (measured; `then` is what calls the query in
`@prisma/client/runtime`, versions 5 to 7). So `prisma.log.create(…)` as a statement of its own is no "fire and
forget": nothing is written, and no error tells. The same for raw SQL, for `void prisma.log.create(…)`, and for a
promise that is kept in a variable which nothing uses.

The fix inserts `await`. It is unsafe: a query that never ran runs from now on, and the function waits for it. To send
it without waiting, call `.catch(…)` on it instead. There is no fix where `await` cannot stand, in a function that is
not async, and where it would change nothing, in a callback whose promise is dropped (`forEach`, timers, events).

Left alone: a promise that is returned (also by an arrow function), stored and used, chained, or handed to something
(`Promise.all`, `$transaction([…])`, `waitUntil`, `after`); `$transaction`, `$connect` and `$disconnect`, which start
by themselves; methods that an extension replaces; tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, Global
from prismafix.project.fan_out import lists
from prismafix.project.index.resolve import split_package
from prismafix.project.index.source_name import source_name
from prismafix.project.reach.queries import query_of
from prismafix.project.reach.waiting import CHAINS
from prismafix.rules.model import Applicability, AwaitQuery, Doubt, Finding, Intent
from prismafix.rules.support import package_name, role_evidence, span, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.reach.queries import Query

BEST: Applicability = "unsafe"
_TIMERS = frozenset(("setTimeout", "setInterval", "setImmediate", "queueMicrotask"))
_EVENTS = frozenset(("on", "once", "addListener", "addEventListener", "prependListener", "subscribe"))
_LAZY_EXTENSIONS = frozenset(("@prisma/extension-accelerate", "@prisma/extension-read-replicas"))
"""Extensions of other packages whose queries are lazy like the client's own (read in 2.0.2 and 0.5.0)."""


@dataclass(frozen=True, slots=True)
class _Bare:
    """A query that nothing starts. `how` it is dropped: statement, void, variable (called `name`), callback (of
    `name`)."""

    use: Use
    how: str
    name: str = ""


def check(project: Project) -> Iterable[Finding]:
    """Queries that nobody awaits, returns, chains, stores or passes on."""
    for path in project.bare_queries():
        if project.roles.role(path).kind not in ("application", "edge", "script"):
            continue
        for use in project.evaluator.index(path).calls:
            query = query_of(project.evaluator, path, use.expr, use.root.scope) if use.expr.kind != "new" else None
            if query is None or query.structural or query.name == "$transaction":
                continue
            bare = _dropped(project, path, use)
            if bare is not None and _is_lazy(project, query):
                yield _finding(project, path, bare)


def _dropped(project: Project, path: str, use: Use) -> _Bare | None:
    """How the promise of a query is dropped; None when it is not."""
    how = "statement"
    child = use.expr
    for outer in use.around:
        if outer.kind == "member":
            if outer.text in CHAINS:
                return None
        elif outer.kind == "call":
            if outer.callee is not child:
                return None
        elif outer.kind == "unary" and outer.text == "void":
            how = "void"
        elif outer.kind == "binary" and outer.text in ("&&", "||", "??", ","):
            pass
        elif outer.kind != "ternary" or child is outer.children[0]:
            return None
        child = outer
    if use.root.role == "statement":
        return _Bare(use, how)
    if use.root.role == "return" and child is use.root.expr:
        return _returned(project, path, use)
    if use.root.role == "declarator" and how == "statement" and use.root.expr is use.expr:
        name = _unused(project, path, use)
        return _Bare(use, "variable", name) if name else None
    return None


def _returned(project: Project, path: str, use: Use) -> _Bare | None:
    """A query that an arrow function gives to something that drops it: `forEach`, a timer."""
    facts = project.facts(path)
    if facts is None or use.root.function < 0 or not facts.functions[use.root.function].expression_body:
        return None
    stands = project.evaluator.index(path).functions.get(use.root.function)
    call = stands.around[0] if stands is not None and stands.around else None
    if stands is None or call is None or call.kind != "call" or call.arguments[:1] != (stands.expr,):
        return None
    value = project.evaluator.value(path, call.callee, stands.root.scope)
    if call.callee.kind == "member" and call.callee.text == "forEach" and not isinstance(value, External):
        return _Bare(use, "callback", "forEach")
    known = value is None or isinstance(value, Global)
    if call.callee.kind == "name" and call.callee.text in _TIMERS and known:
        return _Bare(use, "callback", call.callee.text)
    return None


def _unused(project: Project, path: str, use: Use) -> str:
    """The name of the variable that holds the promise, when nothing reads it; else ""."""
    facts = project.facts(path)
    binding = (
        next((b for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is use.root), None) if facts else None
    )
    if facts is None or binding is None or binding.path or any(e.local == binding.name for e in facts.exports):
        return ""
    uses = project.evaluator.index(path).names.get(binding.name, ())
    if any(facts.lookup(binding.name, other.root.scope) is binding for other in uses):
        return ""
    return "" if _is_asked_by_type(facts, binding.name) else binding.name


def _is_asked_by_type(facts: ModuleFacts, name: str) -> bool:
    """Whether a type is made of a variable: `Awaited<typeof rows>`."""
    texts = [text for shape in facts.interfaces for text in (shape.alias, *(t for _, t in shape.members))]
    texts += [binding.type_text for binding in facts.bindings] + [f.return_type for f in facts.functions]
    return any("typeof" in text and name in text for text in texts)


def _is_lazy(project: Project, query: Query) -> bool:
    """False where an extension may have replaced the method by one that starts at once."""
    if not query.client.extended:
        return True
    for path in tuple(project.parsed_paths()):
        uses = project.evaluator.index(path).members if project.store.mentions(path, "$extends") else {}
        for use in uses.get("$extends", ()):
            call = use.around[0] if use.around and use.around[0].kind == "call" else None
            if call is None or not call.arguments:
                continue
            replaced = _replaced(project, path, call.arguments[0], use.root.scope)
            if replaced is None or query.name in replaced:
                return False
    return True


def _replaced(project: Project, path: str, expr: Expr, scope: int) -> frozenset[str] | None:
    """The methods that the `model` component of an extension defines; None when the extension is not known."""
    if expr.kind == "name":
        origin = lists.origin(project.evaluator, path, expr.text, scope)
        if origin is None or origin[2].value < 0 or origin[2].path:
            return None
        path, facts, binding = origin
        expr, scope = facts.roots[binding.value].expr, facts.roots[binding.value].scope
    if expr.kind == "call":
        value = project.evaluator.value(path, expr.callee, scope)
        package = split_package(value.specifier)[0] if isinstance(value, External) else ""
        if package in _LAZY_EXTENSIONS:
            return frozenset()
        if expr.callee.kind != "member" or expr.callee.text != "defineExtension" or not expr.arguments:
            return None
        expr = expr.arguments[0]
    if expr.kind == "object":
        return None if any(c.kind == "spread" for c in expr.children) else frozenset(_model_methods(expr))
    facts_of = project.facts(path) if expr.kind == "function" else None  # `(client) => client.$extends({ … })`
    return frozenset(m for r in facts_of.roots for m in _model_methods(r.expr)) if facts_of is not None else None


def _model_methods(expr: Expr) -> Iterator[str]:
    """What stands in `model: { user: { create() … } }`."""
    for part in expr.walk():
        if part.kind == "property" and part.text == "model":
            for model in part.children[0].children:
                inner = model.children[0] if model.kind == "property" else None
                yield from (method.text for method in inner.children) if inner is not None else ()


def _finding(project: Project, path: str, bare: _Bare) -> Finding:
    facts = project.facts(path)
    name = source_name(bare.use.expr.callee)
    why = {
        "statement": "nobody waits for its promise, and a Prisma promise starts nothing by itself",
        "void": "`void` drops its promise, and a Prisma promise starts nothing by itself",
        "variable": f"nothing uses `{bare.name}`, and a Prisma promise starts nothing by itself",
        "callback": f"`{bare.name}` drops the promise that its callback gives, and that starts nothing by itself",
    }[bare.how]
    reason = _no_fix(project, path, bare)
    intent = None
    if not reason:
        doubt = Doubt("unsafe", f"{name} never ran and then does: check that it still should, and that this may wait")
        action = AwaitQuery(span(path, bare.use.expr))
        intent = Intent(action, f"Wait for {name} in {path}", (doubt,))
    return Finding(
        code="PF403",
        path=path,
        start=bare.use.expr.start,
        end=bare.use.expr.end,
        message=f"{name} never runs: {why}",
        evidence=(role_evidence(project, path),),
        intent=intent,
        reason=reason,
        label="never sent",
        package=package_name(project, path),
        symbol=symbol(facts, bare.use.root.function) if facts is not None else "",
    )


def _no_fix(project: Project, path: str, bare: _Bare) -> str:
    """Why `await` cannot be inserted; "" when it can."""
    facts, function = project.facts(path), bare.use.root.function
    if bare.how == "callback":
        return f"`{bare.name}` waits for nothing: use `for … of` with `await`, or `Promise.all`"
    if facts is None or function < 0:
        return "it stands outside of any function: await it where the module system allows that, or in a function"
    if not facts.functions[function].is_async:
        return "the function around it is not async: make it async and wait for it there, or return the promise"
    stands = project.evaluator.index(path).functions.get(function)
    call = stands.around[0] if stands is not None and stands.around else None
    if stands is not None and call is not None and call.kind == "call" and stands.expr in call.arguments:
        callee = call.callee
        if callee.kind == "member" and (callee.text == "forEach" or callee.text in _EVENTS):
            return (
                f"nobody waits for what `{callee.text}` calls: use `for … of`, or catch the errors of an awaited query"
            )
        if callee.kind == "name" and callee.text in _TIMERS:
            return f"nobody waits for what `{callee.text}` calls: catch the errors of an awaited query in it"
    return ""
