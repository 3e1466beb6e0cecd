"""The client goes, the shared one comes: declarations, imports, disconnects and what they leave behind."""

from __future__ import annotations

import re

import pytest

from prismafix.rewrites.edits import apply_edits
from prismafix.rewrites.hoist_client import hoist_client
from prismafix.rewrites.imports import Wanted, change_imports
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rewrites.source import Source, ancestors, walk
from prismafix.rewrites.style import style_of
from prismafix.rules.model import Construction, HoistClient, Intent, SharedModule, Span
from prismafix.workspace.model import TsConfig
from tests.rewrites.memory import Memory

PATH = "app/api/users/route.ts"
SHARED = SharedModule("lib/prisma.ts", "prisma")
ALIASED = TsConfig("tsconfig.json", paths=(("@/*", ("./*",)),))


def action_for(path: str, data: bytes, shared: SharedModule, names: tuple[str, ...] = ("PrismaClient",)) -> HoistClient:
    """What a rule would say about every `new PrismaClient` of the file."""
    source = Source.of(path, data)
    constructions = []
    news = [n for n in walk(source.root) if n.type == "new_expression"]
    clients = [n for n in news if source.text(n.child_by_field_name("constructor")) in names]
    companions = [
        n
        for n in news
        if re.match(r"new (Pool|Prisma(Pg|Neon))\b", source.text(n))
        and not any(outer in clients for outer in ancestors(n))
    ]
    for node in clients:
        spans = tuple(Span(path, c.start_byte, c.end_byte) for c in companions)
        constructions.append(Construction(Span(path, node.start_byte, node.end_byte), "PrismaClient", "prisma", spans))
    tokens = tuple(Span(path, m.start(), m.end()) for m in re.finditer(rb"(?<=\.)\$disconnect", data))
    return HoistClient(tuple(constructions), tokens, shared)


def hoist(
    before: str | bytes,
    path: str = PATH,
    shared: SharedModule = SHARED,
    names: tuple[str, ...] = ("PrismaClient",),
    tsconfig: TsConfig | None = ALIASED,
    module_system: str = "esm",
    others: dict[str, str] | None = None,
) -> str:
    data = before.encode() if isinstance(before, str) else before
    action = action_for(path, data, shared, names)
    files = {path: data, **{p: text.encode() for p, text in (others or {}).items()}}
    made = hoist_client(action, Intent(action, "Hoist"), Memory(files, tsconfig, module_system))
    if isinstance(made, Refusal):
        return f"refused: {made.reason}"
    assert isinstance(made, Fix)
    return apply_edits(data, made.edits).decode()


CASES: dict[str, tuple[str, str]] = {
    "the example of the specification": (
        """import { PrismaClient } from '@prisma/client'
import { NextResponse } from 'next/server'
import { log } from '@/lib/log'

export async function GET() {
  const prisma = new PrismaClient()
  try {
    const users = await prisma.user.findMany()
    return NextResponse.json(users)
  } finally {
    await prisma.$disconnect()
  }
}
""",
        """import { prisma } from '@/lib/prisma'
import { NextResponse } from 'next/server'
import { log } from '@/lib/log'

export async function GET() {
  const users = await prisma.user.findMany()
  return NextResponse.json(users)
}
""",
    ),
    "a guard of its own goes with its client": (
        """import { NextResponse } from 'next/server'
import { PrismaClient } from '@prisma/client'
import { log } from '@/lib/log'

// One global singleton
declare global {
  var __client: PrismaClient | undefined
}

const client = global.__client ?? new PrismaClient()
if (process.env.NODE_ENV !== 'production') global.__client = client

// what is asked for
export const GET = async () => NextResponse.json(log(await client.user.findMany()))
""",
        """import { NextResponse } from 'next/server'
import { prisma as client } from '@/lib/prisma'
import { log } from '@/lib/log'

// what is asked for
export const GET = async () => NextResponse.json(log(await client.user.findMany()))
""",
    ),
    "a guard with a holder goes with its client": (
        """import { PrismaClient } from "@prisma/client";
import { log } from "@/lib/log";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

const prisma = globalForPrisma.prisma || new PrismaClient();

if (process.env.NODE_ENV !== "production") {
  globalForPrisma.prisma = prisma;
}

export const users = () => log(prisma.user.findMany());
""",
        """import { prisma } from "@/lib/prisma";
import { log } from "@/lib/log";

export const users = () => log(prisma.user.findMany());
""",
    ),
    "a guard that others write to stays": (
        """import { PrismaClient } from "@prisma/client";
import { log } from "@/lib/log";

const client = global.client ?? new PrismaClient();
global.client = log(client);

run(client);
""",
        """import { prisma } from "@/lib/prisma";
import { log } from "@/lib/log";

const client = global.client ?? prisma;
global.client = log(client);

run(client);
""",
    ),
    "a client that nothing uses leaves no import": (
        """import { Router } from "express";
import { PrismaClient } from "@prisma/client";

const router = Router();
const prisma = new PrismaClient();

router.get("/health", (_req, res) => res.send("ok"));

export default router;
""",
        """import { Router } from "express";

const router = Router();

router.get("/health", (_req, res) => res.send("ok"));

export default router;
""",
    ),
    "a client that is only disconnected leaves no import": (
        """import { PrismaClient } from "@prisma/client";

export async function about(reply) {
  const prisma = new PrismaClient();

  try {
    reply("about us");
  } catch (error) {
    reply("sorry");
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """export async function about(reply) {
  try {
    reply("about us");
  } catch (error) {
    reply("sorry");
  }
}
""",
    ),
    "another group of imports": (
        """import { PrismaClient } from "@prisma/client";
import { NextResponse } from "next/server";

import { log } from "@/lib/log";

export const GET = async () => NextResponse.json(log(await new PrismaClient().user.findMany()));
""",
        """import { NextResponse } from "next/server";

import { log } from "@/lib/log";
import { prisma } from "@/lib/prisma";

export const GET = async () => NextResponse.json(log(await prisma.user.findMany()));
""",
    ),
    "what only fed the client goes, what others read stays": (
        """import { PrismaClient } from "./client";
import { Agent, Settings } from "some-driver";

const settings = new Settings();
const { host, port } = process.env;
const agent = new Agent({ host, port });
export const url = "x";
const prisma = new PrismaClient({ agent, url, settings });

run(prisma, settings);
""",
        """import { prisma } from "../../../lib/prisma";
import { Settings } from "some-driver";

const settings = new Settings();
export const url = "x";

run(prisma, settings);
""",
    ),
    "another local name": (
        """import { PrismaClient, Prisma } from "@prisma/client";

export async function GET() {
  const db = new PrismaClient();

  return db.user.findMany({ where: {} satisfies Prisma.UserWhereInput });
}
""",
        """import { Prisma } from "@prisma/client";
import { prisma as db } from "../../../lib/prisma";

export async function GET() {
  return db.user.findMany({ where: {} satisfies Prisma.UserWhereInput });
}
""",
    ),
    "several functions, one import": (
        """import { PrismaClient } from "@prisma/client";

export async function GET() {
  // Create a Prisma client
  const prisma = new PrismaClient();
  return prisma.user.findMany();
}

export async function POST() {
  const db = new PrismaClient();
  return db.user.create({});
}

export const PUT = async () => new PrismaClient().user.count();
""",
        """import { prisma, prisma as db } from "../../../lib/prisma";

export async function GET() {
  return prisma.user.findMany();
}

export async function POST() {
  return db.user.create({});
}

export const PUT = async () => prisma.user.count();
""",
    ),
    "pool and adapter go along, and what fed them": (
        """import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";
import { PrismaClient } from "./generated/prisma/client";

export async function handler(event: Event) {
  const connectionString = process.env.DATABASE_URL;
  const pool = new Pool({ connectionString });
  const adapter = new PrismaPg(pool);
  const prisma = new PrismaClient({ adapter });

  try {
    return await prisma.user.findMany();
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}
""",
        """import { prisma } from "../../../lib/prisma";

export async function handler(event: Event) {
  return await prisma.user.findMany();
}
""",
    ),
    "module level": (
        """import express from "express";
import { PrismaClient } from "@prisma/client";

const prisma = new PrismaClient();
const app = express();

app.get("/", async (req, res) => res.json(await prisma.user.findMany()));
""",
        """import express from "express";
import { prisma } from "../../../lib/prisma";

const app = express();

app.get("/", async (req, res) => res.json(await prisma.user.findMany()));
""",
    ),
    "an export stays one": (
        """import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient();
export const db = new PrismaClient();

export const users = () => prisma.user.findMany();
""",
        """import { prisma } from "../../../lib/prisma";

export { prisma } from "../../../lib/prisma";
export { prisma as db } from "../../../lib/prisma";

export const users = () => prisma.user.findMany();
""",
    ),
    "export default of the local": (
        """import { PrismaClient } from "@prisma/client";

const prisma: PrismaClient = new PrismaClient();

export default prisma;
""",
        """import { prisma } from "../../../lib/prisma";

export default prisma;
""",
    ),
    "class field and constructor": (
        """import { PrismaClient } from "@prisma/client";

export class Users {
  private prisma = new PrismaClient();
  private readonly db: PrismaClient;

  constructor() {
    this.db = new PrismaClient();
  }
}
""",
        """import { PrismaClient } from "@prisma/client";
import { prisma } from "../../../lib/prisma";

export class Users {
  private prisma = prisma;
  private readonly db: PrismaClient;

  constructor() {
    this.db = prisma;
  }
}
""",
    ),
    "in place": (
        """import { PrismaClient } from "@prisma/client";

export function client() {
  return new PrismaClient();
}
export const context = () => ({ prisma: new PrismaClient(), db: new PrismaClient() });
run(new PrismaClient({ log: ["query"] }));
""",
        """import { prisma } from "../../../lib/prisma";

export function client() {
  return prisma;
}
export const context = () => ({ prisma, db: prisma });
run(prisma);
""",
    ),
    "assigned later": (
        """import { PrismaClient } from "@prisma/client";

let prisma: PrismaClient;

export async function handler() {
  prisma = new PrismaClient();
  return prisma.user.findMany();
}
""",
        """import { prisma } from "../../../lib/prisma";

export async function handler() {
  return prisma.user.findMany();
}
""",
    ),
    "one of several declarators": (
        """import { PrismaClient } from "@prisma/client";

export async function f() {
  const a = 1, prisma = new PrismaClient(), b = 2;
  const c = 1,
    db = new PrismaClient();
  return [a, b, c, await prisma.user.count(), await db.user.count()];
}
""",
        """import { prisma, prisma as db } from "../../../lib/prisma";

export async function f() {
  const a = 1, b = 2;
  const c = 1;
  return [a, b, c, await prisma.user.count(), await db.user.count()];
}
""",
    ),
    "the shared name is taken at module level": (
        """import { PrismaClient } from "@prisma/client";
import { prisma } from "./other";

export async function f() {
  const db = new PrismaClient();
  return [await db.user.count(), await prisma.user.count()];
}
export async function g() {
  const prisma = new PrismaClient();
  return prisma.user.count();
}
export const h = () => new PrismaClient();
""",
        """import { prisma as db, prisma as sharedPrisma } from "../../../lib/prisma";
import { prisma } from "./other";

export async function f() {
  return [await db.user.count(), await prisma.user.count()];
}
export async function g() {
  const prisma = sharedPrisma;
  return prisma.user.count();
}
export const h = () => db;
""",
    ),
    "shadowed by a parameter": (
        """import { PrismaClient } from "@prisma/client";

export function f(prisma: string) {
  return () => {
    const db = new PrismaClient();
    return [prisma, db, new PrismaClient()];
  };
}
""",
        """import { prisma as db } from "../../../lib/prisma";

export function f(prisma: string) {
  return () => {
    return [prisma, db, db];
  };
}
""",
    ),
    "imported already": (
        """import { PrismaClient } from "@prisma/client";
import { prisma } from "../../../lib/prisma";

export async function f() {
  const prisma = new PrismaClient();
  return prisma.user.count();
}
export const g = () => prisma.user.count();
export const h = () => new PrismaClient();
""",
        """import { prisma } from "../../../lib/prisma";

export async function f() {
  return prisma.user.count();
}
export const g = () => prisma.user.count();
export const h = () => prisma;
""",
    ),
    "merged into an import of the module": (
        """import { PrismaClient } from "@prisma/client";
import { log } from "../../../lib/prisma";

export async function f() {
  const prisma = new PrismaClient();
  log(prisma.user.count());
}
""",
        """import { log, prisma } from "../../../lib/prisma";

export async function f() {
  log(prisma.user.count());
}
""",
    ),
    "a type-only import of the module stays apart": (
        """import { PrismaClient } from "@prisma/client";
import type { Log } from "../../../lib/prisma";

export async function f(log: Log) {
  const prisma = new PrismaClient();
  log(prisma.user.count());
}
""",
        """import { prisma } from "../../../lib/prisma";
import type { Log } from "../../../lib/prisma";

export async function f(log: Log) {
  log(prisma.user.count());
}
""",
    ),
    "the class is still used as a type": (
        """import { PrismaClient } from "@prisma/client";

async function count(client: PrismaClient) {
  return client.user.count();
}

export async function f() {
  const prisma = new PrismaClient();
  return count(prisma);
}
""",
        """import { PrismaClient } from "@prisma/client";
import { prisma } from "../../../lib/prisma";

async function count(client: PrismaClient) {
  return client.user.count();
}

export async function f() {
  return count(prisma);
}
""",
    ),
    "namespace import": (
        """import * as P from "@prisma/client";

export async function f() {
  const prisma = new P.PrismaClient();
  return prisma.user.count();
}
""",
        """import { prisma } from "../../../lib/prisma";

export async function f() {
  return prisma.user.count();
}
""",
    ),
    "default import, aliased": (
        """import pkg, { PrismaClient as Client } from "@prisma/client";

export async function f() {
  const prisma = new Client();
  return [prisma, pkg];
}
""",
        """import pkg from "@prisma/client";
import { prisma } from "../../../lib/prisma";

export async function f() {
  return [prisma, pkg];
}
""",
    ),
    "dynamic import": (
        """export async function f() {
  const { PrismaClient } = await import("@prisma/client");
  const prisma = new PrismaClient();
  return prisma.user.count();
}
""",
        """import { prisma } from "../../../lib/prisma";

export async function f() {
  return prisma.user.count();
}
""",
    ),
    "directives and pragmas stay first": (
        """'use server'

// @ts-nocheck
export async function f() {
  const { PrismaClient } = await import('@prisma/client')
  const prisma = new PrismaClient()
  return prisma.user.count()
}
""",
        """'use server'

// @ts-nocheck

import { prisma } from '../../../lib/prisma'

export async function f() {
  return prisma.user.count()
}
""",
    ),
    "dotenv stays before it": (
        """import { PrismaClient } from "@prisma/client";
import "dotenv/config";
import "./globals.css";

const prisma = new PrismaClient();
run(prisma);
""",
        """import "dotenv/config";
import "./globals.css";
import { prisma } from "../../../lib/prisma";

run(prisma);
""",
    ),
    "sorted imports stay sorted": (
        """import { PrismaClient } from "@prisma/client";
import { a } from "../../../lib/auth";
import { z } from "../../../lib/zod";

export async function f() {
  const prisma = new PrismaClient();
  return [a, z, prisma];
}
""",
        """import { a } from "../../../lib/auth";
import { prisma } from "../../../lib/prisma";
import { z } from "../../../lib/zod";

export async function f() {
  return [a, z, prisma];
}
""",
    ),
    "a multi-line import keeps its other lines": (
        """import {
  Prisma,
  PrismaClient,
  type User,
} from "@prisma/client";

export async function f(u: User) {
  const prisma = new PrismaClient();
  return [Prisma.sql, prisma];
}
""",
        """import {
  Prisma,
  type User,
} from "@prisma/client";
import { prisma } from "../../../lib/prisma";

export async function f(u: User) {
  return [Prisma.sql, prisma];
}
""",
    ),
    "extensions go with the chain": (
        """import { PrismaClient } from "@prisma/client";
import { withAccelerate } from "@prisma/extension-accelerate";

export async function f() {
  const prisma = new PrismaClient({
    log: ["query"],
  }).$extends(withAccelerate());

  return prisma.user.count();
}
""",
        """import { prisma } from "../../../lib/prisma";

export async function f() {
  return prisma.user.count();
}
""",
    ),
    "one line": (
        """import { PrismaClient } from "@prisma/client";
export const f = async () => { const prisma = new PrismaClient(); return prisma.user.count() };
""",
        """import { prisma } from "../../../lib/prisma";
export const f = async () => { return prisma.user.count() };
""",
    ),
    "wrapped": (
        """import { PrismaClient } from "@prisma/client";
export const f = async () => {
  const prisma = (new PrismaClient() as PrismaClient)!;
  return prisma.user.count();
};
""",
        """import { prisma } from "../../../lib/prisma";
export const f = async () => {
  return prisma.user.count();
};
""",
    ),
    "comments": (
        """import { PrismaClient } from "@prisma/client"; // the ORM
// Users, with their orders
import { x } from "./x";

export const f = async () => {
  // Count what x says
  const prisma = new PrismaClient(); // new client
  // the answer
  return prisma.user.count(x);
};
""",
        """import { prisma } from "../../../lib/prisma";
// Users, with their orders
import { x } from "./x";

export const f = async () => {
  // Count what x says
  // the answer
  return prisma.user.count(x);
};
""",
    ),
    "spread arguments, new without parentheses, satisfies": (
        """import { PrismaClient } from "@prisma/client";
import { options } from "./options";

export const f = async () => {
  const a = new PrismaClient(...options);
  const b = new PrismaClient;
  const c = new PrismaClient() satisfies PrismaClient;
  const d = await new PrismaClient();
  return [a, b, c, d];
};
""",
        """import { prisma as a, prisma as b, prisma as c, prisma as d } from "../../../lib/prisma";

export const f = async () => {
  return [a, b, c, d];
};
""",
    ),
    "decorators around it": (
        """import { PrismaClient } from "@prisma/client";

@Controller()
export class Page {
  @Get()
  async users(@Query() q: string) {
    const prisma = new PrismaClient();
    return prisma.user.count();
  }
}
""",
        """import { prisma } from "../../../lib/prisma";

@Controller()
export class Page {
  @Get()
  async users(@Query() q: string) {
    return prisma.user.count();
  }
}
""",
    ),
    "a client that only goes and one of the same name that is used": (
        """import { PrismaClient } from "@prisma/client";

export async function first() {
  const prisma = new PrismaClient();
  await work();
  await prisma.$disconnect();
}

export async function second() {
  const prisma = new PrismaClient();
  return prisma.user.count();
}
""",
        """import { prisma } from "../../../lib/prisma";

export async function first() {
  await work();
}

export async function second() {
  return prisma.user.count();
}
""",
    ),
    "a name that a function around it has": (
        """import { PrismaClient } from "@prisma/client";

export function outer(prisma) {
  return async function inner() {
    const prisma = new PrismaClient();
    return prisma.user.count();
  };
}
""",
        """import { prisma as sharedPrisma } from "../../../lib/prisma";

export function outer(prisma) {
  return async function inner() {
    const prisma = sharedPrisma;
    return prisma.user.count();
  };
}
""",
    ),
    "a name of its own that the module has": (
        """import { PrismaClient } from "@prisma/client";

const db = legacy();

export async function f() {
  const db = new PrismaClient();
  return db.user.count();
}
""",
        """import { prisma } from "../../../lib/prisma";

const db = legacy();

export async function f() {
  const db = prisma;
  return db.user.count();
}
""",
    ),
    "a variable of the module that keeps the client is no global": (
        """import { PrismaClient } from "@prisma/client";
const cache: { prisma?: PrismaClient } = {};
export function f() {
  const prisma = cache.prisma ?? new PrismaClient();
  cache.prisma = prisma;
  return prisma.user.count();
}
""",
        """import { PrismaClient } from "@prisma/client";
import { prisma as sharedPrisma } from "../../../lib/prisma";
const cache: { prisma?: PrismaClient } = {};
export function f() {
  const prisma = cache.prisma ?? sharedPrisma;
  cache.prisma = prisma;
  return prisma.user.count();
}
""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_hoists(name: str) -> None:
    before, after = CASES[name]
    assert hoist(before, names=("PrismaClient", "Client", "P.PrismaClient")) == after


@pytest.mark.parametrize("name", CASES)
def test_bytes_outside_stay(name: str) -> None:
    before, after = CASES[name]

    def disguise(text: str) -> str:
        head, bom = "/* żółć 🎉 */\n\n", "\N{ZERO WIDTH NO-BREAK SPACE}"
        if text.startswith("'use"):
            head = ""
        return bom + re.sub("^( {2})+", lambda m: "\t" * (len(m[0]) // 2), head + text, flags=re.M).replace(
            "\n", "\r\n"
        )

    assert hoist(disguise(before), names=("PrismaClient", "Client", "P.PrismaClient")) == disguise(after)


def test_commonjs() -> None:
    before = """const express = require('express')
const { PrismaClient } = require('@prisma/client')

const prisma = new PrismaClient()

exports.handler = async () => prisma.user.findMany()
module.exports.client = new PrismaClient()
"""
    after = """const express = require('express')
const { prisma } = require('../../lib/prisma')

exports.handler = async () => prisma.user.findMany()
module.exports.client = prisma
"""
    assert hoist(before, "src/users/index.js", SharedModule("lib/prisma.js", "prisma")) == after


def test_commonjs_default_export_under_another_name() -> None:
    before = 'const { PrismaClient } = require("@prisma/client");\nconst db = new PrismaClient();\nrun(db);\n'
    after = 'const db = require("./prisma");\nrun(db);\n'
    assert hoist(before, "src/a.js", SharedModule("src/prisma.js", "default")) == after
    before = before.replace("run(db)", "run(db)")
    after = 'const { prisma: db } = require("./prisma");\nrun(db);\n'
    assert hoist(before, "src/a.js", SharedModule("src/prisma.js", "prisma")) == after


def test_the_specifier_that_the_file_uses_for_the_module_already() -> None:
    before = """import { PrismaClient } from "@prisma/client";
import { log } from "@/lib/prisma";
import { a } from "../../../lib/a";
import { b } from "../../../lib/b";

export const f = () => log(new PrismaClient(), a, b);
"""
    after = """import { log, prisma } from "@/lib/prisma";
import { a } from "../../../lib/a";
import { b } from "../../../lib/b";

export const f = () => log(prisma, a, b);
"""
    assert hoist(before) == after


def test_blank_lines_around_two_removals() -> None:
    before = """import { User } from "@prisma/client";

const { PrismaClient } = require("@prisma/client");
const prisma = new PrismaClient();


/** All of them. */
export const users = (): Promise<User[]> => prisma.user.findMany();
"""
    after = """import { User } from "@prisma/client";

const { prisma } = require("../../../lib/prisma");


/** All of them. */
export const users = (): Promise<User[]> => prisma.user.findMany();
"""
    assert hoist(before) == after


def test_a_required_class_of_a_default_export_is_imported() -> None:
    before = """import { User } from "@prisma/client";

const { PrismaClient } = require("@prisma/client");
const prisma = new PrismaClient();

export const users = (): Promise<User[]> => prisma.user.findMany();
"""
    after = """import { User } from "@prisma/client";
import prisma from "../../../lib/prisma";

export const users = (): Promise<User[]> => prisma.user.findMany();
"""
    assert hoist(before, shared=SharedModule("lib/prisma.ts", "default")) == after


def test_default_export() -> None:
    before = 'import { PrismaClient } from "@prisma/client";\n\nexport const db = new PrismaClient();\nrun(db);\n'
    after = 'import db from "./db";\n\nexport { default as db } from "./db";\nrun(db);\n'
    assert hoist(before, "src/a.ts", SharedModule("src/db.ts", "default")) == after


def test_getter_is_called() -> None:
    before = """import { PrismaClient } from "@prisma/client";

export async function f() {
  const prisma = new PrismaClient();
  return prisma.user.count();
}
"""
    after = """import { getPrisma } from "./db";

export async function f() {
  const prisma = getPrisma();
  return prisma.user.count();
}
"""
    assert hoist(before, "src/a.ts", SharedModule("src/db.ts", "getPrisma", is_function=True)) == after


@pytest.mark.parametrize(
    ("others", "path", "shared", "specifier"),
    [
        # the file's own habit
        ('import { a } from "@/lib/a";', "app/x/a.ts", SHARED, "@/lib/prisma"),
        ('import { a } from "../../lib/a";', "app/x/a.ts", SHARED, "../../lib/prisma"),
        ('import { a } from "../../lib/a.js";', "app/x/a.ts", SHARED, "../../lib/prisma.js"),
        ('import { a } from "../../lib/a.ts";', "app/x/a.ts", SHARED, "../../lib/prisma.ts"),
        ('import { a } from "./b";', "lib/a.ts", SHARED, "./prisma"),
        ("", "lib/a.ts", SHARED, "./prisma"),
        # a folder's index
        ('import { a } from "../b";', "app/x/a.ts", SharedModule("lib/prisma/index.ts", "prisma"), "../../lib/prisma"),
        (
            'import { a } from "../b/index.js";',
            "app/x/a.ts",
            SharedModule("lib/prisma/index.ts", "prisma"),
            "../../lib/prisma/index.js",
        ),
        # another package of the workspace
        ("", "apps/web/a.ts", SharedModule("packages/db/src/index.ts", "prisma", "@acme/db"), "@acme/db"),
        ("", "apps/web/a.ts", SharedModule("packages/db/src/c.ts", "prisma", "@acme/db", "/client"), "@acme/db/client"),
        # an alias that the rule names
        (
            'import { a } from "#app/a.js";',
            "app/x/a.ts",
            SharedModule("app/db.server.ts", "prisma", aliases=(("#app/*", ("./app/*",)),)),
            "#app/db.server.js",
        ),
    ],
)
def test_specifier(others: str, path: str, shared: SharedModule, specifier: str) -> None:
    before = (
        f'{others}\nimport {{ PrismaClient }} from "@prisma/client";\n'
        "const prisma = new PrismaClient();\nrun(prisma);\n"
    )
    assert f'import {{ prisma }} from "{specifier}";\n' in hoist(before, path, shared)


def test_specifier_of_the_neighbours() -> None:
    before = 'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\nrun(prisma);\n'
    beside = {"app/x/b.ts": 'import { a } from "@/lib/a";\n'}
    assert 'import { prisma } from "@/lib/prisma";\n' in hoist(before, "app/x/a.ts", others=beside)


@pytest.mark.parametrize(
    ("other", "stays"),
    [
        ("run(global.client);\n", True),
        ("declare global {\n  var client: object;\n}\nrun(global.client);\n", False),
        ("run(client);\n", False),
    ],
)
def test_the_declaration_of_a_global_that_another_file_needs(other: str, *, stays: bool) -> None:
    before = """import { PrismaClient } from "@prisma/client";

declare global {
  var client: PrismaClient | undefined;
}

const client = global.client ?? new PrismaClient();
global.client = client;

run(client);
"""
    made = hoist(before, others={"app/other.ts": other})
    assert ("declare global" in made) is stays
    assert ('import { PrismaClient } from "@prisma/client";' in made) is stays
    assert "global.client" not in made


def test_specifier_of_most_neighbours_not_of_the_first() -> None:
    before = 'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\nrun(prisma);\n'
    beside = {
        "app/x/b.ts": 'import { a } from "../a";\n',
        "app/x/c.ts": 'import { a } from "@/lib/a";\nimport { b } from "@/lib/b";\n',
    }
    assert 'import { prisma } from "@/lib/prisma";\n' in hoist(before, "app/x/a.ts", others=beside)


@pytest.mark.parametrize(("habit", "specifier"), [("@/lib/a", "@/lib/prisma"), ("../lib/a", "../../lib/prisma")])
def test_specifier_of_the_package_where_no_neighbour_shows_a_habit(habit: str, specifier: str) -> None:
    before = 'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\nrun(prisma);\n'
    beside = {f"app/x/b{n}.ts": 'import { a } from "other";\n' for n in range(9)}
    others = {**beside, "components/c.ts": f'import {{ a }} from "{habit}";\n'}
    assert f'import {{ prisma }} from "{specifier}";\n' in hoist(before, "app/x/a.ts", others=others)


PLACES: dict[str, tuple[str, str]] = {
    "in order in the group of its neighbours": (
        """import { z } from "zod";
import { zzz } from "@/zzz";

import { a } from "@/lib/a";
import { q } from "@/lib/queue";
import type { T } from "@/types";
""",
        """import { z } from "zod";
import { zzz } from "@/zzz";

import { a } from "@/lib/a";
import { prisma } from "@/lib/prisma";
import { q } from "@/lib/queue";
import type { T } from "@/types";
""",
    ),
    "beside its folder where nothing is sorted": (
        """import { z } from "@/zod";
import { q } from "@/lib/queue";
import { b } from "@/b";
""",
        """import { z } from "@/zod";
import { q } from "@/lib/queue";
import { prisma } from "@/lib/prisma";
import { b } from "@/b";
""",
    ),
    "sorted with capital letters first": (
        """import { B } from "@/lib/Bus";
import { a } from "@/lib/a";
import { q } from "@/lib/queue";
""",
        """import { B } from "@/lib/Bus";
import { a } from "@/lib/a";
import { prisma } from "@/lib/prisma";
import { q } from "@/lib/queue";
""",
    ),
    "before the only one of its kind, in order": (
        """import { z } from "zod";

import { q } from "@/lib/queue";
""",
        """import { z } from "zod";

import { prisma } from "@/lib/prisma";
import { q } from "@/lib/queue";
""",
    ),
    "in order among the names of its module": (
        """import { auth, session } from "@/lib/prisma";
""",
        """import { auth, prisma, session } from "@/lib/prisma";
""",
    ),
    "in order among names on lines of their own": (
        """import {
  auth,
  session,
} from "@/lib/prisma";
""",
        """import {
  auth,
  prisma,
  session,
} from "@/lib/prisma";
""",
    ),
    "last among names without an order": (
        """import { session, auth } from "@/lib/prisma";
""",
        """import { session, auth, prisma } from "@/lib/prisma";
""",
    ),
    "before the relative ones": (
        """import { z } from "zod";
import { one } from "../one";
import { two } from "./two";
""",
        """import { z } from "zod";
import { prisma } from "@/lib/prisma";
import { one } from "../one";
import { two } from "./two";
""",
    ),
    "a group of its own in a file of groups": (
        """import { readFile } from "node:fs/promises";

import { z } from "zod";
""",
        """import { readFile } from "node:fs/promises";

import { z } from "zod";

import { prisma } from "@/lib/prisma";
""",
    ),
    "the one group of a file without groups": (
        """import { readFile } from "node:fs/promises";
import { z } from "zod";
""",
        """import { readFile } from "node:fs/promises";
import { z } from "zod";
import { prisma } from "@/lib/prisma";
""",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_place_of_the_import(name: str) -> None:
    before, after = PLACES[name]
    wanted = [Wanted("@/lib/prisma", "prisma", "prisma")]
    data = before.encode() + b"\nexport const x = 1;\n"
    source = Source.of(PATH, data)
    assert apply_edits(data, change_imports(source, style_of(source), wanted)).decode() == (
        f"{after}\nexport const x = 1;\n"
    )


REFUSED = {
    "assigned again": (
        'import { PrismaClient } from "@prisma/client";\nlet prisma = new PrismaClient();\nprisma = other();\n',
        "assigned to again",
    ),
    "the pool is used for something else": (
        """import { PrismaClient } from "@prisma/client";
export async function f() {
  const pool = new Pool();
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  await pool.query("select 1");
  return prisma.user.count();
}
""",
        "`pool` is used for something else at line 5",
    ),
    "nothing holds it": (
        'import { PrismaClient } from "@prisma/client";\nexport function f() {\n  new PrismaClient();\n}\n',
        "nothing holds the client",
    ),
    "nothing holds it, and no semicolon ends it": (
        'import { PrismaClient } from "@prisma/client";\nnew PrismaClient()\n',
        "nothing holds the client that is built at line 2",
    ),
    "nothing would be left": (
        'import { PrismaClient } from "@prisma/client";\nexport function f() {\n  const db = new PrismaClient();\n}\n',
        "the function at line 2 would be left empty",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    before, reason = REFUSED[name]
    assert reason in hoist(before)


def test_the_rest_of_a_module_stays_when_one_of_two_clients_goes() -> None:
    before = """import { PrismaClient } from "@prisma/client";
import { PrismaClient as Replica } from "./replica";

const prisma = new PrismaClient();
const replica = new Replica();
run(prisma, replica);
"""
    after = """import { prisma } from "../../../lib/prisma";
import { PrismaClient as Replica } from "./replica";

const replica = new Replica();
run(prisma, replica);
"""
    assert hoist(before) == after
