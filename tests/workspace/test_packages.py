"""Packages, who manages them, and their Prisma versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prismafix.workspace.discover import discover_workspace
from prismafix.workspace.versions import lower_bound
from tests.workspace.making import SCHEMA, discover, only, repository, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLIENT = {"dependencies": {"@prisma/client": "^6.1.0"}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("^6.1.0", (6, 1, 0)),
        ("~5", (5, 0, 0)),
        (">=4", (4, 0, 0)),
        ("5.22.0", (5, 22, 0)),
        ("v5.1", (5, 1, 0)),
        ("6.x", (6, 0, 0)),
        (">=4.2.0 <7", (4, 2, 0)),
        ("7.1.0 || 5.0.0 || 6", (5, 0, 0)),
        ("npm:@prisma/client@6.3.1", (6, 3, 1)),
        ("6.20.0-dev.1", (6, 20, 0)),
        ("4.0.0 - 5.0.0", (4, 0, 0)),
        ("latest", None),
        ("*", None),
        ("", None),
        ("next", None),
        ("<7", None),
        ("workspace:*", None),
        ("workspace:^6.2.0", (6, 2, 0)),
        ("github:prisma/prisma", None),
        ("file:../client-6", None),
        ("link:../x", None),
    ],
)
def test_the_lower_bound_of_a_range(spec: str, expected: tuple[int, int, int] | None) -> None:
    assert lower_bound(spec) == expected


_LOCKS = {
    "package-lock v3": (
        "package-lock.json",
        '{\n"lockfileVersion": 3,\n"packages": {\n"": {"dependencies": {"@prisma/client": "^6.1.0"}},\n'
        '"node_modules/@prisma/client": {\n  "version": "6.5.0",\n  "peerDependencies": {"prisma": "*"}\n}\n}\n}',
        "npm",
    ),
    "package-lock v1": (
        "package-lock.json",
        '{\n"lockfileVersion": 1,\n"dependencies": {\n'
        '"@prisma/client": {\n"version": "6.5.0",\n"requires": {}\n}\n}\n}',
        "npm",
    ),
    "pnpm v9": (
        "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@prisma/client':\n"
        "        specifier: ^6.1.0\n        version: 6.5.0(prisma@6.5.0)(typescript@5.9.2)\n\npackages:\n\n"
        "  '@prisma/client@6.5.0':\n    resolution: {integrity: x}\n",
        "pnpm",
    ),
    "pnpm v6 of one package": (
        "pnpm-lock.yaml",
        "lockfileVersion: '6.0'\n\ndependencies:\n  '@prisma/client':\n"
        "    specifier: ^6.1.0\n    version: 6.5.0(prisma@6.5.0)\n\n"
        "packages:\n\n  /@prisma/client@6.5.0(prisma@6.5.0):\n    resolution: {integrity: x}\n",
        "pnpm",
    ),
    "pnpm v5": (
        "pnpm-lock.yaml",
        "lockfileVersion: 5.4\n\nspecifiers:\n"
        "  '@prisma/client': ^6.1.0\n\ndependencies:\n  '@prisma/client': 6.5.0_prisma@6.5.0\n\n"
        "packages:\n\n  /@prisma/client/6.5.0_prisma@6.5.0:\n    resolution: {integrity: x}\n",
        "pnpm",
    ),
    "yarn classic": (
        "yarn.lock",
        '# yarn lockfile v1\n\n"@prisma/client@^4.0.0":\n  version "4.9.0"\n\n'
        '"@prisma/client@>=5", "@prisma/client@^6.1.0":\n  version "6.5.0"\n  resolved "x"\n',
        "yarn",
    ),
    "yarn berry": (
        "yarn.lock",
        "__metadata:\n  version: 8\n\n"
        '"@prisma/client@npm:^6.1.0":\n  version: 6.5.0\n  resolution: "@prisma/client@npm:6.5.0"\n',
        "yarn",
    ),
    "bun": (
        "bun.lock",
        '{\n  "workspaces": {"": {"dependencies": {"@prisma/client": "^6.1.0"}}},\n  "packages": {\n'
        '    "@prisma/client": ["@prisma/client@6.5.0", "", {}, "sha512-x"],\n  }\n}',
        "bun",
    ),
}


@pytest.mark.parametrize(("name", "text", "manager"), _LOCKS.values(), ids=_LOCKS)
def test_the_version_that_a_lock_file_has(tmp_path: Path, name: str, text: str, manager: str) -> None:
    package = only(discover(tmp_path, {"package.json": CLIENT, name: text}))
    assert (package.prisma_version, package.prisma_version_source, package.manager) == ((6, 5, 0), name, manager)


def test_every_importer_of_a_pnpm_lock_has_its_own_version(tmp_path: Path) -> None:
    lock = (
        "importers:\n\n  .: {}\n\n  apps/a:\n    dependencies:\n"
        "      '@prisma/client':\n        specifier: ^5\n        version: 5.1.0\n\n"
        "  apps/ab:\n    dependencies:\n"
        "      '@prisma/client':\n        specifier: ^6\n        version: 6.2.0(prisma@6.2.0)\n\npackages:\n"
    )
    files = {
        f"apps/{name}/package.json": {"dependencies": {"@prisma/client": spec}}
        for name, spec in (("a", "^5"), ("ab", "^6"))
    }
    workspace = discover(tmp_path, {"pnpm-lock.yaml": lock, "pnpm-workspace.yaml": "packages: ['apps/*']\n", **files})
    assert [(package.root, package.prisma_version) for package in workspace.packages] == [
        ("apps/a", (5, 1, 0)),
        ("apps/ab", (6, 2, 0)),
    ]


def test_a_nested_copy_of_npm_wins_over_the_hoisted_one(tmp_path: Path) -> None:
    versions = {"node_modules/@prisma/client": "5.0.0", "api/node_modules/@prisma/client": "6.0.1"}
    lock = json.dumps({"packages": {path: {"version": version} for path, version in versions.items()}})
    files = {"package.json": {"workspaces": ["api", "web"]}, "api/package.json": CLIENT, "web/package.json": CLIENT}
    workspace = discover(tmp_path, {"package-lock.json": lock, **files})
    assert only(workspace, "api").prisma_version == (6, 0, 1)
    assert only(workspace, "web").prisma_version == (5, 0, 0)


def test_two_locked_versions_and_no_way_to_tell_lead_to_the_range(tmp_path: Path) -> None:
    lock = '"@prisma/client@^6.0.0":\n  version "6.0.0"\n\n"@prisma/client@^6.4.0":\n  version "6.5.0"\n'
    package = only(discover(tmp_path, {"package.json": CLIENT, "yarn.lock": lock}))
    assert (package.prisma_version, package.prisma_version_source) == ((6, 1, 0), "package.json (^6.1.0)")


def test_a_catalog_and_a_lock_above_the_root(tmp_path: Path) -> None:
    workspace_yaml = (
        "packages:\n  - apps/*\ncatalog:\n  '@prisma/client': ^7.1.0\ncatalogs:\n  old:\n    prisma: ~5.2\n"
    )
    repository(
        tmp_path,
        {
            "pnpm-workspace.yaml": workspace_yaml,
            "apps/a/package.json": {"dependencies": {"@prisma/client": "catalog:"}},
            "apps/b/package.json": {"dependencies": {"prisma": "catalog:old"}},
            "single/package.json": CLIENT,
            "package-lock.json": '{"packages": {"node_modules/@prisma/client": {"version": "6.7.0"}}}',
        },
    )
    workspace = discover_workspace(tmp_path)
    assert only(workspace, "apps/b").prisma_version == (5, 2, 0)
    package = only(discover_workspace(tmp_path / "single"))
    assert (package.prisma_version, package.prisma_version_source, package.manager) == (
        (6, 7, 0),
        "../package-lock.json",
        "npm",
    )


def test_a_catalog_without_a_lock(tmp_path: Path) -> None:
    files = {"pnpm-workspace.yaml": "packages: [a]\ncatalog: {'@prisma/client': ^7.1.0}\n"}
    workspace = discover(tmp_path, {**files, "a/package.json": {"dependencies": {"@prisma/client": "catalog:"}}})
    assert only(workspace, "a").prisma_version == (7, 1, 0)


def test_members_of_workspaces_and_independent_packages(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "mono/package.json": {
                "workspaces": {"packages": ["packages/*", "./tools/**", "!packages/legacy"]},
                "packageManager": "yarn@4.1.0",
            },
            "mono/packages/db/package.json": {"name": "@x/db"},
            "mono/packages/legacy/package.json": {"name": "legacy"},
            "mono/tools/a/b/package.json": {"name": "deep"},
            "example/package.json": {"name": "@x/db"},
            "twice/package.json": {"name": "legacy"},
        },
    )
    found = {package.root: (package.workspace_root, package.manager) for package in workspace.packages}
    assert found == {
        "example": (None, None),
        "mono": ("mono", "yarn"),
        "mono/packages/db": ("mono", "yarn"),
        "mono/packages/legacy": (None, "yarn"),
        "mono/tools/a/b": ("mono", "yarn"),
        "twice": (None, None),
    }
    database = workspace.package_by_name("@x/db")
    assert database is not None and database.root == "mono/packages/db"
    assert workspace.package_by_name("legacy") is None
    assert workspace.package_by_name("nobody") is None


def test_the_innermost_package_of_a_file(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path, {"package.json": {"name": "root"}, "a/package.json": {"name": "a"}, "a/src/x.ts": "", "y.ts": ""}
    )
    names = {
        path: package.name
        for path in ("a/src/x.ts", "y.ts", "a/package.json")
        if (package := workspace.package_of(path))
    }
    assert names == {"a/src/x.ts": "a", "y.ts": "root", "a/package.json": "a"}
    assert discover(tmp_path / "none", {"z.ts": ""}).package_of("z.ts") is None


def test_malformed_files_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "package.json": '{"name": "root",}',
            "list/package.json": "[]",
            "good/package.json": {
                "name": "good",
                "dependencies": {"next": "15", "odd": 3},
                "scripts": ["x"],
                "prisma": "x",
            },
            "pnpm-workspace.yaml": "packages:\n  - a\n bad: [",
            "tsconfig.json": "{ not json",
        },
    )
    assert [package.name for package in workspace.packages] == ["good"]
    assert only(workspace, "good").dependencies == {"next": "15"}
    messages = {one.path: one.message for one in workspace.problems}
    assert sorted(messages) == ["list/package.json", "package.json", "pnpm-workspace.yaml", "tsconfig.json"]
    assert messages["package.json"].startswith("not valid JSON (")
    assert "line 1 column" in messages["package.json"]
    assert messages["list/package.json"] == "not a JSON object; the package is left out, fix the file"
    assert messages["pnpm-workspace.yaml"] == "not valid YAML (line 3); what it says is not known, fix the file"
    assert messages["tsconfig.json"].startswith("not valid JSON with comments (")
    assert all("\n" not in message for message in messages.values())


def test_entry_points_and_the_seed(tmp_path: Path) -> None:
    package = only(
        discover(
            tmp_path,
            {
                "package.json": {
                    "type": "module",
                    "main": "./dist/index.js",
                    "bin": {"x": "bin/x.mjs"},
                    "scripts": {
                        "start": "node dist/server.js",
                        "dev": "tsx watch --env-file=.env ./src/server.ts && eslint src",
                    },
                    "prisma": {"seed": "tsx prisma/seed.ts"},
                    "exports": {".": "./src/index.ts"},
                    "imports": {"#app/*": "./app/*"},
                    "private": True,
                    "prismafix": {"ignore": ["PF303"]},
                }
            },
        )
    )
    assert package.entry_points == ("dist/index.js", "bin/x.mjs", "dist/server.js", "src/server.ts", "prisma/seed.ts")
    assert package.prisma_seed == "tsx prisma/seed.ts"
    assert (package.module_system, package.private) == ("esm", True)
    assert package.exports == {".": "./src/index.ts"}
    assert package.imports == {"#app/*": "./app/*"}
    assert package.config == {"ignore": ["PF303"]}


def test_the_seed_of_a_prisma_config(tmp_path: Path) -> None:
    config = 'export default defineConfig({\n  migrations: {\n    seed: "tsx db/seed.ts",\n  },\n})\n'
    package = only(discover(tmp_path, {"package.json": {}, "prisma.config.ts": config}))
    assert package.prisma_seed == "tsx db/seed.ts"
    assert package.entry_points == ("db/seed.ts",)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"package.json": {"dependencies": {"next": "15"}}}, False),
        ({"package.json": CLIENT}, True),
        ({"package.json": {"devDependencies": {"prisma": "6"}}}, True),
        ({"prisma/schema.prisma": SCHEMA}, True),
        ({"a.ts": ""}, False),
    ],
)
def test_whether_prisma_is_used(tmp_path: Path, files: Mapping[str, object], expected: bool) -> None:
    assert discover(tmp_path, files).uses_prisma is expected


def test_a_package_without_prisma_of_its_own_has_the_version_of_its_workspace(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": {**CLIENT, "workspaces": ["a"]}, "a/package.json": {}, "b/package.json": {}})
    workspace = discover_workspace(tmp_path)
    assert only(workspace, "a").prisma_version == (6, 1, 0)
    assert only(workspace, "b").prisma_version is None
