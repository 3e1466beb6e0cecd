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
        "safe": "Fixes are safe at best: `prismafix fix` applies the safe ones and holds the others back.",
        "unsafe": "Fixes are unsafe at best: look at each with `prismafix fix --interactive`, or apply all with "
        "--unsafe-fixes.",
        "none": "There is no automatic fix.",
    }
    print(f"{rule.code} {rule.name}\n\n{_wrapped(rule.text)}\n\n{_wrapped(best[rule.best])}")


def _wrapped(text: str) -> str:
    """Paragraphs in lines that fit the terminal and are not too long to read; lists and code stay as they are."""
    from shutil import get_terminal_size
    from textwrap import fill

    width = min(100, get_terminal_size().columns)
    kept = ("-", "*", "|", "    ", "```", "1.")
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        p if p.startswith(kept) else fill(p, width, break_long_words=False, break_on_hyphens=False) for p in paragraphs
    )
