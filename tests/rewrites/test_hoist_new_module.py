"""The shared module that a hoist makes first: its text, in the style of the importer, with what the construction
needs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from prismafix.rewrites.model import Prerequisite, Refusal
from prismafix.rewrites.shared_module import shared_module
from prismafix.rewrites.source import Source, walk
from prismafix.rules.model import NewSharedModule, SharedModule, Span
from prismafix.workspace.model import TsConfig
from tests.rewrites.memory import Memory

ALIASED = TsConfig("tsconfig.json", paths=(("@/*", ("./*",)),))


def make(before: str, path: str = "app/api/route.ts", target: str = "lib/prisma.ts", **changes: Any) -> str:
    data = before.encode()
    source = Source.of(path, data)
    new = next(n for n in walk(source.root) if n.type == "new_expression" and "Client" in source.text(n).split("(")[0])
    typescript = target.endswith("ts")
    action = NewSharedModule(
        SharedModule(target, "prisma"),
        Span(path, new.start_byte, new.end_byte),
        "ts" if typescript else "js",
        "esm",
        True,
        "prisma",
    )
    made = shared_module(replace(action, **changes), Memory({path: data}, ALIASED))
    if isinstance(made, Refusal):
        return f"refused: {made.reason}"
    assert isinstance(made, Prerequisite)
    assert made.key.startswith(f"{target} ")
    assert [f.path for f in made.new_files] == [target]
    return made.new_files[0].content.decode()


PLAIN = """import { NextResponse } from 'next/server'
import { PrismaClient } from '@prisma/client'

export async function GET() {
  const prisma = new PrismaClient()
  return NextResponse.json(await prisma.user.findMany())
}
"""


def test_guarded() -> None:
    assert make(PLAIN) == (
        """import { PrismaClient } from '@prisma/client'

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient }

export const prisma = globalForPrisma.prisma ?? new PrismaClient()

if (process.env.NODE_ENV !== 'production') globalForPrisma.prisma = prisma
"""
    )


def test_not_guarded() -> None:
    assert make(PLAIN, guarded=False) == (
        "import { PrismaClient } from '@prisma/client'\n\nexport const prisma = new PrismaClient()\n"
    )


def test_default_export() -> None:
    assert make(PLAIN, guarded=False, module=SharedModule("lib/prisma.ts", "default")) == (
        "import { PrismaClient } from '@prisma/client'\n\nconst prisma = new PrismaClient()\n\nexport default prisma\n"
    )


def test_javascript() -> None:
    assert make(PLAIN, "a/b.js", "lib/prisma.js") == (
        """import { PrismaClient } from '@prisma/client'

export const prisma = globalThis.prisma ?? new PrismaClient()

if (process.env.NODE_ENV !== 'production') globalThis.prisma = prisma
"""
    )


def test_commonjs() -> None:
    before = 'const { PrismaClient } = require("@prisma/client");\nexports.f = () => new PrismaClient();\n'
    assert make(before, "src/f.js", "src/lib/prisma.js", module_system="commonjs", guarded=False) == (
        """const { PrismaClient } = require("@prisma/client");

const prisma = new PrismaClient();

module.exports = { prisma };
"""
    )


def test_getter() -> None:
    getter = SharedModule("lib/prisma.ts", "getPrisma", is_function=True)
    assert make(PLAIN, module=getter, lazy=True) == (
        """import { PrismaClient } from '@prisma/client'

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient }

export function getPrisma() {
  return (globalForPrisma.prisma ??= new PrismaClient())
}
"""
    )
    assert make(PLAIN, module=getter, lazy=True, guarded=False) == (
        """import { PrismaClient } from '@prisma/client'

let client: PrismaClient | undefined

export function getPrisma() {
  return (client ??= new PrismaClient())
}
"""
    )


EXTENDED = PLAIN.replace("PrismaClient()", "PrismaClient().$extends(audit)").replace(
    "import { P", "import { audit } from './audit'\nimport { P"
)


def test_getter_of_a_client_that_takes_more_than_a_call() -> None:
    getter = SharedModule("lib/prisma.ts", "getPrisma", is_function=True)
    head = """import { audit } from '../app/api/audit'
import { PrismaClient } from '@prisma/client'

function createPrismaClient() {
  return new PrismaClient().$extends(audit)
}

"""
    assert make(EXTENDED, module=getter, lazy=True) == (
        head
        + """const globalForPrisma = globalThis as unknown as { prisma?: ReturnType<typeof createPrismaClient> }

export function getPrisma() {
  return (globalForPrisma.prisma ??= createPrismaClient())
}
"""
    )
    assert make(EXTENDED, module=getter, lazy=True, guarded=False) == (
        head
        + """let client: ReturnType<typeof createPrismaClient> | undefined

export function getPrisma() {
  return (client ??= createPrismaClient())
}
"""
    )


@pytest.mark.parametrize(
    ("argument", "moves"),
    [
        ("{ adapter: later(async () => { if (x) { await audit() } }) }", True),
        ("{ adapter: later(function () { return [this.a] }) }", True),
        ("{ adapter: await audit() }", False),
    ],
)
def test_what_a_function_of_the_options_waits_for_is_its_own(argument: str, moves: bool) -> None:
    before = EXTENDED.replace("PrismaClient().$extends(audit)", f"PrismaClient({argument})")
    made = make(before, guarded=False)
    assert (argument in made, made.startswith("refused: what the client is built with")) == (moves, not moves)


SEVEN = """import { PrismaPg } from "@prisma/adapter-pg";
import { Pool, type PoolConfig } from "pg";
import { PrismaClient, Prisma } from "../../generated/prisma/client.js";
import { softDelete } from "@/lib/soft-delete";
import type { Settings } from "./settings";

const url = process.env.DATABASE_URL;

export async function GET() {
\tconst config: PoolConfig = { connectionString: url };
\tconst pool = new Pool(config);
\tconst adapter = new PrismaPg(pool);
\tconst prisma = new PrismaClient({
\t\tadapter,
\t\tlog: [{ emit: "event", level: "query" } satisfies Prisma.LogDefinition],
\t}).$extends(softDelete);
\treturn prisma.user.findMany();
}
"""


def test_adapter_pool_options_extension_and_what_they_need() -> None:
    assert make(SEVEN) == (
        """import { PrismaPg } from "@prisma/adapter-pg";
import { Pool, type PoolConfig } from "pg";
import { PrismaClient, Prisma } from "../generated/prisma/client.js";
import { softDelete } from "@/lib/soft-delete";

function createPrismaClient() {
\tconst url = process.env.DATABASE_URL;
\tconst config: PoolConfig = { connectionString: url };
\tconst pool = new Pool(config);
\tconst adapter = new PrismaPg(pool);

\treturn new PrismaClient({
\t\tadapter,
\t\tlog: [{ emit: "event", level: "query" } satisfies Prisma.LogDefinition],
\t}).$extends(softDelete);
}

const globalForPrisma = globalThis as unknown as { prisma?: ReturnType<typeof createPrismaClient> };

export const prisma = globalForPrisma.prisma ?? createPrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
"""
    )


def test_windows_line_ends() -> None:
    made = make(SEVEN.replace("\n", "\r\n"))
    assert made.replace("\r\n", "\n") == make(SEVEN)
    assert "\n" not in made.replace("\r\n", "")


def test_relative_imports_are_written_from_the_new_place() -> None:
    before = 'import { PrismaClient } from "./generated/client";\nexport const f = () => new PrismaClient();\n'
    assert 'from "../app/api/generated/client";' in make(before, guarded=False)
    assert 'from "./generated/client";' in make(before, "lib/a.ts", guarded=False)
    assert 'from "../generated/client";' in make(
        before, "lib/a.ts", "lib/db/prisma.ts", guarded=False, module=SharedModule("lib/db/prisma.ts", "prisma")
    )


def test_other_forms_of_import() -> None:
    before = 'import * as P from "@prisma/client";\nexport const f = () => new P.PrismaClient();\n'
    assert make(before, guarded=False) == (
        'import * as P from "@prisma/client";\n\nexport const prisma = new P.PrismaClient();\n'
    )
    before = """export async function f() {
  const { PrismaClient: Client } = await import("@prisma/client");
  return new Client();
}
"""
    assert make(before, guarded=False) == (
        'import { PrismaClient as Client } from "@prisma/client";\n\nexport const prisma = new Client();\n'
    )


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("export const f = (url: string) => new PrismaClient({ datasourceUrl: url });", "url"),
        ("function url() { return 1 }\nexport const f = () => new PrismaClient({ url: url() });", "url"),
        ("let url = 1;\nexport const f = () => new PrismaClient({ url });", "url"),
        ("export const f = async () => new PrismaClient({ url: await secret() });", "cannot move"),
        ("const url = () => env.URL;\nexport const f = () => new PrismaClient({ url: url() });", "the function `url`"),
        (
            "const url = env.URL;\nif (!url) throw new Error();\nexport const f = () => new PrismaClient({ url });",
            "is checked first",
        ),
        (
            "const a = env.URL;\nconst url = a.concat('?a');\nexport const f = () => new PrismaClient({ url });",
            "a method of `a` is called",
        ),
        ("export class A { f() { return new PrismaClient({ url: this.url }); } }", "cannot move"),
        (
            "export const f = async () => { const url = await secret(); return new PrismaClient({ url }); };",
            "cannot move",
        ),
    ],
)
def test_refuses_what_cannot_be_carried(body: str, name: str) -> None:
    made = make(f'import {{ PrismaClient }} from "@prisma/client";\n{body}\n')
    assert made.startswith("refused: ")
    assert name in made


def test_refuses_a_file_that_exists() -> None:
    assert make(PLAIN, "lib/prisma.ts") == "refused: lib/prisma.ts exists already"
