"""How often a function runs: once in the life of its process, or per call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.project.denote.values import ClassRef, External, FunctionRef, Global, PrismaClass
from prismafix.project.index.syntax_index import Use
from prismafix.project.pools.guards import Guards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.running.roles import Roles

Frequency = Literal["once", "call", "shutdown", "script", "unknown"]

SHUTDOWN_EVENTS = frozenset(
    (
        *("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR2", "beforeExit", "exit", "uncaughtException"),
        *("unhandledRejection", "onPostStop", "onPreStop", "onClose", "preClose", "shutdown"),
        *("before-quit", "will-quit", "quit", "window-all-closed"),  # Electron
        *("close", "closing", "closed", "end", "destroy"),
    )
)
_OF_CONNECTIONS = frozenset(("close", "closing", "closed"))
"""Events of servers and workers, and of requests too: what a handler listens to is that of its request."""
_OF_STREAMS = frozenset(("end", "destroy"))
_OF_PROCESS = frozenset(("message", "warning", "SIGUSR1", "SIGWINCH"))
"""Events of `process` after which it goes on."""
_AT_THE_END = re.compile(
    r"(?:on|register|add|before)?(?:shut_?down|exit|close|stop|terminate)(?:hook|handler|listener|callback)?s?",
    re.IGNORECASE,
)
"""Methods that take what to do at the end: `server.close(fn)`, `app.onStop(fn)`, `registerShutdownHandler(fn)`."""
SHUTDOWN_METHODS = frozenset(
    [
        "onModuleDestroy",
        "onApplicationShutdown",
        "beforeApplicationShutdown",
        "[Symbol.asyncDispose]",
        "[Symbol.dispose]",
        "serverWillStop",
        "drainServer",
    ]
)
_RUNS_ONCE_HOOKS = frozenset(["onModuleInit", "onApplicationBootstrap", "onReady"])
_SIGNALS = frozenset(("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"))
_SHUTDOWN_PACKAGES = frozenset(
    (
        "prexit",
        "exit-hook",
        "async-exit-hook",
        "close-with-grace",
        "@godaddy/terminus",
        "node-graceful",
        "http-terminator",
        "http-graceful-shutdown",
        "http-shutdown",
        "lightship",
        "signal-exit",
        "node-cleanup",
    )
)
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class CallSite:
    """A place that calls (or hands on) a function. `call` is None where it is only handed on."""

    path: str
    use: Use
    call: Expr | None


class Executions:
    """Answers from who calls whom, within the module and from its importers."""

    def __init__(self, evaluator: Evaluator, roles: Roles) -> None:
        self.evaluator = evaluator
        self.roles = roles
        self.guards = Guards(evaluator)
        self._known: dict[tuple[str, int], Frequency] = {}

    def frequency(self, path: str, function: int, depth: int = 0) -> Frequency:
        """How often the function runs; -1 is the module level (once)."""
        if function < 0:
            return "once"
        key = (path, function)
        if key in self._known:
            return self._known[key]
        self._known[key] = "unknown"  # a cycle adds nothing
        found = self._frequency(path, function, depth)
        if depth < _DEPTH:
            self._known[key] = found
        else:
            del self._known[key]
        return found

    def _frequency(self, path: str, index: int, depth: int) -> Frequency:
        facts = self.evaluator.facts(path)
        if facts is None or depth > _DEPTH:
            return "unknown"
        function = facts.functions[index]
        if function.name in SHUTDOWN_METHODS and function.kind == "method":
            return "shutdown"
        if function.name in _RUNS_ONCE_HOOKS and function.kind == "method":
            return "once"
        if self._ends_process(path, facts, function) or self._asks_for_signal(facts, function):
            return "shutdown"
        if function.kind == "constructor":
            return self._construction_frequency(path, facts, function, depth)
        use = self.evaluator.index(path).functions.get(index)
        if use is not None and use.around and use.around[0].kind == "call":
            return self._as_argument(path, facts, use, depth)
        if use is not None and self._is_hook(use):
            return "shutdown"
        sites = list(self.callers(path, function))
        if not sites:
            return "call"
        if all(site.call is None for site in sites) and self._decorates(path, function):
            return "once"
        return combine(self._at_site(site, depth) for site in sites)

    @staticmethod
    def _is_hook(use: Use) -> bool:
        """`{ type: "onPostStop", method: async () => … }` and `{ SIGTERM: … }`: a function that an object names for
        the end."""
        if len(use.around) < 2 or use.around[0].kind != "property" or use.around[1].kind != "object":
            return False
        siblings = [c.children[0] for c in use.around[1].children if c.kind == "property"]
        events = [s.text for s in siblings if s.kind == "string"]
        return use.around[0].text in SHUTDOWN_EVENTS - {"end", "close"} or any(e in SHUTDOWN_EVENTS for e in events)

    @staticmethod
    def _asks_for_signal(facts: ModuleFacts, function: Function) -> bool:
        """A function that compares something with the names of signals handles them."""
        for root in facts.roots_of(function.index):
            for part in root.expr.walk():
                if (
                    part.kind == "binary"
                    and part.text in ("===", "==")
                    and any(c.text in _SIGNALS for c in part.children)
                ):
                    return True
        return False

    def _ends_process(self, path: str, facts: ModuleFacts, function: Function) -> bool:
        """A function that exits the process after disconnecting is shutdown code."""
        index = self.evaluator.index(path)
        exits = [
            u
            for u in index.members.get("exit", ())
            if u.root.function == function.index and u.expr.chain() == ("process", "exit")
        ]
        return any(
            facts.scopes[use.root.scope].kind in ("function", "block", "finally", "try")
            and not self._in_branch(facts, use.root.scope, function)
            for use in exits
        )

    @staticmethod
    def _in_branch(facts: ModuleFacts, scope: int, function: Function) -> bool:
        while scope >= 0 and scope != function.scope:
            if facts.scopes[scope].kind in ("if", "else", "catch", "case", "loop"):
                return True
            scope = facts.scopes[scope].parent
        return False

    def _as_argument(self, path: str, facts: ModuleFacts, use: Use, depth: int) -> Frequency:
        """A function expression that is called in place, or handed to a call."""
        call = use.around[0]
        if call.callee is use.expr:
            return self.frequency(path, use.root.function, depth + 1)
        if self._at_event(path, call, use, depth):
            return "shutdown"
        if call.callee.kind == "member" and call.callee.text in ("then", "catch", "finally", "forEach", "map"):
            return self.frequency(path, use.root.function, depth + 1)
        if call.callee.kind == "member" and _AT_THE_END.fullmatch(call.callee.text):
            return "shutdown"
        callee = self.evaluator.value(path, call.callee, use.root.scope)
        if isinstance(callee, FunctionRef):
            inner = self._argument_of_wrapper(path, callee, call, use, depth)
            if inner is not None:
                return inner
        if isinstance(callee, External) and callee.specifier in _SHUTDOWN_PACKAGES:
            return "shutdown"
        if callee == External("fastify-plugin") or self._decorates(path, facts.functions[use.expr.function]):
            return "once"
        if use.root.function >= 0 and self.frequency(path, use.root.function, depth + 1) == "shutdown":
            return "shutdown"  # whoever calls it, it was handed over at the end
        return "call"

    def _at_event(self, path: str, call: Expr, use: Use, depth: int) -> bool:
        """Whether a call hands a function over for the end of the process: `process.on("SIGTERM", fn)`,
        `server.on("close", fn)`. A request's end is none."""
        callee = call.callee
        listens = callee.kind == "member" and callee.text in ("on", "once", "addListener", "prependListener")
        if listens:
            receiver = self.evaluator.value(path, callee.children[0], use.root.scope)
            if receiver == Global(("process",)):
                return bool(call.arguments) and call.arguments[0].text not in _OF_PROCESS
        first = call.arguments[0] if call.arguments else None
        if first is None or first.kind != "string" or first.text not in SHUTDOWN_EVENTS:
            return False
        if first.text in _OF_STREAMS:
            return self.frequency(path, use.root.function, depth + 1) in ("once", "shutdown", "script")
        if listens and first.text in _OF_CONNECTIONS and use.root.function >= 0:
            around = self.evaluator.index(path).functions.get(use.root.function)
            handed = around is not None and bool(around.around) and around.around[0].kind == "call"
            return not (handed and self.frequency(path, use.root.function, depth + 1) == "call")
        return True

    def _argument_of_wrapper(
        self, use_path: str, callee: FunctionRef, call: Expr, use: Use, depth: int
    ) -> Frequency | None:
        """A wrapper of the project that is itself shutdown code (`onShutdown(fn)`) runs its function then."""
        facts = self.evaluator.facts(callee.path)
        if facts is None or use.expr not in call.arguments:
            return None
        slot = call.arguments.index(use.expr)
        parameters = facts.functions[callee.index].parameters
        if slot >= len(parameters) or not parameters[slot].name:
            return None
        found: list[Frequency] = []
        for inner in self.evaluator.index(callee.path).names.get(parameters[slot].name, ()):
            wrapper = facts.functions[callee.index]
            if wrapper.start <= inner.expr.start < wrapper.end and inner.around and inner.around[0].kind == "call":
                outer = inner.around[0]
                if outer.callee is inner.expr and inner.root.function == callee.index:
                    return self.frequency(use_path, use.root.function, depth + 1)  # as often as the wrapper is called
                if self._at_event(callee.path, outer, inner, depth):
                    found.append("shutdown")
        return combine(found) if found else None

    def _decorates(self, path: str, function: Function) -> bool:
        """A Fastify plugin: it decorates the server that it receives, once."""
        index = self.evaluator.index(path)
        return any(function.start <= u.expr.start < function.end for u in index.members.get("decorate", ()))

    def _construction_frequency(self, path: str, facts: ModuleFacts, function: Function, depth: int) -> Frequency:
        declared = facts.classes[function.owner]
        if any(
            text.startswith(
                ("@Injectable", "@Service", "@injectable", "@singleton", "@Singleton", "@Module", "@Global")
            )
            for text in declared.decorators
        ):
            return "once"
        sites = list(self.constructions(path, function.owner))
        if not sites:
            return "unknown"
        return combine(self._at_site(site, depth) for site in sites)

    def constructions(self, path: str, owner: int) -> Iterator[CallSite]:
        """Where a class of the project is instantiated, in its module and in its importers."""
        for module in (path, *sorted({m for m, _ in self.evaluator.resolver.importers(path)})):
            for use in self.evaluator.index(module).news:
                value = self.evaluator.value(module, use.expr.callee, use.root.scope)
                if (isinstance(value, ClassRef) and (value.path, value.index) == (path, owner)) or (
                    isinstance(value, PrismaClass) and value.declared == (path, owner)
                ):
                    yield CallSite(module, use, use.expr)

    def _at_site(self, site: CallSite, depth: int) -> Frequency:
        role = self.roles.role(site.path).kind
        if role in ("script", "test"):
            return "script"
        if site.call is None:
            for outer in site.use.around:
                if outer.kind == "call":
                    if self._at_event(site.path, outer, site.use, depth):
                        return "shutdown"
                    callee = self.evaluator.value(site.path, outer.callee, site.use.root.scope)
                    if isinstance(callee, External) and callee.specifier in _SHUTDOWN_PACKAGES:
                        return "shutdown"
                    if callee == External("fastify-plugin"):
                        return "once"
                    if (
                        outer.callee.kind == "member"
                        and outer.callee.text in ("then", "catch", "finally")
                        and site.use.root.function < 0
                    ):
                        return "once"
                    return "call"
            return "call"
        if site.use.root.role == "field":
            facts = self.evaluator.facts(site.path)
            owner = self.evaluator.owner_of(facts, site.use.expr.start) if facts is not None else None
            return "unknown" if owner is None else self._instance_frequency(site.path, owner.index, depth)
        guard = self.guards.of(site.path, _as_use(site))
        if guard is not None and not guard.broken:
            return "once"  # `Db.instance ??= new Db()`
        return self.frequency(site.path, site.use.root.function, depth + 1)

    def _instance_frequency(self, path: str, owner: int, depth: int) -> Frequency:
        facts = self.evaluator.facts(path)
        if facts is None or depth > _DEPTH:
            return "unknown"
        if any(
            "njectable" in text or "Service" in text or "Controller" in text for text in facts.classes[owner].decorators
        ):
            return "once"
        sites = list(self.constructions(path, owner))
        return combine(self._at_site(s, depth + 1) for s in sites) if sites else "unknown"

    def instance_frequency(self, path: str, owner: int) -> Frequency:
        """How often a class of the project is instantiated."""
        return self._instance_frequency(path, owner, 0)

    def callers(self, path: str, function: Function) -> Iterator[CallSite]:
        """The places that call a function or hand it on, in its module and in its importers."""
        facts = self.evaluator.facts(path)
        if facts is None:
            return
        target = FunctionRef(path, function.index)
        if function.owner >= 0:
            yield from self._method_callers(path, facts, function)
            return
        if function.name:
            for use in self.evaluator.index(path).names.get(function.name, ()):
                if function.start <= use.expr.start < function.end:
                    continue
                if use.root.role == "export-default" and not use.around:
                    continue
                if self.evaluator.value(path, use.expr, use.root.scope) == target:
                    site = _site(path, use)
                    if site is not None:
                        yield site
        if self._is_exported(path, facts, function, target):
            for module, specifier in self._importers(path, self._exported_as(target), {path}):
                yield from self._importing_callers(module, specifier, target)

    def _importers(self, path: str, names: list[str], seen: set[str]) -> Iterator[tuple[str, str]]:
        """(module, specifier) of each import that leads to a module, through barrels too. `names`: what is looked for;
        barrels are followed for these only."""
        for module, specifier in self.evaluator.resolver.importers(path):
            yield module, specifier
            if module in seen or not any(self.evaluator.store.may_export(module, name) for name in names):
                continue
            facts = self.evaluator.facts(module)
            if facts is not None and any(export.specifier == specifier for export in facts.exports):
                seen.add(module)
                yield from self._importers(module, names, seen)

    def _is_exported(self, path: str, facts: ModuleFacts, function: Function, target: FunctionRef) -> bool:
        for export in facts.exports:
            if function.name and export.local == function.name:
                return True
            value = facts.exported_value(export)
            if value is not None:
                parts = [value, *(c.children[0] for c in value.children if c.kind == "property")]
                if any(self.evaluator.value(path, part, 0) == target for part in parts):
                    return True
        return False

    def _exported_as(self, target: FunctionRef) -> list[str]:
        """The names under which a module exports a function; empty when one of them says nothing about how it is
        imported."""
        facts = self.evaluator.facts(target.path)
        if facts is None:
            return []
        own = facts.functions[target.index].name
        names = [e.name for e in facts.exports if e.local == own or e.value >= 0]
        return [] if not own or any(name in ("default", "module.exports", "*") for name in names) else names

    def _importing_callers(self, module: str, specifier: str, target: FunctionRef) -> Iterator[CallSite]:
        exported = self._exported_as(target)
        if exported and not any(self.evaluator.store.mentions(module, name) for name in exported):
            return
        facts = self.evaluator.facts(module)
        if facts is None:
            return
        index = self.evaluator.index(module)
        for item in facts.imports:
            if item.specifier != specifier or not item.local:
                continue
            if item.imported == "*" or item.imported == "default":
                uses = [
                    u
                    for us in index.members.values()
                    for u in us
                    if u.expr.children[0].kind == "name" and u.expr.children[0].text == item.local
                ]
                uses += index.names.get(item.local, []) if item.imported == "default" else []
            else:
                uses = index.names.get(item.local, [])
            for use in uses:
                if self.evaluator.value(module, use.expr, use.root.scope) == target:
                    site = _site(module, use)
                    if site is not None:
                        yield site
        for binding in facts.bindings:  # const { f } = require("…")
            if binding.value >= 0 and binding.kind in ("const", "let", "var"):
                root = facts.roots[binding.value]
                inner = root.expr.children[0] if root.expr.kind == "await" and root.expr.children else root.expr
                if inner.kind in ("call", "import") and any(
                    c.kind == "string" and c.text == specifier for c in inner.children
                ):
                    names = index.names.get(binding.name, [])
                    for use in names:
                        found = use
                        if use.around and use.around[0].kind == "member":
                            found = Use(use.around[0], use.root, use.around[1:])
                        if self.evaluator.value(module, found.expr, found.root.scope) == target:
                            site = _site(module, found)
                            if site is not None:
                                yield site

    def _method_callers(self, path: str, facts: ModuleFacts, function: Function) -> Iterator[CallSite]:
        """Calls of a method, in its module and in the modules that import it, through barrels too, by the receiver's
        class."""
        target = FunctionRef(path, function.index)
        owner = facts.classes[function.owner].name
        importers = {module for module, _ in self._importers(path, [owner] if owner else [], {path})}
        for module in (path, *sorted(importers)):
            if not self.evaluator.store.mentions(module, function.name):
                continue
            for use in self.evaluator.index(module).members.get(function.name, ()):
                if self.evaluator.value(module, use.expr, use.root.scope) == target:
                    site = _site(module, use)
                    if site is not None:
                        yield site


def _as_use(site: CallSite) -> Use:
    """Where the call (or construction) of a site stands."""
    if site.call is None or site.call is site.use.expr:
        return site.use
    return Use(site.call, site.use.root, site.use.around[1:])


def _site(path: str, use: Use) -> CallSite | None:
    """The call site of a use of a function's name; None for a use that neither calls it nor hands it on."""
    if use.around and use.around[0].kind == "call":
        outer = use.around[0]
        return CallSite(path, use, outer if outer.callee is use.expr else None)
    if (use.around and use.around[0].kind in ("property", "array", "spread")) or use.root.role == "export-default":
        return CallSite(path, use, None)
    return None


def combine(frequencies: Iterator[Frequency] | list[Frequency]) -> Frequency:
    """Several answers as one: per call wins, then unknown; code that only shutdown and scripts reach is theirs."""
    found = set(frequencies)
    for value in ("call", "unknown", "once", "shutdown", "script"):
        if value in found:
            return value
    return "unknown"
