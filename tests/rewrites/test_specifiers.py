"""How a file says where another module is."""

from __future__ import annotations

import pytest

from prismafix.rewrites.source import Source
from prismafix.rewrites.specifiers import neighbours_of, specifier_for
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
