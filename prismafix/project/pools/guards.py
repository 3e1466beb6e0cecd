"""Guards: is a construction looked up on the global object (or in a memo) before it is made?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.project.denote.values import Global
from prismafix.project.index.syntax_index import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator

GuardKind = Literal["global", "memo"]
_GLOBAL_NAMES = ("globalThis", "global", "window", "self")
_VARIABLES = ("const", "let", "var")
"""`declare const globalThis: { prisma?: … } & typeof global` declares what is there."""
_OF_PROCESS = frozenset(("env", "argv", "version", "versions", "platform", "title", "exitCode", "stdout", "stdin"))
"""What `process` has of its own: anything else is kept there on purpose."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that outlives a call: a global's property, a module-level variable, a field of `this` or of a class."""

    kind: GuardKind
    name: str


@dataclass(frozen=True, slots=True)
class Guard:
    """`broken` says why it does not hold; "" when it does. `slot` is where the client is kept. `development_only`:
    it is kept there outside of production only, so in production each module with such a guard has its own client.
    `mendable`: its statements are of a form that can be replaced; others may need what they write."""

    slot: Slot
    broken: str = ""
    development_only: bool = False
    mendable: bool = True


class Guards:
    """Finds the guard around a construction, or around the call of the factory that makes it."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def slot(self, path: str, expr: Expr, scope: int) -> Slot | None:
        """The outliving place that an expression reads or writes, or None."""
        facts = self.evaluator.facts(path)
        if facts is None:
            return None
        if expr.kind == "name":
            binding = facts.lookup(expr.text, scope)
            if binding is None:
                return None
            if facts.scopes[binding.scope].function < 0 and binding.kind in _VARIABLES:
                if binding.value >= 0:  # `const cached = global.prisma`, `const { prisma: cached } = global`
                    root = facts.roots[binding.value]
                    if len(binding.path) == 1 and self.is_global(path, root.expr, root.scope):
                        return Slot("global", binding.path[0])
                    if root.expr.kind in ("member", "index"):
                        return self.slot(path, root.expr, root.scope)
                return Slot("memo", expr.text) if binding.kind != "const" else None
            return None
        if expr.kind in ("member", "index"):
            key = expr.text if expr.kind == "member" else _key_text(expr)
            receiver = expr.children[0]
            if self.is_global(path, receiver, scope):
                return Slot("global", key)
            if key not in _OF_PROCESS and self._is_process(path, receiver, scope):
                return Slot("global", f"process.{key}")
            if receiver.kind == "this":
                return Slot("memo", f"this.{key}")
            if receiver.kind == "name":
                binding = facts.lookup(receiver.text, scope)
                outer = self.slot(path, receiver, scope) if binding is not None else None
                if binding is not None and (binding.kind == "class" or facts.scopes[binding.scope].function < 0):
                    if binding.kind == "import":
                        return None
                    kind: GuardKind = outer.kind if outer is not None else "memo"
                    return Slot(kind, f"{receiver.text}.{key}")
            inner = self.slot(path, receiver, scope)
            return Slot(inner.kind, f"{inner.name}.{key}") if inner is not None else None
        return None

    def is_global(self, path: str, expr: Expr, scope: int) -> bool:
        """Whether an expression is the global object."""
        if expr.kind == "name" and expr.text in _GLOBAL_NAMES:
            facts = self.evaluator.facts(path)
            binding = facts.lookup(expr.text, scope) if facts is not None else None
            return facts is not None and (binding is None or (binding.kind in _VARIABLES and binding.value < 0))
        value = self.evaluator.value(path, expr, scope)
        return isinstance(value, Global) and len(value.names) == 1 and value.names[0] in _GLOBAL_NAMES

    def _is_process(self, path: str, expr: Expr, scope: int) -> bool:
        return self.evaluator.value(path, expr, scope) == Global(("process",))

    def of(self, path: str, use: Use) -> Guard | None:
        """The guard of an expression that makes a client, in its own function."""
        facts = self.evaluator.facts(path)
        if facts is None:
            return None
        found = (
            self._in_expression(path, use)
            or self._in_branch(path, facts, use)
            or self._through_binding(path, facts, use)
            or self._production_branch(path, facts, use)
        )
        if found is not None and (found.slot.kind == "global" or use.root.function >= 0):
            return found  # a variable of the module is new at every reload: no guard for what runs with the module
        if use.root.function < 0:
            return self._written_only(path, facts, use)
        return self._memo_in_function(path, facts, facts.functions[use.root.function], use)

    def _in_expression(self, path: str, use: Use) -> Guard | None:
        """`global.x ?? new …`, `global.x ??= new …`, `global.x || (global.x = new …)`, `… ? global.x : new …`."""
        inner = use.expr
        for outer in use.around:
            if outer.kind == "binary" and outer.text in ("??", "||") and outer.children[1] is inner:
                asked = next(self._asked(path, outer.children[0], use.root.scope), None)
                if asked is not None:
                    return self._checked(path, asked, use)
            if outer.kind == "assign" and outer.text in ("??=", "||="):
                slot = self.slot(path, outer.children[0], use.root.scope)
                if slot is not None:
                    return Guard(slot)
            if outer.kind == "ternary":
                asked = next(self._asked(path, outer.children[0], use.root.scope), None)
                if asked is not None:
                    return self._checked(path, asked, use)
            if outer.kind == "function":
                break
            inner = outer
        return None

    def _in_branch(self, path: str, facts: ModuleFacts, use: Use) -> Guard | None:
        """`if (!global.x) { global.x = new … }`, also behind another `if`."""
        written = self._written_slot(path, use)
        scope = use.root.scope
        while scope >= 0:
            region = facts.scopes[scope]
            if region.kind in ("if", "else") and region.head >= 0:
                for slot in self._asked(path, facts.roots[region.head].expr, region.parent):
                    if written is None or written.name == slot.name or written.name.startswith(slot.name + "."):
                        return self._checked(path, slot, use)
                    if slot.kind == "global" and written.kind == "global":
                        return Guard(slot, f"it looks for `{slot.name}` and writes `{written.name}`")
            if region.kind == "function":
                break
            scope = region.parent
        return None

    def _asked(self, path: str, condition: Expr, scope: int) -> Iterator[Slot]:
        """The outliving places that a condition looks at: `!global.x`, `"x" in global`, `hasOwn(global, "x")`."""
        for part in condition.walk():
            if part.kind in ("name", "member", "index"):
                slot = self.slot(path, part, scope)
                if slot is not None:
                    yield slot
                continue
            key, holder = None, None
            if part.kind == "binary" and part.text == "in":
                key, holder = part.children
            elif part.kind == "call" and len(part.arguments) == 2 and part.callee.text in ("hasOwn", "has", "call"):
                holder, key = part.arguments
            if key is not None and holder is not None and key.text and self.is_global(path, holder, scope):
                yield Slot("global", key.text)

    def _production_branch(self, path: str, facts: ModuleFacts, use: Use) -> Guard | None:
        """`if (production) { prisma = new … } else { … global … }`: production evaluates the module once, the other
        branch has the guard."""
        scope = use.root.scope
        while scope >= 0:
            region = facts.scopes[scope]
            if region.kind in ("if", "else") and region.head >= 0:
                equal = _production(facts, facts.roots[region.head].expr)
                if equal is not None and equal == (region.kind == "if"):
                    names = self._global_writes(path)
                    if any(self._read(path, Slot("global", name)) for name in names):
                        return Guard(Slot("global", names[0]))
            if region.kind == "function":
                return None
            scope = region.parent
        return None

    def _written_slot(self, path: str, use: Use) -> Slot | None:
        """Where the construction's value is assigned to."""
        for outer in use.around:
            if outer.kind == "assign":
                slot = self.slot(path, outer.children[0], use.root.scope)
                if slot is not None:
                    return slot
            elif outer.kind == "function":
                break
        return None

    def _through_binding(self, path: str, facts: ModuleFacts, use: Use) -> Guard | None:
        """A local name that is built first: `const client = new …; export const prisma = global.prisma ?? client`
        builds before it looks;
        inside a branch or a function it may be right: `if (!global.x) { const client = new …; global.x = client }`."""
        if use.root.role != "declarator":
            return None
        name = next(
            (b.name for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is use.root and not b.path), None
        )
        if name is None:
            return None
        for other in self.evaluator.index(path).names.get(name, ()):
            slot = self._kept_if_missing(path, facts, other) if use.root.function == other.root.function else None
            if slot is not None and slot.kind == "global":
                plain = bool(other.around) and other.around[0].kind == "binary"
                return Guard(slot, f"it builds the client before it looks at `{slot.name}`", mendable=plain)
        return None

    def _kept_if_missing(self, path: str, facts: ModuleFacts, use: Use) -> Slot | None:
        """The place that is asked before a name is taken: `global.x ?? name`, `global.x ? global.x : name`,
        `global.x ??= name`, `if (!global.x) global.x = name`."""
        scope, inner = use.root.scope, use.expr
        for outer in use.around:
            if outer.kind == "binary" and outer.text in ("??", "||") and outer.children[1] is inner:
                return self.slot(path, outer.children[0], scope)
            if outer.kind == "ternary" and inner is not outer.children[0]:
                return next(self._asked(path, outer.children[0], scope), None)
            if outer.kind == "assign" and outer.children[1] is inner:
                written = self.slot(path, outer.children[0], scope)
                if outer.text in ("??=", "||="):
                    return written
                return written if outer.text == "=" and self._asked_around(path, facts, scope, written) else None
            inner = outer
        return None

    def _asked_around(self, path: str, facts: ModuleFacts, scope: int, slot: Slot | None) -> bool:
        """Whether an `if` around a scope looks at a place."""
        while slot is not None and scope >= 0 and facts.scopes[scope].kind != "function":
            region = facts.scopes[scope]
            head = facts.roots[region.head].expr if region.kind == "if" and region.head >= 0 else None
            if head is not None and slot in self._asked(path, head, region.parent):
                return True
            scope = region.parent
        return False

    def _checked(self, path: str, slot: Slot, use: Use) -> Guard | None:
        """A guard that reads `slot`: does anything write it?"""
        if slot.kind == "memo":
            return Guard(slot) if self._writes(path, slot) else None
        writes = self._writes(path, slot)
        if self._key_is_new(path, slot):
            reason = f"the symbol `{slot.name}` is another one at every reload, `Symbol.for` would keep it"
            return Guard(slot, reason, mendable=False)
        if not writes and self._written_elsewhere(path, slot):
            return Guard(slot)
        if not writes:
            others = self._global_writes(path)
            if others:
                return Guard(slot, f"it reads `{slot.name}` and writes `{others[0]}`")
            return Guard(slot, f"nothing ever writes `{slot.name}`")
        if all(self._only_in_production(path, w) for w in writes):
            return Guard(slot, f"it writes `{slot.name}` only in production")
        return Guard(slot, development_only=all(self._under_test(path, w, production=False) for w in writes))

    def _writes(self, path: str, slot: Slot) -> list[Use]:
        found = []
        last = slot.name.rsplit(".", 1)[-1]
        for name in dict.fromkeys((last, "")):
            for use in self.evaluator.index(path).assignments.get(name, ()):
                written = self.slot(path, use.expr.children[0], use.root.scope)
                if written is not None and (written.name == slot.name):
                    found.append(use)
        return found + [use for use, name in self.assigned(path) if name == slot.name and slot.kind == "global"]

    def assigned(self, path: str) -> Iterator[tuple[Use, str]]:
        """`Object.assign(globalThis, { prisma })` and `Object.defineProperty(globalThis, "prisma", …)`: the call and
        the property that it writes."""
        index = self.evaluator.index(path)
        for name in ("assign", "defineProperty"):
            for member in index.members.get(name, ()):
                call = member.around[0] if member.around else None
                if call is None or call.kind != "call" or call.callee is not member.expr or len(call.arguments) < 2:
                    continue
                holder, what = call.arguments[:2]
                if not self.is_global(path, holder, member.root.scope):
                    continue
                use = Use(call, member.root, member.around[1:])
                for key in (what, *what.children) if what.kind in ("string", "object") else ():
                    if key.kind in ("string", "property") and key.text:
                        yield use, key.text

    def _key_is_new(self, path: str, slot: Slot) -> bool:
        """Whether the key is a constant with a symbol of its own: `const KEY = Symbol("x")`."""
        facts = self.evaluator.facts(path)
        binding = facts.lookup(slot.name, 0) if facts is not None else None
        if facts is None or binding is None or binding.kind != "const" or binding.value < 0:
            return False
        made = facts.roots[binding.value].expr
        indexed = any(
            part.kind == "index" and part.children[1].kind == "name" and part.children[1].text == slot.name
            for use in self.evaluator.index(path).names.get(slot.name, ())
            for part in use.around[:1]
        )
        return indexed and made.kind == "call" and made.callee.kind == "name" and made.callee.text == "Symbol"

    def _written_elsewhere(self, path: str, slot: Slot) -> bool:
        """Whether a module that imports this one writes the global: `global.prisma = prisma` where a server starts."""
        last = slot.name.rsplit(".", 1)[-1]
        for module, _ in self.evaluator.resolver.importers(path):
            if not self.evaluator.store.mentions(module, last):
                continue
            for use in self.evaluator.index(module).assignments.get(last, ()):
                if self.slot(module, use.expr.children[0], use.root.scope) == slot:
                    return True
        return False

    def _global_writes(self, path: str) -> list[str]:
        """Names of the global's properties that a client is written to."""
        found = []
        for uses in self.evaluator.index(path).assignments.values():
            for use in uses:
                slot = self.slot(path, use.expr.children[0], use.root.scope)
                if slot is not None and slot.kind == "global":
                    found.append(slot.name)
        return found + [name for _, name in self.assigned(path)]

    def _only_in_production(self, path: str, use: Use) -> bool:
        return self._under_test(path, use, production=True)

    def _under_test(self, path: str, use: Use, *, production: bool) -> bool:
        """Whether an assignment stands under a test of `NODE_ENV` for (or against) production."""
        facts = self.evaluator.facts(path)
        scope = use.root.scope
        if facts is None or use.expr.text in ("??=", "||="):
            return False
        for outer in use.around:  # `NODE_ENV !== "production" && (global.x = prisma)`
            if outer.kind == "binary" and outer.text == "&&" and _production(facts, outer.children[0]) is production:
                return True
        while scope >= 0:
            region = facts.scopes[scope]
            if region.kind in ("if", "else") and region.head >= 0:
                equal = _production(facts, facts.roots[region.head].expr)
                if equal is not None and (equal == (region.kind == "if")) is production:
                    return True
            scope = region.parent
        return False

    def _written_only(self, path: str, facts: ModuleFacts, use: Use) -> Guard | None:
        """`const prisma = new …; global.prisma = prisma`: written, never looked at."""
        names = {b.name for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is use.root}
        for uses in self.evaluator.index(path).assignments.values():
            for assignment in uses:
                slot = self.slot(path, assignment.expr.children[0], assignment.root.scope)
                if slot is None or slot.kind != "global":
                    continue
                value = assignment.expr.children[1]
                ours = value is use.expr or (value.kind == "name" and value.text in names)
                if ours and not self._read(path, slot):
                    return Guard(slot, f"it writes `{slot.name}` and never reads it")
        return None

    def _read(self, path: str, slot: Slot) -> bool:
        last = slot.name.rsplit(".", 1)[-1]
        for use in self.evaluator.index(path).members.get(last, ()):
            if self.slot(path, use.expr, use.root.scope) != slot:
                continue
            target = use.around and use.around[0].kind == "assign" and use.around[0].children[0] is use.expr
            if not target or use.around[0].text in ("??=", "||="):
                return True
        return False

    def _memo_in_function(self, path: str, facts: ModuleFacts, function: Function, use: Use) -> Guard | None:
        """`if (client) return client; client = new …; return client`: assigned to an outliving place that the
        function reads too."""
        written = self._written_slot(path, use)
        if written is None and use.root.role == "declarator":
            written = self._handed_on(path, facts, use)
        if written is None:
            return self._in_map(path, facts, function, use)
        last = written.name.rsplit(".", 1)[-1]
        index = self.evaluator.index(path)
        for region in facts.scopes:
            if region.kind in ("if", "else") and function.start <= region.start < function.end and region.head >= 0:
                for part in facts.roots[region.head].expr.walk():
                    if part.kind in ("name", "member") and self.slot(path, part, region.parent) == written:
                        return Guard(written)
                    if part.kind == "name" and self._aliases(path, facts, part, region.parent, written):
                        return Guard(written)
        for use_ in index.members.get(last, []) + index.names.get(last, []):
            if (
                function.start <= use_.expr.start < function.end
                and use_.around
                and use_.around[0].kind in ("binary", "ternary")
            ) and self.slot(path, use_.expr, use_.root.scope) == written:
                return Guard(written)
        return None

    def _in_map(self, path: str, facts: ModuleFacts, function: Function, use: Use) -> Guard | None:
        """`if (!clients.has(url)) clients.set(url, new …)`: kept in a Map of the module that is asked first."""
        index = self.evaluator.index(path)
        names = {b.name for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is use.root and not b.path}
        names |= {o.children[0].text for o in use.around if o.kind == "assign" and o.children[0].kind == "name"}
        for member in index.members.get("set", ()):
            call = member.around[0] if member.around else None
            if (
                call is None
                or call.kind != "call"
                or len(call.arguments) != 2
                or member.root.function != function.index
            ):
                continue
            value, holder = call.arguments[1], member.expr.children[0]
            if value is not use.expr and not (value.kind == "name" and value.text in names):
                continue
            lasting = holder.kind == "member" or self._is_of_module(facts, holder, member.root.scope)
            asked = any(
                other.expr.children[0].chain() == holder.chain()
                and function.start <= other.expr.start < member.expr.start
                for name in ("has", "get")
                for other in index.members.get(name, ())
            )
            if lasting and asked and holder.chain() is not None:
                return Guard(Slot("memo", ".".join(holder.chain() or ())))
        return None

    @staticmethod
    def _is_of_module(facts: ModuleFacts, expr: Expr, scope: int) -> bool:
        binding = facts.lookup(expr.text, scope) if expr.kind == "name" else None
        return binding is not None and facts.scopes[binding.scope].function < 0 and binding.kind != "import"

    def _aliases(self, path: str, facts: ModuleFacts, part: Expr, scope: int, written: Slot) -> bool:
        """`const existing = globalThis.x; if (existing) return existing`."""
        binding = facts.lookup(part.text, scope)
        if binding is None or binding.value < 0:
            return False
        root = facts.roots[binding.value]
        return root.expr.kind in ("member", "index", "name") and self.slot(path, root.expr, root.scope) == written

    def _handed_on(self, path: str, facts: ModuleFacts, use: Use) -> Slot | None:
        """`const client = new …; global.client = client` inside a function."""
        name = next(
            (b.name for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is use.root and not b.path), None
        )
        for other in self.evaluator.index(path).names.get(name or "", ()):
            if other.around and other.around[0].kind == "assign" and other.around[0].children[1] is other.expr:
                slot = self.slot(path, other.around[0].children[0], other.root.scope)
                if slot is not None:
                    return slot
        return None


def _production(facts: ModuleFacts, condition: Expr) -> bool | None:
    """`production_test` of a condition that may be a constant of the module: `if (!isProduction)`."""
    negated = condition.kind == "unary" and condition.text == "!"
    inner = condition.children[0] if negated else condition
    if inner.kind != "name":
        return production_test(condition)
    binding = facts.lookup(inner.text, 0)
    if binding is None or binding.kind != "const" or binding.value < 0 or binding.path:
        return None
    found = production_test(facts.roots[binding.value].expr)
    return found if found is None else found != negated


def production_test(expr: Expr) -> bool | None:
    """Whether a condition is `NODE_ENV === "production"` (True), `!==` (False), or neither (None)."""
    return environment_test(expr, "production")


def environment_test(expr: Expr, name: str) -> bool | None:
    """Whether a condition is `NODE_ENV === name` (True), `!==` (False), or neither (None)."""
    for part in expr.walk():
        if part.kind == "binary" and part.text in ("===", "==", "!==", "!="):
            texts = [child.text for child in part.children]
            if "NODE_ENV" in texts and name in texts:
                return part.text in ("===", "==")
    return None


def only_in_tests(facts: ModuleFacts, use: Use) -> bool:
    """Whether an expression stands in a branch that only `NODE_ENV === "test"` takes."""
    for outer in use.around:
        if outer.kind == "ternary":
            told = environment_test(outer.children[0], "test")
            branch = outer.children[1 if told else 2]
            if told is not None and branch.start <= use.expr.start < branch.end:
                return True
    scope = use.root.scope
    while scope >= 0:
        region = facts.scopes[scope]
        if region.kind in ("if", "else") and region.head >= 0:
            told = environment_test(facts.roots[region.head].expr, "test")
            if told is not None and told == (region.kind == "if"):
                return True
        scope = region.parent
    return False


def _key_text(expr: Expr) -> str:
    key = expr.children[1]
    return key.text or f"[{key.start}]"
