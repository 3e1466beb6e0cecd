"""Interactive transactions: their callbacks, and what runs in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.values import Client, FunctionRef, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr
    from prismafix.project.evaluate import Evaluator
    from prismafix.project.syntax_index import Use


@dataclass(frozen=True, slots=True)
class Transaction:
    """One call that runs `callback` (a function written in place) with a transaction's client. `parameter` is the
    name of that client
    in the callback, "" when the callback takes none or a pattern. `client` is the outer client."""

    path: str
    use: Use
    callback: Expr
    function: int
    parameter: str
    client: Client


class Transactions:
    """Finds the interactive transactions of modules."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def find(self, path: str) -> Iterator[Transaction]:
        """The transactions of a module whose callback is written in place, by start."""
        facts = self.evaluator.facts(path)
        if facts is None:
            return
        for use in self.evaluator.index(path).calls:
            call = use.expr
            if call.kind != "call":
                continue
            for position, argument in enumerate(call.arguments):
                if argument.kind != "function" or argument.function < 0:
                    continue
                function = facts.functions[argument.function]
                client = self._client(path, call, use, position, function.index)
                if client is None:
                    continue
                name = function.parameters[0].name if function.parameters else ""
                yield Transaction(path, use, argument, function.index, name, client)

    def _client(self, path: str, call: Expr, use: Use, position: int, function: int) -> Client | None:
        callee = self.evaluator.value(path, call.callee, use.root.scope)
        if isinstance(callee, Operation):
            return callee.client if callee.name == "$transaction" and position == 0 else None
        if callee is None and call.callee.kind == "member" and call.callee.text == "$transaction" and position == 0:
            return Client("", "outer")  # `ctx.prisma.$transaction(…)` of a context that could not be resolved
        if not isinstance(callee, FunctionRef):
            return None
        facts = self.evaluator.facts(path)
        if facts is None:
            return None
        filled = self.evaluator.filled(path, facts.functions[function], 0)
        if isinstance(filled, Client) and filled.kind == "transaction":
            return Client(filled.entry, "outer", filled.origin, declared=filled.declared)
        return None
