"""Every construction of a client: where it is, how often it runs, and whether something guards it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.project.denote.values import Client, External, FunctionRef, PrismaClass
from prismafix.project.index.source_name import source_name
from prismafix.project.index.syntax_index import Use
from prismafix.project.pools.guards import Guard, Guards, Slot, only_in_tests
from prismafix.project.running.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.running.execution import Executions
    from prismafix.project.running.roles import Roles
    from prismafix.workspace.model import Evidence

Placement = Literal["module", "guarded", "broken", "once", "call", "instance", "shutdown", "script", "unknown"]


@dataclass(frozen=True, slots=True)
class ClientSite:
    """One `new <client class>(…)`.

    `placement`: at module level (`module`), behind a guard that holds (`guarded`) or does not (`broken`), in a
    function that runs once (`once`) or per call (`call`), or in a class that is built more than once (`instance`).
    `local` is the variable that holds the client or what is chained on it ("" when none); `whole` is the construction
    with its
    `$extends` chain.
    `exported` are the names under which the module exports `local`."""

    path: str
    use: Use
    klass: PrismaClass
    role: Role
    placement: Placement
    guard: Guard | None
    local: str
    whole: Expr
    exported: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()

    @property
    def expr(self) -> Expr:
        """The `new` expression."""
        return self.use.expr

    @property
    def extended(self) -> bool:
        """Whether an `$extends` chain follows."""
        return self.whole is not self.use.expr

    @property
    def function(self) -> int:
        """The enclosing function, -1 at module level."""
        return self.use.root.function


class Clients:
    """The client constructions of the workspace."""

    def __init__(self, evaluator: Evaluator, roles: Roles, executions: Executions) -> None:
        self.evaluator = evaluator
        self.roles = roles
        self.executions = executions
        self.guards = Guards(evaluator)
        self._sites: dict[str, tuple[ClientSite, ...]] = {}

    def sites(self, path: str) -> tuple[ClientSite, ...]:
        """The constructions in a module, by start."""
        found = self._sites.get(path)
        if found is None:
            found = self._sites[path] = tuple(self._find(path))
        return found

    def _find(self, path: str) -> Iterator[ClientSite]:
        facts = self.evaluator.facts(path)
        if facts is None:
            return
        for use in self.evaluator.index(path).news:
            if not self._may_be_client(facts, use):
                continue
            value = self.evaluator.value(path, use.expr.callee, use.root.scope)
            if isinstance(value, PrismaClass):
                yield self._site(path, facts, use, value)

    def _may_be_client(self, facts: ModuleFacts, use: Use) -> bool:
        """False for a class that is surely no client by its name: not worth the parse of the module that it comes
        from."""
        callee = use.expr.callee
        if callee.kind not in ("name", "member") or callee.text in self.evaluator.store.client_names:
            return True
        if callee.kind == "member":
            return False
        binding = facts.lookup(callee.text, use.root.scope)
        if binding is None:
            return False
        return binding.kind != "import" or facts.imports[binding.target].imported != callee.text

    def _site(self, path: str, facts: ModuleFacts, use: Use, klass: PrismaClass) -> ClientSite:
        role = self.roles.role(path)
        if role.kind != "test" and only_in_tests(facts, use):
            role = Role("test", "only built where NODE_ENV is test")
        guard = self.guards.of(path, use)
        evidence: tuple[Evidence, ...] = ()
        if guard is not None and not guard.broken and not self._builds_more_in_production(path, facts, use, guard):
            placement: Placement = "guarded"
        elif use.root.function < 0 and use.root.role != "field":
            placement = "broken" if guard is not None else "module"
        else:
            placement, guard, evidence = self._in_function(path, facts, use, guard)
        whole = _with_chain(use)
        local = self._local(facts, use, whole)
        exported = tuple(e.name for e in facts.exports if local and e.local == local and not e.specifier)
        # `export default new PrismaClient()`, `module.exports = prisma`, `module.exports = { prisma }`
        for e in facts.exports:
            value = facts.exported_value(e)
            if value is not None and (
                facts.roots[e.value] is use.root
                or (local and any(p.kind == "name" and p.text == local for p in _shallow(value)))
            ):
                exported += (e.name,)
        return ClientSite(path, use, klass, role, placement, guard, local, whole, exported, evidence)

    def _builds_more_in_production(self, path: str, facts: ModuleFacts, use: Use, guard: Guard) -> bool:
        """A guard that keeps the client outside of production only, in a function that is called again and again."""
        if not guard.development_only or use.root.function < 0:
            return False
        return self._in_function(path, facts, use, None)[0] == "call"

    def _in_function(
        self, path: str, facts: ModuleFacts, use: Use, guard: Guard | None
    ) -> tuple[Placement, Guard | None, tuple[Evidence, ...]]:
        """A construction in a function: look at who calls it."""
        if use.root.role == "field":
            owner = self.evaluator.owner_of(facts, use.expr.start)
            if owner is None:
                return "unknown", guard, ()
            member = next((m for m in owner.members if m.value >= 0 and facts.roots[m.value] is use.root), None)
            if member is not None and member.is_static:
                return "module", guard, ()
            frequency = self.executions.instance_frequency(path, owner.index)
            return (
                ("instance" if frequency == "call" else "once" if frequency == "once" else _as_placement(frequency)),
                guard,
                (),
            )
        index = use.root.function
        through = self._factory_guard(path, facts, index, 0)
        if through is not None:
            return ("broken" if through.broken else "guarded"), through, ()
        function = facts.functions[index]
        frequency = self.executions.frequency(path, index)
        if function.kind == "constructor":
            return ("instance" if frequency == "call" else _as_placement(frequency)), guard, ()
        if self._is_factory_at_module_level(path, facts, index):
            return "module", guard, ()
        if frequency == "call" and self._kept_by_caller(path, facts, use):
            return "unknown", guard, ()
        return _as_placement(frequency), guard, ()

    def _kept_by_caller(self, path: str, facts: ModuleFacts, use: Use) -> bool:
        """`server.app.prisma = prisma`: whoever was handed in keeps the client; how long that lives is not known."""
        local = self._local(facts, use, use.expr)
        candidates = list(self.evaluator.index(path).names.get(local, ())) if local else [use]
        for other in candidates:
            outer = other.around[0] if other.around else None
            if outer is None or outer.kind != "assign" or outer.children[1] is not other.expr:
                continue
            target = outer.children[0]
            while target.kind in ("member", "index"):
                target = target.children[0]
            binding = facts.lookup(target.text, other.root.scope) if target.kind == "name" else None
            if outer.children[0].kind == "member" and binding is not None and binding.kind == "param":
                return True
        return False

    def _is_factory_at_module_level(self, path: str, facts: ModuleFacts, index: int) -> bool:
        """`const make = () => new …; export const prisma = make()`: the call is what counts."""
        function = facts.functions[index]
        sites = list(self.executions.callers(path, function))
        return (
            bool(sites)
            and all(
                s.call is not None
                and s.use.root.function < 0
                and s.use.root.role in ("declarator", "export-default", "statement")
                for s in sites
            )
            and any(s.use.root.role in ("declarator", "export-default") for s in sites)
        )

    def _factory_guard(self, path: str, facts: ModuleFacts, index: int, depth: int) -> Guard | None:
        """The guard that all calls of a factory stand behind, or that of the wrapper which the factory is handed to."""
        if depth > 4 or index < 0:
            return None
        function = facts.functions[index]
        use = self.evaluator.index(path).functions.get(index)
        if use is not None and use.around and use.around[0].kind == "call" and use.expr in use.around[0].arguments:
            wrapper = use.around[0]
            held = self._memoising(path, wrapper, use, FunctionRef(path, index))
            if held is not None:
                return held
        found: Guard | None = None
        sites = [
            s for s in self.executions.callers(path, function) if self.roles.role(s.path).kind not in ("test", "script")
        ]
        for site in sites:
            if site.call is None:
                wrapped = next((o for o in site.use.around if o.kind == "call"), None)
                target = FunctionRef(path, index)
                guard = self._memoising(site.path, wrapped, site.use, target) if wrapped is not None else None
            else:
                outer = Use(site.call, site.use.root, site.use.around[1:])
                guard = self.guards.of(site.path, outer)
                if guard is None:
                    inner = self.evaluator.facts(site.path)
                    if inner is not None and site.use.root.function >= 0:
                        guard = self._factory_guard(site.path, inner, site.use.root.function, depth + 1)
            if guard is None:
                return None
            found = guard if found is None or guard.broken else found
        if found is None and not sites and function.parent >= 0:  # written inside a function that is behind a guard
            return self._factory_guard(path, facts, function.parent, depth + 1)
        return found

    def _memoising(self, path: str, call: Expr, use: Use, function: FunctionRef) -> Guard | None:
        """`singleton("prisma", () => new …)` at module level: a wrapper of the project that keeps what the function
        gives on the global,
        or one of a package (`remember`)."""
        callee = self.evaluator.value(path, call.callee, use.root.scope)
        name = source_name(call.callee)
        if isinstance(callee, External):
            made = isinstance(self.evaluator.returned(function), Client)
            lasts = callee != External("react", ("cache",))  # that one keeps what it made for a request only
            return Guard(Slot("global", name)) if use.root.function < 0 and made and lasts else None
        if not isinstance(callee, FunctionRef):
            return None
        facts = self.evaluator.facts(callee.path)
        if facts is None:
            return None
        wrapper = facts.functions[callee.index]
        slot_index = call.arguments.index(use.expr) if use.expr in call.arguments else -1
        if not 0 <= slot_index < len(wrapper.parameters):
            return None
        handed = wrapper.parameters[slot_index].name
        index = self.evaluator.index(callee.path)
        for uses in index.assignments.values():
            for assignment in uses:
                if not wrapper.start <= assignment.expr.start < wrapper.end or not _calls(assignment.expr, handed):
                    continue
                slot = self.guards.slot(callee.path, assignment.expr.children[0], assignment.root.scope)
                if slot is not None:
                    return Guard(slot)
        for member in index.members.get("set", ()):  # a Map that is asked first
            inside = wrapper.start <= member.expr.start < wrapper.end
            asked = any(
                wrapper.start <= other.expr.start < wrapper.end
                for n in ("has", "get")
                for other in index.members.get(n, ())
            )
            if inside and asked and isinstance(self.evaluator.returned(function), Client):
                return Guard(Slot("memo", source_name(member.expr)))
        return None

    @staticmethod
    def _local(facts: ModuleFacts, use: Use, whole: Expr) -> str:
        """The variable that the construction (with its chain) initialises or is assigned to."""
        if use.root.role == "declarator":
            binding = next((b for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is use.root), None)
            if binding is not None and not binding.path:
                return binding.name
        for outer in use.around:
            if outer.kind == "assign" and outer.children[0].kind == "name":
                return outer.children[0].text
        return ""


def _calls(expr: Expr, name: str) -> bool:
    """Whether a call of `name` stands in an expression."""
    return any(part.kind == "call" and part.callee.kind == "name" and part.callee.text == name for part in expr.walk())


def _with_chain(use: Use) -> Expr:
    """The construction with the `$extends` chain behind it."""
    whole = use.expr
    around = list(use.around)
    while (
        len(around) >= 2 and around[0].kind == "member" and around[1].kind == "call" and around[1].callee is around[0]
    ):
        if around[0].text not in ("$extends",):
            break
        whole = around[1]
        around = around[2:]
    return whole


def _shallow(expr: Expr) -> Iterator[Expr]:
    """The expression and, for an object, its values."""
    yield expr
    if expr.kind == "object":
        for child in expr.children:
            yield from child.children


def _as_placement(frequency: str) -> Placement:
    return frequency if frequency in ("once", "call", "shutdown", "script") else "unknown"  # type: ignore[return-value]
