"""Names that come to and go from the imports of a file. `«…»` marks code that goes."""

# ruff: noqa: E501 -- lines of other people's code

from __future__ import annotations

import pytest

from prismafix.rewrites.edits import apply_edits, join_edits
from prismafix.rewrites.imports import Wanted, change_imports
from prismafix.rewrites.source import Source
from prismafix.rewrites.style import Style

PRISMA = Wanted("./prisma", "prisma", "prisma")
DEFAULT = Wanted("./prisma", "default", "prisma")
CASES: list[tuple[str, list[Wanted], str, str]] = [
    (
        "in order, behind",
        [PRISMA],
        "import { a } from './prisma';\nprisma;\n",
        "import { a, prisma } from './prisma';\nprisma;\n",
    ),
    ("there already", [PRISMA], "import { prisma } from './prisma';\n", "import { prisma } from './prisma';\n"),
    (
        "there under another name",
        [PRISMA],
        "import { prisma as db } from './prisma';\n",
        "import { prisma, prisma as db } from './prisma';\n",
    ),
    (
        "there under this other name",
        [Wanted("./prisma", "prisma", "db")],
        "import { prisma as db } from './prisma';\n",
        "import { prisma as db } from './prisma';\n",
    ),
    (
        "the default beside names",
        [DEFAULT],
        "import { a } from './prisma';\n",
        "import prisma, { a } from './prisma';\n",
    ),
    ("a name beside the default", [PRISMA], "import db from './prisma';\n", "import db, { prisma } from './prisma';\n"),
    (
        "a name beside both",
        [PRISMA],
        "import db, { a } from './prisma';\n",
        "import db, { a, prisma } from './prisma';\n",
    ),
    (
        "a second default",
        [DEFAULT],
        "import db from './prisma';\n",
        "import db from './prisma';\nimport prisma from \"./prisma\";\n",
    ),
    (
        "two defaults",
        [DEFAULT, Wanted("./prisma", "default", "db")],
        "import { a } from 'a';\na;\n",
        "import { a } from 'a';\nimport prisma, { default as db } from \"./prisma\";\na;\n",
    ),
    (
        "two names for what require gives",
        [DEFAULT, Wanted("./prisma", "default", "db"), Wanted("./prisma", "x", "x")],
        "const { A } = require('a');\nu(«A»);\n",
        'const prisma = require("./prisma");\nconst db = require("./prisma");\nconst { x } = require("./prisma");\nu(A);\n',
    ),
    (
        "the default goes",
        [],
        "import db, { a } from './prisma';\nu(«db»);\nu(a);\n",
        "import { a } from './prisma';\nu(db);\nu(a);\n",
    ),
    (
        "all names but the default go",
        [],
        "import db, { a } from './prisma';\nu(«a»);\nu(db);\n",
        "import db from './prisma';\nu(a);\nu(db);\n",
    ),
    (
        "a name gives its place",
        [Wanted("./prisma", "c", "c")],
        "import { a, b } from './prisma';\nu(«a»);\nu(b);\n",
        "import { c, b } from './prisma';\nu(a);\nu(b);\n",
    ),
    (
        "all names go and others come",
        [Wanted("./prisma", "c", "c"), Wanted("./prisma", "d", "d"), Wanted("./prisma", "e", "e")],
        "import { a, b } from './prisma';\nu(«a, b»);\n",
        'import { c, d, e } from "./prisma";\nu(a, b);\n',
    ),
    (
        "two go and one comes",
        [Wanted("./prisma", "d", "d")],
        "import { a, b, c } from './prisma';\nu(«a, b»);\nu(c);\n",
        "import { d, c } from './prisma';\nu(a, b);\nu(c);\n",
    ),
    (
        "two names in order",
        [Wanted("./prisma", "c", "c"), Wanted("./prisma", "d", "d")],
        "import { a, m } from './prisma';\n",
        "import { a, c, d, m } from './prisma';\n",
    ),
    (
        "one in order, one at the end",
        [Wanted("./prisma", "z", "z"), Wanted("./prisma", "d", "d")],
        "import { a, m } from './prisma';\n",
        "import { a, d, m, z } from './prisma';\n",
    ),
    (
        "a list over several lines",
        [Wanted("./prisma", "z", "z"), Wanted("./prisma", "d", "d")],
        "import {\n  a,\n  m,\n} from './prisma';\n",
        "import {\n  a,\n  d,\n  m,\n  z,\n} from './prisma';\n",
    ),
    (
        "an import of types",
        [PRISMA],
        "import type { A } from './prisma';\n",
        "import type { A } from './prisma';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "a namespace",
        [PRISMA],
        "import * as all from './prisma';\n",
        "import * as all from './prisma';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "an import for its effects",
        [PRISMA],
        "import './prisma';\n",
        "import './prisma';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "a required list",
        [PRISMA],
        "const { a } = require('./prisma');\n",
        "const { a, prisma } = require('./prisma');\n",
    ),
    (
        "a required name gives its place",
        [PRISMA],
        "const { a, b } = require('./prisma');\nu(«a»); u(b);\n",
        "const { prisma, b } = require('./prisma');\nu(a); u(b);\n",
    ),
    (
        "a required module",
        [PRISMA],
        "const db = require('./prisma');\n",
        "const db = require('./prisma');\nconst { prisma } = require(\"./prisma\");\n",
    ),
    (
        "the default beside required names",
        [DEFAULT],
        "const { a } = require('./prisma');\n",
        "const { a } = require('./prisma');\nconst prisma = require(\"./prisma\");\n",
    ),
    (
        "a require in a function",
        [PRISMA],
        "function f() {\n  const { a } = require('./z');\n}\n",
        "const { prisma } = require(\"./prisma\");\n\nfunction f() {\n  const { a } = require('./z');\n}\n",
    ),
    (
        "a require in a function beside imports",
        [PRISMA],
        "import x from 'x';\nfunction f() {\n  const { a } = require('./z');\n}\n",
        "import x from 'x';\nimport { prisma } from \"./prisma\";\nfunction f() {\n  const { a } = require('./z');\n}\n",
    ),
    (
        "behind what has effects",
        [PRISMA],
        "import 'reflect-metadata';\nimport x from 'x';\n",
        "import 'reflect-metadata';\nimport x from 'x';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "behind a later import with effects",
        [PRISMA],
        "import x from 'x';\nimport './polyfill';\n",
        "import x from 'x';\nimport './polyfill';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "behind a style sheet",
        [PRISMA],
        "import x from 'x';\nimport './style.css';\n",
        "import x from 'x';\nimport './style.css';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "behind a shebang",
        [PRISMA],
        "#!/usr/bin/env node\nrun();\n",
        '#!/usr/bin/env node\nimport { prisma } from "./prisma";\n\nrun();\n',
    ),
    (
        "a shebang with a line below",
        [PRISMA],
        "#!/usr/bin/env node\n\nrun();\n",
        '#!/usr/bin/env node\nimport { prisma } from "./prisma";\n\nrun();\n',
    ),
    (
        "behind a directive",
        [PRISMA],
        "'use server';\nrun();\n",
        "'use server';\n\nimport { prisma } from \"./prisma\";\n\nrun();\n",
    ),
    (
        "a directive with a line below",
        [PRISMA],
        "'use server';\n\nrun();\n",
        "'use server';\n\nimport { prisma } from \"./prisma\";\n\nrun();\n",
    ),
    (
        "behind a pragma",
        [PRISMA],
        "// @ts-check\nrun();\n",
        '// @ts-check\n\nimport { prisma } from "./prisma";\n\nrun();\n',
    ),
    (
        "behind a licence",
        [PRISMA],
        "/* License */\n\nrun();\n",
        '/* License */\n\nimport { prisma } from "./prisma";\n\nrun();\n',
    ),
    (
        "before a comment on the statement",
        [PRISMA],
        "// what run is for\nrun();\n",
        'import { prisma } from "./prisma";\n\n// what run is for\nrun();\n',
    ),
    (
        "behind a comment on a directive",
        [PRISMA],
        "// about strict\n'use strict';\nrun();\n",
        "// about strict\n'use strict';\n\nimport { prisma } from \"./prisma\";\n\nrun();\n",
    ),
    ("behind a byte order mark", [PRISMA], "\ufeffrun();\n", '\ufeffimport { prisma } from "./prisma";\n\nrun();\n'),
    ("an empty file", [PRISMA], "", 'import { prisma } from "./prisma";\n'),
    (
        "behind a comment on the line",
        [PRISMA],
        "import a from 'a'; /* why */\nrun();\n",
        "import a from 'a'; /* why */\nimport { prisma } from \"./prisma\";\nrun();\n",
    ),
    (
        "before code on the line",
        [PRISMA],
        "import a from 'a'; run();\n",
        "import a from 'a';\nimport { prisma } from \"./prisma\"; run();\n",
    ),
    (
        "between sorted imports",
        [PRISMA],
        "import { b } from './b';\nimport { z } from './z';\n",
        "import { b } from './b';\nimport { prisma } from \"./prisma\";\nimport { z } from './z';\n",
    ),
    (
        "behind imports without order",
        [PRISMA],
        "import { z } from './z';\nimport { b } from './b';\n",
        "import { z } from './z';\nimport { b } from './b';\nimport { prisma } from \"./prisma\";\n",
    ),
    (
        "by the path, in order",
        [Wanted("@/a/prisma", "prisma", "prisma")],
        "import { a } from '@/a/x';\nimport { b } from '@/b/y';\nimport { c } from './c';\n",
        "import { prisma } from \"@/a/prisma\";\nimport { a } from '@/a/x';\nimport { b } from '@/b/y';\nimport { c } from './c';\n",
    ),
    (
        "by the path, without order",
        [Wanted("@/b/prisma", "prisma", "prisma")],
        "import { b } from '@/b/y';\nimport { a } from '@/a/x';\nimport { c } from './c';\n",
        "import { b } from '@/b/y';\nimport { prisma } from \"@/b/prisma\";\nimport { a } from '@/a/x';\nimport { c } from './c';\n",
    ),
    (
        "the comment on the line goes along",
        [],
        "import { PrismaClient } from '@prisma/client'; // the client\nconst p = «new PrismaClient()»;\n",
        "const p = new PrismaClient();\n",
    ),
    (
        "another kind takes the place",
        [PRISMA],
        "import { PrismaClient } from '@prisma/client';\nimport { b } from './b';\nconst p = «new PrismaClient()»;\n",
        "import { prisma } from \"./prisma\";\nimport { b } from './b';\nconst p = new PrismaClient();\n",
    ),
    (
        "two blanks",
        [],
        "import { a,  b } from './prisma';\nu(«a»);\nu(b);\n",
        "import { b } from './prisma';\nu(a);\nu(b);\n",
    ),
    (
        "a line of a list",
        [],
        "import {\n  a,\n  b,\n} from './prisma';\nu(«b»);\nu(a);\n",
        "import {\n  a,\n} from './prisma';\nu(b);\nu(a);\n",
    ),
    (
        "a name in the middle goes",
        [],
        "import { a, b, \t Xray, c } from './prisma';\nu(«b»);\nu(a,Xray,c);\n",
        "import { a, Xray, c } from './prisma';\nu(b);\nu(a,Xray,c);\n",
    ),
    (
        "the first name goes",
        [],
        "import { a,  Xray } from './prisma';\nu(«a»);\nu(Xray);\n",
        "import { Xray } from './prisma';\nu(a);\nu(Xray);\n",
    ),
    (
        "what is loaded for its effect comes first",
        [PRISMA],
        "import { a } from './a';\n\nimport './environment';\nu(a);\n",
        "import { a } from './a';\n\nimport './environment';\nimport { prisma } from \"./prisma\";\nu(a);\n",
    ),
    (
        "a comment in the list",
        [],
        "import { a, b /* why */, c } from './prisma';\nu(«c»);\nu(a,b);\n",
        "import { a, b /* why */ } from './prisma';\nu(c);\nu(a,b);\n",
    ),
]


def changed(before: str, wanted: list[Wanted]) -> str:
    """The file with its imports changed; one that requires is a module of CommonJS."""
    data, gone = b"", []
    for index, part in enumerate(before.replace("»", "«").split("«")):
        start, data = len(data), data + part.encode()
        if index % 2:
            gone.append((start, len(data)))
    commonjs = "require(" in before and "import " not in before
    source = Source.of("src/a.js" if commonjs else "src/a.ts", data)
    return apply_edits(data, join_edits(change_imports(source, Style(), wanted, gone, commonjs=commonjs))).decode()


@pytest.mark.parametrize(("wanted", "before", "after"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_imports(wanted: list[Wanted], before: str, after: str) -> None:
    assert changed(before, wanted) == after
