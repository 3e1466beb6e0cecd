"""A hoist in a discovered workspace, through `rewrite`: aliases and style come from the files on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.dispatch import rewrite
from prismafix.rewrites.edits import apply_edits
from prismafix.rewrites.model import Fix
from prismafix.rules.model import Doubt, Intent, NewSharedModule, SharedModule, Span
from prismafix.workspace.discover import discover_workspace
from tests.rewrites.test_hoist import action_for

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "package.json": '{"name": "web", "type": "module", "dependencies": {"@prisma/client": "^6.0.0", "next": "15.0.0"}}',
    "tsconfig.json": '{"compilerOptions": {"strict": true, "paths": {"@/*": ["./src/*"]}}}',
    ".prettierrc": '{"singleQuote": true, "semi": false}',
    "src/app/api/users/route.ts": """import { PrismaClient } from '@prisma/client'
import { auth } from '@/lib/auth'

export async function GET() {
    const prisma = new PrismaClient({ log: ['warn'] })
    try {
        return Response.json(await auth(prisma.user.findMany()))
    } finally {
        await prisma.$disconnect()
    }
}
""",
    "src/lib/auth.ts": "export const auth = <T>(value: T) => value\n",
}


def test_files_module_and_edits(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    workspace = discover_workspace(tmp_path)
    path = "src/app/api/users/route.ts"
    data = workspace.read(path)
    shared = SharedModule("src/lib/prisma.ts", "prisma")
    action = action_for(path, data, shared)
    span = action.constructions[0].span
    create = NewSharedModule(shared, Span(path, span.start, span.end), "ts", "esm", True, "prisma")
    doubts = (Doubt("unsafe", "look"),)
    made = rewrite(
        Intent(type(action)(action.constructions, action.disconnects, shared, create), "Hoist", doubts), workspace
    )
    assert isinstance(made, Fix)
    assert made.doubts == doubts
    assert apply_edits(data, made.edits).decode() == (
        """import { prisma } from '@/lib/prisma'
import { auth } from '@/lib/auth'

export async function GET() {
    return Response.json(await auth(prisma.user.findMany()))
}
"""
    )
    (prerequisite,) = made.prerequisites
    assert prerequisite.key.startswith("src/lib/prisma.ts ")
    assert prerequisite.new_files[0].content.decode() == (
        """import { PrismaClient } from '@prisma/client'

function createPrismaClient() {
    return new PrismaClient({ log: ['warn'] })
}

const globalForPrisma = globalThis as unknown as {
    prisma?: ReturnType<typeof createPrismaClient>
}

export const prisma = globalForPrisma.prisma ?? createPrismaClient()

if (process.env.NODE_ENV !== 'production') globalForPrisma.prisma = prisma
"""
    )
