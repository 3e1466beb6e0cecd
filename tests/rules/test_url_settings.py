"""Whose connection string it is, where the program runs that reads it, and what the patch leaves as it was."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.workspace.making import write

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.engine.model import Reported, Result

PASSWORD = "hunter2"
HOST = "ep-cool-night-1{}.eu-central-1.aws.neon.tech"
DIRECT = f"postgresql://app:{PASSWORD}@{HOST.format('')}/shop"
POOLED = f"postgresql://app:{PASSWORD}@{HOST.format('-pooler')}/shop"
FLAG = "?pgbouncer=true"
LIMITS = "connection_limit=1&pool_timeout=20&connect_timeout=10"
SCHEMA = (
    'generator client {{\n  provider = "prisma-client-js"{}\n}}\n\n'
    'datasource db {{\n  provider = "postgresql"\n  url      = env("{}")\n}}\n\nmodel User {{\n  id Int @id\n}}\n'
)
LAMBDA = "service: x\nprovider:\n  name: aws\nfunctions:\n  a:\n    handler: src/a.handler\n"
SOURCE = (
    'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\n'
    "export const handler = () => prisma.user.count();\n"
)


def package(name: str = "shop", prisma: str = "5.22.0", **more: str) -> dict[str, object]:
    return {"name": name, "dependencies": {"@prisma/client": prisma, **more}}


def shop(root: Path, env: str, **files: object) -> Path:
    """A package whose functions run on AWS Lambda, with Prisma 5 and an env file."""
    named = {path.replace("__", "/"): content for path, content in files.items()}
    given = {
        "package.json": package(),
        "prisma/schema.prisma": SCHEMA.format("", "DATABASE_URL"),
        "serverless.yml": LAMBDA,
        "src/a.ts": SOURCE,
        ".env": env,
        **named,
    }
    return write(root, {path: content for path, content in given.items() if content is not None})


def found(result: Result) -> list[tuple[str, str, str]]:
    return [
        (f.finding.code, f.finding.path, f.applicability) for f in result.findings if f.finding.code.startswith("PF5")
    ]


def codes(root: Path) -> list[str]:
    return [code for code, _, _ in found(run(root, Options(jobs=1)))]


def fixed(root: Path, *select: str) -> str:
    """The env file as `fix --unsafe-fixes` leaves it."""
    result = run(root, Options(jobs=1, apply=True, unsafe=True, select=select))
    for change in result.changes:
        assert change.after is not None
        (root / change.path).write_bytes(change.after)
    return (root / ".env").read_bytes().decode()


@pytest.mark.parametrize(
    ("manifest", "generator", "expected"),
    [
        (package(), "", ["PF501"]),
        (package(prisma="4.8.0"), "", ["PF501"]),
        (package(prisma="6.19.0"), "", ["PF501"]),
        (package(prisma="6.19.0", **{"@prisma/adapter-pg": "6.19.0"}), "", []),
        (package(prisma="6.19.0"), '\n  engineType = "client"', []),
        (package(prisma="7.1.0", **{"@prisma/adapter-pg": "7.1.0"}), "", []),
        ({"name": "shop", "dependencies": {"@prisma/client": "latest"}}, "", []),
    ],
)
def test_parameters_are_for_the_engine(
    tmp_path: Path, manifest: dict[str, object], generator: str, expected: list[str]
) -> None:
    files = {"package.json": manifest, "prisma__schema.prisma": SCHEMA.format(generator, "DATABASE_URL")}
    assert codes(shop(tmp_path, f"DATABASE_URL={POOLED}{FLAG}\n", **files)) == expected


@pytest.mark.parametrize(
    ("env", "schema", "expected"),
    [
        (f"DATABASE_URL={POOLED}{FLAG}\n", "DATABASE_URL", ["PF501"]),
        (f"SHOP_DB={POOLED}{FLAG}\n", "SHOP_DB", ["PF501"]),
        (f"OTHER_URL={POOLED}{FLAG}\n", "DATABASE_URL", []),
        (f"# DATABASE_URL={POOLED}{FLAG}\n", "DATABASE_URL", []),
        ("DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=hunter2\n", "DATABASE_URL", []),
        ("DATABASE_URL=file:./dev.db\n", "DATABASE_URL", []),
        ("DATABASE_URL=whatever\n", "DATABASE_URL", []),
    ],
)
def test_only_what_a_client_reads_counts(tmp_path: Path, env: str, schema: str, expected: list[str]) -> None:
    assert codes(shop(tmp_path, env, **{"prisma__schema.prisma": SCHEMA.format("", schema)})) == expected


def monorepo(root: Path, *, server: bool) -> Path:
    """A database package that two apps depend on, and one env file at the root."""
    files: dict[str, object] = {
        "package.json": {"name": "root", "private": True, "workspaces": ["apps/*", "packages/*"]},
        ".env": f"DATABASE_URL={POOLED}{FLAG}\n",
        "packages/db/package.json": package("@shop/db"),
        "packages/db/prisma/schema.prisma": SCHEMA.format("", "DATABASE_URL"),
        "packages/db/src/index.ts": SOURCE,
        "apps/jobs/package.json": {"name": "jobs", "dependencies": {"@shop/db": "*"}},
        "apps/jobs/serverless.yml": LAMBDA,
    }
    if server:
        files["apps/api/package.json"] = {
            "name": "api",
            "dependencies": {"@shop/db": "*", "express": "5.1.0"},
            "scripts": {"start": "node dist/server.js"},
        }
        files["apps/api/Procfile"] = "web: node dist/server.js\n"
    return write(root, files)


@pytest.mark.parametrize(("server", "expected"), [(False, ["PF501"]), (True, [])])
def test_a_url_of_several_programs_is_for_serverless_only_if_all_of_them_are(
    tmp_path: Path, server: bool, expected: list[str]
) -> None:
    assert codes(monorepo(tmp_path, server=server)) == expected


@pytest.mark.parametrize("order", list(itertools.permutations(("PF502", "PF503", "PF501"))))
def test_with_the_pooler_first_or_all_at_once_the_url_is_the_same(tmp_path: Path, order: tuple[str, ...]) -> None:
    wanted = f"DATABASE_URL={POOLED}{FLAG}&{LIMITS}\n"
    assert fixed(shop(tmp_path / "at once", f"DATABASE_URL={DIRECT}\n")) == wanted
    root = shop(tmp_path / "apart", f"DATABASE_URL={DIRECT}\n")
    for code in order:
        after = fixed(root, code)
    if order.index("PF502") < order.index("PF501"):
        assert after == wanted
    else:  # the limit was chosen for the direct connection, and a limit that is there stays
        assert after == wanted.replace("connection_limit=1", "connection_limit=3")
    assert fixed(root, "PF501", "PF502", "PF503") == after


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DATABASE_URL={}", "DATABASE_URL={}"),
        ("export DATABASE_URL='{}' # ours", "export DATABASE_URL='{}' # ours"),
        ('  DATABASE_URL = "{}"', '  DATABASE_URL = "{}"'),
        ("DATABASE_URL=`{}`", "DATABASE_URL=`{}`"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_the_line_keeps_its_form(tmp_path: Path, line: str, expected: str, ending: str) -> None:
    before = f"A=1\n{line.format(POOLED + FLAG)}{ending}"
    after = f"A=1\n{expected.format(POOLED + FLAG + '&' + LIMITS)}{ending}"
    assert fixed(shop(tmp_path, before), "PF501") == after


def test_an_interactive_transaction_in_a_test_is_none_of_the_program(tmp_path: Path) -> None:
    text = SOURCE + "test('x', () => prisma.$transaction(async (tx) => tx.user.count()));\n"
    root = shop(tmp_path, f"DATABASE_URL={POOLED}{FLAG}\n", src__a_test=None, **{"src__a.test.ts": text})
    assert "connection_limit=1&" in fixed(root, "PF501")


@pytest.mark.parametrize(
    ("call", "limit"),
    [("prisma.$transaction([prisma.user.count()])", 1), ("prisma.$transaction((tx) => tx.user.count())", 3)],
)
def test_a_list_of_queries_needs_one_connection(tmp_path: Path, call: str, limit: int) -> None:
    root = shop(
        tmp_path, f"DATABASE_URL={POOLED}{FLAG}\n", **{"src__b.ts": f"{SOURCE}export const b = () => {call};\n"}
    )
    assert f"connection_limit={limit}&" in fixed(root, "PF501")


def test_where_the_same_variable_is_kept_elsewhere_is_said(tmp_path: Path) -> None:
    kept = LAMBDA.replace("  name: aws\n", "  name: aws\n  environment:\n    DATABASE_URL: ${ssm:/shop/url}\n")
    root = shop(tmp_path, f"DATABASE_URL={POOLED}{FLAG}\n", **{"serverless.yml": kept})
    (told,) = run(root, Options(jobs=1, select=("PF501",))).findings
    needed = "set connection_limit=1, pool_timeout=20, connect_timeout=10 there too"
    assert f"DATABASE_URL comes from elsewhere in serverless.yml:5: {needed}" in told.reason
    assert f"serverless.yml:5 DATABASE_URL is kept elsewhere: {needed}" in evidence(told)


STORES: dict[str, object] = {
    "serverless.yml": LAMBDA.replace("aws\n", "aws\n  environment:\n    DATABASE_URL: ${ssm:/shop/url}\n"),
    "template.yaml": "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n"
    "      Environment:\n        Variables:\n          DATABASE_URL: !Ref Url\n"
    "          DIRECT_URL: '{{resolve:secretsmanager:shop:SecretString:url}}'\n",
    "other.template.yaml": "# AWS::\nResources:\n  A:\n    Properties:\n      Environment:\n        Variables:\n"
    "          DATABASE_URL: '{{resolve:secretsmanager:shop:SecretString:url}}'\n",
    "k8s/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
    "        - name: web\n          env:\n            - name: DATABASE_URL\n              valueFrom:\n"
    "                secretKeyRef: {name: db, key: url}\n",
    "compose.yaml": "services:\n  web:\n    build: .\n    environment:\n      DATABASE_URL: ${SHOP_DB}\n",
    "vercel.json": {"env": {"DATABASE_URL": "@shop-db"}},
    ".github/workflows/deploy.yml": "env:\n  DATABASE_URL: ${{ secrets.DATABASE_URL }}\n",
}


@pytest.mark.parametrize(
    ("rule", "url", "needed"),
    [
        ("PF501", DIRECT, "connection_limit=3, pool_timeout=20, connect_timeout=10"),
        ("PF502", DIRECT, "the pooler's host and pgbouncer=true"),
        ("PF503", POOLED, "pgbouncer=true"),
    ],
)
def test_each_store_of_secrets_is_named_with_what_to_set_there(
    tmp_path: Path, rule: str, url: str, needed: str
) -> None:
    root = shop(tmp_path, f"DATABASE_URL={url}\n", **STORES)
    (told,) = run(root, Options(jobs=1, select=(rule,))).findings
    stores = [line for line in evidence(told) if "kept elsewhere" in line]
    where = {f"{line.split()[0].partition(':')[0]}" for line in stores}
    of_servers = {"compose.yaml", "k8s/web.yaml"} if rule != "PF503" else set()
    assert where == set(STORES) - of_servers and all(f": set {needed} there too" in line for line in stores)
    assert ("compose.yaml:5 DATABASE_URL is kept elsewhere (SHOP_DB)" in " ".join(stores)) == (rule == "PF503")


def test_a_reference_alone_is_no_finding(tmp_path: Path) -> None:
    assert codes(shop(tmp_path, "A=1\n", **STORES)) == []


def test_a_reference_of_another_program_is_not_named(tmp_path: Path) -> None:
    other = {
        f"apps/other/{path}": content for path, content in STORES.items() if not path.startswith((".github", "comp"))
    }
    files = {
        "apps/other/package.json": package("other"),
        "apps/other/prisma/schema.prisma": SCHEMA.format("", "DATABASE_URL"),
    }
    root = shop(tmp_path, f"DATABASE_URL={POOLED}{FLAG}\n", **files, **other)
    (told,) = run(root, Options(jobs=1, select=("PF501",))).findings
    assert "kept elsewhere" not in " ".join(evidence(told))


def evidence(told: Reported) -> list[str]:
    return [f"{one.path}:{one.line} {one.text}" for one in told.finding.evidence]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# prismafix-ignore PF501 -- one instance\nDATABASE_URL={}", []),
        ("# prismafix-ignore-file PF5\nA=1\nDATABASE_URL={}", []),
        ("# prismafix-ignore PF503\nDATABASE_URL={}", ["PF002", "PF501"]),
        ("# prismafix-ignore PF501\nA=1\nDATABASE_URL={}", ["PF002", "PF501"]),
        ("A='# prismafix-ignore PF501'\nDATABASE_URL={}", ["PF501"]),
    ],
)
def test_suppressions_in_an_env_file(tmp_path: Path, comment: str, expected: list[str]) -> None:
    root = shop(tmp_path, comment.format(POOLED + FLAG) + "\n")
    result = run(root, Options(jobs=1))
    assert sorted(f.finding.code for f in result.findings if f.state != "suppressed") == expected


def test_an_unused_suppression_goes_with_its_line(tmp_path: Path) -> None:
    root = shop(tmp_path, f"A=1\n# prismafix-ignore PF503\nDATABASE_URL={POOLED}{FLAG}&connection_limit=2\n")
    assert fixed(root, "PF002") == f"A=1\nDATABASE_URL={POOLED}{FLAG}&connection_limit=2\n"


def test_no_finding_repeats_the_password(tmp_path: Path) -> None:
    root = shop(tmp_path, f"DATABASE_URL={DIRECT}\n", prisma__migrations__lock="x")
    result = run(root, Options(jobs=1, apply=True, unsafe=True))
    assert {f.finding.code for f in result.findings} >= {"PF501", "PF502", "PF506"}
    for reported in result.findings:
        texts = [reported.finding.message, reported.reason, reported.title, reported.finding.label]
        texts += [evidence.text for evidence in reported.finding.evidence] + [repr(reported.finding)]
        assert PASSWORD not in json.dumps(texts)


_CONFIG = "export default {{ {}datasource: {{ url: {}{} }} }};\n"


@pytest.mark.parametrize(
    ("prisma", "config", "expected"),
    [
        ("7.1.0", ("", 'env("DATABASE_URL")', ""), ["PF506 prisma.config.ts unsafe"]),
        ("7.1.0", ("", "process.env.DATABASE_URL ?? ''", ""), ["PF506 prisma.config.ts unsafe"]),
        ("7.1.0", ("", "process.env.DIRECT ?? process.env.DATABASE_URL", ""), []),
        ("7.1.0", ("", "'postgresql://localhost/shop'", ""), []),
        ("7.1.0", ("", f"'{DIRECT}'", ""), []),
        ("7.1.0", ("", f"'{POOLED}'", ""), ["PF506 prisma.config.ts unsafe"]),
        ("7.1.0", None, []),
        ("6.19.0", ("engine: 'classic', ", "env('DATABASE_URL')", ""), ["PF506 prisma.config.ts unsafe"]),
        ("6.19.0", ("engine: 'classic', ", "env('DIRECT')", ""), []),
        ("6.19.0", ("engine: 'classic', ", "env('DATABASE_URL')", ", directUrl: env('DIRECT')"), []),
        ("6.19.0", None, ["PF506 prisma/schema.prisma unsafe"]),
    ],
)
def test_migrations_get_the_url_of_the_configuration(
    tmp_path: Path, prisma: str, config: tuple[str, str, str] | None, expected: list[str]
) -> None:
    files: dict[str, object] = {
        "package.json": package(prisma=prisma),
        "prisma/migrations/migration_lock.toml": "",
        "prisma.config.ts": _CONFIG.format(*config) if config is not None else None,
    }
    if prisma.startswith("7"):
        files["prisma/schema.prisma"] = SCHEMA.format("", "X").replace('  url      = env("X")\n', "")
    root = shop(tmp_path, f"DATABASE_URL={POOLED}?pgbouncer=true&connection_limit=1\n", **files)
    told = found(run(root, Options(jobs=1, select=("PF506",))))
    assert [" ".join(one) for one in told] == expected


def test_a_pooled_url_in_the_configuration_becomes_the_direct_one(tmp_path: Path) -> None:
    files = {
        "package.json": package(prisma="7.1.0"),
        "prisma.config.ts": _CONFIG.format("", f"`{POOLED}?sslmode=require&pgbouncer=true`", ""),
        "prisma/migrations/migration_lock.toml": "",
    }
    [change] = run(shop(tmp_path, "", **files), Options(jobs=1, apply=True, unsafe=True, select=("PF506",))).changes
    assert change.after is not None and f"`{DIRECT}?sslmode=require`".encode() in change.after
