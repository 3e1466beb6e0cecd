"""Parameters glued onto a connection string, in all the ways that people do it, through the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = '{"name": "shop", "dependencies": {"@prisma/client": "^6.1.0"}}\n'
SCHEMA = (
    'datasource db {\n  provider = "%s"\n  url      = env("DATABASE_URL")\n}\n\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n\nmodel User {\n  id   Int    @id\n  name String\n}\n'
)
HEAD = 'import { PrismaClient } from "@prisma/client";\n\n'
URL = "process.env.DATABASE_URL"


def outcome(root: Path, text: str, provider: str = "postgresql", path: str = "src/db.ts") -> tuple[list[str], str]:
    """The applicability of each finding, and the module after `--unsafe-fixes`."""
    files = {"package.json": MANIFEST, "prisma/schema.prisma": SCHEMA % provider, path: text}
    for name, content in {**files, ".prettierrc": '{ "printWidth": 120 }'}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode())
    result = run(root, Options(jobs=1, apply=True, unsafe=True, select=("PF504",)))
    changed = {change.path: change.after for change in result.changes}
    return [f.applicability for f in result.findings], (changed.get(path) or text.encode()).decode()


def client(url: str) -> str:
    return f"export const prisma = new PrismaClient({{\n  datasourceUrl: {url},\n}});\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{URL} + '?connection_limit=1'", f'withUrlParameters({URL}, {{ connection_limit: "1" }})'),
        (f"{URL}! + '?' + 'pgbouncer=true'", f'withUrlParameters({URL}, {{ pgbouncer: "true" }})'),
        (f"`${{{URL}}}&schema=${{tenant}}`", f"withUrlParameters({URL}, {{ schema: String(tenant) }})"),
        (f"`${{{URL}}}?schema=t_${{tenant}}`", f"withUrlParameters({URL}, {{ schema: `t_${{tenant}}` }})"),
        (f"({URL} as string).concat('?sslmode=require')", f'withUrlParameters({URL}, {{ sslmode: "require" }})'),
        (f"({URL} ?? '') + '?connection_limit=1'", f"withUrlParameters({URL} ?? '', {{ connection_limit: \"1\" }})"),
        (f"`${{{URL}}}?options=-c%20a%3Db`", f'withUrlParameters({URL}, {{ options: "-c a=b" }})'),
    ],
)
def test_parameters_are_set(tmp_path: Path, before: str, after: str) -> None:
    head = f"{HEAD}const tenant = 'one';\n"
    found, text = outcome(tmp_path, head + client(before))
    assert found == ["unsafe"]
    assert text.endswith(f"const tenant = 'one';\n{client(after)}")
    assert text.startswith(f"{HEAD}/** `url` with `parameters` in its query string;")


def test_the_file_keeps_its_style(tmp_path: Path) -> None:
    text = (
        "#!/usr/bin/env node\r\n'use strict'\r\n\r\nconst { PrismaClient } = require('@prisma/client')\r\n"
        "const größe = 1\r\n\r\nfunction client() {\r\n"
        "\tconst url = process.env.DATABASE_URL + '?connection_limit=1'\r\n"
        "\treturn new PrismaClient({ datasourceUrl: url })\r\n}\r\n\r\nmodule.exports = client()\r\n"
    )
    found, made = outcome(tmp_path, text, path="src/db.js")
    assert found == ["unsafe"]
    assert made.count("\n") == made.count("\r\n")
    assert "require('@prisma/client')\r\n\r\n/**\r\n * `url` with" in made
    assert "\r\n\tif (!url) return url\r\n\tconst changed = new URL(url)\r\n" in made
    assert "\tconst url = withUrlParameters(process.env.DATABASE_URL, { connection_limit: '1' })\r\n" in made


def test_an_assignment_to_the_environment_behind_a_test_needs_no_other(tmp_path: Path) -> None:
    text = (
        f"{HEAD}if ({URL}) {{\n  {URL} = `${{{URL}}}?connection_limit=1`;\n}}\n\nexport const p = new PrismaClient();\n"
    )
    found, made = outcome(tmp_path, text)
    assert found == ["unsafe"]
    assert f'if ({URL}) {{\n  {URL} = withUrlParameters({URL}, {{ connection_limit: "1" }});\n}}\n' in made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (client(f"`${{{URL}}}?${{params}}`"), []),
        (client(f"`${{{URL}}}?connection_limit`"), ["none"]),
        (client(f"`${{{URL}}}?a=1#connection_limit=1`"), []),
        (client(f"`${{{URL}}}/shop?connection_limit=1`"), []),
        (client(f"`${{{URL}}}?utm_source=mail`"), []),
        (client(f"{URL}?.split('?')[0] + '?connection_limit=1'"), []),
        (client(f"`${{{URL}}}${{{URL}!.includes('?') ? '&' : '?'}}connection_limit=1`"), []),
        (client(f"/\\?/.test({URL}!) ? {URL} : {URL} + '?connection_limit=1'"), []),
        (client("`${process.env.DB_SCHEME}://db?connection_limit=1`"), []),
        ("export const make = (url: string) => new PrismaClient({ datasourceUrl: url + '?schema=a' });\n", []),
        (f"{client(URL)}export const search = `${{{URL}}}?schema=public`;\n", []),
    ],
)
def test_what_is_something_else_stays(tmp_path: Path, text: str, found: list[str]) -> None:
    text = f"{HEAD}declare const params: string;\n{text}"
    assert outcome(tmp_path, text) == (found, text)


@pytest.mark.parametrize(
    ("provider", "found"),
    [
        ("postgresql", ["unsafe"]),
        ("cockroachdb", ["unsafe"]),
        ("mysql", ["unsafe"]),
        ("sqlite", ["none"]),
        ("mongodb", ["none"]),
        ("sqlserver", []),
    ],
)
def test_the_kind_of_database_decides(tmp_path: Path, provider: str, found: list[str]) -> None:
    assert outcome(tmp_path, HEAD + client(f"{URL} + '?connection_limit=1'"), provider)[0] == found
