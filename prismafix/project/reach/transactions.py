"""Interactive transactions: their callbacks, and who opens them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.parameters import all_passed_on
from prismafix.project.denote.values import Client, FunctionRef, Operation, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.denote.values import Value
    from prismafix.project.index.syntax_index import Use

_DEPTH = 4
"""So many wrappers of the project are looked through."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A function that runs with a transaction's client: the callback of `$transaction`, or of a wrapper of the project
    that hands one out.

    `path` and `function` say which; `start` and `end` are its bytes. `opened` is the call that opens the transaction,
    in `opened_in`. `parameter` is the name of the transaction's client in the callback, "" when it has none of its own;
    `takes_none`: the callback is written in that call and could take one. `client` is the outer client.
    """

    path: str
    function: int
    start: int
    end: int
    parameter: str
    client: Client
    opened: Use
    opened_in: str
    takes_none: bool


@dataclass(frozen=True, slots=True)
class _Handed:
    """What a callback receives: the transaction's client at `position`, or in an object there under `key`."""

    client: Client
    position: int = 0
    key: str = ""


class Transactions:
    """Finds the interactive transactions that modules open."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def find(self, path: str) -> Iterator[Transaction]:
        """The transactions that calls in a module open, by the start of the call."""
        facts = self.evaluator.facts(path)
        if facts is None:
            return
        for use in self.evaluator.index(path).calls:
            call = use.expr
            if call.kind != "call":
                continue
            direct = call.callee.kind == "member" and call.callee.text == "$transaction"
            for slot, argument in enumerate(call.arguments):
                inline = argument.kind == "function" and argument.function >= 0
                if not inline and not (
                    self._names_function(facts, argument, use.root.scope) and self._may_open(path, use, direct)
                ):
                    continue
                handed = self._handed(path, call, use.root.scope, slot, 0) or (
                    self._typed(path, facts, argument) if inline else None
                )
                if handed is None:
                    continue
                callback = self.evaluator.value(path, argument, use.root.scope)
                if isinstance(callback, FunctionRef):
                    found = self._transaction(path, use, callback, handed, inline)
                    if found is not None:
                        yield found

    @staticmethod
    def _names_function(facts: ModuleFacts, argument: Expr, scope: int) -> bool:
        """Whether an argument may be the name of a function, and is not what a call gave: `items.map(load)` counts as
        `load` elsewhere, and is an array here."""
        if argument.kind == "member":
            return True
        binding = facts.lookup(argument.text, scope) if argument.kind == "name" else None
        if binding is None or binding.kind in ("function", "import"):
            return binding is not None
        return binding.value >= 0 and not binding.path and facts.roots[binding.value].expr.kind == "function"

    def _may_open(self, path: str, use: Use, direct: bool) -> bool:
        """False for a call that surely hands no transaction to a function it is given by name."""
        if direct:
            return True
        callee = self.evaluator.value(path, use.expr.callee, use.root.scope)
        return isinstance(callee, FunctionRef) and self.evaluator.store.mentions(callee.path, "$transaction")

    def _transaction(
        self, path: str, use: Use, callback: FunctionRef, handed: _Handed, inline: bool
    ) -> Transaction | None:
        facts = self.evaluator.facts(callback.path)
        if facts is None:
            return None
        function = facts.functions[callback.index]
        name = _parameter_name(facts, function, handed)
        return Transaction(
            callback.path,
            function.index,
            function.start,
            function.end,
            name,
            handed.client,
            use,
            path,
            inline and not function.parameters and handed.position == 0 and not handed.key,
        )

    def _handed(self, path: str, call: Expr, scope: int, slot: int, depth: int) -> _Handed | None:
        """What a call hands to the function among its arguments at `slot`."""
        callee = self.evaluator.value(path, call.callee, scope)
        if isinstance(callee, Operation):
            opens = callee.name == "$transaction" and slot == 0
            return _Handed(callee.client) if opens and callee.client.kind == "outer" else None
        if callee is None and call.callee.kind == "member" and call.callee.text == "$transaction" and slot == 0:
            return _Handed(Client("", "outer"))  # of a context that could not be resolved: only Prisma has the method
        if not isinstance(callee, FunctionRef) or depth > _DEPTH:
            return None
        return self._by_wrapper(callee, slot, depth)

    def _by_wrapper(self, wrapper: FunctionRef, slot: int, depth: int) -> _Handed | None:
        """What a function of the project hands to the function that it receives as its parameter `slot`."""
        facts = self.evaluator.facts(wrapper.path)
        if facts is None:
            return None
        declared = facts.functions[wrapper.index]
        if slot >= len(declared.parameters) or not declared.parameters[slot].name:
            return None
        for use in self.evaluator.index(wrapper.path).names.get(declared.parameters[slot].name, ()):
            outer = use.around[0] if use.around else None
            if outer is None or outer.kind != "call" or not declared.start <= use.expr.start < declared.end:
                continue
            if outer.callee is use.expr:
                found = self._among(wrapper.path, outer, use.root.scope)
            elif use.expr in outer.arguments:
                at = outer.arguments.index(use.expr)
                found = self._handed(wrapper.path, outer, use.root.scope, at, depth + 1)
            else:
                continue
            if found is not None:
                return found
        return self._by_type(wrapper, declared, slot)

    def _by_type(self, wrapper: FunctionRef, declared: Function, slot: int) -> _Handed | None:
        """What the type of a wrapper's parameter says that it hands out, if the wrapper opens a transaction: the client
        may have gone through a proxy or a store in between."""
        for use in self.evaluator.index(wrapper.path).members.get("$transaction", ()):
            if declared.start <= use.expr.start < declared.end:
                opened = self.evaluator.value(wrapper.path, use.expr, use.root.scope)
                if not isinstance(opened, Operation) or opened.client.kind != "outer":
                    continue
                typed = self.evaluator.type_value(wrapper.path, declared.parameters[slot].type_text)
                for position, text in enumerate(typed.takes if isinstance(typed, Signature) else ()):
                    value = self.evaluator.type_value(wrapper.path, text) if text else None
                    if isinstance(value, Client) and value.kind == "transaction":
                        return _Handed(opened.client, position)
        return None

    def _among(self, path: str, call: Expr, scope: int) -> _Handed | None:
        """The transaction's client among the arguments of a call, also in an object literal."""
        for position, argument in enumerate(call.arguments):
            if argument.kind == "spread":  # `(...args) => work(...args)`
                value = all_passed_on(self.evaluator, path, argument, scope, 0)
            else:
                value = self.evaluator.value(path, argument, scope)
            if isinstance(value, Client) and value.kind == "transaction":
                return _Handed(_outer(value), position)
            for child in argument.children if argument.kind == "object" else ():
                value = self.evaluator.value(path, child.children[0], scope) if child.kind == "property" else None
                if isinstance(value, Client) and value.kind == "transaction":
                    return _Handed(_outer(value), position, child.text)
        return None

    def _typed(self, path: str, facts: ModuleFacts, callback: Expr) -> _Handed | None:
        """`unknown(async (tx: Prisma.TransactionClient) => …)`: the annotation says what the callback receives."""
        for position, parameter in enumerate(facts.functions[callback.function].parameters):
            value: Value | None = (
                self.evaluator.type_value(path, parameter.type_text) if parameter.name and parameter.type_text else None
            )
            if isinstance(value, Client) and value.kind == "transaction":
                return _Handed(_outer(value), position)
        return None


def _outer(client: Client) -> Client:
    return Client(client.entry, "outer", client.origin, declared=client.declared)


def _parameter_name(facts: ModuleFacts, function: Function, handed: _Handed) -> str:
    """The name under which a callback knows the transaction's client; "" when it takes it apart or not at all."""
    if handed.position >= len(function.parameters):
        return ""
    if not handed.key:
        return function.parameters[handed.position].name
    for binding in facts.bindings:
        of_it = binding.kind == "param" and binding.function == function.index and binding.position == handed.position
        if of_it and binding.path == (handed.key,):
            return binding.name
    return ""
