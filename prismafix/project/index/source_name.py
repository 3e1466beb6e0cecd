"""How an expression is called when people are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.facts.model import Expr


def source_name(expr: Expr) -> str:
    """How a callee is written, shortened: `prisma.order.findMany`, `this.mailer.send`, `load`."""
    chain = expr.chain()
    if chain is not None:
        return ".".join(chain)
    if expr.kind == "member":
        return f"{source_name(expr.children[0])}.{expr.text}"
    if expr.kind == "index":
        return f"{source_name(expr.children[0])}[…]"
    if expr.kind in ("call", "await", "new") and expr.children:
        return f"{source_name(expr.children[0])}(…)" if expr.kind == "call" else source_name(expr.children[0])
    return "a function" if expr.kind == "function" else "…"
