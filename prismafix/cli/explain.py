"""`prismafix explain`: what a rule means."""

from typing import Annotated

import typer


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A rule's code or name.", show_default=False)],
) -> None:
    """What a rule looks for, why it hurts, what its fix does.

    \b
    Example:
      prismafix explain PF303
    """
    from prismafix.cli.codes import known_rule

    rule = known_rule(code)
    best = {
        "safe": "safe at best: `prismafix fix` applies those fixes by itself",
        "unsafe": "unsafe at best: applied with --unsafe-fixes, or one by one with --interactive",
        "none": "none: there is no automatic fix",
    }
    print(f"{rule.code} {rule.name}\n\n{rule.text}\n\nFix: {best[rule.best]}.")
