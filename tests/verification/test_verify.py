"""`prismafix fix --verify` on real projects with the real TypeScript: what a user sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options, TypeCheck
from prismafix.engine.run import run
from tests.cli.running import PROGRAM, on_terminal, prismafix

from .projects import CONFIG, DB, PLAIN, SCHEMA, STRANGE, make, module, texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from prismafix.engine.model import Proposal

REPORTS = "with this fix TypeScript reports"


def test_a_fix_that_breaks_types_is_dropped_and_named_and_the_others_stay(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module(), "src/strange.ts": STRANGE})
    before = texts(root)
    done = prismafix("fix", "--verify", cwd=root)
    after = texts(root)
    changed = [name for name in after if after[name] != before.get(name)]
    assert changed == ["src/fine.ts", "src/lib/map-in-chunks.ts"] and "await mapInChunks(" in after["src/fine.ts"]
    assert done.returncode == 1 and done.stderr == ""
    assert "fixed PF303 src/fine.ts:4" in done.stdout
    left = done.stdout.split("dropped: nothing of these fixes was written:\n")[1]
    assert left.startswith("  src/strange.ts:4:22 PF303: ")
    assert f"    = {REPORTS} src/strange.ts:6 TS2322 Type " in left
    assert "2 findings: 1 fixed, 1 dropped; 2 files changed.\n" in left
    assert left.endswith("Type-checked 2 files with TypeScript 5.9.3: no new error.\n")
    again = prismafix("fix", "--verify", cwd=root)
    assert texts(root) == after and again.returncode == 1 and f"{REPORTS} src/strange.ts:" in again.stdout


def test_without_verify_the_compiler_is_not_asked(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/strange.ts": STRANGE})
    done = prismafix("fix", cwd=root)
    assert done.returncode == 0 and "TypeScript" not in done.stdout
    assert texts(root)["src/strange.ts"] != STRANGE


def test_of_several_fixes_in_one_file_only_the_one_to_blame_is_dropped(tmp_path: Path) -> None:
    names = ["first", "second", "third", "fourth", "fifth"]
    strange = STRANGE.replace("strange", "fourth")
    parts = [strange if name == "fourth" else module(name) for name in names]
    head, *_ = parts[0].splitlines(keepends=True)
    root = make(tmp_path, PLAIN, {"src/all.ts": head + "".join(part.removeprefix(head) for part in parts)})
    done = prismafix("fix", "--verify", cwd=root)
    fixed = [line.split(":")[1] for line in done.stdout.splitlines() if line.startswith("fixed")]
    assert fixed == ["4", "9", "14", "24"]
    assert "  src/all.ts:19:22 PF303: " in done.stdout and "5 findings: 4 fixed, 1 dropped" in done.stdout


def test_an_error_in_a_file_that_only_imports_what_was_fixed(tmp_path: Path) -> None:
    user = "import { strange } from './index';\n\nexport const flag = strange([]).then((x): true => x.together);\n"
    index = "export * from './fine';\nexport * from './strange';\nexport * from './other';\n"
    files = {"src/fine.ts": module("fine"), "src/strange.ts": module("strange"), "src/other.ts": module("other")}
    root = make(tmp_path, PLAIN, files, {"src/index.ts": index, "src/user.ts": user})
    done = prismafix("fix", "--verify", cwd=root)
    assert f"    = {REPORTS} src/user.ts:3 TS2339 Property 'together' does not exist" in done.stdout
    assert {name: texts(root)[name] == text for name, text in files.items()} == {
        "src/fine.ts": False,
        "src/strange.ts": True,
        "src/other.ts": False,
    }


def test_errors_that_were_there_before_stay_where_their_lines_have_moved(tmp_path: Path) -> None:
    wrong = 'export const total: number = "none";\n'
    root = make(tmp_path, PLAIN, {"src/fine.ts": module() + wrong + wrong.replace("total", "sum")})
    done = prismafix("fix", "--verify", cwd=root)
    assert done.returncode == 0 and texts(root)["src/fine.ts"].endswith(wrong.replace("total", "sum"))
    assert "Type-checked 1 file with TypeScript 5.9.3: no new error; 2 errors there before." in done.stdout


def test_errors_that_are_reported_wherever_a_type_is_met_first(tmp_path: Path) -> None:
    loop = "type Loop<T> = { [P in keyof T]: Loop<T>[P] };\ndeclare const loop: Loop<{ x: 1 }>;\n"
    user = "import { load } from './z';\n\nexport const all = [load, loop.x];\nexport const total: number = 'none';\n"
    files = {"src/loop.d.ts": loop, "src/a.ts": user, "src/z.ts": module() + "\nexport const last = loop.x;\n"}
    root = make(tmp_path, PLAIN, files)
    done = prismafix("fix", "--verify", cwd=root)
    assert "1 finding: 1 fixed; 1 file changed." in done.stdout
    assert "Type-checked 2 files with TypeScript 5.9.3: no new error; 2 errors there before." in done.stdout


def test_the_helper_is_made_if_a_fix_that_stays_needs_it(tmp_path: Path) -> None:
    fine = module().replace("const rows = await", "return { all: await").replace("})));\n  return rows;", "}))) };")
    strange = STRANGE.replace("const rows = await", "const { all: rows } = { all: await").replace("})));", "}))) };")
    alone = make(tmp_path / "alone", PLAIN, {"src/a.ts": strange})
    before = texts(alone)
    prismafix("fix", "--verify", cwd=alone)
    assert texts(alone) == before
    both = make(tmp_path / "both", PLAIN, {"src/a.ts": strange, "src/b.ts": fine})
    prismafix("fix", "--verify", cwd=both)
    made = set(texts(both)) - set(before) - {"src/b.ts"}
    assert len(made) == 1 and "mapInChunks" in texts(both)[made.pop()]
    assert texts(both)["src/a.ts"] == strange and "mapInChunks" in texts(both)["src/b.ts"]


def test_a_solution_style_configuration_and_files_that_none_takes_in(tmp_path: Path) -> None:
    own = json.loads(CONFIG)
    app = own | {"include": ["app"], "compilerOptions": own["compilerOptions"] | {"composite": True}}
    configs = {
        "tsconfig.json": json.dumps({"files": [], "references": [{"path": "./tsconfig.app.json"}]}),
        "tsconfig.app.json": json.dumps(app),
        "tsconfig.server.json": json.dumps(own | {"include": ["server", "src"]}),
    }
    sources = {"app/together.d.ts": PLAIN["src/together.d.ts"], "app/strange.ts": STRANGE.replace("./db", "../src/db")}
    sources |= {
        "server/strange.ts": STRANGE.replace("./db", "../src/db"),
        "lib/fine.ts": module(imported="../src/db"),
    }
    root = make(tmp_path, PLAIN, configs, sources)
    done = prismafix("fix", "--verify", cwd=root)
    assert f"= {REPORTS} app/strange.ts:6 TS2322" in done.stdout
    assert f"= {REPORTS} server/strange.ts:6 TS2322" in done.stdout
    assert "fixed PF303 lib/fine.ts:4" in done.stdout and "3 findings: 1 fixed, 2 dropped" in done.stdout
    assert not list(root.glob("**/*.tsbuildinfo"))


TYPED = "/** @param {number[]} ids @returns {Promise<unknown[] & Together>} */\nexport async function load(ids)"
SCRIPTED = {"src/load.js": module(imported="./db.js").replace("export async function load(ids: number[])", TYPED)}
SCRIPTED |= {"src/db.ts": None, "src/db.js": DB.replace(" as unknown as { prisma?: PrismaClient }", "")}  # type: ignore[dict-item]


def without_db(files: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name != "src/db.ts"}


@pytest.mark.parametrize(
    ("options", "dropped"),
    [
        pytest.param({"allowJs": True, "checkJs": True}, True, id="checked"),
        pytest.param({"allowJs": True}, False, id="allowed, not checked"),
        pytest.param(None, False, id="without a configuration"),
    ],
)
def test_javascript_is_held_to_what_the_project_holds_it_to(
    tmp_path: Path, options: dict[str, bool] | None, dropped: bool
) -> None:
    config = json.loads(CONFIG)
    config["compilerOptions"] |= options or {}
    files = {**without_db(PLAIN), "tsconfig.json": json.dumps(config), **SCRIPTED}
    if options is None:
        del files["tsconfig.json"]
    root = make(tmp_path, files)
    done = prismafix("fix", "--verify", cwd=root)
    assert (f"= {REPORTS} src/load.js:12 TS2322" in done.stdout) == dropped
    assert (texts(root)["src/load.js"] == SCRIPTED["src/load.js"]) == dropped
    assert dropped or "Type-checked 1 file with TypeScript 5.9.3: no new error" in done.stdout


USER = "import { load } from '@acme/db';\n\nexport const flag = load([]).then((x): true => x.together);\n"


def monorepo(root: Path, *more: dict[str, str]) -> Path:
    library = {
        "packages/db/package.json": '{ "name": "@acme/db", "dependencies": { "@prisma/client": "^6.19.0" }, '
        '"types": "./dist/index.d.ts", "main": "./src/index.ts", "exports": "./src/index.ts" }\n',
        "packages/db/prisma/schema.prisma": SCHEMA,
        "packages/db/tsconfig.json": CONFIG,
        "packages/db/src/client.ts": DB,
        "packages/db/src/together.d.ts": PLAIN["src/together.d.ts"],
        "packages/db/src/load.ts": module(imported="./client"),
        "packages/db/src/index.ts": "export * from './client';\nexport * from './load';\n",
    }
    app = {
        "package.json": '{ "name": "acme", "private": true, "workspaces": ["packages/*", "apps/*"] }\n',
        "apps/web/package.json": '{ "name": "web", "dependencies": { "@acme/db": "*" } }\n',
        "apps/web/tsconfig.json": CONFIG,
        "apps/web/src/page.ts": module("page", imported="@acme/db"),
        "apps/web/src/together.d.ts": PLAIN["src/together.d.ts"],
    }
    make(root, library, app, *more)
    (root / "node_modules/@acme").mkdir()
    (root / "node_modules/@acme/db").symlink_to("../../packages/db")
    return root


def test_a_monorepo_of_two_packages(tmp_path: Path) -> None:
    root = monorepo(tmp_path)
    done = prismafix("fix", "--verify", cwd=root)
    assert done.returncode == 0 and "2 findings: 2 fixed; 2 files changed." in done.stdout


def test_an_error_in_another_package_that_imports_what_was_fixed(tmp_path: Path) -> None:
    root = monorepo(tmp_path, {"apps/web/src/user.ts": USER})
    done = prismafix("fix", "--verify", cwd=root)
    assert f"= {REPORTS} apps/web/src/user.ts:3 TS2339" in done.stdout
    assert "fixed PF303 apps/web/src/page.ts:4" in done.stdout and "2 findings: 1 fixed, 1 dropped" in done.stdout


def test_a_referred_project_whose_declarations_are_not_built(tmp_path: Path) -> None:
    referred, using = json.loads(CONFIG), json.loads(CONFIG)
    referred["compilerOptions"] |= {"composite": True, "outDir": "dist", "rootDir": "."}
    manifest = {"name": "@acme/db", "dependencies": {"@prisma/client": "^6.19.0"}, "types": "./dist/src/index.d.ts"}
    root = monorepo(
        tmp_path,
        {
            "packages/db/package.json": json.dumps(manifest),
            "packages/db/tsconfig.json": json.dumps(referred),
            "apps/web/tsconfig.json": json.dumps(using | {"references": [{"path": "../../packages/db"}]}),
            "apps/web/src/user.ts": USER,
            "apps/web/src/page.ts": "export {};\n",
        },
    )
    done = prismafix("fix", "--verify", cwd=root)
    assert f"= {REPORTS} apps/web/src/user.ts:3 TS2339 Property 'together' does not exist" in done.stdout


# --- how it goes with the other options
# ---------------------------------------------------------------------------------------------------------------------


def test_the_diff_leaves_out_what_is_dropped_and_names_it(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module(), "src/strange.ts": STRANGE})
    before = texts(root)
    done = prismafix("fix", "--diff", "--verify", cwd=root)
    assert done.returncode == 1 and texts(root) == before
    assert "+++ b/src/fine.ts" in done.stdout and "strange" not in done.stdout
    assert f"dropped PF303 src/strange.ts:4: {REPORTS} src/strange.ts:6 TS2322" in done.stderr


def test_the_review_asks_once_and_types_are_checked_after_it(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/a.ts": module(), "src/b.ts": STRANGE, "src/c.ts": module()})
    done = prismafix("fix", "--interactive", "--verify", cwd=root, stdin="y\ny\nn\n")
    assert done.stdout.count("Apply this fix?") == 3
    assert "3 findings: 1 fixed, 1 dropped, 1 declined; 2 files changed." in done.stdout
    assert texts(root)["src/b.ts"] == STRANGE and texts(root)["src/c.ts"] == module()


def test_the_review_of_all_at_once_asks_again_about_what_looks_different_without_what_does_not_compile(
    tmp_path: Path,
) -> None:
    root = make(tmp_path, PLAIN, {"src/a.ts": STRANGE, "src/b.ts": module(), "src/c.ts": module()})
    asked: list[list[str]] = []

    def decide(proposals: Sequence[Proposal], fresh: frozenset[str]) -> frozenset[str]:
        asked.append([path for p in proposals if p.fix_id in fresh for path in (change.path for change in p.changes)])
        return frozenset(p.fix_id for p in proposals)

    result = run(root, Options(apply=True), decide=decide, type_check=TypeCheck())
    assert [r.state for r in result.findings] == ["dropped", "fixed", "fixed"]
    made = next(path for path in asked[0] if path not in {"src/a.ts", "src/b.ts", "src/c.ts"})
    assert sorted(asked[0]) == sorted([made, "src/a.ts", "src/b.ts", "src/c.ts"])
    assert asked[1:] == [[made, "src/b.ts"]]  # which makes now what the dropped one made


def test_only_what_compiles_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module(), "src/strange.ts": STRANGE, ".gitignore": "node_modules\n"})
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ann@example.com")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "start"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    prismafix("fix", "--verify", "--commit=fix", cwd=root)
    log = subprocess.run(["git", "log", "--format=", "--name-only", "-2"], cwd=root, capture_output=True, text=True)
    assert log.stdout.split()[0] == "src/fine.ts" and "M" not in log.stdout
    assert subprocess.run(["git", "status", "-s"], cwd=root, capture_output=True).stdout == b""


def test_the_terminal_says_what_takes_so_long(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module()})
    screen, code = on_terminal([*PROGRAM, "fix", "--verify", "--diff"], root, [])
    assert code == 1 and "Type-checking" in screen
    screen, code = on_terminal([*PROGRAM, "fix", "--verify", "-i"], root, [("keep nothing: ", "y\n")])
    assert code == 0 and "Type-checking" in screen.split("keep nothing: ")[1]


# --- where it cannot be checked
# ---------------------------------------------------------------------------------------------------------------------


def refused(root: Path, *arguments: str, **environment: str) -> str:
    """The one line that says why not; nothing is written."""
    before = texts(root)
    done = prismafix("fix", "--verify", *arguments, cwd=root, **environment)
    assert done.returncode == 2 and done.stdout == "" and texts(root) == before
    assert done.stderr.startswith("prismafix: --verify") and done.stderr.count("\n") == 1
    return done.stderr.removeprefix("prismafix: ").rstrip()


def replace_typescript(root: Path, program: str, version: str = "5.9.3") -> None:
    (root / "node_modules/typescript").unlink()
    (root / "node_modules/typescript").mkdir()
    (root / "node_modules/typescript/package.json").write_text(json.dumps({"name": "typescript", "version": version}))
    (root / "node_modules/typescript/index.js").write_text(program)


def test_nothing_is_installed(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module(), "node_modules/.keep": None}, installed=False)
    said = refused(root)
    assert said == "--verify: nothing is installed for shop (no node_modules): install, then run this again"
    (root / ".pnp.cjs").write_text("")
    assert "Plug'n'Play" in refused(root)


def test_typescript_is_not_installed(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module()})
    (root / "node_modules/typescript").unlink()
    assert refused(root).startswith("--verify: TypeScript is not installed for shop (no typescript in node_modules): ")


def test_there_is_no_node(tmp_path: Path) -> None:
    root = make(tmp_path / "shop", PLAIN, {"src/fine.ts": module()})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(shutil.which("git") or "")
    assert "there is no `node` on the PATH: install it" in refused(root, PATH=str(tmp_path / "bin"))


def test_a_typescript_without_an_interface_for_programs(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module()})
    replace_typescript(root, "", "7.0.2")
    assert "TypeScript 7.0.2 in " in refused(root)


def test_a_compiler_that_fails_hangs_or_eats_all_memory(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module()})
    replace_typescript(root, "throw new Error('broken\\nat once')")
    assert refused(root).endswith(": broken")
    replace_again(root, "process.exit(3)")
    assert "TypeScript ended with 3 on " in refused(root)
    replace_again(root, "for (;;);")
    assert "TypeScript was not done in time with " in refused(root, "--verify-timeout=1")
    replace_again(root, "const all = []; for (;;) all.push(new Array(1000).fill({}))")
    assert "NODE_OPTIONS=--max-old-space-size" in refused(root, NODE_OPTIONS="--max-old-space-size=20")


def replace_again(root: Path, program: str) -> None:
    (root / "node_modules/typescript/index.js").write_text(program)


def test_a_configuration_that_is_not_there_before_the_framework_has_made_it(tmp_path: Path) -> None:
    config = json.loads(CONFIG) | {"extends": "./.svelte-kit/tsconfig.json"}
    root = make(tmp_path, PLAIN, {"src/fine.ts": module(), "tsconfig.json": json.dumps(config)})
    assert refused(root).startswith("--verify: tsconfig.json: Cannot read file '.svelte-kit/tsconfig.json': make it")


def test_a_client_that_is_not_generated_is_said(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module()})
    shutil.rmtree(root / "prisma/client")
    done = prismafix("fix", "--verify", cwd=root)
    assert "The client of prisma/schema.prisma is not generated, so its types are unknown: run `prisma generate`" in (
        done.stdout
    )


def test_a_package_of_the_workspace_that_is_not_built_is_said(tmp_path: Path) -> None:
    root = monorepo(tmp_path, {"apps/web/src/page.ts": module("page", imported="@acme/db")})
    (root / "node_modules/@acme/db").unlink()
    done = prismafix("fix", "--verify", cwd=root)
    assert "@acme/db cannot be resolved, so what they export is unknown" in done.stdout


# --- what the compiler gets
# ---------------------------------------------------------------------------------------------------------------------


def test_the_compiler_gets_no_secrets_and_nothing_of_the_project_runs(tmp_path: Path) -> None:
    root = make(tmp_path, PLAIN, {"src/fine.ts": module()})
    plugin = "require('fs').writeFileSync(__dirname + '/ran', '')"
    config = json.loads(CONFIG)
    config["compilerOptions"]["plugins"] = [
        {"name": "./plugin.js", "transform": "./plugin.js", "transformProgram": True}
    ]
    (root / "tsconfig.json").write_text(json.dumps(config))
    (root / "plugin.js").write_text(plugin)
    assert prismafix("fix", "--diff", "--verify", cwd=root).returncode == 1 and not (root / "ran").exists()
    replace_typescript(root, "throw new Error(Object.keys(process.env).join())")
    said = refused(root, DATABASE_URL="postgresql://ann:secret@db/shop", NODE_PATH=sys.prefix)
    names = set(said.rsplit(": ", 1)[1].split(","))
    assert "PATH" in names and names <= {"PATH", "HOME", "TMPDIR", "NODE_OPTIONS", "SYSTEMROOT"}
