"""Which configuration is for a file, and which aliases it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.workspace.making import discover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def test_comments_trailing_commas_and_a_byte_order_mark(tmp_path: Path) -> None:
    options = '/* x */ "strict": true, "module": "NodeNext", "paths": { "@/*": ["./src/*"], },'
    text = f'\ufeff// c\n{{ "compilerOptions": {{ {options} }}, }}'
    config = discover(tmp_path, {"tsconfig.json": text.encode(), "src/a.ts": ""}).tsconfig_for("src/a.ts")
    assert config is not None
    assert (config.path, config.paths, config.strict, config.module) == (
        "tsconfig.json",
        (("@/*", ("src/*",)),),
        True,
        "nodenext",
    )
    assert config.base_url is None


def test_values_belong_to_the_file_that_declares_them(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "config/base.json": {"compilerOptions": {"baseUrl": "..", "paths": {"@lib/*": ["libs/*"]}, "strict": True}},
            "config/extra.json": {"compilerOptions": {"verbatimModuleSyntax": True, "moduleResolution": "Bundler"}},
            "apps/web/tsconfig.json": {"extends": ["../../config/base", "../../config/extra.json", "./missing.json"]},
            "apps/api/tsconfig.json": {
                "extends": "../../config/base.json",
                "compilerOptions": {"strict": False, "paths": {"~/*": ["x/*"]}},
            },
        },
    )
    web, api = workspace.tsconfig_for("apps/web/src/a.ts"), workspace.tsconfig_for("apps/api/a.ts")
    assert web is not None and api is not None
    assert (web.base_url, web.paths, web.strict) == ("", (("@lib/*", ("libs/*",)),), True)
    assert (web.verbatim_module_syntax, web.module_resolution) == (True, "bundler")
    assert (api.paths, api.strict) == ((("~/*", ("x/*",)),), False)
    assert workspace.tsconfig_for("elsewhere/a.ts") is None
    assert workspace.problems == ()


def test_extends_a_package_of_the_workspace_or_of_node_modules(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/tsconfig/package.json": {"name": "@repo/tsconfig"},
            "packages/tsconfig/next.json": {"compilerOptions": {"strict": True}},
            "packages/app/tsconfig.json": {"extends": "@repo/tsconfig/next.json"},
            "packages/lib/tsconfig.json": {"extends": "@tsconfig/node20"},
            "packages/gone/tsconfig.json": {"extends": "@nobody/has-it/base.json"},
            "node_modules/@tsconfig/node20/tsconfig.json": {"compilerOptions": {"module": "node16"}},
        },
    )
    found = {name: workspace.tsconfig_for(f"packages/{name}/a.ts") for name in ("app", "lib", "gone")}
    assert [(name, config.strict, config.module) for name, config in found.items() if config] == [
        ("app", True, None),
        ("lib", False, "node16"),
        ("gone", False, None),
    ]


def test_extends_in_a_circle_ends(tmp_path: Path) -> None:
    workspace = discover(tmp_path, {"tsconfig.json": {"extends": "./b.json"}, "b.json": {"extends": "./tsconfig.json"}})
    assert workspace.tsconfig_for("a.ts") is not None


def test_a_solution_file_hands_over_to_the_project_that_covers_the_file(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "tsconfig.json": {
                "files": [],
                "references": [{"path": "./tsconfig.node.json"}, {"path": "./tsconfig.app.json"}],
            },
            "tsconfig.app.json": {
                "include": ["src"],
                "exclude": ["**/*.spec.ts"],
                "compilerOptions": {"paths": {"@/*": ["./src/*"]}},
            },
            "tsconfig.node.json": {"include": ["vite.config.ts"]},
        },
    )
    found = {
        path: config.path
        for path in ("src/deep/a.ts", "vite.config.ts", "src/a.spec.ts")
        if (config := workspace.tsconfig_for(path))
    }
    assert found == {
        "src/deep/a.ts": "tsconfig.app.json",
        "vite.config.ts": "tsconfig.node.json",
        "src/a.spec.ts": "tsconfig.app.json",
    }


def test_the_alias_that_sveltekit_would_generate(tmp_path: Path) -> None:
    files: Mapping[str, object] = {
        "tsconfig.json": {"extends": "./.svelte-kit/tsconfig.json", "compilerOptions": {"strict": True}},
        "svelte.config.js": "export default { kit: { alias: { $db: 'src/db', '@/*': './src/*' } } }",
    }
    config = discover(tmp_path, files).tsconfig_for("src/routes/+page.server.ts")
    assert config is not None
    assert dict(config.paths) == {
        "$lib": ("src/lib",),
        "$lib/*": ("src/lib/*",),
        "$db": ("src/db",),
        "$db/*": ("src/db/*",),
        "@/*": ("src/*",),
    }
    generated: Mapping[str, object] = {
        ".svelte-kit/tsconfig.json": {"compilerOptions": {"paths": {"$lib": ["../src/library"]}}}
    }
    built = discover(tmp_path, generated).tsconfig_for("src/a.ts")
    assert built is not None and built.paths == (("$lib", ("src/library",)),)


def test_the_aliases_that_nuxt_would_generate(tmp_path: Path) -> None:
    base: Mapping[str, object] = {"tsconfig.json": {"extends": "./.nuxt/tsconfig.json"}}
    three = discover(tmp_path / "three", {**base, "server/api/a.ts": ""}).tsconfig_for("server/api/a.ts")
    four = discover(tmp_path / "four", {**base, "app/pages/a.ts": ""}).tsconfig_for("server/api/a.ts")
    assert three is not None and four is not None
    assert dict(three.paths)["~/*"] == ("*",)
    assert dict(four.paths)["@/*"] == ("app/*", "*")
    assert dict(four.paths)["~~/*"] == ("*",)


def test_a_jsconfig_and_the_configuration_directory(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "jsconfig.json": {"compilerOptions": {"baseUrl": "src"}},
            "shared.json": {"compilerOptions": {"paths": {"@/*": ["${configDir}/src/*"]}}},
            "app/tsconfig.json": {"extends": "../shared.json"},
            "app/jsconfig.json": {"compilerOptions": {"baseUrl": "wrong"}},
        },
    )
    outer, inner = workspace.tsconfig_for("src/a.js"), workspace.tsconfig_for("app/src/a.ts")
    assert outer is not None and inner is not None
    assert outer.base_url == "src"
    assert (inner.path, inner.paths) == ("app/tsconfig.json", (("@/*", ("app/src/*",)),))
