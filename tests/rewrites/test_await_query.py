"""`await` before a query that nobody waits for. `«…»` marks the query in the texts."""

from __future__ import annotations

import pytest

from prismafix.rules.model import AwaitQuery, Span
from tests.rewrites.fan_outs import PATH, after, carried_out

REWRITTEN = {
    "a statement": ("«prisma.log.create({})»;", "await prisma.log.create({});"),
    "without a semicolon": (
        "foo()\n  «prisma.log.create({})»\n  bar()",
        "foo()\n  await prisma.log.create({})\n  bar()",
    ),
    "void": ("void «prisma.log.create({})»;", "await prisma.log.create({});"),
    "void with a bracket": ("void («prisma.log.create({})»);", "await (prisma.log.create({}));"),
    "a branch without braces": ("if (on) «prisma.log.count()»;", "if (on) await prisma.log.count();"),
    "else": ("if (on) a(); else «prisma.log.count()»;", "if (on) a(); else await prisma.log.count();"),
    "behind a condition": ("on && «prisma.log.count()»;", "on && await prisma.log.count();"),
    "a choice": ("on ? «prisma.log.count()» : null;", "on ? await prisma.log.count() : null;"),
    "a variable": ("const n = «prisma.log.count()»;", "const n = await prisma.log.count();"),
    "as": ("«prisma.log.count()» as unknown;", "await prisma.log.count() as unknown;"),
    "raw SQL of a type": ("«prisma.$executeRaw`select 1`»;", "await prisma.$executeRaw`select 1`;"),
    "a chain over lines": (
        "«prisma\n    .log // all\n    .deleteMany()»;",
        "await prisma\n    .log // all\n    .deleteMany();",
    ),
    "non-ASCII before it": ('a("ä€😀"); «prisma.log.count()»;', 'a("ä€😀"); await prisma.log.count();'),
    "CRLF": ("a();\r\n  «prisma.log.count()»;\r\n", "a();\r\n  await prisma.log.count();\r\n"),
    "a loop": ("for (const id of ids) «prisma.log.count()»;", "for (const id of ids) await prisma.log.count();"),
    "optional chaining": ("«this.db?.log.count()»;", "await this.db?.log.count();"),
}
REFUSED = {
    "a statement that starts with a bracket": (
        "async function f() {\n  foo();\n  («prisma.log.count()»)\n}\n",
        "the statement starts with a bracket: put the `await` there by hand",
    ),
    "a client in brackets": (
        "async function f(tx) {\n  foo();\n  «(tx ?? prisma).log.count()»\n}\n",
        "the statement starts with a bracket: put the `await` there by hand",
    ),
    "a function that is not async": (
        "function f() {\n  «prisma.log.count()»;\n}\n",
        "the function around the query is not async",
    ),
    "an inner function that is not async": (
        "async function f() {\n  list.map(() => { «prisma.log.count()»; });\n}\n",
        "the function around the query is not async",
    ),
    "module level": ("«prisma.log.count()»;\n", "the function around the query is not async"),
    "awaited already": ("async function f() {\n  await «prisma.log.count()»;\n}\n", "the query is not where it was"),
}


def rewritten(marked: str) -> bytes | str:
    before, query, behind = marked.replace("»", "«").split("«")
    data = (before + query + behind).encode()
    start = len(before.encode())
    return after(carried_out(AwaitQuery(Span(PATH, start, start + len(query.encode()))), {PATH: data}), PATH, data)


@pytest.mark.parametrize(("before", "expected"), REWRITTEN.values(), ids=REWRITTEN)
@pytest.mark.parametrize(
    "around",
    [
        "async function f(ids, on) {{\n  {}\n}}\n",
        "class A {{\n  async f(ids, on) {{\n  {}\n  }}\n}}\n",
        "const f = async () => {{ {} }};\n",
    ],
    ids=["function", "method", "arrow"],
)
def test_waits_for_the_query(around: str, before: str, expected: str) -> None:
    assert rewritten(around.format(before)) == around.format(expected).encode()


@pytest.mark.parametrize(("before", "reason"), REFUSED.values(), ids=REFUSED)
def test_is_refused(before: str, reason: str) -> None:
    assert rewritten(before) == reason
