"""Small projects with real dependencies: TypeScript, and a really generated Prisma client."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from tests.fixtures_harness.clients import TYPECHECK, clients

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

generator client {
  provider = "prisma-client-js"
  output   = "./client"
}

model Order {
  id   Int    @id
  note String
}
"""
CONFIG = json.dumps(
    {
        "compilerOptions": {
            "strict": True,
            "target": "ES2022",
            "module": "ESNext",
            "moduleResolution": "Bundler",
            "lib": ["ES2022"],  # little to read: a client's types take long enough
            "types": [],
            "skipLibCheck": True,
        }
    }
)
DB = """\
import { PrismaClient } from "../prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
"""
TOGETHER = """\
declare const process: { env: Record<string, string | undefined> };
interface Together {
  readonly together: true;
}
interface PromiseConstructor {
  all<T>(values: readonly T[]): Promise<Awaited<T>[] & Together>;
}
"""
"""What `Promise.all` gives here is more than an array, which no loop gives: where that is relied on, a fix of a fan-out
breaks the types."""


def module(name: str = "load", returns: str = "", imported: str = "./db") -> str:
    """A module with one fan-out, in line 4."""
    annotation = f": Promise<{returns}>" if returns else ""
    return f"""\
import {{ prisma }} from "{imported}";

export async function {name}(ids: number[]){annotation} {{
  const rows = await Promise.all(ids.map((id) => prisma.order.findFirst({{ where: {{ id }} }})));
  return rows;
}}
"""


STRANGE = module("strange", "unknown[] & Together")
"""Its fix breaks its own types."""

PLAIN = {
    "package.json": '{ "name": "shop", "dependencies": { "@prisma/client": "^6.19.0" } }\n',
    "prisma/schema.prisma": SCHEMA,
    "tsconfig.json": CONFIG,
    "src/db.ts": DB,
    "src/together.d.ts": TOGETHER,
}
"""A project without findings."""


def make(root: Path, *several: Mapping[str, str | None], installed: bool = True) -> Path:
    """Write the files of a project, later ones (None: no such file) in the place of earlier ones, with its dependencies
    and its generated clients if `installed`."""
    files = {name: text for more in several for name, text in more.items()}
    for name, text in files.items():
        if text is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text.encode())
    if installed:
        install(root)
    return root


def install(root: Path) -> None:
    """What the project needs into `node_modules`, and the clients where its schemas want them."""
    modules = root / "node_modules"
    modules.mkdir()
    (modules / "typescript").symlink_to(TYPECHECK / "node_modules/typescript")
    for client in clients(root, "6.19"):
        assert client.output is not None
        shutil.copytree(client.generated, client.output, ignore=shutil.ignore_patterns("runtime", "schema.prisma"))
        (client.output / "runtime").symlink_to(TYPECHECK / "prisma6/node_modules/@prisma/client/runtime")


def texts(root: Path) -> dict[str, str]:
    """All files of a project but those of its dependencies and of git."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {"node_modules", ".git", "client"} & set(path.relative_to(root).parts)
    }
