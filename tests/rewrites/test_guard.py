"""The guard of a shared module: typed, with options and extensions in a factory, in the module's own style."""

from __future__ import annotations

import re

import pytest

from prismafix.rewrites.client_text import initialiser
from prismafix.rewrites.edits import apply_edits
from prismafix.rewrites.guard_client import guard_client
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rewrites.source import Source, walk
from prismafix.rules.model import GuardClient, Intent, Span
from tests.rewrites.memory import Memory


def guard(before: str, path: str = "lib/prisma.ts", local: str = "prisma", broken: tuple[str, ...] = ()) -> str:
    """The guarded module. `broken` are the texts of the statements of a guard that does not hold."""
    data = before.encode()
    source = Source.of(path, data)
    new = [n for n in walk(source.root) if n.type == "new_expression" and "Client" in source.text(n).split("(")[0]][-1]
    init = initialiser(new)
    spans = []
    for text in broken:
        start = data.index(text.encode())
        spans.append(Span(path, start, start + len(text.encode())))
    action = GuardClient(
        Span(path, init.start_byte, init.end_byte),
        local,
        "prisma",
        "ts" if path.endswith(".ts") else "js",
        tuple(spans),
    )
    made = guard_client(action, Intent(action, "Guard"), Memory({path: data}))
    if isinstance(made, Refusal):
        return f"refused: {made.reason}"
    assert isinstance(made, Fix)
    return apply_edits(data, made.edits).decode()


CASES: dict[str, tuple[str, str, str]] = {
    "plain": (
        "lib/prisma.ts",
        """import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient();
""",
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
""",
    ),
    "a comment behind it on its line": (
        "lib/prisma.ts",
        """import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient(); // the only one
""",
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient(); // the only one

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
""",
    ),
    "code behind it on its line": (
        "lib/prisma.ts",
        """import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient(); export const size = 5;
""",
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma; export const size = 5;
""",
    ),
    "the comments of what moves into the factory": (
        "lib/prisma.ts",
        """import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client";
import { Pool } from "pg";

// one: where
const connectionString =
  process.env.DATABASE_URL;

// two: how many
// (see the runbook)
const pool = new Pool({ connectionString });
const adapter = new PrismaPg(pool);

// three: the client
export const prisma = new PrismaClient({ adapter });
""",
        """import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client";
import { Pool } from "pg";

// one: where
const connectionString =
  process.env.DATABASE_URL;

function createPrismaClient() {
  // two: how many
  // (see the runbook)
  const pool = new Pool({ connectionString });
  const adapter = new PrismaPg(pool);

  return new PrismaClient({ adapter });
}

const globalForPrisma = globalThis as unknown as { prisma?: ReturnType<typeof createPrismaClient> };

// three: the client
export const prisma = globalForPrisma.prisma ?? createPrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
""",
    ),
    "options and extensions, the example of the specification": (
        "lib/prisma.ts",
        """import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/prisma/client";
import { softDelete } from "./soft-delete";

export const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }),
}).$extends(softDelete);

export const aLineThatIsWiderThanEightyColumnsSoThatTheWidthOfTheFileIsOneHundred = softDelete.name;
export const aSecondLine = "that is just as wide as the first one, because one line does not make a style yet";
""",
        """import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/prisma/client";
import { softDelete } from "./soft-delete";

function createPrismaClient() {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }),
  }).$extends(softDelete);
}

const globalForPrisma = globalThis as unknown as { prisma?: ReturnType<typeof createPrismaClient> };

export const prisma = globalForPrisma.prisma ?? createPrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;

export const aLineThatIsWiderThanEightyColumnsSoThatTheWidthOfTheFileIsOneHundred = softDelete.name;
export const aSecondLine = "that is just as wide as the first one, because one line does not make a style yet";
""",
    ),
    "without semicolons": (
        "lib/prisma.ts",
        """import { PrismaClient } from '@prisma/client'

const prisma = new PrismaClient({ log: ['warn'] })
export default prisma
""",
        """import { PrismaClient } from '@prisma/client'

function createPrismaClient() {
  return new PrismaClient({ log: ['warn'] })
}

const globalForPrisma = globalThis as unknown as { prisma?: ReturnType<typeof createPrismaClient> }

const prisma = globalForPrisma.prisma ?? createPrismaClient()

if (process.env.NODE_ENV !== 'production') globalForPrisma.prisma = prisma

export default prisma
""",
    ),
    "pool and adapter move into the factory": (
        "lib/prisma.ts",
        """import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client";

const connectionString = process.env.DATABASE_URL;
const adapter = new PrismaPg({ connectionString });

// The one client of this package.
export const db = new PrismaClient({ adapter });
export type Db = typeof db;
""",
        """import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client";

const connectionString = process.env.DATABASE_URL;

function createPrismaClient() {
  const adapter = new PrismaPg({ connectionString });

  return new PrismaClient({ adapter });
}

const globalForPrisma = globalThis as unknown as { prisma?: ReturnType<typeof createPrismaClient> };

// The one client of this package.
export const db = globalForPrisma.prisma ?? createPrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = db;

export type Db = typeof db;
""",
    ),
    "javascript": (
        "lib/prisma.js",
        "import { PrismaClient } from '@prisma/client'\n\nexport const prisma = new PrismaClient()\n",
        """import { PrismaClient } from '@prisma/client'

export const prisma = globalThis.prisma ?? new PrismaClient()

if (process.env.NODE_ENV !== 'production') globalThis.prisma = prisma
""",
    ),
    "commonjs": (
        "lib/prisma.js",
        """const { PrismaClient } = require("@prisma/client");

const prisma = new PrismaClient({ log: ["query"] });

module.exports = { prisma };
""",
        """const { PrismaClient } = require("@prisma/client");

function createPrismaClient() {
  return new PrismaClient({ log: ["query"] });
}

const prisma = globalThis.prisma ?? createPrismaClient();

if (process.env.NODE_ENV !== "production") globalThis.prisma = prisma;

module.exports = { prisma };
""",
    ),
    "an annotation stays": (
        "lib/prisma.ts",
        'import { PrismaClient } from "@prisma/client";\n\nexport const prisma: PrismaClient = new PrismaClient();\n',
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma: PrismaClient = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
""",
    ),
}

LOCALS = {"pool and adapter move into the factory": "db"}


@pytest.mark.parametrize("name", CASES)
def test_guards(name: str) -> None:
    path, before, after = CASES[name]
    assert guard(before, path, LOCALS.get(name, "prisma")) == after


@pytest.mark.parametrize("name", CASES)
def test_windows_line_ends_tabs_and_a_bom(name: str) -> None:
    path, before, after = CASES[name]

    def disguise(text: str) -> str:
        indented = text.replace("  ", "\t") if "\n  " in before else text
        return "\N{ZERO WIDTH NO-BREAK SPACE}" + indented.replace("\n", "\r\n")

    assert guard(disguise(before), path, LOCALS.get(name, "prisma")) == disguise(after)


def test_default_export_without_a_name() -> None:
    before = 'import { PrismaClient } from "@prisma/client";\n\nexport default new PrismaClient();\n'
    assert guard(before, local="") == (
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;

export default prisma;
"""
    )


def test_module_exports_without_a_name() -> None:
    before = 'const { PrismaClient } = require("@prisma/client");\n\nmodule.exports = { prisma: new PrismaClient() };\n'
    assert guard(before, "db.js", local="") == (
        """const { PrismaClient } = require("@prisma/client");

const prisma = globalThis.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalThis.prisma = prisma;

module.exports = { prisma };
"""
    )


def test_template_literals_keep_their_lines() -> None:
    before = """import { PrismaClient } from "@prisma/client";

export const prisma = new PrismaClient({
  datasourceUrl: `postgres://
  x`,
});
"""
    assert """function createPrismaClient() {
  return new PrismaClient({
    datasourceUrl: `postgres://
  x`,
  });
}
""" in guard(before)


def test_a_guard_that_never_reads_is_replaced() -> None:
    write = "if (process.env.NODE_ENV !== 'production') global.prisma = prisma"
    before = f"""import {{ PrismaClient }} from '@prisma/client'

declare global {{
  var prisma: PrismaClient | undefined
}}

export const prisma = new PrismaClient()

{write}

export default prisma
"""
    assert guard(before, broken=("declare global {\n  var prisma: PrismaClient | undefined\n}", write)) == (
        """import { PrismaClient } from '@prisma/client'

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient }

export const prisma = globalForPrisma.prisma ?? new PrismaClient()

if (process.env.NODE_ENV !== 'production') globalForPrisma.prisma = prisma

export default prisma
"""
    )


@pytest.mark.parametrize("kind", [": PrismaClient", ""])
def test_a_guard_of_branches_is_replaced(kind: str) -> None:
    declared = f"let prisma{kind};"
    branches = """if (process.env.NODE_ENV === "production") {
  prisma = new PrismaClient();
} else {
  global.prisma = new PrismaClient();
  prisma = global.prisma;
}"""
    before = f"""import {{ PrismaClient }} from "@prisma/client";

{declared}

{branches}

export default prisma;
"""
    assert guard(before, broken=(declared, branches)) == (
        f"""import {{ PrismaClient }} from "@prisma/client";

const globalForPrisma = globalThis as unknown as {{ prisma?: PrismaClient }};

const prisma{kind} = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;

export default prisma;
"""
    )


def test_a_guard_that_reads_another_name_is_replaced() -> None:
    holder = "const globalForPrisma = global as unknown as { prisma: PrismaClient };"
    write = 'if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;'
    before = f"""import {{ PrismaClient }} from "@prisma/client";

{holder}

export const prisma = globalForPrisma.client || new PrismaClient();

{write}
"""
    assert guard(before, broken=(holder, write)) == (
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;
"""
    )


def test_a_client_that_is_built_before_the_guard_looks() -> None:
    before = """import { PrismaClient } from "@prisma/client";

const store = globalThis as unknown as { prisma?: PrismaClient };

const client = new PrismaClient();

export const prisma = store.prisma ?? client;

if (process.env.NODE_ENV !== "production") {
  store.prisma = prisma;
}

export default prisma;
"""
    assert guard(before, local="client", broken=("store.prisma = prisma;",)) == (
        """import { PrismaClient } from "@prisma/client";

const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;

export default prisma;
"""
    )


def test_a_holder_that_others_use_stays() -> None:
    before = """import { PrismaClient } from "@prisma/client";

const store = globalThis as unknown as { db?: PrismaClient; cache?: Map<string, string> };

export const cache = (store.cache ??= new Map());
export const prisma = new PrismaClient();

if (process.env.NODE_ENV !== "production") store.db = prisma;
"""
    assert guard(before, broken=("store.db = prisma;",)) == (
        """import { PrismaClient } from "@prisma/client";

const store = globalThis as unknown as { db?: PrismaClient; cache?: Map<string, string> };

export const cache = (store.cache ??= new Map());
export const prisma = store.db ?? new PrismaClient();

if (process.env.NODE_ENV !== "production") store.db = prisma;
"""
    )


DECLARED = "declare global {\n  var prisma: PrismaClient | undefined;\n}\n\n"


@pytest.mark.parametrize(
    ("before", "write", "slot"),
    [
        (DECLARED, 'if (process.env.NODE_ENV === "development") {\n  global.prisma = prisma;\n}', "global.prisma"),
        (DECLARED, 'if (process.env.NODE_ENV !== "production") globalThis.prisma = prisma;', "globalThis.prisma"),
        ("const kept = globalThis as unknown as { db: PrismaClient };\n\n", "kept.db = prisma;", "kept.db"),
    ],
)
def test_a_guard_that_only_lacks_the_reading_gets_it(before: str, write: str, slot: str) -> None:
    rest = f"\n\n{write}\n"
    built = "const prisma = new PrismaClient({ log: ['warn'] });"
    assignment = re.search(r"[\w.]+ = prisma", write)
    assert assignment is not None
    for name in (assignment[0], f"{assignment[0]};"):
        assert guard(f"{before}export {built}{rest}", broken=(name,)) == (
            f"{before}export {built.replace('new', f'{slot} ?? new')}{rest}"
        )


@pytest.mark.parametrize(
    ("before", "write"),
    [
        ("", "if (process.env.NODE_ENV !== 'production') global.prisma = prisma"),
        (DECLARED, "if (process.env.NODE_ENV === 'production') global.prisma = prisma"),
        ("const kept = globalThis as any;\n", "if (process.env.NODE_ENV !== 'production') kept.prisma = prisma"),
    ],
)
def test_a_guard_that_lacks_more_is_replaced(before: str, write: str) -> None:
    made = guard(f"{before}export const prisma = new PrismaClient();\n\n{write};\n", broken=(f"{write};",))
    assert made.endswith(
        """const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };

export const prisma = globalForPrisma.prisma ?? new PrismaClient();

if (process.env.NODE_ENV !== 'production') globalForPrisma.prisma = prisma;
"""
    )


def test_refuses_a_client_that_is_assigned_again() -> None:
    before = """import { PrismaClient } from "@prisma/client";

let prisma = new PrismaClient();
if (process.env.NODE_ENV !== "production") {
  if (!global.prisma) global.prisma = new Keeper();
  prisma = global.prisma;
}

export default prisma;
"""
    assert guard(before) == "refused: `prisma` is assigned again at line 6: add the `globalThis` guard by hand"


def test_the_width_of_the_configuration_is_kept() -> None:
    before = b"import { PrismaClient } from 'x'\n\nexport const prisma = new PrismaClient({ log: ['warn'] })\n"
    start = before.index(b"new P")
    action = GuardClient(Span("db.ts", start, len(before) - 1), "prisma", "prisma", "ts")
    made = guard_client(
        action, Intent(action, "Guard"), Memory({"db.ts": before, ".prettierrc": b'{"printWidth": 80}'})
    )
    assert isinstance(made, Fix)
    assert b"""const globalForPrisma = globalThis as unknown as {
  prisma?: ReturnType<typeof createPrismaClient>
}
""" in apply_edits(before, made.edits)


@pytest.mark.parametrize("value", ["remember(() => new PrismaClient())", "[new PrismaClient()]"])
def test_refuses_what_is_more_than_the_client(value: str) -> None:
    assert guard(f"export const prisma = {value};\n").startswith("refused: ")


def test_the_guarded_module_is_not_guarded_again_under_the_same_names() -> None:
    before = """import { PrismaClient } from "@prisma/client";

const globalForPrisma = 1;
export const prisma = new PrismaClient();
"""
    assert "const globalForPrisma2 = globalThis as unknown as" in guard(before)


@pytest.mark.parametrize(
    ("before", "local"),
    [
        ("export function f() {\n  const prisma = new PrismaClient();\n  return prisma;\n}\n", "prisma"),
        ("const a = 1,\n  prisma = new PrismaClient();\n", "prisma"),
    ],
)
def test_refuses(before: str, local: str) -> None:
    assert guard(before, local=local).startswith("refused: ")


WRITE = 'if (process.env.NODE_ENV !== "production") global.prisma = prisma;'


@pytest.mark.parametrize(("more", "stays"), [("", False), ("log(client);\n", True)])
def test_a_client_that_others_use_before_the_guard_looks(more: str, *, stays: bool) -> None:
    before = (
        'import { PrismaClient } from "@prisma/client";\n\nconst client = new PrismaClient();\n'
        f"export const prisma = global.db ?? client;\n{more}\n{WRITE}\n"
    )
    made = guard(before, local="client", broken=(WRITE,))
    assert ("const client = globalForPrisma.prisma ?? new PrismaClient();" in made) is stays
    assert ("export const prisma = globalForPrisma.prisma ?? new PrismaClient();" in made) is not stays


def test_a_client_that_nobody_in_the_file_uses() -> None:
    before = 'import { PrismaClient } from "@prisma/client";\n\nexport const prisma = new PrismaClient();\n\n'
    made = guard(f"{before}global.other = 1;\n", broken=("global.other = 1;",))
    assert "export const prisma = globalForPrisma.prisma ?? new PrismaClient();" in made
