"""What is evaluated first in a statement, always and once: that can be moved before it. `«…»` marks the expression."""

from __future__ import annotations

import pytest

from prismafix.rewrites.evaluation import first_evaluated
from prismafix.rewrites.source import Source

FIRST = [
    "«x»;",
    "await «x»;",
    "const a = «x»;",
    "const a: Row = «x» as Row;",
    "let a = 1, b = «x»;",
    "a = «x»;",
    "a.b = «x»;",
    "return «x»;",
    "throw «x»;",
    "return (await «x»)!;",
    "return «x».filter(Boolean);",
    "return «x»[0];",
    "f(«x»);",
    "f(a, b.c, «x»);",
    "f(a as Row, b as Row[], c satisfies Row, «x»);",
    "f<Row>(«x»);",
    "new F(«x»);",
    "a.f(«x», g());",
    "const a = [1, «x», g()];",
    "const a = { b, c: 2, d: «x», e: g() };",
    "const a = `${b} ${«x»}`;",
    "const a = [...«x»];",
    "const a = «x» + g();",
    "const a = b + «x»;",
    "const a = «x» && g();",
    "const a = «x» ? g() : h();",
    "const a = !«x»;",
    "if («x») { g(); }",
    "switch («x») { case 1: g(); }",
    "for (const a of «x») g(a);",
]
NOT_FIRST = [
    "f(g(), «x»);",
    "g()(«x»);",
    "g().f(«x»);",
    "let a = g(), b = «x»;",
    "a[g()] = «x»;",
    "const a = [g(), «x»];",
    "const a = { b: g(), c: «x» };",
    "const a = `${g()} ${«x»}`;",
    "const a = g() + «x»;",
    "const a = b && «x»;",
    "const a = b || «x»;",
    "const a = b ?? «x»;",
    "const a = b ? «x» : c;",
    "const a = b ? c : «x»;",
    "f?.(«x»);",
    "a?.[«x»];",
    "a?.f(«x»);",
    "a?.b.f(«x»);",
    "a?.b()[«x»];",
    "if (b) f(«x»);",
    "switch (b) { case 1: f(«x»); }",
    "for (const a of b) f(«x»);",
    "for (const a of b) { f(«x»); }",
    "for (let i = 0; i < «x»; i++) g();",
    "while («x») g();",
    "const f = () => «x»;",
    "f(i++, «x»);",
    "f(await b, «x»);",
    "f(new B(), «x»);",
    "const a = (g(), «x»);",
    "b += «x»;",
]


def is_first(marked: str) -> bool:
    before, text, after = marked.replace("»", "«").split("«")
    start = len(f"async function f() {{\n  {before}")
    source = Source.of("a.ts", f"async function f() {{\n  {before}{text}{after}\n}}\n".encode())
    node = source.node_at(start, start + len(text))
    assert node is not None
    body = source.root.named_children[0].child_by_field_name("body")
    assert body is not None
    return first_evaluated(source, node, body.named_children[0])


@pytest.mark.parametrize("marked", FIRST)
def test_is_evaluated_first(marked: str) -> None:
    assert is_first(marked)


@pytest.mark.parametrize("marked", NOT_FIRST)
def test_is_not_evaluated_first(marked: str) -> None:
    assert not is_first(marked)
