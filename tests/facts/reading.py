"""Facts of a piece of source in a form that a table can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.facts.extract import extract

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts


def facts_of(source: str, suffix: str = ".ts") -> ModuleFacts:
    """The facts of a source that parses."""
    facts = extract(source.encode(), suffix)
    assert facts.errors == ()
    return facts


def shown(expr: Expr) -> str:
    """An expression as `kind(children)`, the frequent kinds as they are written."""
    parts = [shown(child) for child in expr.children]
    match expr.kind:
        case "name" | "number" | "literal":
            return expr.text
        case "this" | "super":
            return expr.kind
        case "string":
            return repr(expr.text)
        case "member":
            return f"{parts[0]}.{expr.text}"
        case "call":
            return f"{parts[0]}({', '.join(parts[1:])})"
        case "function" | "class":
            return f"{expr.kind} {expr.function}"
        case "property":
            return f"{expr.text or '[' + parts[1] + ']'}: {parts[0]}"
        case "binary" | "assign" | "unary":
            return f"({f' {expr.text} '.join(parts) if len(parts) == 2 else expr.text + ' ' + parts[0]})"
        case "other":
            return f"{expr.text}({', '.join(parts)})"
        case _:
            return f"{expr.kind}({', '.join(parts)})"


def roots_of(source: str, suffix: str = ".ts") -> list[str]:
    """`role[@function]: expression` of each root, in document order."""
    facts = facts_of(source, suffix)
    ordered = sorted(facts.roots, key=lambda root: (root.expr.start, root.expr.end))
    return [f"{root.role}{'' if root.function < 0 else f'@{root.function}'}: {shown(root.expr)}" for root in ordered]


def texts_of(source: str, kind: str, suffix: str = ".ts") -> list[str]:
    """The source text of each expression of a kind."""
    facts, data = facts_of(source, suffix), source.encode()
    found = [expr for root in facts.roots for expr in root.expr.walk() if expr.kind == kind]
    return [data[expr.start : expr.end].decode() for expr in sorted(found, key=lambda expr: (expr.start, -expr.end))]


def bindings_of(source: str, suffix: str = ".ts") -> list[str]:
    """`kind name[: path] in scope` of each binding, in document order."""
    facts = facts_of(source, suffix)
    return [
        f"{binding.kind} {binding.name}{''.join(f' {step}' for step in binding.path)} in "
        f"{facts.scopes[binding.scope].kind}"
        for binding in sorted(facts.bindings, key=lambda binding: binding.start)
    ]
