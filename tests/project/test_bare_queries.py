"""What the text of a file says of queries that nobody waits for: it may name too many, never too few."""

from __future__ import annotations

import pytest

from prismafix.project.reach.bare_queries import bare_queries

NAMED = [
    "prisma.user.create({})",
    "  this.prisma.user.create({})",
    "foo()\nprisma.user.update({})",
    "if (on) prisma.user.deleteMany()",
    "if (on) a(); else ctx.db.user.count()",
    "void db.user.upsert({})",
    "on && db.user.findMany()",
    "on ? db.user.count() : null",
    "const a = prisma.user.groupBy({})",
    "prisma\n  .user\n  .create({})",
    "prisma?.user!.create({})",
    "(tx ?? prisma).user.create({})",
    "foo();\n(prisma.user.create({}))",
    "getClient().user.create({})",
    "// a comment\nprisma.user.create({})",
    "/* a comment */ prisma.user.create({})",
    "case 1: prisma.user.create({})",
    "list.forEach((x) => prisma.user.create(x))",
    "setTimeout(async () => prisma.user.create(x), 10)",
]
NOT_NAMED = [
    "await prisma.user.create({})",
    "await\n  prisma.user.create({})",
    "return prisma.user\n  .create({})",
    "f(prisma.user.create({}))",
    "[a, prisma.user.create({})]",
    "(x) => prisma.user.create(x)",
    "z.create({})",
    "",
]


@pytest.mark.parametrize("text", NAMED)
def test_names_the_model(text: str) -> None:
    assert "user" in bare_queries(text.encode())


def test_names_raw_sql() -> None:
    assert bare_queries(b"prisma.$executeRaw`select 1`") == ("$",)


@pytest.mark.parametrize("text", NOT_NAMED)
def test_names_nothing(text: str) -> None:
    assert bare_queries(text.encode()) == ()
