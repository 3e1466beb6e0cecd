"""How lines come onto a screen that is narrower than they are."""

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from prismafix.cli.terminal import say


def printed(line: Text, *, terminal: bool) -> list[str]:
    file = StringIO()
    say(Console(file=file, width=40, force_terminal=terminal, color_system=None, soft_wrap=True), [line])
    return [part.rstrip() for part in file.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        (
            "src/app/orders/route.ts:12:5 PF303: one query per order at once",
            ["src/app/orders/route.ts:12:5 PF303:", "    one query per order at once"],
        ),
        (
            "   = path: loadOrders (lib/orders.ts:3) → prisma.order.findMany",
            ["   = path: loadOrders", "     (lib/orders.ts:3) →", "     prisma.order.findMany"],
        ),
    ],
)
def test_long_lines_go_on_indented_and_words_stay_in_one_piece(text: str, lines: list[str]) -> None:
    assert printed(Text(text), terminal=True) == lines
    assert printed(Text(text), terminal=False) == [text]


def test_code_is_not_broken() -> None:
    code = "    8 |   const sent = await Promise.all(customers.map((customer) => send(customer)));"
    assert printed(Text(code, no_wrap=True), terminal=True) == [code]
