"""Options of driver adapters, in all the ways that people write them down, through the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = (
    '{"name": "shop", "type": "module", "dependencies": {"@prisma/client": "^7.1.0", "@prisma/adapter-pg": "^7.1.0",'
    ' "@prisma/adapter-mssql": "^7.1.0", "pg": "^8.16.0"}}\n'
)
SCHEMA = (
    'datasource db {\n  provider = "%s"\n}\n\ngenerator client {\n  provider = "prisma-client"\n'
    '  output   = "../src/generated"\n}\n\nmodel User {\n  id   Int    @id\n  name String\n}\n'
)
PG = 'import { PrismaPg } from "@prisma/adapter-pg";\nimport { Pool } from "pg";\n\n'
URL = "postgresql://shop@db.example.com:5432/shop"
GLUED = "`${process.env.DATABASE_URL}?connection_limit=2`"
READ = "process.env.DATABASE_URL"
MAX = "max: Number(process.env.DATABASE_CONNECTION_LIMIT ?? 2)"


def fixed(root: Path, text: str, *, provider: str = "postgresql", **files: str) -> str:
    """What becomes of a module under `--unsafe-fixes` with PF505 and PF501."""
    for path, content in {
        "package.json": MANIFEST,
        "prisma/schema.prisma": SCHEMA % provider,
        "src/db.ts": text,
        **files,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode())
    result = run(root, Options(jobs=1, apply=True, unsafe=True, select=("PF505", "PF501")))
    changed = {c.path: c.after for c in result.changes}
    return changed["src/db.ts"].decode() if "src/db.ts" in changed else text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"new PrismaPg({{\n  connectionString: {GLUED}, // the shop's\n}});\n",
            f"new PrismaPg({{\n  connectionString: {READ}, // the shop's\n  {MAX},\n}});\n",
        ),
        (
            f"new PrismaPg({{\n  connectionString: {GLUED} // the shop's\n}});\n",
            f"new PrismaPg({{\n  connectionString: {READ}, // the shop's\n  {MAX}\n}});\n",
        ),
        (
            f"new PrismaPg({{\n\tconnectionString: {GLUED},\n\tmin: 1\n}});\n",
            f"new PrismaPg({{\n\tconnectionString: {READ},\n\tmin: 1,\n\t{MAX}\n}});\n",
        ),
        (
            f"new PrismaPg({{\r\n  connectionString: {GLUED},\r\n}});\r\n",
            f"new PrismaPg({{\r\n  connectionString: {READ},\r\n  {MAX},\r\n}});\r\n",
        ),
        (
            f"new PrismaPg({{ connectionString: {GLUED} }}, {{ schema: 'shop' }});\n",
            f"new PrismaPg(\n  {{\n    connectionString: {READ},\n    {MAX},\n  }},\n  {{ schema: 'shop' }},\n);\n",
        ),
        (
            "new PrismaPg({ /* größer */ connectionString: process.env.DATABASE_URL + '?connection_limit=2' });\n",
            f"new PrismaPg({{ /* größer */ connectionString: {READ}, {MAX} }});\n",
        ),
        (
            "new PrismaPg(new Pool({ connectionString: "
            "process.env.DATABASE_URL!.concat('?connection_limit=2&sslmode=require') }));\n",
            "new PrismaPg(new Pool({\n  connectionString: process.env.DATABASE_URL!.concat('?sslmode=require'),\n"
            f"  {MAX},\n}}));\n",
        ),
        (
            "let url = process.env.DATABASE_URL!;\nurl += '?connection_limit=2';\n"
            "new PrismaPg({\n  connectionString: url,\n});\n",
            f"let url = process.env.DATABASE_URL!;\nnew PrismaPg({{\n  connectionString: url,\n  {MAX},\n}});\n",
        ),
        (
            f"const url: string = {GLUED};\nnew PrismaPg({{\n  connectionString: url,\n}});\n",
            f'const url: string = {READ} ?? "";\nnew PrismaPg({{\n  connectionString: url,\n  {MAX},\n}});\n',
        ),
        (
            f"new PrismaPg({{\n  connectionString: '{URL}?connection_limit=2&sslmode=require&pool_timeout=20',\n}});\n",
            f"new PrismaPg({{\n  connectionString: '{URL}?sslmode=require',\n  {MAX},\n"
            "  connectionTimeoutMillis: 20_000,\n});\n",
        ),
        (
            f"new PrismaPg({{\n  connectionString: {GLUED},\n  max: 8,\n}});\n",
            f"new PrismaPg({{\n  connectionString: {READ},\n  max: 8,\n}});\n",
        ),
    ],
)
def test_values_move_into_the_options(tmp_path: Path, before: str, after: str) -> None:
    head = PG.replace("\n", "\r\n") if "\r" in before else PG
    assert fixed(tmp_path, head + before) == head + after


@pytest.mark.parametrize(
    ("read", "limit"),
    [
        ("process.env['DATABASE_URL']", "process.env['DATABASE_CONNECTION_LIMIT']"),
        ("Bun.env.DATABASE_URL", "Bun.env.DATABASE_CONNECTION_LIMIT"),
        ("config.get<string>('DATABASE_URL')", "config.get<string>('DATABASE_CONNECTION_LIMIT')"),
        ("config.getOrThrow('DATABASE_URL')", "process.env.DATABASE_CONNECTION_LIMIT"),
        ("env.DATABASE_URL", "process.env.DATABASE_CONNECTION_LIMIT"),
        ("process.env.POSTGRES_PRISMA_URL", "process.env.POSTGRES_PRISMA_CONNECTION_LIMIT"),
        ("(process.env.MAIN_DB ?? process.env.DATABASE_URL)", "process.env.MAIN_DB_CONNECTION_LIMIT"),
    ],
)
def test_the_limit_is_read_as_the_url_is(tmp_path: Path, read: str, limit: str) -> None:
    declared = "declare const config: any, env: any, Bun: any;\n"
    text = f"{PG}{declared}new PrismaPg({{\n  connectionString: `${{{read}}}?connection_limit=2`,\n}});\n"
    assert f"  max: Number({limit} ?? 2),\n" in fixed(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "export const make = (url: string) => new PrismaPg({ connectionString: `${url}` });\n",
        "export const make = (options: any) => new PrismaPg(options);\n",
        f"new PrismaPg({{ connectionString: '{URL}?max=2' }});\n",
        f"new Pool({{ connectionString: {GLUED} }});\n",
        "const { connectionString } = read();\nnew PrismaPg({ connectionString });\ndeclare function read(): any;\n",
        "new PrismaPg({ connectionString: `${process.env.DATABASE_URL}?connection_limit=${process.env.LIMIT}` });\n",
        f"new PrismaPg({{ connectionString: {GLUED}, ...JSON.parse(process.env.POOL!) }});\n",
        "new PrismaPg({ connectionString: 'mysql://shop@db.example.com/shop?connection_limit=2' });\n",
        f"new PrismaPg({{ connectionString: '{URL}?connection_limit=10&pool_timeout=0', min: 2 }});\n",
        f"class PrismaPg {{ constructor(readonly url: string) {{}} }}\nnew PrismaPg({GLUED});\n",
    ],
)
def test_what_is_not_known_or_not_ignored_stays(tmp_path: Path, text: str) -> None:
    head = 'import { Pool } from "pg";\n' if text.startswith("class") else PG
    assert fixed(tmp_path, head + text) == head + text


def test_options_in_an_inner_object(tmp_path: Path) -> None:
    head = 'import { PrismaMssql } from "@prisma/adapter-mssql";\n\n'
    text = head + 'new PrismaMssql({\n  server: "db",\n  pool: { min: 1 },\n});\n'
    made = fixed(tmp_path, text, provider="sqlserver", **{"vercel.json": "{}"})
    assert made == head + (
        'new PrismaMssql({\n  server: "db",\n  pool: { min: 1, max: 3, acquireTimeoutMillis: 20_000 },\n'
        "  connectionTimeout: 10_000,\n});\n"
    )
    other = fixed(tmp_path, text.replace("  pool: { min: 1 },\n", ""), provider="sqlserver")
    assert "  pool: { max: 3, acquireTimeoutMillis: 20_000 },\n  connectionTimeout: 10_000,\n" in other


@pytest.mark.parametrize(
    ("ignore", "sample", "expected"),
    [
        ("", ".env", (["src/db.ts"], "postgresql://localhost/shop")),
        (".env\n", ".env", ([".env"], "postgresql://localhost/shop?connection_limit=5")),
        ("", ".env.example", (["src/db.ts"], "postgresql://localhost/shop")),
        ("", ".env.test", ([], "postgresql://localhost/shop?connection_limit=5")),
    ],
)
def test_where_the_value_stands_decides(
    tmp_path: Path, ignore: str, sample: str, expected: tuple[list[str], str]
) -> None:
    files = {
        "package.json": MANIFEST,
        "prisma/schema.prisma": SCHEMA % "postgresql",
        ".gitignore": ignore,
        sample: "DATABASE_URL=postgresql://localhost/shop?connection_limit=5\n",
        "src/db.ts": PG + "new PrismaPg({ connectionString: process.env.DATABASE_URL });\n",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    result = run(tmp_path, Options(jobs=1, apply=True, unsafe=True, select=("PF505",)))
    left = {c.path: c.after for c in result.changes}.get(sample, (tmp_path / sample).read_bytes()).decode()
    assert ([f.finding.path for f in result.findings], left) == (expected[0], f"DATABASE_URL={expected[1]}\n")
    places = [f.finding.message.startswith("PrismaPg in src/db.ts ignores") for f in result.findings]
    assert places == [path == ".env" for path in expected[0]]


def test_an_engine_that_reads_the_same_variable_keeps_its_parameters(tmp_path: Path) -> None:
    schema = SCHEMA.replace('"%s"', '"postgresql"\n  url = env("DATABASE_URL")').replace(
        "prisma-client", "prisma-client-js"
    )
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://localhost/shop?connection_limit=5\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/engine.ts").write_text(
        'import { PrismaClient } from "./generated";\nexport default new PrismaClient();\n'
    )
    (tmp_path / "prisma").mkdir()
    (tmp_path / "prisma/schema.prisma").write_text(schema)
    (tmp_path / "package.json").write_text(MANIFEST.replace("^7.1.0", "^6.19.0"))
    (tmp_path / "src/db.ts").write_text(PG + "new PrismaPg({ connectionString: process.env.DATABASE_URL });\n")
    result = run(tmp_path, Options(jobs=1, apply=True, unsafe=True, select=("PF505",)))
    assert (
        "stays in .env:1, since the client in src/engine.ts has no adapter and reads them" in result.findings[0].reason
    )
    assert list({c.path: c.after for c in result.changes}) == ["src/db.ts"]


@pytest.mark.parametrize("codes", [("PF501", "PF505"), ("PF505", "PF501"), ("PF501,PF505",)])
def test_the_order_of_the_rules_does_not_matter(tmp_path: Path, codes: tuple[str, ...]) -> None:
    files = {
        "package.json": MANIFEST,
        "prisma/schema.prisma": SCHEMA % "postgresql",
        "serverless.yml": "service: a\nprovider:\n  name: aws\nfunctions:\n  a:\n    handler: src/db.handler\n",
        "src/db.ts": f"{PG}new PrismaPg({{ connectionString: `${{{READ}}}?pool_timeout=5` }});\n",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    for code in codes:
        result = run(tmp_path, Options(jobs=1, apply=True, unsafe=True, select=tuple(code.split(","))))
        for change in result.changes:
            (tmp_path / change.path).write_bytes(change.after or b"")
    assert (tmp_path / "src/db.ts").read_text() == (
        f"{PG}new PrismaPg({{\n  connectionString: {READ},\n  max: 3,\n  connectionTimeoutMillis: 5_000,\n}});\n"
    )


def test_sql_server_takes_a_timeout_of_a_text_for_milliseconds(tmp_path: Path) -> None:
    head = 'import { PrismaMssql } from "@prisma/adapter-mssql";\n\n'
    text = head + "new PrismaMssql('sqlserver://db:1433;database=shop;connectionLimit=5;connectTimeout=30');\n"
    after = text.replace("connectTimeout=30", "connectTimeout=30;connectionTimeout=30000")
    assert fixed(tmp_path, text, provider="sqlserver") == after
    (tmp_path / "src/db.ts").write_text(text)
    (found,) = run(tmp_path, Options(jobs=1, select=("PF505",))).findings
    assert "takes connectTimeout of the URL for milliseconds" in found.finding.message
    for other in (after, text.replace("connectTimeout=30", "connectTimeout=30000")):
        assert fixed(tmp_path, other, provider="sqlserver") == other
        assert run(tmp_path, Options(jobs=1, select=("PF505",))).findings == ()


STRING = 'import { PrismaMariaDb } from "@prisma/adapter-mariadb";\n\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'mysql://h.example/d?connection_limit=2'", "'mysql://h.example/d?connectionLimit=2'"),
        ('"mariadb://h.example?a=1&pool_timeout=5&b"', '"mariadb://h.example?a=1&acquireTimeout=5000&b"'),
        ("`mysql://${u}@h.example/d?connection_limit=2#x`", "`mysql://${u}@h.example/d?connectionLimit=2#x`"),
        (
            "process.env.DATABASE_URL + '?connection_limit=2'",
            "process.env.DATABASE_URL + '?connectionLimit=2'",
        ),
        (
            "`${process.env.DATABASE_URL}&connect_timeout=5&connection_limit=2`",
            "`${process.env.DATABASE_URL}&connectTimeout=5000&connectionLimit=2`",
        ),
        (
            "'mysql://h.example/d?connection_limit=2&connection_limit=3'",
            "'mysql://h.example/d?connectionLimit=3'",
        ),
        (
            "'mysql://h.example/d?connectionLimit=4&connection_limit=2'",
            "'mysql://h.example/d?connectionLimit=4'",
        ),
        ("'mysql://h.example/d?connection_limit=10'", None),
        ("'mysql://h.example/d?connectionLimit=4'", None),
        ("'mysql://h.example/d?connection_limit=many'", None),
        ("'mysql://h.example/d?connection_limit=\\x32'", None),
        ("pick('mysql://h.example/d?connection_limit=2')", None),
    ],
)
def test_a_driver_reads_its_own_parameters_from_a_text(tmp_path: Path, before: str, after: str | None) -> None:
    text = f"{STRING}export const adapter = new PrismaMariaDb({{}}); // the shop's\n".replace("{}", before)
    manifest = MANIFEST.replace("adapter-mssql", "adapter-mariadb")
    made = fixed(tmp_path, text, provider="mysql", **{"package.json": manifest})
    assert made == text.replace(before, after or before)


@pytest.mark.parametrize(
    ("other", "env", "says"),
    [
        ("", "connection_limit=2", "connectionLimit=2"),
        (
            'import { PrismaClient } from "./generated/client";\nexport const old = new PrismaClient();\n',
            "connection_limit=2",
            "connection_limit=2",
        ),
    ],
)
def test_a_url_that_the_engine_reads_too_stays(tmp_path: Path, other: str, env: str, says: str) -> None:
    files = {
        "package.json": MANIFEST.replace("adapter-mssql", "adapter-mariadb").replace("^7.1.0", "^6.19.0"),
        "prisma/schema.prisma": (SCHEMA % "mysql").replace('"mysql"\n', '"mysql"\n  url = env("DATABASE_URL")\n'),
        "src/old.ts": other,
        ".env.production": f"DATABASE_URL=mysql://h.example/d?{env}\n",
    }
    fixed(tmp_path, f"{STRING}export const adapter = new PrismaMariaDb(process.env.DATABASE_URL!);\n", **files)
    result = run(tmp_path, Options(jobs=1, apply=True, unsafe=True, select=("PF505",)))
    [found] = [f.finding.message for f in result.findings]
    assert "ignores connection_limit" in found
    changed = {c.path: (c.after or b"").decode() for c in result.changes}
    assert changed.get(".env.production", files[".env.production"]).endswith(f"?{says}\n")
