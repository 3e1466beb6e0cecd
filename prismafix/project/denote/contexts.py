"""What frameworks hand to the functions that they call: the contexts of tRPC and GraphQL servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef, Handed, Value, merge
from prismafix.project.index.resolve import split_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator

BUILDING = frozenset(("use", "concat", "unstable_concat", "input", "output", "meta"))
"""Methods of tRPC's procedures that give another procedure, whatever function they receive."""
_GRAPHQL_SERVERS = frozenset(
    (
        *("@apollo/server", "apollo-server", "apollo-server-express", "apollo-server-lambda", "apollo-server-micro"),
        *("apollo-server-fastify", "apollo-server-koa", "graphql-yoga", "@graphql-yoga/node", "mercurius"),
        *("@as-integrations/next", "@as-integrations/fastify", "express-graphql", "graphql-http"),
    )
)
_CONTEXT_AT = (2, 3)
"""`(parent, args, context)`; Pothos' Prisma plugin puts the query before them."""


def of_callback(evaluator: Evaluator, callee: Value | None, position: int) -> Value | None:
    """What a function of a package hands to a callback at a position."""
    if isinstance(callee, External) and callee.specifier == "@trpc/server" and position == 0:
        context = _trpc_context(evaluator, callee, 0)
        return Handed((("ctx", context),)) if context is not None else None
    return None


def _calls(evaluator: Evaluator, value: External) -> Iterator[tuple[str, Expr, int]]:
    """The calls that made a value of a package, the last one first: `.use(auth)`, `.create()`, `.context<C>()`."""
    made: Value | None = value
    while isinstance(made, External) and made.source is not None:
        path, expr, scope = made.source
        yield made.source
        inner = expr.callee
        while inner.kind == "member":
            inner = inner.children[0]
        made = evaluator.value(path, inner, scope)
        if isinstance(made, External) and made.source is not None and made.source[1] is expr:
            return


def _trpc_context(evaluator: Evaluator, value: External, depth: int) -> Value | None:
    """`initTRPC.context<Context>()`, and what `next({ ctx: { … } })` of each middleware adds
    (https://trpc.io/docs/server/context, https://trpc.io/docs/server/middlewares)."""
    found: Value | None = None
    for path, expr, scope in _calls(evaluator, value):
        method = expr.callee.text if expr.callee.kind == "member" else ""
        if method == "context" and expr.text:
            told = evaluator.type_value(path, expr.text, scope)
            found = merge(found, evaluator.returned(told) if isinstance(told, FunctionRef) else told)
        elif method in BUILDING and expr.arguments and depth < 5:
            for added in _added(evaluator, path, expr.arguments[0], scope):
                found = merge(found, added)
    return found


def _added(evaluator: Evaluator, path: str, argument: Expr, scope: int) -> Iterator[Value | None]:
    """What a middleware adds to the context: the `ctx` of its calls of `next`."""
    middleware = evaluator.value(path, argument, scope)
    if not isinstance(middleware, FunctionRef):
        return
    facts = evaluator.facts(middleware.path)
    if facts is None:
        return
    function = facts.functions[middleware.index]
    for use in evaluator.index(middleware.path).calls_within(function.start, function.end):
        name = use.expr.callee
        if name.text == "next" and name.kind in ("name", "member") and use.expr.arguments:
            options = evaluator.value(middleware.path, use.expr.arguments[0], use.root.scope)
            yield evaluator.member(options, "ctx")


def of_resolver(evaluator: Evaluator, path: str, position: int) -> Value | None:
    """What a resolver, a function that an object holds, receives as its context: what the GraphQL servers of its
    package make (https://www.apollographql.com/docs/apollo-server/data/context)."""
    if position not in _CONTEXT_AT:
        return None
    package = evaluator.store.workspace.package_of(path)

    def answer() -> Value | None:
        found: Value | None = None
        for module in evaluator.store.workspace.source_files:
            names = {split_package(specifier)[0] for specifier in evaluator.store.specifiers(module)}
            if names & _GRAPHQL_SERVERS and evaluator.store.workspace.package_of(module) == package:
                for made in _server_contexts(evaluator, module):
                    found = merge(found, made)
        return found

    return evaluator.once(("server contexts", package.root if package is not None else None), answer)


def _server_contexts(evaluator: Evaluator, path: str) -> Iterator[Value | None]:
    """What the `context` of the options of a server is, or gives."""
    for use in evaluator.index(path).calls:
        for argument in use.expr.arguments if use.expr.kind != "tagged" else ():
            written = argument.property_value("context") if argument.kind == "object" else None
            if written is None:
                continue
            callee = evaluator.value(path, use.expr.callee, use.root.scope)
            if isinstance(callee, External) and split_package(callee.specifier)[0] in _GRAPHQL_SERVERS:
                value = evaluator.value(path, written, use.root.scope)
                yield evaluator.returned(value) if isinstance(value, FunctionRef) else value
