"""What expressions, names, exports and types denote, across modules."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.annotations import of_type
from prismafix.project.resolve import ExternalTarget, ModuleTarget, PrismaTarget, Resolver
from prismafix.project.syntax_index import ModuleIndex, build_index
from prismafix.project.types import parse_type
from prismafix.project.values import (
    ClassRef,
    Client,
    Delegate,
    External,
    FunctionRef,
    Global,
    Instance,
    NamespaceRef,
    ObjectRef,
    OneOf,
    Operation,
    PrismaClass,
    PrismaModule,
    PrismaNamespace,
    ShapeRef,
    Value,
    merge,
)

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Class, Expr, Function, ModuleFacts, TypeShape
    from prismafix.project.store import FactsStore

_GLOBALS = frozenset(("globalThis", "global", "window", "self", "process", "Promise", "Array", "Object", "Reflect"))
_PLAIN_GLOBALS = frozenset(
    (
        "console",
        "fetch",
        "parseInt",
        "parseFloat",
        "isNaN",
        "isFinite",
        "encodeURIComponent",
        "decodeURIComponent",
        "encodeURI",
        "decodeURI",
        "atob",
        "btoa",
        "structuredClone",
    )
)
_DEPTH = 40


class Evaluator:
    """Evaluates on demand and remembers. Every method answers None where the resolution ends."""

    def __init__(self, store: FactsStore, resolver: Resolver) -> None:
        self.store = store
        self.resolver = resolver
        self._indexes: dict[str, ModuleIndex] = {}
        self._values: dict[tuple[str, int, int, str], Value | None] = {}
        self._returns: dict[tuple[str, int], Value | None] = {}
        self._busy: set[object] = set()
        accessors = {m.accessor for schema in store.workspace.schemas for m in schema.models}
        self.accessors: frozenset[str] = frozenset(accessors)

    # -- modules
    # ---------------------------------------------------------------------------------------------------------

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a module."""
        return self.store.facts(path)

    def index(self, path: str) -> ModuleIndex:
        """The expression index of a module; empty when it could not be analysed."""
        found = self._indexes.get(path)
        if found is None:
            facts = self.store.facts(path)
            found = self._indexes[path] = build_index(facts) if facts is not None else ModuleIndex()
        return found

    def export(self, path: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Value | None:
        """What the module exports under `name` (`default` and `module.exports` included)."""
        if (path, name) in seen:
            return None
        facts = self.store.facts(path)
        if facts is None:
            return None
        seen |= {(path, name)}
        for export in facts.exports:
            if export.name != name:
                continue
            if export.specifier:
                return self.imported(path, export.specifier, export.imported, seen)
            if export.local:
                return self.name(path, export.local, 0)
            return self.value(path, facts.roots[export.value].expr, facts.roots[export.value].scope)
        whole = next((e for e in facts.exports if e.name == "module.exports"), None)
        if whole is not None:
            value = self.value(path, facts.roots[whole.value].expr, facts.roots[whole.value].scope)
            if name == "default":
                return value
            found = self.member(value, name) if value is not None else None
            if found is not None:
                return found
        for export in facts.exports:
            if export.name == "*" and export.specifier and name != "default":
                if not self._may_export(path, export.specifier, name):
                    continue
                found = self.imported(path, export.specifier, name, seen)
                if found is not None:
                    return found
        return None

    def _may_export(self, path: str, specifier: str, name: str) -> bool:
        """False for a module of the workspace that neither mentions a name nor passes on what others export."""
        target = self.resolver.resolve(path, specifier)
        return not isinstance(target, ModuleTarget) or self.store.may_export(target.path, name)

    def imported(
        self, path: str, specifier: str, imported: str, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> Value | None:
        """What an import (of a name, `default`, or `*` for the namespace) gives in a module."""
        target = self.resolver.resolve(path, specifier)
        if isinstance(target, PrismaTarget):
            module = PrismaModule(target.output, target.entry)
            return module if imported in ("*", "default") else self.member(module, imported)
        if isinstance(target, ModuleTarget):
            return NamespaceRef(target.path) if imported == "*" else self.export(target.path, imported, seen)
        return self._outside(target, imported)

    @staticmethod
    def _outside(target: ExternalTarget, imported: str) -> Value | None:
        if target.missing:
            # A generated client is often not in the tree (git ignores it). Only the class's own name speaks for one.
            if imported == "PrismaClient":
                return PrismaClass(f"?{target.specifier.rsplit('/', 1)[-1]}")
            if imported == "Prisma":
                return PrismaNamespace(f"?{target.specifier.rsplit('/', 1)[-1]}")
            return None
        return External(target.specifier, () if imported in ("*", "default") else (imported,))

    def required(self, path: str, specifier: str) -> Value | None:
        """What `require(specifier)` or `import(specifier)` gives in a module."""
        target = self.resolver.resolve(path, specifier)
        if isinstance(target, PrismaTarget):
            return PrismaModule(target.output, target.entry)
        if isinstance(target, ModuleTarget):
            facts = self.store.facts(target.path)
            if facts is not None and any(e.name == "module.exports" for e in facts.exports):
                return self.export(target.path, "default") or NamespaceRef(target.path)
            return NamespaceRef(target.path)
        if target.missing and re.search(r"prisma", specifier):
            return PrismaModule(f"?{specifier.rsplit('/', 1)[-1]}") if "generated" in specifier else None
        return External(target.specifier)

    # -- names
    # -----------------------------------------------------------------------------------------------------------

    def name(self, path: str, name: str, scope: int) -> Value | None:
        """What an identifier denotes, seen from a scope."""
        facts = self.store.facts(path)
        if facts is None:
            return None
        binding = facts.lookup(name, scope)
        if binding is None:
            return Global((name,)) if name in _GLOBALS or name[:1].isupper() or name in _PLAIN_GLOBALS else None
        key = (path, "binding", binding.start, name)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            return self.binding(path, facts, binding)
        finally:
            self._busy.discard(key)

    def binding(self, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
        """What a declared name denotes."""
        match binding.kind:
            case "import":
                item = facts.imports[binding.target]
                if item.form == "import-equals":
                    return self.required(path, item.specifier)
                return self.imported(path, item.specifier, item.imported)
            case "function":
                return FunctionRef(path, binding.target)
            case "class":
                return self.class_value(path, binding.target)
            case "param":
                return self._parameter(path, facts, binding)
            case "const" | "let" | "var" | "using":
                return self._variable(path, facts, binding)
        return None

    def _variable(self, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
        found: Value | None = None
        if binding.value >= 0:
            root = facts.roots[binding.value]
            found = self.along(self.value(path, root.expr, root.scope), binding.path)
        if binding.kind != "const":
            for use in self.index(path).assignments.get(binding.name, ()):
                target = use.expr.children[0]
                if target.kind == "name" and facts.lookup(binding.name, use.root.scope) is binding:
                    found = merge(found, self.value(path, use.expr.children[1], use.root.scope))
        if found is None and binding.type_text:
            found = self.along(self.type_value(path, binding.type_text), binding.path)
        return found

    def _parameter(self, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
        steps = binding.path
        if binding.type_text:
            typed = self.type_value(path, binding.type_text)
            found = self.along(typed, steps)
            if found is not None:
                return found
        filled = self.along(self.filled(path, facts.functions[binding.function], binding.position), steps)
        if binding.value >= 0 and not steps:
            root = facts.roots[binding.value]
            default = self.value(path, root.expr, root.scope)
            if isinstance(default, Client):
                return replace(default, kind="either") if filled is None else merge(filled, default)
        return filled

    def filled(self, path: str, function: Function, position: int) -> Value | None:
        """What a parameter receives, by where its function is passed to or, for a function that no other module sees,
        called."""
        key = ("filled", path, function.index, position)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            use = self.index(path).functions.get(function.index)
            if use is not None and use.around and use.around[0].kind == "call":
                return self._filled_by(path, use.around[0], use.expr, use.root.scope, position)
            return self._filled_by_callers(path, function, position)
        finally:
            self._busy.discard(key)

    def _filled_by(self, path: str, call: Expr, argument: Expr, scope: int, position: int) -> Value | None:
        """What the callee hands to a callback: the transaction's client for `$transaction`, or what a wrapper of the
        project passes on."""
        key = (path, "filled by", argument.start, argument.end, position)
        if key in self._busy:  # a wrapper that calls itself with the same callback, to try again
            return None
        self._busy.add(key)
        try:
            return self._handed_over(path, call, argument, scope, position)
        finally:
            self._busy.discard(key)

    def _handed_over(self, path: str, call: Expr, argument: Expr, scope: int, position: int) -> Value | None:
        callee = self.value(path, call.callee, scope)
        if isinstance(callee, Operation) and callee.name == "$transaction" and position == 0:
            return replace(callee.client, kind="transaction")
        if callee is None and call.callee.kind == "member" and call.callee.text == "$transaction" and position == 0:
            return Client("", "transaction")  # only Prisma has a method of that name
        if not isinstance(callee, FunctionRef) or argument not in call.arguments:
            return None
        facts = self.store.facts(callee.path)
        if facts is None:
            return None
        wrapper = facts.functions[callee.index]
        slot = call.arguments.index(argument)
        if slot >= len(wrapper.parameters) or not wrapper.parameters[slot].name:
            return None
        callback = wrapper.parameters[slot].name
        for use in self.index(callee.path).names.get(callback, ()):
            if not wrapper.start <= use.expr.start < wrapper.end or not use.around:
                continue
            outer = use.around[0]
            if outer.kind != "call":
                continue
            if outer.callee is use.expr and position < len(outer.arguments):
                found = self.value(callee.path, outer.arguments[position], use.root.scope)
            elif use.expr in outer.arguments:
                found = self._filled_by(callee.path, outer, use.expr, use.root.scope, position)
            else:
                continue
            if found is not None:
                return found
        return None

    def _filled_by_callers(self, path: str, function: Function, position: int) -> Value | None:
        if not function.name or function.owner >= 0:
            return None
        found: Value | None = None
        for use in self.index(path).names.get(function.name, ()):
            if use.around and use.around[0].kind == "call" and use.around[0].callee is use.expr:
                arguments = use.around[0].arguments
                if position < len(arguments) and self.value(path, use.expr, use.root.scope) == FunctionRef(
                    path, function.index
                ):
                    found = merge(found, self.value(path, arguments[position], use.root.scope))
        return found

    def along(self, value: Value | None, steps: tuple[str, ...]) -> Value | None:
        """Follow a destructuring path."""
        for step in steps:
            if step in ("...", "[]", "[key]"):
                return value if step == "..." and isinstance(value, ObjectRef | ShapeRef) else None
            if value is None:
                return None
            value = self.member(value, step)
        return value

    # -- expressions
    # -----------------------------------------------------------------------------------------------------

    def value(self, path: str, expr: Expr, scope: int) -> Value | None:
        """What an expression denotes. `await` is looked through: a promise of a client counts as the client."""
        key = (path, expr.start, expr.end, expr.kind)
        if key in self._values:
            return self._values[key]
        if key in self._busy or len(self._busy) > _DEPTH * 4:
            return None
        self._busy.add(key)
        try:
            found = self._value(path, expr, scope)
            if found is None and expr.type_text:
                found = self.type_value(path, expr.type_text)
        finally:
            self._busy.discard(key)
        if not self._busy or found is not None:
            self._values[key] = found
        return found

    def _value(self, path: str, expr: Expr, scope: int) -> Value | None:
        match expr.kind:
            case "name":
                return self.name(path, expr.text, scope)
            case "member":
                return self._member_expression(path, expr, scope)
            case "index":
                return None
            case "await" | "yield":
                return self.value(path, expr.children[0], scope) if expr.children else None
            case "call":
                return self._call(path, expr, scope)
            case "new":
                return self._new(path, expr, scope)
            case "function":
                return FunctionRef(path, expr.function) if expr.function >= 0 else None
            case "class":
                return self.class_value(path, expr.function) if expr.function >= 0 else None
            case "object":
                return ObjectRef(path, expr, scope)
            case "this":
                return self._this(path, expr)
            case "super":
                return None
            case "binary":
                return self._binary(path, expr, scope)
            case "ternary":
                return merge(self.value(path, expr.children[1], scope), self.value(path, expr.children[2], scope))
            case "assign":
                return self.value(path, expr.children[1], scope)
            case "import":
                argument = expr.children[0] if expr.children else None
                return (
                    self.required(path, argument.text) if argument is not None and argument.kind == "string" else None
                )
        return None

    def _binary(self, path: str, expr: Expr, scope: int) -> Value | None:
        left, right = expr.children
        if expr.text in ("&&", ","):
            return self.value(path, right, scope)
        if expr.text not in ("??", "||"):
            return None
        first, second = self.value(path, left, scope), self.value(path, right, scope)
        if isinstance(second, Client) and not isinstance(first, Client) and self._from_parameter(path, left, scope):
            return replace(second, kind="either")
        return merge(first, second)

    def _from_parameter(self, path: str, expr: Expr, scope: int) -> bool:
        while expr.kind in ("member", "index"):
            expr = expr.children[0]
        facts = self.store.facts(path)
        if facts is None or expr.kind != "name":
            return False
        binding = facts.lookup(expr.text, scope)
        return binding is not None and binding.kind == "param"

    def _member_expression(self, path: str, expr: Expr, scope: int) -> Value | None:
        receiver = self.value(path, expr.children[0], scope)
        if receiver is None:
            return None
        if isinstance(receiver, Global):
            return self._global_member(path, receiver, expr.text, scope)
        return self.member(receiver, expr.text)

    def _global_member(self, path: str, receiver: Global, name: str, scope: int) -> Value | None:
        if receiver.names[0] in ("globalThis", "global", "window", "self") and len(receiver.names) == 1:
            for use in self.index(path).assignments.get(name, ()):
                target = use.expr.children[0]
                if target.kind == "member" and isinstance(self.value(path, target.children[0], use.root.scope), Global):
                    found = self.value(path, use.expr.children[1], use.root.scope)
                    if found is not None:
                        return found
        return Global((*receiver.names, name))

    def _this(self, path: str, expr: Expr) -> Value | None:
        facts = self.store.facts(path)
        if facts is None:
            return None
        owner = self.owner_of(facts, expr.start)
        if owner is None:
            return None
        value = self.class_value(path, owner.index)
        if isinstance(value, PrismaClass):
            return Client(value.entry, "outer", None, declared=value.declared)
        return ClassRef(path, owner.index) if self._is_static(facts, owner, expr.start) else Instance(path, owner.index)

    @staticmethod
    def _is_static(facts: ModuleFacts, owner: Class, offset: int) -> bool:
        """Whether a byte offset in a class lies in a static member, where `this` is the class itself."""
        for item in owner.members:
            if not item.is_static:
                continue
            function = facts.functions[item.function] if item.function >= 0 else None
            root = facts.roots[item.value] if item.value >= 0 else None
            if function is not None and function.start <= offset < function.end:
                return True
            if root is not None and root.expr.start <= offset < root.expr.end:
                return True
        return False

    @staticmethod
    def owner_of(facts: ModuleFacts, offset: int) -> Class | None:
        """The innermost class around a byte offset, unless a `function` of its own `this` stands between."""
        scope = facts.scope_at(offset)
        while scope >= 0:
            region = facts.scopes[scope]
            if region.kind == "function":
                function = facts.functions[region.function]
                if function.owner >= 0:
                    return facts.classes[function.owner]
                if function.kind in ("declaration", "expression"):
                    return None
            if region.kind == "class":
                return next((c for c in facts.classes if c.scope == scope), None)
            scope = region.parent
        return None

    def class_value(self, path: str, index: int) -> Value | None:
        """A class of the project: a client class when it extends one."""
        facts = self.store.facts(path)
        if facts is None:
            return None
        declared = facts.classes[index]
        if declared.extends >= 0:
            root = facts.roots[declared.extends]
            base = self.value(path, root.expr, facts.scopes[declared.scope].parent)
            if isinstance(base, PrismaClass):
                return replace(base, declared=(path, index))
        return ClassRef(path, index)

    def _new(self, path: str, expr: Expr, scope: int) -> Value | None:
        callee = self.value(path, expr.callee, scope)
        match callee:
            case PrismaClass():
                return Client(callee.entry, "outer", (path, expr.start), declared=callee.declared)
            case ClassRef():
                return Instance(callee.path, callee.index)
            case Global(names=("Proxy",)) if expr.arguments:
                return self.value(path, expr.arguments[0], scope)
            case External():
                return External(callee.specifier, (*callee.names, "new()"))
            case Global():
                return Global((*callee.names, "new()"))
        return None

    def _call(self, path: str, expr: Expr, scope: int) -> Value | None:
        callee_expr = expr.callee
        if callee_expr.kind == "name" and callee_expr.text == "require" and len(expr.arguments) == 1:
            argument = expr.arguments[0]
            return self.required(path, argument.text) if argument.kind == "string" else None
        callee = self.value(path, callee_expr, scope)
        match callee:
            case Operation(name="$extends"):
                return replace(callee.client, extended=True)
            case Operation():
                return None
            case FunctionRef():
                result = self.returned(callee)
                if result is None or isinstance(result, Global | External) or self._is_closure(callee, result):
                    return self._wrapped(path, expr, scope) or result
                return result
            case Client():
                return callee  # `const getClient = cache(() => new PrismaClient())`, called
            case Global(names=("Object", "assign" | "freeze")) if expr.arguments:
                return self.value(path, expr.arguments[0], scope)
            case Global(names=("Reflect", "get")) if expr.arguments:
                return None
        wrapped = self._wrapped(path, expr, scope)
        if wrapped is not None:
            return wrapped
        if callee_expr.kind == "member" and len(expr.arguments) == 1 and expr.arguments[0].kind in ("name", "member"):
            asked = self.value(path, expr.arguments[0], scope)  # `container.resolve(Service)`, `moduleRef.get(Service)`
            if isinstance(asked, ClassRef):
                return Instance(asked.path, asked.index)
            if isinstance(asked, PrismaClass) and asked.declared is not None:
                return Client(asked.entry, declared=asked.declared)
        match callee:
            case External():
                return External(callee.specifier, (*callee.names, "()"))
            case Global():
                return Global((*callee.names, "()"))
        if callee_expr.kind == "member" and callee_expr.text in ("then", "catch", "finally"):
            return self.value(path, callee_expr.children[0], scope)
        return None

    def _is_closure(self, function: FunctionRef, result: Value) -> bool:
        """Whether a function gives a function that is written inside it."""
        facts = self.store.facts(function.path)
        if facts is None or not isinstance(result, FunctionRef) or result.path != function.path:
            return False
        outer, inner = facts.functions[function.index], facts.functions[result.index]
        return outer.start < inner.start < outer.end

    def _wrapped(self, path: str, expr: Expr, scope: int) -> Value | None:
        """`singleton("prisma", () => new PrismaClient())`, `cache(fn)`, `withAuth(fn)`: a wrapper gives what its
        function
        gives, when that is a client; around another function it is taken for that function."""
        functions = []
        for argument in expr.arguments:
            if argument.kind in ("function", "name", "member"):
                inner = self.value(path, argument, scope)
                if isinstance(inner, FunctionRef):
                    result = self.returned(inner)
                    if isinstance(result, Client):
                        return result
                    functions.append(inner)
        return functions[0] if len(functions) == 1 else None

    def returned(self, function: FunctionRef) -> Value | None:
        """What a call of a function gives; for an `async` one what its promise gives."""
        key = (function.path, function.index)
        if key in self._returns:
            return self._returns[key]
        if key in self._busy:
            return None
        facts = self.store.facts(function.path)
        if facts is None:
            return None
        self._busy.add(key)
        try:
            declared = facts.functions[function.index]
            found: Value | None = None
            for root in facts.roots_of(function.index):
                if root.role == "return":
                    value = self.value(function.path, root.expr, root.scope)
                    found = merge(found, value) if found is not None else value
            if found is None and declared.return_type:
                found = self.type_value(function.path, declared.return_type)
        finally:
            self._busy.discard(key)
        self._returns[key] = found
        return found

    # -- members
    # ---------------------------------------------------------------------------------------------------------

    def member(self, value: Value | None, name: str) -> Value | None:
        """What `value.<name>` denotes."""
        match value:
            case PrismaModule():
                if name == "PrismaClient":
                    return PrismaClass(value.entry, value.subpath)
                if name == "Prisma":
                    return PrismaNamespace(value.entry)
                return value if name == "default" else External("@prisma/client", (name,))
            case Client():
                return self._client_member(value, name)
            case Delegate():
                return Operation(value.client, value.model, name)
            case NamespaceRef():
                return self.export(value.path, name)
            case ObjectRef():
                return self._object_member(value, name)
            case OneOf():
                found: Value | None = None
                for option in value.options:
                    found = merge(found, self.member(option, name))
                return found
            case Instance():
                return self.class_member(value.path, value.index, name)
            case ClassRef():
                return self.class_member(value.path, value.index, name, static=True)
            case PrismaClass() if value.declared is not None:
                return self.class_member(*value.declared, name, static=True)
            case ShapeRef():
                return self._shape_member(value.path, value.shape, name)
            case External():
                return External(value.specifier, (*value.names, name))
            case Global():
                return Global((*value.names, name))
        return None

    def _client_member(self, client: Client, name: str) -> Value | None:
        if client.declared is not None:
            own = self.class_member(*client.declared, name)
            if own is not None:
                return own
        if name.startswith("$"):
            return Operation(client, "", name)
        if name in self.accessors or (not self.accessors and name[:1].islower()):
            return Delegate(client, name)
        if client.declared is not None or client.extended:
            return None
        return Delegate(client, name) if client.entry.startswith("?") else None

    def _object_member(self, value: ObjectRef, name: str) -> Value | None:
        found = value.expr.property_value(name)
        if found is not None:
            return self.value(value.path, found, value.scope)
        key = ("object", value.path, value.expr.start, name)
        if key in self._busy:  # `parts = { ...parts, more }`
            return None
        self._busy.add(key)
        try:
            for child in value.expr.children:
                if child.kind == "spread":
                    inner = self.member(self.value(value.path, child.children[0], value.scope), name)
                    if inner is not None:
                        return inner
        finally:
            self._busy.discard(key)
        return None

    def class_member(self, path: str, index: int, name: str, *, static: bool = False) -> Value | None:
        """A member of a class of the project, inherited ones included."""
        facts = self.store.facts(path)
        if facts is None:
            return None
        key = ("member", path, index, name)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            declared = facts.classes[index]
            own = self._own_member(path, facts, declared, name, static)
            if own is not None or declared.extends < 0:
                return own
            base = self.value(path, facts.roots[declared.extends].expr, facts.scopes[declared.scope].parent)
            if isinstance(base, ClassRef):
                return self.class_member(base.path, base.index, name, static=static)
            return None
        finally:
            self._busy.discard(key)

    def _own_member(self, path: str, facts: ModuleFacts, declared: Class, name: str, static: bool) -> Value | None:
        found: Value | None = None
        for item in declared.members:
            if item.name != name or item.is_static != static:
                continue
            if item.kind == "getter":
                return self.returned(FunctionRef(path, item.function))
            if item.function >= 0:
                return FunctionRef(path, item.function)
            if item.value >= 0:
                root = facts.roots[item.value]
                found = self.value(path, root.expr, root.scope)
            if found is None and item.type_text:
                found = self.type_value(path, item.type_text)
        if found is None:
            for use in self.index(path).assignments.get(name, ()):
                target = use.expr.children[0]
                inside = declared.start <= use.expr.start < declared.end
                if inside and target.kind == "member" and target.children[0].kind == "this":
                    found = merge(found, self.value(path, use.expr.children[1], use.root.scope))
        return found

    def _shape_member(self, path: str, shape: TypeShape, name: str, depth: int = 0) -> Value | None:
        for member, text in shape.members:
            if member == name:
                return self.type_value(path, text)
        if depth < 5:
            for base in shape.extends:
                found = self.type_value(path, base)
                if isinstance(found, ShapeRef):
                    inner = self._shape_member(found.path, found.shape, name, depth + 1)
                    if inner is not None:
                        return inner
        return None

    # -- types
    # -----------------------------------------------------------------------------------------------------------

    def type_value(self, path: str, text: str) -> Value | None:
        """What a value of a type denotes: a client for `PrismaClient`, an instance for a class, a shape for an
        interface."""
        key = (path, "type", text)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            return of_type(self, path, parse_type(text))
        finally:
            self._busy.discard(key)
