"""How a file says where another module is."""

from __future__ import annotations

import pytest

from prismafix.rewrites.source import Source
from prismafix.rewrites.specifiers import neighbours_of, resolves_to, specifier_for
from prismafix.rewrites.style import style_of
from prismafix.rules.model import SharedModule
from prismafix.workspace.model import TsConfig
from tests.rewrites.memory import Memory

HELPER = SharedModule("src/lib/map-in-chunks.ts", "mapInChunks")
BY_BASE = b"import { load } from 'services/load';\nimport { lib } from 'lib';\n"
BY_PATH = b"import { load } from '../../services/load';\nimport express from 'express';\n"


@pytest.mark.parametrize(
    ("importer", "base_url", "text", "expected"),
    [
        ("src/routes/users/list.ts", "src", BY_BASE, "lib/map-in-chunks"),
        ("src/routes/users/list.ts", "src", BY_PATH, "../../lib/map-in-chunks"),
        ("src/routes/users/list.ts", None, BY_BASE, "../../lib/map-in-chunks"),
        ("src/routes/users/list.ts", "app", BY_BASE, "../../lib/map-in-chunks"),
        ("src/lib/users.ts", "src", BY_BASE, "./map-in-chunks"),
        ("src/routes/users/list.ts", "src", BY_BASE + BY_PATH, "lib/map-in-chunks"),
    ],
)
def test_base_url_is_used_where_the_files_use_it(
    importer: str, base_url: str | None, text: bytes, expected: str
) -> None:
    files = Memory(
        {importer: text, "src/services/load.ts": b"", "src/lib/index.ts": b"", HELPER.path: b""},
        TsConfig("tsconfig.json", base_url=base_url),
    )
    source = Source.open(importer, files)
    neighbours = neighbours_of(importer, files)
    assert specifier_for(source, HELPER, files, style_of(source, neighbours, files), neighbours) == expected


def specifier(importer: str, text: str, tsconfig: TsConfig | None, **options: str) -> str:
    files = Memory({importer: text.encode(), HELPER.path: b""}, tsconfig, **options)
    source = Source.open(importer, files)
    neighbours = neighbours_of(importer, files)
    return specifier_for(source, HELPER, files, style_of(source, neighbours, files), neighbours)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("@/*", "import a from '@/lib/a';\n", "@/lib/map-in-chunks"),
        ("@/*", "const a = require('@/lib/a');\n", "@/lib/map-in-chunks"),
        ("@/*", "import a from '@/lib/a';\nimport b from './b';\nimport c from './c';\n", "@/lib/map-in-chunks"),
        ("@/*", "import a from '@/lib/a';\nimport b from '../b';\nimport c from '../c';\n", "../lib/map-in-chunks"),
        ("*", "import a from 'src/lib/a';\n", "../lib/map-in-chunks"),
    ],
)
def test_an_alias_is_used_where_the_file_uses_it(pattern: str, text: str, expected: str) -> None:
    target = "./src/*" if pattern == "@/*" else "./*"
    assert specifier("src/routes/list.ts", text, TsConfig("tsconfig.json", paths=((pattern, (target,)),))) == expected


@pytest.mark.parametrize(
    ("resolution", "text", "expected"),
    [
        ("NodeNext", "", "../lib/map-in-chunks.js"),
        ("node16", "", "../lib/map-in-chunks.js"),
        ("node", "", "../lib/map-in-chunks"),
        ("node10", "", "../lib/map-in-chunks"),
        ("bundler", "", "../lib/map-in-chunks"),
        ("bundler", "import a from '../a.ts';\n", "../lib/map-in-chunks.ts"),
        ("bundler", "import a from '../a.tsx';\n", "../lib/map-in-chunks.ts"),
        ("bundler", "import a from '../a.js';\n", "../lib/map-in-chunks.js"),
    ],
)
def test_the_extension_that_the_compiler_asks_for(resolution: str, text: str, expected: str) -> None:
    config = TsConfig("tsconfig.json", module_resolution=resolution)
    assert specifier("src/routes/list.ts", f"{text}export const a = 1;\n", config) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("@/lib/prisma", True), ("xylib/prisma", False), ("~lib", True), ("~libs", False), ("../lib/prisma", True)],
)
def test_what_an_alias_leads_to(name: str, *, expected: bool) -> None:
    aliases = [("@/*", ("./src/*",)), ("~lib", ("./src/lib/prisma",))]
    assert resolves_to("src/routes/list.ts", name, "src/lib/prisma.ts", aliases) is expected
