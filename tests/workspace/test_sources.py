"""Which files count as the project's own source."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from prismafix.errors import UserError
from prismafix.workspace.discover import discover_workspace
from tests.privileges import obey_permissions
from tests.workspace.making import SCHEMA, discover, git, repository, write

if TYPE_CHECKING:
    from pathlib import Path


def test_every_source_suffix_and_nothing_else(tmp_path: Path) -> None:
    names = ["a.ts", "b.tsx", "c.mts", "d.cts", "e.js", "f.jsx", "g.mjs", "h.cjs"]
    others = ["types.d.ts", "types.d.mts", "x.json", "y.vue", "jquery.min.js", "node_modules/p/i.js", ".pnp.cjs"]
    workspace = discover(tmp_path, dict.fromkeys(names + others, "1\n"))
    assert workspace.source_files == tuple(names)


def test_git_lists_tracked_and_new_files_but_not_ignored_ones(tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": "dist/\n*.gen.ts\n", "src/a.ts": "", "dist/a.js": "", "src/b.gen.ts": ""})
    write(tmp_path, {"src/new.ts": "", "node_modules/x/index.js": ""})
    assert discover_workspace(tmp_path).source_files == ("src/a.ts", "src/new.ts")


def test_a_folder_inside_a_repository_lists_only_itself(tmp_path: Path) -> None:
    repository(tmp_path, {"apps/web/a.ts": "", "apps/api/b.ts": ""})
    assert discover_workspace(tmp_path / "apps/web").source_files == ("a.ts",)


def test_a_file_deleted_but_not_committed_is_gone(tmp_path: Path) -> None:
    repository(tmp_path, {"a.ts": "", "b.ts": ""})
    (tmp_path / "b.ts").unlink()
    workspace = discover_workspace(tmp_path)
    assert workspace.source_files == ("a.ts",)
    assert workspace.problems == ()


def test_a_folder_that_its_repository_ignores_is_walked(tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": "scratch/\n", "a.ts": ""})
    write(tmp_path, {"scratch/b.ts": ""})
    assert discover_workspace(tmp_path / "scratch").source_files == ("b.ts",)


def test_an_index_from_a_running_hook_does_not_lead_astray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = repository(tmp_path / "outer", {"outer.ts": ""})
    inner = repository(tmp_path / "inner", {"inner.ts": ""})
    monkeypatch.setenv("GIT_DIR", str(outer / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(outer / ".git/index"))
    assert discover_workspace(inner).source_files == ("inner.ts",)


def test_the_file_system_monitor_of_the_repository_is_not_run(tmp_path: Path) -> None:
    repository(tmp_path, {"a.ts": ""})
    monitor = tmp_path / "monitor.sh"
    monitor.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was-run'\n")
    monitor.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(monitor))
    assert discover_workspace(tmp_path).source_files == ("a.ts",)
    assert not (tmp_path / "was-run").exists()


def test_without_git_nested_gitignore_files_are_honoured(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            ".gitignore": "/generated\n*.tmp.ts\n!keep.tmp.ts\n",
            "a.ts": "",
            "b.tmp.ts": "",
            "keep.tmp.ts": "",
            "generated/x.ts": "",
            "app/generated/y.ts": "",
            "app/.gitignore": "local.ts\n!special.tmp.ts\n",
            "app/local.ts": "",
            "app/special.tmp.ts": "",
            "local.ts": "",
        },
    )
    assert workspace.source_files == ("a.ts", "app/generated/y.ts", "app/special.tmp.ts", "keep.tmp.ts", "local.ts")


def test_links_are_no_source_files(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.ts": "", "deep/x.ts": ""})
    root = repository(tmp_path / "root", {"a.ts": "", "dir/b.ts": ""})
    (root / "broken.ts").symlink_to("nowhere.ts")
    (root / "round.ts").symlink_to("round.ts")
    (root / "leads-out.ts").symlink_to(outside / "secret.ts")
    (root / "folder").symlink_to(outside)
    (root / "same.ts").symlink_to("a.ts")
    (root / "loop").symlink_to(root)
    git(root, "add", "-A")
    workspace = discover_workspace(root)
    assert workspace.source_files == ("a.ts", "dir/b.ts")
    nowhere = "a link that leads nowhere; mend or delete it"
    out = "a link out of the project, which is not followed; exclude it, or analyse a folder that holds both"
    assert [(one.path, one.message) for one in workspace.problems] == [
        ("broken.ts", nowhere),
        ("leads-out.ts", out),
        ("round.ts", nowhere),
    ]
    # a folder that git still knows with its files, replaced by a link that leads out
    (root / "dir/b.ts").unlink()
    (root / "dir").rmdir()
    (outside / "b.ts").write_text("")
    (root / "dir").symlink_to(outside)
    assert discover_workspace(root).source_files == ("a.ts",)


@pytest.mark.parametrize("committed", [True, False])
def test_compiled_output_is_left_out_wherever_it_shows(tmp_path: Path, committed: bool) -> None:
    make = repository if committed else write
    make(
        tmp_path,
        {
            "src/api/user.ts": "",
            "dist/api/user.js": "",
            "lib/index.js": "",
            "pkg/build/tool.js": "",
            "pkg/index.ts": "",
            "maps/out/x.js": "",
            "maps/out/x.js.map": "",
            "coverage/lcov.info": "",
            "coverage/prettify.js": "",
            "app/coverage/page.tsx": "",
            "web/.next/server/page.js": "",
            ".yarn/releases/yarn.cjs": "",
        },
    )
    expected = ("app/coverage/page.tsx", "lib/index.js", "pkg/build/tool.js", "pkg/index.ts", "src/api/user.ts")
    assert discover_workspace(tmp_path).source_files == expected


def test_bundles_and_minified_scripts_are_left_out_and_long_handwritten_files_stay(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "one-line.js": "x=1;" * 30_000,
            "long.js": "const answer = 42;\n" * 5_000,
            "public/vendor/lib.js": "",
            "app/vendor/route.ts": "",
        },
    )
    assert workspace.source_files == ("app/vendor/route.ts", "long.js")
    assert workspace.problems == ()


def test_a_file_over_the_limit_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"big.ts": "const a = 1;\n" * 100, "small.ts": ""})
    workspace = discover_workspace(tmp_path, max_bytes=1000)
    assert workspace.source_files == ("small.ts",)
    assert [(one.path, one.message) for one in workspace.problems] == [
        (
            "big.ts",
            "larger than 1000 bytes (1300); "
            "raise the limit with `max-file-size` in prismafix.toml, or exclude the file",
        )
    ]


def test_excluded_files_are_neither_sources_nor_problems_but_their_packages_stay_known(tmp_path: Path) -> None:
    write(
        tmp_path, {"old/a.ts": "", "old/package.json": {"name": "old"}, "bad/package.json": "{", "b.ts": "", ".env": ""}
    )
    workspace = discover_workspace(tmp_path, exclude=["old/", "bad", ".env"])
    assert workspace.source_files == ("b.ts",)
    assert workspace.problems == ()
    assert workspace.env_files == ()
    assert [package.name for package in workspace.packages] == ["old"]


def test_a_generated_client_is_no_source(tmp_path: Path) -> None:
    schema = SCHEMA.replace('"prisma-client-js"', '"prisma-client"\n  output = "../src/generated/prisma"')
    workspace = discover(
        tmp_path,
        {
            "prisma/schema.prisma": schema,
            "src/generated/prisma/client.ts": "",
            "src/generated/prisma/package.json": {"name": "prisma-client-1"},
            "src/a.ts": "",
            "package.json": {"name": "app"},
        },
    )
    assert workspace.generated == ("src/generated/prisma",)
    assert workspace.source_files == ("src/a.ts",)
    assert [package.name for package in workspace.packages] == ["app"]


def test_an_output_that_holds_the_schema_itself_does_not_hide_the_users_files(tmp_path: Path) -> None:
    schema = SCHEMA.replace('"prisma-client-js"', '"prisma-client"\n  output = ".."')
    workspace = discover(tmp_path, {"prisma/schema.prisma": schema, "src/a.ts": ""})
    assert workspace.generated == ()
    assert workspace.source_files == ("src/a.ts",)


def test_env_files_are_found_also_where_git_ignores_them(tmp_path: Path) -> None:
    names = {".env": "A=1", "apps/web/.env.local": "", "apps/web/prod.env": "", "w/.dev.vars": "", ".env.d.ts": ""}
    repository(
        tmp_path, {".gitignore": ".env\n.env.local\n", "apps/web/a.ts": "", "w/b.ts": "", ".env.example": "", **names}
    )
    workspace = discover_workspace(tmp_path)
    found = (".env", ".env.example", "apps/web/.env.local", "apps/web/prod.env", "w/.dev.vars")
    assert workspace.env_files == found
    assert workspace.ignored == {".env", "apps/web/.env.local"}


def test_ignored_env_files_without_git(tmp_path: Path) -> None:
    workspace = discover(tmp_path, {".gitignore": ".env\n", ".env": "", ".env.example": "", "a.ts": ""})
    assert workspace.env_files == (".env", ".env.example")
    assert workspace.ignored == {".env"}


def test_a_name_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.ts")).write_text("")
    (tmp_path / "ok.ts").write_text("")
    workspace = discover_workspace(tmp_path)
    assert workspace.source_files == ("ok.ts",)
    assert [(one.path, one.message) for one in workspace.problems] == [
        ("caf\\xe9.ts", "the file's name is not UTF-8; rename it")
    ]


def test_wrong_paths_are_one_clear_line(tmp_path: Path) -> None:
    write(tmp_path, {"a.ts": ""})
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(UserError, match=r"nowhere: there is no such folder; give the folder of the project"):
        discover_workspace(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"a\.ts: is a file; give the folder of the project"):
        discover_workspace(tmp_path / "a.ts")
    with pytest.raises(UserError, match=r"round: .*"):
        discover_workspace(tmp_path / "round")


_PROGRAM = """
import sys
from pathlib import Path
from prismafix.errors import UserError
from prismafix.workspace.discover import discover_workspace
for path in sys.argv[1:]:
    try:
        workspace = discover_workspace(Path(path))
        print(*workspace.source_files, *(f"{one.path}: {one.message}" for one in workspace.problems), sep="|")
    except UserError as error:
        print(error)
"""


def test_folders_that_cannot_be_read(tmp_path: Path) -> None:
    closed, inner = tmp_path / "closed", tmp_path / "project/inner"
    write(tmp_path, {"closed/a.ts": "", "project/a.ts": "", "project/inner/b.ts": ""})
    closed.chmod(0)
    inner.chmod(0)
    try:
        command = [sys.executable, "-c", _PROGRAM, str(closed), str(tmp_path / "project")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=obey_permissions)
    finally:
        closed.chmod(0o755)
        inner.chmod(0o755)
    assert done.stdout.splitlines() == [
        f"{closed}: the folder cannot be read (Permission denied); check its permissions",
        "a.ts|inner: the folder cannot be read: Permission denied; check its permissions",
    ]


def test_a_repository_inside_a_repository_is_no_part_of_it(tmp_path: Path) -> None:
    repository(tmp_path, {"a.ts": ""})
    repository(tmp_path / "vendor/other", {"b.ts": ""})
    assert discover_workspace(tmp_path).source_files == ("a.ts",)
