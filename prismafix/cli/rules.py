"""`prismafix rules`: the list of rules."""

from typing import Annotated, Literal

import typer


def rules(
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """List all rules and how safe their fixes are."""
    from prismafix.rules.registry import discover

    found = discover()
    if output == "json":
        import json

        rows = [{"code": r.code, "name": r.name, "best_applicability": r.best, "summary": r.summary} for r in found]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(r.name) for r in found), default=0)
    for r in found:
        print(f"{r.code}  {r.name:<{width}}  {r.best:<6}  {r.summary}")
