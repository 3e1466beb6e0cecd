"""Which settings each form of file gives, and where."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING

import pytest

from prismafix.workspace.discover import discover_workspace
from prismafix.workspace.settings import setting_problems, settings_of, written
from tests.workspace.making import SCHEMA, discover, git, repository, write

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.workspace.settings import Setting
    from prismafix.workspace.workspace import Workspace

URL = "postgresql://u:pä@h:5432/db"
# A file, in which <U> is a connection string and «…» the value of a setting as it stands there; of each setting its
# name, what it is for, and its value where that is not just what stands there.
FILES: list[tuple[str, str, list[tuple[str, ...]]]] = [
    (".env", 'A=1\nDATABASE_URL="«<U>»" # dev\n', [("DATABASE_URL", "")]),
    (".env.local", "export DB='«<U>»'\r\n", [("DB", "")]),
    (".env", "DATABASE_URL=<U>\nDATABASE_URL=«<U>2»\n", [("DATABASE_URL", "")]),
    (".env", "DATABASE_URL=«»\nSUPABASE_URL=https://x.supabase.co\nTOKEN_FILE=file:/x\n", [("DATABASE_URL", "")]),
    (".env", "APP_DB_URL=«${DATABASE_URL}»\nSITE_URL=$X\n", [("APP_DB_URL", "")]),
    (".env", 'X="${Y:-«mysql://u@h/d»}"\n', [("X", "")]),
    ("web/prod.env", "DATABASE_URL: «<U>»\n", [("DATABASE_URL", "")]),
    ("a.txt", "DATABASE_URL=<U>\n", []),
    (
        "docker-compose.yml",
        """
services:
  web:
    environment:
      X: 1
      DATABASE_URL: «<U>» # why
    labels:
      DATABASE_URL: <U>
    build:
      args: {DIRECT_URL: «<U>»}
""",
        [("DATABASE_URL", "service web"), ("DIRECT_URL", "build of service web")],
    ),
    (
        "compose.dev.yaml",
        """
services:
  web:
    environment:
      - X=1
      - 'DATABASE_URL=«<U>»'
      - POSTGRES_URL=«<U>»
      - «DIRECT_URL»
""",
        [("DATABASE_URL", "service web"), ("POSTGRES_URL", "service web"), ("DIRECT_URL", "service web", "")],
    ),
    (
        "compose.yml",
        """
services: {web: {environment: {DATABASE_URL: '«<U>»', B: x}}, db: {environment: [A=1, DATABASE_URL=«<U>»]}}
""",
        [("DATABASE_URL", "service web"), ("DATABASE_URL", "service db")],
    ),
    (
        "compose.yml",
        """
services:
  web:
    environment:
      DATABASE_URL: ${DATABASE_URL:-«<U>»}
      DIRECT_URL:«»
      POSTGRES_URL: "«postgres://u:\\u0070\\x40@h/d»"
""",
        [
            ("DATABASE_URL", "service web"),
            ("DIRECT_URL", "service web"),
            ("POSTGRES_URL", "service web", "postgres://u:p@@h/d"),
        ],
    ),
    (
        "compose.yml",
        """
x-env: &env
  DATABASE_URL: &url «<U>»
services:
  a:
    environment:
      <<: *env
      DIRECT_URL: *url
  b:
    environment:
      <<: [*env]
""",
        [("DATABASE_URL", "service a")],
    ),
    (
        "compose.yml",
        """
services:
  a:
    environment:
      DATABASE_URL: |-
        «<U>»
      DIRECT_URL: >  # folded
        «<U>»

""",
        [("DATABASE_URL", "service a"), ("DIRECT_URL", "service a")],
    ),
    ("compose.yml", "{{ template }}\nservices:\n  a: [\n  DATABASE_URL: <U>\n", []),
    (
        "serverless.yml",
        """
provider:
  name: aws
  environment:
    DATABASE_URL: «${ssm:/db/url}»
functions:
  orders:
    handler: a.b
    environment:
      DATABASE_URL: «<U>»
""",
        [("DATABASE_URL", ""), ("DATABASE_URL", "function orders")],
    ),
    (
        "serverless.yaml",
        "functions:\n  - orders:\n      environment:\n        DATABASE_URL: «<U>»\n",
        [("DATABASE_URL", "function orders")],
    ),
    ("serverless.json", '{"provider": {"environment": {"DATABASE_URL": "«<U>»"}}}', [("DATABASE_URL", "")]),
    (
        "template.yaml",
        """
Parameters:
  Url:
    Default: «<U>»
  DbUrl:
    Type: String
Globals:
  Function:
    Environment:
      Variables:
        DATABASE_URL: '«{{resolve:secretsmanager:db}}»'
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          DATABASE_URL: !Sub '«<U>?a=${A}»'
          DIRECT_URL: !Ref «Url»
          POSTGRES_URL:
            «Fn::GetAtt: [Db, Url]»
          PG_URL: {"Fn::Sub": "«<U>»"}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Environment:
            - Name: DATABASE_URL
              Value: «<U>»
""",
        [
            ("Url", "parameter"),
            ("DATABASE_URL", ""),
            ("DATABASE_URL", "function Api"),
            ("DIRECT_URL", "function Api"),
            ("POSTGRES_URL", "function Api", ""),
            ("PG_URL", "function Api"),
            ("DATABASE_URL", "container web"),
        ],
    ),
    ("infra/stack.yml", "Resources: {}\nParameters:\n  Url:\n    Default: <U>\n", []),  # of whom, nobody knows
    (
        "vercel.json",
        """
{
  "env": {"DATABASE_URL": "«@db»", "A": "«<U>»"},
  "build": {"env": {"DIRECT_URL": "«postgres:\\/\\/h»"}}
}
""",
        [("DATABASE_URL", ""), ("A", ""), ("DIRECT_URL", "build", "postgres://h")],
    ),
    (
        "netlify.toml",
        """
[build.environment]
  DATABASE_URL = "«<U>»" # why
[context.production.environment]
DATABASE_URL = '«<U>»'
[context."deploy-preview"]
environment = { A = 1, DATABASE_URL = "«<U>»" }
""",
        [
            ("DATABASE_URL", ""),
            ("DATABASE_URL", "context production"),
            ("DATABASE_URL", "context deploy-preview"),
        ],
    ),
    (
        "fly.toml",
        """
app = 'x'
[[services]]
ports = [80, { port = 443, at = 2020-01-01 00:00:00Z }] # all
[env]
DATABASE_URL = '''«<U>»'''
""",
        [("DATABASE_URL", "")],
    ),
    (
        "wrangler.toml",
        """
vars.DATABASE_URL = "«postgres://\\u0068/d»"
[env.staging.vars]
DATABASE_URL = \"\"\"
«<U>»\"\"\"
""",
        [("DATABASE_URL", "", "postgres://h/d"), ("DATABASE_URL", "environment staging", "<U>")],
    ),
    ("wrangler.jsonc", '// it\n{"vars": {/* db */ "DATABASE_URL": "«<U>»",},}\n', [("DATABASE_URL", "")]),
    (
        "Dockerfile",
        """
FROM node AS build
ARG DATABASE_URL«»
ENV A=1 DATABASE_URL=«<U>» \\
  # why
  DIRECT_URL="«<U>»"
FROM node
ENV DATABASE_URL «<U>»
RUN <<EOF
ENV DATABASE_URL=<U>
EOF
""",
        [
            ("DATABASE_URL", "stage build"),
            ("DATABASE_URL", "stage build"),
            ("DIRECT_URL", "stage build"),
            ("DATABASE_URL", ""),
        ],
    ),
    (
        "api.Dockerfile",
        "FROM a\r\nARG DATABASE_URL='«<U>»'\r\nENV DATABASE_URL=«$DATABASE_URL» X=«postgres://a\\ b@h»\r\n",
        [("DATABASE_URL", ""), ("DATABASE_URL", ""), ("X", "", "postgres://a b@h")],
    ),
    ("Dockerfile", "# escape=`\nENV DATABASE_URL=<U>\n", []),
    (
        "k8s/api.yaml",
        """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
        - name: web
          env:
            - name: DATABASE_URL
              value: "«<U>»"
            - name: DIRECT_URL
              valueFrom: «{secretKeyRef: {name: db, key: url}}»
---
apiVersion: v1
kind: Service
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: config}
    data:
      DATABASE_URL: «<U>»
  - apiVersion: v1
    kind: Secret
    stringData:
      DIRECT_URL: «<U>»
    data:
      POSTGRES_URL: cG9zdGdyZXM6Ly9o
""",
        [
            ("DATABASE_URL", "Deployment api, container web"),
            ("DIRECT_URL", "Deployment api, container web", ""),
            ("DATABASE_URL", "ConfigMap config"),
            ("DIRECT_URL", "Secret"),
        ],
    ),
    ("values.yaml", "env:\n  DATABASE_URL: <U>\n", []),
    (
        ".github/workflows/ci.yml",
        """
env:
  DATABASE_URL: «<U>»
jobs:
  test:
    env:
      DIRECT_URL: «${{ secrets.DIRECT_URL }}»
    steps:
      - run: x
        env: {DATABASE_URL: «<U>»}
""",
        [("DATABASE_URL", ""), ("DIRECT_URL", "job test"), ("DATABASE_URL", "job test")],
    ),
    (
        ".circleci/config.yml",
        """
version: 2.1
executors:
  node:
    docker: [{image: cimg/node:20.0, environment: {DATABASE_URL: «<U>»}}]
jobs:
  test:
    docker:
      - image: cimg/node:20.0
        environment:
          DIRECT_URL: «$OTHER»
    environment:
      DATABASE_URL: "«<U>»" # the tests'
    steps:
      - run:
          command: npx prisma migrate deploy
          environment:
            DATABASE_URL: «<U>»
""",
        [
            ("DATABASE_URL", "executor node"),
            ("DIRECT_URL", "job test"),
            ("DATABASE_URL", "job test"),
            ("DATABASE_URL", "job test"),
        ],
    ),
    (
        "render.yaml",
        """
services:
  - type: web
    name: shop
    envVars:
      - key: DATABASE_URL
        value: '«<U>»' # a pooler's
      - key: DIRECT_URL
        «fromDatabase:
          name: shop
          property: connectionString»
      - «key: POSTGRES_URL
        sync: false»
      - fromGroup: more
projects:
  - name: all
    environments:
      - name: live
        envVarGroups:
          - name: more
            envVars: [{value: «<U>», key: DATABASE_URL}]
""".replace("«fromDatabase", "fromDatabase").replace("      - key: DIRECT_URL", "      - «key: DIRECT_URL"),
        [
            ("DATABASE_URL", "service shop"),
            ("DIRECT_URL", "service shop", ""),
            ("POSTGRES_URL", "service shop", ""),
            ("DATABASE_URL", "group more"),
        ],
    ),
    (
        "app.production.yaml",
        """
runtime: nodejs20
env_variables:
  PORT: 3000
  DATABASE_URL: "«<U>»"
build_env_variables: {DATABASE_URL: «<U>»}
""",
        [("DATABASE_URL", ""), ("DATABASE_URL", "build")],
    ),
    (
        ".do/app.yaml",
        """
services:
- name: web
  source_dir: /
  envs:
  - key: DATABASE_URL
    scope: RUN_TIME
    value: «${db.DATABASE_URL}»
  - {key: DIRECT_URL, value: «<U>», type: SECRET}
  - key: OTHER_URL
    value: x
""",
        [("DATABASE_URL", "service web"), ("DIRECT_URL", "service web")],
    ),
    (
        "app.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  DATABASE_URL: «<U>»\n",
        [("DATABASE_URL", "ConfigMap x")],
    ),
    (
        "infra/template.json",
        """{
  "Resources": {
    "Api": {
      "Type": "AWS::Serverless::Function",
      "Properties": {
        "Environment": { "Variables": {
          "DATABASE_URL": "«<U>»",
          "DIRECT_URL": «{ "Ref": "Url" }»,
          "POSTGRES_URL": { "Fn::Sub": "«postgres://u:${Pw}@h\\/d»" } } } }
    }
  },
  "Parameters": { "DATABASE_URL": { "Type": "String", "Default": "«<U>»" } }
}
""",
        [
            ("DATABASE_URL", "function Api"),
            ("DIRECT_URL", "function Api", ""),
            ("POSTGRES_URL", "function Api", "postgres://u:${Pw}@h/d"),
            ("DATABASE_URL", "parameter"),
        ],
    ),
    (
        "stack.template",
        """{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"A": {"Type": "AWS::Lambda::Function",
"Properties": {"Environment": {"Variables": {"DATABASE_URL": "«<U>»"}}}}}}
""",
        [("DATABASE_URL", "function A")],
    ),
    ("email-template.json", '{"DATABASE_URL": "<U>", "env": {"DATABASE_URL": "<U>"}}\n', []),
    (
        ".gitlab-ci.yml",
        """
variables:
  DATABASE_URL: «<U>»
test:
  script: !reference [a, b]
  variables:
    DIRECT_URL:
      value: «<U>»
""",
        [("DATABASE_URL", ""), ("DIRECT_URL", "job test")],
    ),
]


@pytest.mark.parametrize(("path", "marked", "expected"), FILES, ids=[f"{row[0]}-{n}" for n, row in enumerate(FILES)])
@pytest.mark.parametrize("start", ["", "\ufeff", "# ü\n"], ids=["", "bom", "ü"])
def test_the_settings_of_a_file(
    tmp_path: Path, path: str, marked: str, expected: list[tuple[str, ...]], start: str
) -> None:
    if start == "# ü\n":
        start = "" if ".json" in path or ".template" in path or marked.startswith("# escape") else start
    marked = start + marked.replace("<U>", URL)
    content = re.sub("[«»]", "", marked).encode()
    workspace = discover(tmp_path, {"package.json": {"name": "a"}, "schema.prisma": SCHEMA, path: content})
    found = of_file(workspace, path)
    places = [(match.start() - 2 * n, match[1]) for n, match in enumerate(re.finditer("«(.*?)»", marked, re.DOTALL))]
    text = content.decode()
    assert [(one.start, one.text) for one in found] == [(len(text[:at].encode()), inner) for at, inner in places]
    assert [(one.name, one.where, one.value) for one in found] == [
        (row[0], row[1], row[2].replace("<U>", URL) if len(row) > 2 else inner)
        for row, (_, inner) in zip(expected, places, strict=True)
    ]
    for one in found:
        assert content[one.start : one.end].decode() == one.text
        assert content[one.end :].decode().startswith(("}" if one.default else "") + one.quote)
        assert one.line == content[: one.start].count(b"\n") + 1
    assert setting_problems(workspace) == ()


CDK = """import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
new NodejsFunction(this, "Order", {
  entry: path.join(__dirname, "..", "web", "order.ts"),
  environment: { A: "x", DATABASE_URL: "<U>", DIRECT_URL: secret.secretValue.toString(), ...more }, // why
});
new lambda.Function(this, `other`, { environment: {
  DATABASE_URL: `postgres://u:${pw}@h/d`,
  POSTGRES_URL: process.env.DATABASE_URL!,
} });
const text = new Function("return { environment: { DATABASE_URL: '<U>' } }");
new Container(this, "c", { environment: { DATABASE_URL: "<U>" } });
new NodejsFunction(this, "none", { environment: shared });
new NodejsFunction(this, "none", props);
"""


def test_what_a_stack_sets(tmp_path: Path) -> None:
    files = {
        "package.json": {"name": "a", "devDependencies": {"aws-cdk-lib": "2"}, "workspaces": ["web"]},
        "web/package.json": {"name": "web"},
        "web/prisma/schema.prisma": SCHEMA,
        "infra/shop.ts": CDK.replace("<U>", URL),
        "lib/other.ts": CDK.replace("<U>", URL),
    }
    found = [one for one in settings_of(discover(tmp_path, files)) if one.form == "code"]
    assert [(one.path, one.name, one.where, one.value, one.package, one.reference) for one in found] == [
        ("infra/shop.ts", "DATABASE_URL", "function Order", URL, "web", False),
        ("infra/shop.ts", "DIRECT_URL", "function Order", "", "web", True),
        ("infra/shop.ts", "DATABASE_URL", "function other", "postgres://u:${pw}@h/d", "", False),
        ("infra/shop.ts", "POSTGRES_URL", "function other", 'env("DATABASE_URL")', "", True),
    ]
    assert {one.target for one in found} == {"serverless"}
    assert [written(one, f"{one.value}?a=b") is not None for one in found] == [True, False, True, False]


def of_file(workspace: Workspace, path: str) -> list[Setting]:
    return [one for one in settings_of(workspace) if one.path == path]


def test_a_schema_of_several_files(tmp_path: Path) -> None:
    main = (
        '// url = "postgres://no"\ndatasource db {\n  provider = "postgresql" /* url = "x" */\n'
        '  url = env("DATABASE_URL")\n'
        f'  directUrl = "{URL}" // url\n  shadowDatabaseUrl = env( "SHADOW" )\n}}\n'
        'generator client {\n  provider = "prisma-client-js"\n  url = "file:x"\n}\n'
    )
    workspace = discover(
        tmp_path,
        {
            "package.json": {"name": "a"},
            "packages/db/package.json": {"name": "db"},
            "packages/db/prisma/main.prisma": main,
            "packages/db/prisma/user.prisma": 'model User {\n  id Int @id @default("url = \\"x\\"")\n}\n',
            "packages/db/.env": f"SHADOW={URL[:-1]}\nOTHER=1\n",
        },
    )
    found = [(one.path, one.name, one.text, one.variable, one.quote, one.reference) for one in settings_of(workspace)]
    assert found == [
        ("packages/db/.env", "SHADOW", URL[:-1], "", "", False),
        ("packages/db/prisma/main.prisma", "url", 'env("DATABASE_URL")', "DATABASE_URL", "", True),
        ("packages/db/prisma/main.prisma", "directUrl", URL, "", '"', False),
        ("packages/db/prisma/main.prisma", "shadowDatabaseUrl", 'env( "SHADOW" )', "SHADOW", "", True),
    ]
    assert {one.package for one in settings_of(workspace)} == {"packages/db"}


@pytest.mark.parametrize(
    "config",
    [
        'import { env } from "prisma/config"\nexport default { datasource: { url: env("MAIN_DB") } }',
        "export default { datasource: { url: process.env.MAIN_DB! } }",
        "export default { datasource: { url: process.env['MAIN_DB'] } }",
    ],
)
def test_the_variable_of_a_prisma_config(tmp_path: Path, config: str) -> None:
    files = {"package.json": {"name": "a"}, "prisma.config.ts": config, ".env": "MAIN_DB=todo\nOTHER=todo\n"}
    assert [one.name for one in settings_of(discover(tmp_path, files))] == ["MAIN_DB", "url"]


@pytest.mark.parametrize(
    ("datasource", "expected"),
    [
        ("{ url: '<U>' }", ["url <U>"]),
        ("{ url: `<U>`, shadowDatabaseUrl: env<Env>(`S`) }", ["url <U>", 'shadowDatabaseUrl env("S")']),
        ("{ url: process.env.A ?? process.env['B']! /* url: x */ }", ['url env("A")', 'url env("B")']),
        ("{\n  // url: '<O>',\n  'url': env('A') || \"<U>\",\n}", ['url env("A")', "url <U>"]),
        ("{ ...more, url: '<U>', other: { url: '<O>' } }", ["url <U>"]),
        ("{ url: process.env.A ?? pick() }", []),
        ("{ url: process.env.A ?? '' }", ['url env("A")', "url "]),
        ("{ url: '<U>'.trim() }", []),
        ("{ url: `${scheme}://h/d` }", []),
        ("{ url: live ? '<U>' : '<O>' }", []),
        ("{ url: 'a\\u0062' }", []),
        ("{ get url() { return '<U>' } }", []),
        ("{ url }", []),
        ("sources", []),
        ("{ url: '<U>' }, other: { datasource: { url: '<O>' } }", []),
        ("{ url: '<U>'", ["url <U>"]),
    ],
)
def test_what_a_prisma_config_sets(tmp_path: Path, datasource: str, expected: list[str]) -> None:
    datasource = datasource.replace("<U>", URL).replace("<O>", URL.replace("@", "@other."))
    config = f"// datasource: {{ url: 'x' }}\nexport default defineConfig({{ datasource: {datasource} }});\n"
    workspace = discover(tmp_path, {"package.json": {"name": "a"}, "config/prisma.config.mts": config})
    found = settings_of(workspace)
    assert [f"{one.name} {one.value}" for one in found] == [line.replace("<U>", URL) for line in expected]
    for one in found:
        assert config.encode()[one.start : one.end].decode() == one.text
        assert written(one, "x'`\"\\") is None
        assert written(one, "mysql://h/d") == (None if one.reference else b"mysql://h/d")


@pytest.mark.parametrize(
    ("value", "variable", "reference"),
    [
        ("${DATABASE_URL}", "DATABASE_URL", True),
        ("$DB", "DB", True),
        ("${DB:?not set}", "DB", True),
        ("${env:DB_URL}", "DB_URL", True),
        ("${{ secrets.DB_URL }}", "DB_URL", True),
        ("${{ secrets.A || secrets.B }}", "", True),
        ("${ssm:/db/url}", "", True),
        ("${A}${B}", "", True),
        ("<your url>", "", False),
        ("${DB}?a=b", "", False),
        ("postgres://${U}@h/d", "", False),
    ],
)
def test_what_a_reference_refers_to(tmp_path: Path, value: str, variable: str, reference: bool) -> None:
    files = {
        "schema.prisma": SCHEMA,
        "compose.yml": f"services:\n  a:\n    environment:\n      DATABASE_URL: '{value}'\n",
    }
    [one] = of_file(discover(tmp_path, files), "compose.yml")
    assert (one.variable, one.reference) == (variable, reference)


def test_package_and_target(tmp_path: Path) -> None:
    compose = "services:\n" + "".join(
        f"  {name}:\n{build}    environment:\n      DATABASE_URL: {URL}\n"
        for name, build in {
            "a": "    build: apps/web\n",
            "b": "    build:\n      context: .\n      dockerfile: apps/web/Dockerfile\n",
            "c": "    image: web\n",
            "d": "    build: ../elsewhere\n",
            "e": "    build: ${WHERE}\n",
        }.items()
    )
    variables = f"      Environment:\n        Variables:\n          DATABASE_URL: {URL}\n"
    function = "    Type: AWS::Serverless::Function\n    Properties:\n"
    workspace = discover(
        tmp_path,
        {
            "package.json": {"name": "root", "workspaces": ["apps/*"]},
            "apps/web/package.json": {"name": "web", "dependencies": {"@netlify/functions": "1"}},
            "apps/web/.env": f"DATABASE_URL={URL}",
            "apps/web/.env.test": f"DATABASE_URL={URL}",
            "apps/api/package.json": {"name": "api"},
            "apps/api/Dockerfile": f"FROM public.ecr.aws/lambda/nodejs\nENV DATABASE_URL={URL}",
            "apps/api/fly.toml": f"[env]\nDATABASE_URL = '{URL}'",
            "Dockerfile": f"FROM node\nENV DATABASE_URL={URL}",
            "wrangler.toml": f"[vars]\nDATABASE_URL = '{URL}'",
            "template.yml": f"Resources:\n  A:\n{function}      CodeUri: apps/web/src\n{variables}",
            ".github/workflows/ci.yml": f"env:\n  DATABASE_URL: {URL}",
            "docker-compose.yml": compose,
            "test/compose.yml": f"services:\n  x:\n    environment:\n      DATABASE_URL: {URL}\n",
        },
    )
    found = [(one.path, one.where, one.package, one.target, one.sample) for one in settings_of(workspace)]
    assert found == [
        (".github/workflows/ci.yml", "", None, "unknown", True),
        ("Dockerfile", "", None, "server", False),
        ("apps/api/Dockerfile", "", "apps/api", "serverless", False),
        ("apps/api/fly.toml", "", "apps/api", "server", False),
        ("apps/web/.env", "", "apps/web", "serverless", False),
        ("apps/web/.env.test", "", "apps/web", "serverless", True),
        ("docker-compose.yml", "service a", "apps/web", "server", False),
        ("docker-compose.yml", "service b", "apps/web", "server", False),
        ("docker-compose.yml", "service c", None, "server", False),
        ("docker-compose.yml", "service d", None, "server", False),
        ("docker-compose.yml", "service e", None, "server", False),
        ("template.yml", "function A", "apps/web", "serverless", False),
        ("test/compose.yml", "service x", None, "server", True),
        ("wrangler.toml", "", "", "edge", False),
    ]


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        (".env", False),
        (".env.local", False),
        (".env.production", False),
        (".env.example", True),
        (".env.test.local", True),
        (".env.ci", True),
        (".env.sample", True),
        ("example.env", True),
        (".env.latest", False),
        (".env.template", True),
        ("template.env", False),
        ("e2e/.env", True),
    ],
)
def test_what_is_a_sample_by_its_name(tmp_path: Path, name: str, sample: bool) -> None:
    assert [one.sample for one in settings_of(discover(tmp_path, {name: f"X={URL}"}))] == [sample]


# --- the workspace
# ---------------------------------------------------------------------------------------------------------------

COMPOSE = f"services:\n  a:\n    environment:\n      DATABASE_URL: {URL}\n"


def test_the_overlay_is_read(tmp_path: Path) -> None:
    first = discover(tmp_path, {"compose.yml": COMPOSE, ".env": f"DATABASE_URL={URL}"})
    assert [one.value for one in settings_of(first)] == [URL, URL]
    second = first.with_overlay({"compose.yml": COMPOSE.replace(URL, "mysql://h/d").encode(), ".env": b"A=1"})
    assert [one.value for one in settings_of(second)] == ["mysql://h/d"]
    third = second.with_overlay({"compose.yml": None, "sub/compose.yml": COMPOSE.encode(), "x.ts": b""})
    assert [(one.path, one.value) for one in settings_of(third)] == [("sub/compose.yml", URL)]
    assert [one.path for one in settings_of(first)] == [".env", "compose.yml"]


def test_files_that_git_ignores_and_files_that_are_excluded(tmp_path: Path) -> None:
    root = repository(tmp_path, {".gitignore": ".env\ncompose.yml\n", "package.json": {"name": "a"}})
    write(root, {".env": f"DATABASE_URL={URL}", "compose.yml": COMPOSE, "sub/compose.yml": COMPOSE})
    assert "sub/compose.yml" not in git(root, "ls-files")
    assert [one.path for one in settings_of(discover_workspace(root))] == [".env"]
    write(root, {".gitignore": ".env\n"})
    found = [one.path for one in settings_of(discover_workspace(root, exclude=["sub"]))]
    assert found == [".env", "compose.yml"]


def test_a_workspace_with_settings_survives_pickling(tmp_path: Path) -> None:
    workspace = discover(tmp_path, {"compose.yml": COMPOSE})
    before = settings_of(workspace)
    assert settings_of(pickle.loads(pickle.dumps(workspace))) == before
    assert settings_of(workspace) is before


SECRET = "postgres://u:hunter2@h/d"


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (".env", f"A=ü\nDATABASE_URL={SECRET}\n".encode("latin-1"), "not UTF-8; what it sets is not known"),
        (".env", f"DATABASE_URL={SECRET}\n".encode("utf-16"), "not UTF-8; what it sets is not known"),
        ("vercel.json", f'{{"env": {{"DATABASE_URL": "{SECRET}"\n'.encode(), "not valid JSON (line 2); what it sets"),
        ("vercel.json", f'{{"DATABASE_URL": {SECRET}}}'.encode(), "not valid JSON (line 1); what it sets"),
        ("wrangler.toml", f"[vars]\nDATABASE_URL = {SECRET}\n".encode(), "not valid TOML (line 2); what it sets"),
        ("vercel.json", b"[" * 5000 + SECRET.encode(), "not valid JSON (line 1)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_of_it(
    tmp_path: Path, path: str, content: bytes, message: str
) -> None:
    workspace = discover(tmp_path, {path: content, "compose.yml": COMPOSE})
    assert setting_problems(workspace) == ()
    assert [one.path for one in settings_of(workspace)] == ["compose.yml"]
    [problem] = setting_problems(workspace)
    assert problem.path == path
    assert problem.message.startswith(message)
    assert "hunter2" not in problem.message


def test_what_is_said_by_discovery_is_not_said_again(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path, {"package.json": {"name": "a"}, "netlify.toml": f"[build.environment]\nDATABASE_URL = {SECRET}\n"}
    )
    assert settings_of(workspace) == ()
    assert [problem.path for problem in (*workspace.problems, *setting_problems(workspace))] == ["netlify.toml"]


def test_a_file_that_went_away(tmp_path: Path) -> None:
    workspace = discover(tmp_path, {".env": f"DATABASE_URL={URL}", "compose.yml": COMPOSE})
    (tmp_path / ".env").unlink()
    (tmp_path / "compose.yml").unlink()
    assert settings_of(workspace) == ()
    assert [problem.message for problem in setting_problems(workspace)] == [
        "cannot be read (No such file or directory); check its permissions"
    ]


@pytest.mark.parametrize(
    "content",
    [
        "services: &a\n  x: *a\n  environment: {DATABASE_URL: postgres://h/d}\n",
        "a: &a\n  <<: *a\nservices:\n  x:\n    environment:\n      <<: *a\n      DATABASE_URL: 3\n",
        "services:\n  x:\n    environment: DATABASE_URL\n",
        "services:\n  - environment:\n    - [DATABASE_URL]\n    - {name: DATABASE_URL}\n",
        "- DATABASE_URL\n",
        "DATABASE_URL",
        "? [DATABASE_URL]\n: 1\n",
        "[" * 3000 + "DATABASE_URL",
        "\0DATABASE_URL",
        "services:\n  x:\n    environment:\n      DATABASE_URL: !!binary aGk=\n      DIRECT_URL: !!str\n",
    ],
)
def test_odd_yaml_is_no_accident(tmp_path: Path, content: str) -> None:
    workspace = discover(tmp_path, {"compose.yml": content, "k.yaml": f"apiVersion: 1\nkind: List\n{content}"})
    assert all(one.path == "compose.yml" for one in settings_of(workspace))
    assert setting_problems(workspace) == ()


def test_no_password_is_in_the_text_of_a_setting(tmp_path: Path) -> None:
    assert "hunter2" not in repr(settings_of(discover(tmp_path, {".env": f"DATABASE_URL={SECRET}"})))
