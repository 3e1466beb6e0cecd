"""Queries in a transaction go through its client. `«…»` marks the outer client in the texts."""

from __future__ import annotations

import pytest

from prismafix.rewrites.dispatch import rewrite
from prismafix.rewrites.model import Fix
from prismafix.rules.model import Doubt, Intent, Span, UseTransactionClient
from tests.rewrites.fan_outs import PATH, after, call_span, carried_out
from tests.rewrites.memory import Memory

REWRITTEN: list[tuple[str, str, bool, str, str]] = [
    (
        "a query",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data });
    await «prisma».log.create({ data: { id: order.id } });
  });
}
""",
        """async function f() {
  await prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data });
    await tx.log.create({ data: { id: order.id } });
  });
}
""",
    ),
    (
        "a member and raw SQL",
        "trx",
        False,
        """async function f() {
  await this.db.$transaction(async (trx) => {
    await «this.db».order.count();
    await «this.db».$queryRaw`select 1`;
  });
}
""",
        """async function f() {
  await this.db.$transaction(async (trx) => {
    await trx.order.count();
    await trx.$queryRaw`select 1`;
  });
}
""",
    ),
    (
        "a parameter is added",
        "tx",
        True,
        """async function f() {
  await prisma.$transaction(async () => {
    await «prisma».log.count();
  });
}
""",
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await tx.log.count();
  });
}
""",
    ),
    (
        "an added parameter collides with nothing",
        "tx",
        True,
        """async function f(tx: number) {
  await prisma.$transaction(async function () {
    const trx = 1;
    await «prisma».log.count({ skip: trx });
  });
}
""",
        """async function f(tx: number) {
  await prisma.$transaction(async function (transaction) {
    const trx = 1;
    await transaction.log.count({ skip: trx });
  });
}
""",
    ),
    (
        "a shorthand argument",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await run({ «prisma» });
  });
}
""",
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await run({ prisma: tx });
  });
}
""",
    ),
    (
        "a client taken out of a parameter",
        "tx",
        False,
        """async function f() {
  await inTransaction(async ({ tx, now }) => {
    await «prisma».log.count();
  });
}
""",
        """async function f() {
  await inTransaction(async ({ tx, now }) => {
    await tx.log.count();
  });
}
""",
    ),
    (
        "CRLF and non-ASCII before it",
        "tx",
        False,
        (
            "// ä€😀\r\n"
            "async function f() {\r\n"
            "  await prisma.$transaction(async (tx) => «prisma».log.count());\r\n"
            "}\r\n"
        ),
        ("// ä€😀\r\nasync function f() {\r\n  await prisma.$transaction(async (tx) => tx.log.count());\r\n}\r\n"),
    ),
    (
        "raw SQL that writes",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await «prisma».$executeRaw`delete from "Log"`;
  });
}
""",
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`delete from "Log"`;
  });
}
""",
    ),
    (
        "the client as an argument",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await log(«prisma», "started");
  });
}
""",
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await log(tx, "started");
  });
}
""",
    ),
    (
        "a parameter that has no name yet",
        "",
        True,
        """async function f() {
  await prisma.$transaction(async () => {
    await «prisma».log.count();
  });
}
""",
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await tx.log.count();
  });
}
""",
    ),
    (
        "every usual name is taken",
        "tx",
        True,
        """async function f(tx: T, trx: T, transaction: T, txClient: T) {
  await prisma.$transaction(async () => {
    await «prisma».log.count();
  });
}
""",
        """async function f(tx: T, trx: T, transaction: T, txClient: T) {
  await prisma.$transaction(async (tx2) => {
    await tx2.log.count();
  });
}
""",
    ),
    (
        "an import that nothing needs goes, one that is passed on stays",
        "tx",
        False,
        """import { prisma } from "./prisma";
import { replica } from "./replica";

export const f = (client: PrismaClient) =>
  client.$transaction(async (tx) => {
    await «prisma».log.count();
    await «replica».log.count();
  });
export { replica };
""",
        """import { replica } from "./replica";

export const f = (client: PrismaClient) =>
  client.$transaction(async (tx) => {
    await tx.log.count();
    await tx.log.count();
  });
export { replica };
""",
    ),
]

REFUSED: list[tuple[str, str, bool, str, str]] = [
    (
        "shadowed at the site",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    for (const tx of list) await «prisma».log.count({ skip: tx });
  });
}
""",
        "`tx` is not the transaction's client where the query stands",
    ),
    (
        "a destructured parameter",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async ({ order }) => {
    await «prisma».log.count();
  });
}
""",
        "`tx` is not the transaction's client where the query stands",
    ),
    (
        "a method that only the client has",
        "tx",
        False,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await «prisma».$disconnect();
  });
}
""",
        "the transaction's client has no such method",
    ),
    (
        "parameters are there already",
        "tx",
        True,
        """async function f() {
  await prisma.$transaction(async (tx) => {
    await «prisma».log.count();
  });
}
""",
        "the callback has parameters already",
    ),
]


def moved(name: str, add_parameter: bool, marked: str) -> bytes | str:
    data, spans = b"", []
    for index, part in enumerate(marked.replace("»", "«").split("«")):
        start, data = len(data), data + part.encode()
        if index % 2:
            spans.append(Span(PATH, start, len(data)))
    call = call_span(PATH, data, b"ransaction(")
    callback = Span(PATH, call.start + len("ransaction("), call.end - 1)
    return after(
        carried_out(UseTransactionClient(tuple(spans), name, callback, add_parameter), {PATH: data}), PATH, data
    )


@pytest.mark.parametrize(
    ("name", "add", "before", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN]
)
def test_uses_the_transactions_client(name: str, add: bool, before: str, expected: str) -> None:
    assert moved(name, add, before) == expected.encode()


@pytest.mark.parametrize(
    ("name", "add", "before", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_is_refused(name: str, add: bool, before: str, reason: str) -> None:
    assert moved(name, add, before) == reason


def test_what_speaks_against_safe_stays_with_the_fix() -> None:
    data = b"prisma.$transaction(async (tx) => { await prisma.log.count(); });\n"
    call, client = call_span(PATH, data, b"ransaction("), data.rindex(b"prisma")
    callback = Span(PATH, call.start + len("ransaction("), call.end - 1)
    action = UseTransactionClient((Span(PATH, client, client + len("prisma")),), "tx", callback, add_parameter=False)
    doubts = (Doubt("unsafe", "look at this"),)
    made = rewrite(Intent(action, "Test", doubts), Memory({PATH: data}))
    assert isinstance(made, Fix)
    assert made.doubts == doubts
