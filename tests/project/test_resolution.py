"""From a specifier to a module, and from an imported name to what it denotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.project.index.resolve import ExternalTarget, ModuleTarget, PrismaTarget
from tests.project.building import PACKAGE, PLAIN, SHARED, meaning, project_of

if TYPE_CHECKING:
    from pathlib import Path

TSCONFIG = {
    "compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["./src/*"], "~db": ["./src/db"], "#x/*": ["x/*", "y/*"]}}
}
WORKSPACE = {
    "package.json": {"name": "root", "private": True, "workspaces": ["apps/*", "packages/*"]},
    "apps/web/package.json": {"name": "web", "dependencies": {"@acme/db": "workspace:*", "@prisma/client": "6.19.0"}},
    "apps/web/src/a.ts": "",
    "packages/db/src/index.ts": SHARED,
    "packages/db/src/client.ts": SHARED,
    "packages/db/src/deep/tool.ts": "",
}


def db(**fields: object) -> dict[str, object]:
    """A workspace whose package `@acme/db` has these fields."""
    return {**WORKSPACE, "packages/db/package.json": {"name": "@acme/db", **fields}}


# files, importer, specifier, the module that is meant ("" for none)
SPECIFIERS: dict[str, tuple[dict[str, object], str, str, str]] = {
    "extension": ({"src/db.ts": ""}, "src/a.ts", "./db", "src/db.ts"),
    "extension written": ({"src/db.ts": ""}, "src/a.ts", "./db.ts", "src/db.ts"),
    "js means ts": ({"src/db.ts": ""}, "src/a.ts", "./db.js", "src/db.ts"),
    "js means tsx": ({"src/db.tsx": ""}, "src/a.ts", "./db.js", "src/db.tsx"),
    "js that is there": ({"src/db.ts": "", "src/db.js": ""}, "src/a.ts", "./db.js", "src/db.js"),
    "mjs means mts": ({"src/db.mts": ""}, "src/a.mts", "./db.mjs", "src/db.mts"),
    "cjs means cts": ({"src/db.cts": ""}, "src/a.cts", "./db.cjs", "src/db.cts"),
    "ts before js": ({"src/db.ts": "", "src/db.js": ""}, "src/a.ts", "./db", "src/db.ts"),
    "a dot in the name": ({"src/db.server.ts": ""}, "src/a.ts", "./db.server", "src/db.server.ts"),
    "index": ({"src/db/index.ts": ""}, "src/a.ts", "./db", "src/db/index.ts"),
    "index of the folder above": ({"src/index.ts": "", "src/b/a.ts": ""}, "src/b/a.ts", "..", "src/index.ts"),
    "index of this folder": ({"src/index.ts": ""}, "src/a.ts", ".", "src/index.ts"),
    "file before index": ({"src/db.ts": "", "src/db/index.ts": ""}, "src/a.ts", "./db", "src/db.ts"),
    "the folder above": ({"db.ts": ""}, "src/a.ts", "../db", "db.ts"),
    "out of the root": ({}, "src/a.ts", "../../db", ""),
    "query of a bundler": ({"src/db.ts": ""}, "src/a.ts", "./db?raw", "src/db.ts"),
    "missing": ({}, "src/a.ts", "./db", ""),
    "alias": ({"tsconfig.json": TSCONFIG, "src/lib/db.ts": ""}, "src/a.ts", "@/lib/db", "src/lib/db.ts"),
    "alias for one": ({"tsconfig.json": TSCONFIG, "src/db/index.ts": ""}, "src/a.ts", "~db", "src/db/index.ts"),
    "second target": ({"tsconfig.json": TSCONFIG, "y/db.ts": ""}, "src/a.ts", "#x/db", "y/db.ts"),
    "base": ({"tsconfig.json": TSCONFIG, "src/db.ts": ""}, "src/a.ts", "src/db", "src/db.ts"),
    "subpath import": (
        {
            "package.json": {**PACKAGE, "imports": {"#db": "./src/db.ts", "#lib/*": "./src/lib/*.ts"}},
            "src/lib/a.ts": "",
        },
        "src/b.ts",
        "#lib/a",
        "src/lib/a.ts",
    ),
    "subpath import for one": (
        {"package.json": {**PACKAGE, "imports": {"#db": "./src/db.ts"}}, "src/db.ts": ""},
        "src/a.ts",
        "#db",
        "src/db.ts",
    ),
    "package, main": (db(main="./src/index.ts"), "apps/web/src/a.ts", "@acme/db", "packages/db/src/index.ts"),
    "package, built main": (db(main="./dist/index.js"), "apps/web/src/a.ts", "@acme/db", "packages/db/src/index.ts"),
    "package, nothing said": (db(), "apps/web/src/a.ts", "@acme/db", "packages/db/src/index.ts"),
    "package, exports": (
        db(exports={".": {"types": "./dist/index.d.ts", "import": "./dist/index.js"}}),
        "apps/web/src/a.ts",
        "@acme/db",
        "packages/db/src/index.ts",
    ),
    "package, subpath export": (
        db(exports={".": "./src/index.ts", "./client": "./src/client.ts"}),
        "apps/web/src/a.ts",
        "@acme/db/client",
        "packages/db/src/client.ts",
    ),
    "package, pattern export": (
        db(exports={"./*": "./src/*.ts"}),
        "apps/web/src/a.ts",
        "@acme/db/deep/tool",
        "packages/db/src/deep/tool.ts",
    ),
    "package, conditions one in the other": (
        db(exports={".": {"node": {"import": "./dist/index.mjs"}, "default": "./dist/index.js"}}),
        "apps/web/src/a.ts",
        "@acme/db",
        "packages/db/src/index.ts",
    ),
    "package, alternatives in an array": (
        db(exports={".": ["./dist/none.js", "./src/index.ts"]}),
        "apps/web/src/a.ts",
        "@acme/db",
        "packages/db/src/index.ts",
    ),
    "package, types only": (db(types="./dist/index.d.ts"), "apps/web/src/a.ts", "@acme/db", "packages/db/src/index.ts"),
    "package, module": (db(module="./dist/index.mjs"), "apps/web/src/a.ts", "@acme/db", "packages/db/src/index.ts"),
    "package, pattern with an extension": (
        db(exports={"./*.js": "./src/*.ts"}),
        "apps/web/src/a.ts",
        "@acme/db/client.js",
        "packages/db/src/client.ts",
    ),
    "package, itself by its name": (
        db(exports={".": "./src/index.ts"}),
        "packages/db/src/client.ts",
        "@acme/db",
        "packages/db/src/index.ts",
    ),
    "subpath import with conditions": (
        {
            "package.json": {**PACKAGE, "imports": {"#app/*": {"types": "./src/*.d.ts", "default": "./src/*.ts"}}},
            "src/lib/a.ts": "",
        },
        "src/b.ts",
        "#app/lib/a",
        "src/lib/a.ts",
    ),
    "subpath import that means a built file": (
        {"package.json": {**PACKAGE, "imports": {"#app/*": "./dist/*.js"}}, "src/lib/a.ts": ""},
        "src/b.ts",
        "#app/lib/a",
        "src/lib/a.ts",
    ),
    "alias, inherited": (
        {
            "tsconfig.base.json": TSCONFIG,
            "tsconfig.json": {"extends": "./tsconfig.base.json"},
            "src/lib/db.ts": "",
        },
        "src/a.ts",
        "@/lib/db",
        "src/lib/db.ts",
    ),
    "alias, inherited from one of several": (
        {
            "tsconfig.base.json": TSCONFIG,
            "tsconfig.other.json": {"compilerOptions": {"strict": True}},
            "tsconfig.json": {"extends": ["./tsconfig.base.json", "./tsconfig.other.json"]},
            "src/lib/db.ts": "",
        },
        "src/a.ts",
        "@/lib/db",
        "src/lib/db.ts",
    ),
    "alias, the longest prefix": (
        {
            "tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"], "@/lib/*": ["./other/*"]}}},
            "src/lib/db.ts": "",
            "other/db.ts": "",
        },
        "src/a.ts",
        "@/lib/db",
        "other/db.ts",
    ),
    "alias of a nested package": (
        {
            **WORKSPACE,
            "apps/web/tsconfig.json": {"compilerOptions": {"paths": {"~/*": ["./src/*"]}}},
            "apps/web/src/db.ts": "",
        },
        "apps/web/src/a.ts",
        "~/db",
        "apps/web/src/db.ts",
    ),
    "package, path": (db(), "apps/web/src/a.ts", "@acme/db/src/client", "packages/db/src/client.ts"),
}


@pytest.mark.parametrize("case", SPECIFIERS)
def test_what_a_specifier_means(tmp_path: Path, case: str) -> None:
    files, importer, specifier, expected = SPECIFIERS[case]
    project = project_of(tmp_path, {**files, importer: f"import '{specifier}';"})
    target = project.resolver.resolve(importer, specifier)
    assert target == (ModuleTarget(expected) if expected else ExternalTarget(specifier, missing=True))
    if expected and case not in EXACT_ALIASES:
        assert project.resolver.importers(expected) == ((importer, specifier),)


EXACT_ALIASES = ("alias for one", "subpath import for one")


@pytest.mark.parametrize("case", EXACT_ALIASES)
def test_who_imports_through_an_alias_for_one_module(tmp_path: Path, case: str) -> None:
    files, importer, specifier, expected = SPECIFIERS[case]
    project = project_of(tmp_path, {**files, importer: f"import '{specifier}';"})
    assert project.resolver.importers(expected) == ((importer, specifier),)


@pytest.mark.parametrize(
    ("specifier", "target"),
    [
        ("@prisma/client", PrismaTarget("")),
        ("@prisma/client/edge", PrismaTarget("", "edge")),
        (".prisma/client", PrismaTarget("")),
        ("../generated/client", PrismaTarget("generated", "client")),
        ("react", ExternalTarget("react")),
        ("node:fs", ExternalTarget("node:fs")),
    ],
)
def test_a_generated_client_or_a_package(tmp_path: Path, specifier: str, target: object) -> None:
    schema = 'generator a { provider = "prisma-client-js" }\n'
    schema += 'generator b { provider = "prisma-client"\n output = "../generated" }'
    project = project_of(tmp_path, {"prisma/schema.prisma": schema, "src/a.ts": ""})
    assert project.resolver.resolve("src/a.ts", specifier) == target


# What `x` means in a.ts.
NAMES: dict[str, tuple[dict[str, str], str]] = {
    "named": ({"a.ts": "import { prisma as x } from './b';", "b.ts": SHARED}, "client"),
    "default": ({"a.ts": "import x from './b';", "b.ts": PLAIN + "export default new PrismaClient();"}, "client"),
    "default of a name": (
        {"a.ts": "import x from './b';", "b.ts": PLAIN + "const p = new PrismaClient();\nexport default p;"},
        "client",
    ),
    "export list": (
        {
            "a.ts": "import { db as x } from './b';",
            "b.ts": PLAIN + "const p = new PrismaClient();\nexport { p as db };",
        },
        "client",
    ),
    "namespace": ({"a.ts": "import * as b from './b'; const x = b.prisma;", "b.ts": SHARED}, "client"),
    "barrel": (
        {
            "a.ts": "import { prisma as x } from './c';",
            "c.ts": "export * from './d'; export * from './b';",
            "b.ts": SHARED,
            "d.ts": "export const e = 1;",
        },
        "client",
    ),
    "renamed twice": (
        {
            "a.ts": "import { x } from './c';",
            "c.ts": "export { default as x } from './d';",
            "d.ts": "export { prisma as default } from './b';",
            "b.ts": SHARED,
        },
        "client",
    ),
    "imported and exported": (
        {
            "a.ts": "import { x } from './c';",
            "c.ts": "import { prisma } from './b';\nexport { prisma as x };",
            "b.ts": SHARED,
        },
        "client",
    ),
    "namespace of a barrel": (
        {
            "a.ts": "import { all } from './c'; const x = all.prisma;",
            "c.ts": "export * as all from './b';",
            "b.ts": SHARED,
        },
        "client",
    ),
    "a star does not pass the default on": (
        {
            "a.ts": "import x from './c';",
            "c.ts": "export * from './b';",
            "b.ts": PLAIN + "export default new PrismaClient();",
        },
        "unknown",
    ),
    "its own export wins over a star": (
        {
            "a.ts": "import { prisma as x } from './c';",
            "c.ts": "export * from './b'; export function prisma() {}",
            "b.ts": SHARED,
        },
        "FunctionRef c.ts",
    ),
    "stars in a circle": (
        {
            "a.ts": "import { prisma as x } from './c';",
            "c.ts": "export * from './d';",
            "d.ts": "export * from './c'; export * from './b';",
            "b.ts": SHARED,
        },
        "client",
    ),
    "the same module twice on the way": (
        {
            "a.ts": "import { x } from './b';",
            "b.ts": PLAIN + "export { y as x } from './c'; export const z = new PrismaClient();",
            "c.ts": "export { z as y } from './b';",
        },
        "client",
    ),
    "a circle that leads nowhere": (
        {"a.ts": "import { x } from './b';", "b.ts": "export { x } from './c';", "c.ts": "export { x } from './b';"},
        "unknown",
    ),
    "require": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const { PrismaClient } = require('@prisma/client');\n"
            "const prisma = new PrismaClient();\nmodule.exports = { prisma };",
        },
        "client",
    ),
    "require, whole": (
        {
            "a.js": "const x = require('./b');",
            "b.js": "const { PrismaClient } = require('@prisma/client');\nmodule.exports = new PrismaClient();",
        },
        "client",
    ),
    "require, exports": (
        {
            "a.js": "const x = require('./b').db;",
            "b.js": "const P = require('@prisma/client');\nexports.db = new P.PrismaClient();",
        },
        "client",
    ),
    "exports in a chain": (
        {
            "a.js": "const { one: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\nexports.two = exports.one = new P.PrismaClient();",
        },
        "client",
    ),
    "import of CommonJS": (
        {
            "a.ts": "import { prisma as x } from './b';",
            "b.js": "const { PrismaClient } = require('@prisma/client');\n"
            "module.exports = { prisma: new PrismaClient() };",
        },
        "client",
    ),
    "import equals": (
        {
            "a.ts": "import b = require('./b'); const x = b;",
            "b.ts": PLAIN + "const p = new PrismaClient();\nexport = p;",
        },
        "client",
    ),
    "Object.assign on module.exports": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\nconst prisma = new P.PrismaClient();\n"
            "Object.assign(module.exports, { prisma });",
        },
        "client",
    ),
    "exports = module.exports": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\n"
            "exports = module.exports = { prisma: new P.PrismaClient() };",
        },
        "client",
    ),
    "module.exports = exports =": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\n"
            "module.exports = exports = { prisma: new P.PrismaClient() };",
        },
        "client",
    ),
    "member of module.exports": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\nmodule.exports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "member by a string": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\nmodule.exports['prisma'] = new P.PrismaClient();",
        },
        "client",
    ),
    "member beside the whole": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\nmodule.exports = function setup() {};\n"
            "module.exports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "module.exports in the module itself": (
        {
            "a.js": "const P = require('@prisma/client');\nmodule.exports = { prisma: new P.PrismaClient() };\n"
            "const x = module.exports.prisma;",
        },
        "client",
    ),
    "exports in the module itself": (
        {
            "a.js": "const P = require('@prisma/client');\nexports.prisma = new P.PrismaClient();\n"
            "const x = exports.prisma;"
        },
        "client",
    ),
    "getter of exports": (
        {
            "a.js": "const { prisma: x } = require('./b');",
            "b.js": "const P = require('@prisma/client');\nconst one = new P.PrismaClient();\n"
            "Object.defineProperty(exports, 'prisma', { enumerable: true, get: function () { return one; } });",
        },
        "client",
    ),
    "spread of another module": (
        {
            "a.js": "const { prisma: x } = require('./c');",
            "c.js": "module.exports = { ...require('./b'), more: 1 };",
            "b.js": "const P = require('@prisma/client');\nexports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "module that is another one": (
        {
            "a.js": "const { prisma: x } = require('./c');",
            "c.js": "module.exports = require('./b');",
            "b.js": "const P = require('@prisma/client');\nexports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "require of an ES module's default": (
        {
            "a.js": "const x = require('./b').default;",
            "b.ts": PLAIN + "export default new PrismaClient();",
        },
        "client",
    ),
    "require, then a name": (
        {
            "a.js": "const b = require('./b');\nconst { prisma: x } = b;",
            "b.js": "const P = require('@prisma/client');\nexports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "createRequire": (
        {
            "a.mjs": "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n"
            "const { prisma: x } = require('./b.js');",
            "b.js": "const P = require('@prisma/client');\nexports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "default of CommonJS": (
        {
            "a.ts": "import b from './b'; const x = b.prisma;",
            "b.js": "const P = require('@prisma/client');\nmodule.exports = { prisma: new P.PrismaClient() };",
        },
        "client",
    ),
    "default of CommonJS with members": (
        {
            "a.ts": "import b from './b'; const x = b.prisma;",
            "b.js": "const P = require('@prisma/client');\nexports.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "namespace of CommonJS": (
        {
            "a.ts": "import * as b from './b'; const x = b.prisma;",
            "b.js": "const P = require('@prisma/client');\nmodule.exports = { prisma: new P.PrismaClient() };",
        },
        "client",
    ),
    "barrel that also passes a package on": (
        {
            "a.ts": "import { prisma as x } from './c';",
            "c.ts": "export * from '@prisma/client';\nexport * from 'other';\nexport * from './b';",
            "b.ts": SHARED,
        },
        "client",
    ),
    "a barrel of barrels, one of which also passes a package on": (
        {
            "a.ts": "import { prisma as x } from './c';",
            "c.ts": "export * from './d';\nexport * from './b';",
            "b.ts": SHARED,
            "d.ts": "export * from 'other';",
        },
        "client",
    ),
    "two stars that disagree": (
        {
            "a.ts": "import { prisma as x } from './c';",
            "c.ts": "export * from './b';\nexport * from './d';",
            "b.ts": SHARED,
            "d.ts": "export function prisma() {}",
        },
        "unknown",
    ),
    "dynamic, the default": (
        {"a.ts": "const x = (await import('./b')).default;", "b.ts": PLAIN + "export default new PrismaClient();"},
        "client",
    ),
    "dynamic, the namespace": (
        {"a.ts": "const b = await import('./b');\nconst x = b.prisma;", "b.ts": SHARED},
        "client",
    ),
    "dynamic, then": ({"a.ts": "const x = await import('./b').then((m) => m.prisma);", "b.ts": SHARED}, "client"),
    "dynamic, then a pattern": (
        {"a.ts": "const x = await import('./b').then(({ prisma }) => prisma);", "b.ts": SHARED},
        "client",
    ),
    "dynamic": ({"a.ts": "const { prisma: x } = await import('./b');", "b.ts": SHARED}, "client"),
    "dynamic, computed": ({"a.ts": "const { prisma: x } = await import(where);", "b.ts": SHARED}, "unknown"),
    "class under another name": (
        {"a.ts": "import { PrismaClient as P } from '@prisma/client'; const x = new P();"},
        "client",
    ),
    "class through a namespace": (
        {"a.ts": "import * as P from '@prisma/client'; const x = new P.PrismaClient();"},
        "client",
    ),
    "class through a default": ({"a.ts": "import P from '@prisma/client'; const x = new P.PrismaClient();"}, "client"),
    "class passed on": (
        {
            "a.ts": "import { PrismaClient } from './b'; const x = new PrismaClient();",
            "b.ts": "export * from '@prisma/client';",
        },
        "client",
    ),
    "class extended": (
        {"a.ts": PLAIN + "class Db extends PrismaClient {}\nconst x = new Db();"},
        "client",
    ),
    "extended": ({"a.ts": PLAIN + "const x = new PrismaClient().$extends({});"}, "client extended"),
    "factory": ({"a.ts": PLAIN + "const make = () => new PrismaClient();\nconst x = make();"}, "client"),
    "factory elsewhere": (
        {
            "a.ts": "import { make } from './b'; const x = make();",
            "b.ts": PLAIN + "export function make() { const p = new PrismaClient(); return p; }",
        },
        "client",
    ),
    "awaited factory": (
        {"a.ts": PLAIN + "const make = async () => new PrismaClient();\nconst x = await make();"},
        "client",
    ),
    "by its type": ({"a.ts": PLAIN + "declare const x: PrismaClient;"}, "client"),
    "global by its declaration": (
        {
            "a.ts": PLAIN + "declare global { var prisma: PrismaClient | undefined }\n"
            "const x = globalThis.prisma ?? new PrismaClient();\nglobalThis.prisma = x;"
        },
        "client",
    ),
    "wrapped in types": ({"a.ts": PLAIN + "const x = (new PrismaClient() as unknown as any)!;"}, "client"),
    "a class of that name from elsewhere": (
        {"a.ts": "import { PrismaClient } from 'other'; const x = new PrismaClient();"},
        "external other.PrismaClient.new()",
    ),
    "a class of that name in the file": (
        {"a.ts": "class PrismaClient {}\nconst x = new PrismaClient();"},
        "Instance a.ts",
    ),
    "something of a package": ({"a.ts": "import { x } from 'other';"}, "external other.x"),
}


@pytest.mark.parametrize("case", NAMES)
def test_what_a_name_denotes(tmp_path: Path, case: str) -> None:
    files, expected = NAMES[case]
    project = project_of(tmp_path, files)
    assert meaning(project, next(path for path in files if path.startswith("a.")), "x") == expected
