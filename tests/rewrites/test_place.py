"""Which lists keep their elements while a function waits. `«…»` marks the list where it is read."""

from __future__ import annotations

import pytest

from prismafix.rewrites.place import is_steady
from prismafix.rewrites.source import Source

MAP = "await work(«list»);"
LOOP = "for (const x of «list») await work(x);"


def steady(marked: str) -> bool:
    before, text, after = marked.replace("»", "«").split("«")
    source = Source.of("a.ts", (before + text + after).encode())
    node = source.node_at(len(before.encode()), len((before + text).encode()))
    assert node is not None
    return is_steady(source, node)


@pytest.mark.parametrize(
    "made",
    [
        "[1, 2]",
        "[...ids]",
        "ids.filter(Boolean)",
        "Object.keys(row)",
        "await prisma.user.findMany()",
        "(await prisma.user.findMany()) as Row[]",
        "ids.map(f).sort()",
    ],
)
def test_a_list_of_its_own(made: str) -> None:
    assert steady(f"async function f(ids) {{ const list = {made}; {MAP} }}")


@pytest.mark.parametrize(
    "made", ["ids", "load()", "await load()", "this.ids", "a ? b : c", "ids.sort()", "{ length: 1 }"]
)
def test_a_list_that_somebody_else_may_hold(made: str) -> None:
    assert not steady(f"async function f(ids) {{ const list = {made}; {MAP} }}")


@pytest.mark.parametrize("text", [f"async function f(list) {{ {MAP} }}", f"async function f() {{ {MAP} }}"])
def test_a_parameter_and_what_is_not_declared(text: str) -> None:
    assert not steady(text)


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("list.length", True),
        ("list[0]", True),
        ("list.map(g)", True),
        ("[...list]", True),
        ("list.push(1)", False),
        ("list.sort()", False),
        ("(list[0] = 1)", False),
        ("list[0]++", False),
        ("delete list[0]", False),
        ("(list.length = 0)", False),
        ("(list.length -= 1)", False),
        ("list.length--", False),
        ("g(list)", False),
        ("(other = list)", False),
    ],
)
def test_what_is_done_with_it_elsewhere(use: str, expected: bool) -> None:
    in_a_callback = f"async function f() {{ const list = [1]; later(() => {use}); {MAP} }}"
    in_a_module = f"const list = [1];\nexport const h = () => {use};\nexport async function f() {{ {LOOP} }}"
    assert (steady(in_a_callback), steady(in_a_module)) == (expected, expected)


@pytest.mark.parametrize(("keyword", "expected"), [("const", True), ("let", False), ("export const", False)])
def test_a_list_of_the_module(keyword: str, expected: bool) -> None:
    text = f"{keyword} list = [1];\nasync function f() {{ await each(() => {{}}); for (const x of «list») g(x); }}"
    assert steady(text) == expected
