"""Where a package runs, on what evidence, and what is a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.making import discover, only

if TYPE_CHECKING:
    from pathlib import Path

Files = dict[str, object]


def depends(*names: str, **rest: object) -> dict[str, object]:
    return {"dependencies": dict.fromkeys(names, "1.0.0"), **rest}


START: dict[str, object] = {"start": "node dist/main.js"}


@pytest.mark.parametrize(
    ("files", "target", "evidence"),
    [
        ({"package.json": depends("next"), "vercel.json": {}}, "serverless", ["vercel.json:0"]),
        ({"package.json": depends("next", "@vercel/analytics")}, "serverless", ["package.json:4"]),
        ({"package.json": depends("next")}, "unknown", []),
        ({"package.json": {}, "netlify.toml": "[build]\n"}, "serverless", ["netlify.toml:0"]),
        ({"package.json": {}, "serverless.yml": "provider: aws\n"}, "serverless", ["serverless.yml:0"]),
        ({"package.json": {}, "serverless.ts": "export default { provider: {} }"}, "serverless", ["serverless.ts:0"]),
        ({"package.json": depends("@types/aws-lambda")}, "serverless", ["package.json:3"]),
        ({"package.json": depends("express", "serverless-http", scripts=START)}, "serverless", ["package.json:4"]),
        ({"package.json": depends("firebase-functions")}, "serverless", ["package.json:3"]),
        (
            {"package.json": {}, "Dockerfile": 'FROM public.ecr.aws/lambda/nodejs:20\nCMD ["a"]\n'},
            "serverless",
            ["Dockerfile:0"],
        ),
        ({"package.json": depends("hono"), "wrangler.jsonc": "{}"}, "edge", ["wrangler.jsonc:0"]),
        ({"package.json": depends("@cloudflare/workers-types", "wrangler")}, "edge", ["package.json:4"]),
        (
            {"package.json": depends("next"), "Dockerfile": "FROM node\n\nCMD node server.js\n"},
            "server",
            ["Dockerfile:3"],
        ),
        ({"package.json": {}, "Dockerfile": "FROM node AS base\nRUN npm ci\n"}, "unknown", []),
        ({"package.json": {}, "fly.toml": ""}, "server", ["fly.toml:0"]),
        ({"package.json": {}, "Procfile": "web: node ."}, "server", ["Procfile:0"]),
        ({"package.json": {}, "app.yaml": "runtime: nodejs20\n"}, "server", ["app.yaml:0"]),
        ({"package.json": {}, "app.yaml": "kind: Deployment\n"}, "unknown", []),
        ({"package.json": depends("express", scripts=START)}, "server", ["package.json:6"]),
        ({"package.json": depends("express")}, "unknown", []),
        ({"package.json": depends("express", scripts={"start": "next start"})}, "unknown", []),
        ({"package.json": {}, "vercel.json": {}, "fly.toml": ""}, "unknown", ["fly.toml:0", "vercel.json:0"]),
        ({"package.json": depends("express", scripts=START), "vercel.json": {}}, "serverless", ["vercel.json:0"]),
        ({"package.json": {}, "examples/vercel.json": {}}, "unknown", []),
    ],
)
def test_target_and_evidence(tmp_path: Path, files: Files, target: str, evidence: list[str]) -> None:
    package = only(discover(tmp_path, files))
    assert package.target == target
    assert [f"{one.path}:{one.line}" for one in package.target_evidence] == evidence


def units(root: Path, files: Files) -> dict[str, tuple[str, str]]:
    return {unit.root: (unit.kind, unit.target) for unit in discover(root, files).units}


def test_handlers_of_the_serverless_framework(tmp_path: Path) -> None:
    yaml = (
        "provider: {name: aws}\ncustom: !Sub x\nfunctions:\n  a:\n    handler: src/a.handler\n  b:\n"
        "    handler: 'src/b/index.main' # why\n  c:\n    handler: dist/c.handler\n"
        "  gone:\n    handler: src/gone.handler\n"
    )
    files: Files = {
        "package.json": {},
        "serverless.yml": yaml,
        "src/a.ts": "",
        "src/b/index.js": "",
        "src/c.ts": "",
        "src/lib.ts": "",
    }
    workspace = discover(tmp_path, files)
    assert {unit.root: (unit.kind, unit.evidence.line) for unit in workspace.units} == {
        "src/a.ts": ("function", 5),
        "src/b/index.js": ("function", 7),
        "src/c.ts": ("function", 9),
    }
    unit = workspace.unit_of("src/a.ts")
    assert unit is not None and unit.root == "src/a.ts"
    assert workspace.unit_of("src/lib.ts") is None


def test_functions_of_sam(tmp_path: Path) -> None:
    template = (
        "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    CodeUri: services/\nResources:\n"
        "  A:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      Handler: a.handler\n      Role: !GetAtt R.Arn\n"
        "  B:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: other, Handler: x/b.main}\n"
        "  C:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: bundle.handler}\n"
        "    Metadata:\n      BuildProperties:\n        EntryPoints: [c.ts]\n"
    )
    files: Files = {
        "package.json": {},
        "template.yaml": template,
        "services/a.ts": "",
        "other/x/b.js": "",
        "services/c.ts": "",
    }
    found = units(tmp_path, files)
    assert found == dict.fromkeys(("services/a.ts", "other/x/b.js", "services/c.ts"), ("function", "serverless"))


def test_folders_in_which_each_file_is_a_function(tmp_path: Path) -> None:
    netlify: Files = {
        "package.json": {},
        "netlify.toml": '[functions]\ndirectory = "fn"\n',
        "fn/a.ts": "",
        "netlify/functions/b.ts": "",
    }
    found = units(tmp_path / "netlify", netlify)
    assert found == dict.fromkeys(("fn", "netlify/functions"), ("function-file", "serverless"))
    vercel: Files = {"package.json": {}, "vercel.json": {}, "api/a.ts": ""}
    assert units(tmp_path / "vercel", vercel) == {"api": ("function-file", "serverless")}
    next_app: Files = {"package.json": depends("next", scripts={"dev": "next dev"}), "vercel.json": {}, "api/a.ts": ""}
    assert units(tmp_path / "next", next_app) == {"": ("app", "serverless")}
    assert units(tmp_path / "plain", {"package.json": {}, "api/a.ts": ""}) == {}
    supabase: Files = {"supabase/functions/hello/index.ts": ""}
    assert units(tmp_path / "supabase", supabase) == {"supabase/functions": ("function-file", "edge")}


def test_a_vercel_build_of_one_file(tmp_path: Path) -> None:
    config = {"builds": [{"src": "src/index.ts", "use": "@vercel/node"}]}
    found = units(tmp_path, {"package.json": {}, "vercel.json": config, "src/index.ts": ""})
    assert found == {"src/index.ts": ("function", "serverless")}


def test_apps_services_and_workers_and_the_innermost_unit(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "package.json": {"workspaces": ["apps/*"]},
            "apps/web/package.json": depends("next", scripts={"dev": "next dev"}),
            "apps/web/jobs/wrangler.toml": "",
            "apps/web/jobs/x.ts": "",
            "apps/api/package.json": depends("@nestjs/core", scripts={"start": "nest start"}),
            "apps/ui/package.json": {"peerDependencies": {"next": "15"}},
        },
    )
    assert {unit.root: (unit.kind, unit.target) for unit in workspace.units} == {
        "apps/web": ("app", "unknown"),
        "apps/web/jobs": ("worker", "edge"),
        "apps/api": ("service", "server"),
    }
    unit = workspace.unit_of("apps/web/jobs/x.ts")
    assert unit is not None and unit.root == "apps/web/jobs"
    assert only(workspace, "apps/web").target == "unknown"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"package.json": depends("next", scripts={"dev": "next dev --turbo"})}, True),
        ({"package.json": depends("next"), "next.config.mjs": ""}, True),
        ({"package.json": depends("next")}, False),
        ({"package.json": depends("@remix-run/react", scripts={"dev": "remix vite:dev"})}, True),
        ({"package.json": depends("@react-router/dev", scripts={"dev": "react-router dev"})}, True),
        ({"package.json": depends("@sveltejs/kit", scripts={"dev": "vite dev"})}, True),
        ({"package.json": depends("nuxt", scripts={"dev": "nuxi dev"})}, True),
        ({"package.json": depends("astro", scripts={"dev": "astro dev"})}, True),
        ({"package.json": depends("vite", scripts={"dev": "node server"}), "src/entry-server.tsx": ""}, True),
        ({"package.json": depends("vite", scripts={"dev": "vite"})}, False),
        ({"package.json": depends("express", scripts={"dev": "nodemon"})}, False),
    ],
)
def test_which_development_servers_evaluate_modules_again(tmp_path: Path, files: Files, expected: bool) -> None:
    assert only(discover(tmp_path, files)).hot_reload is expected


def test_frameworks_by_their_standard_names(tmp_path: Path) -> None:
    names = (
        "next",
        "@nestjs/core",
        "express",
        "@trpc/server",
        "@types/aws-lambda",
        "wrangler",
        "@vercel/og",
        "@netlify/functions",
    )
    found = only(discover(tmp_path, {"package.json": depends(*names)})).frameworks
    assert found == {"next", "nest", "express", "trpc", "aws-lambda", "cloudflare-workers", "vercel", "netlify"}


def test_malformed_configuration_is_named(tmp_path: Path) -> None:
    files: Files = {
        "package.json": {},
        "netlify.toml": "[build\n",
        "serverless.yml": "provider: [",
        "template.yml": "AWS::Serverless: [",
    }
    workspace = discover(tmp_path, files)
    assert [one.path for one in workspace.problems] == ["netlify.toml", "serverless.yml", "template.yml"]
    assert only(workspace).target == "serverless"
