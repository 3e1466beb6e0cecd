"""What is put on objects that a framework hands around: `req.db = prisma`, `app.decorate("db", prisma)`,
`c.set("db", prisma)`, and what a container provides for a token."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from prismafix.project.denote.values import (
    ClassRef,
    Client,
    External,
    FunctionRef,
    Instance,
    ObjectRef,
    PrismaClass,
    Value,
    merge,
)
from prismafix.project.index.resolve import ModuleTarget, PrismaTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator

_PUTTING = frozenset(("decorate", "decorateRequest", "set"))
_PUTS = re.compile(rb"\.[\w$]+\s*(?:\?\?|\|\|)?=(?![=>])|\.(?:decorate|decorateRequest|set)\s*\(|\bprovide\b")
_INJECT = re.compile(r"""@Inject\(\s*(?:"([^"]*)"|'([^']*)'|([\w$]+))\s*\)""")
_MANY = 100
"""Of a module of a client with more importers than this, only those are asked that put something under a string."""
_KEYED = re.compile(rb"\.(?:decorate|decorateRequest|set)\s*\(\s*[\"']")


def member(evaluator: Evaluator, path: str, expr: Expr, scope: int, *, outside: bool = False) -> Value | None:
    """What a member of something that a function receives, or (`outside`) that a package makes, is: `req.db`,
    `event.locals.db`, by what the package puts there under that name. Only for what is used as a client is."""
    base = expr.children[0]
    while base.kind == "member":
        base = base.children[0]
    facts = evaluator.facts(path)
    binding = facts.lookup(base.text, scope) if facts is not None and base.kind == "name" else None
    if binding is None or not (outside or binding.kind == "param") or not _is_used_so(evaluator, path, expr):
        return None
    found = _put(evaluator, path, ("name", expr.text))
    return found if found is not None else _put(evaluator, path, ("field", expr.text))


def asked(evaluator: Evaluator, path: str, call: Expr, scope: int) -> Value | None:
    """What `c.get("db")` gives of something that a function receives."""
    key = call.arguments[0] if len(call.arguments) == 1 else None
    base = call.callee.children[0] if call.callee.kind == "member" and call.callee.text == "get" else None
    facts = evaluator.facts(path)
    if facts is None or key is None or key.kind != "string" or base is None or base.kind != "name":
        return None
    binding = facts.lookup(base.text, scope)
    if binding is None or binding.kind != "param":
        return None
    return _put(evaluator, path, ("name", key.text), (Client, Instance, ObjectRef))


def injected(evaluator: Evaluator, path: str, facts: ModuleFacts, start: int, functions: list[int]) -> Value | None:
    """What a container gives for the token of a constructor's parameter, which starts at a byte offset."""
    for index in functions:
        for parameter in facts.functions[index].parameters:
            if parameter.start == start:
                for text in parameter.decorators:
                    match = _INJECT.match(text)
                    if match is not None:
                        word = match[1] or match[2]
                        token = ("token", word) if word else _token(evaluator, path, facts, match[3])
                        return _put(evaluator, path, token)
    return None


def _token(evaluator: Evaluator, path: str, facts: ModuleFacts, name: str) -> tuple[str, str]:
    """A token by the module and name of the constant that it is."""
    binding = facts.lookup(name, 0)
    if binding is not None and binding.kind == "import":
        item = facts.imports[binding.target]
        target = evaluator.resolver.resolve(path, item.specifier)
        if isinstance(target, ModuleTarget):
            return "token", f"{target.path}#{item.imported}"
    return "token", f"{path}#{name}"


def _is_used_so(evaluator: Evaluator, path: str, expr: Expr) -> bool:
    for use in evaluator.index(path).members.get(expr.text, ()):
        outer = use.around[0] if use.expr is expr and use.around else None
        if outer is not None and outer.kind == "member":
            return outer.text in evaluator.accessors or outer.text.startswith("$")
    return False


def _put(evaluator: Evaluator, path: str, key: tuple[str, str], kinds: tuple[type, ...] = (Client,)) -> Value | None:
    """What the package puts somewhere under a name or token, if that is of one of the kinds wherever it does."""
    found: Value | None = None
    for value in evaluator.carried(evaluator.store.workspace.package_root(path)).get(key, ()):
        if not isinstance(value, kinds):
            return None
        found = merge(found, value)
    return found


def everything(evaluator: Evaluator, paths: Iterable[str]) -> dict[tuple[str, str], list[Value | None]]:
    """(kind, name) to what some modules put there."""
    found: dict[tuple[str, str], list[Value | None]] = defaultdict(list)
    for path in paths:
        if _may_put(evaluator, path) and not evaluator.is_aside(path):
            for key, value in (*_assigned(evaluator, path), *_handed_in(evaluator, path), *_provided(evaluator, path)):
                found[key].append(value)
    return found


def _may_put(evaluator: Evaluator, path: str, form: re.Pattern[bytes] = _PUTS) -> bool:
    """Whether the text of a module can put something on an object: not worth the parse of the others."""
    try:
        return form.search(evaluator.store.workspace.read(path)) is not None
    except OSError:
        return False


def knowing_a_client(evaluator: Evaluator) -> list[str]:
    """The modules that import a generated client, and those that import them."""
    resolver, store = evaluator.resolver, evaluator.store
    found: dict[str, None] = {}
    for path in store.workspace.source_files:
        if not store.is_seed(path) or not any("prisma" in s.lower() for s in store.specifiers(path)):
            continue
        if any(isinstance(resolver.resolve(path, s), PrismaTarget) for s in store.specifiers(path)):
            importers = sorted({module for module, _ in resolver.importers(path)})
            found[path] = None
            if len(importers) > _MANY:
                importers = [module for module in importers if _may_put(evaluator, module, _KEYED)]
            found.update(dict.fromkeys(importers))
    return list(found)


def _assigned(evaluator: Evaluator, path: str) -> Iterator[tuple[tuple[str, str], Value | None]]:
    """`req.db = prisma`, `app.locals.db = prisma`: whatever stands on an object that is not the module's own."""
    facts = evaluator.facts(path)
    for name, uses in evaluator.index(path).assignments.items() if facts is not None else ():
        for use in uses:
            base = use.expr.children[0]
            if base.kind != "member" or not name:
                continue
            while base.kind == "member":
                base = base.children[0]
            binding = facts.lookup(base.text, use.root.scope) if facts is not None and base.kind == "name" else None
            if binding is not None and binding.kind in ("param", "const", "let", "import"):
                yield ("name", name), evaluator.value(path, use.expr.children[1], use.root.scope)
            elif base.kind == "this" and facts is not None and _is_handed_around(evaluator, path, facts, base.start):
                yield ("field", name), evaluator.value(path, use.expr.children[1], use.root.scope)


def _is_handed_around(evaluator: Evaluator, path: str, facts: ModuleFacts, offset: int) -> bool:
    """Whether the class around a byte offset extends one of a package, which hands its objects to callbacks:
    `class Bot extends Client { constructor() { this.prisma = new PrismaClient(); } }`."""
    owner = evaluator.owner_of(facts, offset)
    if owner is None or owner.extends < 0:
        return False
    base = evaluator.value(path, facts.roots[owner.extends].expr, facts.scopes[owner.scope].parent)
    return isinstance(base, External)


def _handed_in(evaluator: Evaluator, path: str) -> Iterator[tuple[tuple[str, str], Value | None]]:
    """`app.decorate("db", prisma)`, `c.set("db", prisma)`."""
    for method in sorted(_PUTTING):
        for use in evaluator.index(path).members.get(method, ()):
            call = use.around[0] if use.around and use.around[0].kind == "call" else None
            if call is None or call.callee is not use.expr or len(call.arguments) < 2:
                continue
            if call.arguments[0].kind == "string":
                yield ("name", call.arguments[0].text), evaluator.value(path, call.arguments[1], use.root.scope)


def _provided(evaluator: Evaluator, path: str) -> Iterator[tuple[tuple[str, str], Value | None]]:
    """`{ provide: TOKEN, useFactory: () => new PrismaClient() }` (https://docs.nestjs.com/fundamentals/custom-providers)."""
    facts = evaluator.facts(path)
    for root in facts.roots if facts is not None else ():
        if facts is None or root.role not in ("decorator", "declarator", "export-default", "return", "statement"):
            continue
        for part in root.expr.walk():
            token = part.property_value("provide") if part.kind == "object" else None
            if token is None or token.kind not in ("string", "name"):
                continue
            key = ("token", token.text) if token.kind == "string" else _token(evaluator, path, facts, token.text)
            for name in ("useFactory", "useValue", "useClass", "useExisting"):
                written = part.property_value(name)
                if written is not None:
                    yield key, _given(evaluator, name, evaluator.value(path, written, root.scope))


def _given(evaluator: Evaluator, form: str, value: Value | None) -> Value | None:
    if form == "useFactory":
        return evaluator.returned(value) if isinstance(value, FunctionRef) else None
    if isinstance(value, PrismaClass):
        return Client(value.entry, declared=value.declared)
    return Instance(value.path, value.index) if isinstance(value, ClassRef) else value
