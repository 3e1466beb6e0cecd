"""Who runs a module: by its place, by what starts it, by its framework, by who imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project.building import PACKAGE, SHARED, project_of

if TYPE_CHECKING:
    from pathlib import Path

ALL = SHARED + "export const all = () => Promise.all([1].map(() => prisma.user.count()));\n"

COMMANDS: dict[str, tuple[str, str, str]] = {
    "tsx": ("fill", "tsx src/fill.ts", "script"),
    "ts-node -r": ("fill", "ts-node -r dotenv/config src/fill.ts", "script"),
    "ts-node no ext": ("fill", "ts-node src/fill", "script"),
    "node -r js": ("fill", "node -r ./env.js src/fill.js", "script"),
    "bun run": ("fill", "bun run src/fill.ts", "script"),
    "bun": ("fill", "bun src/fill.ts", "script"),
    "dotenv --": ("fill", "dotenv -e .env -- tsx src/fill.ts", "script"),
    "cross-env": ("fill", "cross-env A=1 node --import tsx src/fill.ts", "script"),
    "env": ("fill", "A=1 npx tsx src/fill.ts", "script"),
    "cd": ("fill", "cd src && tsx fill.ts", "script"),
    "compiled": ("fill", "npm run build && node dist/fill.js", "script"),
    "ts-node opts": ("fill", 'ts-node --compiler-options {\\"module\\":\\"commonjs\\"} src/fill.ts', "script"),
    "path bin": ("fill", "./node_modules/.bin/ts-node src/fill.ts", "script"),
    "watch": ("fill", "tsx watch src/fill.ts", "application"),
    "nodemon": ("fill", "nodemon src/fill.ts", "application"),
    "start": ("start", "node src/fill.js", "application"),
    "worker key": ("worker", "tsx src/fill.ts", "application"),
    "suffix worker": ("mail:worker", "tsx src/fill.ts", "application"),
    "prestart": ("prestart", "tsx src/fill.ts", "script"),
}
"""Script and command of `package.json` that run `src/fill`."""


CASES: dict[str, tuple[dict[str, object], str, str]] = {
    "migrate before server": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"start": "node src/fill.js && node src/server.js"},
            },
            "src/fill.js": ALL,
            "src/server.js": "x()",
        },
        "src/fill.js",
        "script",
    ),
    "nested into start": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"start": "npm run boot", "boot": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL,
        },
        "src/fill.ts",
        "application",
    ),
    "nested concurrently": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"dev": 'concurrently "npm:boot" "npm:x"', "boot": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL,
        },
        "src/fill.ts",
        "application",
    ),
    "nested script": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"db:fill": "yarn fill", "fill": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL,
        },
        "src/fill.ts",
        "script",
    ),
    "script + imported by app": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"fill": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL,
            "src/app.ts": "import {all} from './fill'; export const x = all;",
        },
        "src/fill.ts",
        "application",
    ),
    "script that listens": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"api": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL + "import express from 'express'; const app = express(); app.listen(3000);",
        },
        "src/fill.ts",
        "application",
    ),
    "script that works a queue": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "bullmq": "1.0.0"},
                "scripts": {"mail": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL
            + ("import { Worker } from 'bullmq'; new Worker('mail', async (job) => { await prisma.user.count(); });"),
        },
        "src/fill.ts",
        "application",
    ),
    "seed helpers": (
        {"prisma/seed-helpers/fill.ts": ALL, "test/run.ts": "import '../prisma/seed-helpers/fill';"},
        "prisma/seed-helpers/fill.ts",
        "script",
    ),
    "seed helpers that the application imports": (
        {"prisma/seed-helpers/fill.ts": ALL, "src/run.ts": "import '../prisma/seed-helpers/fill';"},
        "prisma/seed-helpers/fill.ts",
        "application",
    ),
    "seeds of another kind": (
        {"src/seed-phrases/fill.ts": ALL, "src/run.ts": "import './seed-phrases/fill';"},
        "src/seed-phrases/fill.ts",
        "application",
    ),
    "prisma.seed": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "prisma": {"seed": "tsx src/fill.ts"},
            },
            "src/fill.ts": ALL,
        },
        "src/fill.ts",
        "script",
    ),
    "prisma.config": (
        {
            "prisma.config.ts": (
                "import { defineConfig } from 'prisma/config';\n"
                "export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: "
                "'prisma/migrations', seed: 'tsx src/fill.ts' } });\n"
            ),
            "src/fill.ts": ALL,
        },
        "src/fill.ts",
        "script",
    ),
    "root runs package's file": (
        {
            "package.json": {
                "name": "root",
                "workspaces": ["packages/*"],
                "scripts": {"fill": "tsx packages/db/src/fill.ts"},
            },
            "packages/db/package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0"}},
            "packages/db/src/fill.ts": ALL,
        },
        "packages/db/src/fill.ts",
        "script",
    ),
    "root pnpm filter exec": (
        {
            "package.json": {
                "name": "root",
                "workspaces": ["packages/*"],
                "scripts": {"fill": "pnpm --filter shop exec tsx src/fill.ts"},
            },
            "packages/db/package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0"}},
            "packages/db/src/fill.ts": ALL,
        },
        "packages/db/src/fill.ts",
        "script",
    ),
    "root starts package's script": (
        {
            "package.json": {
                "name": "root",
                "workspaces": ["packages/*"],
                "scripts": {"dev": "pnpm --filter shop boot"},
            },
            "packages/db/package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"boot": "tsx src/fill.ts"},
            },
            "packages/db/src/fill.ts": ALL,
        },
        "packages/db/src/fill.ts",
        "application",
    ),
    "Dockerfile": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"jobs": "node dist/fill.js"},
            },
            "src/fill.ts": ALL,
            "Dockerfile": ('FROM node:20\nCMD ["node", "dist/fill.js"]\n'),
        },
        "src/fill.ts",
        "application",
    ),
    "Dockerfile script key": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"jobs": "node dist/fill.js"},
            },
            "src/fill.ts": ALL,
            "Dockerfile": ("FROM node:20\nCMD npm run jobs\n"),
        },
        "src/fill.ts",
        "application",
    ),
    "Dockerfile seed first": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"jobs": "node dist/fill.js"},
            },
            "src/fill.ts": ALL,
            "src/server.ts": "x()",
            "Dockerfile": ("FROM node:20\nCMD node dist/fill.js && node dist/server.js\n"),
        },
        "src/fill.ts",
        "script",
    ),
    "Procfile": (
        {
            "scripts/fill.js": ALL,
            "Procfile": ("web: node index.js\nworker: node scripts/fill.js\n"),
        },
        "scripts/fill.js",
        "application",
    ),
    "Procfile release": (
        {
            "src/fill.js": ALL,
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"fill": "node src/fill.js"},
            },
            "Procfile": ("web: node index.js\nrelease: node src/fill.js\n"),
        },
        "src/fill.js",
        "script",
    ),
    "ecosystem": (
        {
            "scripts/fill.js": ALL,
            "ecosystem.config.js": "module.exports = { apps: [{ name: 'x', script: './scripts/fill.js' }] };\n",
        },
        "scripts/fill.js",
        "application",
    ),
    "serverless": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "serverless-http": "1.0.0"}},
            "functions/seed/index.ts": ALL + "export const handler = async () => all();",
            "serverless.yml": (
                "service: x\nprovider:\n  name: aws\nfunctions:\n  seed:\n    handler: functions/seed/index.handler\n"
            ),
        },
        "functions/seed/index.ts",
        "application",
    ),
    "vercel api": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@vercel/node": "1.0.0"}},
            "vercel.json": '{"crons":[{"path":"/api/test/run","schedule":"0 0 * * *"}]}',
            "api/test/run.ts": ALL + "export default async function handler() { return all(); }",
        },
        "api/test/run.ts",
        "application",
    ),
    "netlify": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "@netlify/functions": "1.0.0"},
            },
            "netlify.toml": "[build]\n",
            "netlify/functions/seed.ts": ALL + "export const handler = async () => all();",
        },
        "netlify/functions/seed.ts",
        "application",
    ),
    "azure json": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@azure/functions": "1.0.0"}},
            "host.json": '{"version":"2.0"}',
            "seed/function.json": '{"bindings":[]}',
            "seed/index.ts": ALL + "export default async () => all();",
        },
        "seed/index.ts",
        "application",
    ),
    "wrangler": (
        {
            "wrangler.toml": ("name='a'\nmain='tools/worker.ts'\n"),
            "tools/worker.ts": ALL + "export default { async fetch() { return all(); } };",
        },
        "tools/worker.ts",
        "edge",
    ),
    "next route seed": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "app/api/seed/route.ts": ALL + "export const GET = async () => all();",
        },
        "app/api/seed/route.ts",
        "application",
    ),
    "next page test": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "src/app/test/page.tsx": ALL + "export const GET = async () => all();",
        },
        "src/app/test/page.tsx",
        "application",
    ),
    "next layout tools": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "app/tools/layout.tsx": ALL + "export const GET = async () => all();",
        },
        "app/tools/layout.tsx",
        "application",
    ),
    "next pages ssr": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "pages/tests/index.tsx": ALL + "export const GET = async () => all();",
        },
        "pages/tests/index.tsx",
        "application",
    ),
    "next pages api": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "src/pages/api/seed.ts": ALL + "export const GET = async () => all();",
        },
        "src/pages/api/seed.ts",
        "application",
    ),
    "next instrumentation": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "src/instrumentation.ts": ALL + "export const GET = async () => all();",
        },
        "src/instrumentation.ts",
        "application",
    ),
    "next actions in test folder": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "app/test/actions.ts": (
                "'use server';\n"
                "import { PrismaClient } from '@prisma/client';\n"
                "export const prisma = new PrismaClient();\n"
                "export const all = () => Promise.all([1].map(() => prisma.user.count()));\n"
            ),
            "app/test/page.tsx": "import { all } from './actions'; export default async () => { await all(); };",
        },
        "app/test/actions.ts",
        "application",
    ),
    "next action only from client": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "app/x/actions.ts": (
                "'use server';\n"
                "import { PrismaClient } from '@prisma/client';\n"
                "export const prisma = new PrismaClient();\n"
                "export const all = () => Promise.all([1].map(() => prisma.user.count()));\n"
            ),
            "app/x/form.tsx": ("'use client';\nimport { all } from './actions'; export const F = () => all();"),
        },
        "app/x/actions.ts",
        "application",
    ),
    "next middleware": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "middleware.ts": ALL + "export async function middleware() { await all(); }",
        },
        "middleware.ts",
        "edge",
    ),
    "next middleware node": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "src/middleware.ts": ALL
            + ("export async function middleware() { await all(); }\nexport const config = { runtime: 'nodejs' };"),
        },
        "src/middleware.ts",
        "application",
    ),
    "next pages api edge": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "pages/api/a.ts": ALL
            + ("export const config = { runtime: 'edge' };\nexport default async function h() { await all(); }"),
        },
        "pages/api/a.ts",
        "edge",
    ),
    "only edge imports": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "lib/edge-db.ts": ALL + "export const GET = async () => all();",
            "app/api/a/route.ts": (
                "import { all } from '../../../lib/edge-db';\n"
                "export const runtime = 'edge';\n"
                "export const GET = () => all();"
            ),
        },
        "lib/edge-db.ts",
        "edge",
    ),
    "remix route seed": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "@remix-run/node": "1.0.0", "@remix-run/react": "1.0.0"},
            },
            "app/routes/seed.tsx": ALL + "export const loader = () => all();",
        },
        "app/routes/seed.tsx",
        "application",
    ),
    "remix flat": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@remix-run/node": "1.0.0"}},
            "app/routes/tools.seed.tsx": ALL + "export const GET = async () => all();",
        },
        "app/routes/tools.seed.tsx",
        "application",
    ),
    "rr folder": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "@react-router/node": "1.0.0"},
            },
            "app/routes/tests/route.tsx": ALL + "export const GET = async () => all();",
        },
        "app/routes/tests/route.tsx",
        "application",
    ),
    "remix client": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@remix-run/node": "1.0.0"}},
            "app/utils/x.client.ts": (
                "import { go } from './y';\nexport const all = (a) => Promise.all(a.map((b) => go(b)));"
            ),
        },
        "app/utils/x.client.ts",
        "browser",
    ),
    "svelte page": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@sveltejs/kit": "1.0.0"}},
            "src/routes/test/+page.server.ts": ALL + "export const GET = async () => all();",
        },
        "src/routes/test/+page.server.ts",
        "application",
    ),
    "svelte server": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@sveltejs/kit": "1.0.0"}},
            "src/routes/tools/seed/+server.ts": ALL + "export const GET = async () => all();",
        },
        "src/routes/tools/seed/+server.ts",
        "application",
    ),
    "svelte hooks": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@sveltejs/kit": "1.0.0"}},
            "src/hooks.server.ts": ALL + "export const GET = async () => all();",
        },
        "src/hooks.server.ts",
        "application",
    ),
    "nuxt api seed": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "nuxt": "1.0.0"}},
            "server/api/seed.get.ts": ALL + "export const GET = async () => all();",
        },
        "server/api/seed.get.ts",
        "application",
    ),
    "nuxt api test": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "nuxt": "1.0.0"}},
            "server/api/test/index.ts": ALL + "export const GET = async () => all();",
        },
        "server/api/test/index.ts",
        "application",
    ),
    "nuxt plugin": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "nuxt": "1.0.0"}},
            "server/plugins/seed.ts": ALL + "export const GET = async () => all();",
        },
        "server/plugins/seed.ts",
        "application",
    ),
    "astro endpoint": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "astro": "1.0.0"}},
            "src/pages/test/seed.json.ts": ALL + "export const GET = async () => all();",
        },
        "src/pages/test/seed.json.ts",
        "application",
    ),
    "astro actions": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "astro": "1.0.0"}},
            "src/actions/index.ts": ALL + "export const GET = async () => all();",
        },
        "src/actions/index.ts",
        "application",
    ),
    "solid api": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@solidjs/start": "1.0.0"}},
            "src/routes/api/seed.ts": ALL + "export const GET = async () => all();",
        },
        "src/routes/api/seed.ts",
        "application",
    ),
    "solid server fn": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@solidjs/start": "1.0.0"}},
            "src/lib/tests/queries.ts": (
                "'use server';\n"
                "import { PrismaClient } from '@prisma/client';\n"
                "export const prisma = new PrismaClient();\n"
                "export const all = () => Promise.all([1].map(() => prisma.user.count()));\n"
            ),
        },
        "src/lib/tests/queries.ts",
        "application",
    ),
    "nest controller": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@nestjs/core": "1.0.0"}},
            "src/seed/seed.controller.ts": (
                "import { Controller, Get } from '@nestjs/common';\n"
                "import { PrismaClient } from '@prisma/client';\n"
                "export const prisma = new PrismaClient();\n"
                "export const all = () => Promise.all([1].map(() => prisma.user.count()));\n"
                "@Controller('seed') export class SeedController { @Get() all() { return all(); } }"
            ),
            "src/seed/seed.module.ts": "import { SeedController } from './seed.controller'; export class SeedModule {}",
            "src/app.module.ts": "import { SeedModule } from './seed/seed.module'; export class AppModule {}",
        },
        "src/seed/seed.controller.ts",
        "application",
    ),
    "express router": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "express": "1.0.0"}},
            "src/routes/seed.ts": ALL + "export const GET = async () => all();",
            "src/app.ts": ("import * as s from './routes/seed'; import express from 'express'; express().use(s.GET);"),
        },
        "src/routes/seed.ts",
        "application",
    ),
    "fastify route in test": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "fastify": "1.0.0"}},
            "src/modules/tests/routes.ts": ALL + "export const GET = async () => all();",
            "src/app.ts": "import { GET } from './modules/tests/routes'; GET();",
        },
        "src/modules/tests/routes.ts",
        "application",
    ),
    "trpc router": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@trpc/server": "1.0.0"}},
            "src/server/routers/test/router.ts": ALL + "export const GET = async () => all();",
            "src/server/root.ts": "import { GET } from './routers/test/router'; export const r = GET;",
        },
        "src/server/routers/test/router.ts",
        "application",
    ),
    "lambda by export": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "@types/aws-lambda": "1.0.0"},
            },
            "src/handlers/seed-users.ts": ALL + "export const handler = async (event) => all();",
        },
        "src/handlers/seed-users.ts",
        "application",
    ),
    "google": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "@google-cloud/functions-framework": "1.0.0"},
                "scripts": {"start": "functions-framework --target=x"},
            },
            "src/index.ts": ALL
            + (
                "import * as ff from '@google-cloud/functions-framework';\n"
                "ff.http('x', async (req, res) => { res.send(await all()); });"
            ),
        },
        "src/index.ts",
        "application",
    ),
    "firebase": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "firebase-functions": "1.0.0"},
            },
            "functions/src/index.ts": ALL + "export const GET = async () => all();",
        },
        "functions/src/index.ts",
        "application",
    ),
    "inngest": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "inngest": "1.0.0", "next": "1.0.0"},
            },
            "src/inngest/functions/seed.ts": ALL
            + (
                "import { inngest } from '../client';\n"
                "export const f = inngest.createFunction({ id: 'x' }, { event: 'x' }, async () => "
                "all());"
            ),
            "app/api/inngest/route.ts": "export { f as GET } from '../../../src/inngest/functions/seed';",
        },
        "src/inngest/functions/seed.ts",
        "application",
    ),
    "trigger.dev": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "@trigger.dev/sdk": "1.0.0"}},
            "src/trigger/seed.ts": ALL
            + (
                "import { task } from '@trigger.dev/sdk/v3';\n"
                "export const t = task({ id: 'seed', run: async () => all() });"
            ),
            "trigger.config.ts": "export default {};",
        },
        "src/trigger/seed.ts",
        "application",
    ),
    "bull worker": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "bullmq": "1.0.0"},
                "scripts": {"worker:mail": "tsx src/workers/mail.ts"},
            },
            "src/workers/mail.ts": ALL
            + (
                "import { Worker } from 'bullmq';\n"
                "const w = new Worker('mail', async () => all());\n"
                "process.on('SIGTERM', async () => { await w.close(); await prisma.$disconnect(); "
                "process.exit(0); });"
            ),
        },
        "src/workers/mail.ts",
        "application",
    ),
    "client hook no directive": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "hooks/use-x.ts": (
                "import { go } from '../app/actions';\n"
                "export const useX = () => (a) => Promise.all(a.map((b) => go(b)));"
            ),
            "app/actions.ts": ("'use server';\nexport async function go() {}"),
            "components/x.tsx": (
                "'use client';\nimport { useX } from '../hooks/use-x'; export const X = () => useX();"
            ),
            "components/y.tsx": (
                "\"use client\"\nimport { useX } from '../hooks/use-x'; export const X = () => useX();"
            ),
        },
        "hooks/use-x.ts",
        "browser",
    ),
    "client and server": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "lib/x.ts": (
                "import { go } from '../app/actions';\n"
                "export const useX = () => (a) => Promise.all(a.map((b) => go(b)));"
            ),
            "components/x.tsx": ("'use client';\nimport { useX } from '../lib/x'; export const X = () => useX();"),
            "app/page.tsx": "import { useX } from '../lib/x'; export default () => useX();",
        },
        "lib/x.ts",
        "application",
    ),
    "client type only": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "lib/x.ts": ALL + "export interface Row { a: 1 }",
            "components/x.tsx": ("'use client';\nimport type { Row } from '../lib/x'; export const X = (r: Row) => r;"),
            "components/y.tsx": ("'use client';\nimport { Row } from '../lib/x'; export const X = (r: Row) => r;"),
        },
        "lib/x.ts",
        "application",
    ),
    "through client chain": (
        {
            "package.json": {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "1.0.0"}},
            "lib/x.ts": (
                "import { go } from '../app/actions';\n"
                "export const useX = () => (a) => Promise.all(a.map((b) => go(b)));"
            ),
            "hooks/h.ts": "import { useX } from '../lib/x'; export const h = useX;",
            "components/x.tsx": ("// hi\n'use client';\nimport { h } from '../hooks/h'; export const X = () => h();"),
        },
        "lib/x.ts",
        "browser",
    ),
    "helper only script calls": (
        {
            "scripts/a.ts": "import { all } from '../src/h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "script",
    ),
    "helper script and test": (
        {
            "scripts/a.ts": "import { all } from '../src/h';",
            "src/h.test.ts": "import { all } from './h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "script",
    ),
    "helper test and app": (
        {
            "src/a.ts": "import { all } from './h';",
            "src/h.test.ts": "import { all } from './h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "application",
    ),
    "helper test only": (
        {
            "src/h.test.ts": "import { all } from './h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "application",
    ),
    "helper script and app": (
        {
            "scripts/a.ts": "import { all } from '../src/h';",
            "src/a.ts": "import { all } from './h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "application",
    ),
    "test only, type import": (
        {
            "scripts/a.ts": "import { all } from '../src/h';",
            "src/a.ts": "import type { all } from './h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "script",
    ),
    "script and app by require": (
        {
            "scripts/a.js": "const { all } = require('../src/h');",
            "src/a.js": "const { all } = require('./h');",
            "src/h.js": ALL,
        },
        "src/h.js",
        "application",
    ),
    "script and app through a barrel": (
        {
            "scripts/a.ts": "import { all } from '../src/h';",
            "src/index.ts": "export { all } from './h';",
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "application",
    ),
    "nobody": (
        {
            "src/h.ts": ALL,
        },
        "src/h.ts",
        "application",
    ),
    "bin": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "bin": {"fill": "./src/fill.ts"},
            },
            "src/fill.ts": ALL,
        },
        "src/fill.ts",
        "script",
    ),
    "bin of a server": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0"},
                "bin": {"fill": "./src/fill.ts"},
            },
            "src/fill.ts": ALL + "http.createServer(all).listen(3)",
        },
        "src/fill.ts",
        "application",
    ),
    "electron main": (
        {
            "package.json": {
                "name": "shop",
                "dependencies": {"@prisma/client": "6.19.0", "electron": "1.0.0"},
                "main": "electron/main.ts",
            },
            "electron/main.ts": ALL
            + ("import { app } from 'electron';\napp.on('before-quit', async () => { await prisma.$disconnect(); });"),
        },
        "electron/main.ts",
        "application",
    ),
    "main exits in catch only": (
        {
            "src/server.ts": SHARED
            + (
                "async function main() { app.listen(3000); }\n"
                "main().catch(async (e) => { await prisma.$disconnect(); process.exit(1); });"
            ),
        },
        "src/server.ts",
        "application",
    ),
    "main imported server, catch only": (
        {
            "src/server.ts": SHARED
            + (
                "import { buildServer } from './b';\n"
                "async function main() { const s = await buildServer(); await s.listen({ port: 1 }); "
                "}\n"
                "main().catch(async (e) => { await prisma.$disconnect(); process.exit(1); });"
            ),
        },
        "src/server.ts",
        "application",
    ),
    "bullmq main": (
        {
            "src/w.ts": SHARED
            + (
                "import { Worker } from 'bullmq';\n"
                "async function main() { new Worker('a', async () => prisma.user.count()); }\n"
                "main().catch(async (e) => { await prisma.$disconnect(); process.exit(1); });"
            ),
        },
        "src/w.ts",
        "application",
    ),
    "cron main": (
        {
            "src/w.ts": SHARED
            + (
                "import cron from 'node-cron';\n"
                "async function main() { cron.schedule('* * * * *', async () => "
                "prisma.user.count()); }\n"
                "main().catch(async (e) => { await prisma.$disconnect(); process.exit(1); });"
            ),
        },
        "src/w.ts",
        "application",
    ),
    "main in finally": (
        {
            "src/w.ts": SHARED
            + (
                "async function main() { try { await prisma.user.count(); } finally { await "
                "prisma.$disconnect(); } }\n"
                "main();"
            ),
        },
        "src/w.ts",
        "script",
    ),
    "require.main": (
        {
            "src/w.ts": SHARED
            + (
                "async function main() { await prisma.user.count(); }\n"
                "if (require.main === module) { main().finally(() => prisma.$disconnect()); }"
            ),
        },
        "src/w.ts",
        "script",
    ),
    "iife finally": (
        {
            "src/w.ts": SHARED
            + ("(async () => { try { await prisma.user.count(); } finally { await prisma.$disconnect(); } })();"),
        },
        "src/w.ts",
        "script",
    ),
    "jest globalTeardown": (
        {
            "jest.config.js": "module.exports = { globalTeardown: './src/down.ts' };",
            "src/down.ts": SHARED + "export default async () => { await prisma.$disconnect(); };",
        },
        "src/down.ts",
        "test",
    ),
    "vitest setup": (
        {
            "vitest.config.ts": (
                "export default { test: { globalSetup: ['./src/up.ts'], setupFiles: ['src/each.ts'] } };"
            ),
            "src/up.ts": SHARED + "export async function teardown() { await prisma.$disconnect(); };",
        },
        "src/up.ts",
        "test",
    ),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_what_a_script_of_the_package_runs(tmp_path: Path, case: str) -> None:
    key, command, expected = COMMANDS[case]
    path = "src/fill.js" if "fill.js" in command and "dist/" not in command else "src/fill.ts"
    files = {"package.json": {**PACKAGE, "scripts": {key: command}}, path: ALL}
    assert project_of(tmp_path, files).roles.role(path).kind == expected


@pytest.mark.parametrize("case", CASES)
def test_who_runs_a_module(tmp_path: Path, case: str) -> None:
    files, path, expected = CASES[case]
    role = project_of(tmp_path, files).roles.role(path)
    assert role.kind == expected, role.reason
