"""Campaigns as they are run: by the program, with real git and a forge that has state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.pull_requests.place import run_git
from tests.verification.projects import PLAIN, STRANGE, install, module
from tests.workspace.making import write

from .fleet import MANIFEST, PROJECT, SUBJECTS, UNBOUNDED, Fleet

if TYPE_CHECKING:
    from pathlib import Path

NO_PRISMA: dict[str, object] = {"package.json": {"name": "plain"}, "index.ts": "export const one = 1\n"}
SHOP = "https://gitlab.example/acme/shop/-/merge_requests/1"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
WRITING = UNBOUNDED.replace("findMany(", "updateMany(").replace(" } })", " }, data: { name: '' } })")
MONOREPO: dict[str, object] = {
    "package.json": {"name": "mono", "private": True, "workspaces": ["apps/*", "tools/*"]},
    **{
        f"{folder}/{path}": {**MANIFEST, "name": folder.replace("/", "-")} if path == "package.json" else content
        for folder in ("apps/web", "apps/api", "tools/jobs")
        for path, content in PROJECT.items()
    },
}


def test_each_repository_gets_its_pull_request_and_no_second_one(fleet: Fleet) -> None:
    shop, blog = fleet.add("shop", labels=["database"]), fleet.add("blog", NO_PRISMA)
    fleet.add("empty", {})
    first = fleet.run()
    assert first.returncode == 1, first.stderr
    assert "shop: opened https://github.example/acme/shop/pull/1" in first.stdout
    assert "blog: does not use Prisma" in first.stdout
    assert "empty: failed: " in first.stdout and "has no commit on its default branch" in first.stdout
    assert "3 repositories: 2 done, 1 failed; 3 findings, 2 fixes; 1 pull request: 1 open." in first.stdout
    assert [(p.head, p.base, p.labels) for p in shop.pulls] == [("prismafix/fixes", "main", ["database"])]
    assert len(fleet.subjects("shop")) == SUBJECTS
    assert blog.pulls == [] and fleet.branches("blog") == ["main"]
    assert fleet.left_behind() == []

    fleet.push("empty", PROJECT)
    tip = run_git(fleet.bare("shop"), "rev-parse", "prismafix/fixes")
    second = fleet.run()
    assert second.returncode == 0, second.stdout + second.stderr
    assert "shop: nothing new" in second.stdout and "blog: nothing new" in second.stdout
    assert "empty: opened" in second.stdout
    assert len(shop.pulls) == 1 and run_git(fleet.bare("shop"), "rev-parse", "prismafix/fixes") == tip


def test_what_is_written_down(fleet: Fleet) -> None:
    fleet.add("shop")
    assert "spring.toml has not been run yet" in fleet.run("status", "spring.toml").stderr
    fleet.run()
    printed = json.loads(fleet.run("status", "spring.toml", "--format", "json").stdout)
    assert printed["version"] == 1
    assert printed["summary"]["findings"] == sum(f["number"] for f in printed["repositories"][0]["findings"])
    status = fleet.status()
    assert printed["repositories"] == [*status["repositories"].values()]
    shop = status["repositories"]["shop"]
    assert (shop["status"], shop["error"], shop["fixes"], shop["files"]) == ("done", "", 2, 3)
    assert shop["base_commit"] == run_git(fleet.bare("shop"), "rev-parse", "main")
    assert [step["step"] for step in shop["steps"]] == ["clone", "analyse", "propose"]
    assert all(step["ended"] and not step["failed"] for step in shop["steps"])
    assert {(f["code"], f["package"], f["state"], f["number"]) for f in shop["findings"]} >= {
        ("PF101", "shop", "fixed", 1),
        ("PF303", "shop", "fixed", 1),
    }
    (pull,) = shop["pull_requests"]
    assert (pull["branch"], pull["number"], pull["state"], pull["fixes"]) == ("prismafix/fixes", 1, "open", 2)
    assert [commit["subject"] for commit in pull["commits"]] == fleet.subjects("shop")
    assert status["summary"]["open"] == 1


def test_a_base_that_moved_is_looked_at_again(fleet: Fleet) -> None:
    shop = fleet.add("shop")
    fleet.run()
    fleet.push("shop", {"lib/more.ts": UNBOUNDED})
    again = fleet.run()
    assert "shop: edited https://github.example/acme/shop/pull/1" in again.stdout, again.stdout + again.stderr
    assert len(shop.pulls) == 1
    assert fleet.status()["repositories"]["shop"]["fixes"] == 3
    assert "shop: unchanged" in fleet.run("spring.toml", "--again").stdout


def test_changed_options_do_again_what_they_change(fleet: Fleet) -> None:
    fleet.add("shop", select=["PF3"])
    fleet.add("blog")
    fleet.run()
    fleet.tables[0] = fleet.tables[0].replace('["PF3"]', '["PF1", "PF2", "PF3"]')
    fleet.add("docs", NO_PRISMA)
    gone = fleet.tables.pop(1)
    fleet.write()
    run = fleet.run()
    assert "shop: edited" in run.stdout and "docs: does not use Prisma" in run.stdout
    assert "blog" not in run.stdout
    blog = fleet.status()["repositories"]["blog"]
    assert (blog["in_file"], blog["status"], len(blog["pull_requests"])) == (False, "done", 1)
    fleet.tables.append(gone)
    fleet.write()
    assert "blog: nothing new" in fleet.run().stdout


def test_only_a_branch_and_only_a_report(fleet: Fleet) -> None:
    shop, blog = fleet.add("shop", open="branch"), fleet.add("blog", open="nothing")
    fleet.push("blog", {"lib/load.ts": WRITING})
    run = fleet.run()
    assert run.returncode == 0, run.stdout + run.stderr
    assert "shop: pushed prismafix/fixes" in run.stdout
    assert "opened" not in run.stdout
    assert shop.requests == blog.requests == []
    assert len(fleet.subjects("shop")) == SUBJECTS
    assert fleet.branches("blog") == ["main"]
    assert fleet.status()["repositories"]["blog"]["fixes"] == 1
    held = "1 held back: look at unsafe-fixes"
    assert f"blog: 3 findings, 1 fix, {held}" in run.stdout
    assert f"blog: 3 findings, 1 fix to make, {held}" in fleet.run("status", "spring.toml").stdout

    # Now with pull requests: the branch that is there already is used.
    fleet.tables[0] = fleet.tables[0].replace('"branch"', '"pull-request"')
    fleet.write()
    tip = run_git(fleet.bare("shop"), "rev-parse", "prismafix/fixes")
    fleet.run()
    assert len(shop.pulls) == 1
    assert run_git(fleet.bare("shop"), "rev-parse", "prismafix/fixes") == tip


def test_packages_of_a_monorepo(fleet: Fleet) -> None:
    mono = fleet.add("mono", MONOREPO, packages=["apps/*"], per="package")
    run = fleet.run()
    assert run.returncode == 0, run.stdout + run.stderr
    assert sorted(pull.head for pull in mono.pulls) == ["prismafix/fixes-apps-api", "prismafix/fixes-apps-web"]
    changed = run_git(fleet.bare("mono"), "diff", "--name-only", "main...prismafix/fixes-apps-api").splitlines()
    assert changed and all(path.startswith("apps/api/") for path in changed)
    fleet.tables[0] = fleet.tables[0].replace("apps/*", "services/*")
    fleet.write()
    assert "mono: failed: no package is in services/*: look at `packages` of mono" in fleet.run().stdout


def test_the_users_own_repository_stays_as_it_is(fleet: Fleet, tmp_path: Path) -> None:
    server = fleet.add("shop")
    fleet.tables.clear()
    run_git(fleet.folder, "clone", "-q", str(fleet.bare("shop")), "mine")
    mine = fleet.folder / "mine"
    run_git(mine, "switch", "-q", "-c", "work")
    write(mine, {"lib/load.ts": "dirty\n", "new.ts": "untracked\n"})
    before = run_git(mine, "status", "--porcelain", "--branch")
    fleet.table(path="mine", **fleet.forge("shop"))
    run = fleet.run()
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(server.pulls) == 1 and len(fleet.subjects("shop")) == SUBJECTS
    assert run_git(mine, "status", "--porcelain", "--branch") == before
    assert (mine / "lib/load.ts").read_text() == "dirty\n"


def test_nothing_of_a_clone_is_run(fleet: Fleet, tmp_path: Path) -> None:
    """Hooks out of a template, of a path that the user's configuration names, and a submodule."""
    ran = tmp_path / "ran"
    hooks = tmp_path / "hooks"
    template = tmp_path / "template"
    for folder in (hooks, template / "hooks"):
        folder.mkdir(parents=True)
        for name in ("post-checkout", "pre-commit", "commit-msg", "pre-push", "reference-transaction"):
            (folder / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
            (folder / name).chmod(0o755)
    fleet.add("shop")
    work = fleet.folder / "work-shop"
    (work / ".gitmodules").write_text(f'[submodule "m"]\n\tpath = m\n\turl = ext::sh -c "touch {ran}"\n')
    run_git(work, "update-index", "--add", "--cacheinfo", f"160000,{run_git(work, 'rev-parse', 'HEAD')},m")
    fleet.push("shop", {"prismafix.toml": 'commit-template = "notes.txt"\n', "notes.txt": "{subject}\n\nours\n"})
    settings = {"core.hooksPath": str(hooks), "init.templateDir": str(template), "submodule.recurse": "true"}
    config = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        config |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    run = fleet.run("spring.toml", **config)
    assert run.returncode == 0, run.stdout + run.stderr
    assert not ran.exists()
    assert "ours" in run_git(fleet.bare("shop"), "log", "--format=%b", "-1", "prismafix/fixes")


def test_a_clones_configuration_reads_nothing_outside_of_it(fleet: Fleet, tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text('private-words = "{subject}"\n')
    fleet.add("template", {**PROJECT, "prismafix.toml": f'commit-template = "{secret}"\n'})
    fleet.add("baseline", {**PROJECT, "prismafix.toml": 'baseline = "../../../../secret.toml"\n'})
    for name, target in (("link", str(secret)), ("loop", "prismafix.toml")):
        fleet.add(name, open="nothing")
        (fleet.folder / f"work-{name}" / "prismafix.toml").symlink_to(target)
        fleet.push(name, {})
    # The campaign's file is in a workspace of the user's, whose configuration holds there only.
    write(fleet.folder, {"package.json": {"workspaces": ["x"]}, "prismafix.toml": 'ignore = ["PF"]\n'})
    run = fleet.run()
    for name, what in (("template", "commit-template"), ("baseline", "baseline"), ("link", "its prismafix.toml")):
        assert f"{name}: failed: {what} leads out of the repository, and nothing there is read" in run.stdout
        assert fleet.branches(name) == ["main"]
    assert "loop: 3 findings, 2 fixes" in run.stdout and "private" not in run.stdout + run.stderr


def test_a_folder_of_a_repository_by_the_configuration_of_all_of_it(fleet: Fleet) -> None:
    """What a file of the whole repository names is inside of it, seen from the folder too."""
    named = {"prismafix.toml": 'commit-template = "notes.txt"\n', "notes.txt": "{subject}\n\nours\n"}
    fleet.add("mono", {**MONOREPO, **named}, folder="apps/web")
    fleet.add("other", NO_PRISMA, folder="apps/none")
    run = fleet.run()
    assert "mono: opened" in run.stdout, run.stdout + run.stderr
    changed = run_git(fleet.bare("mono"), "diff", "--name-only", "main...prismafix/fixes").splitlines()
    assert changed and all(path.startswith("apps/web/") for path in changed)
    assert "ours" in run_git(fleet.bare("mono"), "log", "--format=%b", "-1", "prismafix/fixes")
    assert "has no folder apps/none: look at `folder`" in run.stdout


def test_merged_and_closed_are_seen_at_both_forges_when_it_is_asked_for(fleet: Fleet) -> None:
    shop = fleet.add("shop", kind="gitlab", labels=["database"], reviewers=["ana"], draft=True)
    blog = fleet.add("blog")
    run = fleet.run()
    assert f"shop: opened {SHOP}" in run.stdout, run.stdout + run.stderr
    (request,) = shop.pulls
    assert (request.head, request.draft) == ("prismafix/fixes", True)
    assert (request.labels, request.reviewers) == (["database"], ["ana"])
    shop.pulls[0].state, blog.pulls[0].state = "merged", "closed"
    blog.pulls[0].opened_at, blog.pulls[0].ended_at = "2026-01-01T12:00:01Z", "2026-01-03T01:00:00+01:00"
    assert fleet.status()["summary"]["open"] == 2
    refreshed = fleet.status("--refresh")
    assert (refreshed["summary"]["merged"], refreshed["summary"]["closed"]) == (1, 1)
    assert [(s["repository"], s["state"], s["at"]) for s in refreshed["history"]] == [
        ("shop", "open", "2026-01-01T12:00:00Z"),
        ("blog", "open", "2026-01-01T12:00:01Z"),
        ("shop", "merged", "2026-01-02T03:04:05Z"),
        ("blog", "closed", "2026-01-03T00:00:00Z"),
    ]
    assert all(seen["seen"] > seen["at"] for seen in refreshed["history"])
    assert f"shop: merged {SHOP}" in fleet.run("status", "spring.toml").stdout
    # What people closed is not opened again.
    fleet.push("blog", {"lib/more.ts": UNBOUNDED})
    run = fleet.run()
    assert run.stdout.count("was closed: reopen it, or use another --branch") == 1
    assert len(blog.pulls) == 1
    assert fleet.status()["repositories"]["blog"]["pull_requests"][0]["state"] == "closed"


def test_large_files_are_neither_fetched_nor_rewritten(fleet: Fleet, tmp_path: Path) -> None:
    """git-lfs' own filter passes pointers through where this variable is set."""
    filter_ = tmp_path / "smudge"
    filter_.write_text(f'#!/bin/sh\n[ "$GIT_LFS_SKIP_SMUDGE" ] || echo fetched >> {tmp_path}/fetched\ncat\n')
    filter_.chmod(0o755)
    attributes = "*.bin filter=lfs\nlib/large.ts filter=lfs\n"
    fleet.add("shop", {**PROJECT, ".gitattributes": attributes, "big.bin": POINTER, "lib/large.ts": POINTER})
    config = {"GIT_CONFIG_COUNT": "3"}
    for number, (key, value) in enumerate((("smudge", str(filter_)), ("clean", "cat"), ("required", "true"))):
        config |= {f"GIT_CONFIG_KEY_{number}": f"filter.lfs.{key}", f"GIT_CONFIG_VALUE_{number}": value}
    run = fleet.run("spring.toml", **config)
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (tmp_path / "fetched").exists()
    changed = run_git(fleet.bare("shop"), "diff", "--name-only", "main...prismafix/fixes").splitlines()
    assert "lib/load.ts" in changed and not {"big.bin", "lib/large.ts"} & set(changed)


def test_verify_leaves_out_what_would_not_compile(fleet: Fleet) -> None:
    files = {
        **PLAIN,
        ".gitignore": "node_modules/\nprisma/client/\n",
        "src/fine.ts": module(),
        "src/strange.ts": STRANGE,
    }
    server = fleet.add("shop", files)
    fleet.tables.clear()
    install(fleet.folder / "work-shop")
    run_git(fleet.folder, "clone", "-q", str(fleet.bare("shop")), "bare-of-packages")
    for path in ("work-shop", "bare-of-packages"):
        fleet.table(path=path, verify=True, branch=f"prismafix/{path}", **fleet.forge("shop"))
    run = fleet.run()
    assert "work-shop: opened" in run.stdout, run.stdout + run.stderr
    changed = run_git(fleet.bare("shop"), "diff", "--name-only", "main...prismafix/work-shop").splitlines()
    assert changed == ["src/fine.ts", "src/lib/map-in-chunks.ts"]
    assert "with this fix TypeScript reports" in server.pulls[0].body and len(server.pulls) == 1
    assert "bare-of-packages: failed: " in run.stdout and "nothing is installed" in run.stdout

    # What is installed belongs to another package.json now: a line says why it does not count.
    manifest = fleet.folder / "work-shop/package.json"
    manifest.write_text(manifest.read_text() + "\n")
    run = fleet.run("spring.toml", "--again")
    assert "is not used: package.json differs from origin/main" in run.stdout
