"""The files around the modules: manifests, compiler options, the schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .hoisting_text import manifest

if TYPE_CHECKING:
    from .hoisting_model import Build

SCHEMA = """datasource db {{
  provider = "postgresql"{url}
}}

generator client {{
  provider = "{provider}"{output}
}}

model User {{
  id        Int      @id @default(autoincrement())
  email     String   @unique
  name      String?
  plan      String   @default("free")
  createdAt DateTime @default(now())
  orders    Order[]
}}

model Order {{
  id        Int         @id @default(autoincrement())
  number    String      @unique
  total     Int
  status    String      @default("open")
  userId    Int
  user      User        @relation(fields: [userId], references: [id])
  items     OrderItem[]
  createdAt DateTime    @default(now())
}}

model OrderItem {{
  id       Int    @id @default(autoincrement())
  sku      String
  quantity Int
  orderId  Int
  order    Order  @relation(fields: [orderId], references: [id])
}}

model Log {{
  id        Int      @id @default(autoincrement())
  message   String
  createdAt DateTime @default(now())
}}
"""


def frame(b: Build) -> dict[str, bytes]:
    """package.json, tsconfig.json, schema and what the framework has."""
    dependencies = {"@prisma/client": "^7.10.0" if b.version == "7" else "^6.19.0"}
    development = {"prisma": dependencies["@prisma/client"], "vitest": "^3.2.0"}
    if any("adapter-pg" in line for m in b.modules for line in m.imports):
        dependencies |= {"@prisma/adapter-pg": dependencies["@prisma/client"], "pg": "^8.16.0"}
    scripts = {}
    if b.package and b.depends:
        dependencies |= {"@acme/db": "workspace:*"}
    if b.framework == "next":
        dependencies |= {"next": "15.5.0", "react": "19.1.0", "react-dom": "19.1.0"}
        scripts = {"dev": "next dev", "build": "next build", "start": "next start"}
    if b.kind.typescript:
        development |= {"typescript": "^5.9.0", "tsx": "^4.20.0"}
    files: dict[str, Any] = {}
    at = b.root.removesuffix("src/")
    package = manifest("shop", b.kind, scripts=scripts, dependencies=dependencies, devDependencies=development)
    files[f"{at}package.json"] = json.dumps(package, indent=2) + "\n"
    if at:
        files["package.json"] = (
            json.dumps({"name": "everything", "private": True, "workspaces": ["apps/*", "packages/*"]}) + "\n"
        )
    if b.kind.typescript:
        options: dict[str, Any] = {"target": "ES2022", **dict(b.kind.compiler), "strict": True, "esModuleInterop": True}
        if b.alias:
            options["paths"] = {"@/*": [f"./{b.alias.removeprefix(at)}/*" if b.alias != at else "./*"]}
        files[f"{at}tsconfig.json"] = json.dumps({"compilerOptions": options}, indent=2) + "\n"
    provider = (
        "prisma-client" if b.entry.endswith("/client") and b.entry.startswith("generated") else "prisma-client-js"
    )
    output = (
        ""
        if b.entry == "@prisma/client"
        else f'\n  output   = "../{b.root.removeprefix(at)}{b.entry.removesuffix("/client")}"'
    )
    url = "" if b.version == "7" else '\n  url      = env("DATABASE_URL")'
    if b.package:
        theirs = manifest("@acme/db", b.kind, main=f"./src/index{b.kind.suffix}")
        theirs["dependencies"] = {name: version for name, version in dependencies.items() if name != "@acme/db"}
        files[f"{b.package}/package.json"] = json.dumps(theirs, indent=2) + "\n"
        if "tsconfig.json" in "".join(files):
            files[f"{b.package}/tsconfig.json"] = json.dumps(
                {
                    "compilerOptions": {
                        "target": "ES2022",
                        **dict(b.kind.compiler),
                        "strict": True,
                        "esModuleInterop": True,
                    }
                }
            )
    files[f"{b.package or at.rstrip('/')}/prisma/schema.prisma".lstrip("/")] = SCHEMA.format(
        provider=provider, output=output, url=url
    )
    if b.framework == "lambda":
        files[f"{at}serverless.yml"] = (
            "service: shop\nprovider:\n  name: aws\n  runtime: nodejs20.x\nfunctions:\n"
            + "".join(
                f"  f{i}:\n    handler: {e.path.removeprefix(at).rsplit('.', 1)[0]}.handler\n"
                for i, e in enumerate(b.entries)
                if "handler" in e.call
            )
        )
    return {path: text.encode() for path, text in files.items()}
