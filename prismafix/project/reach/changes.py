"""What code assigns to outside of itself, and the errors that it throws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client
from prismafix.project.index.source_name import source_name
from prismafix.project.reach.model import Effects, Note, Throw
from prismafix.project.reach.stages import waited_before

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use


def changes(evaluator: Evaluator, path: str, start: int, end: int, apart: tuple[tuple[int, int], ...] = ()) -> Effects:
    """What the code between two byte offsets assigns to outside of itself, and the errors that it throws."""
    facts, index = evaluator.facts(path), evaluator.index(path)
    if facts is None:
        return Effects()
    effects, throws = [], []

    def counts(offset: int) -> bool:
        return start <= offset < end and not any(first <= offset < last for first, last in apart)

    for use in index.changes:
        if counts(use.expr.start) and not _keeps(evaluator, path, use):
            for target in use.expr.children[0].children if _is_pattern(use.expr) else use.expr.children[:1]:
                root = target
                while root.kind in ("member", "index") and root.children:
                    root = root.children[0]
                binding = facts.lookup(root.text, use.root.scope) if root.kind == "name" else None
                if root.kind == "this" and _constructs(facts, use.root.function):
                    continue  # the object is new, and nobody else's
                if binding is None or not start <= binding.start < end:
                    text = f"changes {source_name(target)}"
                    effects.append(Note(text, path, facts.line_of(use.expr.start)))
    for root_of_throw in index.throws:
        if counts(root_of_throw.expr.start):
            at = root_of_throw.start
            before = waited_before(facts, root_of_throw.function, root_of_throw.scope, at)
            line = facts.line_of(root_of_throw.expr.start)
            throws.append(Throw(path, line, (path, before) if before >= 0 else None))
    return Effects(effects=tuple(effects), throws=tuple(throws))


def _constructs(facts: ModuleFacts, function: int) -> bool:
    return function >= 0 and facts.functions[function].kind == "constructor"


def _keeps(evaluator: Evaluator, path: str, use: Use) -> bool:
    """Whether an assignment keeps what is made once, such as a client: whoever comes first makes it."""
    if use.expr.kind != "assign":
        return False
    return use.expr.text in ("??=", "||=") or isinstance(
        evaluator.value(path, use.expr.children[1], use.root.scope), Client
    )


def _is_pattern(expr: Expr) -> bool:
    return expr.kind == "assign" and expr.children[0].kind == "other"
